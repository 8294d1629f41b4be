//! CronJob: Jobs by the clock.

use super::{
    check::{Check, flag, part, print_selector},
    cron_schedule,
    fields::{Fields, default, default_text, ensure, has, text},
    job::default_job_spec,
    job_validation, pod_warnings,
};
use crate::registry::{Context, strategy::Strategy};
use crate::status::FieldError;

/// The rules for CronJobs.
#[derive(Debug)]
pub(super) struct CronJob;

impl Strategy for CronJob {
    fn default(&self, object: &mut Fields) {
        let spec = ensure(object, "spec");
        default_text(spec, "concurrencyPolicy", "Allow");
        default(spec, "suspend", false);
        default(spec, "successfulJobsHistoryLimit", 3);
        default(spec, "failedJobsHistoryLimit", 1);
        let template = ensure(spec, "jobTemplate");
        ensure(template, "metadata");
        default_job_spec(ensure(template, "spec"), false);
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        let mut check = validate(object);
        let name = text(part(object, "metadata"), "name");
        // The Jobs' names are eleven letters longer.
        if name.len() > 52 {
            check.invalid("metadata.name", name, "must be no more than 52 characters");
        }
        check.done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        validate(object).done()
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["spec", "jobTemplate", "spec", "template"])
    }

    fn has_generation(&self) -> bool {
        true
    }
}

fn validate(object: &Fields) -> Check {
    let mut check = Check::default();
    let spec = part(object, "spec");
    let schedule = text(spec, "schedule");
    if schedule.is_empty() {
        check.required("spec.schedule", "");
    } else if schedule.contains("TZ") {
        let why = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
        check.invalid("spec.schedule", schedule, why);
    } else if let Some(why) = cron_schedule::error(schedule) {
        check.invalid("spec.schedule", schedule, why);
    }
    if has(spec, "timeZone") {
        time_zone(&mut check, text(spec, "timeZone"));
    }
    check.not_negative(spec, "spec", "startingDeadlineSeconds");
    check.one_of(spec, "spec", "concurrencyPolicy", &["Allow", "Forbid", "Replace"]);
    let template = part(part(spec, "jobTemplate"), "spec");
    let path = "spec.jobTemplate.spec";
    job_validation::spec(&mut check, template, path);
    if has(template, "selector") {
        check.invalid_printed(
            format!("{path}.selector"),
            print_selector(template.get("selector")),
            "`selector` will be auto-generated",
        );
    }
    if flag(template, "manualSelector") {
        check.not_supported(format!("{path}.manualSelector"), true, &["nil", "false"]);
    }
    for name in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        check.not_negative(spec, "spec", name);
    }
    check
}

fn time_zone(check: &mut Check, zone: &str) {
    let field = "spec.timeZone";
    if zone.is_empty() {
        return check.invalid(field, "", "timeZone must be nil or non-empty string");
    }
    if zone.eq_ignore_ascii_case("local") {
        check.invalid(
            field,
            zone,
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
        );
    }
    // `Local` is the one name that is a zone to the server and none to the database.
    if zone != "Local" && zone != "UTC" && !is_time_zone(zone) {
        check.invalid(field, zone, format!("unknown time zone {zone}"));
    }
}

/// Whether the database that comes with this crate has a zone; the server minds capitals, that database does not.
fn is_time_zone(name: &str) -> bool {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get(name);
    zone.is_ok_and(|zone| zone.iana_name() == Some(name))
}

#[test]
fn time_zones_are_those_of_the_database_as_it_spells_them() {
    for zone in ["Europe/Berlin", "Asia/Kolkata", "Etc/UTC", "EST5EDT"] {
        assert!(is_time_zone(zone), "{zone}");
    }
    for zone in ["europe/berlin", "Europe/Nowhere", "+02:00", "CEST"] {
        assert!(!is_time_zone(zone), "{zone}");
    }
}

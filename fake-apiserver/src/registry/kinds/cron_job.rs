//! CronJob: Jobs by the clock.

use super::{
    fields::{Fields, default, default_text, ensure},
    job::default_job_spec,
};
use crate::registry::strategy::Strategy;

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

    fn has_generation(&self) -> bool {
        true
    }
}

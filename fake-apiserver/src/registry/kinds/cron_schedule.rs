//! Schedules of CronJobs, and what is wrong with one in the words of the parser that the server uses.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>

/// The fields of a schedule: their bounds and the names that stand for numbers.
const FIELDS: [(u32, u32, &[&str]); 5] = [
    (0, 59, &[]),
    (0, 23, &[]),
    (1, 31, &[]),
    (
        1,
        12,
        &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    ),
    (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

const DESCRIPTORS: [&str; 7] = [
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
];

/// What is wrong with a schedule.
pub(super) fn error(schedule: &str) -> Option<String> {
    if schedule.starts_with('@') {
        return descriptor(schedule);
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Some(format!(
            "expected exactly 5 fields, found {}: [{}]",
            fields.len(),
            fields.join(" ")
        ));
    }
    let mut all = fields.iter().zip(FIELDS);
    all.find_map(|(field, bounds)| field.split(',').find_map(|part| range(part, bounds).err()))
}

fn descriptor(text: &str) -> Option<String> {
    if DESCRIPTORS.contains(&text) {
        return None;
    }
    if let Some(every) = text.strip_prefix("@every ") {
        let number = every.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let good = !number.is_empty() && number.len() < every.len();
        return (!good)
            .then(|| format!("failed to parse duration {text}: time: invalid duration \"{every}\""));
    }
    Some(format!("unrecognized descriptor: {text}"))
}

/// Reads `*`, `a`, `a-b`, each with `/step` after it.
fn range(part: &str, (min, max, names): (u32, u32, &[&str])) -> Result<(), String> {
    let (span, step) = match part.split('/').collect::<Vec<_>>().as_slice() {
        [span] => (*span, None),
        [span, step] => (*span, Some(number(step)?)),
        _ => return Err(format!("too many slashes: {part}")),
    };
    let (start, end) = if matches!(span, "*" | "?") {
        (min, max)
    } else {
        match span.split('-').collect::<Vec<_>>().as_slice() {
            [one] => {
                let start = number_or_name(one, min, names)?;
                (start, if step.is_some() { max } else { start })
            }
            [start, end] => (
                number_or_name(start, min, names)?,
                number_or_name(end, min, names)?,
            ),
            _ => return Err(format!("too many hyphens: {part}")),
        }
    };
    if start < min {
        return Err(format!(
            "beginning of range ({start}) below minimum ({min}): {part}"
        ));
    }
    if end > max {
        return Err(format!("end of range ({end}) above maximum ({max}): {part}"));
    }
    if start > end {
        return Err(format!(
            "beginning of range ({start}) beyond end of range ({end}): {part}"
        ));
    }
    if step == Some(0) {
        return Err(format!("step of range should be a positive number: {part}"));
    }
    Ok(())
}

fn number_or_name(text: &str, min: u32, names: &[&str]) -> Result<u32, String> {
    let lower = text.to_lowercase();
    match names.iter().position(|name| *name == lower) {
        Some(at) => Ok(min + u32::try_from(at).unwrap_or(0)),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u32, String> {
    let parsed = text.parse::<i64>().map_err(|_| {
        format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": invalid syntax")
    })?;
    u32::try_from(parsed).map_err(|_| format!("negative number ({parsed}) not allowed: {text}"))
}

#[cfg(test)]
mod tests {
    use super::error;

    #[track_caller]
    fn check(schedule: &str, expect: Option<&str>) {
        assert_eq!(error(schedule).as_deref(), expect);
    }

    #[test]
    fn good_schedules_pass() {
        for schedule in ["* * * * *", "*/5 0-6 1,15 jan-mar Mon", "@daily", "@every 1h"] {
            check(schedule, None);
        }
    }

    #[test]
    fn bad_schedules_are_refused_in_the_parsers_words() {
        check("* * * *", Some("expected exactly 5 fields, found 4: [* * * *]"));
        check("60 * * * *", Some("end of range (60) above maximum (59): 60"));
        check(
            "*/0 * * * *",
            Some("step of range should be a positive number: */0"),
        );
        check("@never", Some("unrecognized descriptor: @never"));
        check(
            "a b c d e",
            Some("failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax"),
        );
    }
}

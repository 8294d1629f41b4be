//! Durations and selectors as people read them.

use jiff::Timestamp;
use serde_json::Value;

use super::value::text;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// The time since an RFC 3339 instant; `<unknown>` where there is none.
pub(super) fn since(instant: &str, now: Timestamp) -> String {
    match instant.parse::<Timestamp>() {
        Ok(then) => duration_between(then, now),
        Err(_) => "<unknown>".to_owned(),
    }
}

/// The time between two instants.
pub(super) fn duration_between(from: Timestamp, to: Timestamp) -> String {
    // Whole seconds, cut towards zero: half a second into the future still reads as now.
    duration(to.duration_since(from).as_secs())
}

/// A duration with at most two units, fewer the longer it is.
pub(super) fn duration(seconds: i64) -> String {
    let two = |big: i64, small: i64, units: (&str, &str)| match small {
        0 => format!("{big}{}", units.0),
        _ => format!("{big}{}{small}{}", units.0, units.1),
    };
    match seconds {
        ..=-2 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        s if s < 2 * MINUTE => format!("{s}s"),
        s if s < 10 * MINUTE => two(s / MINUTE, s % MINUTE, ("m", "s")),
        s if s < 3 * HOUR => format!("{}m", s / MINUTE),
        s if s < 8 * HOUR => two(s / HOUR, s % HOUR / MINUTE, ("h", "m")),
        s if s < 2 * DAY => format!("{}h", s / HOUR),
        s if s < 8 * DAY => two(s / DAY, s % DAY / HOUR, ("d", "h")),
        s if s < 2 * YEAR => format!("{}d", s / DAY),
        s if s < 8 * YEAR => two(s / YEAR, s % YEAR / DAY, ("y", "d")),
        s => format!("{}y", s / YEAR),
    }
}

/// A map of labels as `a=1,b=2`; `<none>` where it is empty.
pub(super) fn labels(map: Option<&Value>) -> String {
    let Some(Value::Object(map)) = map else {
        return "<none>".to_owned();
    };
    if map.is_empty() {
        return "<none>".to_owned();
    }
    let pairs: Vec<String> = map
        .iter()
        .map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()))
        .collect();
    pairs.join(",")
}

/// A label selector with expressions, as its text form; `<none>` where it selects everything or nothing.
pub(super) fn label_selector(selector: Option<&Value>) -> String {
    match selector.map(selector_text) {
        Some(text) if !text.is_empty() => text,
        _ => "<none>".to_owned(),
    }
}

/// A label selector with expressions, as its text form, which is empty where it names no label.
pub(crate) fn selector_text(selector: &Value) -> String {
    let mut parts: Vec<(String, String)> = Vec::new();
    if let Some(Value::Object(map)) = selector.get("matchLabels") {
        parts.extend(
            map.iter()
                .map(|(k, v)| (k.clone(), format!("{k}={}", v.as_str().unwrap_or_default()))),
        );
    }
    for expression in selector
        .get("matchExpressions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let key = text(expression, "/key");
        let mut values: Vec<&str> = super::value::list(expression, "/values")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        values.sort_unstable();
        let values = values.join(",");
        let said = match text(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            _ => return "<error>".to_owned(),
        };
        parts.push((key.to_owned(), said));
    }
    // Requirements are ordered by key, whichever way they were written.
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    parts
        .into_iter()
        .map(|(_, said)| said)
        .collect::<Vec<_>>()
        .join(",")
}

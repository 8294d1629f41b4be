//! Numbers: integers where they fit 64 bits, floating point otherwise.

use serde_json::{Number, Value};

/// The value of a number literal; `None` where it is too large for a floating-point number.
pub(super) fn value(literal: &str) -> Option<Value> {
    if let Ok(n) = literal.parse::<i64>() {
        return Some(n.into());
    }
    Number::from_f64(literal.parse().ok()?).map(Value::Number)
}

/// A floating-point number as Go writes it: like JavaScript, but for the sign of an exponent's zero padding.
pub fn float_text(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{number:e}");
        return match text.split_once('e') {
            Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
            _ => text,
        };
    }
    format!("{number}")
}

/// A number as Go writes it.
pub(super) fn text(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    }
}

//! What a scalar stands for, by the rules of YAML 1.1 as Go's library reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

use crate::status::go_quote;

/// A scalar's value, and how Go prints it.
pub(super) struct Scalar {
    pub(super) value: Value,
    pub(super) printed: String,
}

/// Reads a scalar; `tag` is its tag of YAML's own (`str` for `!!str`). The error is a message.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<&str>) -> Result<Scalar, String> {
    let string = |text: &str| Scalar {
        printed: go_quote(text),
        value: text.into(),
    };
    match tag {
        Some("str") => return Ok(string(text)),
        Some("binary") => {
            // Line breaks are allowed anywhere in it.
            let bare: String = text.split_whitespace().collect();
            let bytes = STANDARD.decode(bare);
            let bytes = bytes.map_err(|_| "yaml: !!binary value contains invalid base64 data".to_owned())?;
            return Ok(string(&String::from_utf8_lossy(&bytes)));
        }
        _ => {}
    }
    let implicit = if plain || matches!(tag, Some("bool" | "float" | "int" | "null")) {
        word(text)?
    } else {
        None
    };
    let scalar = implicit.map_or_else(
        || string(text),
        |value| Scalar {
            printed: match &value {
                Value::Null => "interface {}(nil)".into(),
                value => value.to_string(),
            },
            value,
        },
    );
    let kind = match &scalar.value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float",
        Value::Number(_) => "int",
        _ => "str",
    };
    match tag {
        Some(tag @ ("bool" | "float" | "int" | "null"))
            if tag != kind && !(tag == "float" && kind == "int") =>
        {
            Err(format!("yaml: cannot decode !!{kind} `{text}` as a !!{tag}"))
        }
        _ => Ok(scalar),
    }
}

/// The name that a value is as a key of an object.
pub(super) fn key(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a plain word stands for; `None` for itself.
fn word(text: &str) -> Result<Option<Value>, String> {
    Ok(Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => true.into(),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => false.into(),
        ".nan" | ".NaN" | ".NAN" => return Err("json: unsupported value: NaN".into()),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Err("json: unsupported value: +Inf".into());
        }
        "-.inf" | "-.Inf" | "-.INF" => return Err("json: unsupported value: -Inf".into()),
        text => return Ok(number(text)),
    }))
}

fn number(text: &str) -> Option<Value> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
        return None;
    }
    let text = text.replace('_', "");
    integer(&text).or_else(|| float(&text))
}

fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let value = u64::from_str_radix(digits, radix).ok()?;
    if !negative {
        return Some(value.into());
    }
    i64::try_from(-i128::from(value)).ok().map(Value::from)
}

fn float(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let numeric = |b: &u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if !bytes.iter().all(numeric) || !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
    // JSON as Go writes it: whole numbers have no point.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only whole numbers of that size are cast"
    )]
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Some((value as i64).into());
    }
    Number::from_f64(value).map(Value::Number)
}

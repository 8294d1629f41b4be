//! `format`: values put into a text by clauses such as `%s`, `%d` and `%.2f`.
//!
//! # Source
//! <https://pkg.go.dev/github.com/google/cel-go/ext#Strings>, section "Format".

use std::fmt::Write as _;

use super::{Site, list, text};
use crate::value::{Failure, Out, Value, float};

pub(super) fn format<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let clauses = text(args, 0)?;
    let mut values = list(args, 1)?.iter().enumerate();
    let count = list(args, 1)?.len();
    let mut out = String::with_capacity(clauses.len());
    let mut rest = clauses.chars();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut next = rest.next();
        if next == Some('%') {
            out.push('%');
            continue;
        }
        let mut precision = None;
        if next == Some('.') {
            let mut digits = String::new();
            next = rest.next();
            while let Some(d) = next.filter(char::is_ascii_digit) {
                digits.push(d);
                next = rest.next();
            }
            let parsed = digits.parse::<usize>().ok().filter(|p| *p <= 1000);
            precision =
                Some(parsed.ok_or_else(|| {
                    Failure::new("could not parse precision while parsing formatting string")
                })?);
        }
        let Some(verb) = next else {
            return Err(Failure::new("unexpected end of string"));
        };
        let Some((i, value)) = values.next() else {
            return Err(Failure::new(format!("index {count} out of range")));
        };
        let value = value?;
        one(&mut out, verb, precision, &value)
            .map_err(|why| Failure::new(format!("error during formatting: {why}")))?;
        debug_assert!(i < count, "values are taken in order");
    }
    Ok(Value::text(out))
}

fn one(out: &mut String, verb: char, precision: Option<usize>, value: &Value<'_>) -> Result<(), String> {
    let name = value.type_of();
    let name = name.runtime_name();
    match verb {
        's' => shown(out, value),
        'd' => {
            match value {
                Value::Int(_) | Value::Uint(_) => out.push_str(&value.shown()),
                Value::Double(d) if !d.is_finite() => out.push_str(special(*d)),
                _ => {
                    return Err(format!(
                        "decimal clause can only be used on integers, was given {name}"
                    ));
                }
            };
            Ok(())
        }
        'f' | 'e' => {
            let d = number(value).ok_or_else(|| {
                let kind = if verb == 'f' { "fixed-point" } else { "scientific" };
                format!("{kind} clause can only be used on doubles, was given {name}")
            })?;
            let precision = precision.unwrap_or(6);
            if !d.is_finite() {
                out.push_str(special(d));
            } else if verb == 'f' {
                let _ = write!(out, "{d:.precision$}");
            } else {
                let text = format!("{d:.precision$e}");
                let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let exponent: i32 = exponent.parse().unwrap_or(0);
                let sign = if exponent < 0 { '-' } else { '+' };
                let _ = write!(out, "{digits}e{sign}{:02}", exponent.abs());
            }
            Ok(())
        }
        'b' | 'o' | 'x' | 'X' => radix(out, verb, value, name),
        other => Err(format!("unrecognized formatting clause \"{other}\"")),
    }
}

fn special(d: f64) -> &'static str {
    match d {
        d if d.is_nan() => "NaN",
        d if d > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

#[expect(clippy::cast_precision_loss, reason = "that is what the clause means")]
fn number(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Double(d) => Some(*d),
        Value::Int(i) => Some(*i as f64),
        Value::Uint(u) => Some(*u as f64),
        Value::String(s) => match &**s {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn radix(out: &mut String, verb: char, value: &Value<'_>, name: &str) -> Result<(), String> {
    let magnitude = match value {
        Value::Int(i) => {
            if *i < 0 {
                out.push('-');
            }
            Some(i.unsigned_abs())
        }
        Value::Uint(u) => Some(*u),
        Value::Bool(b) if verb == 'b' => Some(u64::from(*b)),
        _ => None,
    };
    let bytes = match value {
        Value::String(s) => Some(s.as_bytes()),
        Value::Bytes(b) => Some(&**b),
        _ => None,
    };
    match (magnitude, bytes, verb) {
        (Some(n), _, 'b') => write!(out, "{n:b}"),
        (Some(n), _, 'o') => write!(out, "{n:o}"),
        (Some(n), _, 'x') => write!(out, "{n:x}"),
        (Some(n), _, _) => write!(out, "{n:X}"),
        (None, Some(bytes), 'x') => bytes.iter().try_for_each(|b| write!(out, "{b:02x}")),
        (None, Some(bytes), 'X') => bytes.iter().try_for_each(|b| write!(out, "{b:02X}")),
        (_, _, 'b') => {
            return Err(format!(
                "only integers and bools can be formatted as binary, was given {name}"
            ));
        }
        (_, _, 'o') => {
            return Err(format!(
                "octal clause can only be used on integers, was given {name}"
            ));
        }
        _ => {
            return Err(format!(
                "only integers, byte buffers, and strings can be formatted as hex, was given {name}"
            ));
        }
    }
    .map_err(|_| "out of memory".to_owned())
}

/// A value as `%s` shows it: containers with what is in them.
fn shown(out: &mut String, value: &Value<'_>) -> Result<(), String> {
    match value {
        Value::List(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                shown(out, &item.map_err(|e| e.to_string())?)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries = Vec::new();
            for key in map.keys() {
                let (mut k, mut v) = (String::new(), String::new());
                shown(&mut k, &key)?;
                let value = map.get(&key).transpose().map_err(|e| e.to_string())?;
                shown(&mut v, &value.unwrap_or(Value::Null))?;
                entries.push(format!("{k}: {v}"));
            }
            entries.sort();
            let _ = write!(out, "{{{}}}", entries.join(", "));
        }
        Value::Double(d) if !d.is_finite() => out.push_str(special(*d)),
        Value::Double(d) => out.push_str(&float(*d)),
        Value::Optional(_) | Value::Opaque(_) => {
            return Err(format!(
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, \
                 and timestamps, was given {}",
                value.type_of().runtime_name()
            ));
        }
        other => out.push_str(&other.shown()),
    }
    Ok(())
}

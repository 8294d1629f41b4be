//! Writes values and text in Go's spelling.

use std::fmt::Write as _;

use serde_json::Value;

use super::number;

/// A value as `json.Marshal` writes it: no space, keys sorted, `<`, `>` and `&` escaped.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    put(value, &mut out);
    out
}

fn put(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&number::text(n)),
        Value::String(s) => put_string(s, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                put(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| key.as_str());
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                put_string(key, out);
                out.push(':');
                put(value, out);
            }
            out.push('}');
        }
    }
}

/// A string as `json.Marshal` writes it, with its quotes.
pub fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    put_string(text, &mut out);
    out
}

/// Writes what [`quote`] does.
pub(in crate::patch) fn put_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(must_be_escaped) {
        out.push_str(&rest[..at]);
        // There is a character where one was found.
        let Some(c) = rest[at..].chars().next() else { break };
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            _ => put_unit(c, out),
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.push_str(rest);
    out.push('"');
}

fn must_be_escaped(c: char) -> bool {
    matches!(c, '"' | '\\' | ..' ') || has_meaning_in_html(c)
}

/// Characters that `json.Marshal` escapes so that its text may stand in a web page, and in JavaScript.
fn has_meaning_in_html(c: char) -> bool {
    matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}')
}

fn put_unit(c: char, out: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(out, "\\u{:04x}", u32::from(c));
}

/// Checked JSON text without the space between its parts, and with `<`, `>` and `&` escaped; nothing else changes.
pub fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    put_compact(text, &mut out);
    out
}

/// Writes what [`compact`] does.
pub(in crate::patch) fn put_compact(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let (mut quoted, mut start, mut at) = (false, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => quoted = !quoted,
            // What is escaped is passed over, so that it ends no string.
            b'\\' => at += 1,
            b' ' | b'\t' | b'\n' | b'\r' if !quoted => {
                out.push_str(&text[start..at]);
                start = at + 1;
            }
            b'<' | b'>' | b'&' => {
                out.push_str(&text[start..at]);
                put_unit(char::from(bytes[at]), out);
                start = at + 1;
            }
            // The first byte of U+2028 and U+2029, and of others.
            0xe2 => {
                if let Some(c) = text[at..].chars().next()
                    && has_meaning_in_html(c)
                {
                    out.push_str(&text[start..at]);
                    put_unit(c, out);
                    at += c.len_utf8() - 1;
                    start = at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(text.get(start..).unwrap_or_default());
}

/// A value as `fmt` prints it with `%v`, the way errors quote patches: `map[spec:map[replicas:3]]`.
pub fn format(value: &Value) -> String {
    let mut out = String::new();
    put_formatted(value, &mut out);
    out
}

fn put_formatted(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::String(s) => out.push_str(s),
        Value::Number(n) => out.push_str(&formatted_number(n)),
        Value::Bool(_) => put(value, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { " " } else { "" });
                put_formatted(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push_str("map[");
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| key.as_str());
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                out.push_str(if i > 0 { " " } else { "" });
                out.push_str(key);
                out.push(':');
                put_formatted(value, out);
            }
            out.push(']');
        }
    }
}

/// `%v` of a floating-point number has an exponent of two digits from 1e+21 on and below 1e-04.
fn formatted_number(number: &serde_json::Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.to_string();
    };
    if float == 0.0 || (1e-4..1e21).contains(&float.abs()) {
        return format!("{float}");
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, size) = exponent
                .strip_prefix('-')
                .map_or(('+', exponent), |size| ('-', size));
            format!("{digits}e{sign}{size:0>2}")
        }
        None => text,
    }
}

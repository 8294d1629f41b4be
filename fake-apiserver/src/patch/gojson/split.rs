//! Takes JSON text apart, one level at a time or as a whole.
//!
//! Everything here asks for text that [`check`](crate::schema::json::check) has passed; what it returns for other text means nothing,
//! but it returns.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{kind_name, number};

/// The members of an object in the order of the text, values untouched; `None` where the text is no object.
pub fn object(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    let mut members = Vec::new();
    while !rest.is_empty() && !rest.starts_with('}') {
        let (key, after) = rest.split_at(value_end(rest));
        let after = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = after.split_at(value_end(after));
        members.push((string(key)?, value));
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(members)
}

/// The items of an array, untouched; `None` where the text is no array.
pub fn array(text: &str) -> Option<Vec<&str>> {
    let mut rest = text.trim_start().strip_prefix('[')?.trim_start();
    let mut items = Vec::new();
    while !rest.is_empty() && !rest.starts_with(']') {
        let (item, after) = rest.split_at(value_end(rest));
        if item.is_empty() {
            return None;
        }
        items.push(item);
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(items)
}

/// The text that a string stands for; `None` where the text is no string. Halves of surrogate pairs become U+FFFD.
pub fn string(text: &str) -> Option<Cow<'_, str>> {
    let inner = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let code = escape.chars().next()?;
        rest = &escape[code.len_utf8()..];
        match code {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => {
                let unit = unit_of(rest)?;
                rest = rest.get(4..)?;
                let low = rest.strip_prefix("\\u").and_then(unit_of);
                let pair = low.and_then(|low| char::decode_utf16([unit, low]).next()?.ok());
                match pair {
                    Some(c) if c as u32 > 0xffff => {
                        out.push(c);
                        rest = rest.get(6..)?;
                    }
                    _ => out.push(char::from_u32(unit.into()).unwrap_or(char::REPLACEMENT_CHARACTER)),
                }
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    Some(Cow::Owned(out))
}

/// A whole document, and which of its fields are there twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The document; of fields with one name the last counts.
    pub value: Value,
    /// The paths of duplicate fields, such as `spec.containers[0].name`, each said once.
    pub duplicates: Vec<String>,
}

/// Reads a whole document.
///
/// # Errors
/// The literal of a number that is too large.
pub fn parse(text: &str) -> Result<Parsed, String> {
    let mut duplicates = Vec::new();
    let (value, _) = parse_at(text, &mut String::new(), &mut duplicates)?;
    Ok(Parsed { value, duplicates })
}

/// Reads the value that the text begins with, and returns it with what follows.
fn parse_at<'a>(
    text: &'a str,
    path: &mut String,
    duplicates: &mut Vec<String>,
) -> Result<(Value, &'a str), String> {
    let before = path.len();
    let text = text.trim_start();
    match text.as_bytes().first() {
        Some(b'{') => {
            let mut members = Map::new();
            let mut rest = text[1..].trim_start();
            while !rest.is_empty() && !rest.starts_with('}') {
                let (key, after) = rest.split_at(value_end(rest));
                let (Some(key), Some(after)) = (string(key), after.trim_start().strip_prefix(':')) else {
                    return Ok((Value::Object(Map::new()), ""));
                };
                if before > 0 {
                    path.push('.');
                }
                path.push_str(&key);
                if members.contains_key(&*key) && !duplicates.contains(path) {
                    duplicates.push(path.clone());
                }
                let (value, after) = parse_at(after, path, duplicates)?;
                members.insert(key.into_owned(), value);
                path.truncate(before);
                rest = next(after);
            }
            Ok((Value::Object(members), rest.get(1..).unwrap_or("")))
        }
        Some(b'[') => {
            let mut items = Vec::new();
            let mut rest = text[1..].trim_start();
            while !rest.is_empty() && !rest.starts_with(']') {
                // Writing to a string cannot fail.
                let _ = write!(path, "[{}]", items.len());
                let (item, after) = parse_at(rest, path, duplicates)?;
                items.push(item);
                path.truncate(before);
                if after.len() == rest.len() {
                    return Ok((Value::Array(Vec::new()), ""));
                }
                rest = next(after);
            }
            Ok((Value::Array(items), rest.get(1..).unwrap_or("")))
        }
        _ => {
            let (leaf, rest) = text.split_at(value_end(text));
            let value = match kind_name(leaf) {
                "string" => Value::String(string(leaf).unwrap_or_default().into_owned()),
                "bool" => Value::Bool(leaf == "true"),
                "null" => Value::Null,
                _ => number::value(leaf).ok_or_else(|| leaf.to_owned())?,
            };
            Ok((value, rest))
        }
    }
}

/// What stands behind the comma, or at the end.
fn next(after: &str) -> &str {
    let after = after.trim_start();
    after.strip_prefix(',').unwrap_or(after).trim_start()
}

/// Where the value ends that the text begins with.
fn value_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if depth == 0 {
                    return (at + 1).min(bytes.len());
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 1 { at + 1 } else { at },
            b'}' | b']' => depth -= 1,
            b',' | b':' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

fn unit_of(text: &str) -> Option<u16> {
    u16::from_str_radix(text.get(..4)?, 16).ok()
}

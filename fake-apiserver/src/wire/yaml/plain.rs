//! Documents that are JSON, and JSON that YAML reads no differently: what programs send where YAML is asked for.
//!
//! Reading them as JSON is several times faster. Whatever the two could disagree about is left to the YAML parser.

use serde_json::{Map, Value};

use crate::schema::json::{Malformed, Reader, Token};

/// Nesting beyond this is left to the parser.
const DEPTH_MAX: usize = 100;

/// YAML lets no longer text be a key without a mark; beyond this it is left to the parser.
const KEY_LEN_MAX: usize = 1_000;

/// The object in a body; `None` where it is not of the plain sort.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    // Escapes differ, and so does what counts as white space, as a line's end and as text.
    // Without a way out in between, it is looked at many bytes at a time.
    let odd = |b: u8| !(b' '..=b'~').contains(&b) & (b != b'\n') | (b == b'\\');
    let any_odd = body.iter().fold(false, |found, b| found | odd(*b));
    if any_odd || !body.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    let mut reader = Reader::new(body);
    let value = value(&mut reader, 0).ok()??;
    reader.end().ok().map(|()| value)
}

fn value(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Value>, Malformed> {
    if depth > DEPTH_MAX {
        return Ok(None);
    }
    Ok(Some(match reader.token()? {
        Token::Null => {
            reader.null()?;
            Value::Null
        }
        Token::Bool => reader.boolean()?.into(),
        Token::String => reader.string()?.into_owned().into(),
        Token::Number => match reader.number()?.parse::<i64>() {
            Ok(n) => n.into(),
            Err(_) => return Ok(None),
        },
        Token::Array => {
            reader.open();
            let (mut first, mut items) = (true, Vec::new());
            while reader.item(&mut first)? {
                match value(reader, depth + 1)? {
                    Some(item) => items.push(item),
                    None => return Ok(None),
                }
            }
            items.into()
        }
        Token::Object => {
            reader.open();
            let (mut first, mut fields) = (true, Map::new());
            while let Some(key) = reader.key(&mut first)? {
                let Some(value) = value(reader, depth + 1)? else {
                    return Ok(None);
                };
                let odd = key == "<<" || key.len() > KEY_LEN_MAX;
                if odd || fields.insert(key.into_owned(), value).is_some() {
                    return Ok(None);
                }
            }
            fields.into()
        }
    }))
}

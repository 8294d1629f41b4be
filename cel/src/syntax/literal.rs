//! The values that literals stand for.

use std::sync::Arc;

use super::ast::Literal;

/// The value of a quoted text or of bytes.
///
/// # Errors
/// What is wrong with it: bytes and texts differ in what they may escape.
pub(super) fn quoted(text: &str) -> Result<Literal, &'static str> {
    let lower = text.get(..2).unwrap_or(text).to_ascii_lowercase();
    let bytes = lower.starts_with('b');
    let body = if bytes { &text[1..] } else { text };
    let raw = body.starts_with(['r', 'R']);
    let body = if raw { &body[1..] } else { body };
    let quotes = if body.len() >= 6 && (body.starts_with("'''") || body.starts_with("\"\"\"")) {
        3
    } else {
        1
    };
    let inner = &body[quotes..body.len() - quotes];
    let out = unescape(inner, raw, bytes)?;
    Ok(if bytes {
        Literal::Bytes(Arc::from(out))
    } else {
        // Texts escape code points, which are encoded again here.
        let text = String::from_utf8(out).map_err(|_| INVALID)?;
        Literal::String(Arc::from(text))
    })
}

const INVALID: &str = "unable to unescape string";

fn unescape(inner: &str, raw: bool, bytes: bool) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    let mut buffer = [0; 4];
    while let Some(c) = rest.next() {
        if raw || c != '\\' {
            // Line ends are read as one character, however they are written.
            if c == '\r' {
                if rest.as_str().starts_with('\n') {
                    rest.next();
                }
                out.push(b'\n');
            } else {
                out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
            continue;
        }
        let kind = rest.next().ok_or("found '\\' as last character")?;
        let mut digits = |count: usize, radix: u32, first: Option<char>| {
            let mut value = first.and_then(|c| c.to_digit(radix)).unwrap_or(0);
            for _ in 0..count {
                let digit = rest.next().and_then(|c| c.to_digit(radix)).ok_or(INVALID)?;
                value = value * radix + digit;
            }
            Ok::<u32, &'static str>(value)
        };
        let code = match kind {
            'a' => 7,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'v' => 11,
            '\\' | '\'' | '"' | '`' | '?' => kind as u32,
            'x' | 'X' => digits(2, 16, None)?,
            'u' if !bytes => digits(4, 16, None)?,
            'U' if !bytes => digits(8, 16, None)?,
            '0'..='3' => digits(2, 8, Some(kind))?,
            _ => return Err(INVALID),
        };
        if bytes {
            out.push(u8::try_from(code).map_err(|_| INVALID)?);
        } else {
            let c = char::from_u32(code).ok_or("invalid unicode code point")?;
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_bytes_are_unescaped() {
        let text = |s: &str| Ok(Literal::String(Arc::from(s)));
        assert_eq!(quoted(r"'a\n\x41\u00e9\101'"), text("a\nAéA"));
        assert_eq!(quoted(r"r'a\n'"), text("a\\n"));
        assert_eq!(quoted("'''a'b'''"), text("a'b"));
        assert_eq!(quoted("''"), text(""));
        assert_eq!(
            quoted(r"b'\377é'"),
            Ok(Literal::Bytes(Arc::from([255, 0xc3, 0xa9])))
        );
        assert!(quoted(r"'\ud800'").is_err());
        assert!(quoted(r"b'\u0041'").is_err());
    }
}

//! Query strings, read as the server's Go code reads them.

use percent_encoding::percent_decode;

use crate::status::{Result, StatusError, go_quote};

/// The parameters of a query string, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

// === impl Query ===

impl Query {
    /// Reads `a=b&c=d`; pairs with a bad escape or a semicolon are passed over.
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|p| !p.is_empty() && !p.contains(';'));
        Self(
            pairs
                .filter_map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    Some((unescape(name)?, unescape(value)?))
                })
                .collect(),
        )
    }

    /// The first value of a parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first value of a parameter, empty where it is absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or("")
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
            .collect()
    }

    /// A flag: everything but `0` and `false` is true, also an empty value.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)
            .map(|v| v != "0" && !v.eq_ignore_ascii_case("false"))
    }

    /// A 64-bit integer.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>> {
        self.get(name).map(parse_int).transpose()
    }
}

/// Reads a decimal integer as `strconv.ParseInt` does, with its message.
fn parse_int(text: &str) -> Result<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let why = if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        "invalid syntax"
    } else {
        match text.parse() {
            Ok(value) => return Ok(value),
            Err(_) => "value out of range",
        }
    };
    Err(StatusError::bad_request(format!(
        "strconv.ParseInt: parsing {}: {why}",
        go_quote(text)
    )))
}

/// Reads a decimal number as `strconv.ParseUint` does; the error is its message.
pub(crate) fn parse_uint(text: &str) -> std::result::Result<u64, String> {
    let why = if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        "invalid syntax"
    } else {
        match text.parse() {
            Ok(value) => return Ok(value),
            Err(_) => "value out of range",
        }
    };
    Err(format!("strconv.ParseUint: parsing {}: {why}", go_quote(text)))
}

/// Undoes `%XX` and `+`; `None` where an escape is not two hexadecimal digits.
fn unescape(text: &str) -> Option<String> {
    if !has_good_escapes(text) {
        return None;
    }
    let spaced = text.replace('+', " ");
    Some(percent_decode(spaced.as_bytes()).decode_utf8_lossy().into_owned())
}

/// Whether every `%` stands before two hexadecimal digits.
pub(crate) fn has_good_escapes(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).all(|at| {
        bytes
            .get(at + 1..at + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_like_go_reads_them() {
        let query = Query::parse("a=1&b=x+y%20z&c&d=%zz&e=1;f=2&a=2");
        assert_eq!(query.get("a"), Some("1"));
        assert_eq!(query.all("a"), ["1", "2"]);
        assert_eq!(query.get("b"), Some("x y z"));
        assert_eq!(query.get("c"), Some(""));
        assert_eq!(query.get("d"), None);
        assert_eq!(query.get("e"), None);
    }

    #[test]
    fn everything_but_zero_and_false_is_true() {
        for (text, flag) in [
            ("w=", true),
            ("w", true),
            ("w=abc", true),
            ("w=0", false),
            ("w=False", false),
        ] {
            assert_eq!(Query::parse(text).flag("w"), Some(flag), "{text}");
        }
        assert_eq!(Query::parse("").flag("w"), None);
    }

    #[test]
    fn numbers_fail_with_the_words_of_strconv() {
        let message = |text: &str| Query::parse(text).int("n").unwrap_err().message().to_owned();
        assert_eq!(
            message("n=abc"),
            r#"strconv.ParseInt: parsing "abc": invalid syntax"#
        );
        assert_eq!(message("n="), r#"strconv.ParseInt: parsing "": invalid syntax"#);
        assert_eq!(
            message("n=99999999999999999999"),
            r#"strconv.ParseInt: parsing "99999999999999999999": value out of range"#
        );
        assert_eq!(Query::parse("n=-1").int("n").unwrap(), Some(-1));
        assert!(parse_uint("+1").is_err());
    }
}

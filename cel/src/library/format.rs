//! Named formats of texts, with the words in which the API machinery refuses what has them not.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library>

use base64::Engine as _;

use super::{Opaque, Run, Site, new, opaque, text, url};
use crate::time;
use crate::value::{Failure, Out, Value};

/// A format and what it says of a text.
#[derive(Debug)]
pub(crate) struct Format {
    name: &'static str,
    judge: fn(&str) -> Vec<String>,
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

static FORMATS: [Format; 13] = [
    Format {
        name: "dns1123Label",
        judge: |s| label_1123(s, false),
    },
    Format {
        name: "dns1123Subdomain",
        judge: |s| subdomain(s, false),
    },
    Format {
        name: "dns1035Label",
        judge: |s| label_1035(s, false),
    },
    Format {
        name: "qualifiedName",
        judge: qualified,
    },
    Format {
        name: "dns1123LabelPrefix",
        judge: |s| label_1123(s, true),
    },
    Format {
        name: "dns1123SubdomainPrefix",
        judge: |s| subdomain(s, true),
    },
    Format {
        name: "dns1035LabelPrefix",
        judge: |s| label_1035(s, true),
    },
    Format {
        name: "labelValue",
        judge: label_value,
    },
    Format {
        name: "uri",
        judge: uri,
    },
    Format {
        name: "uuid",
        judge: uuid,
    },
    Format {
        name: "byte",
        judge: byte,
    },
    Format {
        name: "date",
        judge: date,
    },
    Format {
        name: "datetime",
        judge: date_time,
    },
];

/// A text with a dash at its end stands for what a server completes.
fn masked(s: &str, prefix: bool) -> String {
    match s.strip_suffix('-') {
        Some(stem) if prefix && s.len() > 1 => format!("{stem}a"),
        _ => s.to_owned(),
    }
}

fn word(s: &str, first: fn(u8) -> bool, inner: fn(u8) -> bool, last: fn(u8) -> bool) -> bool {
    let b = s.as_bytes();
    match b {
        [] => false,
        [one] => first(*one),
        [start, middle @ .., end] => first(*start) && last(*end) && middle.iter().all(|c| inner(*c)),
    }
}

fn lower(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

fn lower_or_dash(b: u8) -> bool {
    lower(b) || b == b'-'
}

fn too_long(s: &str, max: usize, out: &mut Vec<String>) {
    if s.len() > max {
        out.push(format!("must be no more than {max} bytes"));
    }
}

fn label_1123(s: &str, prefix: bool) -> Vec<String> {
    let s = masked(s, prefix);
    let mut out = Vec::new();
    too_long(&s, 63, &mut out);
    if !word(&s, lower, lower_or_dash, lower) {
        out.push(if word(&s, lower, |b| lower_or_dash(b) || b == b'.', lower) {
            "must not contain dots".to_owned()
        } else {
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
             with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
                .to_owned()
        });
    }
    out
}

fn subdomain(s: &str, prefix: bool) -> Vec<String> {
    let s = masked(s, prefix);
    let mut out = Vec::new();
    too_long(&s, 253, &mut out);
    if !s.split('.').all(|part| word(part, lower, lower_or_dash, lower)) {
        out.push(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
             and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
             '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
                .to_owned(),
        );
    }
    out
}

fn label_1035(s: &str, prefix: bool) -> Vec<String> {
    let s = masked(s, prefix);
    let mut out = Vec::new();
    too_long(&s, 63, &mut out);
    if !word(&s, |b| b.is_ascii_lowercase(), lower_or_dash, lower) {
        out.push(
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
             character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation \
             is '[a-z]([-a-z0-9]*[a-z0-9])?')"
                .to_owned(),
        );
    }
    out
}

fn name_word(s: &str) -> bool {
    let edge = |b: u8| b.is_ascii_alphanumeric();
    word(
        s,
        edge,
        |b| b.is_ascii_alphanumeric() || b"-_.".contains(&b),
        edge,
    )
}

fn qualified(s: &str) -> Vec<String> {
    const NAME: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
        alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
        '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    let mut out = Vec::new();
    let parts: Vec<&str> = s.split('/').collect();
    let name = match parts[..] {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                out.push("prefix part must be non-empty".to_owned());
            } else {
                out.extend(
                    subdomain(prefix, false)
                        .iter()
                        .map(|why| format!("prefix part {why}")),
                );
            }
            name
        }
        _ => {
            return vec![format!(
                "a qualified name {NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        out.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        out.push("name part must be no more than 63 bytes".to_owned());
    }
    if !name_word(name) {
        out.push(format!("name part {NAME}"));
    }
    out
}

fn label_value(s: &str) -> Vec<String> {
    let mut out = Vec::new();
    too_long(s, 63, &mut out);
    if !s.is_empty() && !name_word(s) {
        out.push(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start \
             and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for \
             validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
                .to_owned(),
        );
    }
    out
}

fn uri(s: &str) -> Vec<String> {
    url::wrong(s).into_iter().collect()
}

fn uuid(s: &str) -> Vec<String> {
    let plain = s.replace('-', "");
    let dashed =
        s.len() == plain.len() || (s.len() == 36 && [8, 13, 18, 23].iter().all(|i| s.as_bytes()[*i] == b'-'));
    if dashed && plain.len() == 32 && plain.bytes().all(|b| b.is_ascii_hexdigit()) {
        Vec::new()
    } else {
        vec!["does not match the UUID format".to_owned()]
    }
}

fn byte(s: &str) -> Vec<String> {
    match base64::engine::general_purpose::STANDARD.decode(s.replace(['\n', '\r'], "")) {
        Ok(_) => Vec::new(),
        Err(_) => vec!["invalid base64".to_owned()],
    }
}

fn date(s: &str) -> Vec<String> {
    match time::parse_date(s) {
        Some(_) => Vec::new(),
        None => vec!["invalid date".to_owned()],
    }
}

fn date_time(s: &str) -> Vec<String> {
    match time::parse_time(s) {
        Some(_) => Vec::new(),
        None => vec!["invalid datetime".to_owned()],
    }
}

/// The function that gives a format, by the function's name.
pub(super) fn constructor(function: &str) -> Option<Run> {
    macro_rules! constructors {
        ($($i:literal),*) => {
            match FORMATS.iter().position(|f| Some(f.name) == function.strip_prefix("format."))? {
                $($i => Some(|_, _| Ok(new(Opaque::Format(&FORMATS[$i])))),)*
                _ => None,
            }
        };
    }
    constructors!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}

pub(super) fn named<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let name = text(args, 0)?;
    let found = FORMATS.iter().find(|f| f.name == name);
    Ok(found.map_or(Value::Optional(None), |f| Value::some(new(Opaque::Format(f)))))
}

pub(super) fn validate<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let Opaque::Format(format) = opaque(args, 0)? else {
        return Err(Failure::no_such_overload());
    };
    let wrong = (format.judge)(text(args, 1)?);
    Ok(if wrong.is_empty() {
        Value::Optional(None)
    } else {
        Value::some(Value::list(wrong.into_iter().map(Value::text).collect()))
    })
}

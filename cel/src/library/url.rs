//! URLs, as Go's `net/url` reads those of requests: absolute ones and absolute paths.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-url-library>, <https://pkg.go.dev/net/url#ParseRequestURI>

use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Opaque, Site, new, opaque, text};
use crate::value::{Failure, Key, Map, Out, Value};

/// A URL in parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Url {
    pub(crate) text: String,
    scheme: String,
    /// Host and port, escapes undone.
    host: String,
    path: String,
    query: String,
}

fn parse(s: &str) -> Result<Url, String> {
    let failed = |why: &str| format!("URL parse error during conversion from string: parse {s:?}: {why}");
    if s.chars().any(|c| c < ' ' || c == '\u{7f}') {
        return Err(failed("net/url: invalid control character in URL"));
    }
    if s.is_empty() {
        return Err(failed("empty url"));
    }
    let (scheme, rest) = split_scheme(s).map_err(failed)?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut url = Url {
        text: s.to_owned(),
        scheme: scheme.to_ascii_lowercase(),
        host: String::new(),
        path: String::new(),
        query: query.to_owned(),
    };
    if !rest.starts_with('/') {
        if scheme.is_empty() {
            return Err(failed("invalid URI for request"));
        }
        // Opaque, such as `mailto:a`.
        return Ok(url);
    }
    let mut path = rest;
    if let Some(authority) = rest
        .strip_prefix("//")
        .filter(|_| !scheme.is_empty() && !rest.starts_with("///"))
    {
        let end = authority.find('/').unwrap_or(authority.len());
        path = &authority[end..];
        let host = authority[..end]
            .rsplit_once('@')
            .map_or(&authority[..end], |(_, h)| h);
        url.host = parse_host(host).map_err(|why| failed(&why))?;
    }
    url.path = unescape(path).map_err(|part| failed(&format!("invalid URL escape {part:?}")))?;
    Ok(url)
}

fn split_scheme(s: &str) -> Result<(&str, &str), &'static str> {
    for (i, c) in s.char_indices() {
        match c {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if i > 0 => {}
            ':' if i == 0 => return Err("missing protocol scheme"),
            ':' => return Ok((&s[..i], &s[i + 1..])),
            _ => break,
        }
    }
    let first = s.split('/').next().unwrap_or("");
    if first.contains(':') {
        return Err("first path segment in URL cannot contain colon");
    }
    Ok(("", s))
}

fn parse_host(host: &str) -> Result<String, String> {
    let (name, port) = if let Some(open) = host.strip_prefix('[') {
        let end = open.rfind(']').ok_or("missing ']' in host")?;
        (&host[..end + 2], &open[end + 1..])
    } else {
        match host.rfind(':') {
            Some(at) => (&host[..at], &host[at..]),
            None => (host, ""),
        }
    };
    let digits = port.strip_prefix(':').unwrap_or("");
    let good = port.is_empty() || (port.starts_with(':') && digits.bytes().all(|b| b.is_ascii_digit()));
    if !good {
        return Err(format!("invalid port {port:?} after host"));
    }
    let bad = |c: char| c == ' ' || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '}' | '|');
    if let Some(c) = name.chars().find(|c| bad(*c)) {
        return Err(format!("invalid character {:?} in host name", c.to_string()));
    }
    let name = unescape(name).map_err(|part| format!("invalid URL escape {part:?}"))?;
    Ok(format!("{name}{port}"))
}

/// The text with `%xx` undone, or the part that is no escape.
fn unescape(s: &str) -> Result<String, String> {
    if !s.contains('%') {
        return Ok(s.to_owned());
    }
    let (bytes, mut out) = (s.as_bytes(), Vec::with_capacity(s.len()));
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == b'%' {
            let code = s.get(i + 1..i + 3).and_then(|hex| {
                hex.bytes()
                    .all(|b| b.is_ascii_hexdigit())
                    .then(|| u8::from_str_radix(hex, 16).ok())?
            });
            let Some(code) = code else {
                return Err(s[i..].chars().take(3).collect());
            };
            out.push(code);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn given<'v>(args: &'v [Value<'_>]) -> Result<&'v Url, Failure> {
    match opaque(args, 0)? {
        Opaque::Url(url) => Ok(url),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn url<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    parse(text(args, 0)?)
        .map(|url| new(Opaque::Url(url)))
        .map_err(Failure::new)
}

pub(super) fn is_url<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(parse(text(args, 0)?).is_ok()))
}

pub(super) fn scheme<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(given(args)?.scheme.as_str()))
}

pub(super) fn host<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(given(args)?.host.as_str()))
}

/// The host's name and its port.
fn split_host(host: &str) -> (&str, &str) {
    if let Some(open) = host.strip_prefix('[')
        && let Some(end) = open.rfind(']')
    {
        return (&open[..end], open[end + 1..].strip_prefix(':').unwrap_or(""));
    }
    host.rsplit_once(':').unwrap_or((host, ""))
}

pub(super) fn hostname<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(split_host(&given(args)?.host).0))
}

pub(super) fn port<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::text(split_host(&given(args)?.host).1))
}

pub(super) fn escaped_path<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let path = &given(args)?.path;
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        let plain = b.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!'()*".contains(&b);
        if plain {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    Ok(Value::text(out))
}

pub(super) fn query<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let mut all: BTreeMap<String, Vec<Value<'a>>> = BTreeMap::new();
    for pair in given(args)?
        .query
        .split('&')
        .filter(|p| !p.is_empty() && !p.contains(';'))
    {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = |s: &str| unescape(&s.replace('+', " ")).ok();
        if let (Some(key), Some(value)) = (plain(key), plain(value)) {
            all.entry(key).or_default().push(Value::text(value));
        }
    }
    let entries = all.into_iter().map(|(key, values)| {
        let key: Rc<str> = key.into();
        (Key::Text(key.clone()), (Value::text(key), Value::list(values)))
    });
    Ok(Value::Map(Map::Owned(Rc::new(entries.collect()))))
}

/// Why a text is no URL, if it is none.
pub(super) fn wrong(s: &str) -> Option<String> {
    let prefix = "URL parse error during conversion from string: ";
    parse(s).err().map(|why| why.replacen(prefix, "", 1))
}

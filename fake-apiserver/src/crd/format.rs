//! The formats of strings that the server checks.
//!
//! # Source
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation>

use std::net::{Ipv4Addr, Ipv6Addr};

use base64::Engine;

use crate::registry::names;

/// Formats of texts.
const TEXT: [&str; 25] = [
    "bsonobjectid",
    "byte",
    "cidr",
    "creditcard",
    "date",
    "date-time",
    "datetime",
    "duration",
    "email",
    "hexcolor",
    "hostname",
    "ipv4",
    "ipv6",
    "isbn",
    "isbn10",
    "isbn13",
    "k8s-long-name",
    "k8s-short-name",
    "mac",
    "password",
    "rgbcolor",
    "ssn",
    "uri",
    "uuid",
    "uuid3",
];

/// Formats of texts and numbers beyond those above.
const OTHER: [&str; 6] = ["uuid4", "uuid5", "int32", "int64", "float", "double"];

/// Whether the server knows a format.
pub(super) fn known(format: &str) -> bool {
    TEXT.contains(&format) || OTHER.contains(&format)
}

/// Whether a format is one of texts.
pub(super) fn of_text(format: &str) -> bool {
    TEXT.contains(&format) || matches!(format, "uuid4" | "uuid5")
}

/// Whether a text has a format; one has every format that is unknown.
pub(super) fn holds(format: &str, text: &str) -> bool {
    match format {
        "bsonobjectid" => text.len() == 24 && hex(text),
        "byte" => base64::engine::general_purpose::STANDARD.decode(text).is_ok(),
        "cidr" => cidr(text),
        "creditcard" => credit_card(text),
        "date" => date(text),
        "date-time" | "datetime" => date_time(text),
        "duration" => duration(text),
        "email" => email(text),
        "hexcolor" => {
            let digits = text.strip_prefix('#').unwrap_or(text);
            matches!(digits.len(), 3 | 6) && hex(digits)
        }
        "hostname" => hostname(text),
        "ipv4" => ipv4(text),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "isbn" => isbn10(text) || isbn13(text),
        "isbn10" => isbn10(text),
        "isbn13" => isbn13(text),
        "k8s-long-name" => names::subdomain(text).is_empty(),
        "k8s-short-name" => names::label(text).is_empty(),
        "mac" => mac(text),
        "rgbcolor" => rgb_color(text),
        "ssn" => ssn(text),
        "uri" => uri(text),
        "uuid" => uuid(text, None),
        "uuid3" => uuid(text, Some('3')),
        "uuid4" => uuid(text, Some('4')),
        "uuid5" => uuid(text, Some('5')),
        _ => true,
    }
}

fn hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Four numbers; leading zeros are fine.
fn ipv4(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() == 4
        && parts
            .iter()
            .all(|p| digits(p) && p.parse::<u32>().is_ok_and(|n| n < 256))
}

fn cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let max = if address.parse::<Ipv4Addr>().is_ok() {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    digits(length) && length.parse::<u32>().is_ok_and(|n| n <= max)
}

/// Six, eight or twenty bytes, separated alike.
fn mac(text: &str) -> bool {
    let (separator, width) = match text.as_bytes().get(4) {
        Some(b'.') => ('.', 4),
        _ if text.contains('-') => ('-', 2),
        _ => (':', 2),
    };
    let parts: Vec<&str> = text.split(separator).collect();
    matches!(parts.len() * width, 12 | 16 | 40) && parts.iter().all(|p| p.len() == width && hex(p))
}

fn uuid(text: &str, version: Option<char>) -> bool {
    let bare: String = text.chars().filter(|c| *c != '-').collect();
    if bare.len() != 32 || !hex(&bare) {
        return false;
    }
    // Dashes stand in their four places or nowhere.
    let groups = [8, 4, 4, 4, 12];
    let mut rest = text;
    for (i, length) in groups.into_iter().enumerate() {
        if i > 0 {
            rest = rest.strip_prefix('-').unwrap_or(rest);
        }
        let Some((group, tail)) = rest.split_at_checked(length) else {
            return false;
        };
        if !hex(group) {
            return false;
        }
        rest = tail;
    }
    let nth = |n: usize| bare.chars().nth(n).map(|c| c.to_ascii_lowercase());
    match version {
        None => true,
        Some('3') => nth(12) == Some('3'),
        Some(v) => nth(12) == Some(v) && nth(16).is_some_and(|c| "89ab".contains(c)),
    }
}

/// A path, or an address with a scheme.
fn uri(text: &str) -> bool {
    if text.is_empty() || text.chars().any(char::is_control) {
        return false;
    }
    if text.starts_with('/') {
        return true;
    }
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut chars = scheme.chars();
    let valid = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    valid && !rest.contains(' ')
}

fn hostname(text: &str) -> bool {
    let character = |c: char| c.is_alphanumeric() || !c.is_ascii();
    let labels: Vec<&str> = text.split('.').collect();
    let label = |l: &&str| {
        (1..=63).contains(&l.chars().count())
            && l.chars().all(|c| character(c) || c == '-')
            && l.starts_with(character)
            && l.ends_with(character)
    };
    let last = labels.last().copied().unwrap_or("");
    text.len() <= 255
        && labels.iter().all(label)
        && (labels.len() == 1 || (last.chars().count() >= 2 && last.chars().all(char::is_alphabetic)))
}

/// An address as in a mail's header, with or without a name.
fn email(text: &str) -> bool {
    let address = match (text.rfind('<'), text.strip_suffix('>')) {
        (Some(open), Some(closed)) => &closed[open + 1..],
        _ => text,
    };
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let atom = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
    let dotted = |s: &str| !s.is_empty() && s.split('.').all(|p| !p.is_empty()) && s.chars().all(atom);
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    (dotted(local) || quoted) && dotted(domain)
}

fn date(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    shape && text.parse::<jiff::civil::Date>().is_ok()
}

/// A date and a time of day with a zone; the time may have any number of decimals.
fn date_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let b = time.as_bytes();
    let number = |at: usize| {
        time.get(at..at + 2)
            .filter(|t| digits(t))
            .and_then(|t| t.parse::<u32>().ok())
    };
    let clock = number(0).is_some_and(|h| h < 24)
        && number(3).is_some_and(|m| m < 60)
        && number(6).is_some_and(|s| s < 60)
        && b[2] == b':'
        && b[5] == b':';
    if !date(day) || !clock {
        return false;
    }
    let rest = &time[8..];
    let zone = match rest.strip_prefix('.') {
        Some(decimals) => {
            let end = decimals
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(decimals.len());
            if end == 0 {
                return false;
            }
            &decimals[end..]
        }
        None => rest,
    };
    zone.eq_ignore_ascii_case("z")
        || (zone.len() == 6
            && zone.starts_with(['+', '-'])
            && zone.as_bytes()[3] == b':'
            && zone.get(1..3).is_some_and(digits)
            && zone.get(4..6).is_some_and(digits))
}

/// Numbers with units: Go's (`1h5m`) or words (`2 weeks`).
fn duration(text: &str) -> bool {
    const UNITS: [&str; 31] = [
        "ns",
        "nano",
        "nanos",
        "nanosecond",
        "nanoseconds",
        "us",
        "µs",
        "micro",
        "micros",
        "microseconds",
        "ms",
        "milli",
        "millis",
        "milliseconds",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "m",
        "min",
        "mins",
        "minute",
        "minutes",
        "h",
        "hr",
        "hour",
        "hours",
        "d",
        "day",
        "days",
    ];
    const WEEKS: [&str; 4] = ["w", "wk", "week", "weeks"];
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut found = false;
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() {
            return found;
        }
        let number = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        if !rest[..number].bytes().any(|b| b.is_ascii_digit()) || rest[..number].matches('.').count() > 1 {
            return false;
        }
        rest = rest[number..].trim_start();
        let unit = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        if !UNITS.contains(&&rest[..unit]) && !WEEKS.contains(&&rest[..unit]) {
            return false;
        }
        rest = &rest[unit..];
        found = true;
    }
}

fn credit_card(text: &str) -> bool {
    let number: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, d * 2) {
            (0, _) => *d,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    (13..=19).contains(&number.len()) && sum.is_multiple_of(10)
}

fn isbn10(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if bare.len() != 10 {
        return false;
    }
    let mut sum = 0;
    for (i, c) in bare.chars().enumerate() {
        let digit = match c {
            'X' if i == 9 => 10,
            c => match c.to_digit(10) {
                Some(d) => d,
                None => return false,
            },
        };
        sum += (i as u32 + 1) * digit;
    }
    sum.is_multiple_of(11)
}

fn isbn13(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let weighted: Option<u32> = bare
        .chars()
        .enumerate()
        .map(|(i, c)| c.to_digit(10).map(|d| d * if i % 2 == 0 { 1 } else { 3 }))
        .sum();
    bare.len() == 13 && weighted.is_some_and(|sum| sum.is_multiple_of(10))
}

fn rgb_color(text: &str) -> bool {
    let Some(inner) = text.strip_prefix("rgb(").and_then(|t| t.strip_suffix(')')) else {
        return false;
    };
    let parts: Vec<&str> = inner.split(',').map(str::trim).collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|p| digits(p) && p.parse::<u32>().is_ok_and(|n| n < 256))
}

fn ssn(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let shape: Vec<usize> = text.split([' ', '-']).map(str::len).collect();
    digits(&bare) && bare.len() == 9 && matches!(shape.as_slice(), [9] | [3, 2, 4] | [5, 4] | [3, 6])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_formats() {
        for (format, good, bad) in [
            (
                "date-time",
                "2020-01-02T03:04:05.123456789+02:00",
                "2020-01-02 03:04:05",
            ),
            ("date-time", "2020-01-02t03:04:05z", "2020-01-02T24:04:05Z"),
            ("date", "2020-01-02", "2020-13-02"),
            ("duration", "1h5m", "3600"),
            ("duration", "2 weeks, 3 days", "an hour"),
            ("byte", "YQ==", "YQ"),
            ("ipv4", "01.2.3.4", "1.2.3"),
            ("ipv6", "fe80::1", "1.2.3.4"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/64"),
            ("mac", "00:11:22:33:44:55", "00:11"),
            ("uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "x"),
            (
                "uuid4",
                "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
                "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            ),
            ("uri", "https://example.com/a", "relative/path"),
            ("uri", "/absolute", "://"),
            ("hostname", "a.example.com", "a_b"),
            ("email", "a@example.com", "a"),
            ("hexcolor", "#ff00ff", "#zz"),
            ("bsonobjectid", "507f1f77bcf86cd799439011", "5"),
            ("creditcard", "4111111111111111", "4111"),
            ("k8s-short-name", "abc", "A.b"),
            ("k8s-long-name", "a.b.c", "A_b"),
            ("isbn10", "0-306-40615-2", "0-306-40615-3"),
            ("isbn13", "978-0-306-40615-7", "978-0-306-40615-8"),
            ("rgbcolor", "rgb(0, 10, 255)", "rgb(0,10,256)"),
            ("ssn", "111-22-3333", "111-22-333"),
        ] {
            assert!(of_text(format), "{format}");
            assert!(holds(format, good), "{format}: {good}");
            assert!(!holds(format, bad), "{format}: {bad}");
        }
        assert!(!known("no-such-format"));
        assert!(holds("made-up", "!!"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_a_format(text in "\\PC{0,40}") {
            for format in TEXT.iter().chain(&OTHER) {
                holds(format, &text);
            }
        }
    }
}

//! Semantic versions; the comparisons of quantities are here too, for they share their names.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library>, <https://semver.org>

use std::cmp::Ordering;

use super::{Opaque, Site, flag, new, opaque, quantity, text};
use crate::value::{Failure, Out, Value};

/// A version; what builds it does not count.
#[derive(Debug, Clone)]
pub(crate) struct Semver {
    numbers: [u64; 3],
    pre: Vec<String>,
}

impl PartialEq for Semver {
    fn eq(&self, other: &Self) -> bool {
        self.order(other).is_eq()
    }
}

impl Semver {
    fn parse(s: &str) -> Result<Self, String> {
        if s.is_empty() {
            return Err("Version string empty".into());
        }
        let parts: Vec<&str> = s.splitn(3, '.').collect();
        let [major, minor, rest] = parts[..] else {
            return Err("No Major.Minor.Patch elements found".into());
        };
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (patch, pre) = match rest.split_once('-') {
            Some((patch, pre)) => (patch, Some(pre)),
            None => (rest, None),
        };
        let numbers = [
            number(major, "major", "Major")?,
            number(minor, "minor", "Minor")?,
            number(patch, "patch", "Patch")?,
        ];
        let pre: Vec<String> = pre
            .map(|p| p.split('.').map(String::from).collect())
            .unwrap_or_default();
        for part in &pre {
            if part.is_empty() {
                return Err("Prerelease meta data is empty".into());
            }
            if !part.chars().all(allowed) {
                return Err(format!("Invalid character(s) found in prerelease {part:?}"));
            }
            if numeric(part) && part.len() > 1 && part.starts_with('0') {
                return Err(format!(
                    "Numeric PreRelease version must not contain leading zeroes {part:?}"
                ));
            }
        }
        for part in build.into_iter().flat_map(|b| b.split('.')) {
            if part.is_empty() {
                return Err("Build meta data is empty".into());
            }
            if !part.chars().all(allowed) {
                return Err(format!("Invalid character(s) found in build meta data {part:?}"));
            }
        }
        Ok(Self { numbers, pre })
    }

    fn order(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            // A version before a release comes before it.
            match (self.pre.is_empty(), other.pre.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => {
                    let pairs = self.pre.iter().zip(&other.pre);
                    pairs
                        .map(|(a, b)| part_order(a, b))
                        .find(|o| o.is_ne())
                        .unwrap_or_else(|| self.pre.len().cmp(&other.pre.len()))
                }
            }
        })
    }
}

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

fn numeric(s: &str) -> bool {
    s.bytes().all(|b| b.is_ascii_digit())
}

fn part_order(a: &str, b: &str) -> Ordering {
    match (numeric(a), numeric(b)) {
        (true, true) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

fn number(s: &str, name: &str, title: &str) -> Result<u64, String> {
    if !numeric(s) {
        return Err(format!("Invalid character(s) found in {name} number {s:?}"));
    }
    if s.len() > 1 && s.starts_with('0') {
        return Err(format!("{title} number must not contain leading zeroes {s:?}"));
    }
    s.parse().map_err(|_| {
        let why = if s.is_empty() {
            "invalid syntax"
        } else {
            "value out of range"
        };
        format!("strconv.ParseUint: parsing {s:?}: {why}")
    })
}

/// A loose version made strict: without `v`, with all three numbers and no leading zeroes.
fn normalise(s: &str) -> String {
    let s = s.strip_prefix('v').unwrap_or(s);
    let end = s.find(['-', '+']).unwrap_or(s.len());
    let (core, rest) = s.split_at(end);
    let mut numbers: Vec<&str> = core
        .splitn(3, '.')
        .map(|n| {
            let short = n.trim_start_matches('0');
            if short.is_empty() && !n.is_empty() {
                "0"
            } else {
                short
            }
        })
        .collect();
    if rest.is_empty() {
        while numbers.len() < 3 {
            numbers.push("0");
        }
    }
    format!("{}{rest}", numbers.join("."))
}

fn read(args: &[Value<'_>]) -> Result<Result<Semver, String>, Failure> {
    let s = text(args, 0)?;
    let loose = args.len() > 1 && flag(args, 1)?;
    Ok(if loose {
        Semver::parse(&normalise(s))
    } else {
        Semver::parse(s)
    })
}

pub(super) fn semver<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    read(args)?.map(|v| new(Opaque::Semver(v))).map_err(Failure::new)
}

pub(super) fn is_semver<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(read(args)?.is_ok()))
}

fn given<'v>(args: &'v [Value<'_>], i: usize) -> Result<&'v Semver, Failure> {
    match opaque(args, i)? {
        Opaque::Semver(v) => Ok(v),
        _ => Err(Failure::no_such_overload()),
    }
}

fn part<'a>(args: &[Value<'a>], i: usize) -> Out<'a> {
    Ok(Value::Int(
        i64::try_from(given(args, 0)?.numbers[i]).unwrap_or(i64::MAX),
    ))
}

pub(super) fn major<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, 0)
}

pub(super) fn minor<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, 1)
}

pub(super) fn patch<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, 2)
}

fn order(args: &[Value<'_>]) -> Result<Ordering, Failure> {
    match opaque(args, 0)? {
        Opaque::Quantity(_) => quantity::order(args),
        _ => Ok(given(args, 0)?.order(given(args, 1)?)),
    }
}

pub(super) fn is_less<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(order(args)?.is_lt()))
}

pub(super) fn is_greater<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(order(args)?.is_gt()))
}

pub(super) fn compare<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Int(order(args)? as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_the_specification_orders_them() {
        let ordered = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.10.0",
        ];
        let parsed: Vec<Semver> = ordered
            .iter()
            .map(|s| Semver::parse(s).expect("a version"))
            .collect();
        assert!(parsed.windows(2).all(|w| w[0].order(&w[1]).is_lt()));
        assert_eq!(Semver::parse("1.0.0+a").ok(), Semver::parse("1.0.0+b").ok());
        for s in [
            "", "1", "1.0", "v1.0.0", "01.0.0", "1.0.x", "1.0.0-", "1.0.0-01", "1.0.0+", "1.0.0.0",
        ] {
            assert!(Semver::parse(s).is_err(), "{s}");
        }
        assert_eq!(normalise("v01.2"), "1.2.0");
        assert!(Semver::parse(&normalise("v1")).is_ok());
    }
}

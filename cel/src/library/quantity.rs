//! Quantities such as `1.5Gi` and `200m`.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use std::cmp::Ordering;

use super::{Opaque, Site, new, opaque, text};
use crate::value::{Failure, Out, Value};

/// An amount in billionths; nothing finer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quantity {
    nano: i128,
}

const NANO: i128 = 1_000_000_000;
/// No quantity is larger.
const MAX: i128 = (i64::MAX as i128) * NANO;

const FORMAT: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX: &str = "unable to parse quantity's suffix";

impl Quantity {
    fn parse(s: &str) -> Result<Self, &'static str> {
        let (negative, digits) = match s.as_bytes().first() {
            Some(b'-') => (true, &s[1..]),
            Some(b'+') => (false, &s[1..]),
            _ => (false, s),
        };
        let run = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let whole = &digits[..run(digits)];
        let mut rest = &digits[whole.len()..];
        let mut fraction = "";
        if let Some(behind) = rest.strip_prefix('.') {
            fraction = &behind[..run(behind)];
            rest = &behind[fraction.len()..];
        }
        if whole.is_empty() && fraction.is_empty() {
            return Err(FORMAT);
        }
        let letters = rest.bytes().take_while(|b| b"eEinumkKMGTP".contains(b)).count();
        let behind = &rest[letters..];
        let unsigned = behind.strip_prefix(['-', '+']).unwrap_or(behind);
        if run(unsigned) != unsigned.len() {
            return Err(FORMAT);
        }
        let (two, ten) = scale(rest).ok_or(SUFFIX)?;
        let magnitude = magnitude(whole, fraction, two, ten);
        Ok(Self {
            nano: if negative { -magnitude } else { magnitude },
        })
    }
}

/// The powers of two and ten that a suffix stands for.
fn scale(suffix: &str) -> Option<(u32, i32)> {
    Some(match suffix {
        "" => (0, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        _ => (0, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    })
}

/// The amount in billionths, rounded up, at most the largest.
fn magnitude(whole: &str, fraction: &str, two: u32, ten: i32) -> i128 {
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let behind = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let mut exponent = ten.saturating_sub(behind).saturating_add(9);
    // What has no significant digit above the largest or below the finest needs no arithmetic.
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if length.saturating_add(exponent) > 30 {
        return MAX;
    }
    if length.saturating_add(exponent) < -20 {
        return 1;
    }
    // Digits beyond 36 are below what is kept or above the largest; one that is not zero still rounds up.
    let kept = &digits[..digits.len().min(36)];
    let mut sticky = digits[kept.len()..].bytes().any(|b| b != b'0');
    exponent = exponent.saturating_add(length - i32::try_from(kept.len()).unwrap_or(36));
    let mut value: u128 = kept.parse().unwrap_or(u128::MAX);
    let cap = MAX.unsigned_abs();
    let mut shift = two;
    while exponent < 0 || shift > 0 {
        // Doubling and dividing in turn keeps as many digits as there is room for.
        if shift > 0 && value <= u128::MAX >> 1 {
            value <<= 1;
            shift -= 1;
        } else if exponent < 0 {
            sticky |= !value.is_multiple_of(10);
            value /= 10;
            exponent += 1;
        } else {
            return MAX;
        }
    }
    for _ in 0..exponent {
        value = value.saturating_mul(10);
    }
    if sticky {
        value = value.saturating_add(1);
    }
    i128::try_from(value.min(cap)).unwrap_or(MAX)
}

fn given(args: &[Value<'_>], i: usize) -> Result<Quantity, Failure> {
    match opaque(args, i)? {
        Opaque::Quantity(q) => Ok(*q),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn quantity<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Quantity::parse(text(args, 0)?)
        .map(|q| new(Opaque::Quantity(q)))
        .map_err(Failure::new)
}

pub(super) fn is_quantity<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(Quantity::parse(text(args, 0)?).is_ok()))
}

pub(super) fn sign<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Int(given(args, 0)?.nano.signum().try_into().unwrap_or(0)))
}

fn whole(q: Quantity) -> Option<i64> {
    (q.nano % NANO == 0).then(|| i64::try_from(q.nano / NANO).ok())?
}

pub(super) fn is_integer<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(whole(given(args, 0)?).is_some()))
}

pub(super) fn as_integer<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    whole(given(args, 0)?)
        .map(Value::Int)
        .ok_or_else(|| Failure::new("cannot convert value to integer"))
}

#[expect(clippy::cast_precision_loss, reason = "the function's name says so")]
pub(super) fn as_float<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Double(given(args, 0)?.nano as f64 / NANO as f64))
}

/// The second argument as an amount: a quantity or a whole number.
fn operand(args: &[Value<'_>]) -> Result<i128, Failure> {
    match &args[1] {
        Value::Int(i) => Ok(i128::from(*i) * NANO),
        _ => Ok(given(args, 1)?.nano),
    }
}

pub(super) fn add<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let nano = given(args, 0)?.nano + operand(args)?;
    Ok(new(Opaque::Quantity(Quantity { nano })))
}

pub(super) fn sub<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let nano = given(args, 0)?.nano - operand(args)?;
    Ok(new(Opaque::Quantity(Quantity { nano })))
}

pub(super) fn order(args: &[Value<'_>]) -> Result<Ordering, Failure> {
    Ok(given(args, 0)?.cmp(&given(args, 1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_to_a_billionth() {
        for (s, nano) in [
            ("1", NANO),
            ("1.5", NANO * 3 / 2),
            ("-200m", -200_000_000),
            ("1Ki", 1024 * NANO),
            ("1.5Gi", 1_610_612_736 * NANO),
            ("1e3", 1000 * NANO),
            ("1E2", 100 * NANO),
            ("1n", 1),
            ("0.1n", 1),
            (".5", NANO / 2),
            ("5.", 5 * NANO),
            ("0", 0),
            ("16Ei", MAX),
            ("1e100", MAX),
            ("1e-100", 1),
        ] {
            assert_eq!(Quantity::parse(s), Ok(Quantity { nano }), "{s}");
        }
        for (s, why) in [
            ("", FORMAT),
            ("many", FORMAT),
            ("1 ", FORMAT),
            ("1.2.3", FORMAT),
            ("1KI", FORMAT),
            ("1Kik", SUFFIX),
            ("1mm", SUFFIX),
        ] {
            assert_eq!(Quantity::parse(s), Err(why), "{s}");
        }
    }
}

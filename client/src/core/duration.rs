//! Durations as the API writes them: Go's, `1h30m0s`.

use std::{cmp::Ordering, fmt, str::FromStr, time};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration that is read and written like Go's, for fields of the type `metav1.Duration`.
///
/// Unlike [`std::time::Duration`] it may be negative; turned into one, a negative duration is zero.
///
/// # Source
/// <https://pkg.go.dev/time#ParseDuration>
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Duration {
    length: time::Duration,
    /// Never set for no length at all, so that equal durations are equal.
    is_negative: bool,
}

/// The text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The unit is none of `ns`, `us`, `µs`, `ms`, `s`, `m` and `h`.
    #[error("invalid unit")]
    InvalidUnit,
    /// A number has no unit.
    #[error("missing a unit")]
    NoUnit,
    /// There is no number where one should be.
    #[error("invalid number")]
    NotANumber(#[source] std::num::ParseFloatError),
    /// Go has no room for it: the limit is about 292 years.
    #[error("duration too large")]
    TooLarge,
}

/// Go counts nanoseconds in 64 bits.
const NANOS_MAX: u128 = 1 << 63;

// === impl Duration ===

impl Duration {
    /// Whether it is less than zero.
    pub fn is_negative(&self) -> bool {
        self.is_negative
    }

    fn from_nanos(nanos: u128, is_negative: bool) -> Self {
        let (secs, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        // `NANOS_MAX` upholds the first, the remainder the second.
        let length = time::Duration::new(secs.try_into().unwrap_or(u64::MAX), rest.try_into().unwrap_or(0));
        Self {
            length,
            is_negative: is_negative && nanos > 0,
        }
    }
}

impl FromStr for Duration {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (is_negative, mut rest) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        // The only number without a unit.
        if rest == "0" {
            return Ok(Self::from_nanos(0, false));
        }
        let mut nanos = 0_u128;
        loop {
            let end = rest
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len());
            let (number, behind) = rest.split_at(end);
            let end = behind
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(behind.len());
            let (unit, behind) = behind.split_at(end);
            nanos += parse_term(number, unit)?;
            if nanos > NANOS_MAX || (nanos == NANOS_MAX && !is_negative) {
                return Err(ParseError::TooLarge);
            }
            if behind.is_empty() {
                return Ok(Self::from_nanos(nanos, is_negative));
            }
            rest = behind;
        }
    }
}

/// One number and its unit, in nanoseconds; what is finer is cut off.
fn parse_term(number: &str, unit: &str) -> Result<u128, ParseError> {
    number.parse::<f64>().map_err(ParseError::NotANumber)?;
    let unit: u128 = match unit {
        "" => return Err(ParseError::NoUnit),
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return Err(ParseError::InvalidUnit),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    // Only digits are left, since it is a number with at most one point: what does not parse is empty or too large.
    let whole: u128 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| ParseError::TooLarge)?
    };
    let (mut part, mut scale) = (0_u128, 1_u128);
    // An hour has 3.6e12 nanoseconds: what comes after 20 digits is less than one.
    for digit in fraction.bytes().take(20) {
        part = part * 10 + u128::from(digit - b'0');
        scale *= 10;
    }
    let whole = whole
        .checked_mul(unit)
        .filter(|nanos| *nanos <= NANOS_MAX)
        .ok_or(ParseError::TooLarge)?;
    Ok(whole + part * unit / scale)
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative {
            f.write_str("-")?;
        }
        let nanos = self.length.subsec_nanos();
        let secs = self.length.as_secs();
        match (secs, nanos) {
            (0, 0) => return f.write_str("0s"),
            (0, 1..1_000) => return write!(f, "{nanos}ns"),
            (0, 1_000..1_000_000) => return write_decimal(f, nanos / 1_000, nanos % 1_000, 3, "µs"),
            (0, _) => return write_decimal(f, nanos / 1_000_000, nanos % 1_000_000, 6, "ms"),
            _ => {}
        }
        if secs >= 3_600 {
            write!(f, "{}h", secs / 3_600)?;
        }
        if secs >= 60 {
            write!(f, "{}m", secs / 60 % 60)?;
        }
        write_decimal(f, secs % 60, nanos, 9, "s")
    }
}

/// Writes a number with as many decimals as it has.
fn write_decimal(
    f: &mut fmt::Formatter<'_>,
    whole: impl fmt::Display,
    fraction: u32,
    digits: usize,
    unit: &str,
) -> fmt::Result {
    write!(f, "{whole}")?;
    if fraction > 0 {
        let decimals = format!("{fraction:0digits$}");
        write!(f, ".{}", decimals.trim_end_matches('0'))?;
    }
    f.write_str(unit)
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<time::Duration> for Duration {
    fn from(length: time::Duration) -> Self {
        Self {
            length,
            is_negative: false,
        }
    }
}

impl From<Duration> for time::Duration {
    fn from(duration: Duration) -> Self {
        if duration.is_negative {
            time::Duration::ZERO
        } else {
            duration.length
        }
    }
}

impl Ord for Duration {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, false) => self.length.cmp(&other.length),
            (true, true) => other.length.cmp(&self.length),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq<time::Duration> for Duration {
    fn eq(&self, other: &time::Duration) -> bool {
        *self == Duration::from(*other)
    }
}

impl PartialEq<time::Duration> for &'_ Duration {
    fn eq(&self, other: &time::Duration) -> bool {
        **self == *other
    }
}

impl PartialEq<Duration> for time::Duration {
    fn eq(&self, other: &Duration) -> bool {
        other == self
    }
}

impl PartialEq<Duration> for &'_ time::Duration {
    fn eq(&self, other: &Duration) -> bool {
        *other == **self
    }
}

impl PartialOrd<time::Duration> for Duration {
    fn partial_cmp(&self, other: &time::Duration) -> Option<Ordering> {
        Some(self.cmp(&Duration::from(*other)))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Duration;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"1h30m\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                text.parse()
                    .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Duration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, printed: &str) {
        assert_eq!(text.parse::<Duration>().unwrap().to_string(), printed);
    }

    #[test]
    fn text_is_read_and_written_like_gos() {
        check("0", "0s");
        check("-0", "0s");
        check("1h30m", "1h30m0s");
        check("90m", "1h30m0s");
        check("+1.5s", "1.5s");
        check("-1.5h", "-1h30m0s");
        check("100ms", "100ms");
        check("1.000001s", "1.000001s");
        check("1500us", "1.5ms");
        check("1\u{b5}s1\u{3bc}s", "2µs");
        check("1.5ns", "1ns");
        check(".5m", "30s");
        check("5.h", "5h0m0s");
        check("2540400h10m10s", "2540400h10m10s");
        check("-9223372036854775808ns", "-2562047h47m16.854775808s");
    }

    #[test]
    fn text_that_is_no_duration_is_refused() {
        let parse = |text: &str| text.parse::<Duration>().unwrap_err();
        assert_eq!(parse("3"), ParseError::NoUnit);
        assert_eq!(parse("1m3"), ParseError::NoUnit);
        assert_eq!(parse("3d"), ParseError::InvalidUnit);
        assert_eq!(parse("1 s"), ParseError::InvalidUnit);
        assert_eq!(parse("9223372036854775808ns"), ParseError::TooLarge);
        assert_eq!(parse(&format!("{}h", "9".repeat(60))), ParseError::TooLarge);
        for text in ["", "-", "s", ".s", "1.2.3s", "--1s", "1s-1s", "NaNs", "infs"] {
            assert!(
                matches!(parse(text), ParseError::NotANumber(_) | ParseError::InvalidUnit),
                "{text}"
            );
        }
    }

    #[test]
    fn order_and_conversion() {
        let of = |text: &str| text.parse::<Duration>().unwrap();
        assert!(of("-2s") < of("-1s") && of("-1s") < of("0") && of("1s") < of("2s"));
        assert!(of("1s") == time::Duration::from_secs(1) && of("-1s") != time::Duration::from_secs(1));
        assert!(of("-1s") < time::Duration::ZERO && of("-1s").is_negative() && !of("-0s").is_negative());
        assert_eq!(time::Duration::from(of("-1s")), time::Duration::ZERO);
        assert_eq!(serde_json::to_string(&of("90s")).unwrap(), "\"1m30s\"");
        assert!(
            serde_json::from_str::<Duration>("\"x\"").is_err()
                && serde_json::from_str::<Duration>("5").is_err()
        );
    }

    proptest! {
        #[test]
        fn durations_parse_what_they_print(nanos in any::<i64>()) {
            let duration = Duration::from_nanos(nanos.unsigned_abs().into(), nanos < 0);
            prop_assert_eq!(duration.to_string().parse::<Duration>().unwrap(), duration);
        }

        #[test]
        fn no_text_panics(text in "[-+0-9.nuµmsh]{0,12}|.{0,8}") {
            let _ = text.parse::<Duration>();
        }
    }
}

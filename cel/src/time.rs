//! Timestamps and durations: parsing, printing, arithmetic and their parts.
//!
//! # Source
//! <https://github.com/google/cel-spec/blob/master/doc/langdef.md#timestamps-and-durations>; the texts are those of Go's
//! `time` package.

use std::fmt;

use jiff::tz::TimeZoneDatabase;
use jiff::{SignedDuration, Timestamp, civil};

/// A moment, from the first of year 1 to the last of year 9999, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i128);

/// A duration in nanoseconds.
pub(crate) type Nanos = i64;

const SECOND: i128 = 1_000_000_000;
/// The first second of year 1 and the last of year 9999.
const SECONDS: std::ops::RangeInclusive<i128> = -62_135_596_800..=253_402_300_799;
const EPOCH: civil::DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl Time {
    pub(crate) fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_nanos(i128::from(seconds) * SECOND)
    }

    pub(crate) fn seconds(self) -> i64 {
        i64::try_from(self.0.div_euclid(SECOND)).unwrap_or(0)
    }

    fn from_nanos(nanos: i128) -> Option<Self> {
        SECONDS.contains(&nanos.div_euclid(SECOND)).then_some(Self(nanos))
    }

    pub(crate) fn add(self, duration: Nanos) -> Option<Self> {
        Self::from_nanos(self.0 + i128::from(duration))
    }

    pub(crate) fn since(self, other: Self) -> Option<Nanos> {
        i64::try_from(self.0 - other.0).ok()
    }

    /// The moment on the clocks of a place: a zone's name or an offset such as `+02:00`.
    pub(crate) fn on_clocks(self, zone: Option<&str>) -> Option<civil::DateTime> {
        let ahead = match zone {
            None | Some("UTC" | "") => 0,
            Some(name) => match offset(name) {
                Some(seconds) => seconds,
                None => {
                    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
                    // The last hours of year 9999 are beyond what the zones' rules know.
                    let known = self.0.min(Timestamp::MAX.as_nanosecond());
                    zone.to_offset(Timestamp::from_nanosecond(known).ok()?).seconds()
                }
            },
        };
        let nanos = self.0 + i128::from(ahead) * SECOND;
        let seconds = i64::try_from(nanos.div_euclid(SECOND)).ok()?;
        let rest = i32::try_from(nanos.rem_euclid(SECOND)).ok()?;
        EPOCH.checked_add(SignedDuration::new(seconds, rest)).ok()
    }
}

/// An offset such as `-02:30` or `05:45`, in seconds.
fn offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (hours, minutes) = digits.split_once(':')?;
    let number = |s: &str, max: i32| {
        let plain = !s.is_empty() && s.len() <= 2 && s.bytes().all(|b| b.is_ascii_digit());
        plain
            .then(|| s.parse::<i32>().ok())
            .flatten()
            .filter(|n| *n <= max)
    };
    Some(sign * (number(hours, 23)? * 3600 + number(minutes, 59)? * 60))
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.on_clocks(None) {
            Some(clocks) => write!(f, "{clocks}Z"),
            None => f.write_str("timestamp out of range"),
        }
    }
}

/// A time as RFC 3339 writes it.
pub(crate) fn parse_time(text: &str) -> Option<Time> {
    let (clocks, zone) = (text.get(..19)?, text.get(19..)?);
    let b = clocks.as_bytes();
    let marks = b[4] == b'-' && b[7] == b'-' && b[10] == b'T' && b[13] == b':' && b[16] == b':';
    let digits = b.iter().filter(|b| b.is_ascii_digit()).count() == 14;
    // Leap seconds are no seconds here.
    if !marks || !digits || b[17] == b'6' {
        return None;
    }
    let (fraction, zone) = match zone.strip_prefix('.') {
        Some(behind) => {
            let count = behind.bytes().take_while(u8::is_ascii_digit).count();
            if count == 0 {
                return None;
            }
            let kept = &behind[..count.min(9)];
            let scale = 10_i128.pow(9 - u32::try_from(kept.len()).ok()?);
            (kept.parse::<i128>().ok()? * scale, &behind[count..])
        }
        None => (0, zone),
    };
    let ahead = match zone {
        "Z" => 0,
        zone if zone.len() == 6 && zone.starts_with(['+', '-']) => offset(zone)?,
        _ => return None,
    };
    let clocks: civil::DateTime = clocks.parse().ok()?;
    let seconds = i128::from(clocks.duration_since(EPOCH).as_secs()) - i128::from(ahead);
    Time::from_nanos(seconds * SECOND + fraction)
}

/// A day, from its first moment on.
pub(crate) fn parse_date(text: &str) -> Option<Time> {
    parse_time(&format!("{text}T00:00:00Z"))
}

/// A duration as Go writes it: `1h2m3.5s`, in any units from `ns` to `h`.
pub(crate) fn parse_duration(text: &str) -> Option<Nanos> {
    let (negative, mut rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let count = digits(rest);
        let whole: i128 = if count == 0 {
            0
        } else {
            rest[..count].parse().ok()?
        };
        rest = &rest[count..];
        let mut fraction = (0, 1);
        let mut decimals = 0;
        if let Some(behind) = rest.strip_prefix('.') {
            decimals = digits(behind);
            // More digits than nanoseconds have cannot count.
            for digit in behind.bytes().take(decimals.min(18)) {
                fraction = (fraction.0 * 10 + i128::from(digit - b'0'), fraction.1 * 10);
            }
            rest = &behind[decimals..];
        }
        if count == 0 && decimals == 0 {
            return None;
        }
        let unit_length = rest
            .bytes()
            .take_while(|b| *b != b'.' && !b.is_ascii_digit())
            .count();
        let unit: i128 = match rest.get(..unit_length)? {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => SECOND,
            "m" => 60 * SECOND,
            "h" => 3600 * SECOND,
            _ => return None,
        };
        rest = &rest[unit_length..];
        total = total.checked_add(whole.checked_mul(unit)?)?;
        total = total.checked_add(fraction.0 * unit / fraction.1)?;
        if total > 1 << 63 {
            return None;
        }
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// A duration in seconds, as values of the language print it.
pub(crate) fn print_duration(nanos: Nanos) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let all = nanos.unsigned_abs();
    let (seconds, rest) = (all / 1_000_000_000, all % 1_000_000_000);
    if rest == 0 {
        return format!("{sign}{seconds}s");
    }
    let fraction = format!("{rest:09}");
    format!("{sign}{seconds}.{}s", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed() {
        for (text, nanos) in [
            ("0", Some(0)),
            ("1h", Some(3_600_000_000_000)),
            ("-1.5h", Some(-5_400_000_000_000)),
            ("1h2m3s4ms5us6ns", Some(3_723_004_005_006)),
            (".5s", Some(500_000_000)),
            ("", None),
            ("1", None),
            ("1x", None),
            ("h", None),
            (".s", None),
            ("-", None),
            ("9999999h", None),
        ] {
            assert_eq!(parse_duration(text), nanos, "{text}");
        }
        assert_eq!(print_duration(5_400_000_000_000), "5400s");
        assert_eq!(print_duration(-1_500_000_000), "-1.5s");
    }

    #[test]
    fn times_are_those_of_rfc_3339() {
        let time = parse_time("2021-01-02T03:04:05.5+01:00").expect("a time");
        assert_eq!(time.to_string(), "2021-01-02T02:04:05.5Z");
        assert_eq!(time.on_clocks(Some("-02:30")).expect("a zone").hour(), 23);
        assert_eq!(
            time.on_clocks(Some("America/New_York")).expect("a zone").hour(),
            21
        );
        assert!(time.on_clocks(Some("Nowhere")).is_none());
        for text in [
            "2021-01-02",
            "2021-01-02T03:04:05",
            "2021-01-02 03:04:05Z",
            "x",
            "2021-13-02T03:04:05Z",
        ] {
            assert!(parse_time(text).is_none(), "{text}");
        }
    }
}

//! RFC 3339 times as Go reads and prints them.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::status::go_quote;

/// The two layouts of the API's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Whole seconds.
    Seconds,
    /// Six decimals.
    Micro,
}

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    layout: Layout,
}

/// Reads a time.
///
/// # Errors
/// Go's message for a text that does not follow the layout.
pub(crate) fn parse(text: &str, layout: Layout) -> Result<Timestamp, String> {
    Parser {
        whole: text,
        rest: text,
        layout,
    }
    .time()
}

/// Prints a time in UTC; `None` for Go's zero time, which prints as `null`.
pub(crate) fn print(time: Timestamp, layout: Layout) -> Option<String> {
    // 0001-01-01T00:00:00Z.
    const ZERO: i64 = -62_135_596_800;
    if time.as_second() == ZERO && time.subsec_nanosecond() == 0 {
        return None;
    }
    let format = match layout {
        Layout::Seconds => "%Y-%m-%dT%H:%M:%SZ",
        Layout::Micro => "%Y-%m-%dT%H:%M:%S.%6fZ",
    };
    Some(time.strftime(format).to_string())
}

impl Layout {
    fn text(self) -> &'static str {
        match self {
            Self::Seconds => "2006-01-02T15:04:05Z07:00",
            Self::Micro => "2006-01-02T15:04:05.000000Z07:00",
        }
    }
}

impl Parser<'_> {
    fn time(&mut self) -> Result<Timestamp, String> {
        let year = self.number(4, "2006")?;
        self.literal("-")?;
        let month = self.number(2, "01")?;
        if !(1..=12).contains(&month) {
            return Err(self.range("month"));
        }
        self.literal("-")?;
        let day = self.number(2, "02")?;
        self.literal("T")?;
        let hour = self.number(2, "15")?;
        if hour > 23 {
            return Err(self.range("hour"));
        }
        self.literal(":")?;
        let minute = self.number(2, "04")?;
        if minute > 59 {
            return Err(self.range("minute"));
        }
        self.literal(":")?;
        let second = self.number(2, "05")?;
        if second > 59 {
            return Err(self.range("second"));
        }
        let nano = self.fraction()?;
        let offset = self.offset()?;
        if !self.rest.is_empty() {
            return Err(format!(
                "parsing time {}: extra text: {}",
                go_quote(self.whole),
                go_quote(self.rest)
            ));
        }
        // Each number has at most four digits and passed its range, but for the day of the month.
        let civil = DateTime::new(
            year as i16,
            month as i8,
            day as i8,
            hour as i8,
            minute as i8,
            second as i8,
            nano,
        )
        .map_err(|_| self.range("day"))?;
        let seconds = civil
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_err(|_| self.range("day"))?;
        seconds
            .timestamp()
            .checked_sub(jiff::SignedDuration::from_secs(offset))
            .map_err(|_| self.range("year"))
    }

    fn fraction(&mut self) -> Result<i32, String> {
        let digits = self.rest.get(1..).unwrap_or("");
        let count = digits.bytes().take_while(u8::is_ascii_digit).count();
        let point = self.rest.starts_with(['.', ',']);
        match self.layout {
            // More or fewer decimals than the layout has are no match.
            Layout::Micro if !point || count < 6 => return Err(self.mismatch(".000000")),
            Layout::Seconds if !point || count == 0 => return Ok(0),
            _ => {}
        }
        let kept = if self.layout == Layout::Micro { 6 } else { count };
        let mut nano = 0;
        for i in 0..9 {
            let digit = digits
                .as_bytes()
                .get(i)
                .filter(|_| i < kept)
                .map_or(0, |d| i32::from(d - b'0'));
            nano = nano * 10 + digit;
        }
        self.rest = &self.rest[1 + kept..];
        Ok(nano)
    }

    fn offset(&mut self) -> Result<i64, String> {
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let b = self.rest.as_bytes();
        let digit = |i: usize| {
            b.get(i)
                .filter(|d| d.is_ascii_digit())
                .map(|d| i64::from(d - b'0'))
        };
        let parsed = (|| {
            let sign = match b.first()? {
                b'+' => 1,
                b'-' => -1,
                _ => return None,
            };
            let hours = digit(1)? * 10 + digit(2)?;
            let minutes = digit(4)? * 10 + digit(5)?;
            (b[3] == b':').then_some((sign, hours, minutes))
        })();
        let Some((sign, hours, minutes)) = parsed else {
            return Err(self.mismatch("Z07:00"));
        };
        if hours > 24 {
            return Err(self.range("time zone offset hour"));
        }
        if minutes > 60 {
            return Err(self.range("time zone offset minute"));
        }
        self.rest = &self.rest[6..];
        Ok(sign * (hours * 3600 + minutes * 60))
    }

    fn number(&mut self, digits: usize, element: &str) -> Result<u32, String> {
        let text = self
            .rest
            .get(..digits)
            .filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
        let Some(n) = text.and_then(|t| t.parse().ok()) else {
            return Err(self.mismatch(element));
        };
        self.rest = &self.rest[digits..];
        Ok(n)
    }

    fn literal(&mut self, element: &str) -> Result<(), String> {
        self.rest = self
            .rest
            .strip_prefix(element)
            .ok_or_else(|| self.mismatch(element))?;
        Ok(())
    }

    fn mismatch(&self, element: &str) -> String {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            go_quote(self.whole),
            go_quote(self.layout.text()),
            go_quote(self.rest),
            go_quote(element)
        )
    }

    fn range(&self, what: &str) -> String {
        format!("parsing time {}: {what} out of range", go_quote(self.whole))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, layout: Layout, expect: Result<&str, &str>) {
        let got = parse(text, layout).map(|t| print(t, layout).unwrap_or_default());
        assert_eq!(got.as_deref().map_err(String::as_str), expect);
    }

    #[test]
    fn times_are_printed_in_utc() {
        check(
            "2024-05-06T07:08:09Z",
            Layout::Seconds,
            Ok("2024-05-06T07:08:09Z"),
        );
        check(
            "2024-05-06T07:08:09.75+02:00",
            Layout::Seconds,
            Ok("2024-05-06T05:08:09Z"),
        );
        check(
            "2024-05-06T07:08:09.123456Z",
            Layout::Micro,
            Ok("2024-05-06T07:08:09.123456Z"),
        );
        check("0001-01-01T00:00:00Z", Layout::Seconds, Ok(""));
    }

    #[test]
    fn what_is_no_time_is_told_in_gos_words() {
        check(
            "yesterday",
            Layout::Seconds,
            Err(
                r#"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#,
            ),
        );
        check(
            "2024-05-06T07:08:09Z",
            Layout::Micro,
            Err(
                r#"parsing time "2024-05-06T07:08:09Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000""#,
            ),
        );
        check(
            "2024-13-06T07:08:09Z",
            Layout::Seconds,
            Err(r#"parsing time "2024-13-06T07:08:09Z": month out of range"#),
        );
        check(
            "2024-02-30T07:08:09Z",
            Layout::Seconds,
            Err(r#"parsing time "2024-02-30T07:08:09Z": day out of range"#),
        );
        check(
            "2024-05-06T07:08:09Zx",
            Layout::Seconds,
            Err(r#"parsing time "2024-05-06T07:08:09Zx": extra text: "x""#),
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_time_or_an_error(text in "[-0-9TZ:.+é]{0,32}") {
            for layout in [Layout::Seconds, Layout::Micro] {
                if let Ok(time) = parse(&text, layout) {
                    print(time, layout);
                }
            }
        }
    }
}

//! Dates as HTTP writes them, in all three forms.
//!
//! # Source
//!
//! RFC 9110, section 5.6.7.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The form of `asctime`, which says no time zone and means UTC.
const ASCTIME: &str = "%a %b %e %H:%M:%S %Y";

/// The time that `text` says. `now` tells what century a year of two digits is in.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Timestamp> {
    let modern = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text);
    if let Ok(time) = modern {
        return Some(time);
    }
    if let Ok(time) = DateTime::strptime(ASCTIME, text) {
        return utc(time);
    }
    rfc850(text, now)
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`
fn rfc850(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (_, text) = text.split_once(", ")?;
    let text = text.strip_suffix(" GMT")?;
    let (date, time) = text.split_once(' ')?;
    let (day_and_month, year) = date.rsplit_once('-')?;
    if year.len() != 2 {
        return None;
    }
    let year: i16 = year.parse().ok()?;
    let this_year = now.to_zoned(TimeZone::UTC).year();
    let year = this_year - this_year.rem_euclid(100) + year;
    // More than 50 years ahead is the past with the same two digits; and just before a century's turn, the next one's
    // first years are ahead and not a century ago.
    let year = match year - this_year {
        51.. => year - 100,
        ..=-50 => year + 100,
        _ => year,
    };
    utc(DateTime::strptime("%d-%b-%Y %H:%M:%S", format!("{day_and_month}-{year} {time}")).ok()?)
}

fn utc(time: DateTime) -> Option<Timestamp> {
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, now: &str, expect: Option<&str>) {
        let parsed = parse(text, now.parse().unwrap());
        assert_eq!(parsed, expect.map(|time| time.parse().unwrap()), "{text}");
    }

    const NOW: &str = "2026-01-01T00:00:00Z";

    #[test]
    fn all_three_forms_of_a_date_are_read() {
        let expect = Some("1994-11-06T08:49:37Z");
        check("Sun, 06 Nov 1994 08:49:37 GMT", NOW, expect);
        check("Sunday, 06-Nov-94 08:49:37 GMT", NOW, expect);
        check("Sun Nov  6 08:49:37 1994", NOW, expect);
        check("Wed Nov 16 08:49:37 1994", NOW, Some("1994-11-16T08:49:37Z"));
    }

    #[test]
    fn a_year_of_two_digits_is_at_most_fifty_years_ahead() {
        check(
            "Thursday, 01-Jan-26 00:00:10 GMT",
            NOW,
            Some("2026-01-01T00:00:10Z"),
        );
        check(
            "Wednesday, 01-Jan-76 00:00:00 GMT",
            NOW,
            Some("2076-01-01T00:00:00Z"),
        );
        check(
            "Saturday, 01-Jan-77 00:00:00 GMT",
            NOW,
            Some("1977-01-01T00:00:00Z"),
        );
        check(
            "Friday, 01-Jan-00 00:00:05 GMT",
            "2099-12-31T23:59:58Z",
            Some("2100-01-01T00:00:05Z"),
        );
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "Sunday, 06-Nov-94",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
            "Sunday, 31-Feb-26 00:00:00 GMT",
            "Sunday, 06-Nov-94 08:49:37 CET",
            ", - GMT",
            "Sun Nov  6 08:49:37",
        ] {
            check(text, NOW, None);
        }
    }
}

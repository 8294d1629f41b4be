//! Parts of timestamps and durations.

use jiff::civil::DateTime;

use super::{Site, text};
use crate::value::{Failure, Out, Value};

/// A part of a moment on the clocks of a zone, UTC if none is named.
fn part<'a>(args: &[Value<'a>], part: fn(DateTime) -> i64) -> Out<'a> {
    let Value::Time(time) = &args[0] else {
        return Err(Failure::no_such_overload());
    };
    let zone = if args.len() > 1 {
        Some(text(args, 1)?)
    } else {
        None
    };
    let clocks = time
        .on_clocks(zone)
        .ok_or_else(|| Failure::new(format!("unknown time zone {}", zone.unwrap_or(""))))?;
    Ok(Value::Int(part(clocks)))
}

/// A part of a moment, or a whole duration in a unit of nanoseconds.
fn part_or_whole<'a>(args: &[Value<'a>], of: fn(DateTime) -> i64, unit: i64) -> Out<'a> {
    match &args[0] {
        Value::Duration(nanos) => Ok(Value::Int(nanos / unit)),
        _ => part(args, of),
    }
}

pub(super) fn year<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, |t| t.year().into())
}

/// Months and days of the year, month and week count from 0, but dates from 1.
pub(super) fn month<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, |t| i64::from(t.month()) - 1)
}

pub(super) fn day_of_year<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, |t| i64::from(t.date().day_of_year()) - 1)
}

pub(super) fn day_of_month<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, |t| i64::from(t.day()) - 1)
}

pub(super) fn date<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, |t| t.day().into())
}

pub(super) fn day_of_week<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part(args, |t| t.date().weekday().to_sunday_zero_offset().into())
}

pub(super) fn hours<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part_or_whole(args, |t| t.hour().into(), 3_600_000_000_000)
}

pub(super) fn minutes<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part_or_whole(args, |t| t.minute().into(), 60_000_000_000)
}

pub(super) fn seconds<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part_or_whole(args, |t| t.second().into(), 1_000_000_000)
}

pub(super) fn milliseconds<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    part_or_whole(args, |t| t.millisecond().into(), 1_000_000)
}

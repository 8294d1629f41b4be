//! Conversions between types.

use super::Site;
use crate::time::{self, Time};
use crate::types::Type;
use crate::value::{Failure, Out, Value, float};

pub(super) fn type_of<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Type(args[0].type_of()))
}

pub(super) fn same<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(args[0].clone())
}

pub(super) fn bool<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Bool(b) => Ok(Value::Bool(*b)),
        Value::String(s) => match &**s {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Value::Bool(true)),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Value::Bool(false)),
            _ => Err(Failure::conversion(&args[0], &Type::Bool)),
        },
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn bytes<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Bytes(b) => Ok(Value::Bytes(b.clone())),
        Value::String(s) => Ok(Value::Bytes(s.as_bytes().into())),
        _ => Err(Failure::no_such_overload()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "that is what the conversion means")]
pub(super) fn double<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Double(match &args[0] {
        Value::Double(d) => *d,
        Value::Int(i) => *i as f64,
        Value::Uint(u) => *u as f64,
        Value::String(s) => s
            .parse()
            .map_err(|_| Failure::conversion(&args[0], &Type::Double))?,
        _ => return Err(Failure::no_such_overload()),
    }))
}

pub(super) fn duration<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Duration(d) => Ok(Value::Duration(*d)),
        Value::String(s) => time::parse_duration(s)
            .map(Value::Duration)
            .ok_or_else(|| Failure::conversion(&args[0], &Type::Duration)),
        _ => Err(Failure::no_such_overload()),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the value is within the bounds")]
pub(super) fn int<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let overflow = || Failure::new("integer overflow");
    Ok(Value::Int(match &args[0] {
        Value::Int(i) => *i,
        Value::Uint(u) => i64::try_from(*u).map_err(|_| overflow())?,
        // The bounds themselves are left out: not every float beside them can be told from them.
        Value::Double(d) if d.abs() < 9_223_372_036_854_775_807.0 => *d as i64,
        Value::Double(_) => return Err(overflow()),
        Value::Duration(d) => *d,
        Value::Time(t) => t.seconds(),
        Value::String(s) => s.parse().map_err(|_| Failure::conversion(&args[0], &Type::Int))?,
        _ => return Err(Failure::no_such_overload()),
    }))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is within the bounds"
)]
pub(super) fn uint<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let overflow = || Failure::new("unsigned integer overflow");
    Ok(Value::Uint(match &args[0] {
        Value::Uint(u) => *u,
        Value::Int(i) => u64::try_from(*i).map_err(|_| overflow())?,
        Value::Double(d) if (0.0..18_446_744_073_709_551_615.0).contains(d) => *d as u64,
        Value::Double(_) => return Err(overflow()),
        Value::String(s) => s
            .parse()
            .map_err(|_| Failure::conversion(&args[0], &Type::Uint))?,
        _ => return Err(Failure::no_such_overload()),
    }))
}

pub(super) fn string<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(match &args[0] {
        Value::String(s) => Value::String(s.clone()),
        Value::Bool(_) | Value::Int(_) | Value::Uint(_) | Value::Time(_) | Value::Duration(_) => {
            Value::text(args[0].shown())
        }
        Value::Double(d) => Value::text(float(*d)),
        Value::Bytes(b) => Value::text(
            std::str::from_utf8(b)
                .map_err(|_| Failure::new("invalid UTF-8 in bytes, cannot convert to string"))?,
        ),
        Value::Opaque(o) if matches!(**o, super::Opaque::Ip(_) | super::Opaque::Cidr(_)) => {
            Value::text(o.to_string())
        }
        _ => return Err(Failure::no_such_overload()),
    })
}

pub(super) fn timestamp<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Time(t) => Ok(Value::Time(*t)),
        Value::String(s) => time::parse_time(s)
            .map(Value::Time)
            .ok_or_else(|| Failure::conversion(&args[0], &Type::Timestamp)),
        Value::Int(seconds) => Time::from_seconds(*seconds)
            .map(Value::Time)
            .ok_or_else(|| Failure::new("timestamp overflow")),
        _ => Err(Failure::no_such_overload()),
    }
}

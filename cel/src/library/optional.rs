//! Optional values.

use super::{Site, list};
use crate::value::{Failure, Out, Value};

pub(super) fn of<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::some(args[0].clone()))
}

pub(super) fn of_non_zero<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let zero = match &args[0] {
        Value::Null | Value::Bool(false) | Value::Int(0) | Value::Uint(0) | Value::Duration(0) => true,
        Value::Double(d) => *d == 0.0,
        Value::String(s) => s.is_empty(),
        Value::Bytes(b) => b.is_empty(),
        Value::List(l) => l.len() == 0,
        Value::Map(m) => m.len() == 0,
        Value::Optional(o) => o.is_none(),
        _ => false,
    };
    Ok(if zero {
        Value::Optional(None)
    } else {
        Value::some(args[0].clone())
    })
}

pub(super) fn none<'a>(_: &Site<'_>, _: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Optional(None))
}

pub(super) fn value<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Optional(Some(v)) => Ok((**v).clone()),
        Value::Optional(None) => Err(Failure::new("optional.none() dereference")),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn has_value<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Optional(v) => Ok(Value::Bool(v.is_some())),
        _ => Err(Failure::no_such_overload()),
    }
}

/// What stands for an empty optional; `or` keeps the optional, `orValue` opens it. Programs decide which they mean and
/// compute the second argument only if needed.
pub(super) fn or<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Optional(None) => Ok(args[1].clone()),
        Value::Optional(Some(_)) => Ok(args[0].clone()),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn unwrap<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let mut out = Vec::new();
    for item in list(args, 0)?.iter() {
        match item? {
            Value::Optional(Some(v)) => out.push((*v).clone()),
            Value::Optional(None) => {}
            _ => return Err(Failure::no_such_overload()),
        }
    }
    Ok(Value::list(out))
}

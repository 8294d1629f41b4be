//! Operators, indexes and sizes.

use std::cmp::Ordering;
use std::rc::Rc;

use super::Site;
use crate::value::{Failure, Map, Out, Value};

const INT_OVERFLOW: &str = "integer overflow";
const UINT_OVERFLOW: &str = "unsigned integer overflow";
const TIME_OVERFLOW: &str = "timestamp overflow";
const DURATION_OVERFLOW: &str = "duration overflow";

fn some<'a, T>(value: Option<T>, make: fn(T) -> Value<'a>, why: &'static str) -> Out<'a> {
    value.map(make).ok_or_else(|| Failure::new(why))
}

/// What looks at its arguments only as far as needed is computed where programs run; here all are known.
pub(super) fn lazy<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    args.last().cloned().ok_or_else(Failure::no_such_overload)
}

pub(super) fn not<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match args {
        [Value::Bool(b)] => Ok(Value::Bool(!b)),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn equals<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(args[0].equals(&args[1])))
}

pub(super) fn not_equals<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(!args[0].equals(&args[1])))
}

fn ordered<'a>(args: &[Value<'a>], is: fn(Ordering) -> bool) -> Out<'a> {
    Ok(Value::Bool(args[0].order(&args[1])?.is_some_and(is)))
}

pub(super) fn less<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    ordered(args, Ordering::is_lt)
}

pub(super) fn less_equals<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    ordered(args, Ordering::is_le)
}

pub(super) fn greater<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    ordered(args, Ordering::is_gt)
}

pub(super) fn greater_equals<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    ordered(args, Ordering::is_ge)
}

pub(super) fn add<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match (&args[0], &args[1]) {
        (Value::Int(a), Value::Int(b)) => some(a.checked_add(*b), Value::Int, INT_OVERFLOW),
        (Value::Uint(a), Value::Uint(b)) => some(a.checked_add(*b), Value::Uint, UINT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a + b)),
        (Value::String(a), Value::String(b)) => Ok(Value::text([&**a, &**b].concat())),
        (Value::Bytes(a), Value::Bytes(b)) => Ok(Value::Bytes([&**a, &**b].concat().into())),
        (Value::List(a), Value::List(b)) => a.concat(b),
        (Value::Duration(a), Value::Duration(b)) => {
            some(a.checked_add(*b), Value::Duration, DURATION_OVERFLOW)
        }
        (Value::Time(t), Value::Duration(d)) | (Value::Duration(d), Value::Time(t)) => {
            some(t.add(*d), Value::Time, TIME_OVERFLOW)
        }
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn subtract<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match (&args[0], &args[1]) {
        (Value::Int(a), Value::Int(b)) => some(a.checked_sub(*b), Value::Int, INT_OVERFLOW),
        (Value::Uint(a), Value::Uint(b)) => some(a.checked_sub(*b), Value::Uint, UINT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a - b)),
        (Value::Duration(a), Value::Duration(b)) => {
            some(a.checked_sub(*b), Value::Duration, DURATION_OVERFLOW)
        }
        (Value::Time(t), Value::Duration(d)) => {
            some(d.checked_neg().and_then(|d| t.add(d)), Value::Time, TIME_OVERFLOW)
        }
        (Value::Time(a), Value::Time(b)) => some(a.since(*b), Value::Duration, DURATION_OVERFLOW),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn multiply<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match (&args[0], &args[1]) {
        (Value::Int(a), Value::Int(b)) => some(a.checked_mul(*b), Value::Int, INT_OVERFLOW),
        (Value::Uint(a), Value::Uint(b)) => some(a.checked_mul(*b), Value::Uint, UINT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a * b)),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn divide<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match (&args[0], &args[1]) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(Failure::new("division by zero"))
        }
        (Value::Int(a), Value::Int(b)) => some(a.checked_div(*b), Value::Int, INT_OVERFLOW),
        (Value::Uint(a), Value::Uint(b)) => Ok(Value::Uint(a / b)),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a / b)),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn modulo<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match (&args[0], &args[1]) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(Failure::new("modulus by zero"))
        }
        (Value::Int(a), Value::Int(b)) => some(a.checked_rem(*b), Value::Int, INT_OVERFLOW),
        (Value::Uint(a), Value::Uint(b)) => Ok(Value::Uint(a % b)),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn negate<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Int(a) => some(a.checked_neg(), Value::Int, INT_OVERFLOW),
        Value::Double(a) => Ok(Value::Double(-a)),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn contained<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[1] {
        Value::List(list) => Ok(Value::Bool(list.contains(&args[0]))),
        Value::Map(map) => Ok(Value::Bool(map.get(&args[0]).is_some())),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn index<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Optional(Some(inner)) => present(inner, &args[1]),
        Value::Optional(None) => Ok(Value::Optional(None)),
        other => other.index(&args[1]),
    }
}

pub(super) fn optional_index<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::Optional(Some(inner)) => present(inner, &args[1]),
        Value::Optional(None) => Ok(Value::Optional(None)),
        other => present(other, &args[1]),
    }
}

/// What is at an index or key, if anything is.
fn present<'a>(value: &Value<'a>, index: &Value<'a>) -> Out<'a> {
    let found = match (value, index) {
        (Value::List(list), Value::Int(i)) => usize::try_from(*i).ok().and_then(|i| list.get(i)),
        (Value::Map(map), key) => map.get(key),
        _ => return Err(Failure::no_such_overload()),
    };
    Ok(found.transpose()?.map_or(Value::Optional(None), Value::some))
}

pub(super) fn size<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let size = match &args[0] {
        Value::String(s) => s.chars().count(),
        Value::Bytes(b) => b.len(),
        Value::List(l) => l.len(),
        Value::Map(m) => m.len(),
        _ => return Err(Failure::no_such_overload()),
    };
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

/// A map with one entry more, or with those of another.
pub(super) fn map_insert<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let Value::Map(map) = &args[0] else {
        return Err(Failure::no_such_overload());
    };
    let mut entries = match map {
        Map::Owned(entries) => (**entries).clone(),
        Map::Json(..) => map
            .keys()
            .into_iter()
            .filter_map(|k| Some((k.key()?, (k.clone(), map.get(&k)?.ok()?))))
            .collect(),
    };
    let added = match &args[1..] {
        [Value::Map(more)] => more
            .keys()
            .into_iter()
            .map(|k| {
                let value = more.get(&k).unwrap_or_else(|| Err(Failure::no_such_overload()))?;
                Ok((k, value))
            })
            .collect::<Result<Vec<_>, Failure>>()?,
        [key, value] => vec![(key.clone(), value.clone())],
        _ => return Err(Failure::no_such_overload()),
    };
    for (key, value) in added {
        let name = key.key().ok_or_else(|| Failure::new("unsupported key type"))?;
        if entries.contains_key(&name) {
            return Err(Failure::new(format!(
                "insert failed: key {} already exists",
                key.shown()
            )));
        }
        entries.insert(name, (key, value));
    }
    Ok(Value::Map(Map::Owned(Rc::new(entries))))
}

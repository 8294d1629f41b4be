//! Lists: order, sums, places of items, parts.

use std::cmp::Ordering;

use super::{Site, int, list, operators, strings};
use crate::value::{Failure, Out, Value};

/// More items are not made out of nothing.
const RANGE_MAX: i64 = 1_000_000;

pub(super) fn is_sorted<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let items = list(args, 0)?.to_vec()?;
    for pair in items.windows(2) {
        if pair[0].order(&pair[1])?.is_none_or(Ordering::is_gt) {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

pub(super) fn sum<'a>(site: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let mut items = list(args, 0)?.iter();
    // The type of an empty list is lost; its sum is the integer.
    let mut sum = match items.next() {
        None => return Ok(Value::Int(0)),
        Some(first) => first?,
    };
    for item in items {
        sum = operators::add(site, &[sum, item?])?;
    }
    Ok(sum)
}

fn extreme<'a>(args: &[Value<'a>], name: &str, wanted: Ordering) -> Out<'a> {
    let mut best: Option<Value<'a>> = None;
    for item in list(args, 0)?.iter() {
        let item = item?;
        best = Some(match best {
            Some(b) if item.order(&b)? != Some(wanted) => b,
            _ => item,
        });
    }
    best.ok_or_else(|| Failure::new(format!("{name} called on empty list")))
}

pub(super) fn min<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    extreme(args, "min", Ordering::Less)
}

pub(super) fn max<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    extreme(args, "max", Ordering::Greater)
}

fn place<'a>(at: Option<usize>) -> Out<'a> {
    Ok(Value::Int(
        at.map_or(-1, |i| i64::try_from(i).unwrap_or(i64::MAX)),
    ))
}

pub(super) fn index_of<'a>(site: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::String(_) => strings::index_of(site, args),
        _ => place(list(args, 0)?.to_vec()?.iter().position(|v| v.equals(&args[1]))),
    }
}

pub(super) fn last_index_of<'a>(site: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    match &args[0] {
        Value::String(_) => strings::last_index_of(site, args),
        _ => place(list(args, 0)?.to_vec()?.iter().rposition(|v| v.equals(&args[1]))),
    }
}

pub(super) fn slice<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let items = list(args, 0)?.to_vec()?;
    let (from, to) = (int(args, 1)?, int(args, 2)?);
    if from < 0 || to < 0 {
        return Err(Failure::new(format!(
            "cannot slice({from}, {to}), negative indexes not supported"
        )));
    }
    if from > to {
        return Err(Failure::new(format!(
            "cannot slice({from}, {to}), start index must be less than or equal to end index"
        )));
    }
    let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
    match range.and_then(|(from, to)| items.get(from..to)) {
        Some(part) => Ok(Value::list(part.to_vec())),
        None => Err(Failure::new(format!(
            "cannot slice({from}, {to}), list is length {}",
            items.len()
        ))),
    }
}

pub(super) fn flatten<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    fn walk<'a>(items: Vec<Value<'a>>, depth: i64, out: &mut Vec<Value<'a>>) -> Result<(), Failure> {
        for item in items {
            match item {
                Value::List(inner) if depth > 0 => walk(inner.to_vec()?, depth - 1, out)?,
                other => out.push(other),
            }
        }
        Ok(())
    }
    let depth = if args.len() > 1 { int(args, 1)? } else { 1 };
    if depth < 0 {
        return Err(Failure::new("level must be non-negative"));
    }
    let mut out = Vec::new();
    walk(list(args, 0)?.to_vec()?, depth, &mut out)?;
    Ok(Value::list(out))
}

pub(super) fn distinct<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let mut out: Vec<Value<'a>> = Vec::new();
    for item in list(args, 0)?.to_vec()? {
        if !out.iter().any(|v| v.equals(&item)) {
            out.push(item);
        }
    }
    Ok(Value::list(out))
}

pub(super) fn reverse<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let mut items = list(args, 0)?.to_vec()?;
    items.reverse();
    Ok(Value::list(items))
}

pub(super) fn sort<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let items = list(args, 0)?.to_vec()?;
    Ok(Value::list(ordered(items.clone(), items)?))
}

pub(super) fn sort_by_keys<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let (items, keys) = (list(args, 0)?.to_vec()?, list(args, 1)?.to_vec()?);
    Ok(Value::list(ordered(keys, items)?))
}

/// The items in the order of their keys, equal ones as they were.
fn ordered<'a>(keys: Vec<Value<'a>>, items: Vec<Value<'a>>) -> Result<Vec<Value<'a>>, Failure> {
    let comparable = |v: &Value<'_>| {
        matches!(
            v,
            Value::Int(_)
                | Value::Uint(_)
                | Value::Double(_)
                | Value::Bool(_)
                | Value::Duration(_)
                | Value::Time(_)
                | Value::String(_)
                | Value::Bytes(_)
        )
    };
    if let Some(first) = keys.first() {
        if !comparable(first) {
            return Err(Failure::new("list elements must be comparable"));
        }
        if keys.iter().any(|key| key.type_of() != first.type_of()) {
            return Err(Failure::new("list elements must have the same type"));
        }
    }
    let mut pairs: Vec<_> = keys.into_iter().zip(items).collect();
    let mut failed = None;
    pairs.sort_by(|(a, _), (b, _)| match a.order(b) {
        Ok(order) => order.unwrap_or(Ordering::Equal),
        Err(why) => {
            failed = Some(why);
            Ordering::Equal
        }
    });
    match failed {
        Some(why) => Err(why),
        None => Ok(pairs.into_iter().map(|(_, item)| item).collect()),
    }
}

pub(super) fn first<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let item = list(args, 0)?.get(0).transpose()?;
    Ok(item.map_or(Value::Optional(None), Value::some))
}

pub(super) fn last<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let items = list(args, 0)?;
    let item = items
        .len()
        .checked_sub(1)
        .and_then(|i| items.get(i))
        .transpose()?;
    Ok(item.map_or(Value::Optional(None), Value::some))
}

pub(super) fn range<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let n = int(args, 0)?;
    if n > RANGE_MAX {
        return Err(Failure::cancelled());
    }
    Ok(Value::list((0..n).map(Value::Int).collect()))
}

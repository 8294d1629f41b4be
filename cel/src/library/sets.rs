//! Lists looked at as sets.

use super::{Site, list};
use crate::value::{Failure, List, Out, Value};

fn within(inner: &List<'_>, outer: &List<'_>) -> Result<bool, Failure> {
    let outer = outer.to_vec()?;
    for item in inner.iter() {
        let item = item?;
        if !outer.iter().any(|o| o.equals(&item)) {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn contains<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(within(list(args, 1)?, list(args, 0)?)?))
}

pub(super) fn equivalent<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let (a, b) = (list(args, 0)?, list(args, 1)?);
    Ok(Value::Bool(within(a, b)? && within(b, a)?))
}

pub(super) fn intersects<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let (a, b) = (list(args, 0)?.to_vec()?, list(args, 1)?.to_vec()?);
    Ok(Value::Bool(a.iter().any(|a| b.iter().any(|b| a.equals(b)))))
}

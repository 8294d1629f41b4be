//! One operation on a document.

use super::decode::Operation;
use super::{COPIED_BYTES_MAX, Why};
use crate::patch::lazy::Node;

/// Applies an operation; `copied` is how much the ones before have copied.
pub(super) fn apply<'a>(
    document: &mut Node<'a>,
    operation: Operation<'a>,
    copied: &mut usize,
) -> Result<(), Why> {
    let Operation {
        op,
        path,
        from,
        value,
    } = operation;
    let value = value.unwrap_or(Node::Null);
    match op.as_deref() {
        Some("add") => add(document, path.as_deref(), value),
        Some("replace") => replace(document, path.as_deref(), value),
        Some("remove") => remove(document, path.as_deref()),
        Some("test") => test(document, path.as_deref(), value),
        Some("move") => {
            let moved = get(document, from.as_deref())?.cloned();
            remove(document, from.as_deref())?;
            add(document, path.as_deref(), moved.unwrap_or(Node::Null))
        }
        Some("copy") => {
            let copy = get(document, from.as_deref())?.cloned().unwrap_or(Node::Null);
            // The place is looked for before the size is, which no client can tell apart.
            if !copy.is_null() {
                *copied += copy.text().len();
            }
            if *copied > COPIED_BYTES_MAX {
                return Err(Why::CopiesTooLarge);
            }
            add(document, path.as_deref(), copy)
        }
        _ => Err(Why::UnknownOperation),
    }
}

fn add<'a>(document: &mut Node<'a>, path: Option<&str>, value: Node<'a>) -> Result<(), Why> {
    let (parent, key) = parent(document, path)?;
    if let Some(members) = parent.as_object() {
        members.insert(key.into(), value);
        return Ok(());
    }
    let items = parent.as_array().ok_or(Why::NoSuchParent)?;
    if key == "-" {
        items.push(value);
        return Ok(());
    }
    // One more place than there are items: the end is a place too, and the one that -1 means.
    let index = index(&key, items.len() + 1)?;
    items.insert(index, value);
    Ok(())
}

fn replace<'a>(document: &mut Node<'a>, path: Option<&str>, value: Node<'a>) -> Result<(), Why> {
    let (parent, key) = parent(document, path)?;
    if let Some(members) = parent.as_object() {
        members.insert(key.into(), value);
        return Ok(());
    }
    let items = parent.as_array().ok_or(Why::NoSuchParent)?;
    let index = index(&key, items.len())?;
    items[index] = value;
    Ok(())
}

fn remove(document: &mut Node<'_>, path: Option<&str>) -> Result<(), Why> {
    let (parent, key) = parent(document, path)?;
    if let Some(members) = parent.as_object() {
        return members.remove(&*key).map(drop).ok_or(Why::NoSuchMember);
    }
    let items = parent.as_array().ok_or(Why::NoSuchParent)?;
    let index = index(&key, items.len())?;
    items.remove(index);
    Ok(())
}

fn test<'a>(document: &mut Node<'a>, path: Option<&str>, mut expected: Node<'a>) -> Result<(), Why> {
    let same = match get(document, path)? {
        Some(actual) => actual.same(&mut expected),
        None => expected.is_null(),
    };
    if same { Ok(()) } else { Err(Why::TestFailed) }
}

/// The value at a path; a member that is not there is no failure.
fn get<'d, 'a>(document: &'d mut Node<'a>, path: Option<&str>) -> Result<Option<&'d mut Node<'a>>, Why> {
    let (parent, key) = parent(document, path)?;
    if parent.as_object().is_some() {
        return Ok(parent.as_object().and_then(|members| members.get_mut(&*key)));
    }
    let items = parent.as_array().ok_or(Why::NoSuchParent)?;
    let index = index(&key, items.len())?;
    Ok(items.get_mut(index))
}

/// The container that a path's last part stands in, and that part.
fn parent<'d, 'a>(document: &'d mut Node<'a>, path: Option<&str>) -> Result<(&'d mut Node<'a>, String), Why> {
    // What comes before the first slash is nothing by the RFC, and overlooked by the server.
    let (_, parts) = path
        .ok_or(Why::MissingPointer)?
        .split_once('/')
        .ok_or(Why::NoSuchParent)?;
    let (way, key) = parts
        .rsplit_once('/')
        .map_or((None, parts), |(way, key)| (Some(way), key));
    let mut node = document;
    for part in way.into_iter().flat_map(|way| way.split('/')) {
        let part = unescape(part);
        node = if node.as_object().is_some() {
            node.as_object()
                .and_then(|members| members.get_mut(&*part))
                .ok_or(Why::NoSuchParent)?
        } else {
            let items = node.as_array().ok_or(Why::NoSuchParent)?;
            let index = index(&part, items.len())?;
            &mut items[index]
        };
    }
    Ok((node, unescape(key)))
}

/// `~1` is a slash and `~0` a tilde; any other tilde stays.
fn unescape(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut rest = part;
    while let Some((plain, after)) = rest.split_once('~') {
        out.push_str(plain);
        (rest, out) = match after.as_bytes().first() {
            Some(b'1') => (&after[1..], out + "/"),
            Some(b'0') => (&after[1..], out + "~"),
            _ => (after, out + "~"),
        };
    }
    out + rest
}

/// An index into `len` places; negative ones count from the end.
fn index(key: &str, len: usize) -> Result<usize, Why> {
    let index: i64 = key.parse().map_err(|_| Why::BadIndex)?;
    let len = i64::try_from(len).map_err(|_| Why::BadIndex)?;
    let index = if index < 0 { index + len } else { index };
    if index >= len {
        return Err(Why::BadIndex);
    }
    usize::try_from(index).map_err(|_| Why::BadIndex)
}

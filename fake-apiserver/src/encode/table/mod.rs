//! Objects as rows of a table, with the cells that `kubectl get` shows.
//!
//! The columns come from the published definitions (or a custom resource's `additionalPrinterColumns`); here is what
//! stands in the cells. One file a family of kinds, one function a kind, each from an object to the cells of its row.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>

mod core;
mod custom;
mod events;
mod extensions;
mod human;
mod network;
mod pod;
mod value;
mod workloads;

pub(crate) use human::selector_text;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(crate) use custom::custom_cells;

use self::value::{name, text};

/// The cells of a built-in kind's row, in the order of its columns.
///
/// `group` and `resource` name the kind (`apps`, `deployments`); kinds without a printer of their own show their name
/// and when they were created.
pub(crate) fn cells(group: &str, resource: &str, object: &Value, now: Timestamp) -> Vec<Value> {
    let row = Row { object, now };
    core::cells(group, resource, &row)
        .or_else(|| workloads::cells(group, resource, &row))
        .or_else(|| network::cells(group, resource, &row))
        .or_else(|| events::cells(group, resource, &row))
        .or_else(|| extensions::cells(group, resource, &row))
        .unwrap_or_else(|| vec![name(object), json!(text(object, "/metadata/creationTimestamp"))])
}

/// The cells of a scale.
pub(crate) fn scale_cells(scale: &Value, now: Timestamp) -> Vec<Value> {
    let row = Row { object: scale, now };
    vec![
        row.name(),
        json!(row.int("/spec/replicas")),
        json!(row.int("/status/replicas")),
        row.age(),
    ]
}

/// What a row says of its object beside the cells: that a pod has run to its end.
pub(crate) fn conditions(group: &str, resource: &str, object: &Value) -> Option<Value> {
    ((group, resource) == ("", "pods"))
        .then(|| pod::conditions(object))
        .flatten()
}

/// An object and the time at which it is looked at.
struct Row<'a> {
    object: &'a Value,
    now: Timestamp,
}

// === impl Row ===

impl Row<'_> {
    fn name(&self) -> Value {
        name(self.object)
    }

    /// The time since creation, as people say it.
    fn age(&self) -> Value {
        json!(self.since("/metadata/creationTimestamp"))
    }

    /// The time since the instant at a pointer; `<unknown>` where there is none.
    fn since(&self, pointer: &str) -> String {
        human::since(text(self.object, pointer), self.now)
    }

    fn text(&self, pointer: &str) -> &str {
        text(self.object, pointer)
    }

    /// The text at a pointer, or what stands for its absence.
    fn text_or<'s>(&'s self, pointer: &str, absent: &'s str) -> &'s str {
        match self.text(pointer) {
            "" => absent,
            found => found,
        }
    }

    fn int(&self, pointer: &str) -> i64 {
        value::int(self.object, pointer)
    }

    fn bool(&self, pointer: &str) -> bool {
        self.object.pointer(pointer) == Some(&Value::Bool(true))
    }

    fn list(&self, pointer: &str) -> &[Value] {
        value::list(self.object, pointer)
    }

    fn len(&self, pointer: &str) -> usize {
        value::len(self.object, pointer)
    }

    fn has(&self, pointer: &str) -> bool {
        self.object.pointer(pointer).is_some_and(|v| !v.is_null())
    }

    fn deleting(&self) -> bool {
        self.has("/metadata/deletionTimestamp")
    }
}

#[cfg(test)]
mod tests;

//! How server-side apply merges a value.

use schemars::Schema;
use serde_json::{Map, Value};

/// How server-side apply merges lists.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListMerge {
    /// The list is one value.
    Atomic,
    /// Each element is a value of its own and occurs once.
    Set,
    /// Elements are objects, identified by these fields.
    Map(Vec<String>),
}

/// How server-side apply merges maps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MapMerge {
    /// The map is one value.
    Atomic,
    /// Each entry is a value of its own.
    Granular,
}

/// How server-side apply merges structs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StructMerge {
    /// The struct is one value.
    Atomic,
    /// Each field is a value of its own.
    Granular,
}

/// How server-side apply merges a field.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MergeStrategy {
    /// The field is a list.
    ListType(ListMerge),
    /// The field is a map.
    MapType(MapMerge),
    /// The field is a struct.
    StructType(StructMerge),
}

impl From<ListMerge> for MergeStrategy {
    fn from(merge: ListMerge) -> Self {
        Self::ListType(merge)
    }
}

impl From<MapMerge> for MergeStrategy {
    fn from(merge: MapMerge) -> Self {
        Self::MapType(merge)
    }
}

impl From<StructMerge> for MergeStrategy {
    fn from(merge: StructMerge) -> Self {
        Self::StructType(merge)
    }
}

/// Sets the merge strategy of a schema given as JSON.
///
/// # Errors
/// If `s` is not an object.
pub fn merge_strategy(s: &mut Value, strategy: MergeStrategy) -> serde_json::Result<()> {
    match s {
        Value::Object(schema) => {
            set(schema, &strategy);
            Ok(())
        }
        _ => Err(serde::de::Error::custom("a schema is an object")),
    }
}

/// Sets the merge strategy of the schema's property at `property_index`, counted in the order in which the schema lists
/// its properties.
///
/// A schema without such a property stays as it is.
///
/// # Errors
/// If the property's schema is not an object.
pub fn merge_strategy_property(
    s: &mut Schema,
    property_index: usize,
    strategy: impl Into<MergeStrategy>,
) -> serde_json::Result<()> {
    let field = match s.get_mut("properties") {
        Some(Value::Object(fields)) => fields.values_mut().nth(property_index),
        _ => None,
    };
    field.map_or(Ok(()), |field| merge_strategy(field, strategy.into()))
}

/// Copies what the properties of `merge` say onto the properties of `s` of the same name.
pub fn merge_properties(s: &mut Schema, merge: &mut Schema) {
    let (Some(Value::Object(fields)), Some(Value::Object(additions))) =
        (s.get_mut("properties"), merge.get("properties"))
    else {
        return;
    };
    for (name, addition) in additions {
        if let (Some(Value::Object(field)), Value::Object(addition)) = (fields.get_mut(name), addition) {
            field.extend(addition.clone());
        }
    }
}

pub(super) fn set(schema: &mut Map<String, Value>, strategy: &MergeStrategy) {
    let (key, value) = match strategy {
        MergeStrategy::ListType(ListMerge::Atomic) => ("x-kubernetes-list-type", "atomic"),
        MergeStrategy::ListType(ListMerge::Set) => ("x-kubernetes-list-type", "set"),
        MergeStrategy::ListType(ListMerge::Map(keys)) => {
            schema.insert("x-kubernetes-list-map-keys".into(), keys.clone().into());
            ("x-kubernetes-list-type", "map")
        }
        MergeStrategy::MapType(MapMerge::Atomic) | MergeStrategy::StructType(StructMerge::Atomic) => {
            ("x-kubernetes-map-type", "atomic")
        }
        MergeStrategy::MapType(MapMerge::Granular) | MergeStrategy::StructType(StructMerge::Granular) => {
            ("x-kubernetes-map-type", "granular")
        }
    };
    schema.insert(key.into(), value.into());
}

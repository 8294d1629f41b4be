//! What a watch delivers.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize};

use super::{metadata::TypeMeta, response::Status};

/// One event of a watch.
///
/// # Shape
/// `{"type":"ADDED","object":{…}}`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "object", rename_all = "UPPERCASE")]
pub enum WatchEvent<K> {
    /// The object was created, or is there at the beginning of the watch.
    Added(K),
    /// The object changed.
    Modified(K),
    /// The object was deleted, or is no longer selected; this is its last state, with the resource version of the deletion.
    Deleted(K),
    /// Nothing happened, but everything up to this resource version was delivered.
    Bookmark(Bookmark),
    /// The server ends the watch and says why.
    Error(Box<Status>),
}

/// How far a watch has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bookmark {
    /// `apiVersion` and `kind` of the watched objects.
    #[serde(flatten)]
    pub types: TypeMeta,
    /// The resource version to resume from.
    #[serde(deserialize_with = "null_as_default", default)]
    pub metadata: BookmarkMeta,
}

/// The part of the metadata that a bookmark has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookmarkMeta {
    /// The resource version up to which everything was delivered.
    pub resource_version: String,
    /// The annotations: `k8s.io/initial-events-end` marks the end of a streaming list.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub annotations: BTreeMap<String, String>,
}

/// The annotation of the bookmark that closes the initial events of a streaming list.
const INITIAL_EVENTS_END: &str = "k8s.io/initial-events-end";

// === impl Bookmark ===

impl Bookmark {
    /// Whether it closes the initial events of a streaming list.
    pub fn ends_initial_events(&self) -> bool {
        self.metadata
            .annotations
            .get(INITIAL_EVENTS_END)
            .is_some_and(|value| value == "true")
    }
}

// === impl WatchEvent ===

impl<K> fmt::Debug for WatchEvent<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WatchEvent::Added(_) => f.write_str("Added event"),
            WatchEvent::Modified(_) => f.write_str("Modified event"),
            WatchEvent::Deleted(_) => f.write_str("Deleted event"),
            WatchEvent::Bookmark(bookmark) => {
                write!(f, "Bookmark event at {}", bookmark.metadata.resource_version)
            }
            WatchEvent::Error(status) => write!(f, "Error event: {status}"),
        }
    }
}

fn null_as_default<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::json;

    use super::*;

    #[test]
    fn events_round_trip() {
        let wire = json!({"type": "MODIFIED", "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}});
        let event: WatchEvent<ConfigMap> = serde_json::from_value(wire.clone()).unwrap();
        assert!(matches!(&event, WatchEvent::Modified(cm) if cm.metadata.name.as_deref() == Some("a")));
        assert_eq!(serde_json::to_value(&event).unwrap(), wire);
    }

    #[test]
    fn bookmarks_mark_the_end_of_initial_events() {
        let event = |annotations| {
            let wire = json!({"type": "BOOKMARK", "object": {
                "kind": "Pod", "apiVersion": "v1",
                "metadata": {"resourceVersion": "9", "creationTimestamp": null, "annotations": annotations},
                "spec": {"containers": null},
            }});
            match serde_json::from_value::<WatchEvent<ConfigMap>>(wire).unwrap() {
                WatchEvent::Bookmark(bookmark) => bookmark,
                event => panic!("{event:?}"),
            }
        };
        assert!(event(json!({"k8s.io/initial-events-end": "true"})).ends_initial_events());
        assert!(!event(json!(null)).ends_initial_events());
        assert_eq!(event(json!({})).metadata.resource_version, "9");
    }
}

//! Objects and lists as a `Table`: columns, a row for each object, and what each row shows of it.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables>

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::table;
use crate::registry::Resource;
use crate::status::{FieldError, Result, StatusError};
use crate::storage::Stored;
use crate::wire::accept::MetaVersion;

/// What a row carries of its object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Include {
    None,
    #[default]
    Metadata,
    Object,
}

/// How objects become rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) version: MetaVersion,
    pub(crate) include: Include,
    pub(crate) now: Timestamp,
}

// === impl Include ===

impl Include {
    /// Reads `includeObject`.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "" | "Metadata" => Ok(Self::Metadata),
            "Object" => Ok(Self::Object),
            "None" => Ok(Self::None),
            other => {
                let error = FieldError::invalid(
                    "includeObject",
                    other,
                    "must be 'Metadata', 'Object', 'None', or empty",
                );
                Err(StatusError::bad_request(format!(
                    "Unable to convert to Table as requested: {error}"
                )))
            }
        }
    }
}

// === impl Rows ===

impl Rows<'_> {
    /// A table of objects; `headers` says whether the columns are described.
    pub(crate) fn table(&self, items: &[Arc<Stored>], meta: Value, headers: bool) -> Value {
        let rows: Vec<Value> = items
            .iter()
            .map(|item| self.row(item.shown(), item.source().as_ref()))
            .collect();
        // What describes resources goes through a printer that starts from no list at all.
        let bare = matches!(
            &*self.resource.group,
            "apiextensions.k8s.io" | "apiregistration.k8s.io"
        );
        let mut table = self.of_rows(rows, meta, headers);
        if bare && items.is_empty() {
            table["rows"] = Value::Null;
        }
        table
    }

    /// A table of one row for an object that is none: a bookmark.
    pub(crate) fn blank(&self, object: Value, meta: Value, headers: bool) -> Value {
        self.of_rows(vec![self.row(object, None)], meta, headers)
    }

    /// A table of one row for the scale of an object.
    pub(crate) fn scale(&self, object: Value) -> Value {
        let meta = json!({"resourceVersion": object["metadata"]["resourceVersion"]});
        let row = self.show(table::scale_cells(&object, self.now), None, object);
        let column = |name: &str, kind: &str, description: &str| json!({"name": name, "type": kind, "format": "", "description": description, "priority": 0});
        let columns = if self.resource.custom {
            json!([
                DEFAULT_COLUMNS[0],
                column("Desired", "integer", "Number of desired replicas"),
                column("Available", "integer", "Number of actual replicas"),
                column("Age", "date", CREATED),
            ])
        } else {
            let name = DEFAULT_COLUMNS[0]["description"].as_str().unwrap_or_default();
            json!([
                column("Name", "string", name),
                column(
                    "Desired",
                    "integer",
                    "replicas is the desired number of instances for the scaled object."
                ),
                column(
                    "Available",
                    "integer",
                    "replicas is the actual number of observed instances of the scaled object."
                ),
                column("Age", "string", CREATED),
            ])
        };
        json!({
            "kind": "Table",
            "apiVersion": self.version.api_version(),
            "metadata": meta,
            "columnDefinitions": columns,
            "rows": [row],
        })
    }

    fn of_rows(&self, rows: Vec<Value>, meta: Value, headers: bool) -> Value {
        let columns = if headers { self.columns() } else { Value::Null };
        json!({
            "kind": "Table",
            "apiVersion": self.version.api_version(),
            "metadata": meta,
            "columnDefinitions": columns,
            "rows": rows,
        })
    }

    /// The row of an object; its cells show what it is a view of, if that is known.
    fn row(&self, object: Value, source: Option<&Arc<Stored>>) -> Value {
        let resource = self.resource;
        let cells = match resource.defined() {
            Some(version) => table::custom_cells(version.columns(), &object, self.now),
            None => {
                let stored = source.map_or(&object, |source| &**source.value());
                table::cells(&resource.group, &resource.plural, stored, self.now)
            }
        };
        let conditions = table::conditions(&resource.group, &resource.plural, &object);
        let mut object = object;
        if self.include == Include::Object {
            object["kind"] = json!(&*resource.kind);
            object["apiVersion"] = json!(&*resource.api_version);
        }
        self.show(cells, conditions, object)
    }

    /// A row; the object has its type.
    fn show(&self, cells: Vec<Value>, conditions: Option<Value>, mut object: Value) -> Value {
        let shown = match self.include {
            Include::None => Value::Null,
            Include::Object => object,
            Include::Metadata => json!({
                "kind": "PartialObjectMetadata",
                "apiVersion": self.version.api_version(),
                "metadata": object["metadata"].take(),
            }),
        };
        let mut row = Map::from_iter([
            ("cells".to_owned(), Value::from(cells)),
            ("object".to_owned(), shown),
        ]);
        if let Some(conditions) = conditions {
            row.insert("conditions".into(), conditions);
        }
        Value::Object(row)
    }

    fn columns(&self) -> Value {
        let resource = self.resource;
        if let Some(version) = resource.defined() {
            let text = |column: &Value, field: &str| column[field].as_str().unwrap_or("").to_owned();
            let own = version.columns().iter().map(|column| {
                let described = match text(column, "description") {
                    text if text.is_empty() => format!(
                        "Custom resource definition column (in JSONPath format): {}",
                        self::text(column)
                    ),
                    text => text,
                };
                json!({
                    "name": text(column, "name"),
                    "type": text(column, "type"),
                    "format": text(column, "format"),
                    "description": described,
                    "priority": column["priority"].as_i64().unwrap_or(0),
                })
            });
            return std::iter::once(DEFAULT_COLUMNS[0].clone()).chain(own).collect();
        }
        let path = if resource.group.is_empty() {
            format!("/api/{}/{}", resource.version, resource.plural)
        } else {
            format!(
                "/apis/{}/{}/{}",
                resource.group, resource.version, resource.plural
            )
        };
        COLUMNS.get(&path).unwrap_or(&DEFAULT_COLUMNS).clone()
    }
}

/// What the documentation says of `creationTimestamp`.
pub(crate) const CREATED: &str = "CreationTimestamp is a timestamp representing the server time when this object was \
    created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this \
    value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More \
    info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

fn text(column: &Value) -> &str {
    column["jsonPath"].as_str().unwrap_or("")
}

/// The columns of every built-in list, by its path.
static COLUMNS: LazyLock<BTreeMap<String, Value>> = LazyLock::new(|| {
    let packed: &[u8] = include_bytes!("../../data/v1.36/table-columns.json.gz");
    let mut text = Vec::new();
    // The file is part of the crate; a test reads it.
    let read = flate2::read::GzDecoder::new(packed).read_to_end(&mut text);
    read.ok()
        .and_then(|_| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
});

/// The columns of a kind that describes none.
static DEFAULT_COLUMNS: LazyLock<Value> = LazyLock::new(|| {
    let of_name = COLUMNS
        .get("/api/v1/configmaps")
        .map(|c| c[0]["description"].clone());
    json!([
        {
            "name": "Name",
            "type": "string",
            "format": "name",
            "description": of_name,
            "priority": 0,
        },
        {
            "name": "Created At",
            "type": "date",
            "format": "",
            "description": CREATED,
            "priority": 0,
        },
    ])
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_columns_can_be_read() {
        assert!(COLUMNS.len() > 50);
        assert_eq!(COLUMNS["/api/v1/configmaps"][1]["name"], "Data");
    }

    #[test]
    fn include_object_takes_three_words() {
        assert_eq!(Include::parse("").unwrap(), Include::Metadata);
        assert!(
            Include::parse("none")
                .unwrap_err()
                .message()
                .contains("must be 'Metadata'")
        );
    }
}

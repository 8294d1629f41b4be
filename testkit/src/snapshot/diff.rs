//! What two states differ in, told by paths.

use std::{collections::BTreeMap, fmt};

use serde_json::Value;

use super::{
    Placeholders,
    fields::{added, fields},
    identity, text,
};

/// What changed from one [`State`](crate::State) to another.
///
/// Its text has a line for each object and each of its fields that changed, in a fixed order, for people and for insta:
///
/// ```text
/// + ConfigMap default/made
///     data.key: "1"
/// - Secret default/gone
/// ~ Deployment default/web
///     spec.template.spec.containers[name=web].image: "web:1" → "web:2"
///     metadata.labels.old: removed "yes"
/// ± ConfigMap default/again (deleted and made anew)
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct StateDiff {
    /// The objects that differ, ordered by kind, namespace and name.
    pub objects: Vec<ObjectDiff>,
}

/// An object that is not in both states, or not the same in both.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ObjectDiff {
    /// The object's `kind`.
    pub kind: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What became of it.
    pub change: ChangeKind,
    /// Its fields that differ; of an added one, those that it has; of a removed one, none.
    pub fields: Vec<FieldDiff>,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is the same object, with other fields.
    Changed,
    /// It is another object of the same name.
    Replaced,
}

/// A field that differs. UIDs and times are placeholders.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FieldDiff {
    /// Where it is, such as `spec.containers[name=web].image`. `[]` at the end is a value in a list of plain values.
    pub path: String,
    /// What it was; `None` where it was absent.
    pub old: Option<Value>,
    /// What it is; `None` where it is absent.
    pub new: Option<Value>,
}

/// How many fields of an added object are shown.
const ADDED_FIELDS: usize = 12;

/// How long a value may be that is shown.
const WIDTH: usize = 80;

// === impl StateDiff ===

impl StateDiff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    pub(super) fn between(before: &[Value], after: &[Value]) -> Self {
        let mut uids = Placeholders::default();
        for object in before.iter().chain(after) {
            uids.learn(object);
        }
        let mut pairs: BTreeMap<String, (Option<&Value>, Option<&Value>)> = BTreeMap::new();
        for object in before {
            pairs.entry(identity(object)).or_default().0 = Some(object);
        }
        for object in after {
            pairs.entry(identity(object)).or_default().1 = Some(object);
        }
        let objects = pairs
            .values()
            .filter_map(|(old, new)| ObjectDiff::between(*old, *new, &mut uids));
        Self {
            objects: objects.collect(),
        }
    }
}

impl fmt::Display for StateDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.objects.iter().try_for_each(|object| write!(f, "{object}"))
    }
}

// === impl ObjectDiff ===

impl ObjectDiff {
    fn between(old: Option<&Value>, new: Option<&Value>, uids: &mut Placeholders) -> Option<Self> {
        let mut fields = Vec::new();
        let change = match (old, new) {
            (Some(old), Some(new)) => {
                fields = self::fields(old, new, uids);
                if text(old, "/metadata/uid") != text(new, "/metadata/uid") {
                    ChangeKind::Replaced
                } else if fields.is_empty() {
                    return None;
                } else {
                    ChangeKind::Changed
                }
            }
            (None, Some(new)) => {
                fields = added(new, uids);
                ChangeKind::Added
            }
            (Some(_), None) => ChangeKind::Removed,
            (None, None) => return None,
        };
        let of = |pointer: &str| text(new.or(old).unwrap_or(&Value::Null), pointer).to_owned();
        Some(Self {
            kind: of("/kind"),
            namespace: of("/metadata/namespace"),
            name: of("/metadata/name"),
            change,
            fields,
        })
    }
}

impl fmt::Display for ObjectDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.change {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed => '~',
            ChangeKind::Replaced => '±',
        };
        write!(f, "{mark} {} ", self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)?;
        if self.change == ChangeKind::Replaced {
            f.write_str(" (deleted and made anew)")?;
        }
        f.write_str("\n")?;
        let shown = match self.change {
            ChangeKind::Added => ADDED_FIELDS,
            _ => usize::MAX,
        };
        for field in self.fields.iter().take(shown) {
            match (self.change, &field.new) {
                (ChangeKind::Added, Some(value)) => writeln!(f, "    {}: {}", field.path, short(value))?,
                _ => writeln!(f, "    {field}")?,
            }
        }
        match self.fields.len().saturating_sub(shown) {
            0 => Ok(()),
            more => writeln!(f, "    … {more} more fields"),
        }
    }
}

// === impl FieldDiff ===

impl fmt::Display for FieldDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{path}: {} → {}", short(old), short(new)),
            (None, Some(new)) => write!(f, "{path}: added {}", short(new)),
            (Some(old), None) => write!(f, "{path}: removed {}", short(old)),
            (None, None) => f.write_str(path),
        }
    }
}

/// A value in one line of bounded length.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let length = text.chars().count();
    if length <= WIDTH {
        return text;
    }
    let head: String = text.chars().take(WIDTH).collect();
    format!("{head}… ({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut() {
        let line = short(&Value::from("x".repeat(500)));
        assert!(
            line.chars().count() < 120 && line.ends_with("(502 characters)"),
            "{line}"
        );
    }
}

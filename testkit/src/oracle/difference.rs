//! How a state differs from a pinned one, in which whatever varies bears a mark.

use serde_json::{Value, json};

use super::normal::{Class, State};
use crate::timeline::hide_field;

/// In the place of a value that differs from run to run. No value of an object is like that.
pub(super) const ANY: &str = "\u{0}any";

/// The differences, one line each, with the class that it is about.
pub(super) fn differences(pinned: &State, state: &State) -> Vec<(Class, String)> {
    let mut told = Vec::new();
    for (class, pinned) in pinned {
        let (resource, key) = class;
        match state.get(class) {
            None => told.push((class.clone(), format!("{resource} {key} is missing"))),
            Some(found) if found.len() != pinned.len() => {
                let line = format!("there are {} {resource} {key}, not {}", found.len(), pinned.len());
                told.push((class.clone(), line));
            }
            Some(found) => {
                for (pinned, found) in pinned.iter().zip(found) {
                    let fields = differing(resource, pinned, found).into_iter();
                    told.extend(
                        fields.map(|field| (class.clone(), format!("{resource} {key}: {}", field.line()))),
                    );
                }
            }
        }
    }
    let extra = state.keys().filter(|class| !pinned.contains_key(*class));
    told.extend(extra.map(|class| {
        (
            class.clone(),
            format!("{} {} should not be there", class.0, class.1),
        )
    }));
    told
}

/// The differences as people compare texts: what should be there after `-`, what is there after `+`, under the name of each object.
pub(super) fn diff(pinned: &State, state: &State) -> String {
    let mut lines = Vec::new();
    for (class, wanted) in pinned {
        let (resource, key) = class;
        let found = state.get(class).map_or(&[][..], Vec::as_slice);
        let mut own = Vec::new();
        if found.len() == wanted.len() {
            for (wanted, found) in wanted.iter().zip(found) {
                for field in differing(resource, wanted, found) {
                    let path = &field.path;
                    own.extend(field.wanted.map(|value| format!("-  {path}: {value}")));
                    own.extend(field.found.map(|value| format!("+  {path}: {value}")));
                }
            }
        } else {
            own.push(format!("-  objects: {}", wanted.len()));
            own.push(format!("+  objects: {}", found.len()));
        }
        if !own.is_empty() {
            lines.push(format!(" {resource} {key}"));
            lines.append(&mut own);
        }
    }
    for ((resource, key), found) in state.iter().filter(|(class, _)| !pinned.contains_key(*class)) {
        lines.push(format!(" {resource} {key}"));
        lines.push("-  objects: 0".to_owned());
        lines.push(format!("+  objects: {}", found.len()));
    }
    lines.join("\n")
}

/// A field that differs, and its values as they are told.
struct Field {
    path: String,
    wanted: Option<String>,
    found: Option<String>,
}

impl Field {
    /// `spec.size is 2, and should be 1`.
    fn line(&self) -> String {
        let path = &self.path;
        match (&self.wanted, &self.found) {
            (Some(wanted), Some(found)) => format!("{path} is {found}, and should be {wanted}"),
            (Some(wanted), None) => format!("{path} is missing, and should be {wanted}"),
            (None, Some(found)) => format!("{path} is {found}, and should not be there"),
            (None, None) => format!("{path} differs"),
        }
    }
}

/// Where an object differs from a pinned one. What secrets hold is not told.
fn differing(resource: &str, pinned: &Value, found: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    differ(pinned, found, &mut String::new(), &mut fields);
    for field in &mut fields {
        hide_field(resource, &field.path, [&mut field.wanted, &mut field.found]);
    }
    fields
}

/// Puts the mark where two values differ; whether they do not.
pub(super) fn pin(pinned: &mut Value, other: &Value) -> bool {
    match (pinned, other) {
        (pinned, other) if *pinned == *other => true,
        (Value::String(mark), _) if mark == ANY => true,
        (Value::Object(pinned), Value::Object(other)) => {
            let mut same = true;
            let missing: Vec<String> = other
                .keys()
                .filter(|k| !pinned.contains_key(*k))
                .cloned()
                .collect();
            for key in missing {
                pinned.insert(key, json!(ANY));
                same = false;
            }
            for (key, value) in pinned.iter_mut() {
                match other.get(key) {
                    Some(other) => same &= pin(value, other),
                    None if *value == json!(ANY) => {}
                    None => {
                        *value = json!(ANY);
                        same = false;
                    }
                }
            }
            same
        }
        (Value::Array(pinned), Value::Array(other)) if pinned.len() == other.len() => {
            let pairs = pinned.iter_mut().zip(other);
            pairs.fold(true, |same, (pinned, other)| pin(pinned, other) && same)
        }
        (pinned, _) => {
            *pinned = json!(ANY);
            false
        }
    }
}

/// Where a value differs from a pinned one.
fn differ(pinned: &Value, found: &Value, path: &mut String, fields: &mut Vec<Field>) {
    match (pinned, found) {
        (Value::String(mark), _) if mark == ANY => {}
        (pinned, found) if pinned == found => {}
        (Value::Object(pinned), Value::Object(found)) => {
            let extra = found.keys().filter(|key| !pinned.contains_key(*key));
            for key in pinned.keys().chain(extra) {
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
                let (pinned, found) = (pinned.get(key), found.get(key));
                match (pinned, found) {
                    (Some(Value::String(mark)), None) if mark == ANY => {}
                    (Some(pinned), Some(found)) => differ(pinned, found, path, fields),
                    (None, None) => {}
                    (pinned, found) => fields.push(Field {
                        path: path.clone(),
                        wanted: pinned.map(brief),
                        found: found.map(brief),
                    }),
                }
                path.truncate(length);
            }
        }
        (Value::Array(pinned), Value::Array(found)) if pinned.len() == found.len() => {
            for (index, (pinned, found)) in pinned.iter().zip(found).enumerate() {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                differ(pinned, found, path, fields);
                path.truncate(length);
            }
        }
        (pinned, found) => fields.push(Field {
            path: path.clone(),
            wanted: Some(brief(pinned)),
            found: Some(brief(found)),
        }),
    }
}

fn brief(value: &Value) -> String {
    let text = value.to_string().replace(ANY, "*");
    if text.chars().count() <= 60 {
        return text;
    }
    let start: String = text.chars().take(57).collect();
    format!("{start}...")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pinned: &Value, found: &Value) -> Vec<String> {
        let fields = differing("things", pinned, found);
        fields.iter().map(Field::line).collect()
    }

    #[test]
    fn differences_are_told_as_people_compare_texts() {
        let class = |resource: &str, key: &str| (resource.to_owned(), key.to_owned());
        let pinned = State::from([
            (
                class("configmaps", "default/a"),
                vec![json!({"data": {"x": 1, "y": 2}})],
            ),
            (class("configmaps", "default/b"), vec![json!({})]),
            (
                class("secrets", "default/s"),
                vec![json!({"data": {"key": "aGlk"}, "type": "a"})],
            ),
        ]);
        let state = State::from([
            (
                class("configmaps", "default/a"),
                vec![json!({"data": {"x": 1, "y": 3}})],
            ),
            (class("pods", "default/c-*"), vec![json!({}), json!({})]),
            (
                class("secrets", "default/s"),
                vec![json!({"data": {"key": "ZGVu"}, "type": "b"})],
            ),
        ]);
        assert_eq!(
            diff(&pinned, &state),
            " configmaps default/a\n-  data.y: 2\n+  data.y: 3\n configmaps default/b\n-  objects: 1\n+  objects: 0\n \
             secrets default/s\n-  data.key: <redacted>\n+  data.key: <redacted>\n-  type: \"a\"\n+  type: \"b\"\n \
             pods default/c-*\n-  objects: 0\n+  objects: 2"
        );
        let told = differences(&pinned, &state);
        assert!(
            told.iter()
                .all(|(_, line)| !line.contains("aGlk") && !line.contains("ZGVu")),
            "{told:?}"
        );
    }

    #[test]
    fn what_varies_is_not_compared() {
        let mut pinned = json!({"a": 1, "b": [1, 2], "c": {"d": 1}});
        assert!(!pin(
            &mut pinned,
            &json!({"a": 1, "b": [1, 3], "c": {"d": 1, "e": 2}})
        ));
        assert!(pin(
            &mut pinned,
            &json!({"a": 1, "b": [1, 4], "c": {"d": 1, "e": 3}})
        ));
        let found = json!({"a": 2, "b": [0, 9], "c": {"d": 1}});
        assert_eq!(
            lines(&pinned, &found),
            ["a is 2, and should be 1", "b[0] is 0, and should be 1"]
        );
    }

    #[test]
    fn what_is_missing_or_too_much_is_told_with_its_place() {
        let (pinned, found) = (json!({"a": {"b": 1}}), json!({"a": {"c": 1}}));
        assert_eq!(
            lines(&pinned, &found),
            [
                "a.b is missing, and should be 1",
                "a.c is 1, and should not be there"
            ]
        );
    }
}

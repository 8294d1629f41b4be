//! The attribute `fieldPath`: `.a.b` or `['a.b']`, below the schema that has the rule.

use serde_json::Value as Json;

/// What the path adds to the path of the value; `None` where the schema has no such field.
pub(super) fn resolve(path: &str, schema: &Json) -> Option<String> {
    let mut out = String::new();
    let (mut rest, mut at) = (path, schema);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let name;
        if let Some(behind) = rest.strip_prefix('.') {
            let end = behind.find(['.', '[']).unwrap_or(behind.len());
            name = behind[..end].to_owned();
            let mut letters = name.chars();
            let first = letters.next()?;
            let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if !(first.is_ascii_alphabetic() || first == '_') || !letters.all(good) {
                return None;
            }
            rest = &behind[end..];
        } else {
            let behind = rest.strip_prefix("['")?;
            (name, rest) = quoted(behind)?;
        }
        if let Some(field) = at["properties"].get(&name) {
            out.push('.');
            out.push_str(&name);
            at = field;
        } else if at["additionalProperties"].is_object() {
            out.push_str(&format!("[{name}]"));
            at = &at["additionalProperties"];
        } else {
            return None;
        }
    }
    Some(out)
}

/// A name up to its closing `']`, and what is behind; quotes and backslashes in it are escaped.
fn quoted(s: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut chars = s.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                escaped @ ('\'' | '\\') => name.push(escaped),
                _ => return None,
            },
            '\'' => return Some((name, s[i + 1..].strip_prefix(']')?)),
            c => name.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_through_fields_and_maps() {
        let schema = json!({"properties": {
            "a": {"properties": {"b": {}}}, "x.y": {}, "it's": {},
            "m": {"additionalProperties": {"properties": {"n": {}}}}, "l": {"items": {"properties": {"z": {}}}}}});
        for (path, out) in [
            (".a", Some(".a")),
            (".a.b", Some(".a.b")),
            ("['x.y']", Some(".x.y")),
            (r"['it\'s']", Some(".it's")),
            (".m['k'].n", Some(".m[k].n")),
            (".m.k", Some(".m[k]")),
            (".l", Some(".l")),
            (".l[0].z", None),
            (".nosuch", None),
            ("a", None),
            (".", None),
            (".a.", None),
            ("['a'", None),
            ("", None),
        ] {
            assert_eq!(resolve(path, &schema).as_deref(), out, "{path}");
        }
    }
}

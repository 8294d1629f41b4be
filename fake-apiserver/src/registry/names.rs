//! The rules for names, labels and annotations, and the words in which the server states them.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/>

use super::strategy::NameRule;

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const LABEL_RULE: &str = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const SUBDOMAIN_RULE: &str = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const LABEL_1035_RULE: &str = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const QUALIFIED_RULE: &str = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const VALUE_RULE: &str = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";

/// What is wrong with an object's name, by its kind's rule.
///
/// With `prefix` a dash at the end is fine: something will follow.
pub(crate) fn name(rule: NameRule, name: &str, prefix: bool) -> Vec<String> {
    let masked;
    let name = match (prefix, name.strip_suffix('-')) {
        (true, Some(start)) => {
            masked = format!("{start}a");
            &masked
        }
        _ => name,
    };
    match rule {
        NameRule::Subdomain => subdomain(name),
        NameRule::Label => label(name),
        NameRule::Label1035 => label_1035(name),
        NameRule::PathSegment => path_segment(name),
    }
}

/// What is wrong with an RFC 1123 subdomain.
pub(crate) fn subdomain(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    if !value.split('.').all(is_label) {
        errors.push(rule(SUBDOMAIN, SUBDOMAIN_RULE, &["example.com"]));
    }
    errors
}

/// What is wrong with an RFC 1123 label.
pub(crate) fn label(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push("must be no more than 63 characters".to_owned());
    }
    if !is_label(value) {
        errors.push(if value.split('.').all(is_label) {
            "must not contain dots".to_owned()
        } else {
            rule(LABEL, LABEL_RULE, &["my-name", "123-abc"])
        });
    }
    errors
}

/// What is wrong with an RFC 1035 label.
pub(crate) fn label_1035(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push("must be no more than 63 characters".to_owned());
    }
    if !(is_label(value) && value.starts_with(|c: char| c.is_ascii_lowercase())) {
        errors.push(rule(LABEL_1035, LABEL_1035_RULE, &["my-name", "abc-123"]));
    }
    errors
}

/// What is wrong with a segment of a path.
pub(crate) fn path_segment(value: &str) -> Vec<String> {
    match value {
        "." | ".." => vec![format!("may not be '{value}'")],
        _ => ["/", "%"]
            .into_iter()
            .filter(|c| value.contains(c))
            .map(|c| format!("may not contain '{c}'"))
            .collect(),
    }
}

/// What is wrong with a label key, an annotation key or a finalizer.
pub(crate) fn qualified_name(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let name = match value.split('/').collect::<Vec<_>>().as_slice() {
        [name] => *name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else {
                let wrong = subdomain(prefix).into_iter();
                // Keys are measured in bytes, names in characters; the numbers are the same.
                errors.extend(
                    wrong.map(|e| format!("prefix part {}", e.replace("253 characters", "253 bytes"))),
                );
            }
            *name
        }
        _ => {
            let key = rule(
                &format!("a valid label key {QUALIFIED}"),
                QUALIFIED_RULE,
                &["MyName", "my.name", "123-abc"],
            );
            return vec![format!(
                "{key} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            )];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 bytes".to_owned());
    }
    if !is_qualified(name) {
        errors.push(format!(
            "name part {}",
            rule(QUALIFIED, QUALIFIED_RULE, &["MyName", "my.name", "123-abc"])
        ));
    }
    errors
}

/// What is wrong with a label's value.
pub(crate) fn label_value(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 63 {
        errors.push("must be no more than 63 bytes".to_owned());
    }
    if !value.is_empty() && !is_qualified(value) {
        errors.push(rule(VALUE, VALUE_RULE, &["MyValue", "my_value", "12345"]));
    }
    errors
}

/// What is wrong with a key of a ConfigMap or Secret.
pub(crate) fn config_key(value: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if value.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if value.is_empty() || !value.bytes().all(good) {
        errors.push(rule(
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
            "[-._a-zA-Z0-9]+",
            &["key.name", "KEY_NAME", "key-name"],
        ));
    } else if matches!(value, "." | "..") {
        errors.push(format!("must not be '{value}'"));
    } else if value.starts_with("..") {
        errors.push("must not start with '..'".to_owned());
    }
    errors
}

fn is_label(value: &str) -> bool {
    let bytes = value.as_bytes();
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    bytes.iter().all(inner)
        && !matches!(
            (bytes.first(), bytes.last()),
            (None, _) | (Some(b'-'), _) | (_, Some(b'-'))
        )
}

fn is_qualified(value: &str) -> bool {
    let bytes = value.as_bytes();
    let inner = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    bytes.iter().all(inner) && edge(bytes.first()) && edge(bytes.last())
}

fn rule(words: &str, regex: &str, examples: &[&str]) -> String {
    let examples: Vec<String> = examples.iter().map(|e| format!("'{e}', ")).collect();
    format!(
        "{words} (e.g. {}regex used for validation is '{regex}')",
        examples.join(" or ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_names_pass() {
        assert!(subdomain("a-b.c0").is_empty());
        assert!(label("a-b").is_empty());
        assert!(qualified_name("example.com/My_Name").is_empty());
        assert!(label_value("").is_empty());
        assert!(name(NameRule::Label, "web-", true).is_empty());
        assert!(path_segment("system:x").is_empty());
    }

    #[test]
    fn bad_names_are_refused_in_the_servers_words() {
        assert_eq!(
            subdomain("UPPER"),
            [
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and \
                 must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
                 '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
            ]
        );
        assert_eq!(
            qualified_name("a b"),
            [
                "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
                 alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
                 '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
            ]
        );
        assert_eq!(qualified_name("/a"), ["prefix part must be non-empty"]);
        assert_eq!(path_segment("a/b"), ["may not contain '/'"]);
    }
}

//! Who stands in the way of an apply.

use crate::core::response::StatusCause;

/// A field that an apply wants and another manager owns.
///
/// # Source
///
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApplyConflict {
    /// Who owns the field.
    pub manager: String,
    /// The subresource through which it was written last; empty for the object itself.
    pub subresource: String,
    /// The version of the API in which it was written; empty if the server does not say.
    pub api_version: String,
    /// The field, as the server writes it: `.spec.template.spec.containers[name="app"].image`.
    pub field: String,
}

impl ApplyConflict {
    /// A server words it as `conflict with "MANAGER" with subresource "status" using apps/v1 at 2026-01-01T00:00:00Z`,
    /// where all but the manager may be missing.
    pub(super) fn of(cause: &StatusCause) -> Option<Self> {
        if cause.reason != "FieldManagerConflict" {
            return None;
        }
        let (manager, rest) = quoted_after(&cause.message, "conflict with ").unwrap_or_default();
        let (subresource, rest) = quoted_after(rest, " with subresource ").unwrap_or(("".to_owned(), rest));
        let version = rest
            .strip_prefix(" using ")
            .and_then(|rest| rest.split(' ').next());
        Some(Self {
            manager,
            subresource,
            api_version: version.unwrap_or_default().to_owned(),
            field: cause.field.clone(),
        })
    }
}

/// The quoted text after some words, unescaped, and what follows it.
fn quoted_after<'a>(text: &'a str, words: &str) -> Option<(String, &'a str)> {
    let quoted = text.strip_prefix(words)?;
    // Go quotes what a manager is called much as JSON does.
    let mut texts = serde_json::Deserializer::from_str(quoted).into_iter::<String>();
    let found = texts.next()?.ok()?;
    Some((found, &quoted[texts.byte_offset()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, manager: &str, subresource: &str, api_version: &str) {
        let cause = StatusCause {
            reason: "FieldManagerConflict".to_owned(),
            message: message.to_owned(),
            field: ".spec.replicas".to_owned(),
        };
        let expect = ApplyConflict {
            manager: manager.to_owned(),
            subresource: subresource.to_owned(),
            api_version: api_version.to_owned(),
            field: ".spec.replicas".to_owned(),
        };
        assert_eq!(ApplyConflict::of(&cause), Some(expect));
    }

    #[test]
    fn the_words_of_the_server_are_taken_apart() {
        check(
            r#"conflict with "kubectl" using apps/v1"#,
            "kubectl",
            "",
            "apps/v1",
        );
        check(
            r#"conflict with "a \"b\"" with subresource "scale" using apps/v1 at 2026-01-01T00:00:00Z"#,
            r#"a "b""#,
            "scale",
            "apps/v1",
        );
        check(r#"conflict with "kubectl""#, "kubectl", "", "");
        check("other words", "", "", "");
        assert_eq!(ApplyConflict::of(&StatusCause::default()), None);
    }
}

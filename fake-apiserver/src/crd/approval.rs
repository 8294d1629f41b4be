//! Groups of the Kubernetes community, in which a definition needs somebody's approval.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/labels-annotations-taints/#api-approved-kubernetes-io>

use serde_json::Value;

use super::definition::{set_condition, text};
use crate::status::{FieldError, go_quote};

const ANNOTATION: &str = "api-approved.kubernetes.io";

const SEE: &str = "see https://github.com/kubernetes/enhancements/pull/1111";

/// What a definition says of its approval.
#[derive(Debug, PartialEq, Eq)]
enum Approval<'a> {
    Missing,
    /// It is neither a URL nor a reason to do without.
    Invalid(&'a str),
    Approved(&'a str),
    Unapproved(&'a str),
}

/// What is wrong with the approval of a definition; an update is not asked for what the old one lacked too.
pub(super) fn validate(crd: &Value, old: Option<&Value>) -> Vec<FieldError> {
    let Some(approval) = approval(crd) else {
        return Vec::new();
    };
    if let Some(old) = old.and_then(self::approval)
        && std::mem::discriminant(&old) == std::mem::discriminant(&approval)
    {
        return Vec::new();
    }
    let field = format!("metadata.annotations[{ANNOTATION}]");
    match approval {
        Approval::Missing => vec![FieldError::required(field, missing())],
        Approval::Invalid(value) => vec![FieldError::invalid(field, value, invalid())],
        Approval::Approved(_) | Approval::Unapproved(_) => Vec::new(),
    }
}

/// Tells the approval in the definition's conditions.
pub(super) fn set(crd: &mut Value, now: &str) {
    let condition = match approval(crd) {
        None => return,
        Some(Approval::Missing) => ("False", "MissingAnnotation", missing()),
        Some(Approval::Invalid(_)) => ("False", "InvalidAnnotation", invalid()),
        Some(Approval::Approved(by)) => ("True", "ApprovedAnnotation", format!("approved in {by}")),
        Some(Approval::Unapproved(why)) => (
            "False",
            "UnapprovedAnnotation",
            format!("not approved: {}", go_quote(why)),
        ),
    };
    let (status, reason, message) = condition;
    set_condition(
        crd,
        "KubernetesAPIApprovalPolicyConformant",
        status,
        reason,
        &message,
        now,
    );
}

fn missing() -> String {
    format!(
        "protected groups must have approval annotation {}, {SEE}",
        go_quote(ANNOTATION)
    )
}

fn invalid() -> String {
    format!(
        "protected groups must have approval annotation {} with either a URL or a reason starting with \"unapproved\", {SEE}",
        go_quote(ANNOTATION)
    )
}

/// The approval; `None` where the group needs none.
fn approval(crd: &Value) -> Option<Approval<'_>> {
    let group = text(&crd["spec"]["group"]);
    let community = |domain: &str| {
        group
            .strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if !community("k8s.io") && !community("kubernetes.io") {
        return None;
    }
    Some(match text(&crd["metadata"]["annotations"][ANNOTATION]) {
        "" => Approval::Missing,
        why if why.starts_with("unapproved") => Approval::Unapproved(why),
        url if is_url(url) => Approval::Approved(url),
        other => Approval::Invalid(other),
    })
}

/// Whether a text is a URL with a scheme and a host.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    scheme_ok && !host.is_empty() && !host.contains(' ')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn crd(group: &str, annotation: Option<&str>) -> Value {
        let mut crd = json!({"metadata": {"name": "things"}, "spec": {"group": group}});
        if let Some(text) = annotation {
            crd["metadata"]["annotations"] = json!({ANNOTATION: text});
        }
        crd
    }

    #[track_caller]
    fn check(group: &str, annotation: Option<&str>, expect: &str) {
        let errors = validate(&crd(group, annotation), None);
        let told = errors.first().map(ToString::to_string).unwrap_or_default();
        assert!(
            told.contains(expect) && told.is_empty() == expect.is_empty(),
            "{told}"
        );
    }

    #[test]
    fn community_groups_need_a_url_or_an_excuse() {
        check("example.com", None, "");
        check("notk8s.io", None, "");
        check("apps.k8s.io", None, "Required value: protected groups must have");
        check("k8s.io", Some("because"), "with either a URL or a reason");
        check(
            "x.kubernetes.io",
            Some("https://github.com/kubernetes/kubernetes/pull/1"),
            "",
        );
        check("x.kubernetes.io", Some("unapproved, experimental"), "");
    }

    #[test]
    fn an_update_may_lack_what_the_old_lacked() {
        let bare = crd("apps.k8s.io", None);
        assert_eq!(validate(&bare, Some(&bare)), []);
        let approved = crd("apps.k8s.io", Some("https://example.com/1"));
        assert_eq!(validate(&bare, Some(&approved)).len(), 1);
    }

    #[test]
    fn the_condition_says_who_approved() {
        let mut crd = crd("apps.k8s.io", Some("https://example.com/1"));
        set(&mut crd, "2024-01-02T03:04:05Z");
        let condition = &crd["status"]["conditions"][0];
        assert_eq!(condition["status"], "True");
        assert_eq!(condition["message"], "approved in https://example.com/1");
    }
}

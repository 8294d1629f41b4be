//! ControllerRevisions: what a workload was, which never changes.
//!
//! The real server compares the bytes of the data, so that a write which only prints them in another way is refused there and
//! taken here.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/>

use super::check::Check;
use super::fields::{Fields, has, int};
use crate::registry::{Context, strategy::Strategy};
use crate::status::FieldError;

/// The rules for ControllerRevisions.
#[derive(Debug)]
pub(super) struct ControllerRevision;

impl Strategy for ControllerRevision {
    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        validate(object).done()
    }

    fn validate_update(&self, _: &mut Context<'_>, object: &Fields, old: &Fields) -> Vec<FieldError> {
        let mut check = validate(object);
        if object.get("data") != old.get("data") {
            let data = object.get("data").cloned().unwrap_or_default();
            check.invalid("data", data, "field is immutable");
        }
        check.done()
    }
}

fn validate(object: &Fields) -> Check {
    let mut check = Check::default();
    if !has(object, "data") {
        check.required("data", "data is mandatory");
    }
    if let Some(revision) = int(object, "revision").filter(|revision| *revision < 0) {
        check.invalid("revision", revision, "must be greater than or equal to 0");
    }
    check
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_is_needed_and_revisions_count_up() {
        let told = |object: serde_json::Value| {
            let errors = validate(object.as_object().expect("an object")).done();
            errors.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(told(json!({"data": {}, "revision": 0})).is_empty());
        assert_eq!(
            told(json!({"data": null, "revision": -1})),
            [
                "data: Required value: data is mandatory",
                "revision: Invalid value: -1: must be greater than or equal to 0"
            ]
        );
    }
}

//! PodTemplate: a template by itself.

use super::{
    check::{Check, part},
    fields::{Fields, child},
    pod_spec::default_template,
    pod_validation, pod_warnings,
};
use crate::registry::{Context, strategy::Strategy};
use crate::status::FieldError;

/// The rules for PodTemplates.
#[derive(Debug)]
pub(super) struct PodTemplate;

impl Strategy for PodTemplate {
    fn default(&self, object: &mut Fields) {
        if let Some(template) = child(object, "template") {
            default_template(template);
        }
    }

    fn validate_create(&self, _: &mut Context<'_>, object: &Fields) -> Vec<FieldError> {
        let mut check = Check::default();
        pod_validation::template(&mut check, part(object, "template"), "template");
        check.done()
    }

    fn validate_update(&self, cx: &mut Context<'_>, object: &Fields, _: &Fields) -> Vec<FieldError> {
        self.validate_create(cx, object)
    }

    fn warnings(&self, object: &Fields, old: Option<&Fields>) -> Vec<String> {
        pod_warnings::of_template(object, old, &["template"])
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

//! PodTemplate: a template by itself.

use super::{
    fields::{Fields, child},
    pod_spec::default_template,
};
use crate::registry::strategy::Strategy;

/// The rules for PodTemplates.
#[derive(Debug)]
pub(super) struct PodTemplate;

impl Strategy for PodTemplate {
    fn default(&self, object: &mut Fields) {
        if let Some(template) = child(object, "template") {
            default_template(template);
        }
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn returns_deleted(&self) -> bool {
        true
    }
}

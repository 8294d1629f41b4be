//! CustomResourceDefinition: the seam to [`crate::crd`].

use serde_json::{Map, Value};

use crate::crd::{definition, validation};
use crate::registry::Context;
use crate::registry::strategy::{NameRule, Strategy, generation, set_generation};
use crate::status::FieldError;

/// The rules for definitions.
#[derive(Debug)]
pub(super) struct Definition;

impl Strategy for Definition {
    fn default(&self, object: &mut Map<String, Value>) {
        as_value(object, definition::default);
    }

    fn prepare_create(&self, _cx: &mut Context<'_>, object: &mut Map<String, Value>) {
        as_value(object, definition::prepare_create);
        set_generation(object, 1);
    }

    fn validate_create(&self, _cx: &mut Context<'_>, object: &Map<String, Value>) -> Vec<FieldError> {
        validation::create(&Value::Object(object.clone()))
    }

    fn prepare_update(
        &self,
        _cx: &mut Context<'_>,
        object: &mut Map<String, Value>,
        old: &Map<String, Value>,
    ) {
        let before = Value::Object(old.clone());
        as_value(object, |crd| definition::prepare_update(crd, &before));
        if object.get("spec") != old.get("spec") {
            set_generation(object, generation(old) + 1);
        }
    }

    fn validate_update(
        &self,
        _cx: &mut Context<'_>,
        object: &Map<String, Value>,
        old: &Map<String, Value>,
    ) -> Vec<FieldError> {
        validation::update(&Value::Object(object.clone()), &Value::Object(old.clone()))
    }

    fn warnings(&self, object: &Map<String, Value>, _old: Option<&Map<String, Value>>) -> Vec<String> {
        definition::warnings(&Value::Object(object.clone()))
    }

    fn name_rule(&self) -> NameRule {
        // That it is made of the plural and the group is all that is asked beyond what a path needs.
        NameRule::PathSegment
    }

    fn has_generation(&self) -> bool {
        true
    }

    fn allows_unconditional_update(&self) -> bool {
        false
    }
}

fn as_value(object: &mut Map<String, Value>, work: impl FnOnce(&mut Value)) {
    let mut value = Value::Object(std::mem::take(object));
    work(&mut value);
    if let Value::Object(fields) = value {
        *object = fields;
    }
}

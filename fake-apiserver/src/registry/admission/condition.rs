//! Expressions about an attempt: the variables that they may use, and conditions that all have to hold.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions>

use std::sync::{Arc, LazyLock};

use seatrial_cel::{Attributes, Authorizer, Decision, Input, Program, Subject, Variables};
use serde_json::{Value, json};

use super::Context;
use super::attempt::Attempt;
use crate::auth::{self, UserInfo, authorize};
use crate::registry::Resource;
use crate::registry::kinds::fields::{Fields, text};
use crate::storage::Store;

/// What one condition may cost.
const COST_MAX: u64 = 1_000_000;
/// So many compiled conditions are kept.
const KEPT_MAX: usize = 1000;

/// Compiled conditions by their text.
pub(crate) type Programs = imbl::OrdMap<Arc<str>, Arc<Program>>;

/// What became of conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All hold.
    Holds,
    /// One does not.
    Fails,
    /// None is known not to hold, and one cannot be computed.
    Broken(String),
}

/// What conditions are about.
#[derive(Debug)]
pub(super) struct Conditions {
    object: Value,
    old: Value,
    request: Value,
    asked: Arc<Access>,
    attributes: Box<Attributes>,
}

/// The access rules as they are, for whoever made the request.
#[derive(Debug)]
struct Access {
    store: Store,
    user: Arc<UserInfo>,
}

impl Authorizer for Access {
    fn check(&self, subject: &Subject, asked: &Attributes) -> Decision {
        let account;
        let user = match subject {
            Subject::ServiceAccount { namespace, name } => {
                account = UserInfo::service_account(namespace, name);
                &account
            }
            _ => &*self.user,
        };
        let attributes = auth::Attributes {
            verb: asked.verb.clone(),
            group: asked.group.clone(),
            resource: asked.resource.clone(),
            subresource: asked.subresource.clone(),
            namespace: asked.namespace.clone(),
            name: asked.name.clone(),
            path: (!asked.path.is_empty()).then(|| asked.path.clone()),
        };
        match authorize(&self.store, user, &attributes) {
            auth::Decision::Allowed(reason) => Decision::new(true, reason),
            auth::Decision::NoOpinion(reason) => Decision::new(false, reason),
        }
    }
}

/// The variables of conditions.
pub(in crate::registry) fn variables() -> Variables {
    Variables::new()
        .json("object")
        .json("oldObject")
        .object("request", "kubernetes.AdmissionRequest", &REQUEST)
        .authorizer("authorizer")
        .resource_check("authorizer.requestResource")
}

/// The type of `request`.
pub(super) static REQUEST: LazyLock<Value> = LazyLock::new(|| {
    let text = json!({"type": "string"});
    let kind = json!({"type": "object", "properties": {"group": text, "version": text, "kind": text}});
    let resource =
        json!({"type": "object", "properties": {"group": text, "version": text, "resource": text}});
    let texts = json!({"type": "array", "items": text});
    json!({"type": "object", "properties": {
        "kind": kind,
        "resource": resource,
        "subResource": text,
        "requestKind": kind,
        "requestResource": resource,
        "requestSubResource": text,
        "name": text,
        "namespace": text,
        "operation": text,
        "userInfo": {"type": "object", "properties": {
            "username": text,
            "uid": text,
            "groups": texts,
            "extra": {"type": "object", "additionalProperties": texts},
        }},
        "dryRun": {"type": "boolean"},
        "options": {"x-kubernetes-int-or-string": true},
    }})
});

// === impl Conditions ===

impl Conditions {
    /// Conditions about an attempt, whose objects are seen in the version of `target`.
    pub(super) fn new(cx: &Context<'_>, attempt: &Attempt, seen: &Attempt, target: &Resource) -> Self {
        let name = if attempt.named {
            cx.name.clone()
        } else {
            String::new()
        };
        let attributes = Attributes::of_resource(
            (&cx.resource.group, &cx.resource.plural, &cx.subresource),
            (Attempt::namespace(cx), &name),
        );
        let mut request = attempt.request(cx, target, seen);
        // Texts of the type are there even where they are empty.
        for field in ["subResource", "requestSubResource", "name", "namespace"] {
            request.entry(field).or_insert_with(|| "".into());
        }
        Self {
            object: json!(seen.object),
            old: json!(seen.old),
            request: Value::Object(request),
            asked: Arc::new(Access {
                store: cx.core.store.clone(),
                user: cx.user.clone(),
            }),
            attributes: Box::new(attributes),
        }
    }

    /// The values of [`variables`].
    pub(super) fn inputs(&self) -> [Input<'_>; 5] {
        [
            Input::Json(&self.object),
            Input::Json(&self.old),
            Input::Json(&self.request),
            Input::Authorizer(self.asked.clone()),
            Input::ResourceCheck(self.asked.clone(), self.attributes.clone()),
        ]
    }

    /// Whether all conditions hold.
    pub(super) fn judge<'f>(
        &self,
        cx: &mut Context<'_>,
        conditions: impl Iterator<Item = &'f Fields>,
    ) -> Outcome {
        let inputs = self.inputs();
        judge(conditions.map(|condition| {
            let expression = text(condition, "expression");
            let value = program(cx, expression).and_then(|program| run(Ok(&program), &inputs));
            (expression, value)
        }))
    }
}

/// What a condition comes to.
pub(super) fn run(program: Result<&Program, &String>, inputs: &[Input<'_>]) -> Result<Option<bool>, String> {
    let answer = program.map_err(String::clone)?.run_within(inputs, COST_MAX);
    answer.map(|a| a.as_bool()).map_err(|failure| failure.to_string())
}

/// Whether all conditions hold, each with its expression; one that does not is enough, whatever the others come to.
pub(super) fn judge<'f>(
    conditions: impl Iterator<Item = (&'f str, Result<Option<bool>, String>)>,
) -> Outcome {
    let mut broken = None;
    for (expression, value) in conditions {
        match value {
            Ok(Some(false)) => return Outcome::Fails,
            Ok(_) => {}
            Err(why) => {
                broken.get_or_insert_with(|| failed(expression, &why));
            }
        }
    }
    broken.map_or(Outcome::Holds, Outcome::Broken)
}

/// What is said of an expression that has no value.
pub(super) fn failed(expression: &str, why: &str) -> String {
    format!("expression '{expression}' resulted in error: {why}")
}

/// A condition, compiled.
fn program(cx: &mut Context<'_>, expression: &str) -> Result<Arc<Program>, String> {
    if let Some(known) = cx.core.programs.get(expression) {
        return Ok(known.clone());
    }
    let program = Program::compile(expression, &variables()).map_err(|issues| issues.to_string())?;
    let program = Arc::new(program);
    if cx.core.programs.len() >= KEPT_MAX {
        cx.core.programs.clear();
    }
    cx.core.programs.insert(expression.into(), program.clone());
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_has_a_type() {
        let vars = variables();
        let good =
            "request.operation == 'CREATE' && request.userInfo.groups.exists(g, g == 'x') && request.dryRun";
        assert!(Program::compile(good, &vars).is_ok());
        assert!(Program::compile("request.options.fieldManager == 'x'", &vars).is_ok());
        assert!(Program::compile("request.namespace == 'x'", &vars).is_ok());
        assert!(Program::compile("authorizer.requestResource.check('get').allowed()", &vars).is_ok());
        let wrong = Program::compile("request.nosuch == 'x'", &vars).expect_err("no such field");
        assert!(wrong.to_string().contains("undefined field 'nosuch'"), "{wrong}");
    }
}

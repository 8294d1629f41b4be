//! Validating admission policies: expressions that an object has to satisfy where a binding says so.
//!
//! What is only audited is not seen: nobody here keeps an audit log.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>,
//! [KEP-3488](https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/3488-cel-admission-control)

use std::sync::{Arc, LazyLock};

use seatrial_cel::{Activation, Input, Program, RunError, Variables};
use serde_json::{Value, json};

use super::attempt::{Attempt, typed};
use super::condition::{self, Conditions, Outcome, REQUEST, failed};
use super::{Context, is, matching};
use crate::registry::kinds::check::{items, object, part, strings};
use crate::registry::kinds::fields::{Fields, has, text};
use crate::registry::selector::LabelSelector;
use crate::registry::{Resource, meta, namespace};
use crate::status::{Cause, Result, StatusError, qualified};
use crate::storage::Stored;

pub(in crate::registry) const POLICIES: &str = "validatingadmissionpolicies.admissionregistration.k8s.io";
const BINDINGS: &str = "validatingadmissionpolicybindings.admissionregistration.k8s.io";

/// What all expressions of a policy may cost together.
const COST_MAX: u64 = 10_000_000;
/// The longest message that an expression may make, in bytes.
const MESSAGE_MAX: usize = 5 * 1024;

/// Compiled policies by name, each with the object that it was compiled from.
pub(crate) type Policies = imbl::OrdMap<Arc<str>, (Arc<Stored>, Arc<Policy>)>;

/// A compiled policy.
#[derive(Debug)]
pub(crate) struct Policy {
    vars: Variables,
    with_params: bool,
    /// Each with its program, or why there is none.
    conditions: Vec<(String, Result<Program, String>)>,
    variables: Vec<(String, Program)>,
    validations: Vec<Validation>,
}

#[derive(Debug)]
struct Validation {
    expression: String,
    /// The program, or why there is none.
    program: Result<Program, String>,
    message: String,
    composed: Option<Program>,
    reason: String,
}

/// An object that does not pass.
struct Violation {
    message: String,
    reason: String,
}

/// The variables of a policy's expressions, before those that it names itself.
pub(in crate::registry) fn variables(params: bool, authorizer: bool) -> Variables {
    let mut vars = Variables::new().json("object").json("oldObject").object(
        "request",
        "kubernetes.AdmissionRequest",
        &REQUEST,
    );
    if authorizer {
        vars = vars
            .authorizer("authorizer")
            .resource_check("authorizer.requestResource");
    }
    vars = vars.object("namespaceObject", "kubernetes.Namespace", &NAMESPACE);
    if params { vars.json("params") } else { vars }
}

/// The type of `namespaceObject`.
static NAMESPACE: LazyLock<Value> = LazyLock::new(|| {
    let text = json!({"type": "string"});
    let time = json!({"type": "string", "format": "date-time"});
    let number = json!({"type": "integer"});
    let texts = json!({"type": "array", "items": text});
    let map = json!({"type": "object", "additionalProperties": text});
    json!({"type": "object", "properties": {
        "metadata": {"type": "object", "properties": {
            "name": text, "generateName": text, "namespace": text, "labels": map, "annotations": map, "uid": text,
            "creationTimestamp": time, "deletionGracePeriodSeconds": number, "deletionTimestamp": time,
            "generation": number, "resourceVersion": text, "finalizers": texts,
        }},
        "spec": {"type": "object", "properties": {"finalizers": texts}},
        "status": {"type": "object", "properties": {"phase": text}},
    }})
});

/// Lets policies refuse an attempt.
pub(super) fn validate(cx: &mut Context<'_>, attempt: &Attempt) -> Result<()> {
    let bindings = cx.core.store.live(BINDINGS);
    let policies = cx.core.store.live(POLICIES);
    let mut refused = None;
    for (name, stored) in policies.iter() {
        let fields = stored.value().as_object().unwrap_or(meta::empty());
        let spec = part(fields, "spec");
        let target = matching::matches(
            cx,
            attempt,
            part(spec, "matchConstraints"),
            ("resourceRules", false),
        )?;
        let Some(target) = target else { continue };
        let mut about = None;
        for (binding, bound) in bindings.iter() {
            let bound = part(bound.value().as_object().unwrap_or(meta::empty()), "spec");
            if text(bound, "policyName") != &**name {
                continue;
            }
            if let Some(resources) = object(bound, "matchResources")
                && matching::matches(cx, attempt, resources, ("resourceRules", true))?.is_none()
            {
                continue;
            }
            let about = match &about {
                Some(about) => about,
                None => about.insert(Subject::new(cx, attempt, &target)?),
            };
            let violations = match params(cx, spec, bound) {
                Ok(params) => about.judge(cx, (name, stored, spec), &params),
                Err(_) if text(spec, "failurePolicy") == "Ignore" => continue,
                Err(why) => {
                    let message = format!("failed to configure binding: {why}");
                    let violation = Violation {
                        message,
                        reason: String::new(),
                    };
                    let refusal = refusal(cx, (name, binding), &violation);
                    refused.get_or_insert(refusal);
                    continue;
                }
            };
            let actions = strings(bound, "validationActions");
            for violation in violations {
                if actions.contains(&"Warn") {
                    cx.warn(format!(
                        "Validation failed for ValidatingAdmissionPolicy '{name}' with binding '{binding}': {}",
                        violation.message
                    ));
                }
                if actions.contains(&"Deny") {
                    let refusal = refusal(cx, (name, binding), &violation);
                    refused.get_or_insert(refusal);
                }
            }
        }
    }
    refused.map_or(Ok(()), Err)
}

fn refusal(cx: &Context<'_>, (policy, binding): (&str, &str), violation: &Violation) -> StatusError {
    let message = format!(
        "ValidatingAdmissionPolicy '{policy}' with binding '{binding}' denied request: {}",
        violation.message
    );
    let (code, reason) = match violation.reason.as_str() {
        "Forbidden" => (403, "Forbidden"),
        "Unauthorized" => (401, "Unauthorized"),
        "RequestEntityTooLarge" => (413, "RequestEntityTooLarge"),
        _ => (422, "Invalid"),
    };
    let (group, plural) = (&cx.resource.group, &cx.resource.plural);
    let whole = format!(
        "{} {} is forbidden: {message}",
        qualified(group, plural),
        crate::status::go_quote(&cx.name)
    );
    StatusError::new(code, reason, whole).details(crate::status::Details {
        name: cx.name.clone(),
        group: group.to_string(),
        kind: plural.to_string(),
        causes: vec![Cause {
            message,
            ..Cause::default()
        }],
        ..crate::status::Details::default()
    })
}

/// What policies look at, in the version of their rules.
struct Subject {
    conditions: Conditions,
    namespace: Value,
}

// === impl Subject ===

impl Subject {
    fn new(cx: &Context<'_>, attempt: &Attempt, target: &Arc<Resource>) -> Result<Self> {
        let seen = attempt.seen_as(cx, target)?;
        let namespace = if is(cx, "", "namespaces") || cx.namespace.is_empty() {
            None
        } else {
            namespace::find(cx, &cx.namespace)
        };
        let namespace = namespace.map_or(Value::Null, |stored| {
            let mut object = stored.object();
            object["metadata"]["resourceVersion"] = stored.revision().to_string().into();
            object
        });
        Ok(Self {
            conditions: Conditions::new(cx, attempt, &seen, target),
            namespace,
        })
    }

    /// What a policy objects to, with each of the params.
    fn judge(
        &self,
        cx: &mut Context<'_>,
        (name, stored, spec): (&Arc<str>, &Arc<Stored>, &Fields),
        params: &[Value],
    ) -> Vec<Violation> {
        let ignores = text(spec, "failurePolicy") == "Ignore";
        let policy = compiled(cx, name, stored, spec);
        let mut out = Vec::new();
        for param in params {
            let inputs = self.inputs(policy.with_params.then_some(param));
            let conditions = policy.conditions.iter();
            let judged = conditions
                .map(|(expression, program)| (&**expression, condition::run(program.as_ref(), &inputs)));
            match condition::judge(judged) {
                Outcome::Holds => {}
                Outcome::Fails => continue,
                Outcome::Broken(_) if ignores => continue,
                Outcome::Broken(message) => {
                    out.push(Violation {
                        message,
                        reason: String::new(),
                    });
                    continue;
                }
            }
            out.extend(policy.violations(&inputs, ignores));
        }
        out
    }

    /// The values of [`variables`].
    fn inputs<'a>(&'a self, params: Option<&'a Value>) -> Vec<Input<'a>> {
        let mut inputs = self.conditions.inputs().to_vec();
        inputs.push(Input::Json(&self.namespace));
        inputs.extend(params.map(Input::Json));
        inputs
    }
}

/// A policy, compiled anew where it has changed.
fn compiled(cx: &mut Context<'_>, name: &Arc<str>, stored: &Arc<Stored>, spec: &Fields) -> Arc<Policy> {
    if let Some((from, policy)) = cx.core.policies.get(name)
        && Arc::ptr_eq(from, stored)
    {
        return policy.clone();
    }
    let policy = Arc::new(Policy::new(spec));
    cx.core
        .policies
        .insert(name.clone(), (stored.clone(), policy.clone()));
    policy
}

// === impl Policy ===

impl Policy {
    fn new(spec: &Fields) -> Self {
        let with_params = has(spec, "paramKind");
        let base = variables(with_params, true);
        let conditions = items(spec, "matchConditions").map(|condition| {
            let expression = text(condition, "expression");
            let program = Program::compile(expression, &base).map_err(|issues| issues.to_string());
            (expression.to_owned(), program)
        });
        let conditions = conditions.collect();
        let mut vars = base.composing();
        let mut variables = Vec::new();
        for variable in items(spec, "variables") {
            // What does not compile was refused with the policy; whoever uses it will say so.
            if let Ok(program) = Program::compile(text(variable, "expression"), &vars) {
                vars = vars.expression(text(variable, "name"), &program);
                variables.push((text(variable, "name").to_owned(), program));
            }
        }
        let compile = |source: &str| Program::compile(source, &vars);
        let validations = items(spec, "validations").map(|validation| {
            let expression = text(validation, "expression");
            let composed = text(validation, "messageExpression");
            let message = match text(validation, "message").trim() {
                "" => format!("failed expression: {}", expression.trim()),
                message => message.to_owned(),
            };
            Validation {
                expression: expression.to_owned(),
                program: compile(expression).map_err(|issues| issues.to_string()),
                message,
                composed: (!composed.is_empty()).then(|| compile(composed).ok()).flatten(),
                reason: text(validation, "reason").to_owned(),
            }
        });
        Self {
            validations: validations.collect(),
            conditions,
            with_params,
            variables,
            vars,
        }
    }

    /// What the policy objects to; whether that expressions fail counts as nothing.
    fn violations(&self, inputs: &[Input<'_>], ignores_failures: bool) -> Vec<Violation> {
        let mut out = Vec::new();
        let mut values = match Activation::new(&self.vars, inputs, COST_MAX) {
            Ok(values) => values,
            Err(why) => {
                return vec![Violation {
                    message: why.to_string(),
                    reason: String::new(),
                }];
            }
        };
        for (name, program) in &self.variables {
            values.define(name, program);
        }
        for validation in &self.validations {
            let outcome = match &validation.program {
                Ok(program) => values.run(program).map_err(|why| match why {
                    RunError::Failed(failure) => failed(&validation.expression, failure.message()),
                    other => other.to_string(),
                }),
                Err(why) => Err(format!("compilation error: {why}")),
            };
            match outcome {
                Ok(answer) if answer.as_bool() == Some(true) => {}
                Ok(_) => out.push(Violation {
                    message: validation.told(&mut values),
                    reason: validation.reason.clone(),
                }),
                Err(_) if ignores_failures => {}
                Err(message) => out.push(Violation {
                    message,
                    reason: String::new(),
                }),
            }
        }
        out
    }
}

// === impl Validation ===

impl Validation {
    /// What is said of an object that does not pass.
    fn told<'a>(&'a self, values: &mut Activation<'a>) -> String {
        let composed = self
            .composed
            .as_ref()
            .and_then(|program| values.run(program).ok());
        let composed = composed
            .as_ref()
            .and_then(|answer| answer.as_str())
            .map(str::trim);
        let usable =
            |message: &&str| !message.is_empty() && message.len() <= MESSAGE_MAX && !message.contains('\n');
        composed.filter(usable).unwrap_or(&self.message).to_owned()
    }
}

/// The objects that parametrise a policy for a binding; one null where it has none.
fn params(cx: &Context<'_>, policy: &Fields, binding: &Fields) -> Result<Vec<Value>, String> {
    let (Some(kind), Some(reference)) = (object(policy, "paramKind"), object(binding, "paramRef")) else {
        return Ok(vec![Value::Null]);
    };
    let (version, kind) = (text(kind, "apiVersion"), text(kind, "kind"));
    let mut served = cx.core.catalog.iter();
    let Some(resource) = served.find(|r| *r.api_version == *version && &*r.kind == kind) else {
        let slash = if version.contains('/') { "" } else { "/" };
        return Err(format!(
            "failed to find resource referenced by paramKind: '{slash}{version}, Kind={kind}'"
        ));
    };
    let given = text(reference, "namespace");
    let namespace = match (resource.namespaced, given) {
        (true, "") if cx.namespace.is_empty() => {
            return Err(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                    .into(),
            );
        }
        (true, "") => &*cx.namespace,
        (false, given) if !given.is_empty() => {
            return Err("paramRef.namespace must not be provided for a cluster-scoped `paramKind`".into());
        }
        (_, given) => given,
    };
    let view = |stored: &Arc<Stored>| {
        let view = resource
            .view(cx.core, stored)
            .map_err(|why| why.message().to_owned())?;
        Ok::<_, String>(typed(resource, &view))
    };
    let name = text(reference, "name");
    let found = if name.is_empty() {
        let selector = LabelSelector::of(reference.get("selector").unwrap_or(&Value::Null));
        let all = cx.core.store.live(&resource.table);
        let here = |stored: &&Arc<Stored>| !resource.namespaced || stored.meta("namespace") == namespace;
        let selected = all
            .values()
            .filter(here)
            .filter(|o| selector.matches(o.metadata()));
        selected.map(view).collect::<Result<Vec<_>, _>>()?
    } else {
        let one = cx.core.store.get(&resource.table, &resource.key(namespace, name));
        one.map(view).transpose()?.into_iter().collect()
    };
    if found.is_empty() && text(reference, "parameterNotFoundAction") == "Deny" {
        return Err("no params found for policy binding with `Deny` parameterNotFoundAction".into());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a policy says of an object.
    fn told(spec: &Value, object: &Value) -> Vec<String> {
        let spec = spec.as_object().expect("an object");
        let policy = Policy::new(spec);
        let null = Value::Null;
        let access: Arc<dyn seatrial_cel::Authorizer> = Arc::new(Nobody);
        let inputs = [
            Input::Json(object),
            Input::Json(&null),
            Input::Json(&null),
            Input::Authorizer(access.clone()),
            Input::ResourceCheck(access, Box::default()),
            Input::Json(&null),
        ];
        let ignores = text(spec, "failurePolicy") == "Ignore";
        let found = policy.violations(&inputs, ignores);
        found.into_iter().map(|v| v.message).collect()
    }

    #[derive(Debug)]
    struct Nobody;

    impl seatrial_cel::Authorizer for Nobody {
        fn check(&self, _: &seatrial_cel::Subject, _: &seatrial_cel::Attributes) -> seatrial_cel::Decision {
            seatrial_cel::Decision::new(false, "")
        }
    }

    #[test]
    fn variables_are_computed_where_they_are_used() {
        let spec = json!({
            "variables": [{"name": "n", "expression": "object.n"}, {"name": "twice", "expression": "variables.n * 2"}],
            "validations": [
                {"expression": "has(object.n) ? variables.twice < 10 : true", "messageExpression": "'got ' + string(variables.twice)"},
            ],
        });
        assert!(told(&spec, &json!({})).is_empty());
        assert!(told(&spec, &json!({"n": 4})).is_empty());
        assert_eq!(told(&spec, &json!({"n": 5})), ["got 10"]);
    }

    #[test]
    fn a_variable_that_fails_is_named() {
        let mut spec = json!({
            "variables": [{"name": "n", "expression": "object.n"}],
            "validations": [{"expression": "variables.n == 1"}],
        });
        assert_eq!(
            told(&spec, &json!({})),
            [
                "expression 'variables.n == 1' resulted in error: composited variable \"n\" fails to evaluate: no such key: n"
            ]
        );
        spec["failurePolicy"] = json!("Ignore");
        assert!(told(&spec, &json!({})).is_empty());
    }

    #[test]
    fn messages_that_are_no_line_are_passed_over() {
        for (composed, expected) in [
            ("' '", "failed expression: false"),
            ("'a\\nb'", "failed expression: false"),
            ("object.nosuch", "failed expression: false"),
            ("' a '", "a"),
        ] {
            let spec = json!({"validations": [{"expression": " false ", "messageExpression": composed}]});
            assert_eq!(told(&spec, &json!({})), [expected], "{composed}");
        }
    }
}

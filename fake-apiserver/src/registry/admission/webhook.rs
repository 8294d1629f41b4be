//! Webhooks: who is called, in which order, and what becomes of the answers.
//!
//! Calls leave the process with the lock released; see [`crate::webhook`]. Hooks that change objects are called one after the
//! other and see what the ones before them did; hooks that only look are all called, and one that refuses is heard.
//!
//! What a hook changes in a scale is not taken over: the object behind it is written by its own rules.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use super::attempt::{Attempt, converted};
use super::condition::{self, Outcome};
use super::{Context, matching};
use crate::apply::entries::Entries;
use crate::patch;
use crate::registry::kinds::check::items;
use crate::registry::kinds::fields::{Fields, int, text};
use crate::registry::{Resource, decode, meta};
use crate::status::{Result, StatusError, go_quote};
use crate::storage::Stored;
use crate::webhook::{Call, ClientConfig};

pub(in crate::registry) const MUTATING: &str = "mutatingwebhookconfigurations.admissionregistration.k8s.io";
pub(in crate::registry) const VALIDATING: &str =
    "validatingwebhookconfigurations.admissionregistration.k8s.io";

const GROUP: &str = "admission.k8s.io";
/// The versions of reviews, as a hook names those that it understands.
const VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// A hook: the name of its configuration, its place in it, and what it says.
struct Hook {
    id: (Arc<str>, usize),
    configuration: Arc<Stored>,
}

/// A hook that is about a request.
struct Matched {
    target: Arc<Resource>,
    /// The attempt in that version.
    seen: Attempt,
}

/// Which hooks are called a second time, since others changed what they had seen.
#[derive(Debug, Default)]
pub(super) struct Reinvocation {
    /// Those that ask for it and have seen the object as it is.
    settled: BTreeSet<(Arc<str>, usize)>,
    /// Those that have not.
    again: BTreeSet<(Arc<str>, usize)>,
    second: bool,
}

// === impl Reinvocation ===

impl Reinvocation {
    /// Somebody changed the object.
    pub(super) fn changed(&mut self) {
        self.again.append(&mut self.settled);
    }

    pub(super) fn begin_second(&mut self) {
        self.second = true;
    }
}

// === impl Hook ===

impl Hook {
    fn fields(&self) -> &Fields {
        let hooks = self.configuration.value()["webhooks"].as_array();
        let hook = hooks.and_then(|all| all.get(self.id.1)?.as_object());
        hook.unwrap_or(meta::empty())
    }

    fn name(&self) -> String {
        go_quote(text(self.fields(), "name"))
    }

    fn ignores_failures(&self) -> bool {
        text(self.fields(), "failurePolicy") == "Ignore"
    }
}

/// All hooks in their order: by the name of the configuration, then as they stand there.
fn hooks(cx: &Context<'_>, table: &str) -> Vec<Hook> {
    let configurations = cx.core.store.live(table);
    let each = configurations.iter().flat_map(|(name, configuration)| {
        let fields = configuration.value().as_object().unwrap_or(meta::empty());
        let places = 0..items(fields, "webhooks").count();
        places.map(move |place| Hook {
            id: (name.clone(), place),
            configuration: configuration.clone(),
        })
    });
    each.collect()
}

/// Lets hooks change a new object, or one that replaces another; whether any did.
pub(super) fn mutate(
    cx: &mut Context<'_>,
    object: &mut Fields,
    entries: &Entries,
    old: Option<&Arc<Stored>>,
    state: &mut Reinvocation,
) -> Result<bool> {
    let mut changed = false;
    let mut attempt = Attempt::write(cx, object, entries, old);
    for hook in hooks(cx, MUTATING) {
        if state.second && !state.again.contains(&hook.id) {
            continue;
        }
        let Some(matched) = matched(cx, &attempt, &hook)? else {
            continue;
        };
        let Some(response) = heard(cx, &attempt, &hook, &matched, true)? else {
            continue;
        };
        let patched = patched(cx, &response, &matched, &hook)?;
        if let Some(new) = patched.filter(|new| attempt.whole && new != object) {
            *object = new;
            attempt = Attempt::write(cx, object, entries, old);
            changed = true;
            state.changed();
        }
        if text(hook.fields(), "reinvocationPolicy") == "IfNeeded" {
            state.settled.insert(hook.id);
        }
    }
    Ok(changed)
}

/// Lets hooks that could change an object look at what has none to change: a deletion, a connection, a binding.
pub(super) fn look(cx: &mut Context<'_>, attempt: &Attempt) -> Result<()> {
    validate_by(cx, attempt, MUTATING)
}

/// Lets hooks refuse an attempt.
pub(super) fn validate(cx: &mut Context<'_>, attempt: &Attempt) -> Result<()> {
    validate_by(cx, attempt, VALIDATING)
}

fn validate_by(cx: &mut Context<'_>, attempt: &Attempt, table: &str) -> Result<()> {
    let mutating = table == MUTATING;
    let mut outcomes = Vec::new();
    for hook in hooks(cx, table) {
        let Some(matched) = matched(cx, attempt, &hook)? else {
            continue;
        };
        let outcome = heard(cx, attempt, &hook, &matched, mutating).map(drop);
        if mutating {
            outcome?;
        } else {
            outcomes.push(outcome);
        }
    }
    // They are called at once, and the server hears the one that it called last first.
    outcomes.pop().unwrap_or(Ok(()))?;
    outcomes.into_iter().collect()
}

/// What a hook says that allows an attempt; `None` where it failed and that is ignored.
fn heard(
    cx: &mut Context<'_>,
    attempt: &Attempt,
    hook: &Hook,
    matched: &Matched,
    mutating: bool,
) -> Result<Option<Value>> {
    let uid = cx.core.ids.uid();
    let answer = ask(cx, attempt, matched, hook, &uid)?;
    match answer.and_then(|answer| response(&answer, &uid, mutating, version(hook))) {
        Ok(response) => {
            warn(cx, &response);
            if response["allowed"] == true {
                Ok(Some(response))
            } else {
                Err(denied(hook, &response))
            }
        }
        Err(_) if hook.ignores_failures() => Ok(None),
        Err(why) => Err(failed(hook, &why)),
    }
}

/// Whether a hook is about an attempt, and in which version it sees it.
fn matched(cx: &mut Context<'_>, attempt: &Attempt, hook: &Hook) -> Result<Option<Matched>> {
    let fields = hook.fields();
    let Some(target) = matching::matches(cx, attempt, fields, ("rules", false))? else {
        return Ok(None);
    };
    let seen = attempt.seen_as(cx, &target)?;
    if items(fields, "matchConditions").next().is_some() {
        let conditions = condition::Conditions::new(cx, attempt, &seen, &target);
        match conditions.judge(cx, items(fields, "matchConditions")) {
            Outcome::Holds => {}
            Outcome::Fails => return Ok(None),
            Outcome::Broken(_) if hook.ignores_failures() => return Ok(None),
            Outcome::Broken(why) => return Err(super::refusal(cx, &why)),
        }
    }
    Ok(Some(Matched { target, seen }))
}

/// The version in which a hook is asked: the first that it names of those that there are.
fn version(hook: &Hook) -> &'static str {
    let named = hook
        .fields()
        .get("admissionReviewVersions")
        .and_then(Value::as_array);
    let mut named = named.into_iter().flatten().filter_map(Value::as_str);
    let known = named.find_map(|name| VERSIONS.iter().find(|version| **version == name));
    known.copied().unwrap_or("v1")
}

/// What came back, or why nothing did.
///
/// # Errors
/// The call has to be made first.
fn ask(
    cx: &Context<'_>,
    attempt: &Attempt,
    matched: &Matched,
    hook: &Hook,
    uid: &str,
) -> Result<Result<Value, String>> {
    let fields = hook.fields();
    let mut request = attempt.request(cx, &matched.target, &matched.seen);
    request.insert("uid".into(), uid.into());
    request.insert("object".into(), json!(matched.seen.object));
    request.insert("oldObject".into(), json!(matched.seen.old));
    let review = json!({
        "kind": "AdmissionReview", "apiVersion": format!("{GROUP}/{}", version(hook)), "request": request,
    });
    let config = fields.get("clientConfig").unwrap_or(&Value::Null);
    let to = ClientConfig::new(config);
    let seconds = int(fields, "timeoutSeconds")
        .and_then(|s| u64::try_from(s).ok())
        .unwrap_or(10);
    let call =
        Call::new(&to, &cx.core.store, Duration::from_secs(seconds), review).trusting(&config["caBundle"]);
    match cx.core.calls.ask(call) {
        Some(answer) => Ok(answer.map_err(|why| format!("failed to call webhook: {why}"))),
        None => Err(StatusError::internal(format!(
            "webhook {} is being called",
            hook.name()
        ))),
    }
}

/// The response in a review, if it is one.
fn response(answer: &Value, uid: &str, mutating: bool, version: &str) -> Result<Value, String> {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let (kind, given) = (text(&answer["kind"]), text(&answer["apiVersion"]));
    let wanted = format!("{GROUP}/{version}");
    if kind != "AdmissionReview" || given != wanted {
        let other = given
            .strip_prefix("admission.k8s.io/")
            .filter(|v| VERSIONS.contains(v));
        return Err(match other.filter(|_| kind == "AdmissionReview") {
            Some(other) => format!(
                "failed to call webhook: converting ({other}.AdmissionReview) to ({version}.AdmissionReview): unknown \
                 conversion"
            ),
            None => format!(
                "failed to call webhook: no kind {} is registered for version {}",
                go_quote(&kind),
                go_quote(&given)
            ),
        });
    }
    let invalid = |why: String| Err(format!("received invalid webhook response: {why}"));
    let response = &answer["response"];
    if !response.is_object() {
        return invalid("webhook response was absent".into());
    }
    let (patch, patch_type) = (text(&response["patch"]), response["patchType"].as_str());
    if version == "v1" {
        if response["uid"] != *uid {
            let got = go_quote(&text(&response["uid"]));
            return invalid(format!("expected response.uid={}, got {got}", go_quote(uid)));
        }
        let why = match (mutating, patch.is_empty(), patch_type) {
            (true, false, None) => "webhook returned response.patch but not response.patchType",
            (true, true, Some(_)) => "webhook returned response.patchType but not response.patch",
            (false, false, _) => "validating webhook may not return response.patch",
            (false, true, Some(_)) => "validating webhook may not return response.patchType",
            _ => "",
        };
        if !why.is_empty() {
            return invalid(why.into());
        }
    }
    if let Some(other) = patch_type.filter(|kind| *kind != "JSONPatch" && mutating) {
        return invalid(format!(
            "webhook returned invalid response.patchType of {}",
            go_quote(other)
        ));
    }
    Ok(response.clone())
}

/// The object as a hook changed it, in the version of the request; `None` where it changed nothing.
fn patched(cx: &mut Context<'_>, response: &Value, matched: &Matched, hook: &Hook) -> Result<Option<Fields>> {
    let Some(object) = &matched.seen.object else {
        return Ok(None);
    };
    let patch = response["patch"].as_str().unwrap_or("");
    let patch = base64::engine::general_purpose::STANDARD.decode(patch);
    let patch = patch.map_err(|why| failed(hook, &format!("failed to call webhook: {why}")))?;
    if patch.is_empty() {
        return Ok(None);
    }
    let patched = patch::json::apply(&object.to_string(), &patch).map_err(StatusError::internal)?;
    let back = if Arc::ptr_eq(&matched.target, &cx.resource) {
        patched.value().clone()
    } else {
        converted(cx.core, patched.value(), &matched.target, &cx.resource)?
    };
    let mut fields = decode::applied(cx, None, back).map_err(StatusError::internal)?;
    if let Some(meta) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        meta.remove("managedFields");
        meta.remove("resourceVersion");
    }
    cx.resource.strategy.default(&mut fields);
    Ok(Some(fields))
}

fn warn(cx: &mut Context<'_>, response: &Value) {
    let warnings = response["warnings"].as_array().into_iter().flatten();
    for warning in warnings.filter_map(Value::as_str) {
        cx.warn(warning);
    }
}

/// The refusal of a hook, in its words.
fn denied(hook: &Hook, response: &Value) -> StatusError {
    let status = &response["status"];
    let by = format!("admission webhook {} denied the request", hook.name());
    let text = |field: &str| status[field].as_str().unwrap_or("");
    let message = match (text("message"), text("reason")) {
        ("", "") => format!("{by} without explanation"),
        ("", reason) => format!("{by}: {reason}"),
        (message, _) => format!("{by}: {message}"),
    };
    let code = status["code"].as_u64().and_then(|code| u16::try_from(code).ok());
    let code = code.filter(|code| (400..=599).contains(code)).unwrap_or(400);
    StatusError::relayed(code, text("reason"), message, &status["details"])
}

/// The refusal where a hook could not be asked.
fn failed(hook: &Hook, why: &str) -> StatusError {
    StatusError::internal(format!("failed calling webhook {}: {why}", hook.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(response: &Value) -> Value {
        json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "response": response})
    }

    #[track_caller]
    fn refused(response_given: &Value, mutating: bool, why: &str) {
        let got = response(&review(response_given), "u", mutating, "v1");
        assert_eq!(got, Err(format!("received invalid webhook response: {why}")));
    }

    #[test]
    fn responses_have_to_keep_the_protocol() {
        let fine = json!({"uid": "u", "allowed": true});
        assert_eq!(response(&review(&fine), "u", false, "v1"), Ok(fine));
        refused(&Value::Null, true, "webhook response was absent");
        refused(
            &json!({"uid": "x"}),
            true,
            "expected response.uid=\"u\", got \"x\"",
        );
        refused(
            &json!({"uid": "u", "patch": "W10="}),
            true,
            "webhook returned response.patch but not response.patchType",
        );
        refused(
            &json!({"uid": "u", "patchType": "JSONPatch"}),
            true,
            "webhook returned response.patchType but not response.patch",
        );
        refused(
            &json!({"uid": "u", "patch": "W10=", "patchType": "Merge"}),
            true,
            "webhook returned invalid response.patchType of \"Merge\"",
        );
        refused(
            &json!({"uid": "u", "patch": "W10=", "patchType": "JSONPatch"}),
            false,
            "validating webhook may not return response.patch",
        );
    }

    #[test]
    fn reviews_of_another_version_are_none() {
        let mut old = review(&json!({"allowed": true}));
        old["apiVersion"] = json!("admission.k8s.io/v1beta1");
        assert_eq!(
            response(&old, "u", false, "v1"),
            Err("failed to call webhook: converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown \
                 conversion"
                .into())
        );
        // The older version does not have to repeat the UID.
        assert!(response(&old, "u", false, "v1beta1").is_ok());
    }
}

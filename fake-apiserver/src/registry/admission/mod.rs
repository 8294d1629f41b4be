//! Admission: what is asked of a write after its user was found to be allowed to make it, and before it is stored.
//!
//! [`mutate`] runs before the strategy of the kind looks at an object, [`validate`] after the kind's own validation, each in
//! the order of the server's plugins. Defaults that one plugin gives to one kind (priorities, tolerations, default classes)
//! are that kind's [`Strategy::admit`](super::strategy::Strategy::admit); here is what takes its rules from objects that
//! users write: limit ranges, the labels of namespaces, quotas.
//!
//! **Invariant:** where no such object is there, a write costs a look into a few maps and allocates nothing.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/>

pub(super) mod attempt;
mod claim_resize;
pub(super) mod condition;
mod limit_ranger;
mod matching;
mod pod_resources;
mod pod_security;
pub(super) mod policy;
mod quota;
mod webhook;

use std::sync::Arc;

use attempt::Attempt;
use webhook::Reinvocation;

use super::kinds::fields::Fields;
use super::kinds::pod_priority;
use super::{Context, Core, meta};
use crate::apply::entries::Entries;
use crate::status::{Result, StatusError};
use crate::storage::{Store, Stored};
use crate::wire::DeleteOptions;

pub(crate) use condition::Programs;
pub(crate) use policy::Policies;

/// The group whose objects say who else is asked.
const GROUP: &str = ".admissionregistration.k8s.io";

/// Who else is asked of writes, beside the server's own plugins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hooks {
    /// Webhooks that may change objects.
    mutating: bool,
    /// Webhooks that may refuse them.
    validating: bool,
    /// Policies that may.
    policies: bool,
}

// === impl Hooks ===

impl Hooks {
    /// Whether a table is one of those that [`Hooks::of`] looks at.
    pub(super) fn depend_on(table: &str) -> bool {
        table.ends_with(GROUP)
    }

    /// Who is asked as a store has it.
    pub(super) fn of(store: &Store) -> Self {
        let any = |table: &str| store.table(table).is_some_and(|table| !table.live().is_empty());
        Self {
            mutating: any(webhook::MUTATING),
            validating: any(webhook::VALIDATING),
            policies: any(policy::POLICIES),
        }
    }

    /// Whether requests may leave the process.
    pub(super) fn call(self) -> bool {
        self.mutating || self.validating
    }
}

/// Lets everybody who changes objects change a new object, or one that replaces `old`.
///
/// Who has been asked already is asked once more where a webhook changed the object after that.
pub(super) fn mutate(
    cx: &mut Context<'_>,
    object: &mut Fields,
    entries: &Entries,
    old: Option<&Arc<Stored>>,
) -> Result<()> {
    plugins(cx, object, old)?;
    if !cx.core.hooks.mutating || matching::is_exempt(cx) {
        return Ok(());
    }
    let mut state = Reinvocation::default();
    if !webhook::mutate(cx, object, entries, old, &mut state)? {
        return Ok(());
    }
    let before = object.clone();
    plugins(cx, object, old)?;
    if *object != before {
        state.changed();
    }
    state.begin_second();
    webhook::mutate(cx, object, entries, old, &mut state).map(drop)
}

fn plugins(cx: &Context<'_>, object: &mut Fields, old: Option<&Arc<Stored>>) -> Result<()> {
    let strategy = cx.resource.strategy.clone();
    if let Some(old) = old {
        if cx.subresource.is_empty() {
            strategy.admit_update(object, old.value().as_object().unwrap_or(meta::empty()));
        }
        return Ok(());
    }
    if cx.subresource.is_empty() && is(cx, "", "pods") {
        limit_ranger::mutate(cx, object);
    }
    strategy.admit(cx, object)
}

/// Lets everybody who refuses objects refuse a new object, or one that replaces `old`.
pub(super) fn validate(
    cx: &mut Context<'_>,
    object: &Fields,
    entries: &Entries,
    old: Option<&Arc<Stored>>,
) -> Result<()> {
    let before = old.map(|old| old.value().as_object().unwrap_or(meta::empty()));
    limit_ranger::validate(cx, object, before)?;
    pod_security::validate(cx, object, before)?;
    claim_resize::validate(cx, object, before)?;
    if is(cx, "scheduling.k8s.io", "priorityclasses") {
        pod_priority::only_default(cx, object, before.is_none())?;
    }
    let hooks = cx.core.hooks;
    if (hooks.validating || hooks.policies) && !matching::is_exempt(cx) {
        let attempt = Attempt::write(cx, object, entries, old);
        policy::validate(cx, &attempt)?;
        webhook::validate(cx, &attempt)?;
    }
    quota::validate(cx, object, before)
}

/// Lets everybody who is asked of it refuse a deletion; one of a collection does not name what it deletes.
pub(super) fn delete(cx: &mut Context<'_>, old: &Stored, options: &DeleteOptions, named: bool) -> Result<()> {
    if !asks(cx) {
        return Ok(());
    }
    let attempt = Attempt::delete(cx, old, options, named);
    all_look(cx, &attempt)
}

/// Lets everybody who is asked of it refuse what is no write of an object.
pub(super) fn look(cx: &mut Context<'_>, attempt: impl FnOnce(&Context<'_>) -> Attempt) -> Result<()> {
    if cx.core.hooks == Hooks::default() {
        return Ok(());
    }
    let attempt = attempt(cx);
    all_look(cx, &attempt)
}

/// Whether anybody that users named is asked of writes of this resource, even of those that change nothing.
pub(super) fn asks(cx: &Context<'_>) -> bool {
    cx.core.hooks != Hooks::default() && !matching::is_exempt(cx)
}

fn all_look(cx: &mut Context<'_>, attempt: &Attempt) -> Result<()> {
    webhook::look(cx, attempt)?;
    policy::validate(cx, attempt)?;
    webhook::validate(cx, attempt)
}

impl Core {
    /// Takes note of who is asked from here on, where a table says so.
    pub(super) fn look_for_hooks(&mut self, table: &str) {
        if Hooks::depend_on(table) {
            self.hooks = Hooks::of(&self.store);
        }
    }
}

fn is(cx: &Context<'_>, group: &str, plural: &str) -> bool {
    &*cx.resource.plural == plural && &*cx.resource.group == group
}

/// The refusal of a plugin.
fn refusal(cx: &Context<'_>, why: &str) -> StatusError {
    StatusError::forbidden(&cx.resource.group, &cx.resource.plural, &cx.name, why)
}

/// Several complaints as Go's aggregated errors print them.
fn aggregate(complaints: &[String]) -> String {
    let mut once: Vec<&str> = Vec::new();
    for complaint in complaints {
        if !once.contains(&complaint.as_str()) {
            once.push(complaint);
        }
    }
    match once.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("[{}]", many.join(", ")),
    }
}

/// The live objects of a table in the request's namespace, in order.
fn in_namespace(cx: &Context<'_>, table: &str) -> Vec<Arc<Stored>> {
    let Some(table) = cx.core.store.table(table) else {
        return Vec::new();
    };
    if table.live().is_empty() {
        return Vec::new();
    }
    let prefix: crate::storage::Key = [&*cx.namespace, "/"].concat().into();
    let from = table.live().range(prefix.clone()..);
    from.take_while(|(key, _)| key.starts_with(&*prefix))
        .map(|(_, object)| object.clone())
        .collect()
}

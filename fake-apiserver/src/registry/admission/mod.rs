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

mod limit_ranger;
mod pod_resources;
mod pod_security;
mod quota;

use super::Context;
use super::kinds::fields::Fields;
use crate::status::{Result, StatusError};

/// Lets the plugins that change objects change a new object, or one that replaces `old`.
pub(super) fn mutate(cx: &Context<'_>, object: &mut Fields, old: Option<&Fields>) -> Result<()> {
    if old.is_none() && cx.subresource.is_empty() && is(cx, "", "pods") {
        limit_ranger::mutate(cx, object);
    }
    Ok(())
}

/// Lets the plugins that refuse objects refuse a new object, or one that replaces `old`.
pub(super) fn validate(cx: &mut Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
    limit_ranger::validate(cx, object, old)?;
    pod_security::validate(cx, object, old)?;
    quota::validate(cx, object, old)
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
fn in_namespace(cx: &Context<'_>, table: &str) -> Vec<std::sync::Arc<crate::storage::Stored>> {
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

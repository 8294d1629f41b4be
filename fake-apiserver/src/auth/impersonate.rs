//! Lets a user act as another.
//!
//! Two sets of permissions can allow it: the constrained one, where acting as somebody and what is done as them are
//! granted apart (`impersonate:user-info` on the user, `impersonate-on:user-info:list` on the resource), and the older one,
//! where the verb `impersonate` allows everything.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation> and
//! <https://github.com/kubernetes/enhancements/issues/5284>

use std::collections::BTreeMap;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use super::user::{ANONYMOUS, parse_service_account};
use super::{Attributes, Decision, UserInfo, authorize};
use crate::registry::Core;
use crate::status::{Result, StatusError, go_quote};
use crate::wire::Request;

/// The group of what is not stored: UIDs and what else is known of a user.
const GROUP: &str = "authentication.k8s.io";
const EXTRA_PREFIX: &str = "impersonate-extra-";

/// Who the request is made as: the user whom its headers name, or the one who makes it.
pub(super) fn impersonate(core: &Core, request: &Request, user: Arc<UserInfo>) -> Result<Arc<UserInfo>> {
    let Some(wanted) = wanted(request) else {
        return Ok(user);
    };
    if wanted.name.is_empty() {
        return Err(StatusError::bad_request(format!(
            "requested {} without impersonating a user name",
            go_syntax(&wanted)
        )));
    }
    if !user.is_master() {
        check(core, request, &user, &wanted)?;
    }
    Ok(Arc::new(with_groups(wanted)))
}

/// The user whom the headers describe; `None` where they describe none.
fn wanted(request: &Request) -> Option<UserInfo> {
    let mut user = UserInfo::default();
    let mut any = false;
    for (header, value) in &request.headers {
        let Some(what) = header.as_str().strip_prefix("impersonate-") else {
            continue;
        };
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        match what {
            "user" => user.name = value,
            "group" => user.groups.push(value),
            "uid" => user.uid = value,
            _ => {
                let Some(key) = header.as_str().strip_prefix(EXTRA_PREFIX) else {
                    continue;
                };
                let key = percent_decode_str(key).decode_utf8_lossy().to_lowercase();
                user.extra.entry(key).or_default().push(value);
            }
        }
        any = true;
    }
    any.then_some(user)
}

/// The user with the groups that everybody of their sort is in.
fn with_groups(user: UserInfo) -> UserInfo {
    if user.name == ANONYMOUS {
        return if user.groups.is_empty() {
            UserInfo {
                groups: UserInfo::anonymous().groups,
                ..user
            }
        } else {
            user
        };
    }
    let namespace = parse_service_account(&user.name).map(|(namespace, _)| namespace.to_owned());
    let user = match namespace {
        Some(namespace) if user.groups.is_empty() => user.in_groups_of_service_accounts(&namespace),
        _ => user,
    };
    user.authenticated()
}

/// Refuses what neither set of permissions allows, in the words of the constrained one.
fn check(core: &Core, request: &Request, user: &UserInfo, wanted: &UserInfo) -> Result<()> {
    let may = |attributes: &Attributes| match authorize(&core.store, user, attributes) {
        Decision::Allowed(_) => Ok(()),
        Decision::NoOpinion(why) => Err(attributes.refusal(user, &why)),
    };
    let mode = match parse_service_account(&wanted.name) {
        Some(_) => "serviceaccount",
        None if wanted.name.starts_with("system:node:") => "arbitrary-node",
        None => "user-info",
    };
    let mut target = Attributes::of(request);
    target.verb = format!("impersonate-on:{mode}:{}", target.verb);
    let constrained = may(&target).and_then(|()| {
        let verb = format!("impersonate:{mode}");
        parts(wanted, &verb, true).iter().try_for_each(may)
    });
    let Err(refused) = constrained else { return Ok(()) };
    let allowed = parts(wanted, "impersonate", false).iter().try_for_each(may);
    allowed.map_err(|_| refused)
}

/// What has to be allowed to be that user, one permission for each thing that is said of them.
fn parts(wanted: &UserInfo, verb: &str, constrained: bool) -> Vec<Attributes> {
    let part = |group: &str, resource: &str, name: &str| Attributes {
        verb: verb.into(),
        group: if constrained { GROUP } else { group }.into(),
        resource: resource.into(),
        name: name.into(),
        ..Attributes::default()
    };
    let mut all = vec![match parse_service_account(&wanted.name) {
        Some((namespace, name)) => Attributes {
            namespace: namespace.into(),
            ..part("", "serviceaccounts", name)
        },
        None => match wanted.name.strip_prefix("system:node:") {
            Some(node) if constrained => part("", "nodes", node),
            _ => part("", "users", &wanted.name),
        },
    }];
    all.extend(wanted.groups.iter().map(|g| part("", "groups", g)));
    if !wanted.uid.is_empty() {
        all.push(part(GROUP, "uids", &wanted.uid));
    }
    for (key, values) in &wanted.extra {
        all.extend(values.iter().map(|value| Attributes {
            subresource: key.clone(),
            ..part(GROUP, "userextras", value)
        }));
    }
    all
}

/// The user as Go prints the value.
fn go_syntax(user: &UserInfo) -> String {
    let list = |values: &[String]| {
        let quoted: Vec<String> = values.iter().map(|v| go_quote(v)).collect();
        format!("[]string{{{}}}", quoted.join(", "))
    };
    let groups = match user.groups.as_slice() {
        [] => "[]string(nil)".to_owned(),
        groups => list(groups),
    };
    let extra = |extra: &BTreeMap<String, Vec<String>>| {
        let entries: Vec<String> = extra
            .iter()
            .map(|(key, values)| format!("{}:{}", go_quote(key), list(values)))
            .collect();
        format!("map[string][]string{{{}}}", entries.join(", "))
    };
    let extra = if user.extra.is_empty() {
        "map[string][]string(nil)".to_owned()
    } else {
        extra(&user.extra)
    };
    format!(
        "&user.DefaultInfo{{Name:{}, UID:{}, Groups:{groups}, Extra:{extra}}}",
        go_quote(&user.name),
        go_quote(&user.uid)
    )
}

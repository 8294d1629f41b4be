//! Roles and bindings.

use super::fields::{Fields, child, default_text, each, text};
use crate::auth::{check_binding, check_role};
use crate::registry::Context;
use crate::registry::strategy::Strategy;
use crate::status::Result;

/// The group of roles and of the subjects that are not accounts.
const GROUP: &str = "rbac.authorization.k8s.io";

/// The rules for Roles and ClusterRoles.
#[derive(Debug)]
pub(super) struct Role;

/// The rules for RoleBindings and ClusterRoleBindings.
#[derive(Debug)]
pub(super) struct Binding;

impl Strategy for Role {
    fn authorize(&self, cx: &Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
        let place = (cx.namespace.as_str(), cx.name.as_str());
        check_role(&cx.core.store, &cx.user, &cx.resource, place, (object, old))
    }

    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn name_rule(&self) -> crate::registry::strategy::NameRule {
        crate::registry::strategy::NameRule::PathSegment
    }
}

impl Strategy for Binding {
    fn authorize(&self, cx: &Context<'_>, object: &Fields, old: Option<&Fields>) -> Result<()> {
        let place = (cx.namespace.as_str(), cx.name.as_str());
        check_binding(&cx.core.store, &cx.user, &cx.resource, place, (object, old))
    }

    fn default(&self, object: &mut Fields) {
        if let Some(role) = child(object, "roleRef") {
            default_text(role, "apiGroup", GROUP);
        }
        for subject in each(object, "subjects") {
            if matches!(text(subject, "kind"), "User" | "Group") {
                default_text(subject, "apiGroup", GROUP);
            }
        }
    }

    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn name_rule(&self) -> crate::registry::strategy::NameRule {
        crate::registry::strategy::NameRule::PathSegment
    }
}

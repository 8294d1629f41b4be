//! Roles and bindings.

use super::fields::{Fields, child, default_text, each, text};
use crate::registry::strategy::Strategy;

/// The group of roles and of the subjects that are not accounts.
const GROUP: &str = "rbac.authorization.k8s.io";

/// The rules for Roles and ClusterRoles.
#[derive(Debug)]
pub(super) struct Role;

/// The rules for RoleBindings and ClusterRoleBindings.
#[derive(Debug)]
pub(super) struct Binding;

impl Strategy for Role {
    fn allows_create_on_update(&self) -> bool {
        true
    }

    fn name_rule(&self) -> crate::registry::strategy::NameRule {
        crate::registry::strategy::NameRule::PathSegment
    }
}

impl Strategy for Binding {
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

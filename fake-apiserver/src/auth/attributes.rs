//! What a request asks for, as rules of access see it.

use http::Method;

use super::UserInfo;
use crate::status::{Details, StatusError, go_quote};
use crate::wire::{Request, ResourcePath, Route};

/// What a request asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// `get`, `list`, `deletecollection`, …; the method in lower case where no resource is named.
    pub(crate) verb: String,
    pub(crate) group: String,
    /// The plural name; empty where no resource is named.
    pub(crate) resource: String,
    pub(crate) subresource: String,
    /// Empty at the cluster scope.
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// The path, where it names no resource.
    pub(crate) path: Option<String>,
}

// === impl Attributes ===

impl Attributes {
    /// Reads a request, whether or not what it names is served.
    pub(crate) fn of(request: &Request) -> Self {
        match Route::parse(&request.path) {
            Route::Resource(path) => Self::of_resource(request, path),
            Route::Other(_) => Self {
                verb: request.method.as_str().to_ascii_lowercase(),
                path: Some(request.path.clone()),
                ..Self::default()
            },
        }
    }

    fn of_resource(request: &Request, path: ResourcePath) -> Self {
        let mut name = path.name.unwrap_or_default();
        let mut namespace = path.namespace.unwrap_or_default();
        if path.resource == "namespaces" {
            namespace.clone_from(&name);
        }
        let verb = match (&request.method, name.is_empty()) {
            (&Method::GET, _) if path.watch => "watch",
            (&(Method::GET | Method::HEAD), true) => {
                if let Some(only) = only_name(request) {
                    name = only;
                }
                if request.query.flag("watch") == Some(true) {
                    "watch"
                } else {
                    "list"
                }
            }
            (&(Method::GET | Method::HEAD), false) => "get",
            (&Method::POST, _) => "create",
            (&Method::PUT, _) => "update",
            (&Method::PATCH, _) => "patch",
            (&Method::DELETE, true) => "deletecollection",
            (&Method::DELETE, false) => "delete",
            _ => "",
        };
        Self {
            verb: verb.into(),
            group: path.group,
            resource: path.resource,
            subresource: path.subresource.unwrap_or_default(),
            namespace,
            name,
            path: None,
        }
    }

    /// `pods/log`, `pods`.
    pub(super) fn combined(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// The refusal; `why` says what else there is to say.
    pub(crate) fn refusal(&self, user: &UserInfo, why: &str) -> StatusError {
        let who = go_quote(&user.name);
        if let Some(path) = &self.path {
            let message = format!(
                "forbidden: User {who} cannot {} path {}",
                self.verb,
                go_quote(path)
            );
            return StatusError::new(403, "Forbidden", message + &reason(why)).details(Details::default());
        }
        let scope = if self.namespace.is_empty() {
            "at the cluster scope".to_owned()
        } else {
            format!("in the namespace {}", go_quote(&self.namespace))
        };
        let message = format!(
            "User {who} cannot {} resource {} in API group {} {scope}{}",
            self.verb,
            go_quote(&self.combined()),
            go_quote(&self.group),
            reason(why)
        );
        StatusError::forbidden(&self.group, &self.resource, &self.name, &message)
    }
}

fn reason(why: &str) -> String {
    if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    }
}

/// The name that a field selector asks for, where it asks for one.
fn only_name(request: &Request) -> Option<String> {
    request.query.text("fieldSelector").split(',').find_map(|term| {
        let (field, value) = term.split_once('=')?;
        let value = value.strip_prefix('=').unwrap_or(value);
        let is_name = field.trim() == "metadata.name" && !value.is_empty() && !value.contains(['/', '%']);
        is_name.then(|| value.to_owned())
    })
}

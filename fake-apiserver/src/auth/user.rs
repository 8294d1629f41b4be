//! Users, as requests are made by them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The group of all who have said who they are.
pub(super) const AUTHENTICATED: &str = "system:authenticated";
/// The group of all others.
pub(super) const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The user of requests that do not say whose they are.
pub(super) const ANONYMOUS: &str = "system:anonymous";
/// The group of those who may do everything.
const MASTERS: &str = "system:masters";
/// What precedes `NAMESPACE:NAME` in the user name of a service account.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// A user: who makes a request.
///
/// Give the server a table of tokens by [`Builder::token`](crate::Builder::token), or put a user into the extensions of an
/// `http::Request`, as a server that has looked at a client certificate does.
///
/// ```
/// # use seatrial_fake_apiserver::{FakeApiServer, UserInfo};
/// let server = FakeApiServer::builder()
///     .token("admin-token", UserInfo::new("admin").group("system:masters"))
///     .token("alice-token", UserInfo::new("alice").group("developers"))
///     .build();
/// ```
///
/// # Source
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserInfo {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) groups: Vec<String>,
    pub(crate) extra: BTreeMap<String, Vec<String>>,
}

// === impl UserInfo ===

impl UserInfo {
    /// A user of that name, in no group but `system:authenticated`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The same user with that UID.
    #[must_use]
    pub fn uid(mut self, uid: impl Into<String>) -> Self {
        self.uid = uid.into();
        self
    }

    /// The same user in one more group; members of `system:masters` may do everything.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }

    /// The same user with what the authenticator knows besides.
    #[must_use]
    pub fn extra(mut self, key: impl Into<String>, values: impl IntoIterator<Item = String>) -> Self {
        self.extra.insert(key.into(), values.into_iter().collect());
        self
    }

    /// The user that is a service account.
    pub(crate) fn service_account(namespace: &str, name: &str) -> Self {
        Self::new(format!("{SERVICE_ACCOUNT}{namespace}:{name}")).in_groups_of_service_accounts(namespace)
    }

    pub(super) fn in_groups_of_service_accounts(self, namespace: &str) -> Self {
        self.group("system:serviceaccounts")
            .group(format!("system:serviceaccounts:{namespace}"))
    }

    pub(super) fn anonymous() -> Self {
        Self::new(ANONYMOUS).group(UNAUTHENTICATED)
    }

    /// The same user, known to have said who they are.
    pub(super) fn authenticated(mut self) -> Self {
        if !self.is_in(AUTHENTICATED) && !self.is_in(UNAUTHENTICATED) {
            self.groups.push(AUTHENTICATED.into());
        }
        self
    }

    pub(crate) fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|g| g == group)
    }

    /// Whether the user may do everything.
    pub(crate) fn is_master(&self) -> bool {
        self.is_in(MASTERS)
    }

    /// `userInfo` as reviews show it.
    pub(crate) fn to_json(&self) -> Value {
        let mut out = Map::new();
        if !self.name.is_empty() {
            out.insert("username".into(), json!(self.name));
        }
        if !self.uid.is_empty() {
            out.insert("uid".into(), json!(self.uid));
        }
        if !self.groups.is_empty() {
            out.insert("groups".into(), json!(self.groups));
        }
        if !self.extra.is_empty() {
            out.insert("extra".into(), json!(self.extra));
        }
        Value::Object(out)
    }
}

/// The namespace and name of a service account, by its user name.
pub(super) fn parse_service_account(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')?;
    let valid = !namespace.is_empty() && !name.is_empty() && !name.contains(':');
    valid.then_some((namespace, name))
}

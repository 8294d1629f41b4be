//! Finds out who makes a request.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use http::header::AUTHORIZATION;
use jiff::Timestamp;

use super::{UserInfo, token};
use crate::registry::Core;
use crate::status::{Result, StatusError};
use crate::wire::Request;

/// Who is who: a table of tokens.
///
/// Where it is empty, everybody whom the server does not know is an administrator, so that a test that is not about access
/// need not care. Where it is not, they are `system:anonymous`, and tokens that nobody knows are refused.
#[derive(Clone, Default)]
pub(crate) struct Authenticator {
    users: BTreeMap<String, Arc<UserInfo>>,
}

/// Who somebody is that the server does not know.
static ADMIN: LazyLock<Arc<UserInfo>> = LazyLock::new(|| {
    let admin = UserInfo::new("admin").uid("admin-uid").group("system:masters");
    Arc::new(admin.authenticated())
});
static NOBODY: LazyLock<Arc<UserInfo>> = LazyLock::new(|| Arc::new(UserInfo::anonymous()));

// === impl Authenticator ===

impl Authenticator {
    pub(crate) fn insert(&mut self, token: String, user: UserInfo) {
        self.users.insert(token, Arc::new(user.authenticated()));
    }

    /// The user of a request, or the refusal of its credentials.
    pub(super) fn authenticate(
        &self,
        core: &Core,
        request: &Request,
        now: Timestamp,
        warnings: &mut Vec<String>,
    ) -> Result<Arc<UserInfo>> {
        if let Some(user) = &request.user {
            return Ok(user.clone());
        }
        let stranger: &Arc<UserInfo> = if self.users.is_empty() { &ADMIN } else { &NOBODY };
        let header = request.header(&AUTHORIZATION);
        let Some(token) = bearer(header, warnings) else {
            return Ok(stranger.clone());
        };
        match self.user_of(core, token, &[], now) {
            Some((user, _)) => Ok(user),
            None if self.users.is_empty() => Ok(stranger.clone()),
            None => Err(StatusError::new(401, "Unauthorized", "Unauthorized")),
        }
    }

    /// Whose token that is, and for which of the audiences; `None` where it is nobody's.
    pub(super) fn user_of(
        &self,
        core: &Core,
        token: &str,
        audiences: &[String],
        now: Timestamp,
    ) -> Option<(Arc<UserInfo>, Vec<String>)> {
        if let Some(user) = self.users.get(token) {
            return Some((user.clone(), audiences.to_vec()));
        }
        let (user, audiences) = token::verify(core, token, audiences, now)?;
        Some((Arc::new(user.authenticated()), audiences))
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.users.values().map(|user| &user.name))
            .finish()
    }
}

/// The token of an `Authorization` header; `None` where it carries none.
fn bearer<'h>(header: &'h str, warnings: &mut Vec<String>) -> Option<&'h str> {
    let mut parts = header.trim().splitn(3, ' ');
    let scheme = parts.next()?;
    let token = parts.next()?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    if token.is_empty() {
        if parts.next().is_some() {
            warnings.push(
                "the provided Authorization header contains extra space before the bearer token, and is ignored".into(),
            );
        }
        return None;
    }
    Some(token)
}

#[test]
fn the_scheme_may_be_spelt_in_any_case_and_what_follows_the_token_is_ignored() {
    let mut warnings = Vec::new();
    let mut read = |header| bearer(header, &mut warnings);
    assert_eq!(read("Bearer abc"), Some("abc"));
    assert_eq!(read("bEARER abc def"), Some("abc"));
    assert_eq!(read("Basic abc"), None);
    assert_eq!(read("Bearer "), None);
    assert_eq!(read(""), None);
    assert_eq!(read("Bearer  abc"), None);
    assert_eq!(warnings.len(), 1);
}

//! Who asks, and whether they may.
//!
//! `authn` finds the user of a request, `impersonate` lets them be somebody else, `attributes` says what is asked for and
//! `rbac` whether the stored roles and bindings allow it. `escalation` keeps users from handing out what they do not hold;
//! `review` answers those who ask without doing, and `token` draws and reads the tokens of service accounts.
//!
//! What comes in is a request as it was sent; what goes on is a [`UserInfo`] that may do it.
//!
//! **Invariant:** no token is ever printed.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/access-authn-authz/>

mod attributes;
mod authn;
mod escalation;
mod impersonate;
mod rbac;
mod review;
mod token;
mod user;

pub(crate) use attributes::Attributes;
pub(crate) use authn::Authenticator;
pub(crate) use escalation::{check_binding, check_role};
pub(crate) use rbac::{Decision, authorize};
pub(crate) use review::Review;
pub(crate) use token::{Bound, Claims, Issuer};
pub use user::UserInfo;

use std::sync::Arc;

use jiff::Timestamp;

use crate::registry::Core;
use crate::status::Result;
use crate::wire::Request;

/// The user of a request, who may make it.
pub(crate) fn admit(
    core: &Core,
    request: &Request,
    now: Timestamp,
    warnings: &mut Vec<String>,
) -> Result<Arc<UserInfo>> {
    let user = core.authenticator.authenticate(core, request, now, warnings)?;
    let user = impersonate::impersonate(core, request, user)?;
    // They may do everything, so that what they ask for need not be known.
    if user.is_master() {
        return Ok(user);
    }
    let attributes = Attributes::of(request);
    match authorize(&core.store, &user, &attributes) {
        Decision::Allowed(_) => Ok(user),
        Decision::NoOpinion(why) => Err(attributes.refusal(&user, &why)),
    }
}

//! Tokens of service accounts: JSON Web Tokens that the server signs with a key of its own.
//!
//! The key comes from the server's seed, so that one seed draws one sequence of tokens. They are signed symmetrically
//! (HS256), as nobody but this server has to verify them.
//!
//! # Source
//! RFC 7519, and <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens>

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use super::UserInfo;
use super::user::parse_service_account;
use crate::registry::Core;

/// The audience of the server itself, and the issuer of its tokens.
pub(super) const AUDIENCE: &str = "https://kubernetes.default.svc.cluster.local";

/// Signs tokens.
#[derive(Clone)]
pub(crate) struct Issuer {
    mac: Hmac<Sha256>,
}

/// What a token is bound to besides its service account.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    /// `pod`, `secret` or `node`.
    pub(crate) what: &'static str,
    pub(crate) name: String,
    pub(crate) uid: String,
}

/// What a token is to say.
#[derive(Debug, Clone)]
pub(crate) struct Claims {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) bound: Option<Bound>,
    pub(crate) id: String,
    pub(crate) seconds: i64,
}

// === impl Issuer ===

impl Issuer {
    /// The issuer of a server with that seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            // Keys of any length are taken.
            mac: Hmac::new_from_slice(&seed.to_le_bytes())
                .unwrap_or_else(|_| unreachable!("HMAC takes any key")),
        }
    }

    /// The audiences of tokens that ask for none.
    pub(crate) fn audiences() -> Vec<String> {
        vec![AUDIENCE.to_owned()]
    }

    /// A token that says so, from now on.
    pub(crate) fn sign(&self, claims: &Claims, now: Timestamp) -> String {
        let now = now.as_second();
        let mut own = json!({
            "namespace": claims.namespace,
            "serviceaccount": {"name": claims.name, "uid": claims.uid},
        });
        if let Some(bound) = &claims.bound {
            own[bound.what] = json!({"name": bound.name, "uid": bound.uid});
        }
        let claims = json!({
            "aud": claims.audiences,
            "exp": now + claims.seconds,
            "iat": now,
            "iss": AUDIENCE,
            "jti": claims.id,
            "kubernetes.io": own,
            "nbf": now,
            "sub": format!("system:serviceaccount:{}:{}", claims.namespace, claims.name),
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(&json!({"alg": "HS256"})), encode(&claims));
        let signature = self.mac.clone().chain_update(&text).finalize().into_bytes();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token says; `None` where this server did not sign it.
    fn read(&self, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac
            .clone()
            .chain_update(text)
            .verify_slice(&signature)
            .ok()?;
        let (_, claims) = text.split_once('.')?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").finish_non_exhaustive()
    }
}

/// The service account that a token stands for, with those of the audiences that it is for.
///
/// It stands for nobody when its time is over, or when what it is bound to is gone.
pub(super) fn verify(
    core: &Core,
    token: &str,
    audiences: &[String],
    now: Timestamp,
) -> Option<(UserInfo, Vec<String>)> {
    let claims = core.issuer.read(token)?;
    let now = now.as_second();
    if claims["exp"].as_i64()? <= now || claims["nbf"].as_i64()? > now {
        return None;
    }
    let own = &claims["kubernetes.io"];
    let (namespace, name) = parse_service_account(claims["sub"].as_str()?)?;
    let is_there = |table: &str, key: &str, reference: &Value| {
        let stored = core.store.get(table, key);
        stored.is_some_and(|s| reference["uid"].as_str().is_none_or(|uid| uid == s.meta("uid")))
    };
    let key = |name: &str| format!("{namespace}/{name}");
    if !is_there("serviceaccounts", &key(name), &own["serviceaccount"]) {
        return None;
    }
    let mut user = UserInfo::service_account(namespace, name);
    user.uid = own["serviceaccount"]["uid"].as_str()?.to_owned();
    let mut tell = |what: &str, value: &Value| {
        if let Some(text) = value.as_str() {
            let values = vec![text.to_owned()];
            user.extra
                .insert(format!("authentication.kubernetes.io/{what}"), values);
        }
    };
    tell(
        "credential-id",
        &format!("JTI={}", claims["jti"].as_str()?).into(),
    );
    for (what, table) in [("pod", "pods"), ("secret", "secrets"), ("node", "nodes")] {
        let Some(bound) = own[what]["name"].as_str() else {
            continue;
        };
        let key = if what == "node" {
            bound.to_owned()
        } else {
            key(bound)
        };
        if !is_there(table, &key, &own[what]) {
            return None;
        }
        if what != "secret" {
            tell(&format!("{what}-name"), &own[what]["name"]);
            tell(&format!("{what}-uid"), &own[what]["uid"]);
        }
    }
    let own_audiences = Issuer::audiences();
    let wanted = if audiences.is_empty() {
        own_audiences.as_slice()
    } else {
        audiences
    };
    let given = claims["aud"].as_array()?;
    let common: Vec<String> = wanted
        .iter()
        .filter(|a| given.iter().any(|g| g == a.as_str()))
        .cloned()
        .collect();
    (!common.is_empty()).then_some((user, common))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            namespace: "default".into(),
            name: "robot".into(),
            uid: "u".into(),
            audiences: Issuer::audiences(),
            bound: None,
            id: "j".into(),
            seconds: 600,
        }
    }

    #[test]
    fn a_token_is_read_by_whoever_signed_it_alone() {
        let token = Issuer::new(1).sign(&claims(), Timestamp::UNIX_EPOCH);
        let read = Issuer::new(1).read(&token).unwrap();
        assert_eq!(read["sub"], "system:serviceaccount:default:robot");
        assert_eq!(read["exp"], 600);
        assert_eq!(Issuer::new(2).read(&token), None);
        let forged = token.replacen('.', ".e30", 1);
        assert_eq!(Issuer::new(1).read(&forged), None);
    }
}

//! The auth provider `gcp`: a token with an end, and a command that prints the next one.
//!
//! Clients have not known it since Kubernetes 1.26; old kubeconfigs still do.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::process::Command;

use super::{
    AuthError, bearer,
    credentials::{Credential, Source},
    exec::Run,
};
use crate::{Config, config::StringMap, env::Env};

const DEFAULT_TOKEN_KEY: &str = "{.access_token}";
const DEFAULT_EXPIRY_KEY: &str = "{.token_expiry}";

pub(super) struct Gcp {
    /// The token in the kubeconfig, until it was used. It is a secret.
    token: Mutex<Option<SecretString>>,
    expires: Option<Timestamp>,
    command: Option<(String, Vec<String>)>,
    token_key: String,
    expiry_key: String,
    env: Env,
    timeout: Option<Duration>,
}

impl Gcp {
    pub(super) fn new(config: &Config, env: &Env, fields: &StringMap<String>) -> Result<Self, AuthError> {
        let field = |name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
        let gcp = Self {
            token: Mutex::new(field("access-token").map(SecretString::from)),
            expires: field("expiry").map(|time| parse_time(&time)).transpose()?,
            command: field("cmd-path").map(|path| {
                let arguments = field("cmd-args").unwrap_or_default();
                (path, arguments.split_whitespace().map(str::to_owned).collect())
            }),
            token_key: field("token-key").unwrap_or_else(|| DEFAULT_TOKEN_KEY.to_owned()),
            expiry_key: field("expiry-key").unwrap_or_else(|| DEFAULT_EXPIRY_KEY.to_owned()),
            env: env.clone(),
            timeout: config.credential_timeout,
        };
        if gcp.first().is_none() && gcp.command.is_none() {
            return Err(AuthError::AuthProvider {
                name: "gcp".to_owned(),
                reason: "it has neither `access-token` nor `cmd-path`; use the credential plugin \
                         gke-gcloud-auth-plugin (`exec`) instead",
            });
        }
        Ok(gcp)
    }

    fn first(&self) -> Option<SecretString> {
        // A panic leaves nothing half done.
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn forget_first(&self) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Source for Gcp {
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move {
            if let Some(token) = self.first()
                && self.expires.is_none_or(|expires| self.env.now() < expires)
            {
                if self.command.is_some() {
                    // Whoever asks again does not want this one.
                    self.forget_first();
                }
                return Ok(Credential {
                    header: Some(bearer(token.expose_secret())?),
                    expires: self.expires,
                    ..Credential::default()
                });
            }
            let Some((path, arguments)) = &self.command else {
                return Err(AuthError::UnrefreshableTokenResponse("gcp".to_owned()));
            };
            let mut command = Command::new(path);
            command.args(arguments);
            let run = Run {
                name: path,
                install_hint: None,
                interactive: false,
                timeout: self.timeout,
                env: &self.env,
            };
            let printed = run.output(command).await?;
            let printed: Value = serde_json::from_slice(&printed)
                .map_err(|error| AuthError::ParseTokenKey(Arc::new(error)))?;
            let token = lookup(&printed, &self.token_key)
                .ok_or_else(|| AuthError::MissingTokenKey(self.token_key.clone()))?;
            let expires = lookup(&printed, &self.expiry_key).map(parse_time).transpose()?;
            Ok(Credential {
                header: Some(bearer(token)?),
                expires,
                ..Credential::default()
            })
        }
        .boxed()
    }
}

fn parse_time(text: &str) -> Result<Timestamp, AuthError> {
    text.parse().map_err(AuthError::MalformedTokenExpirationDate)
}

/// The text at a path such as `{.credential.access_token}`.
fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    let path = path.trim().trim_start_matches('{').trim_end_matches('}');
    path.split('.')
        .filter(|key| !key.is_empty())
        .try_fold(value, |value, key| value.get(key))?
        .as_str()
}

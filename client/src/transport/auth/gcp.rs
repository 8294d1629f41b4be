//! The auth provider `gcp`: a token with an end, and how the next one is had: from a command that prints it, or by the
//! application's default credentials.
//!
//! Clients have not known it since Kubernetes 1.26; old kubeconfigs still do.

use std::sync::{Arc, Mutex, PoisonError};
#[cfg(feature = "exec")]
use std::time::Duration;

use futures::{FutureExt, future::BoxFuture};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "oauth")]
use super::oauth::DefaultCredentials;
use super::{
    AuthError, bearer,
    credentials::{Credential, Source},
};
#[cfg(feature = "exec")]
use crate::config::FieldError;
use crate::{
    config::{Config, Origin, StringMap},
    env::Env,
};

pub(super) struct Gcp {
    /// The token in the kubeconfig, until it was used. It is a secret.
    token: Mutex<Option<SecretString>>,
    expires: Option<Timestamp>,
    /// How the next token is had, if there is a way.
    next: Option<Next>,
    /// Whose token it is, for errors about it.
    origin: Origin,
    env: Env,
}

/// How the next token is had.
enum Next {
    #[cfg(feature = "exec")]
    Command(Command),
    #[cfg(feature = "oauth")]
    Default(DefaultCredentials),
}

impl Gcp {
    pub(super) fn new(config: &Config, env: &Env, fields: &StringMap<String>) -> Result<Self, AuthError> {
        let field = |name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
        let next = match field("cmd-path") {
            #[cfg(feature = "exec")]
            Some(path) => Some(Next::Command(Command::new(path, config, &field))),
            #[cfg(not(feature = "exec"))]
            Some(_) => return Err(unusable("`cmd-path` needs the feature `exec`")),
            #[cfg(feature = "oauth")]
            None => Some(Next::Default(DefaultCredentials::new(
                config,
                env,
                field("scopes"),
            ))),
            #[cfg(not(feature = "oauth"))]
            None => None,
        };
        let gcp = Self {
            token: Mutex::new(field("access-token").map(SecretString::from)),
            expires: field("expiry").map(|time| parse_time(&time)).transpose()?,
            next,
            origin: config.user_origin.clone(),
            env: env.clone(),
        };
        if gcp.first().is_none() && gcp.next.is_none() {
            return Err(unusable(
                "it has neither `access-token` nor `cmd-path`, and the default credentials of an application need \
                 the feature `oauth`; or use the credential plugin gke-gcloud-auth-plugin (`exec`) instead",
            ));
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

    async fn credential(&self) -> Result<Credential, AuthError> {
        if let Some(token) = self.first()
            && self.expires.is_none_or(|expires| self.env.now() < expires)
        {
            if self.next.is_some() {
                // Whoever asks again does not want this one.
                self.forget_first();
            }
            return Ok(Credential {
                header: Some(bearer(token.expose_secret()).map_err(|error| {
                    AuthError::bearer(self.origin.error("auth-provider: access-token", error))
                })?),
                expires: self.expires,
                ..Credential::default()
            });
        }
        match &self.next {
            #[cfg(feature = "exec")]
            Some(Next::Command(command)) => command.run(&self.env).await,
            #[cfg(feature = "oauth")]
            Some(Next::Default(credentials)) => credentials.obtain().await.map_err(AuthError::OAuth),
            None => Err(AuthError::UnrefreshableTokenResponse("gcp".to_owned())),
        }
    }
}

impl Source for Gcp {
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move { self.credential().await }.boxed()
    }
}

fn unusable(reason: &'static str) -> AuthError {
    AuthError::AuthProvider {
        name: "gcp".to_owned(),
        reason,
    }
}

fn parse_time(text: &str) -> Result<Timestamp, AuthError> {
    text.parse().map_err(AuthError::MalformedTokenExpirationDate)
}

/// A command that prints tokens as JSON, and where they stand in it.
#[cfg(feature = "exec")]
struct Command {
    path: String,
    arguments: Vec<String>,
    token_key: String,
    expiry_key: String,
    timeout: Option<Duration>,
}

#[cfg(feature = "exec")]
impl Command {
    fn new(path: String, config: &Config, field: &impl Fn(&str) -> Option<String>) -> Self {
        let arguments = field("cmd-args").unwrap_or_default();
        Self {
            path,
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            token_key: field("token-key").unwrap_or_else(|| "{.access_token}".to_owned()),
            expiry_key: field("expiry-key").unwrap_or_else(|| "{.token_expiry}".to_owned()),
            timeout: config.credential_timeout,
        }
    }

    async fn run(&self, env: &Env) -> Result<Credential, AuthError> {
        let mut command = tokio::process::Command::new(&self.path);
        command.args(&self.arguments);
        let run = super::exec::Run {
            name: &self.path,
            install_hint: None,
            interactive: false,
            timeout: self.timeout,
            env,
        };
        let printed = run.output(command).await?;
        let printed: serde_json::Value =
            serde_json::from_slice(&printed).map_err(|error| AuthError::ParseTokenKey(Arc::new(error)))?;
        let token = lookup(&printed, &self.token_key)
            .ok_or_else(|| AuthError::MissingTokenKey(self.token_key.clone()))?;
        let expires = lookup(&printed, &self.expiry_key).map(parse_time).transpose()?;
        Ok(Credential {
            header: Some(bearer(token).map_err(|error| {
                let field = format!("what `{}` printed: {}", self.path, self.token_key);
                AuthError::bearer(FieldError::new(None, field, error))
            })?),
            expires,
            ..Credential::default()
        })
    }
}

/// The text at a path such as `{.credential.access_token}`.
#[cfg(feature = "exec")]
fn lookup<'a>(value: &'a serde_json::Value, path: &str) -> Option<&'a str> {
    let path = path.trim().trim_start_matches('{').trim_end_matches('}');
    path.split('.')
        .filter(|key| !key.is_empty())
        .try_fold(value, |value, key| value.get(key))?
        .as_str()
}

//! Which credentials a user has.

use std::sync::Arc;

use http::HeaderValue;
use secrecy::ExposeSecret;

use super::{AuthError, Credentials, basic, bearer, token::TokenFile};
use crate::{
    config::{AuthInfo, AuthProviderConfig, Config, ExecConfig},
    env::Env,
    transport::{SetupError, userinfo::userinfo},
};

pub(super) enum Found {
    /// None, or none but a client certificate.
    Nothing,
    Fixed(HeaderValue),
    Renewed(Arc<Credentials>),
}

/// The first that is there: an auth provider, a name with a password, a token file, a token, a plugin, the URL.
pub(super) fn of(config: &Config, env: &Env) -> Result<Found, SetupError> {
    let user = &config.auth_info;
    if let Some(provider) = &user.auth_provider {
        return Ok(auth_provider(config, env, provider)?);
    }
    if let Some(name) = user.username.as_ref().filter(|name| !name.is_empty()) {
        let password = user.password.as_ref().map_or("", ExposeSecret::expose_secret);
        let header = basic(name, password).map_err(|error| AuthError::InvalidBasicAuth(Arc::new(error)))?;
        return Ok(Found::Fixed(header));
    }
    if let Some(path) = user.token_file.as_ref().filter(|path| !path.is_empty()) {
        let source = TokenFile {
            path: path.into(),
            host: Arc::clone(&config.host),
        };
        return Ok(Found::Renewed(Arc::new(Credentials::new(
            Arc::new(source),
            env.clone(),
        ))));
    }
    if let Some(token) = token(user) {
        let header =
            bearer(token).map_err(|error| AuthError::bearer(config.user_origin.error("token", error)))?;
        return Ok(Found::Fixed(header));
    }
    match &user.exec {
        Some(exec) => Ok(Found::Renewed(plugin(config, env, exec)?)),
        None => in_url(config),
    }
}

/// What the URL of the server says, for those who have nothing else, as Go's HTTP client does.
fn in_url(config: &Config) -> Result<Found, SetupError> {
    let Some((name, password)) = userinfo(&config.cluster_url) else {
        return Ok(Found::Nothing);
    };
    let header = basic(&name, &password).map_err(|error| AuthError::InvalidBasicAuth(Arc::new(error)))?;
    Ok(Found::Fixed(header))
}

fn token(user: &AuthInfo) -> Option<&str> {
    let token = user.token.as_ref()?.expose_secret().trim();
    (!token.is_empty()).then_some(token)
}

/// The credentials of a plugin: one for all that is made of one configuration, because its client certificate is for
/// TLS and its token for the requests.
#[cfg(feature = "exec")]
fn plugin(config: &Config, env: &Env, exec: &ExecConfig) -> Result<Arc<Credentials>, AuthError> {
    struct Plugin {
        exec: ExecConfig,
        credentials: Arc<Credentials>,
    }
    let plugin = config.shared.get_or_try_init(
        |plugin: &Plugin| plugin.exec == *exec,
        || {
            let source = super::exec::Plugin::new(config, env, exec)?;
            Ok::<_, AuthError>(Plugin {
                exec: exec.clone(),
                credentials: Arc::new(Credentials::new(Arc::new(source), env.clone())),
            })
        },
    )?;
    Ok(Arc::clone(&plugin.credentials))
}

#[cfg(not(feature = "exec"))]
fn plugin(_: &Config, _: &Env, _: &ExecConfig) -> Result<Arc<Credentials>, AuthError> {
    Err(AuthError::AuthExec("it needs the feature `exec`".to_owned()))
}

/// The place where a plugin that is chosen will leave its client certificate.
#[cfg(any(feature = "openssl-tls", feature = "rustls-tls"))]
pub(crate) fn identity_slot(
    config: &Config,
    env: &Env,
) -> Result<Option<Arc<super::credentials::IdentitySlot>>, SetupError> {
    let is_plugin = config.auth_info.exec.is_some();
    match of(config, env)? {
        Found::Renewed(credentials) if is_plugin => Ok(Some(credentials.identity())),
        _ => Ok(None),
    }
}

fn auth_provider(config: &Config, env: &Env, provider: &AuthProviderConfig) -> Result<Found, AuthError> {
    let unusable = |reason| AuthError::AuthProvider {
        name: provider.name.clone(),
        reason,
    };
    match provider.name.as_str() {
        #[cfg(feature = "oidc")]
        "oidc" => {
            let source = super::oidc::Oidc::new(config, env, &provider.config)?;
            Ok(Found::Renewed(Arc::new(Credentials::new(
                Arc::new(source),
                env.clone(),
            ))))
        }
        #[cfg(not(feature = "oidc"))]
        "oidc" => Err(unusable("it needs the feature `oidc`")),
        #[cfg(any(feature = "exec", feature = "oauth"))]
        "gcp" => {
            let source = super::gcp::Gcp::new(config, env, &provider.config)?;
            Ok(Found::Renewed(Arc::new(Credentials::new(
                Arc::new(source),
                env.clone(),
            ))))
        }
        #[cfg(not(any(feature = "exec", feature = "oauth")))]
        "gcp" => Err(unusable("it needs the feature `exec`, or `oauth`")),
        _ => {
            let _ = (config, env);
            Err(unusable("use a credential plugin (`exec`) instead"))
        }
    }
}

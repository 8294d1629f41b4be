//! The auth provider `oidc`: an ID token, and a refresh token to get the next one with.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens>, OpenID Connect
//! Discovery 1.0, and RFC 6749, section 6. The token's signature is the server's to check.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{Request, StatusCode, Uri, header};
use http_body_util::Full;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tower::BoxError;

use super::{
    AuthError, basic, bearer,
    credentials::{Credential, Source},
    issuer::{Route, encode, exchange, post_form},
    oidc_errors::{Error, IdTokenError, RefreshError, RefreshInitError},
};
use crate::{
    config::{Config, StringMap, pem},
    env::Env,
    transport::TlsError,
};

pub(super) struct Oidc {
    /// The tokens in hand. A refresh token may be good for one use.
    tokens: Mutex<Tokens>,
    issuer: Result<Issuer, RefreshInitError>,
    env: Env,
    timeout: Option<Duration>,
}

#[derive(Clone, Default)]
struct Tokens {
    id: Option<SecretString>,
    refresh: Option<SecretString>,
}

struct Issuer {
    url: String,
    client_id: String,
    client_secret: Option<SecretString>,
    route: Route,
}

impl Oidc {
    pub(super) fn new(config: &Config, env: &Env, fields: &StringMap<String>) -> Result<Self, AuthError> {
        let field = |name: &str| fields.get(name).filter(|value| !value.is_empty());
        let secret = |name: &str| field(name).map(|value| SecretString::from(value.as_str()));
        let tokens = Tokens {
            id: secret("id-token"),
            refresh: secret("refresh-token"),
        };
        let required = |name: &'static str| field(name).cloned().ok_or(RefreshInitError::MissingField(name));
        let issuer = || {
            Ok(Issuer {
                url: required("idp-issuer-url")?,
                client_id: required("client-id")?,
                client_secret: secret("client-secret"),
                route: Route {
                    authorities: authorities(config, &field)?,
                    host: Arc::clone(&config.host),
                    connect_timeout: config.connect_timeout,
                },
            })
        };
        let issuer = match &tokens.refresh {
            Some(_) => issuer(),
            None => Err(RefreshInitError::MissingField("refresh-token")),
        };
        match (&tokens.id, &issuer) {
            (None, Err(RefreshInitError::MissingField("refresh-token"))) => {
                Err(AuthError::Oidc(Error::IdTokenMissing))
            }
            (None, Err(error)) => Err(AuthError::Oidc(Error::RefreshInit(error.clone()))),
            _ => Ok(Self {
                tokens: Mutex::new(tokens),
                issuer,
                env: env.clone(),
                timeout: config.credential_timeout,
            }),
        }
    }

    async fn credential(&self) -> Result<Credential, Error> {
        // The token from the file counts once: it is asked for again when it was rejected, or ends.
        let first = self.lock().id.take();
        if let Some(token) = first {
            let expires = expiration(token.expose_secret()).map_err(Error::IdToken)?;
            if self.issuer.is_err() || self.env.now() < expires {
                return credential(&token, expires);
            }
        }
        let issuer = self
            .issuer
            .as_ref()
            .map_err(|error| Error::RefreshInit(error.clone()))?;
        let missing = || Error::RefreshInit(RefreshInitError::MissingField("refresh-token"));
        let refresh = self.lock().refresh.clone().ok_or_else(missing)?;
        let answer = issuer.refresh(&self.env, &refresh);
        let answer = match self.timeout {
            None => answer.await,
            Some(timeout) => self
                .env
                .timeout(timeout, answer)
                .await
                .unwrap_or_else(|elapsed| Err(unreachable(elapsed))),
        }
        .map_err(Error::Refresh)?;
        if let Some(next) = answer.refresh_token {
            self.lock().refresh = Some(next.into());
        }
        let token = SecretString::from(
            answer
                .id_token
                .ok_or(Error::Refresh(RefreshError::NoIdTokenReceived))?,
        );
        let expires = expiration(token.expose_secret()).map_err(Error::IdToken)?;
        credential(&token, expires)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Tokens> {
        // Nothing is left half done by a panic: each change is one assignment.
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Oidc {
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move { self.credential().await.map_err(AuthError::Oidc) }.boxed()
    }
}

fn credential(token: &SecretString, expires: Timestamp) -> Result<Credential, Error> {
    // A token whose claims can be read has no characters that a header does not take.
    let header = bearer(token.expose_secret()).map_err(|_| Error::IdToken(IdTokenError::InvalidFormat))?;
    Ok(Credential {
        header: Some(header),
        expires: Some(expires),
        ..Credential::default()
    })
}

fn authorities<'a>(
    config: &Config,
    field: &impl Fn(&str) -> Option<&'a String>,
) -> Result<Option<Vec<Vec<u8>>>, RefreshInitError> {
    let fail =
        |name, error: BoxError| RefreshInitError::CertificateAuthority(name, Arc::new(TlsError::new(error)));
    let (name, pem) = if let Some(data) = field("idp-certificate-authority-data") {
        let name = "idp-certificate-authority-data";
        // Without the decoder's error, which quotes the input.
        (
            name,
            BASE64_STANDARD
                .decode(data)
                .map_err(|_| fail(name, "it is not base64".into()))?,
        )
    } else if let Some(path) = field("idp-certificate-authority") {
        let name = "idp-certificate-authority";
        (
            name,
            config
                .host
                .read(path.as_ref())
                .map_err(|error| fail(name, error.into()))?,
        )
    } else {
        return Ok(None);
    };
    let certificates = pem::certificates(&pem).map_err(|error| fail(name, error.into()))?;
    Ok(Some(certificates.iter().map(|der| der.to_vec()).collect()))
}

/// The claim `exp` of a JSON web token, RFC 7519.
fn expiration(token: &str) -> Result<Timestamp, IdTokenError> {
    #[derive(Deserialize)]
    struct Claims {
        exp: f64,
    }
    let parts: Vec<_> = token.split('.').collect();
    let [_, claims, _] = parts[..] else {
        return Err(IdTokenError::InvalidFormat);
    };
    let claims = BASE64_URL_SAFE_NO_PAD
        .decode(claims.trim_end_matches('='))
        .map_err(|_| IdTokenError::InvalidBase64)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| IdTokenError::InvalidJson)?;
    // A NumericDate may have a fraction; a token is not good for a part of a second more. The cast saturates.
    #[expect(clippy::cast_possible_truncation, reason = "saturating is what is wanted")]
    Timestamp::from_second(claims.exp as i64).map_err(IdTokenError::InvalidExpirationTimestamp)
}

#[derive(Deserialize)]
struct Metadata {
    token_endpoint: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
}

impl Issuer {
    async fn refresh(&self, env: &Env, refresh_token: &SecretString) -> Result<Answer, RefreshError> {
        let url = format!(
            "{}/.well-known/openid-configuration",
            self.url.trim_end_matches('/')
        );
        let url: Uri = url
            .parse()
            .map_err(|_| RefreshError::InvalidURI("`idp-issuer-url`"))?;
        let mut connections = self.route.to(env, &url).map_err(unreachable)?;
        let get = Request::get(url).body(Full::default()).map_err(unreachable)?;
        let (status, metadata) = exchange(&mut connections, get).await.map_err(unreachable)?;
        if !status.is_success() {
            return Err(RefreshError::RequestFailed(status));
        }
        let metadata: Metadata =
            serde_json::from_slice(&metadata).map_err(|_| RefreshError::InvalidMetadata)?;
        let endpoint: Uri = metadata
            .token_endpoint
            .parse()
            .map_err(|_| RefreshError::InvalidURI("`token_endpoint`"))?;

        let ask = self.ask(endpoint, &metadata, refresh_token)?;
        let (status, answer) = exchange(&mut connections, ask).await.map_err(unreachable)?;
        match status {
            status if status.is_success() => {}
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                return Err(RefreshError::AuthorizationFailure);
            }
            status => return Err(RefreshError::RequestFailed(status)),
        }
        serde_json::from_slice(&answer).map_err(|_| RefreshError::InvalidTokenResponse)
    }

    /// The request for a new token, with the client's secret where the issuer takes it.
    fn ask(
        &self,
        endpoint: Uri,
        metadata: &Metadata,
        refresh_token: &SecretString,
    ) -> Result<Request<Full<Bytes>>, RefreshError> {
        let mut form = format!(
            "grant_type=refresh_token&refresh_token={}",
            encode(refresh_token.expose_secret())
        );
        let mut request = post_form(endpoint);
        // Where the issuer does not say, it takes Basic.
        let takes_basic = metadata
            .token_endpoint_auth_methods_supported
            .as_ref()
            .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic"));
        match &self.client_secret {
            Some(secret) if takes_basic => {
                let header =
                    basic(&encode(&self.client_id), &encode(secret.expose_secret())).map_err(unreachable)?;
                request = request.header(header::AUTHORIZATION, header);
            }
            secret => {
                form += &format!("&client_id={}", encode(&self.client_id));
                if let Some(secret) = secret {
                    form += &format!("&client_secret={}", encode(secret.expose_secret()));
                }
            }
        }
        request.body(Full::from(form)).map_err(unreachable)
    }
}

fn unreachable(error: impl Into<BoxError>) -> RefreshError {
    RefreshError::Unreachable(Arc::new(TlsError::new(error)))
}

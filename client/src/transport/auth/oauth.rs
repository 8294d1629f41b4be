//! The default credentials of an application on Google's cloud: a file, or whoever answers for the machine.
//!
//! # Source
//!
//! <https://cloud.google.com/docs/authentication/application-default-credentials>,
//! <https://developers.google.com/identity/protocols/oauth2/service-account#httprest> with RFC 7515 and RFC 7523, and
//! <https://cloud.google.com/compute/docs/access/authenticate-workloads#applications>.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::Full;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    OAuthError, bearer,
    credentials::Credential,
    issuer::{Route, encode, exchange, post_form},
};
use crate::{
    config::{Config, Host, pem},
    env::Env,
    transport::{TlsError, tls::Tls},
};

/// What Kubernetes Engine asks for.
const SCOPES: &str =
    "https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/userinfo.email";
/// Where tokens are had, if a file does not say.
const TOKEN_ENDPOINT: &str = "https://oauth2.googleapis.com/token";
/// Who answers for the machine, if the environment does not say.
const METADATA_HOST: &str = "metadata.google.internal";
/// How long what a service account signs is good: the longest that is allowed.
const ASSERTION_SECONDS: i64 = 3600;

/// The default credentials of an application, looked for anew each time.
pub(super) struct DefaultCredentials {
    scopes: Vec<String>,
    route: Route,
    env: Env,
    timeout: Option<Duration>,
}

impl DefaultCredentials {
    /// For `scopes`, with commas between them.
    pub(super) fn new(config: &Config, env: &Env, scopes: Option<String>) -> Self {
        let scopes = scopes.as_deref().unwrap_or(SCOPES).split(',');
        Self {
            scopes: scopes.map(|scope| scope.trim().to_owned()).collect(),
            route: Route {
                authorities: None,
                host: Arc::clone(&config.host),
                connect_timeout: config.connect_timeout,
            },
            env: env.clone(),
            timeout: config.credential_timeout,
        }
    }

    pub(super) async fn obtain(&self) -> Result<Credential, OAuthError> {
        let Some(timeout) = self.timeout else {
            return self.ask().await;
        };
        let asked = self.env.timeout(timeout, self.ask()).await;
        asked.unwrap_or_else(|elapsed| Err(unreachable(elapsed)))
    }

    async fn ask(&self) -> Result<Credential, OAuthError> {
        let (url, request) = match find(&*self.route.host)? {
            Some((path, file)) => File { path: &path, file }.request(self)?,
            None => return self.ask_machine().await,
        };
        let mut connections = self.route.to(&self.env, &url).map_err(unreachable)?;
        let (status, answer) = exchange(&mut connections, request).await.map_err(unreachable)?;
        self.read(status, &answer)
    }

    /// Asks the server that tells a virtual machine, or a pod, about itself.
    async fn ask_machine(&self) -> Result<Credential, OAuthError> {
        let host = self.route.host.text_var("GCE_METADATA_HOST");
        let url = format!(
            "http://{}/computeMetadata/v1/instance/service-accounts/default/token?scopes={}",
            host.as_deref().unwrap_or(METADATA_HOST),
            encode(&self.scopes.join(",")),
        );
        let url: Uri = url
            .parse()
            .map_err(|_| OAuthError::InvalidURI("`GCE_METADATA_HOST`"))?;
        let request = Request::get(&url)
            .header("Metadata-Flavor", "Google")
            .body(Full::default())
            .map_err(unreachable)?;
        let nobody = |error| OAuthError::NoDefaultProvider(Arc::new(error));
        // It is on this machine: no proxy knows the way.
        let mut config = Config::new(url);
        config.connect_timeout = self.route.connect_timeout;
        let connections = crate::transport::Connections::new(&config, &self.env, None);
        let mut connections = connections.map_err(|error| nobody(TlsError::new(error)))?;
        let (status, answer) = exchange(&mut connections, request).await.map_err(nobody)?;
        self.read(status, &answer)
    }

    fn read(&self, status: StatusCode, answer: &[u8]) -> Result<Credential, OAuthError> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: String,
            #[serde(default)]
            expires_in: Option<i64>,
        }
        #[derive(Deserialize)]
        struct Refusal {
            error: String,
        }
        if !status.is_success() {
            let refusal = serde_json::from_slice(answer).ok();
            let error = refusal.map(|Refusal { error }| error);
            return Err(OAuthError::RetrieveCredentials { status, error });
        }
        let answer: Answer = serde_json::from_slice(answer).map_err(|_| OAuthError::ParseToken)?;
        let life = answer.expires_in.map(SignedDuration::from_secs);
        Ok(Credential {
            header: Some(bearer(&answer.access_token).map_err(|_| OAuthError::ParseToken)?),
            expires: life.and_then(|life| self.env.now().saturating_add(life).ok()),
            ..Credential::default()
        })
    }
}

/// The file with the credentials: the one that the environment names, or the one that `gcloud` leaves, if there is one.
fn find(host: &dyn Host) -> Result<Option<(PathBuf, Vec<u8>)>, OAuthError> {
    if let Some(path) = host.text_var("GOOGLE_APPLICATION_CREDENTIALS").map(PathBuf::from) {
        return match host.read(&path) {
            Ok(file) => Ok(Some((path, file))),
            Err(error) => Err(OAuthError::LoadCredentials(Arc::new(error), path)),
        };
    }
    let directory = host.text_var("CLOUDSDK_CONFIG").map(PathBuf::from);
    let directory = directory.or_else(|| {
        if cfg!(windows) {
            Some(PathBuf::from(host.text_var("APPDATA")?).join("gcloud"))
        } else {
            Some(host.home_dir()?.join(".config").join("gcloud"))
        }
    });
    Ok(directory.and_then(|directory| {
        let path = directory.join("application_default_credentials.json");
        let file = host.read(&path).ok()?;
        Some((path, file))
    }))
}

/// A file with credentials.
struct File<'a> {
    path: &'a Path,
    file: Vec<u8>,
}

impl File<'_> {
    /// What to ask the token endpoint, and where that is.
    fn request(&self, what: &DefaultCredentials) -> Result<(Uri, Request<Full<Bytes>>), OAuthError> {
        // What is wrong with the text is not told: the parser would quote it.
        let file: Value = serde_json::from_slice(&self.file).unwrap_or_default();
        let field = |field: &'static str| {
            let path = || self.path.to_owned();
            file.get(field)
                .and_then(Value::as_str)
                .ok_or_else(|| OAuthError::ParseCredentials { path: path(), field })
        };
        let endpoint = field("token_uri").unwrap_or(TOKEN_ENDPOINT);
        let form = match field("type")? {
            "service_account" => {
                let assertion = self.assertion(what, endpoint, &field)?;
                format!(
                    "grant_type={}&assertion={assertion}",
                    encode("urn:ietf:params:oauth:grant-type:jwt-bearer")
                )
            }
            "authorized_user" => format!(
                "grant_type=refresh_token&refresh_token={}&client_id={}&client_secret={}",
                encode(field("refresh_token")?),
                encode(field("client_id")?),
                encode(field("client_secret")?),
            ),
            kind => {
                return Err(OAuthError::InvalidDefaultProviderConfig {
                    path: self.path.to_owned(),
                    kind: kind.to_owned(),
                });
            }
        };
        let url: Uri = endpoint
            .parse()
            .map_err(|_| OAuthError::InvalidURI("`token_uri`"))?;
        let request = post_form(url.clone())
            .header(header::CONTENT_LENGTH, form.len())
            .body(Full::from(form))
            .map_err(unreachable)?;
        Ok((url, request))
    }

    /// A JSON web token by which a service account asks for a token.
    fn assertion<'f>(
        &self,
        what: &DefaultCredentials,
        endpoint: &str,
        field: &impl Fn(&'static str) -> Result<&'f str, OAuthError>,
    ) -> Result<String, OAuthError> {
        let issued = what.env.now().as_second();
        let mut header = json!({ "alg": "RS256", "typ": "JWT" });
        if let Ok(id) = field("private_key_id") {
            header["kid"] = id.into();
        }
        let claims = json!({
            "iss": field("client_email")?,
            "scope": what.scopes.join(" "),
            "aud": endpoint,
            "iat": issued,
            "exp": issued + ASSERTION_SECONDS,
        });
        let encoded = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let key = pem::private_key(field("private_key")?.as_bytes())
            .map_err(|error| OAuthError::InvalidKeyFormat(error, self.path.to_owned()))?;
        let signature = Tls::sign_rs256(key, signed.as_bytes())
            .map_err(|error| OAuthError::InvalidRsaKey(Arc::new(error), self.path.to_owned()))?;
        Ok(format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
    }
}

fn unreachable(error: impl Into<tower::BoxError>) -> OAuthError {
    OAuthError::RequestToken(Arc::new(TlsError::new(error)))
}

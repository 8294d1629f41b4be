//! What is common to those who give out tokens: how they are reached, and what they are asked with.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header, request};
use http_body_util::{BodyExt, Full, Limited};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower::Service;

use crate::{
    config::{Config, Host, KubeconfigError, proxy},
    env::Env,
    transport::{Connections, SetupError, TlsError},
};

/// Tokens are a few kilobytes.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// How an issuer is reached.
pub(super) struct Route {
    /// The certificate authorities of the issuer, in DER; the platform's if there are none.
    pub(super) authorities: Option<Vec<Vec<u8>>>,
    pub(super) host: Arc<dyn Host>,
    pub(super) connect_timeout: Option<Duration>,
}

impl Route {
    /// Connections to the issuer at `url`.
    pub(super) fn to(&self, env: &Env, url: &Uri) -> Result<Connections<Full<Bytes>>, SetupError> {
        let mut config = Config::new(url.clone());
        config.root_cert.clone_from(&self.authorities);
        config.connect_timeout = self.connect_timeout;
        config.proxy_url = proxy::from_env(&*self.host, url).map_err(KubeconfigError::ParseProxyUrl)?;
        config.host = Arc::clone(&self.host);
        Connections::new(&config, env, None)
    }
}

/// Sends a request and reads the answer.
pub(super) async fn exchange(
    connections: &mut Connections<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), TlsError> {
    let response = connections.call(request).await.map_err(TlsError::new)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX)
        .collect()
        .await
        .map_err(TlsError::new)?;
    Ok((status, body.to_bytes()))
}

/// The head of a request with a form in its body.
pub(super) fn post_form(endpoint: Uri) -> request::Builder {
    Request::post(endpoint)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
}

/// A value in a form.
pub(super) fn encode(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

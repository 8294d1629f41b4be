//! Proxies on the way to the server.

#[cfg(feature = "socks5")]
mod socks;
#[cfg(feature = "http-proxy")]
mod tunnel;

use http::{HeaderValue, Uri};
#[cfg(any(feature = "http-proxy", feature = "socks5"))]
use tower::BoxError;

use super::{SetupError, connect::Dial, tls::Tls};
use crate::config::{self, Config};

/// Connects to `target` through the proxy.
pub(super) fn dial(proxy_url: &Uri, target: &Uri, tcp: Dial, tls: &Tls) -> Result<Dial, SetupError> {
    // Only a proxy that this build can use needs to know.
    #[cfg(not(feature = "http-proxy"))]
    let _ = (target, tls);
    #[cfg(not(any(feature = "http-proxy", feature = "socks5")))]
    let _ = tcp;
    let shown = || Box::new(without_userinfo(proxy_url));
    if let Some(protocol_feature) = config::proxy::missing_feature(proxy_url) {
        return Err(SetupError::ProxyDisabled {
            proxy_url: shown(),
            protocol_feature,
        });
    }
    match proxy_url.scheme_str() {
        #[cfg(feature = "http-proxy")]
        Some("http" | "https") => tunnel::dial(proxy_url, target, tcp, tls),
        #[cfg(feature = "socks5")]
        Some("socks5" | "socks5h") => Ok(socks::dial(proxy_url, tcp)),
        _ => Err(SetupError::ProxyUnsupported { proxy_url: shown() }),
    }
}

/// What every request must tell a proxy that forwards it, because no tunnel said so.
pub(super) fn authorization(config: &Config) -> Option<HeaderValue> {
    #[cfg(feature = "http-proxy")]
    if let Some(proxy_url) = &config.proxy_url
        && config.cluster_url.scheme_str() == Some("http")
        && matches!(proxy_url.scheme_str(), Some("http" | "https"))
    {
        return tunnel::authorization(proxy_url);
    }
    let _ = config;
    None
}

/// The name and the password in a URL.
#[cfg(any(feature = "http-proxy", feature = "socks5"))]
fn userinfo(url: &Uri) -> Option<(String, String)> {
    let (userinfo, _) = url.authority()?.as_str().rsplit_once('@')?;
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decode = |text| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    Some((decode(user), decode(password)))
}

/// The error of a connection that failed at the proxy.
#[cfg(any(feature = "http-proxy", feature = "socks5"))]
fn unusable(proxy: &Uri, error: impl Into<BoxError>) -> BoxError {
    Box::new(Unusable {
        proxy: proxy.clone(),
        source: error.into(),
    })
}

#[cfg(any(feature = "http-proxy", feature = "socks5"))]
#[derive(Debug, thiserror::Error)]
#[error("the proxy {proxy} (`proxy-url`) did not connect")]
struct Unusable {
    proxy: Uri,
    source: BoxError,
}

/// The URL without the password that it may carry.
fn without_userinfo(url: &Uri) -> Uri {
    let authority = url
        .authority()
        .map(http::uri::Authority::as_str)
        .unwrap_or_default();
    let mut parts = url.clone().into_parts();
    if let Some((_, host)) = authority.rsplit_once('@') {
        parts.authority = host.parse().ok();
    }
    // The parts were those of a URL; without them there is nothing to show.
    Uri::from_parts(parts).unwrap_or_default()
}

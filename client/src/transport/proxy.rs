//! Proxies on the way to the server.

#[cfg(feature = "socks5")]
mod socks;
#[cfg(feature = "http-proxy")]
mod tunnel;

use http::{HeaderValue, Uri};
#[cfg(any(feature = "http-proxy", feature = "socks5"))]
use tower::BoxError;

use super::{SetupError, connect::Dial, tls::Tls, userinfo::without_userinfo};
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
#[error("the proxy {proxy} (of `proxy-url`, or of the environment) did not connect")]
struct Unusable {
    proxy: Uri,
    source: BoxError,
}

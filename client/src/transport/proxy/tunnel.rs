//! HTTP proxies: a tunnel by `CONNECT` for servers with TLS, forwarded requests for those without.
//!
//! # Source
//!
//! RFC 9110, section 9.3.6, and RFC 9112, section 3.2.2.

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use tower::{Service, ServiceExt};

use crate::transport::{
    SetupError,
    connect::Dial,
    stream::Stream,
    tls::Tls,
    userinfo::{userinfo, without_userinfo},
};

pub(super) fn dial(proxy_url: &Uri, target: &Uri, tcp: Dial, tls: &Tls) -> Result<Dial, SetupError> {
    let to_proxy = match proxy_url.scheme_str() {
        Some("https") => tls.to_proxy(tcp)?,
        _ => tcp,
    };
    if target.scheme_str() == Some("http") {
        return Ok(forward(proxy_url, to_proxy));
    }
    let mut tunnel = Tunnel::new(proxy_url.clone(), to_proxy);
    if let Some(authorization) = authorization(proxy_url) {
        tunnel = tunnel.with_auth(authorization);
    }
    let proxy = without_userinfo(proxy_url);
    Ok(Dial::new(
        tunnel.map_err(move |error| super::unusable(&proxy, error)),
    ))
}

/// Whatever the host, the connection is one to the proxy; the requests on it name their host.
fn forward(proxy_url: &Uri, to_proxy: Dial) -> Dial {
    let destination = proxy_url.clone();
    let proxy = without_userinfo(proxy_url);
    Dial::new(tower::service_fn(move |_: Uri| {
        let mut to_proxy = to_proxy.clone();
        let (destination, proxy) = (destination.clone(), proxy.clone());
        async move {
            let connected = async { to_proxy.ready().await?.call(destination).await };
            match connected.await {
                Ok(stream) => Ok(Stream::forwarding(stream)),
                Err(error) => Err(super::unusable(&proxy, error)),
            }
        }
    }))
}

/// What to tell the proxy about who asks.
pub(super) fn authorization(proxy_url: &Uri) -> Option<HeaderValue> {
    let (user, password) = userinfo(proxy_url)?;
    crate::transport::auth::basic(&user, &password).ok()
}

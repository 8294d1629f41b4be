//! SOCKS5 proxies.
//!
//! The proxy looks names up, for `socks5` as for `socks5h`: so does Go, and with it kubectl.
//!
//! # Source
//!
//! RFC 1928 and RFC 1929.

use http::{Uri, uri};
use hyper_util::client::legacy::connect::proxy::SocksV5;
use tower::ServiceExt;

use crate::transport::{
    connect::Dial,
    userinfo::{userinfo, without_userinfo},
};

const DEFAULT_PORT: u16 = 1080;

pub(super) fn dial(proxy_url: &Uri, tcp: Dial) -> Dial {
    let mut socks = SocksV5::new(with_port(proxy_url), tcp).local_dns(false);
    if let Some((user, password)) = userinfo(proxy_url) {
        socks = socks.with_auth(user, password);
    }
    let proxy = without_userinfo(proxy_url);
    Dial::new(socks.map_err(move |error| super::unusable(&proxy, error)))
}

fn with_port(proxy_url: &Uri) -> Uri {
    let mut parts = without_userinfo(proxy_url).into_parts();
    if let (None, Some(host)) = (proxy_url.port(), proxy_url.host()) {
        parts.authority = format!("{host}:{DEFAULT_PORT}").parse().ok();
    }
    parts.path_and_query = Some(uri::PathAndQuery::from_static("/"));
    Uri::from_parts(parts).unwrap_or_else(|_| proxy_url.clone())
}

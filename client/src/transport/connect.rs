//! How a connection to the server is made: directly or through a proxy, with TLS or without, in time.

use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use tower::{BoxError, Service, ServiceExt, util::BoxCloneSyncService};

use super::{
    SetupError, proxy,
    stream::{Limited, Limits, Stream},
    tls::Tls,
};
use crate::{config::Config, env::Env};

/// A service that connects to the host of a URL.
pub(crate) type Dial = BoxCloneSyncService<Uri, Stream, BoxError>;

/// How long an idle connection goes without a probe of the kernel, and how long and how often one that is not answered is repeated: a connection that is
/// dead is known to be after a minute.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);
const TCP_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const TCP_KEEPALIVE_RETRIES: u32 = 3;

/// Connects without TLS, through the proxy if there is one.
///
/// A connection that `is_for_programs` may take any time to accept bytes: what is at its end may not read for long.
pub(super) fn plain(
    config: &Config,
    env: &Env,
    tls: &Tls,
    is_for_programs: bool,
) -> Result<Dial, SetupError> {
    let dial = match &config.proxy_url {
        Some(proxy_url) => proxy::dial(proxy_url, &config.cluster_url, boxed(tcp()), tls)?,
        None => boxed(tcp()),
    };
    let limits = Limits {
        read: config.read_timeout,
        write: config.write_timeout.filter(|_| !is_for_programs),
        write_resets_read: config.reset_reader_on_write,
    };
    let env = env.clone();
    let limited = dial.map_response(move |stream| Stream::new(Limited::new(stream, env.clone(), limits)));
    Ok(Dial::new(limited))
}

/// Lets `dial` fail after a while.
pub(crate) fn in_time(dial: Dial, env: &Env, limit: Option<Duration>) -> Dial {
    let Some(limit) = limit else { return dial };
    let env = env.clone();
    Dial::new(tower::service_fn(move |uri| {
        let connecting = env.timeout(limit, dial.clone().oneshot(uri));
        async move {
            match connecting.await {
                Ok(connected) => connected,
                Err(elapsed) => Err(Box::new(TooSlow { limit, elapsed }) as BoxError),
            }
        }
    }))
}

#[derive(Debug, thiserror::Error)]
#[error("connecting took longer than {} s", limit.as_secs_f64())]
struct TooSlow {
    limit: Duration,
    #[source]
    elapsed: crate::env::Elapsed,
}

pub(crate) fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    // TLS is added outside.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(TCP_KEEPALIVE));
    tcp.set_keepalive_interval(Some(TCP_KEEPALIVE_INTERVAL));
    tcp.set_keepalive_retries(Some(TCP_KEEPALIVE_RETRIES));
    tcp
}

pub(crate) fn boxed<C>(connector: C) -> Dial
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Response:
        hyper::rt::Read + hyper::rt::Write + hyper_util::client::legacy::connect::Connection + Send + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
{
    Dial::new(connector.map_response(Stream::new).map_err(Into::into))
}

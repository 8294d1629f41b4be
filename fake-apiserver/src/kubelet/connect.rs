//! How a request becomes a connection.
//!
//! A request that came over a connection of hyper's brings it along. One that did not (a test calls the service itself)
//! is sent over a connection in memory first, so that whoever asked finds the upgrade where hyper puts it.

use std::sync::Arc;

use base64::Engine as _;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{handshake::derive_accept_key, protocol::Role};

use super::session::Session;
use super::{Call, FakeKubelet, Log, What};
use crate::body::Body;
use crate::clock::Clock;
use crate::service::FakeApiServer;
use crate::status::{Result, StatusError};

/// How much may be under way on a connection in memory.
const MEMORY_BYTES: usize = 64 << 10;

/// What a request brought along for its connection.
pub(crate) struct Upgrade {
    headers: HeaderMap,
    connection: Option<OnUpgrade>,
}

/// Whether a request wants a connection and brings none.
pub(crate) fn wants_upgrade<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(header::UPGRADE) && request.extensions().get::<OnUpgrade>().is_none()
}

/// Sends a request over a connection in memory.
pub(crate) async fn over_memory(server: FakeApiServer, request: Request<Bytes>) -> Response<Body> {
    let (ours, theirs) = tokio::io::duplex(MEMORY_BYTES);
    let serve = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(theirs), TowerToHyperService::new(server))
        .with_upgrades();
    spawn(async {
        // It ends with the connection, however that ends.
        let _ = serve.await;
    });
    let answer = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(ours)).await?;
        spawn(async {
            let _ = connection.with_upgrades().await;
        });
        let (head, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
        let body = match head.status {
            StatusCode::SWITCHING_PROTOCOLS => Bytes::new(),
            _ => body.collect().await?.to_bytes(),
        };
        Ok::<_, hyper::Error>(Response::from_parts(head, Body::full(body)))
    };
    answer.await.unwrap_or_else(|error| {
        let error = StatusError::bad_request(format!("the request cannot be sent over HTTP/1.1: {error}"));
        crate::encode::error(&error, crate::wire::accept::Encoding::Json, &[]).map(Body::of)
    })
}

// === impl Upgrade ===

impl Upgrade {
    pub(crate) fn of(head: &mut http::request::Parts) -> Self {
        Self {
            headers: head.headers.clone(),
            connection: head.extensions.remove::<OnUpgrade>(),
        }
    }
}

// === impl FakeKubelet ===

impl FakeKubelet {
    /// Answers a request that leads to a program.
    pub(crate) fn answer(
        &self,
        call: Call,
        upgrade: Upgrade,
        clock: Arc<dyn Clock>,
    ) -> Result<Response<Body>> {
        if let What::Log(options) = &call.what {
            let log = Log::open(self, &call, options, clock)?;
            let mut response = Response::new(Body::log(log));
            let text = HeaderValue::from_static("text/plain");
            response.headers_mut().insert(header::CONTENT_TYPE, text);
            return Ok(response);
        }
        let is_websocket = upgrade
            .headers
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
        let (true, Some(connection)) = (is_websocket, upgrade.connection) else {
            return Err(StatusError::bad_request("Upgrade request required"));
        };
        let key = upgrade.headers.get(header::SEC_WEBSOCKET_KEY);
        let key = key.map(HeaderValue::as_bytes).unwrap_or_default();
        let decoded = base64::engine::general_purpose::STANDARD.decode(key);
        if decoded.is_ok_and(|key| key.len() != 16)
            || upgrade
                .headers
                .get(header::SEC_WEBSOCKET_VERSION)
                .is_none_or(|version| version != "13")
        {
            return Err(StatusError::bad_request(
                "the handshake of the websocket is broken",
            ));
        }
        let offered = upgrade.headers.get_all(header::SEC_WEBSOCKET_PROTOCOL);
        let offered = offered.iter().filter_map(|value| value.to_str().ok());
        let chosen = offered.flat_map(|value| value.split(',')).find_map(|offer| {
            self.protocols
                .iter()
                .copied()
                .find(|known| *known == offer.trim())
        });
        let Some(protocol) = chosen else {
            return Err(StatusError::bad_request(
                "unable to upgrade: no protocol is known to both sides",
            ));
        };

        let accept = HeaderValue::from_str(&derive_accept_key(key))
            .map_err(|_| StatusError::bad_request("the handshake of the websocket is broken"))?;
        let session = Session::new(self.clone(), call, clock, protocol.starts_with("v5"));
        spawn(async move {
            if let Ok(upgraded) = connection.await {
                let socket =
                    WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
                session.run(socket).await;
            }
        });
        let mut response = Response::new(Body::full(Bytes::new()));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
        Ok(response)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the two ends of a connection, which end with it: nobody polls a connection"
)]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

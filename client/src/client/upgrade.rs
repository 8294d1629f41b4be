//! Requests whose answer is a connection: websockets.
//!
//! # Source
//!
//! RFC 6455, section 4, and KEP-4006 for the protocols that Kubernetes speaks on top.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};

use super::{Answer, Body, Client, Verb};
use crate::error::{Error, Result, Target, UpgradeConnectionError};

/// The protocols that this client speaks, the best first: the fifth version can close one direction by itself.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// A websocket to a program in the cluster.
///
/// Made by [`Client::connect`]. [`Api::exec`](crate::Api::exec) and its kin give the streams that travel on one.
#[derive(Debug)]
pub struct Connection {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    protocol: &'static str,
}

impl Connection {
    /// Whether the other side knows how to close one stream and leave the others open.
    pub fn supports_stream_close(&self) -> bool {
        self.protocol == PROTOCOLS[0]
    }

    /// The websocket itself.
    pub fn into_stream(self) -> WebSocketStream<TokioIo<Upgraded>> {
        self.stream
    }
}

impl Client {
    /// Opens a websocket with a request whose answer is one.
    ///
    /// The headers that ask for it are added. The transport must hand through upgrades of HTTP/1.1, as hyper's does.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), [`Error::Api`] if the server refused, and [`Error::UpgradeConnection`] if what it
    /// answered is no websocket.
    ///
    /// # Limits
    ///
    /// The [request timeout](Self::with_request_timeout) is for the answer. A connection lasts for as long as it is
    /// held.
    pub async fn connect(&self, request: Request<Vec<u8>>) -> Result<Connection> {
        let (mut head, body) = request.into_parts();
        let mut rng = self.stream_of_chance("websocket");
        let key = STANDARD.encode([rng.next_u64().to_be_bytes(), rng.next_u64().to_be_bytes()].concat());
        head.headers
            .insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        head.headers
            .insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        head.headers
            .insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        // Base64 and the names of protocols are plain text.
        let text = |text: &str| HeaderValue::from_str(text).map_err(|error| Error::HttpError(error.into()));
        head.headers.insert(header::SEC_WEBSOCKET_KEY, text(&key)?);
        head.headers
            .insert(header::SEC_WEBSOCKET_PROTOCOL, text(&PROTOCOLS.join(", "))?);

        let request = Request::from_parts(head, body);
        let target = Target::new(Verb::Connect, &request);
        let response = self.call_upgrade(&target, request).await?;
        let protocol = check(response.headers(), &key).map_err(Error::UpgradeConnection)?;
        let upgraded = hyper::upgrade::on(response).await.map_err(|error| {
            Error::UpgradeConnection(UpgradeConnectionError::GetPendingUpgrade(error.into()))
        })?;
        let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
        Ok(Connection { stream, protocol })
    }

    /// An answer that switches protocols, or the error that another one describes.
    pub(super) async fn accept_upgrade(
        &self,
        target: &Target,
        response: Response<Body>,
    ) -> Result<Response<Body>> {
        match response.status() {
            StatusCode::SWITCHING_PROTOCOLS => Ok(response),
            code if code.is_client_error() || code.is_server_error() => {
                Err(Answer::read_refusal(target, response, self.env()).await)
            }
            code => Err(Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(
                code,
            ))),
        }
    }
}

/// The protocol that the server chose, if its answer is to our request and in our words.
fn check(headers: &HeaderMap, key: &str) -> Result<&'static str, UpgradeConnectionError> {
    let has_word = |name, word: &str| {
        let mut values = headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok());
        values.any(|value| {
            value
                .split(',')
                .any(|found| found.trim().eq_ignore_ascii_case(word))
        })
    };
    if !has_word(header::UPGRADE, "websocket") {
        return Err(UpgradeConnectionError::MissingUpgradeWebSocketHeader);
    }
    if !has_word(header::CONNECTION, "Upgrade") {
        return Err(UpgradeConnectionError::MissingConnectionUpgradeHeader);
    }
    let accepted = headers.get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted.is_none_or(|accepted| accepted.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(UpgradeConnectionError::SecWebSocketAcceptKeyMismatch);
    }
    let chosen = headers.get(header::SEC_WEBSOCKET_PROTOCOL);
    PROTOCOLS
        .into_iter()
        .find(|protocol| chosen.is_some_and(|chosen| chosen.as_bytes() == protocol.as_bytes()))
        .ok_or(UpgradeConnectionError::SecWebSocketProtocolMismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    /// The answer to [`KEY`], with one header replaced.
    #[track_caller]
    fn check_with(name: &'static str, value: &str, expect: &str) {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("upgrade", "WebSocket"),
            ("connection", "keep-alive, upgrade"),
            // The example of RFC 6455, section 1.3.
            ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            ("sec-websocket-protocol", "v4.channel.k8s.io"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        headers.insert(name, value.parse().unwrap());
        let found = match check(&headers, KEY) {
            Ok(protocol) => protocol.to_owned(),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn an_answer_is_checked() {
        check_with("x-any", "", "v4.channel.k8s.io");
        check_with("sec-websocket-protocol", "v5.channel.k8s.io", "v5.channel.k8s.io");
        check_with(
            "sec-websocket-protocol",
            "SPDY/3.1",
            "SecWebSocketProtocolMismatch",
        );
        check_with("sec-websocket-accept", KEY, "SecWebSocketAcceptKeyMismatch");
        check_with("upgrade", "h2c", "MissingUpgradeWebSocketHeader");
        check_with("connection", "close", "MissingConnectionUpgradeHeader");
    }
}

//! A client whose server is the test.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use seatrial_client::{Client, Env, client::Body};
use tower_test::mock::{self, Handle};

pub(crate) type Server = Handle<Request<Body>, Response<Body>>;

/// A client and the handle that answers its requests.
pub(crate) fn pair() -> (Client, Server) {
    let (service, server) = mock::pair();
    (Client::new(service, "default").with_env(env()), server)
}

/// Runs a call and a server that answers one request, after checking its method, path and query.
pub(crate) async fn answer<T>(
    call: impl Future<Output = T>,
    mut server: Server,
    expect: &str,
    response: impl Into<Response<Body>>,
) -> T {
    let response = response.into();
    let serve = async {
        let (request, send) = server.next_request().await.expect("a request is sent");
        assert_eq!(line(&request), expect);
        send.send_response(response);
    };
    futures::join!(call, serve).0
}

/// The first line of a request.
pub(crate) fn line<B>(request: &Request<B>) -> String {
    format!("{} {}", request.method(), request.uri())
}

pub(crate) fn json(code: u16, body: &serde_json::Value) -> Response<Body> {
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string().into_bytes()))
        .unwrap()
}

/// An answer that arrives in these chunks, and breaks off after them if `fails`.
pub(crate) fn chunked<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, fails: bool) -> Response<Body> {
    let mut frames: Vec<Result<Bytes, std::io::Error>> = chunks
        .into_iter()
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    if fails {
        frames.push(Err(std::io::ErrorKind::ConnectionReset.into()));
    }
    Response::new(Body::wrap(Chunks(frames.into_iter())))
}

struct Chunks(std::vec::IntoIter<Result<Bytes, std::io::Error>>);

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(self.0.next().map(|chunk| chunk.map(Frame::data)))
    }
}

/// The first lines of the requests that a server saw.
pub(crate) type Log = Arc<Mutex<Vec<String>>>;

/// A client on virtual time whose server gives these answers, one after the other.
pub(crate) fn scripted(answers: Vec<Response<Body>>) -> (Client, Log) {
    let seen = Log::default();
    let (log, answers) = (Arc::clone(&seen), Arc::new(Mutex::new(answers.into_iter())));
    let service = tower::service_fn(move |request: Request<Body>| {
        log.lock().unwrap().push(line(&request));
        let answer = answers
            .lock()
            .unwrap()
            .next()
            .expect("no more requests than answers");
        async move { Ok::<_, Infallible>(answer) }
    });
    (Client::new(service, "default").with_env(env()), seen)
}

fn env() -> Env {
    Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap())
}

/// An error and its sources, one per line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text += &format!("\n  because: {source}");
        next = source.source();
    }
    text
}

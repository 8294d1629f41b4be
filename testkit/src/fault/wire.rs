//! What can be done to one exchange, and the bytes that servers use for it.

mod pace;

use std::{
    collections::VecDeque,
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{
    Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
    request::Parts,
};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use seatrial_client::{Env, client::Body as RequestBody};
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};
use tower::{BoxError, ServiceExt as _, util::BoxCloneSyncService};

pub(super) use self::pace::Pace;
use self::pace::{Gathered, Paced};
pub(super) use crate::request::Target;

/// The body of an answer that came through.
pub(crate) type WireBody = UnsyncBoxBody<Bytes, BoxError>;

/// What becomes of an exchange.
pub(super) enum Verdict {
    /// The server never sees the request; this is the answer.
    Answer(Response<Bytes>),
    /// The server never sees the request, and there is no answer: the connection is not there, or breaks.
    Fail(BoxError),
    /// Neither answer nor end.
    Silence,
    /// The server answers, by way of these changes.
    Serve(Changes),
    /// What happens depends on what the server says, or on what the request carries.
    Play(Play),
}

/// A part to play in an exchange.
pub(super) type Play = Box<dyn FnOnce(Exchange) -> BoxFuture<'static, Played> + Send>;

/// How an exchange that was played ends.
pub(super) type Played = Result<Response<WireBody>, BoxError>;

/// An exchange that is about to begin.
pub(super) struct Exchange {
    pub(super) request: Parts,
    pub(super) body: Bytes,
    pub(super) env: Env,
    server: BoxCloneSyncService<Request<RequestBody>, Response<WireBody>, BoxError>,
}

/// What is done to a request.
pub(super) type RequestChange = Box<dyn FnOnce(&mut Parts) + Send>;

/// How an exchange that takes place differs from what was meant.
#[derive(Default)]
pub(super) struct Changes {
    /// Done to the request before the server sees it.
    pub(super) request: Option<RequestChange>,
    /// Who answers instead: another replica.
    pub(super) elsewhere: Option<FakeApiServer>,
    /// Done to the answer.
    pub(super) answer: Option<Edit>,
}

/// What is done to an answer of success.
pub(crate) enum Edit {
    /// To the whole body at once.
    Whole(Box<dyn FnOnce(Bytes) -> Bytes + Send>),
    /// To each line of a watch.
    Lines(Box<dyn Lines>),
    /// To the bytes as they come.
    Chunks(Box<dyn Chunks>),
    /// To the times at which bytes come.
    Paced(Pace),
    /// What has come by the time of a look comes in one piece.
    Gathered,
}

/// Sees each line of a watch, its line break included.
pub(crate) trait Lines: Send {
    /// What is sent for this line.
    fn line(&mut self, line: Bytes) -> Vec<Step>;

    /// What is sent before any line.
    fn start(&mut self) -> Vec<Step> {
        Vec::new()
    }
}

/// Sees each piece of a body.
pub(crate) trait Chunks: Send {
    fn chunk(&mut self, chunk: Bytes) -> Vec<Step>;
}

/// What the client gets next.
#[derive(Debug)]
pub(crate) enum Step {
    Send(Bytes),
    /// The end, in good order.
    End,
    /// The connection is reset by the other side.
    Reset,
    /// Nothing more, for ever.
    Stall,
}

// === impl Verdict ===

impl Verdict {
    /// A part to play.
    pub(super) fn play<F>(play: impl FnOnce(Exchange) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Played> + Send + 'static,
    {
        Self::Play(Box::new(|exchange| Box::pin(play(exchange))))
    }

    /// The request arrives if `applied`, and then this happens instead of its answer.
    pub(super) fn instead(
        applied: bool,
        then: impl FnOnce(&Exchange) -> Response<Bytes> + Send + 'static,
    ) -> Self {
        Self::play(move |exchange| async move {
            let answer = then(&exchange);
            if applied {
                exchange.serve().await?;
            }
            Ok(answer.map(full))
        })
    }
}

// === impl Exchange ===

impl Exchange {
    pub(super) fn new(
        request: Parts,
        body: Bytes,
        env: Env,
        server: BoxCloneSyncService<Request<RequestBody>, Response<WireBody>, BoxError>,
    ) -> Self {
        Self {
            request,
            body,
            env,
            server,
        }
    }

    /// Lets the server serve the request.
    pub(super) async fn serve(&self) -> Played {
        let request = Request::from_parts(self.request.clone(), RequestBody::from(self.body.to_vec()));
        self.server.clone().oneshot(request).await
    }

    /// What somebody else asks of the server, with the same rights; the path may have a query.
    pub(super) async fn other(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Value> {
        let content_type = if method == Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(CONTENT_TYPE, content_type);
        // Who asks is told by headers, where it is told at all.
        if let Some(who) = self.request.headers.get(AUTHORIZATION) {
            request = request.header(AUTHORIZATION, who);
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        let request = request.body(RequestBody::from(body)).ok()?;
        let response = self.server.clone().oneshot(request).await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        let body = response.into_body().collect().await.ok()?.to_bytes();
        serde_json::from_slice(&body).ok()
    }

    /// The body as JSON; nothing if it is none.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// What the request is about.
    pub(super) fn target(&self) -> Target<'_> {
        Target::of(&self.request.uri)
    }

    /// What the request is about, with the name that is in the body of a create.
    pub(super) fn named(&self) -> Named<'_> {
        let target = self.target();
        let name = target.name.map(str::to_owned);
        Named {
            name: name.or_else(|| self.json()["metadata"]["name"].as_str().map(str::to_owned)),
            target,
        }
    }
}

impl Changes {
    /// Changes to the request alone.
    pub(super) fn request(change: impl FnOnce(&mut Parts) + Send + 'static) -> Verdict {
        Verdict::Serve(Self {
            request: Some(Box::new(change)),
            ..Self::default()
        })
    }

    /// Changes to the lines of a watch.
    pub(super) fn lines(lines: impl Lines + 'static) -> Verdict {
        Verdict::Serve(Self {
            answer: Some(Edit::Lines(Box::new(lines))),
            ..Self::default()
        })
    }

    /// Changes to a body as a JSON document.
    pub(super) fn json(change: impl FnOnce(&mut Value) + Send + 'static) -> Verdict {
        Verdict::Serve(Self {
            answer: Some(Edit::Whole(Box::new(|body| {
                let Ok(mut value) = serde_json::from_slice(&body) else {
                    return body;
                };
                change(&mut value);
                value.to_string().into()
            }))),
            ..Self::default()
        })
    }

    /// Another replica answers.
    pub(super) fn elsewhere(server: &FakeApiServer) -> Verdict {
        Verdict::Serve(Self {
            elsewhere: Some(server.clone()),
            ..Self::default()
        })
    }
}

// === Bodies ===

/// A body of these bytes.
pub(crate) fn full(bytes: Bytes) -> WireBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// The body after an edit.
pub(crate) async fn edited<B>(body: B, edit: Edit, env: &Env) -> Result<WireBody, BoxError>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Ok(match edit {
        Edit::Whole(change) => {
            let bytes = body.collect().await.map_err(Into::into)?.to_bytes();
            full(change(bytes))
        }
        Edit::Lines(lines) => Edited::new(body, ByLine::new(lines)).boxed_unsync(),
        Edit::Chunks(chunks) => Edited::new(body, chunks).boxed_unsync(),
        Edit::Paced(pace) => Paced::new(body, pace, env.clone()).boxed_unsync(),
        Edit::Gathered => Gathered::new(body).boxed_unsync(),
    })
}

/// A body whose pieces are seen, and replaced, on their way.
struct Edited<B, C> {
    body: Pin<Box<B>>,
    edit: C,
    ready: VecDeque<Step>,
    ended: bool,
}

/// Turns pieces into lines.
struct ByLine {
    lines: Box<dyn Lines>,
    rest: BytesMut,
    started: bool,
}

impl<B, C> Edited<B, C> {
    fn new(body: B, edit: C) -> Self {
        Self {
            body: Box::pin(body),
            edit,
            ready: VecDeque::new(),
            ended: false,
        }
    }
}

impl<B, C> Body for Edited<B, C>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    C: Chunks + Unpin,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            match this.ready.front() {
                Some(Step::Send(_)) => {
                    if let Some(Step::Send(bytes)) = this.ready.pop_front() {
                        return Poll::Ready(Some(Ok(Frame::data(bytes))));
                    }
                }
                Some(Step::End) => return Poll::Ready(None),
                Some(Step::Reset) => {
                    this.ready = VecDeque::from([Step::End]);
                    let reset = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset by peer");
                    return Poll::Ready(Some(Err(reset.into())));
                }
                // Nobody wakes the reader: that is the fault.
                Some(Step::Stall) => return Poll::Pending,
                None if this.ended => return Poll::Ready(None),
                None => {}
            }
            // An edit may have something to say before the server does.
            this.ready.extend(this.edit.chunk(Bytes::new()));
            if !this.ready.is_empty() {
                continue;
            }
            match this.body.as_mut().poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        this.ready.extend(this.edit.chunk(data));
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(None) => this.ended = true,
            }
        }
    }
}

impl<B, C> Unpin for Edited<B, C> {}

impl ByLine {
    fn new(lines: Box<dyn Lines>) -> Self {
        Self {
            lines,
            rest: BytesMut::new(),
            started: false,
        }
    }
}

impl Chunks for ByLine {
    fn chunk(&mut self, chunk: Bytes) -> Vec<Step> {
        let mut steps = if std::mem::replace(&mut self.started, true) {
            Vec::new()
        } else {
            self.lines.start()
        };
        self.rest.extend_from_slice(&chunk);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line = self.rest.split_to(end + 1).freeze();
            steps.extend(self.lines.line(line));
        }
        steps
    }
}

impl Chunks for Box<dyn Chunks> {
    fn chunk(&mut self, chunk: Bytes) -> Vec<Step> {
        (**self).chunk(chunk)
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer(_) => "Answer",
            Self::Fail(_) => "Fail",
            Self::Silence => "Silence",
            Self::Serve(_) => "Serve",
            Self::Play(_) => "Play",
        })
    }
}

// === What servers say ===

/// A `Status` of failure as the body of an answer.
pub(crate) fn status(code: u16, reason: &str, message: &str) -> Value {
    let mut status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
    });
    if !reason.is_empty() {
        status["reason"] = reason.into();
    }
    status["code"] = code.into();
    status
}

/// The version asked for lies in the future of the replica.
pub(super) fn too_large_version() -> Value {
    let mut status = status(504, "Timeout", "Too large resource version: 99999999, current: 1");
    status["details"] = json!({
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    });
    status
}

/// An answer with a JSON body.
pub(crate) fn json_answer(code: u16, body: &Value) -> Response<Bytes> {
    answer(code, "application/json", body.to_string())
}

/// An answer with a body of any type.
pub(crate) fn answer(code: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    // Codes are written down in this crate, all of them valid.
    *response.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(content_type),
    );
    response
}

/// A line of a watch.
pub(crate) fn event(type_: &str, object: &Value) -> Bytes {
    format!("{}\n", json!({"type": type_, "object": object})).into()
}

/// A `Status` of failure about the object, or the collection, that was asked for.
pub(super) fn status_about(target: &Target<'_>, code: u16, reason: &str, message: &str) -> Value {
    let mut status = status(code, reason, message);
    let mut details = json!({"kind": target.resource});
    if let Some(name) = target.name {
        details["name"] = name.into();
    }
    if !target.group.is_empty() {
        details["group"] = target.group.into();
    }
    status["details"] = details;
    status
}

/// An answer with a `Status` that says when to come again, in its header as well.
pub(super) fn come_again(code: u16, mut status: Value, secs: u64) -> Response<Bytes> {
    status["details"]["retryAfterSeconds"] = secs.into();
    let mut response = json_answer(code, &status);
    response.headers_mut().insert(RETRY_AFTER, secs.into());
    response
}

// === Requests ===

/// A target whose name may come from a body.
pub(super) struct Named<'a> {
    target: Target<'a>,
    name: Option<String>,
}

impl Named<'_> {
    pub(super) fn target(&self) -> Target<'_> {
        Target {
            name: self.name.as_deref(),
            ..self.target
        }
    }
}

/// Whether this request writes.
pub(super) fn is_write(request: &Parts) -> bool {
    !request.method.is_safe()
}

/// The value of a parameter, as it stands in the query.
pub(super) fn param<'a>(request: &'a Parts, name: &str) -> Option<&'a str> {
    crate::request::param(&request.uri, name)
}

/// Sets a parameter, or removes it.
pub(super) fn set_param(request: &mut Parts, name: &str, value: Option<&str>) {
    let query = request.uri.query().unwrap_or_default();
    let mut pairs: Vec<String> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split_once('=').map_or(*pair, |(key, _)| key) != name)
        .map(str::to_owned)
        .collect();
    pairs.extend(value.map(|value| format!("{name}={value}")));
    let path = format!("{}?{}", request.uri.path(), pairs.join("&"));
    let mut parts = request.uri.clone().into_parts();
    // Made of parts of what was valid before.
    parts.path_and_query = path.parse().ok();
    if let Ok(uri) = http::Uri::from_parts(parts) {
        request.uri = uri;
    }
}

pub(super) fn is_watch(request: &Parts) -> bool {
    request.method == Method::GET && crate::request::watches(&request.uri)
}

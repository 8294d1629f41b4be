//! The connection of a process: a service that hands requests to the world and waits for what comes back.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Request, Response, request::Parts};
use http_body::Frame;
use http_body_util::BodyExt as _;
use seatrial_client::client::Body;
use tower::{BoxError, Service};

use super::ambient::Life;

/// Requests on their way to the world.
pub(super) type Outbox = Arc<Mutex<VecDeque<Sent>>>;

/// A request that a process has sent.
pub(super) struct Sent {
    pub(super) process: usize,
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// Where the answer goes.
    pub(super) slot: Arc<Slot>,
}

/// Where a process waits for an answer.
#[derive(Default)]
pub(super) struct Slot(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    answer: Option<Result<Response<LinkBody>, BoxError>>,
    waker: Option<Waker>,
    /// Nobody waits any more: the call was given up, or its process is dead.
    given_up: bool,
}

/// The body of an answer, whole or as its pieces come.
pub(super) struct LinkBody(Arc<Pipe>);

/// What carries a body from the world to a process.
#[derive(Default)]
pub(super) struct Pipe(Mutex<Flow>);

#[derive(Default)]
struct Flow {
    frames: VecDeque<Result<Bytes, BoxError>>,
    ended: bool,
    waker: Option<Waker>,
    closed: bool,
}

/// In the extensions of a request: whoever sends it waits by timers of tokio's own.
#[cfg(feature = "kube")]
#[derive(Clone, Copy)]
pub(crate) struct HiddenTimers;

/// The service under a process's client.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) process: usize,
    pub(super) life: Arc<Life>,
    pub(super) outbox: Outbox,
}

// === impl Link ===

impl Service<Request<Body>> for Link {
    type Response = Response<LinkBody>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if self.life.is_dead() {
            return Box::pin(std::future::pending());
        }
        let (parts, body) = request.into_parts();
        #[cfg(feature = "kube")]
        if parts.extensions.get::<HiddenTimers>().is_some() {
            self.life.hide_timers();
        }
        // What a client sends is in memory.
        let body = match body.collect().now_or_never() {
            Some(Ok(body)) => body.to_bytes(),
            Some(Err(error)) => return Box::pin(std::future::ready(Err(error.into()))),
            None => {
                let error =
                    io::Error::new(io::ErrorKind::Unsupported, "a simulation sends whole bodies only");
                return Box::pin(std::future::ready(Err(error.into())));
            }
        };
        let slot = Arc::new(Slot::default());
        lock(&self.outbox).push_back(Sent {
            process: self.process,
            parts,
            body,
            slot: slot.clone(),
        });
        Box::pin(Answer(slot))
    }
}

// === Waiting for an answer ===

struct Answer(Arc<Slot>);

impl Future for Answer {
    type Output = Result<Response<LinkBody>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut waiting = lock(&self.0.0);
        match waiting.answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => {
                waiting.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        lock(&self.0.0).given_up = true;
    }
}

impl Slot {
    /// Whether nobody waits any more.
    pub(super) fn is_given_up(&self) -> bool {
        lock(&self.0).given_up
    }

    /// Hands over an answer.
    pub(super) fn fill(&self, answer: Result<Response<LinkBody>, BoxError>) {
        let mut waiting = lock(&self.0);
        waiting.answer = Some(answer);
        let waker = waiting.waker.take();
        drop(waiting);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

// === Bodies ===

impl LinkBody {
    /// A body, and the way to fill it.
    pub(super) fn new() -> (Self, Arc<Pipe>) {
        let pipe = Arc::<Pipe>::default();
        (Self(pipe.clone()), pipe)
    }

    /// A body that is there already.
    pub(super) fn whole(frames: impl IntoIterator<Item = Result<Bytes, BoxError>>) -> Self {
        Self(Arc::new(Pipe(Mutex::new(Flow {
            frames: frames.into_iter().collect(),
            ended: true,
            ..Flow::default()
        }))))
    }
}

impl http_body::Body for LinkBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut flow = lock(&self.0.0);
        match flow.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(frame.map(Frame::data))),
            None if flow.ended => Poll::Ready(None),
            None => {
                flow.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let flow = lock(&self.0.0);
        flow.ended && flow.frames.is_empty()
    }
}

impl Drop for LinkBody {
    fn drop(&mut self) {
        let mut flow = lock(&self.0.0);
        flow.closed = true;
        flow.frames.clear();
        flow.waker = None;
    }
}

impl Pipe {
    /// Hands over the next piece, or the end.
    pub(super) fn push(&self, frame: Option<Result<Bytes, BoxError>>) {
        let mut flow = lock(&self.0);
        match frame {
            Some(frame) => flow.frames.push_back(frame),
            None => flow.ended = true,
        }
        let waker = flow.waker.take();
        drop(flow);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether the reader is gone.
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.0).closed
    }
}

/// A panic elsewhere leaves nothing half done in what is shared here.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

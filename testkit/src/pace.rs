//! What keeps time going while somebody asks without a pause.
//!
//! On a paused clock time goes on only when nothing else can, and a program that asks again as soon as it is answered leaves no such moment: a test
//! with it would hang. So whoever asks too often at one instant is answered later, and how often it was asked can be looked at.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use futures::future::Either;
use http::Request;
use seatrial_client::{Env, client::Body};
use tower::Service;

/// How many requests are answered at one instant: more than a program has to make for a cluster that a test would hold. On a clock that is not
/// paused no two are made at the same.
const AT_ONCE: usize = 1_000;

/// How much later those beyond are answered.
const PAUSE: Duration = Duration::from_millis(100);

/// How many of the last requests are kept.
const TAIL: usize = 10;

/// The requests of all clients of a cluster, as they come.
#[derive(Clone)]
pub(crate) struct Pace {
    env: Env,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// When the last request came, and how many came then.
    at: Duration,
    here: usize,
    all: usize,
    last: VecDeque<String>,
}

/// A service behind a [`Pace`].
#[derive(Clone)]
pub(crate) struct Paced<S> {
    pace: Pace,
    inner: S,
}

// === impl Pace ===

impl Pace {
    pub(crate) fn new(env: Env) -> Self {
        Self {
            env,
            state: Arc::default(),
        }
    }

    /// The same service, for those who keep to this pace.
    pub(crate) fn before<S>(&self, inner: S) -> Paced<S> {
        let pace = self.clone();
        Paced { pace, inner }
    }

    /// How many requests came so far.
    pub(crate) fn asked(&self) -> usize {
        self.state().all
    }

    /// The last of them, one a line.
    pub(crate) fn tail(&self) -> String {
        Vec::from(self.state().last.clone()).join("\n")
    }

    /// Takes a request into account; whether its answer has to wait.
    fn count(&self, request: &Request<Body>) -> bool {
        let now = self.env.monotonic();
        let mut state = self.state();
        if state.at != now {
            (state.at, state.here) = (now, 0);
        }
        state.here += 1;
        state.all += 1;
        if state.last.len() == TAIL {
            state.last.pop_front();
        }
        state.last.push_back(format!(
            "{:>8.3}s {} {}",
            now.as_secs_f64(),
            request.method(),
            request.uri()
        ));
        state.here > AT_ONCE
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Paced ===

impl<S> Service<Request<Body>> for Paced<S>
where
    S: Service<Request<Body>, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let waits = self.pace.count(&request);
        let answer = self.inner.call(request);
        if !waits {
            return Either::Left(answer);
        }
        let pause = self.pace.env.sleep(PAUSE);
        Either::Right(Box::pin(async move {
            pause.await;
            answer.await
        }))
    }
}

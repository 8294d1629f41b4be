//! Webhooks: where they are, how they are called, and what a request has heard from them so far.
//!
//! The verbs of the registry are synchronous and run under a lock, which no call may happen under: a webhook may well
//! talk to this very server. So a verb that needs an answer asks [`Calls`]; where there is none yet, the call is noted, the
//! verb fails, whatever it wrote is undone, the server makes the call with the lock released, and the request is run
//! again with the answer at hand. A request that calls nobody never notices.
//!
//! **Invariant:** nothing here knows what is asked; that is the business of those who ask. **Invariant:** a run that ends
//! with calls to make has changed nothing.

mod call;
mod client_config;
mod transport;

use std::sync::Mutex;

pub(crate) use call::Call;
pub(crate) use client_config::ClientConfig;
pub(crate) use transport::Webhooks;

/// What a call came to: the review that came back, or why there is none.
pub(crate) type Answer = Result<serde_json::Value, String>;

/// The calls of one request.
#[derive(Debug, Default)]
pub(crate) struct Calls(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    answers: Vec<(Call, Answer)>,
    waiting: Vec<Call>,
}

// === impl Calls ===

impl Calls {
    /// The answer to a call; `None` where it has to be made first, and the verb has to fail until then.
    pub(crate) fn ask(&self, call: Call) -> Option<Answer> {
        let mut inner = self.lock();
        if let Some((_, answer)) = inner.answers.iter().find(|(c, _)| *c == call) {
            return Some(answer.clone());
        }
        if !inner.waiting.contains(&call) {
            inner.waiting.push(call);
        }
        None
    }

    /// Whether calls have to be made before the request can be answered.
    pub(crate) fn are_waiting(&self) -> bool {
        !self.lock().waiting.is_empty()
    }

    /// The calls that have to be made.
    pub(crate) fn take_waiting(&self) -> Vec<Call> {
        std::mem::take(&mut self.lock().waiting)
    }

    /// Notes what a call came to.
    pub(crate) fn answered(&self, call: Call, answer: Answer) {
        self.lock().answers.push((call, answer));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

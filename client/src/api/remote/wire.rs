//! What goes over a websocket and comes out of it, and how one side knows that the other is still there.
//!
//! Pings are sent all the time. A ping that is not answered tells of a dead connection only if the other side had read everything before it: a
//! program that does not read its input keeps its kubelet from reading the pings behind that input, for as long as it likes. So a ping counts once
//! an earlier one, sent after the last bytes, was answered. Bytes that nobody acknowledges at all are the kernel's to give up.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures::{
    SinkExt, StreamExt,
    channel::mpsc,
    stream::{SplitSink, SplitStream},
};
use tokio_tungstenite::tungstenite::{self, Message};

use super::{Outbox, Socket};
use crate::env::Env;

/// How often a connection shows that it is alive: balancers cut what is silent for a minute.
const PING_EVERY: Duration = Duration::from_secs(20);

/// How long nothing may come while something is due.
const SILENCE: Duration = PING_EVERY.saturating_mul(3);

/// What the two directions of a connection know together.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<State>>);

/// Pings are numbered from 1.
#[derive(Default)]
struct State {
    /// The last ping that was sent.
    sent: u64,
    /// The last ping that was answered: what was sent before it was read.
    answered: u64,
    /// The first ping after the last bytes.
    proof: u64,
    /// A ping that nothing unread is before and that is not answered, and when it was sent.
    due: Option<(u64, Duration)>,
    /// Why nothing can be sent any more.
    failure: Option<tungstenite::Error>,
}

/// What comes.
pub(super) struct Incoming {
    stream: SplitStream<Socket>,
    env: Env,
    shared: Shared,
}

// === impl Shared ===

impl Shared {
    /// Why nothing could be sent any more, if that is so.
    pub(super) fn take_failure(&self) -> Option<tungstenite::Error> {
        self.lock().failure.take()
    }

    pub(super) fn fail(&self, error: tungstenite::Error) {
        self.lock().failure = Some(error);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is left half done by a panic: nothing here can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pinged(&mut self, number: u64, now: Duration) {
        self.sent = number;
        let is_all_read = self.answered >= self.proof;
        if is_all_read && self.answered < number && self.due.is_none() {
            self.due = Some((number, now));
        }
    }

    fn ponged(&mut self, payload: &[u8]) {
        // Others are answers to no ping of ours, which the protocol allows.
        let Ok(number) = payload.try_into().map(u64::from_be_bytes) else {
            return;
        };
        self.answered = self.answered.max(number);
        self.due = self.due.filter(|(due, _)| *due > number);
    }

    /// Whether silence is a sign of death.
    fn is_due(&self, now: Duration) -> bool {
        self.failure.is_some()
            || self
                .due
                .is_some_and(|(_, sent)| now.saturating_sub(sent) >= PING_EVERY)
    }
}

// === impl Incoming ===

impl Incoming {
    pub(super) fn new(stream: SplitStream<Socket>, env: Env, shared: Shared) -> Self {
        Self { stream, env, shared }
    }

    /// The streams' messages out of a websocket: the number and the bytes.
    ///
    /// `None` at the end, whether or not the other side took its leave: a kubelet that restarts does not.
    ///
    /// # Errors
    ///
    /// Those of the connection. Silence is one only while this is waited for: whoever does not read would not hear anything.
    pub(super) async fn next(&mut self) -> Result<Option<(u8, Bytes)>, tungstenite::Error> {
        loop {
            let Ok(message) = self.env.timeout(SILENCE, self.stream.next()).await else {
                if self.shared.lock().is_due(self.env.monotonic()) {
                    return Err(silent().into());
                }
                continue;
            };
            match message.transpose()? {
                None => return Ok(None),
                Some(Message::Binary(mut bytes)) if !bytes.is_empty() => {
                    let channel = bytes.split_to(1)[0];
                    return Ok(Some((channel, bytes)));
                }
                Some(Message::Pong(payload)) => self.shared.lock().ponged(&payload),
                // Reading on answers pings and leave-takings.
                Some(_) => {}
            }
        }
    }
}

fn silent() -> io::Error {
    let text = format!(
        "nothing came for {} s, not even answers to pings",
        SILENCE.as_secs()
    );
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// Sends what is queued, and takes its leave once nobody can queue anything more.
pub(super) async fn send(
    mut sink: SplitSink<Socket, Message>,
    mut queue: mpsc::Receiver<Message>,
    env: Env,
    shared: Shared,
) -> Result<(), tungstenite::Error> {
    while let Some(message) = queue.next().await {
        if matches!(message, Message::Ping(_)) {
            let number = shared.lock().sent + 1;
            let ping = Message::Ping(Bytes::copy_from_slice(&number.to_be_bytes()));
            sink.send(ping).await?;
            shared.lock().pinged(number, env.monotonic());
        } else {
            {
                let mut state = shared.lock();
                state.proof = state.sent + 1;
            }
            sink.send(message).await?;
        }
    }
    // A connection that is dead already needs no leave.
    let _ = sink.close().await;
    Ok(())
}

/// Queues pings for as long as they are sent.
pub(super) async fn ping(env: Env, mut outbox: Outbox) {
    loop {
        env.sleep(PING_EVERY).await;
        // It is numbered when it is sent.
        if outbox.send(Message::Ping(Bytes::new())).await.is_err() {
            return;
        }
    }
}

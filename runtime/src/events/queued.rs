//! Publishing events without waiting for the server.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{StreamExt, channel::mpsc};
use k8s_openapi::api::core::v1::ObjectReference;
use seatrial_client::error::Outcome;

use super::{Event, Recorder};
use crate::utils::Exponential;

/// How often an event is tried that the server did not take. client-go's number.
const TRIES_MAX: u32 = 12;

/// How long to wait between tries: an event is worth little, so it is not pressed on a server that has trouble.
const DELAYS: Exponential = Exponential::new(Duration::from_secs(1), Duration::from_secs(10), 2.0, 0.5);

/// A queue of events to be published; made by [`Recorder::queued`].
///
/// Cheap to clone. A reconciler that publishes through it does not wait for the server, and no trouble with events becomes the reconciler's.
#[derive(Clone)]
pub struct EventQueue {
    sender: mpsc::UnboundedSender<(Event, ObjectReference)>,
    shared: Arc<Shared>,
}

struct Shared {
    capacity: usize,
    waiting: AtomicUsize,
    dropped: AtomicU64,
}

// === impl EventQueue ===

impl EventQueue {
    /// Tells about the object `reference` soon; whether there was room for it.
    pub fn publish(&self, event: &Event, reference: &ObjectReference) -> bool {
        let taken = self
            .shared
            .waiting
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |waiting| {
                (waiting < self.shared.capacity).then_some(waiting + 1)
            });
        let sent = taken.is_ok()
            && self
                .sender
                .unbounded_send((event.clone(), reference.clone()))
                .is_ok();
        if !sent {
            self.shared.dropped.fetch_add(1, Ordering::SeqCst);
        }
        sent
    }

    /// How many events there was no room for.
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for EventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventQueue")
            .field("waiting", &self.shared.waiting.load(Ordering::SeqCst))
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

impl Recorder {
    /// A queue with room for `capacity` events, and what publishes them.
    ///
    /// Poll the future for as long as events are to be published, beside the controller or as a task of its own. It ends once all clones of the queue are dropped and everything is
    /// published. An event that the server does not take is tried up to twelve times and then dropped, with a word in the log.
    pub fn queued(&self, capacity: usize) -> (EventQueue, impl Future<Output = ()> + Send + use<>) {
        let (sender, mut receiver) = mpsc::unbounded();
        let shared = Arc::new(Shared {
            capacity,
            waiting: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        });
        let queue = EventQueue {
            sender,
            shared: Arc::clone(&shared),
        };
        let recorder = self.clone();
        let publishing = async move {
            while let Some((event, reference)) = receiver.next().await {
                recorder.publish_patiently(&event, &reference).await;
                shared.waiting.fetch_sub(1, Ordering::SeqCst);
            }
        };
        (queue, publishing)
    }

    async fn publish_patiently(&self, event: &Event, reference: &ObjectReference) {
        let Some(admitted) = self.admit(event, reference) else {
            return;
        };
        let env = self.client().env().clone();
        for attempt in 0..TRIES_MAX {
            let Err(error) = self.write(&admitted, event, reference).await else {
                return;
            };
            // One that may have been taken is not told twice, and one that is refused would be again.
            let Outcome::NotApplied { retry_after } = error.outcome() else {
                tracing::warn!(reason = event.reason, %error, "an event could not be published");
                return;
            };
            let delay = DELAYS.delay(attempt, self.chance());
            env.sleep(delay.max(retry_after.unwrap_or_default())).await;
        }
        tracing::warn!(
            reason = event.reason,
            "an event was given up after {TRIES_MAX} tries"
        );
    }
}

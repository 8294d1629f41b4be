//! How a controller follows a leadership.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use futures::FutureExt;
use seatrial_client::env::Sleep;

use super::{Leadership, Permit};
use crate::{
    reflector::{Lookup, ObjectRef},
    time::time_until,
};

/// What one controller has made of a [`Leadership`] so far.
pub(crate) struct Tenure {
    leadership: Leadership,
    /// The term in which the controller works by each slot, if it does.
    works: Vec<Option<u64>>,
    /// Slots that it works by, but by which it was refused a permit.
    owed: Vec<bool>,
    /// Fires when the first of the slots that are held ends.
    timer: Option<(Duration, Sleep)>,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The slot is this process's now, or is again to be worked by after something was refused for a while.
    Gained(usize),
    /// It is not any more, and what runs by it ends at once.
    Lost(usize),
}

/// There is no permit to work on an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is somebody else's: whoever gains it looks at everything then.
    Elsewhere,
    /// Its slot is on its way out, or was not renewed in time. It is [lost](Turn::Lost) or [gained](Turn::Gained) next.
    ForNow,
}

// === impl Tenure ===

impl Tenure {
    pub(crate) fn new(leadership: Leadership) -> Self {
        Self {
            works: vec![None; leadership.slots.len()],
            owed: vec![false; leadership.slots.len()],
            timer: None,
            leadership,
        }
    }

    pub(crate) fn leadership(&self) -> &Leadership {
        &self.leadership
    }

    /// The right to work on an object, if it is this process's and not about to be given up.
    pub(crate) fn permit<K: Lookup>(&mut self, object: &ObjectRef<K>) -> Result<Permit, Refused> {
        let slot = self.leadership.slot_of(object);
        if let Some(permit) = self.leadership.permit(slot) {
            return Ok(permit);
        }
        if self.works[slot].is_none() {
            return Err(Refused::Elsewhere);
        }
        self.owed[slot] = true;
        Err(Refused::ForNow)
    }

    /// The next change.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Turn> {
        loop {
            let now = self.leadership.env.monotonic();
            let mut first_end: Option<Duration> = None;
            for slot in 0..self.works.len() {
                let (until, term, yielding) = {
                    let mut state = self.leadership.slot(slot);
                    state.register(cx);
                    let until = state.until.filter(|until| now < *until);
                    (until, state.term, state.yielding)
                };
                let held = until.map(|_| term);
                if held != self.works[slot] {
                    // What was lost and gained again since the last look is lost first.
                    let lost = self.works[slot].is_some();
                    self.owed[slot] = false;
                    self.works[slot] = if lost { None } else { held };
                    return Poll::Ready(if lost {
                        Turn::Lost(slot)
                    } else {
                        Turn::Gained(slot)
                    });
                }
                if self.owed[slot] && !yielding {
                    self.owed[slot] = false;
                    return Poll::Ready(Turn::Gained(slot));
                }
                first_end = until.map_or(first_end, |until| {
                    Some(first_end.map_or(until, |end| end.min(until)))
                });
            }
            let Some(end) = first_end else {
                self.timer = None;
                return Poll::Pending;
            };
            // A renewal moves the end away: the timer that is there fires early, and is set again then.
            let (_, sleep) = match &mut self.timer {
                Some(timer) if timer.0 <= end => timer,
                timer => timer.insert((end, self.leadership.env.sleep(time_until(now, end)))),
            };
            if sleep.poll_unpin(cx).is_pending() {
                return Poll::Pending;
            }
            self.timer = None;
        }
    }
}

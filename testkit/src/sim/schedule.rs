//! What happens next, where several things could.

use std::{collections::BTreeMap, fmt, sync::Arc};

use seatrial_client::env::Rng;
use serde::{Deserialize, Serialize};

use super::Site;

/// Something that can happen next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Move {
    /// A request reaches the server.
    Request(#[serde(with = "shared")] Arc<Site>),
    /// An answer reaches the process that asked.
    Answer(#[serde(with = "shared")] Arc<Site>),
    /// The so-manieth piece of a watch reaches its process.
    Event(#[serde(with = "shared")] Arc<Site>, u32),
    /// One of the cluster's controllers makes a request.
    Actor(u32),
    /// The user does the so-manieth operation.
    User(u32),
}

/// A decision that was not the usual one: what went first, and what would have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overtaking {
    /// What would have happened.
    pub usual: Move,
    /// What happened instead.
    pub chosen: Move,
}

/// Who decides.
#[derive(Clone, Debug)]
pub(crate) enum Schedule {
    /// First come, first served.
    Usual,
    /// Chance.
    Random(Box<Rng>),
    /// What was decided before. A situation that did not arise then is decided as usual.
    Taped(BTreeMap<Move, Move>),
}

/// One in so many decisions is left to chance.
const RATE: u64 = 4;

// === impl Schedule ===

impl Schedule {
    pub(crate) fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        Self::Random(Box::new(rng.fork("schedule")))
    }

    pub(crate) fn taped(tape: &[Overtaking]) -> Self {
        let moves = tape.iter().map(|o| (o.usual.clone(), o.chosen.clone()));
        Self::Taped(moves.collect())
    }

    /// Whether everything happens in its usual order.
    pub(super) fn is_usual(&self) -> bool {
        match self {
            Self::Usual => true,
            Self::Random(_) => false,
            Self::Taped(moves) => moves.is_empty(),
        }
    }

    /// Decides between moves, of which the first is the usual one.
    pub(super) fn choose(&mut self, moves: &[Move]) -> usize {
        match self {
            Self::Usual => 0,
            Self::Random(rng) => {
                if moves.len() < 2 || rng.below(RATE) != 0 {
                    return 0;
                }
                // Below the length of a slice.
                rng.below(moves.len() as u64) as usize
            }
            Self::Taped(tape) => {
                let chosen = moves.first().and_then(|usual| tape.get(usual));
                let place = chosen.and_then(|chosen| moves.iter().position(|other| other == chosen));
                place.unwrap_or(0)
            }
        }
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(site) => write!(f, "request {site}"),
            Self::Answer(site) => write!(f, "answer to {site}"),
            Self::Event(site, nth) => write!(f, "event {nth} of {site}"),
            Self::Actor(actor) => write!(f, "controller {actor} of the cluster"),
            Self::User(step) => write!(f, "step {} of the user", step + 1),
        }
    }
}

impl fmt::Display for Overtaking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} before {}", self.chosen, self.usual)
    }
}

/// Writes and reads what is shared as if it were not.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Site;

    pub(super) fn serialize<S: Serializer>(site: &Arc<Site>, serializer: S) -> Result<S::Ok, S::Error> {
        Site::serialize(site, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Site>, D::Error> {
        Site::deserialize(deserializer).map(Arc::new)
    }
}

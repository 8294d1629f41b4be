//! Legal faults at the boundary between a client and the apiserver, byte by byte.
//!
//! [`Faults`] stands between a client and the server as a `tower` layer. A [`Rule`] says which exchanges a [`Fault`] befalls; the first rule in the
//! order of installation that concerns a request is the one that acts. What the client then reads is what a kube-apiserver, or what is in front of it,
//! puts on the wire in that situation, so the whole of the client is under test: retries, decoders, watchers, caches.
//!
//! Each fault is a row of a catalogue, and [`Fault::row`] names it. Faults are in sections as the rows are: [`TransportFault`] (A), [`ReadFault`] (C), [`WatchFault`]
//! (E). A new section is a file with an enum, a variant of [`Fault`] and a line in each of its methods.
//!
//! Reading order: here, `wire.rs` (what can be done to an exchange), `injector.rs` (rules and the layer), then the sections.

mod injector;
mod read;
mod transport;
mod watch;
pub(crate) mod wire;

use http::request::Parts;

use self::wire::Verdict;
pub use self::{
    injector::{FaultLayer, FaultService, Faults, Rule, RuleId},
    read::ReadFault,
    transport::TransportFault,
    watch::WatchFault,
};

/// Something that goes wrong between a client and the server.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// The connection, whatever is asked.
    Transport(TransportFault),
    /// Lists and reads of one object.
    Read(ReadFault),
    /// Watches.
    Watch(WatchFault),
}

/// Whether a fault can be met on a correct cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It can, at any time.
    Legal,
    /// Servers had this once, against their own promises. A client survives it only if it distrusts them.
    HistoricalServerBug,
}

// === impl Fault ===

impl Fault {
    /// The row of the catalogue, such as `E4`: the section's letter and the number.
    pub fn row(&self) -> &'static str {
        match self {
            Self::Transport(fault) => fault.row(),
            Self::Read(fault) => fault.row(),
            Self::Watch(fault) => fault.row(),
        }
    }

    /// Whether it can be met on a correct cluster.
    pub fn class(&self) -> Class {
        match self {
            Self::Transport(_) | Self::Read(_) => Class::Legal,
            Self::Watch(fault) => fault.class(),
        }
    }

    /// Whether this can befall a request of this form.
    fn concerns(&self, request: &Parts) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Read(fault) => fault.concerns(request),
            Self::Watch(fault) => fault.concerns(request),
        }
    }

    fn verdict(&self) -> Verdict {
        match self {
            Self::Transport(fault) => fault.verdict(),
            Self::Read(fault) => fault.verdict(),
            Self::Watch(fault) => fault.verdict(),
        }
    }
}

impl From<TransportFault> for Fault {
    fn from(fault: TransportFault) -> Self {
        Self::Transport(fault)
    }
}

impl From<ReadFault> for Fault {
    fn from(fault: ReadFault) -> Self {
        Self::Read(fault)
    }
}

impl From<WatchFault> for Fault {
    fn from(fault: WatchFault) -> Self {
        Self::Watch(fault)
    }
}

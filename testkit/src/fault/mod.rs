//! Legal faults at the boundary between a client and the apiserver, byte by byte.
//!
//! [`Faults`] stands between a client and the server as a `tower` layer. A [`Rule`] says which exchanges a [`Fault`] befalls; the first rule in the
//! order of installation that concerns a request is the one that acts. What the client then reads is what a kube-apiserver, or what is in front of it,
//! puts on the wire in that situation, so the whole of the client is under test: retries, decoders, watchers, caches.
//!
//! Each fault is a row of a catalogue, and [`Fault::row`] names it. Faults are in sections as the rows are: [`TransportFault`] (A), [`FlowFault`] (B),
//! [`ReadFault`] (C), [`WriteFault`] (D), [`WatchFault`] (E), [`CoordinationFault`] (F). A new section is a file with an enum, a variant of [`Fault`] and a
//! line in each of its methods.
//!
//! # Rows without a fault of their own
//!
//! Some rows are what happens in the cluster rather than on the wire. A test makes them happen there:
//!
//! | row | how |
//! |---|---|
//! | E12 | every bookmark is as empty as a real one; [`WatchFault::Bookmark`] is one ahead of all events |
//! | E18 | change a label that a watch selects by |
//! | E19, E20 | change objects and [`compact`](seatrial_fake_apiserver::FakeApiServer::compact): the next list shows the sum |
//! | E25 | delete the CustomResourceDefinition |
//! | F3 | give the process an [`Env`](seatrial_client::Env) whose wall clock jumps |
//! | F4 | drop the process's futures, or stop polling them |
//!
//! Reading order: here, `wire.rs` (what can be done to an exchange), `injector.rs` (rules and the layer), then the sections.

mod coordination;
mod flow;
mod injector;
mod read;
mod transport;
mod watch;
pub(crate) mod wire;
mod write;

use http::request::Parts;
use serde::{Deserialize, Serialize};

use self::wire::Verdict;
pub use self::{
    coordination::CoordinationFault,
    flow::{FlowFault, WebhookFailure},
    injector::{FaultLayer, FaultService, Faults, Rule, RuleId},
    read::ReadFault,
    transport::TransportFault,
    watch::WatchFault,
    write::{DeleteAnswer, Invalidity, Propagation, StorageFailure, WriteFault},
};

/// Something that goes wrong between a client and the server.
/// Faults of sections A, B, C and E can be written and read, those that carry a server of their own excepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Fault {
    /// A: the connection, whatever is asked.
    Transport(TransportFault),
    /// B: requests that are not served.
    Flow(FlowFault),
    /// C: lists and reads of one object.
    Read(ReadFault),
    /// D: writes.
    #[serde(skip)]
    Write(WriteFault),
    /// E: watches.
    Watch(WatchFault),
    /// F: what others do in between.
    #[serde(skip)]
    Coordination(CoordinationFault),
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

/// The same of whichever section it is.
macro_rules! of_section {
    ($fault:expr, $section:ident => $what:expr) => {
        match $fault {
            Fault::Transport($section) => $what,
            Fault::Flow($section) => $what,
            Fault::Read($section) => $what,
            Fault::Write($section) => $what,
            Fault::Watch($section) => $what,
            Fault::Coordination($section) => $what,
        }
    };
}

impl Fault {
    /// The row of the catalogue, such as `E4`: the section's letter and the number.
    pub fn row(&self) -> &'static str {
        of_section!(self, fault => fault.row())
    }

    /// Whether it can be met on a correct cluster.
    pub fn class(&self) -> Class {
        match self {
            Self::Read(fault) => fault.class(),
            Self::Watch(fault) => fault.class(),
            _ => Class::Legal,
        }
    }

    /// Whether this can befall a request of this form.
    fn concerns(&self, request: &Parts) -> bool {
        of_section!(self, fault => fault.concerns(request))
    }

    fn verdict(&self) -> Verdict {
        of_section!(self, fault => fault.verdict())
    }
}

/// A section's fault is a fault.
macro_rules! from_section {
    ($($variant:ident($section:ty)),* $(,)?) => {$(
        impl From<$section> for Fault {
            fn from(fault: $section) -> Self {
                Self::$variant(fault)
            }
        }
    )*};
}

from_section! {
    Transport(TransportFault),
    Flow(FlowFault),
    Read(ReadFault),
    Write(WriteFault),
    Watch(WatchFault),
    Coordination(CoordinationFault),
}

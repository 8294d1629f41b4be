//! What changes objects by itself as time goes on, beside the cluster's controllers: the programs that pods stand for.

use std::sync::Arc;

use jiff::Timestamp;
use seatrial_fake_apiserver::FakeApiServer;

use super::ChangeRef;

/// Something that moves objects on when their time has come, and decides by choices which way each goes.
pub(crate) trait Automaton {
    /// Looks at what has changed and decides what becomes of it; `choose` says which of a crossing's ways is taken.
    fn observe(&mut self, server: &FakeApiServer, now: Timestamp, choose: &mut dyn FnMut(&Crossing) -> usize);

    /// When the next object moves on.
    fn next_due(&self) -> Option<Timestamp>;

    /// When the last one does of those that do not come back to where they are.
    fn last_due(&self) -> Option<Timestamp>;

    /// Moves one object on whose time has come. An error says what the server objects to.
    fn step(
        &mut self,
        server: &FakeApiServer,
        now: Timestamp,
        choose: &mut dyn FnMut(&Crossing) -> usize,
    ) -> Result<(), String>;
}

/// Makes one for each world.
pub(crate) type Automata = Arc<dyn Fn() -> Box<dyn Automaton>>;

/// A place where an object may go on in more than one way.
#[derive(Clone, Debug)]
pub(crate) struct Crossing {
    /// Which choice about which object.
    pub(crate) at: ChangeRef,
    /// The object itself.
    pub(crate) uid: String,
    /// Its key, with the name that it has.
    pub(crate) key: String,
    /// Whether a controller of the cluster would make another in its place.
    pub(crate) is_controlled: bool,
    /// The ways, the usual one first.
    pub(crate) ways: Vec<Way>,
}

/// One way on.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// What it is called: the stage that comes next; empty where the object stays as it is.
    pub(crate) name: String,
    /// How likely it is, where ways are drawn.
    pub(crate) weight: u32,
    /// Whether it is a failure that does not happen unless somebody wants it to.
    pub(crate) is_failure: bool,
    /// Whether nothing leads back, so that somebody has to replace the object.
    pub(crate) is_lasting: bool,
    /// Whether it is the usual one, as late as it may come.
    pub(crate) is_late: bool,
}

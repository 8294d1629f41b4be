//! What a controller is made of by the time that it runs.

use std::{hash::Hash, sync::Arc};

use seatrial_client::{Env, Resource};

use super::{Config, Health, Metrics, WriteGate, shutdown::Shutdown};
use crate::{lease::Leadership, reflector::Store};

/// What a controller is run with.
pub(super) struct Setup<K: Resource + 'static, S, R, P, Ctx>
where
    K::DynamicType: Hash + Eq,
{
    pub(super) env: Env,
    pub(super) config: Config,
    pub(super) store: Store<K>,
    pub(super) sources: S,
    pub(super) shutdown: Shutdown,
    pub(super) wiring: Wiring<K>,
    pub(super) reconciler: R,
    pub(super) error_policy: P,
    pub(super) context: Arc<Ctx>,
}

/// What a controller has to do with others.
pub(super) struct Wiring<K: Resource> {
    /// What it is called.
    pub(super) name: String,
    pub(super) health: Health,
    pub(super) metrics: Option<Arc<dyn Metrics>>,
    pub(super) gate: Option<WriteGate<K>>,
    pub(super) leadership: Option<Leadership>,
}

impl<K: Resource> Wiring<K> {
    /// A controller on its own.
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            health: Health::default(),
            metrics: None,
            gate: None,
            leadership: None,
        }
    }
}

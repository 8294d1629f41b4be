//! Who moves stages on in a [`FakeCluster`](crate::FakeCluster): a task that waits for changes and for the next stage.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::{FutureExt as _, pin_mut, select_biased};
use jiff::Timestamp;
use seatrial_client::Env;
use seatrial_fake_apiserver::FakeApiServer;
use tokio::task::JoinHandle;

use super::{
    Stages,
    machine::{Machine, drawn},
};
use crate::sim::Automaton as _;

/// The task, which ends with the cluster.
pub(crate) struct Driver {
    task: JoinHandle<()>,
    shown: Arc<Mutex<Shown>>,
}

/// What is seen of the task from outside.
#[derive(Default)]
struct Shown {
    /// What the server objected to first.
    refused: Option<String>,
    /// Whether an object is on its way to another state.
    moves_on: bool,
}

/// So many stages may come at one instant before time goes on.
const AT_ONCE_MAX: usize = 1_000;

// === impl Driver ===

impl Driver {
    /// Lets stages come to pass in a cluster; an error where no runtime of tokio's runs.
    pub(crate) fn start(
        stages: &Stages,
        server: FakeApiServer,
        env: Env,
    ) -> Result<Self, tokio::runtime::TryCurrentError> {
        let runtime = tokio::runtime::Handle::try_current()?;
        let shown = Arc::<Mutex<Shown>>::default();
        let mut rng = env.rng("stages");
        let machine = Machine::new(stages, Some(rng.fork("jitter")));
        let task = runtime.spawn(drive(machine, server, env, rng, shown.clone()));
        Ok(Self { task, shown })
    }

    /// What the server objected to in a stage.
    pub(crate) fn refused(&self) -> Option<String> {
        lock(&self.shown).refused.clone()
    }

    /// Whether an object is on its way to another state.
    pub(crate) fn moves_on(&self) -> bool {
        lock(&self.shown).moves_on
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn drive(
    mut machine: Machine,
    server: FakeApiServer,
    env: Env,
    mut rng: seatrial_client::env::Rng,
    shown: Arc<Mutex<Shown>>,
) {
    let mut at_once = 0;
    loop {
        let revision = server.revision();
        let now = env.now();
        let mut choose = |crossing: &crate::sim::Crossing| drawn(crossing, &mut rng);
        machine.observe(&server, now, &mut choose);
        let due = machine.next_due();
        lock(&shown).moves_on = machine.last_due().is_some();
        if due.is_some_and(|due| due <= now) && at_once < AT_ONCE_MAX {
            at_once += 1;
            if let Err(why) = machine.step(&server, now, &mut choose) {
                lock(&shown).refused.get_or_insert(why);
            }
            tokio::task::yield_now().await;
            continue;
        }
        at_once = 0;
        let changed = server.changed(revision).fuse();
        match due {
            None => changed.await,
            Some(due) => {
                let sleep = env.sleep(until(now, due)).fuse();
                pin_mut!(changed, sleep);
                select_biased! {
                    () = changed => {}
                    () = sleep => {}
                }
            }
        }
    }
}

fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Timers keep time in whole milliseconds.
fn until(now: Timestamp, due: Timestamp) -> Duration {
    let left = Duration::try_from(due.duration_since(now)).unwrap_or_default();
    let left = left.as_nanos().div_ceil(1_000_000).max(1);
    Duration::from_millis(u64::try_from(left).unwrap_or(u64::MAX))
}

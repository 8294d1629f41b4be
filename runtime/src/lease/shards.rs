//! Keys split among processes.
//!
//! Each shard is a lease of its own, fought for by the same machine as an election's, so that a key is never worked on by two processes. Which process *wants* a shard follows from
//! who is alive: each process keeps a lease that says so, lists those of the others, and computes the same assignment from the same list. While lists differ, shards
//! are wanted by two or by none for a moment; the lease of the shard decides.
//!
//! One list shows both: who is alive, and what the leases of the shards say. So a process knows since when a shard that it does not want was not renewed, and need not wait anew once its
//! holder is dead.

use std::{
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    hash::BuildHasher,
    pin::pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use seatrial_client::{
    Api, Client, Env,
    api::{DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, Preconditions},
    env::Sleep,
};

use super::{
    candidate::Candidate,
    driver::{Driver, Wish},
    leadership::Leadership,
    times::Times,
};
use crate::{hash::FixedState, time::time_until};

/// The label by which the processes of a group find each other's leases.
const GROUP_LABEL: &str = "shards.seatrial.dev/group";

/// How many lease durations after it was heard of last a process is forgotten: its lease, which nobody needs any more, is deleted.
const FORGOTTEN_AFTER: u32 = 20;

/// Who writes the leases of processes.
const FIELD_MANAGER: &str = "seatrial-shards";

/// Splits objects among the processes of a group by their names.
///
/// Each process works on about as many shards as any other. When one joins, the others hand over.
///
/// It needs the verbs `get`, `list`, `create`, `update`, `patch` and `delete` on `leases` of `coordination.k8s.io`.
///
/// # Shape
///
/// For a group `web` of 3 shards: the leases `web-shard-0` to `web-shard-2`, and `web-member-<identity>` for each process. All of them have the label `shards.seatrial.dev/group: web`.
/// The lease of a process that crashed and was not heard of for twenty lease durations is deleted by the others.
///
/// # Limits
///
/// The shards of a process that crashed are worked on by others after at most the lease duration and the retry period, and those of one that ended in good order after about two retry periods.
#[must_use = "shards do nothing until they are run"]
pub struct Shards {
    candidate: Candidate,
    count: usize,
}

// === impl Shards ===

impl Shards {
    /// Takes part in `group` in `namespace` as `identity`, which must be this process's alone: as a rule the name of its pod.
    ///
    /// `count` is the number of shards, the same for all processes and at least that of the processes; a few times that evens things out.
    ///
    /// # Panics
    ///
    /// If `count` is zero.
    pub fn new(client: Client, namespace: &str, group: &str, identity: &str, count: usize) -> Self {
        assert!(count > 0, "a group needs at least one shard");
        Self {
            candidate: Candidate::new(client, namespace, group, identity, count),
            count,
        }
    }

    /// Other times than client-go's. All processes of a group should have the same.
    pub fn with_times(mut self, times: Times) -> Self {
        self.candidate.times = times;
        self
    }

    /// Which shards this process holds.
    pub fn leadership(&self) -> Leadership {
        self.candidate.leadership.clone()
    }

    /// Takes part until `shutdown` is ready; then waits for the reconciles that still run, gives the shards up, and ends.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future is like a crash: the leases hold until they expire.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let lease = |shard| format!("{}-shard-{shard}", self.candidate.name);
        let mut drivers: Vec<Option<Driver>> = (0..self.count)
            .map(|shard| {
                let driver = self.candidate.fight(&lease(shard), shard);
                Some(driver.with_label(GROUP_LABEL, &self.candidate.name))
            })
            .collect();
        let mut members = Members::new(&self);
        let mut shutdown = pin!(shutdown.fuse());
        let mut ends = false;
        poll_fn(|cx| {
            ends = ends || shutdown.poll_unpin(cx).is_ready();
            if !ends {
                for lease in members.poll(cx) {
                    let mut drivers = drivers.iter_mut().flatten();
                    if let Some(driver) = drivers.find(|driver| driver.is_of(&lease)) {
                        driver.observe(lease);
                    }
                }
            }
            let mut busy = false;
            for (shard, driver) in drivers.iter_mut().enumerate() {
                let wish = if ends {
                    Wish::End
                } else if members.wanted[shard] {
                    Wish::Lead
                } else {
                    Wish::Yield
                };
                if let Some(alive) = driver
                    && alive.poll(wish, cx).is_ready()
                {
                    *driver = None;
                }
                busy |= driver.is_some();
            }
            if busy { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        members.leave().await;
    }
}

impl fmt::Debug for Shards {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shards")
            .field("candidate", &self.candidate)
            .field("count", &self.count)
            .finish()
    }
}

/// Who is alive, and what this process should hold because of that.
struct Members {
    api: Api<Lease>,
    env: Env,
    group: String,
    identity: String,
    times: Times,
    seen: BTreeMap<String, Member>,
    wanted: Vec<bool>,
    /// When the next of those who seem alive will not any more, unless it says something.
    next_death: Option<(Duration, Sleep)>,
    /// One round of saying and asking who is alive.
    round: Option<BoxFuture<'static, Option<Vec<Lease>>>>,
    pause: Option<Sleep>,
}

/// What a member's lease said last.
struct Member {
    renewed: Option<MicroTime>,
    /// Since when it says so, as far as this process has seen.
    since: Duration,
    /// The lease, and the state of it that this was read from.
    lease: String,
    state: Preconditions,
}

impl Members {
    fn new(shards: &Shards) -> Self {
        let Candidate {
            api,
            name,
            identity,
            times,
            leadership: _,
        } = &shards.candidate;
        Self {
            env: api.client().env().clone(),
            api: api.clone().with_retry(None),
            group: name.clone(),
            identity: identity.clone(),
            times: *times,
            seen: BTreeMap::new(),
            wanted: vec![false; shards.count],
            next_death: None,
            round: None,
            pause: None,
        }
    }

    /// Goes on with asking who is alive; returns the leases that came of it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Vec<Lease> {
        let mut listed = Vec::new();
        while let Poll::Ready(leases) = self.poll_round(cx) {
            self.pause = Some(self.env.sleep(self.times.retry_period()));
            // Without an answer, what was known holds on: the leases of the shards decide in any case.
            if let Some(leases) = leases {
                self.take(&leases);
                listed = leases;
            }
        }
        while let Some((_, sleep)) = &mut self.next_death
            && sleep.poll_unpin(cx).is_ready()
        {
            self.next_death = None;
            self.choose();
        }
        listed
    }

    /// What came of a round.
    fn poll_round(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<Lease>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.poll_unpin(cx));
            self.pause = None;
        }
        let round = match &mut self.round {
            Some(round) => round,
            None => {
                let round = self.begin_round();
                self.round.insert(round)
            }
        };
        let leases = ready!(round.poll_unpin(cx));
        self.round = None;
        Poll::Ready(leases)
    }

    fn begin_round(&self) -> BoxFuture<'static, Option<Vec<Lease>>> {
        let (api, env, lease, name) = (
            self.api.clone(),
            self.env.clone(),
            self.lease(),
            self.lease_name(),
        );
        let params = ListParams::default().labels(&format!("{GROUP_LABEL}={}", self.group));
        let patience = self.times.lease_duration();
        let forgotten = self.forgotten();
        async move {
            let asked = async {
                let manager = PatchParams::apply(FIELD_MANAGER).force();
                api.patch(&name, &manager, &Patch::Apply(&lease)).await?;
                for (lease, state) in forgotten {
                    let params = DeleteParams::default().preconditions(state);
                    // Gone, or alive after all: the list will tell.
                    if let Err(error) = api.delete(&lease, &params).await {
                        tracing::debug!(lease, %error, "the lease of a member that is gone was not deleted");
                    }
                }
                api.list(&params).await
            };
            match env.timeout(patience, asked).await {
                Ok(Ok(list)) => Some(list.items),
                Ok(Err(error)) => {
                    tracing::warn!(lease = name, %error, "the members of the group could not be read");
                    None
                }
                Err(_) => None,
            }
        }
        .boxed()
    }

    /// Takes what the leases of processes say.
    fn take(&mut self, leases: &[Lease]) {
        let now = self.env.monotonic();
        let prefix = self.member_prefix();
        let mut seen = BTreeMap::new();
        for lease in leases {
            let name = lease.metadata.name.as_deref().unwrap_or_default();
            let spec = lease.spec.clone().unwrap_or_default();
            let Some(member) = spec.holder_identity.filter(|_| name.starts_with(&prefix)) else {
                continue;
            };
            let since = match self.seen.get(&member) {
                Some(held) if held.renewed == spec.renew_time => held.since,
                _ => now,
            };
            let held = Member {
                renewed: spec.renew_time,
                since,
                lease: name.to_owned(),
                state: Preconditions {
                    resource_version: lease.metadata.resource_version.clone(),
                    uid: lease.metadata.uid.clone(),
                },
            };
            seen.insert(member, held);
        }
        self.seen = seen;
        self.choose();
    }

    /// Computes which shards this process wants, from who is alive.
    fn choose(&mut self) {
        let (now, patience) = (self.env.monotonic(), self.times.lease_duration());
        let (mut alive, mut next_death) = (Vec::new(), None::<Duration>);
        for (member, held) in &self.seen {
            let dies = held.since.saturating_add(patience);
            if *member == self.identity {
                alive.push(member.as_str());
            } else if now < dies {
                alive.push(member.as_str());
                next_death = Some(next_death.map_or(dies, |next| next.min(dies)));
            }
        }
        self.wanted = assign(&alive, self.wanted.len())
            .into_iter()
            .map(|member| member == Some(&self.identity))
            .collect();
        if self.next_death.as_ref().map(|(at, _)| *at) != next_death {
            self.next_death = next_death.map(|at| (at, self.env.sleep(time_until(now, at))));
        }
    }

    /// The leases of members that were not heard of for long: those that crashed, each of which left one, under a name that may never be used again.
    fn forgotten(&self) -> Vec<(String, Preconditions)> {
        let (now, patience) = (self.env.monotonic(), self.times.lease_duration());
        let forgotten_after = patience.saturating_mul(FORGOTTEN_AFTER);
        let others = self.seen.iter().filter(|(member, _)| **member != self.identity);
        others
            .filter(|(_, held)| held.since.saturating_add(forgotten_after) <= now)
            .map(|(_, held)| (held.lease.clone(), held.state.clone()))
            .collect()
    }

    /// Says goodbye, so that nobody waits for this process to expire.
    async fn leave(self) {
        let name = self.lease_name();
        let params = DeleteParams::default();
        let gone = self.api.delete(&name, &params);
        if let Ok(Err(error)) = self.env.timeout(self.times.retry_period(), gone).await {
            tracing::debug!(lease = name, %error, "the member's lease could not be deleted");
        }
    }

    fn lease(&self) -> Lease {
        let mut metadata = ObjectMeta {
            name: Some(self.lease_name()),
            ..ObjectMeta::default()
        };
        metadata.labels = Some([(GROUP_LABEL.to_owned(), self.group.clone())].into());
        Lease {
            metadata,
            spec: Some(LeaseSpec {
                holder_identity: Some(self.identity.clone()),
                lease_duration_seconds: i32::try_from(self.times.lease_duration().as_secs()).ok(),
                renew_time: Some(MicroTime(self.env.now())),
                ..LeaseSpec::default()
            }),
        }
    }

    fn lease_name(&self) -> String {
        self.member_prefix() + &self.identity
    }

    /// How the names of the leases of processes begin; those of the shards have the same label.
    fn member_prefix(&self) -> String {
        format!("{}-member-", self.group)
    }
}

/// Who should hold each shard: everybody about as many, and few change hands when a member comes or goes.
///
/// Each shard goes to the member with the highest score for it that has room.
fn assign<'a>(members: &[&'a str], shards: usize) -> Vec<Option<&'a str>> {
    let room = shards.div_ceil(members.len().max(1));
    let mut load: BTreeMap<&str, usize> = BTreeMap::new();
    (0..shards)
        .map(|shard| {
            let chosen = members
                .iter()
                .filter(|member| load.get(**member).copied().unwrap_or(0) < room)
                .max_by_key(|member| (FixedState.hash_one((**member, shard as u64)), **member))?;
            *load.entry(*chosen).or_default() += 1;
            Some(*chosen)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_gets_about_as_many_and_few_move() {
        let (before, after) = (assign(&["a", "b", "c"], 30), assign(&["a", "b", "c", "d"], 30));
        for member in ["a", "b", "c"] {
            assert_eq!(before.iter().filter(|held| **held == Some(member)).count(), 10);
        }
        let moved = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before != after)
            .count();
        assert!(moved <= 15, "{moved} of 30 moved");
        assert!(after.iter().all(Option::is_some));
        assert_eq!(assign(&[], 2), [None, None]);
        assert_eq!(assign(&["a", "b", "c"], 1).iter().flatten().count(), 1);
    }
}

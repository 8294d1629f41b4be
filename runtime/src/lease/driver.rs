//! The half of an election that talks to the server.

use std::{
    future::poll_fn,
    task::{Context, Poll},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use seatrial_client::{
    Api, Env, Error,
    api::{ObjectMeta, PostParams},
    env::{Rng, Sleep},
};

use super::{
    leadership::Leadership,
    machine::{Effect, Input, Machine, Plan, Record},
};
use crate::time::time_until;

/// What an election is told from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Lead,
    /// Give the lease up once what runs by it is done.
    Yield,
    /// The same, and then end.
    End,
}

/// One lease that is fought for.
pub(super) struct Driver {
    api: Api<Lease>,
    name: String,
    /// What the lease is labelled with, if with anything.
    label: Option<(String, String)>,
    env: Env,
    rng: Rng,
    machine: Machine,
    leadership: Leadership,
    slot: usize,
    /// The lease as it was read last: what is ours replaces what is ours, and the rest is written back.
    object: Option<Lease>,
    /// The request under way. It is never dropped half-way: it may have been done.
    asking: Option<BoxFuture<'static, (Input, Option<Lease>)>>,
    timer: Option<(Duration, Sleep)>,
}

// === impl Driver ===

impl Driver {
    pub(super) fn new(api: Api<Lease>, name: &str, plan: Plan, leadership: Leadership, slot: usize) -> Self {
        let env = api.client().env().clone();
        // The machine decides when to try again.
        let api = api.with_retry(None);
        // Candidates for one lease must not draw the same numbers.
        let rng = env.rng(&format!("lease/{name}/{}", plan.identity));
        Self {
            api,
            name: name.to_owned(),
            label: None,
            env,
            rng,
            machine: Machine::new(plan, false),
            leadership,
            slot,
            object: None,
            asking: None,
            timer: None,
        }
    }

    /// The lease has this label, by which it can be listed with others.
    pub(super) fn with_label(mut self, name: &str, value: &str) -> Self {
        self.label = Some((name.to_owned(), value.to_owned()));
        self
    }

    /// Whether this is the lease that is fought for.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        lease.metadata.name.as_deref() == Some(&*self.name)
    }

    /// Takes note of the lease as somebody else read it, unless there is a reason to read it oneself.
    pub(super) fn observe(&mut self, lease: Lease) {
        let now = self.env.monotonic();
        if self.asking.is_some() || self.machine.effect(now, self.env.now()) != Effect::Rest {
            return;
        }
        let version = lease.metadata.resource_version.clone().unwrap_or_default();
        self.machine.observe(now, record_of(&lease), version);
        self.object = Some(lease);
    }

    /// Fights for the lease, and holds it, as `wish` says; ends after the wish to end.
    ///
    /// `wish` is asked whenever this is polled, and sees to it that this is woken when its answer changes.
    pub(super) async fn run(mut self, mut wish: impl FnMut(&mut Context<'_>) -> Wish) {
        poll_fn(|cx| {
            let wish = wish(cx);
            self.poll(wish, cx)
        })
        .await;
    }

    pub(super) fn poll(&mut self, wish: Wish, cx: &mut Context<'_>) -> Poll<()> {
        self.leadership.register(self.slot, cx);
        self.leadership.set_yielding(self.slot, wish != Wish::Lead);
        loop {
            if let Some(asking) = &mut self.asking {
                let Poll::Ready((input, object)) = asking.poll_unpin(cx) else {
                    self.publish();
                    return Poll::Pending;
                };
                self.asking = None;
                if object.is_some() {
                    self.object = object;
                }
                self.handle(input);
            }
            let now = self.env.monotonic();
            self.machine
                .want(now, wish == Wish::Lead, self.leadership.is_drained(self.slot));
            self.publish();
            match self.machine.effect(now, self.env.now()) {
                Effect::Rest if wish == Wish::End => return Poll::Ready(()),
                Effect::Rest => return Poll::Pending,
                Effect::Wait { until } if until <= now => self.handle(Input::Waited),
                Effect::Wait { until } => {
                    let (_, sleep) = match &mut self.timer {
                        Some(timer) if timer.0 == until => timer,
                        timer => timer.insert((until, self.env.sleep(time_until(now, until)))),
                    };
                    if sleep.poll_unpin(cx).is_pending() {
                        return Poll::Pending;
                    }
                    self.timer = None;
                }
                Effect::Read { until } => self.asking = Some(self.read(until.saturating_sub(now))),
                Effect::Write {
                    record,
                    version,
                    until,
                } => {
                    self.machine.asked(now);
                    self.asking = Some(self.write(record, version, until.saturating_sub(now)));
                }
            }
        }
    }

    fn handle(&mut self, input: Input) {
        let unit = self.rng.f64();
        self.machine
            .handle(self.env.monotonic(), self.env.now(), unit, input);
    }

    fn publish(&self) {
        let until = self.machine.leads_until(self.env.monotonic());
        self.leadership.set(self.slot, until, self.machine.holder());
    }

    fn read(&self, patience: Duration) -> BoxFuture<'static, (Input, Option<Lease>)> {
        let (api, name, env) = (self.api.clone(), self.name.clone(), self.env.clone());
        async move {
            match env.timeout(patience, api.get_opt(&name)).await {
                Ok(Ok(None)) => (Input::Read(None), None),
                Ok(Ok(Some(lease))) => {
                    let version = lease.metadata.resource_version.clone().unwrap_or_default();
                    (Input::Read(Some((record_of(&lease), version))), Some(lease))
                }
                Ok(Err(error)) => {
                    tracing::warn!(lease = name, %error, "the lease could not be read");
                    (Input::Failed, None)
                }
                Err(_) => (Input::Failed, None),
            }
        }
        .boxed()
    }

    fn write(
        &self,
        record: Record,
        version: Option<String>,
        patience: Duration,
    ) -> BoxFuture<'static, (Input, Option<Lease>)> {
        let (api, name, env) = (self.api.clone(), self.name.clone(), self.env.clone());
        let mut lease = self
            .object
            .clone()
            .filter(|_| version.is_some())
            .unwrap_or_else(|| Lease {
                metadata: ObjectMeta {
                    name: Some(name.clone()),
                    ..ObjectMeta::default()
                },
                ..Lease::default()
            });
        lease.metadata.resource_version.clone_from(&version);
        if let Some((label, value)) = self.label.clone() {
            lease.metadata.labels.get_or_insert_default().insert(label, value);
        }
        put(&record, lease.spec.get_or_insert_default());
        async move {
            let params = PostParams::default();
            let written = async {
                match version {
                    None => api.create(&params, &lease).await,
                    Some(_) => api.replace(&name, &params, &lease).await,
                }
            };
            match env.timeout(patience, written).await {
                Ok(Ok(lease)) => {
                    let version = lease.metadata.resource_version.clone().unwrap_or_default();
                    (Input::Written(version), Some(lease))
                }
                Ok(Err(error)) if is_race(&error) => (Input::Conflict, None),
                Ok(Err(error)) => {
                    tracing::warn!(lease = name, %error, "the lease could not be written");
                    (Input::Failed, None)
                }
                Err(_) => (Input::Failed, None),
            }
        }
        .boxed()
    }
}

/// Whether somebody else was faster.
fn is_race(error: &Error) -> bool {
    error.is_conflict() || error.is_already_exists() || error.is_not_found()
}

fn record_of(lease: &Lease) -> Record {
    let spec = lease.spec.clone().unwrap_or_default();
    Record {
        holder: spec.holder_identity.unwrap_or_default(),
        duration_seconds: spec.lease_duration_seconds.unwrap_or_default(),
        acquired: spec.acquire_time.map(|MicroTime(time)| time),
        renewed: spec.renew_time.map(|MicroTime(time)| time),
        transitions: spec.lease_transitions.unwrap_or_default(),
    }
}

fn put(record: &Record, spec: &mut LeaseSpec) {
    spec.holder_identity = Some(record.holder.clone());
    spec.lease_duration_seconds = Some(record.duration_seconds);
    spec.acquire_time = record.acquired.map(MicroTime);
    spec.renew_time = record.renewed.map(MicroTime);
    spec.lease_transitions = Some(record.transitions);
}

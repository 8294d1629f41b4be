//! Which faults need not be tried: those that cannot make a difference to what was written in the run they are derived from, and those that come
//! to the same as another.
//!
//! What is left out is known from that run alone: who had been told what when, and what the cluster held.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{changes, object_of};
use crate::sim::{Called, ChangeRef, Fate, Injection, Mishap, Run, Site, Told, Trigger};

/// What is known of the run that faults are derived from.
struct Known<'a> {
    run: &'a Run,
    /// The requests by name, with their places.
    calls: BTreeMap<&'a Site, usize>,
    /// What each watch told, by its site.
    told: BTreeMap<&'a Site, Vec<&'a Told>>,
    /// How many requests there were up to the last write that counts.
    useful: usize,
    /// The resources that are read from whatever replica answers, of whatever age.
    any_age: BTreeSet<&'a str>,
    changes: BTreeMap<ChangeRef, u64>,
}

/// What a fault comes to: two of the same come to the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Effect<'a> {
    /// A process starts anew at an instant, while the cluster is at a revision.
    Crash(&'a str, Duration, u64),
    /// A process hears nothing of a resource from an event on until an instant.
    Deaf(&'a str, &'a str, usize, Duration),
    /// All processes start anew at a rest, and see objects as they were after these changes, one of each resource that they look at.
    Travel(u32, Vec<(&'a str, u64)>),
    Other(&'a Injection),
}

/// The faults that are worth a run.
pub(super) fn pruned(run: &Run, plans: Vec<Injection>) -> Vec<Injection> {
    let known = Known::of(run);
    let mut seen = BTreeSet::new();
    let kept: Vec<bool> = plans
        .iter()
        .map(|plan| known.matters(plan) && seen.insert(known.effect(plan)))
        .collect();
    let mut kept = kept.into_iter();
    plans
        .into_iter()
        .filter(|_| kept.next().unwrap_or(true))
        .collect()
}

// === impl Known ===

impl<'a> Known<'a> {
    fn of(run: &'a Run) -> Self {
        let mut told = BTreeMap::<_, Vec<_>>::new();
        for piece in &run.told {
            told.entry(&*piece.site).or_default().push(piece);
        }
        let calls = run.calls.iter().enumerate();
        let last = run.calls.iter().rposition(|call| call.is_effective);
        Self {
            calls: calls.map(|(at, call)| (&*call.site, at)).collect(),
            told,
            useful: last.map_or(run.calls.len(), |at| at + 1),
            any_age: run
                .calls
                .iter()
                .filter(|call| call.any_age)
                .map(object_of)
                .collect(),
            changes: changes(run).into_iter().collect(),
            run,
        }
    }

    /// Whether a fault can make a difference to a write.
    fn matters(&self, plan: &Injection) -> bool {
        match (&plan.at, &plan.fate) {
            // It happens once so many events have come: if they do, and something is written afterwards.
            (Trigger::Request(site), Fate::Mishap(mishap)) => {
                let told = self.told.get(site).map_or(&[][..], Vec::as_slice);
                let in_time = told.iter().filter(|piece| piece.calls < self.useful);
                match mishap {
                    Mishap::End(after)
                    | Mishap::Expired(after)
                    | Mishap::TooLargeVersion(after)
                    | Mishap::InternalError(after)
                    | Mishap::TooManyRequests(after) => in_time.count() >= *after,
                    Mishap::Cut(after) => in_time.map(|piece| piece.bytes).sum::<usize>() > *after,
                    _ => true,
                }
            }
            // There is something that does not come, or comes late.
            (Trigger::Request(site), Fate::Lags { resource, .. } | Fate::Broken { resource, .. }) => {
                self.next_told(site, resource).is_some()
            }
            // Without a read that any replica may answer, it is but a restart.
            (Trigger::Settled(_), Fate::TimeTravel { .. }) => {
                !self.any_age.is_empty() || !self.told.is_empty()
            }
            _ => true,
        }
    }

    /// The place of the next piece about a resource that the process of a request is told after it.
    fn next_told(&self, site: &Site, resource: &str) -> Option<usize> {
        let at = *self.calls.get(site)?;
        let mut pieces = self.run.told.iter();
        pieces.position(|piece| {
            piece.calls > at && piece.site.process == site.process && piece.site.resource == resource
        })
    }

    fn effect<'p>(&self, plan: &'p Injection) -> Effect<'p>
    where
        'a: 'p,
    {
        let effect = match (&plan.at, &plan.fate) {
            (Trigger::Request(site), Fate::CrashBefore) => self.crash(site, |at, _| at.before),
            (Trigger::Request(site), Fate::CrashAfter) => self.crash(site, |_, after| after),
            (Trigger::Request(site), Fate::Lags { resource, time }) => self.deaf(site, resource, *time),
            (Trigger::Settled(point), Fate::TimeTravel { to }) => self.travel(*point, to),
            _ => None,
        };
        effect.unwrap_or(Effect::Other(plan))
    }

    /// A crash of a process that is alone: nothing is left of it, so that only the state of the cluster matters.
    fn crash<'p>(&self, site: &'p Site, revision: impl FnOnce(&Called, u64) -> u64) -> Option<Effect<'p>> {
        let at = *self.calls.get(site)?;
        let call = &self.run.calls[at];
        let next = self.run.calls.get(at + 1);
        // What others do until the next request may come before or after a crash.
        let after = next.map_or(u64::MAX, |next| next.before);
        let own = self
            .run
            .written
            .iter()
            .filter(|w| w.change.revision > call.before);
        let is_own = own.take_while(|w| w.change.revision <= after).count() <= 1;
        (self.run.processes.len() == 1 && is_own)
            .then(|| Effect::Crash(&site.process, call.at, revision(call, after)))
    }

    fn deaf<'p>(&self, site: &'p Site, resource: &'p str, time: Duration) -> Option<Effect<'p>> {
        let at = self.run.calls[*self.calls.get(site)?].at;
        let next = self.next_told(site, resource)?;
        Some(Effect::Deaf(&site.process, resource, next, at + time))
    }

    fn travel<'p>(&self, point: u32, to: &ChangeRef) -> Option<Effect<'p>>
    where
        'a: 'p,
    {
        let until = *self.changes.get(to)?;
        let last = |resource: &&str| {
            let written = self.run.written.iter().rev();
            let mut of_it = written.filter(|w| *w.change.resource == **resource);
            let found = of_it.find(|w| w.change.revision <= until);
            found.map_or(0, |w| w.change.revision)
        };
        let seen = self.any_age.iter().map(|resource| (*resource, last(resource)));
        Some(Effect::Travel(point, seen.collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::StreamExt as _;
    use k8s_openapi::api::core::v1::{ConfigMap, Secret};
    use seatrial_client::{
        Api, Client, ResourceExt as _,
        api::{DeleteParams, Patch, PatchParams},
    };
    use seatrial_runtime::{Controller, controller::Action, watcher};
    use serde_json::json;

    use super::*;
    use crate::{
        Sweep,
        sim::{Course, play},
        sweep,
    };

    /// Keeps a secret for each config map that wants one, and says so in it.
    async fn keeps(client: Client, config: watcher::Config) {
        let configs = Api::<ConfigMap>::default_namespaced(client.clone());
        let secrets = Api::<Secret>::default_namespaced(client.clone());
        let reconcile = |object: Arc<ConfigMap>, client: Arc<Client>| async move {
            let (name, client) = (object.name_any(), (*client).clone());
            let wants = object.data.as_ref().and_then(|data| data.get("wants").cloned());
            let Some(wants) = wants else {
                return Ok(Action::await_change());
            };
            let secrets = Api::<Secret>::default_namespaced(client.clone());
            if wants == "none" {
                secrets.delete_if_present(&name, &DeleteParams::default()).await?;
                return Ok(Action::await_change());
            }
            let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"is": wants}});
            let params = PatchParams::apply("keeps").force();
            secrets.patch(&name, &params, &Patch::Apply(secret)).await?;
            let told = Patch::Merge(json!({"metadata": {"annotations": {"has": wants}}}));
            let configs = Api::<ConfigMap>::default_namespaced(client);
            configs.patch(&name, &PatchParams::default(), &told).await?;
            Ok::<_, seatrial_client::Error>(Action::await_change())
        };
        Controller::new(configs, config.clone())
            .owns(secrets, config)
            .run(
                reconcile,
                |_, _, _| Action::requeue(Duration::from_secs(5)),
                Arc::new(client),
            )
            .for_each(|_| async {})
            .await;
    }

    fn world(config: fn() -> watcher::Config) -> Sweep {
        sweep(move |client| keeps(client, config())).scenario(|user| {
            user.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {wants: one}}")
                .settle()
                .patch("ConfigMap/v1 a", "{data: {wants: none}}")
                .settle()
                .patch("ConfigMap/v1 a", "{data: {wants: two}}")
        })
    }

    /// What was written, in order.
    fn story(run: &Run) -> Vec<String> {
        let written = run.written.iter().filter(|written| written.is_effective);
        let told = written.map(|w| {
            let change = &w.change;
            let by = w.writer.label();
            format!(
                "{by} {} {} {} {}",
                change.resource,
                change.key,
                change.old.is_none(),
                change.removed
            )
        });
        told.collect()
    }

    #[test]
    fn what_is_left_out_comes_to_what_is_tried() {
        let configs: [fn() -> watcher::Config; 2] = [watcher::Config::default, || {
            watcher::Config::default().any_semantic()
        }];
        for config in configs {
            let (setup, _) = world(config).setup(0, None).unwrap();
            let ends = |injections| {
                let course = Course {
                    injections,
                    ..Course::default()
                };
                let run = play(&setup, course);
                match run.refused {
                    None => Ok(story(&run)),
                    Some(refused) => Err(refused.error.to_string()),
                }
            };
            let first = play(&setup, Course::default());
            let all = super::super::all(&first);
            let kept = pruned(&first, all.clone());
            let mut known: Vec<_> = kept.iter().map(|plan| ends(vec![plan.clone()])).collect();
            known.push(Ok(story(&first)));
            let left_out: Vec<&Injection> = all.iter().filter(|plan| !kept.contains(plan)).collect();
            assert!(!left_out.is_empty(), "all {} are tried", all.len());
            for plan in left_out {
                let end = ends(vec![plan.clone()]);
                assert!(known.contains(&end), "{plan} comes to something else: {end:#?}");
            }
        }
    }
}

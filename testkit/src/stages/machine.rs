//! Which stage comes next for each object, and when.
//!
//! An object is looked at whenever it has changed. Of the stages that fit one is chosen; it waits for its time, and comes unless the object
//! does not fit any more.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use seatrial_client::env::Rng;
use seatrial_fake_apiserver::{Change, FakeApiServer, discovery::Resource};
use serde_json::Value;

use super::{
    Delay, Stage, Stages, effect,
    expression::{Expression, Input},
    template::go_duration,
};
use crate::{
    raw,
    request::qualified,
    sim::{self, Automaton, ChangeRef, Crossing, Way, class_of},
};

/// The stages of one world, and where its objects are in them.
pub(super) struct Machine {
    kinds: Vec<Kind>,
    /// What has been looked at.
    seen: Option<u64>,
    plans: BTreeMap<Place, Plan>,
    /// How many choices there were about each object.
    choices: BTreeMap<Place, u32>,
    /// Draws how long a stage takes that may take longer; without it, each is as quick as it can be.
    jitter: Option<Rng>,
}

/// The stages of a kind.
struct Kind {
    api_version: String,
    kind: String,
    stages: Vec<Arc<Stage>>,
    /// What it is served as, once it is.
    served: Option<Served>,
}

/// How a kind is served.
#[derive(Clone)]
pub(super) struct Served {
    /// As [`FakeApiServer::list`] names it.
    pub(super) resource: String,
    pub(super) info: Resource,
}

/// A resource, and a key.
type Place = (String, String);

/// What becomes of an object.
struct Plan {
    uid: String,
    /// The stages that fit.
    fitting: Vec<Arc<str>>,
    /// The one that comes, and when; none if the object stays as it is.
    next: Option<(Arc<Stage>, Timestamp)>,
    /// The one that came before.
    last: Option<Arc<Stage>>,
    /// Whether it only comes back to where it is.
    is_heartbeat: bool,
}

/// So many stages follow each other at once.
const IMMEDIATE_MAX: usize = 16;

// === impl Machine ===

impl Machine {
    pub(super) fn new(stages: &Stages, jitter: Option<Rng>) -> Self {
        let mut kinds = Vec::<Kind>::new();
        for stage in stages.stages.iter() {
            let known = kinds
                .iter_mut()
                .find(|kind| kind.api_version == stage.api_version && kind.kind == stage.kind);
            match known {
                Some(kind) => kind.stages.push(stage.clone()),
                None => kinds.push(Kind {
                    api_version: stage.api_version.clone(),
                    kind: stage.kind.clone(),
                    stages: vec![stage.clone()],
                    served: None,
                }),
            }
        }
        Self {
            kinds,
            seen: None,
            plans: BTreeMap::new(),
            choices: BTreeMap::new(),
            jitter,
        }
    }

    /// The objects that may have changed: their kinds, and their keys.
    fn touched(&mut self, server: &FakeApiServer) -> Vec<(usize, String)> {
        let changes = self.seen.map(|seen| server.changes_since(seen));
        let is_definition = |c: &Change| &*c.resource == "customresourcedefinitions.apiextensions.k8s.io";
        let may_serve_more = changes
            .as_ref()
            .is_none_or(|changes| changes.iter().any(is_definition));
        let mut touched = Vec::new();
        for (nth, kind) in self.kinds.iter_mut().enumerate() {
            if kind.served.is_none() && may_serve_more {
                kind.served = serving(server, &kind.api_version, &kind.kind);
                if let (Some(served), true) = (&kind.served, self.seen.is_some()) {
                    touched.extend(keys(server, &served.resource).map(|key| (nth, key)));
                }
            }
            let Some(served) = &kind.served else { continue };
            match &changes {
                None => touched.extend(keys(server, &served.resource).map(|key| (nth, key))),
                Some(changes) => {
                    let own = changes.iter().filter(|c| *c.resource == *served.resource);
                    touched.extend(own.map(|change| (nth, change.key.to_string())));
                }
            }
        }
        touched.sort();
        touched.dedup();
        touched
    }

    /// Decides what becomes of an object.
    fn plan(
        &mut self,
        server: &FakeApiServer,
        now: Timestamp,
        kind: usize,
        key: &str,
        choose: &mut dyn FnMut(&Crossing) -> usize,
    ) {
        let kind = &self.kinds[kind];
        let Some(served) = &kind.served else { return };
        let place = (served.resource.clone(), key.to_owned());
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        let Some(object) = server.get(&served.resource, namespace, name) else {
            self.plans.remove(&place);
            return;
        };
        let input = Input::of(&object);
        let fitting: Vec<&Arc<Stage>> = kind.stages.iter().filter(|stage| stage.matches(&input)).collect();
        if fitting.is_empty() {
            self.plans.remove(&place);
            return;
        }
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        let names: Vec<Arc<str>> = fitting.iter().map(|stage| stage.name.as_str().into()).collect();
        if let Some(plan) = self.plans.get_mut(&place).filter(|plan| plan.uid == uid) {
            let still_fits = match &plan.next {
                Some((next, _)) => fitting.iter().any(|stage| Arc::ptr_eq(stage, next)),
                None => plan.fitting == names,
            };
            if still_fits {
                plan.fitting = names;
                return;
            }
        }
        let mut ways = ways(&fitting, &input);
        let usual = fitting.iter().find(|stage| stage.name == ways[0].name);
        // Where chance draws it, how late it is is no choice.
        if self.jitter.is_none() && usual.is_some_and(|stage| stage.delay.may_be_late(&input, now)) {
            ways.push(Way {
                weight: 0,
                is_failure: true,
                is_late: true,
                ..ways[0].clone()
            });
        }
        let (mut chosen, mut is_late) = (&ways[0].name, false);
        if ways.len() > 1 {
            let class = class_of(key, &object).unwrap_or_else(|| key.to_owned());
            let count = self.choices.entry((place.0.clone(), class.clone())).or_default();
            *count += 1;
            let crossing = Crossing {
                at: ChangeRef {
                    resource: place.0.clone(),
                    key: class,
                    nth: *count,
                },
                uid: uid.clone(),
                key: key.to_owned(),
                is_controlled: is_controlled(server, &object),
                ways: ways.clone(),
            };
            let way = choose(&crossing).min(ways.len() - 1);
            (chosen, is_late) = (&ways[way].name, ways[way].is_late);
        }
        let next = fitting.iter().find(|stage| stage.name == *chosen);
        let pace = match &mut self.jitter {
            Some(rng) => Pace::Drawn(rng),
            None if is_late => Pace::Late,
            None => Pace::Early,
        };
        let next = next.map(|stage| ((*stage).clone(), stage.delay.due(&input, now, pace)));
        let last = self.plans.remove(&place).filter(|plan| plan.uid == uid);
        let last = last.and_then(|plan| plan.last);
        // What comes right after itself leads to where the object was.
        let is_heartbeat = match (&next, &last) {
            (Some((next, _)), last) => {
                next.is_heartbeat || last.as_ref().is_some_and(|last| Arc::ptr_eq(next, last))
            }
            (None, _) => false,
        };
        self.plans.insert(
            place,
            Plan {
                uid,
                fitting: names,
                next,
                last,
                is_heartbeat,
            },
        );
    }

    fn first_due(&self) -> Option<(&Place, &Arc<Stage>, Timestamp)> {
        let plans = self.plans.iter();
        let due = plans.filter_map(|(place, plan)| {
            let (stage, at) = plan.next.as_ref()?;
            Some((place, stage, *at))
        });
        due.min_by_key(|(_, _, at)| *at)
    }

    /// Lets a stage come to an object.
    fn perform(
        &self,
        server: &FakeApiServer,
        now: Timestamp,
        place: &Place,
        stage: &Arc<Stage>,
    ) -> Result<(), String> {
        let mut served = self.kinds.iter().filter_map(|kind| kind.served.as_ref());
        let Some(served) = served.find(|served| served.resource == place.0) else {
            return Ok(());
        };
        effect::perform(server, now, served, &place.1, &stage.effects)
            .map_err(|why| format!("the stage `{}` of {} {}: {why}", stage.name, place.0, place.1))
    }
}

impl Automaton for Machine {
    fn observe(
        &mut self,
        server: &FakeApiServer,
        now: Timestamp,
        choose: &mut dyn FnMut(&Crossing) -> usize,
    ) {
        let revision = server.revision();
        if self.seen == Some(revision) {
            return;
        }
        for (kind, key) in self.touched(server) {
            self.plan(server, now, kind, &key, choose);
        }
        self.seen = Some(revision);
    }

    fn next_due(&self) -> Option<Timestamp> {
        self.first_due().map(|(_, _, at)| at)
    }

    fn last_due(&self) -> Option<Timestamp> {
        let plans = self.plans.values().filter(|plan| !plan.is_heartbeat);
        plans.filter_map(|plan| Some(plan.next.as_ref()?.1)).max()
    }

    fn step(
        &mut self,
        server: &FakeApiServer,
        now: Timestamp,
        choose: &mut dyn FnMut(&Crossing) -> usize,
    ) -> Result<(), String> {
        for _ in 0..IMMEDIATE_MAX {
            let Some((place, stage, at)) = self.first_due() else {
                return Ok(());
            };
            if at > now {
                return Ok(());
            }
            let (place, stage) = (place.clone(), stage.clone());
            let before = server.revision();
            let done = self.perform(server, now, &place, &stage);
            let key = place.1.clone();
            let kind = self.kinds.iter().position(|kind| {
                kind.served
                    .as_ref()
                    .is_some_and(|served| served.resource == place.0)
            });
            // Once the object has changed by it, the next one is looked for.
            if let Some(plan) = self.plans.get_mut(&place) {
                plan.next = None;
                plan.fitting.clear();
                plan.last = Some(stage.clone());
            }
            done?;
            if !stage.is_immediate || server.revision() == before {
                return Ok(());
            }
            if let Some(kind) = kind {
                self.plan(server, now, kind, &key, choose);
            }
        }
        Ok(())
    }
}

/// When a stage comes, of the times at which it may.
enum Pace<'a> {
    Early,
    Late,
    Drawn(&'a mut Rng),
}

// === impl Delay ===

impl Delay {
    /// When a stage comes that is chosen now.
    fn due(&self, input: &Input, now: Timestamp, pace: Pace<'_>) -> Timestamp {
        let milliseconds = match (self.range(input, now), pace) {
            ((at_least, Some(at_most)), Pace::Drawn(rng)) if at_most > at_least => {
                let spread = u64::try_from(at_most.saturating_sub(at_least)).unwrap_or(1);
                at_least.saturating_add_unsigned(rng.below(spread.max(1)))
            }
            ((_, Some(at_most)), Pace::Late) => at_most,
            ((at_least, Some(at_most)), _) => at_least.min(at_most),
            ((at_least, None), _) => at_least,
        };
        let wait = SignedDuration::from_millis(milliseconds.max(0));
        now.saturating_add(wait).unwrap_or(Timestamp::MAX)
    }

    /// Whether there is a later time than the usual one.
    fn may_be_late(&self, input: &Input, now: Timestamp) -> bool {
        let (at_least, at_most) = self.range(input, now);
        at_most.is_some_and(|at_most| at_most > at_least)
    }

    /// How many milliseconds it takes at least, and at most.
    fn range(&self, input: &Input, now: Timestamp) -> (i64, Option<i64>) {
        let from = |expression: &Option<Expression>| {
            let text = expression.as_ref()?.texts(input).into_iter().next()?;
            let until = text
                .parse::<Timestamp>()
                .map(|at| at.duration_since(now).as_millis());
            let until = until.ok().and_then(|until| i64::try_from(until).ok());
            until.or_else(|| go_duration(&text))
        };
        let at_least = from(&self.at_least_from).unwrap_or(self.at_least);
        let at_most = from(&self.at_most_from).or(self.at_most);
        (at_least, at_most)
    }
}

// === Ways ===

/// The ways on, the usual one first: the heaviest stage, or none where only failures are possible.
fn ways(fitting: &[&Arc<Stage>], input: &Input) -> Vec<Way> {
    let way = |stage: &Arc<Stage>| Way {
        name: stage.name.clone(),
        weight: stage.weight(input),
        is_failure: stage.is_failure,
        is_lasting: stage.is_lasting,
        is_late: false,
    };
    let (failures, mut usual): (Vec<Way>, Vec<Way>) = fitting
        .iter()
        .map(|stage| way(stage))
        .partition(|way| way.is_failure);
    usual.sort_by_key(|way| std::cmp::Reverse(way.weight));
    // Where some have a weight, those without one never come.
    if usual.first().is_some_and(|way| way.weight > 0) {
        usual.retain(|way| way.weight > 0);
    }
    if usual.is_empty() {
        usual.push(Way {
            name: String::new(),
            weight: 1,
            is_failure: false,
            is_lasting: false,
            is_late: false,
        });
    }
    usual.extend(failures);
    usual
}

/// Whether somebody would make another of this object, as far as one can see.
fn is_controlled(server: &FakeApiServer, object: &Value) -> bool {
    let owners = object
        .pointer("/metadata/ownerReferences")
        .and_then(Value::as_array);
    let owner = owners
        .into_iter()
        .flatten()
        .find(|owner| owner["controller"] == true);
    owner.is_some_and(|owner| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let namespace = text(&object["metadata"]["namespace"]);
        // A job without another try ends with its pod.
        owner["kind"] != "Job"
            || server
                .get("jobs.batch", &namespace, &text(&owner["name"]))
                .is_some_and(|job| job.pointer("/spec/backoffLimit") != Some(&Value::from(0)))
    })
}

fn keys(server: &FakeApiServer, resource: &str) -> impl Iterator<Item = String> + use<> {
    let key = |object: Value| {
        let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default();
        sim::key(text("namespace"), text("name"))
    };
    server.list(resource).into_iter().map(key)
}

/// How a kind is served, if it is; its group may be told without a version.
fn serving(server: &FakeApiServer, api_version: &str, kind: &str) -> Option<Served> {
    let is_group = api_version != "v1" && !api_version.contains('/');
    let info = if is_group {
        let catalog = server.discovery();
        let preferred = catalog.group(api_version)?.versions.first()?;
        catalog
            .resource_of_kind(api_version, &preferred.name, kind)
            .cloned()?
    } else {
        raw::served(server, api_version, kind)?
    };
    Some(Served {
        resource: qualified(&info.plural, &info.group),
        info,
    })
}

/// Chooses by weight, and no failure.
pub(super) fn drawn(crossing: &Crossing, rng: &mut Rng) -> usize {
    let usual = || {
        crossing
            .ways
            .iter()
            .enumerate()
            .filter(|(_, way)| !way.is_failure)
    };
    let total: u64 = usual().map(|(_, way)| u64::from(way.weight)).sum();
    if total == 0 {
        // Without weights, all are alike.
        let places: Vec<usize> = usual().map(|(place, _)| place).collect();
        let drawn = rng.below(places.len().max(1) as u64);
        return usize::try_from(drawn)
            .ok()
            .and_then(|drawn| places.get(drawn).copied())
            .unwrap_or(0);
    }
    let mut left = rng.below(total);
    for (place, way) in usual() {
        match left.checked_sub(u64::from(way.weight)) {
            Some(rest) => left = rest,
            None => return place,
        }
    }
    0
}

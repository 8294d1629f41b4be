//! The machine against a model of the server, under any script of changes and faults.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::reflector::store::{Change, Writer};

/// A server with a history.
#[derive(Debug, Default)]
struct Server {
    version: u64,
    objects: BTreeMap<String, (String, u64)>,
    history: Vec<(u64, Change<()>, ConfigMap)>,
    /// What is older than this is forgotten.
    floor: u64,
    uids: u64,
}

impl Server {
    fn put(&mut self, name: &str) {
        self.version += 1;
        let uid = match self.objects.get(name) {
            Some((uid, _)) => uid.clone(),
            None => {
                self.uids += 1;
                format!("uid-{}", self.uids)
            }
        };
        self.objects.insert(name.to_owned(), (uid.clone(), self.version));
        self.log(Change::Applied(().into()), object(name, &uid, self.version));
    }

    fn remove(&mut self, name: &str) {
        if let Some((uid, _)) = self.objects.remove(name) {
            self.version += 1;
            self.log(Change::Deleted(().into()), object(name, &uid, self.version));
        }
    }

    fn log(&mut self, change: Change<()>, object: ConfigMap) {
        self.history.push((self.version, change, object));
    }

    /// What there was at this version, by name.
    fn at(&self, version: u64) -> Vec<ConfigMap> {
        let mut objects = BTreeMap::new();
        for (_, change, object) in self.history.iter().filter(|(at, ..)| *at <= version) {
            let name = object.metadata.name.clone().unwrap();
            match change {
                Change::Applied(_) => objects.insert(name, object.clone()),
                Change::Deleted(_) => objects.remove(&name),
            };
        }
        objects.into_values().collect()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8),
    Remove(u8),
    Compact,
    /// The next set comes from a replica that is so many versions behind, as far as the request permits that.
    Behind(u64),
    /// The next effect works.
    Work,
    /// The next effect fails.
    Fail(Class),
    /// The open watch ends.
    End,
    /// The open watch sends an event again, however long ago it came.
    Repeat(usize),
    /// The open watch sends again what came after an earlier version.
    Rewind(u64),
    Bookmark,
    Pass,
}

fn step() -> impl Strategy<Value = Step> {
    let class = prop_oneof![
        Just(Class::Expired),
        Just(Class::TooNew),
        Just(Class::Refused),
        Just(Class::NotFound),
        Just(Class::Internal),
        Just(Class::Standing),
        Just(Class::Passing),
    ];
    prop_oneof![
        3 => (0..5u8).prop_map(Step::Put),
        2 => (0..5u8).prop_map(Step::Remove),
        1 => Just(Step::Compact),
        1 => (0..8u64).prop_map(Step::Behind),
        8 => Just(Step::Work),
        2 => class.prop_map(Step::Fail),
        1 => Just(Step::End),
        1 => (0..8usize).prop_map(Step::Repeat),
        1 => (1..8u64).prop_map(Step::Rewind),
        1 => Just(Step::Bookmark),
        1 => Just(Step::Pass),
    ]
}

/// Plays both sides.
struct World {
    server: Server,
    machine: Machine,
    now: Duration,
    writer: Writer<ConfigMap>,
    /// Up to which version the open watch has sent, if one is open.
    sent: Option<u64>,
    /// Existing objects that the open watch has yet to send, and the version of its bookmark.
    initial: Option<(VecDeque<ConfigMap>, u64)>,
    /// How far the replica is behind that the next set comes from.
    behind: u64,
    /// The rest of the list that is being paged: each page is of the version of the first.
    rest: BTreeMap<String, (Vec<ConfigMap>, u64)>,
    /// What a follower of the store would hold.
    follower: BTreeMap<String, (String, u64)>,
}

impl World {
    fn new(plan: Plan) -> Self {
        Self {
            server: Server {
                version: 1,
                ..Server::default()
            },
            machine: Machine::new(plan, delays()),
            now: secs(0),
            writer: Writer::default(),
            sent: None,
            initial: None,
            behind: 0,
            rest: BTreeMap::new(),
            follower: BTreeMap::new(),
        }
    }

    fn input(&mut self, input: Input<ConfigMap, String>) {
        let mut out = Out::new();
        self.machine.handle(self.now, input, &mut out);
        while let Some(told) = Output::next(&mut out) {
            let Ok(event) = told else { continue };
            for change in self.writer.apply(event) {
                let meta = &change.object().metadata;
                let name = meta.name.clone().unwrap();
                let uid = meta.uid.clone().unwrap();
                let version: u64 = meta.resource_version.as_ref().unwrap().parse().unwrap();
                match change {
                    Change::Applied(_) => {
                        if let Some((held, before)) = self.follower.get(&name) {
                            assert_eq!(*held, uid, "{name} became another without a deletion");
                            assert!(version > *before, "{name} went from {before} back to {version}");
                        }
                        self.follower.insert(name, (uid, version));
                    }
                    Change::Deleted(_) => {
                        let held = self.follower.remove(&name);
                        assert_eq!(
                            held.map(|(uid, _)| uid),
                            Some(uid),
                            "a deletion of what nobody held"
                        );
                    }
                }
            }
        }
    }

    fn close(&mut self) {
        self.sent = None;
        self.initial = None;
    }

    /// Performs the next effect as a server that works does.
    fn work(&mut self) {
        let effect = self.machine.effect(self.now);
        match effect {
            Effect::Wait { until } => {
                self.now = until;
                self.input(Input::Waited);
            }
            Effect::List(list) => self.list(list),
            Effect::Watch(watch) if watch.initial_events => {
                let asked = Some(watch.version).filter(|version| !version.is_empty());
                let version = self.served(asked.as_deref());
                self.initial = Some((self.server.at(version).into(), version));
                self.sent = Some(version);
                self.input(Input::Opened);
            }
            Effect::Watch(watch) => {
                let from: u64 = watch.version.parse().unwrap();
                if from < self.server.floor {
                    self.input(Input::OpenFailed(failure(Class::Expired)));
                } else {
                    self.sent = Some(from);
                    self.input(Input::Opened);
                }
            }
            Effect::Read { .. } => self.send(),
        }
    }

    /// The version that the next set is of.
    fn served(&mut self, not_older_than: Option<&str>) -> u64 {
        let by = std::mem::take(&mut self.behind);
        // Nothing is older than the first version.
        let behind = self.server.version.saturating_sub(by).max(1);
        match not_older_than {
            Some(version) => behind.max(version.parse().unwrap()),
            None => self.server.version,
        }
    }

    fn list(&mut self, list: List) {
        let (mut items, version) = match &list.continue_token {
            Some(token) => match self.rest.remove(token) {
                Some((items, version)) if version >= self.server.floor => (items, version),
                _ => return self.input(Input::ListFailed(failure(Class::Expired))),
            },
            None => {
                let version = self.served(list.not_older_than.as_deref());
                (self.server.at(version), version)
            }
        };
        let more = list
            .limit
            .filter(|limit| items.len() > *limit as usize)
            .map(|limit| items.split_off(limit as usize));
        let continue_token = more.map(|more| {
            let token = format!("{version}-{}", more.len());
            self.rest.insert(token.clone(), (more, version));
            token
        });
        self.input(Input::Page {
            items: items.into_iter().map(Box::new).collect(),
            continue_token,
            version: version.to_string(),
        });
    }

    fn send(&mut self) {
        if let Some((items, version)) = &mut self.initial {
            let version = *version;
            let frame = items.pop_front().map(Frame::Added);
            if frame.is_none() {
                self.initial = None;
            }
            let end = Frame::Bookmark {
                version: version.to_string(),
                initial_end: true,
            };
            return self.input(Input::Frame(frame.unwrap_or(end)));
        }
        let sent = self.sent.unwrap();
        let next = self
            .server
            .history
            .iter()
            .find(|(version, ..)| *version > sent)
            .cloned();
        match next {
            // A watch falls behind only within what the server remembers.
            Some((version, ..)) if version <= self.server.floor => {
                self.close();
                self.input(Input::Frame(Frame::Error(failure(Class::Expired))));
            }
            Some((version, change, object)) => {
                self.sent = Some(version);
                self.input(Input::Frame(match change {
                    Change::Applied(_) => Frame::Modified(object),
                    Change::Deleted(_) => Frame::Deleted(object),
                }));
            }
            None => {
                self.now += secs(290);
                self.close();
                self.input(Input::End);
            }
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Put(n) => self.server.put(&format!("cm-{n}")),
            Step::Remove(n) => self.server.remove(&format!("cm-{n}")),
            Step::Compact => self.server.floor = self.server.version,
            Step::Behind(by) => self.behind = by,
            Step::Work => self.work(),
            Step::Fail(class) => match self.machine.effect(self.now) {
                Effect::Wait { .. } => {}
                Effect::List(_) => self.input(Input::ListFailed(failure(class))),
                Effect::Watch(_) => self.input(Input::OpenFailed(failure(class))),
                Effect::Read { .. } => {
                    self.close();
                    self.input(Input::Frame(Frame::Error(failure(class))));
                }
            },
            Step::End => {
                if self.sent.is_some() {
                    self.close();
                    self.input(Input::End);
                }
            }
            Step::Repeat(back) => {
                if self.sent.is_some() && self.initial.is_none() {
                    let sent = self.sent.unwrap();
                    let before = self
                        .server
                        .history
                        .iter()
                        .rev()
                        .filter(|(version, ..)| *version <= sent)
                        .nth(back);
                    if let Some((_, change, object)) = before.cloned() {
                        self.input(Input::Frame(match change {
                            Change::Applied(_) => Frame::Added(object),
                            Change::Deleted(_) => Frame::Deleted(object),
                        }));
                    }
                }
            }
            Step::Rewind(by) => {
                if self.initial.is_none()
                    && let Some(sent) = &mut self.sent
                {
                    *sent = sent.saturating_sub(by).max(self.server.floor).min(*sent);
                }
            }
            Step::Bookmark => {
                if self.sent.is_some() && self.initial.is_none() {
                    // All that happened before must be sent before.
                    let sent = self.sent.unwrap();
                    self.input(Input::Frame(Frame::Bookmark {
                        version: sent.to_string(),
                        initial_end: false,
                    }));
                }
            }
            Step::Pass => self.now += secs(7),
        }
    }

    /// No more faults: how long until everybody agrees?
    fn settle(&mut self) {
        for _ in 0..200 {
            if self.sent.is_some_and(|sent| sent >= self.server.version)
                && self.initial.is_none()
                && self.writer.as_reader().is_ready()
            {
                return;
            }
            self.work();
        }
        panic!(
            "no agreement after 200 effects without a fault; next: {:?}",
            self.machine.effect(self.now)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn after_faults_end_the_store_equals_the_server(
        steps in prop::collection::vec(step(), 0..150),
        semantic in prop_oneof![Just(ListSemantic::MostRecent), Just(ListSemantic::Any)],
        strategy in prop_oneof![Just(InitialListStrategy::ListWatch), Just(InitialListStrategy::StreamingList)],
        page_size in prop_oneof![Just(None), Just(Some(1)), Just(Some(2))],
    ) {
        let mut world = World::new(Plan { semantic, strategy, page_size, ..plan() });
        for step in steps {
            world.step(step);
        }
        world.settle();
        let expected = world.server.objects.clone();
        let held: BTreeMap<_, _> = world.writer.as_reader().state().iter().map(|object| {
            let meta = &object.metadata;
            let version = meta.resource_version.as_ref().unwrap().parse::<u64>().unwrap();
            (meta.name.clone().unwrap(), (meta.uid.clone().unwrap(), version))
        }).collect();
        prop_assert_eq!(&held, &expected);
        // Whoever follows the changes, deletions included, ends with the same.
        prop_assert_eq!(&world.follower, &expected);
    }
}

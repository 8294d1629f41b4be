//! What is seen of a run: changes, calls, and the digest by which two runs are compared.

use bytes::Bytes;
use http::request::Parts;

use crate::sim::{
    ChangeRef, Fate, Trigger, held::HELD_CHANGES, held::Hold, held::Miss, held::Replica, held::Until,
    record::Called, record::Writer, record::Written, record::is_effective, record::is_heartbeat,
    trace::Change, trace::Event, trace::Exchange, trace::Happening,
};

use super::{Asked, World};

impl World {
    /// Looks at what changed, and takes the events of it.
    pub(super) fn observe(&mut self, writer: Writer, is_own: bool) {
        let revision = self.server.revision();
        if revision == self.seen {
            return;
        }
        let mut over = Vec::new();
        for change in self.server.changes_since(self.seen) {
            if change.old.is_none() {
                self.classify(&change);
            }
            over.extend(self.count(&change));
            let is_effective = is_effective(&change) && !(writer == Writer::Stages && is_heartbeat(&change));
            self.effective += usize::from(is_effective);
            if !matches!(writer, Writer::Process(_)) {
                let (object, how) = (
                    format!("{} {}", change.resource, change.key),
                    match (&change.old, change.removed) {
                        (_, true) => "deleted",
                        (None, _) => "created",
                        _ => "changed",
                    },
                );
                let new = change.new.clone();
                self.note_at(change.revision, || {
                    Happening::Changed(Change {
                        writer: writer.label(),
                        object,
                        how,
                        body: new.to_string(),
                    })
                });
            }
            self.written.push(Written {
                change,
                writer,
                is_effective,
            });
        }
        self.seen = revision;
        if !self.watchman.is_idle() {
            self.watchman.look(&self.server);
        }
        for stream in &mut self.streams {
            let is_late = is_own && writer == Writer::Process(stream.process);
            stream.pull(&mut self.next, is_late);
        }
        let effective = self.effective;
        self.holds.retain(|hold| effective - hold.since <= HELD_CHANGES);
        if matches!(self.replica, Replica::Serving { since, .. } if effective - since > HELD_CHANGES) {
            self.catch_up();
        }
        for (resource, miss) in over {
            self.miss(&resource, miss);
        }
        self.resume();
    }

    /// Counts the changes of an object, and does what is to be done at one; the resource that was held back
    /// until this one, if any was.
    pub(super) fn count(&mut self, change: &seatrial_fake_apiserver::Change) -> Option<(String, Miss)> {
        let resource = change.resource.to_string();
        let key = class_of(&change.key, &change.new).unwrap_or_else(|| change.key.to_string());
        let count = self
            .changes
            .as_mut()?
            .entry((resource.clone(), key.clone()))
            .or_default();
        *count += 1;
        let change = ChangeRef {
            resource,
            key,
            nth: *count,
        };
        let over = self
            .holds
            .iter()
            .enumerate()
            .find_map(|(at, hold)| match &hold.until {
                Until::NextOf(first, miss)
                    if first.resource == change.resource && first.key == change.key =>
                {
                    Some((at, *miss))
                }
                _ => None,
            });
        let over = over.map(|(at, miss)| (self.holds.remove(at).resource, miss));
        if matches!(&self.replica, Replica::Stopping(last) if *last == change) {
            self.replica = Replica::Stopped(self.server.fork());
        }
        let miss = match self.take(&Trigger::Change(change.clone())) {
            Some(Fate::Unobserved) => Some(Miss::Relisted),
            Some(Fate::Coalesced) => Some(Miss::Coalesced),
            _ => None,
        };
        if let Some(miss) = miss {
            self.holds.push(Hold {
                process: None,
                resource: change.resource.clone(),
                until: Until::NextOf(change, miss),
                since: self.effective,
            });
        }
        over
    }

    /// Tells a generated name by what it was generated from.
    pub(super) fn classify(&mut self, change: &seatrial_fake_apiserver::Change) {
        if let Some(class) = class_of(&change.key, &change.new) {
            self.classes
                .insert(format!("{}/{}", change.resource, change.key), class);
        }
    }

    pub(super) fn called(&mut self, asked: &Asked, code: Option<u16>, answer: &str) {
        let after = self.server.revision();
        let before = asked.before;
        let by_it = self
            .written
            .iter()
            .rev()
            .take_while(|w| w.change.revision > before);
        let is_effective = by_it
            .filter(|w| w.writer == Writer::Process(asked.process))
            .any(|w| w.is_effective);
        self.mix(&after.to_le_bytes());
        self.mix(&code.unwrap_or_default().to_le_bytes());
        self.calls.push(Called {
            site: asked.site.clone(),
            at: self.clock.elapsed(),
            sent: asked.sent,
            before,
            after,
            code,
            is_effective,
            any_age: asked.any_age,
            fate: asked.fate.clone(),
            hash: self.hash,
        });
        let wrote = (after > before).then_some(after);
        self.note(|| {
            Happening::Request(Exchange {
                site: asked.site.clone(),
                request: asked.line.clone(),
                body: String::from_utf8_lossy(&asked.body).into_owned(),
                code,
                answer: answer.to_owned(),
                wrote,
            })
        });
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn note(&mut self, what: impl FnOnce() -> Happening) {
        self.note_at(self.server.revision(), what);
    }

    fn note_at(&mut self, revision: u64, what: impl FnOnce() -> Happening) {
        if self.is_traced {
            self.trace.push(Event {
                at: self.clock.elapsed(),
                revision,
                what: what(),
            });
        }
    }

    /// Takes a request into account, for comparing runs.
    pub(super) fn digest(&mut self, parts: &Parts, body: &Bytes) {
        let now = self.clock.elapsed().as_nanos();
        self.mix(parts.method.as_str().as_bytes());
        self.mix(parts.uri.path().as_bytes());
        self.mix(parts.uri.query().unwrap_or_default().as_bytes());
        self.mix(body);
        self.mix(&now.to_le_bytes());
    }

    /// FNV-1a.
    pub(super) fn mix(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// The class of an object's key, if the server made up its name: the prefix with a star.
pub(crate) fn class_of(key: &str, object: &serde_json::Value) -> Option<String> {
    let prefix = object.pointer("/metadata/generateName")?.as_str()?;
    let (namespace, name) = key.rsplit_once('/').unwrap_or(("", key));
    if prefix.is_empty() || !name.starts_with(prefix) {
        return None;
    }
    Some(if namespace.is_empty() {
        format!("{prefix}*")
    } else {
        format!("{namespace}/{prefix}*")
    })
}

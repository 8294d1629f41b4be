//! Who names whom as its owner, across all tables.
//!
//! A garbage collector asks the same after every write: who has lost an owner, and who waits for its dependents. The answer
//! is kept up to date with the objects, so that it costs what has changed and not what is there.

use std::sync::Arc;

use serde_json::Value;

use super::founding::Founding;
use super::{Key, Stored};

/// Where an object is: its table, and its key there.
pub(crate) type Place = (Arc<str>, Key);

/// The index.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners {
    /// The living objects by UID, without those that were there from the beginning.
    by_uid: imbl::OrdMap<u128, Place>,
    /// Who names a UID as an owner's.
    dependents: imbl::OrdSet<(Arc<str>, Arc<str>, Key)>,
    /// Who names an owner that is not there by that name.
    astray: imbl::OrdSet<Place>,
    /// What is being deleted.
    leaving: imbl::OrdSet<Place>,
}

/// Finds living objects.
pub(super) type Find<'a> = &'a dyn Fn(&Place) -> Option<Arc<Stored>>;

// === impl Owners ===

impl Owners {
    /// Takes notice of a change; `find` already sees the state after it.
    pub(super) fn change(
        &mut self,
        place: &Place,
        old: Option<&Stored>,
        new: Option<&Stored>,
        founding: &Founding,
        find: Find<'_>,
    ) {
        let (before, after) = (old.map_or(&[][..], references), new.map_or(&[][..], references));
        if before != after {
            let entry = |reference: &Value| (uid_of(reference).into(), place.0.clone(), place.1.clone());
            for reference in before {
                self.dependents.remove(&entry(reference));
            }
            for reference in after {
                self.dependents.insert(entry(reference));
            }
        }
        let was_leaving = old.is_some_and(is_leaving);
        if new.is_some_and(is_leaving) {
            self.leaving.insert(place.clone());
        } else if was_leaving {
            self.leaving.remove(place);
        }
        let uid = new.or(old).map_or("", |o| o.meta("uid"));
        if old.is_some() != new.is_some()
            && let Some(number) = number(uid)
        {
            match new {
                Some(_) => self.by_uid.insert(number, place.clone()),
                None => self.by_uid.remove(&number),
            };
            let concerned: Vec<Place> = self.dependents(uid).collect();
            for dependent in concerned {
                self.judge(&dependent, founding, find);
            }
        }
        if !before.is_empty() || !after.is_empty() {
            self.judge(place, founding, find);
        }
    }

    /// Where the object with that UID is; one that was there from the beginning may have left the place.
    pub(super) fn place<'a>(&'a self, founding: &'a Founding, uid: &str) -> Option<&'a Place> {
        let uid = number(uid)?;
        self.by_uid.get(&uid).or_else(|| founding.place(uid))
    }

    /// Who names that UID as an owner's, in order.
    pub(super) fn dependents(&self, uid: &str) -> impl Iterator<Item = Place> + '_ {
        let uid: Arc<str> = uid.into();
        let from = (uid.clone(), "".into(), "".into());
        let named = self.dependents.range(from..).take_while(move |(u, ..)| *u == uid);
        named.map(|(_, table, key)| (table.clone(), key.clone()))
    }

    /// Who names an owner that is not there by that name, in order.
    pub(super) fn astray(&self) -> impl Iterator<Item = &Place> {
        self.astray.iter()
    }

    /// What is being deleted, in order.
    pub(super) fn leaving(&self) -> impl Iterator<Item = &Place> {
        self.leaving.iter()
    }

    /// Says anew whether all owners are there that an object names.
    fn judge(&mut self, place: &Place, founding: &Founding, find: Find<'_>) {
        let complete = find(place).is_none_or(|object| {
            references(&object).iter().all(|reference| {
                let uid = uid_of(reference);
                let owner = self.place(founding, uid).and_then(find);
                owner.is_some_and(|owner| {
                    let namespace = owner.meta("namespace");
                    owner.meta("uid") == uid
                        && reference["name"] == owner.meta("name")
                        && (namespace.is_empty() || namespace == object.meta("namespace"))
                })
            })
        });
        if complete {
            self.astray.remove(place);
        } else {
            self.astray.insert(place.clone());
        }
    }
}

fn references(object: &Stored) -> &[Value] {
    let references = object.metadata().and_then(|m| m.get("ownerReferences"));
    references.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn uid_of(reference: &Value) -> &str {
    reference["uid"].as_str().unwrap_or("")
}

fn is_leaving(object: &Stored) -> bool {
    object
        .metadata()
        .is_some_and(|m| m.contains_key("deletionTimestamp"))
}

/// A UID as a number, which compares faster; `None` for what no object has.
pub(super) fn number(uid: &str) -> Option<u128> {
    let mut number = 0;
    let mut digits = 0;
    for (at, byte) in uid.bytes().enumerate() {
        match byte {
            b'-' if matches!(at, 8 | 13 | 18 | 23) => {}
            b'0'..=b'9' => (number, digits) = (number << 4 | u128::from(byte - b'0'), digits + 1),
            b'a'..=b'f' => (number, digits) = (number << 4 | u128::from(byte - b'a' + 10), digits + 1),
            _ => return None,
        }
    }
    (digits == 32 && uid.len() == 36).then_some(number)
}

//! Read-modify-write of one object, whether or not it exists yet.
//!
//! ```
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use seatrial_client::{Api, api::PostParams};
//!
//! async fn count(api: &Api<ConfigMap>) -> Result<(), Box<dyn std::error::Error>> {
//!     let entry = api.entry("visits").await?.and_modify(|map| {
//!         map.data.get_or_insert_default().insert("seen".to_owned(), "yes".to_owned());
//!     });
//!     entry.or_insert(ConfigMap::default).commit(&PostParams::default()).await?;
//!     Ok(())
//! }
//! ```

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

use super::{Api, PostParams};
use crate::{
    core::Resource,
    error::{Error, Result},
};

impl<K: Resource + Clone + DeserializeOwned + Debug> Api<K> {
    /// The object named `name`, or the place for it.
    ///
    /// Nothing is written before [`OccupiedEntry::commit`].
    ///
    /// # Errors
    ///
    /// As [`get_opt`](Api::get_opt).
    pub async fn entry<'a>(&'a self, name: &'a str) -> Result<Entry<'a, K>> {
        Ok(match self.get_opt(name).await? {
            Some(object) => Entry::Occupied(OccupiedEntry {
                api: self,
                name,
                state: State::Clean,
                object,
            }),
            None => Entry::Vacant(VacantEntry { api: self, name }),
        })
    }
}

/// An object that may exist.
#[derive(Debug)]
pub enum Entry<'a, K> {
    /// It exists, or is about to.
    Occupied(OccupiedEntry<'a, K>),
    /// It does not.
    Vacant(VacantEntry<'a, K>),
}

impl<'a, K> Entry<'a, K> {
    /// The object, if there is one.
    pub fn get(&self) -> Option<&K> {
        match self {
            Self::Occupied(entry) => Some(entry.get()),
            Self::Vacant(_) => None,
        }
    }

    /// The object, to be changed, if there is one.
    pub fn get_mut(&mut self) -> Option<&mut K> {
        match self {
            Self::Occupied(entry) => Some(entry.get_mut()),
            Self::Vacant(_) => None,
        }
    }

    /// Changes the object, if there is one.
    #[must_use]
    pub fn and_modify(self, f: impl FnOnce(&mut K)) -> Self {
        match self {
            Self::Occupied(entry) => Self::Occupied(entry.and_modify(f)),
            vacant @ Self::Vacant(_) => vacant,
        }
    }

    /// The object, made by `default` if there is none.
    pub fn or_insert(self, default: impl FnOnce() -> K) -> OccupiedEntry<'a, K>
    where
        K: Resource,
    {
        match self {
            Self::Occupied(entry) => entry,
            Self::Vacant(entry) => entry.insert(default()),
        }
    }
}

/// An object that exists on the server, or was put into a vacant place.
#[derive(Debug)]
pub struct OccupiedEntry<'a, K> {
    api: &'a Api<K>,
    name: &'a str,
    state: State,
    object: K,
}

#[derive(Debug)]
enum State {
    /// As the server has it.
    Clean,
    /// Changed since.
    Changed,
    /// Not on the server yet.
    New,
}

impl<K> OccupiedEntry<'_, K> {
    /// The object.
    pub fn get(&self) -> &K {
        &self.object
    }

    /// The object, to be changed.
    pub fn get_mut(&mut self) -> &mut K {
        if let State::Clean = self.state {
            self.state = State::Changed;
        }
        &mut self.object
    }

    /// Changes the object.
    #[must_use]
    pub fn and_modify(mut self, f: impl FnOnce(&mut K)) -> Self {
        f(self.get_mut());
        self
    }

    /// The object, without writing it.
    pub fn into_object(self) -> K {
        self.object
    }

    /// Writes the object: creates it, replaces it, or does nothing if it did not change. It is then as the server
    /// answered.
    ///
    /// # Errors
    ///
    /// [`CommitError::Validate`] if the object's name or namespace is not that of the entry; nothing is sent then.
    /// [`CommitError::Save`] if the server refused: [`is_conflict`](Error::is_conflict) if the object changed since it
    /// was read, [`is_already_exists`](Error::is_already_exists) if somebody else created it.
    pub async fn commit(&mut self, pp: &PostParams) -> Result<(), CommitError>
    where
        K: Resource + DeserializeOwned + Serialize + Clone + Debug,
    {
        self.prepare()?;
        let saved = match self.state {
            State::Clean => return Ok(()),
            State::Changed => self.api.replace(self.name, pp, &self.object).await,
            State::New => self.api.create(pp, &self.object).await,
        };
        // A dry run leaves the server as it was, so that there is still something to commit.
        let saved = saved.map_err(CommitError::Save)?;
        if !pp.dry_run {
            self.state = State::Clean;
            self.object = saved;
        }
        Ok(())
    }

    /// Fills in the name and the namespace, or finds that they are those of another object.
    fn prepare(&mut self) -> Result<(), CommitValidationError>
    where
        K: Resource,
    {
        let meta = self.object.meta_mut();
        match &meta.name {
            Some(name) if name != self.name => {
                return Err(CommitValidationError::NameMismatch {
                    object_name: name.clone(),
                    expected: self.name.to_owned(),
                });
            }
            Some(_) => {}
            None => {
                // The server would make up another name than the one that was looked for.
                if let Some(generate_name) = &meta.generate_name {
                    return Err(CommitValidationError::GenerateName {
                        object_generate_name: generate_name.clone(),
                    });
                }
                meta.name = Some(self.name.to_owned());
            }
        }
        match (&meta.namespace, &self.api.namespace) {
            (None, Some(namespace)) => meta.namespace = Some(namespace.clone()),
            (found, expected) if found != expected => {
                return Err(CommitValidationError::NamespaceMismatch {
                    object_namespace: found.clone(),
                    expected: expected.clone(),
                });
            }
            _ => {}
        }
        Ok(())
    }
}

/// The place for an object that does not exist.
#[derive(Debug)]
pub struct VacantEntry<'a, K> {
    api: &'a Api<K>,
    name: &'a str,
}

impl<'a, K> VacantEntry<'a, K> {
    /// Puts an object here. [`OccupiedEntry::commit`] creates it on the server.
    pub fn insert(self, object: K) -> OccupiedEntry<'a, K>
    where
        K: Resource,
    {
        OccupiedEntry {
            api: self.api,
            name: self.name,
            state: State::New,
            object,
        }
    }
}

/// Why an entry could not be written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The object does not belong to the entry. Nothing was sent.
    #[error("the object does not fit its entry")]
    Validate(#[from] CommitValidationError),
    /// The write failed.
    #[error("the object was not saved")]
    Save(#[source] Error),
}

/// In what an object differs from its entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitValidationError {
    /// It has another name.
    #[error("the object is named {object_name:?}, the entry {expected:?}")]
    NameMismatch {
        /// The object's name.
        object_name: String,
        /// The entry's name.
        expected: String,
    },
    /// It is in another namespace.
    #[error("the object is in namespace {object_namespace:?}, the entry in {expected:?}")]
    NamespaceMismatch {
        /// The object's namespace.
        object_namespace: Option<String>,
        /// The entry's namespace.
        expected: Option<String>,
    },
    /// It has no name, but asks the server to make one up.
    #[error("the object asks for a generated name ({object_generate_name:?}), the entry has one")]
    GenerateName {
        /// The object's prefix for generated names.
        object_generate_name: String,
    },
}

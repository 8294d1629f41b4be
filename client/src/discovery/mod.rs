//! What a server serves: groups, their versions, and the resources in them.
//!
//! [`Discovery`] reads everything, [`oneshot`] a part. Both answer with [`ApiResource`]s, which is what
//! [`Api`](crate::Api) needs for kinds that are known at run time only, and [`ApiCapabilities`].
//!
//! ```
//! use seatrial_client::{
//!     Api, Client, Discovery, Result,
//!     api::{DynamicObject, ListParams},
//!     discovery::verbs,
//! };
//!
//! async fn count_everything(client: Client) -> Result<usize> {
//!     let discovery = Discovery::new(client.clone()).run().await?;
//!     let mut count = 0;
//!     for group in discovery.groups() {
//!         for (resource, capabilities) in group.recommended_resources() {
//!             if capabilities.supports_operation(verbs::LIST) {
//!                 let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
//!                 count += api.list(&ListParams::default()).await?.items.len();
//!             }
//!         }
//!     }
//!     Ok(count)
//! }
//! ```
//!
//! Reading order: this file asks the server; `group.rs` answers questions about one group; `documents.rs` reads the two
//! forms that the documents have; [`Resolver`] looks up kinds as they are met; [`oneshot`] asks for less.

mod documents;
mod group;
mod resolver;

pub mod oneshot;

use std::fmt;

use futures::{StreamExt, stream};

use self::documents::{Groups, Root, Versions};
pub use self::{
    group::ApiGroup,
    oneshot::{group, pinned_group, pinned_kind},
    resolver::Resolver,
};
pub use crate::core::discovery::{ApiCapabilities, ApiResource, Scope, verbs};
use crate::{
    client::Client,
    core::{DynamicObject, GroupVersionKind, TypeMeta},
    error::{Error, Result},
};

/// How many legacy documents are asked for at a time, of servers without aggregated discovery.
const REQUESTS_MAX: usize = 16;

/// All that a server serves, or the groups that were asked for.
///
/// Asking takes two requests, or, of a server that does not know aggregated discovery, one for each version of each
/// group. A group whose server is down does not stand in the way of the others: what could not be read is in
/// [`unavailable`](Self::unavailable).
pub struct Discovery {
    client: Client,
    filter: Filter,
    groups: Vec<ApiGroup>,
    unavailable: Vec<Unavailable>,
}

/// Which groups are wanted.
enum Filter {
    All,
    Only(Vec<String>),
    Not(Vec<String>),
}

/// A version of a group that is announced, but could not be read.
///
/// Usually the server behind an aggregated API is down.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unavailable {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// What reading it ended with; absent if the server itself said that what it knows is stale.
    pub error: Option<Error>,
}

// === Asking ===

impl Discovery {
    /// Prepares to ask for everything; nothing is sent before [`run`](Self::run).
    pub fn new(client: Client) -> Self {
        Self {
            client,
            filter: Filter::All,
            groups: Vec::new(),
            unavailable: Vec::new(),
        }
    }

    /// Leaves out all groups but these. The core group is [`ApiGroup::CORE_GROUP`].
    #[must_use]
    pub fn filter(mut self, allow: &[&str]) -> Self {
        self.filter = Filter::Only(allow.iter().map(|&group| group.to_owned()).collect());
        self
    }

    /// Leaves out these groups.
    #[must_use]
    pub fn exclude(mut self, deny: &[&str]) -> Self {
        self.filter = Filter::Not(deny.iter().map(|&group| group.to_owned()).collect());
        self
    }

    /// Asks the server, or asks it again.
    ///
    /// # Errors
    ///
    /// Those of [`Client::request`] for the list of groups. Errors of single groups are in
    /// [`unavailable`](Self::unavailable).
    pub async fn run(mut self) -> Result<Self> {
        let mut groups = Vec::new();
        self.unavailable.clear();
        // The core group has a root of its own.
        for root in [Root::Core, Root::Named] {
            let is_wanted = match root {
                Root::Core => self.filter.allows(ApiGroup::CORE_GROUP),
                Root::Named => self.filter.allows_any_named(),
            };
            if !is_wanted {
                continue;
            }
            match documents::groups(&self.client, root).await? {
                Groups::Aggregated(found) => {
                    for (group, stale) in found {
                        if self.filter.allows(group.name()) {
                            groups.push(group);
                            self.unavailable.extend(stale);
                        }
                    }
                }
                Groups::Legacy(found) => {
                    let wanted = found.into_iter().filter(|group| self.filter.allows(&group.name));
                    let (found, failed) = self.read_versions(wanted.collect()).await;
                    groups.extend(found);
                    self.unavailable.extend(failed);
                }
            }
        }
        self.groups = groups;
        Ok(self)
    }

    /// [`run`](Self::run), by the name that asks for aggregated discovery.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_aggregated(self) -> Result<Self> {
        self.run().await
    }

    /// Reads each version of groups in the legacy form, a few at a time, in order.
    async fn read_versions(&self, wanted: Vec<Versions>) -> (Vec<ApiGroup>, Vec<Unavailable>) {
        let requests = wanted.iter().flat_map(|group| {
            group.versions.iter().map(|version| async {
                let resources = documents::resources(&self.client, &group.name, version).await;
                (group.name.clone(), version.clone(), resources)
            })
        });
        let mut answers = stream::iter(requests.collect::<Vec<_>>()).buffered(REQUESTS_MAX);

        let mut groups: Vec<_> = wanted
            .iter()
            .map(|group| ApiGroup::new(group.name.clone(), group.preferred.clone()))
            .collect();
        let mut unavailable = Vec::new();
        while let Some((name, version, answer)) = answers.next().await {
            match answer {
                Ok(resources) => {
                    if let Some(group) = groups.iter_mut().find(|group| group.name() == name) {
                        group.add(version, resources);
                    }
                }
                Err(error) => unavailable.push(Unavailable {
                    group: name,
                    version,
                    error: Some(error),
                }),
            }
        }
        groups.retain(|group| !group.is_empty());
        (groups, unavailable)
    }
}

impl Filter {
    fn allows(&self, group: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(allowed) => allowed.iter().any(|allowed| allowed == group),
            Self::Not(denied) => !denied.iter().any(|denied| denied == group),
        }
    }

    fn allows_any_named(&self) -> bool {
        match self {
            Self::All | Self::Not(_) => true,
            Self::Only(allowed) => allowed.iter().any(|allowed| allowed != ApiGroup::CORE_GROUP),
        }
    }
}

// === Answering ===

impl Discovery {
    /// The groups, in the server's order: the core group first, then the others by the priority they have there.
    pub fn groups(&self) -> impl Iterator<Item = &ApiGroup> {
        self.groups.iter()
    }

    /// The groups by name.
    pub fn groups_alphabetical(&self) -> Vec<&ApiGroup> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|group| group.name());
        groups
    }

    /// The group of this name.
    pub fn get(&self, group: &str) -> Option<&ApiGroup> {
        self.groups.iter().find(|found| found.name() == group)
    }

    /// Whether there is a group of this name.
    pub fn has_group(&self, group: &str) -> bool {
        self.get(group).is_some()
    }

    /// The versions that are announced, but could not be read.
    pub fn unavailable(&self) -> &[Unavailable] {
        &self.unavailable
    }

    /// The resource of a kind.
    pub fn resolve_gvk(&self, gvk: &GroupVersionKind) -> Option<(ApiResource, ApiCapabilities)> {
        self.get(&gvk.group)?.kind(&gvk.version, &gvk.kind)
    }

    /// The resource of a kind that is given as an object gives it.
    pub fn resolve_typemeta(&self, typemeta: &TypeMeta) -> Option<(ApiResource, ApiCapabilities)> {
        self.resolve_gvk(&GroupVersionKind::try_from(typemeta).ok()?)
    }

    /// The resource that an object belongs to, if the object says what it is.
    pub fn resolve_object(&self, object: &DynamicObject) -> Option<(ApiResource, ApiCapabilities)> {
        self.resolve_typemeta(object.types.as_ref()?)
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("groups", &self.groups)
            .field("unavailable", &self.unavailable)
            .finish_non_exhaustive()
    }
}

//! What the controllers of this folder are about: a database, and what it is made of.

use k8s_openapi::api::core::v1::Pod;
use schemars::JsonSchema;
use seatrial_client::{
    Api, Error, Resource, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_derive::CustomResource;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A database of some members.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bugs.seatrial.dev", version = "v1", kind = "Database", namespaced)]
#[kube(status = "DatabaseStatus", derive = "Default")]
#[serde(default)]
pub(crate) struct DatabaseSpec {
    /// How many members.
    pub(crate) members: usize,
    /// What each member stores, in GiB.
    pub(crate) size: u32,
    /// The version that members run.
    pub(crate) release: String,
}

/// What the controllers remember of a database.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DatabaseStatus {
    /// How far the operation under way is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    /// The generation that was seen to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) observed_generation: Option<i64>,
    /// What was built for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifact: Option<String>,
    /// What its controllers say of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) conditions: Vec<Condition>,
    /// Whether it can be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ready: Option<bool>,
}

/// What one controller says of a database.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(default)]
pub(crate) struct Condition {
    /// What about.
    pub(crate) r#type: String,
    /// Whether it is so.
    pub(crate) status: String,
}

/// What a member stores its data in: a claim of a volume, without the volume.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bugs.seatrial.dev", version = "v1", kind = "Claim", namespaced)]
#[kube(derive = "Default")]
#[serde(default)]
pub(crate) struct ClaimSpec {
    /// In GiB.
    pub(crate) size: u32,
}

/// What holds members together, as a stateful set does; its template cannot be changed once it exists.
#[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[kube(group = "bugs.seatrial.dev", version = "v1", kind = "MemberSet", namespaced)]
#[kube(derive = "Default")]
#[serde(default)]
pub(crate) struct MemberSetSpec {
    /// The size of claims that are made for new members, in GiB.
    #[schemars(extend("x-kubernetes-validations" = [{"rule": "self == oldSelf", "message": "cannot be changed"}]))]
    pub(crate) claim_size: u32,
}

/// The metadata of an object that a database has, under a name of its own.
pub(crate) fn part_of(database: &Database, name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some([("database".to_owned(), database.name_any())].into()),
        owner_references: database.controller_owner_ref(&()).map(|owner| vec![owner]),
        ..ObjectMeta::default()
    }
}

/// The name of a database's so-manieth member, and of its claim.
pub(crate) fn member(database: &Database, index: usize) -> String {
    format!("{}-{index}", database.name_any())
}

/// Makes a database's claim of this name, unless it is there.
pub(crate) async fn provide_claim(claims: &Api<Claim>, database: &Database, name: &str) -> Result<(), Error> {
    if claims.get_opt(name).await?.is_none() {
        let mut claim = Claim::new(name, ClaimSpec { size: 1 });
        claim.metadata = part_of(database, name);
        made(claims.create(&PostParams::default(), &claim).await)?;
    }
    Ok(())
}

/// Makes a database's member of this name, unless it is there.
pub(crate) async fn provide_pod(pods: &Api<Pod>, database: &Database, name: &str) -> Result<(), Error> {
    if pods.get_opt(name).await?.is_none() {
        let pod = pod(part_of(database, name), &database.spec.release);
        made(pods.create(&PostParams::default(), &pod).await)?;
    }
    Ok(())
}

/// Sets the finalizers of the very object that was seen, unless they are so.
pub(crate) async fn hold(
    databases: &Api<Database>,
    database: &Database,
    finalizers: &[&str],
) -> Result<(), Error> {
    if database.finalizers() == finalizers {
        return Ok(());
    }
    let patch = Patch::Merge(json!({"metadata": {
        "resourceVersion": database.resource_version(), "finalizers": finalizers,
    }}));
    let name = database.name_any();
    databases.patch(&name, &PatchParams::default(), &patch).await?;
    Ok(())
}

/// The answer to a create, where it is fine if the object is there already.
pub(crate) fn made<K>(answer: Result<K, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if !error.is_already_exists() => Err(error),
        _ => Ok(()),
    }
}

/// A member, with the metadata given.
pub(crate) fn pod(metadata: ObjectMeta, release: &str) -> Pod {
    let mut pod: Pod = serde_json::from_value(json!({
        "spec": {"containers": [{"name": "database", "image": format!("database:{release}")}]},
    }))
    .expect("a pod of constants");
    pod.metadata = metadata;
    pod
}

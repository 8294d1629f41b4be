//! An operator as people write it with kube 5.0.0; nothing in it knows of a test.
//!
//! Each [`Account`] gets a Secret with a token in it, and a status that names the Secret. [`by_status`] has the bug of
//! its kind: what it did is remembered after it was done. [`by_name`] is how it is put right.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::{ByteString, api::core::v1::Secret, jiff::Timestamp};
use kube::{
    Api, Client, CustomResource, Resource as _, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{Controller, controller::Action, watcher},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Somebody who needs a token.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "kube-tests.seatrial.dev",
    version = "v1",
    kind = "Account",
    namespaced
)]
#[kube(status = "AccountStatus")]
pub struct AccountSpec {
    /// Whom the token is for.
    pub user: String,
}

/// What the operator has seen to.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct AccountStatus {
    /// The name of the Secret.
    pub secret: Option<String>,
}

/// Why a reconcile failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The apiserver refused, or could not be reached.
    #[error("a request failed")]
    Request(#[from] kube::Error),
    /// The object has not been stored yet.
    #[error("the account lacks {0}")]
    Missing(&'static str),
}

/// Runs the operator with one of the two ways to reconcile.
pub async fn run<F, Fut>(client: Client, reconcile: F)
where
    F: FnMut(Arc<Account>, Arc<Client>) -> Fut,
    Fut: Future<Output = Result<Action, Error>> + Send + 'static,
{
    Controller::new(Api::<Account>::all(client.clone()), watcher::Config::default())
        .owns(Api::<Secret>::all(client.clone()), watcher::Config::default())
        .run(
            reconcile,
            |_, _, _| Action::requeue(Duration::from_secs(5)),
            Arc::new(client),
        )
        .for_each(|_| async {})
        .await;
}

/// Makes a Secret if the status names none. Whoever is stopped between the two makes another.
pub async fn by_status(account: Arc<Account>, client: Arc<Client>) -> Result<Action, Error> {
    if account.status.as_ref().and_then(|s| s.secret.as_ref()).is_some() {
        return Ok(Action::requeue(Duration::from_secs(300)));
    }
    let namespace = account.namespace().ok_or(Error::Missing("metadata.namespace"))?;
    let secrets = Api::<Secret>::namespaced(client.as_ref().clone(), &namespace);
    let mut secret = secret(&account)?;
    secret.metadata.generate_name = Some(format!("{}-", account.name_any()));
    let made = secrets.create(&PostParams::default(), &secret).await?;
    tell(&account, &client, &made.name_any()).await?;
    Ok(Action::requeue(Duration::from_secs(300)))
}

/// Makes a Secret whose name follows from the account's, and does not mind if it is there.
pub async fn by_name(account: Arc<Account>, client: Arc<Client>) -> Result<Action, Error> {
    let namespace = account.namespace().ok_or(Error::Missing("metadata.namespace"))?;
    let secrets = Api::<Secret>::namespaced(client.as_ref().clone(), &namespace);
    let name = account.name_any();
    if secrets.get_opt(&name).await?.is_none() {
        let mut secret = secret(&account)?;
        secret.metadata.name = Some(name.clone());
        match secrets.create(&PostParams::default(), &secret).await {
            Err(kube::Error::Api(status)) if status.is_already_exists() => {}
            made => drop(made?),
        }
    }
    if account.status.as_ref().and_then(|s| s.secret.as_ref()) != Some(&name) {
        tell(&account, &client, &name).await?;
    }
    Ok(Action::requeue(Duration::from_secs(300)))
}

/// As [`by_name`], with a note of when it looked first. The machine's clock is the machine's, whatever the test says.
pub async fn by_the_clock(account: Arc<Account>, client: Arc<Client>) -> Result<Action, Error> {
    const SEEN: &str = "kube-tests.seatrial.dev/seen";
    if !account.annotations().contains_key(SEEN) {
        let namespace = account.namespace().ok_or(Error::Missing("metadata.namespace"))?;
        let accounts = Api::<Account>::namespaced(client.as_ref().clone(), &namespace);
        let patch = json!({ "metadata": { "annotations": { SEEN: Timestamp::now().to_string() } } });
        accounts
            .patch(
                &account.name_any(),
                &PatchParams::default(),
                &Patch::Merge(&patch),
            )
            .await?;
    }
    by_name(account, client).await
}

fn secret(account: &Account) -> Result<Secret, Error> {
    let owner = account
        .controller_owner_ref(&())
        .ok_or(Error::Missing("metadata.uid"))?;
    let token = ByteString(format!("token of {}", account.spec.user).into_bytes());
    Ok(Secret {
        metadata: ObjectMeta {
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([("token".to_owned(), token)])),
        ..Secret::default()
    })
}

async fn tell(account: &Account, client: &Client, secret: &str) -> Result<(), Error> {
    let namespace = account.namespace().ok_or(Error::Missing("metadata.namespace"))?;
    let accounts = Api::<Account>::namespaced(client.clone(), &namespace);
    let patch = json!({ "status": AccountStatus { secret: Some(secret.to_owned()) } });
    accounts
        .patch_status(
            &account.name_any(),
            &PatchParams::default(),
            &Patch::Merge(&patch),
        )
        .await?;
    Ok(())
}

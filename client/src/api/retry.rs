//! Writing again after a conflict.

use std::{fmt::Debug, time::Duration};

use serde::{Serialize, de::DeserializeOwned};

use super::{Api, PostParams};
use crate::{
    env::{Env, Rng},
    error::{Error, Result},
};

/// Attempts in all. Five, as in Kubernetes' Go client: whoever loses that often has a rival to talk to.
const ATTEMPTS: u32 = 5;

/// The wait after the first conflict; it doubles with each further one and grows by up to half at random.
const WAIT: Duration = Duration::from_millis(10);

/// Makes an attempt, and another one after each conflict, five in all.
///
/// The attempt reads the object from the server, not from a cache, changes it and writes it with the resource version
/// it was read with. [`Api::modify`] is that attempt for the usual case.
///
/// ```
/// use k8s_openapi::api::apps::v1::Deployment;
/// use seatrial_client::{
///     Api, Result,
///     api::{PostParams, retry_on_conflict},
/// };
///
/// async fn one_more(api: &Api<Deployment>) -> Result<Deployment> {
///     retry_on_conflict(api.client().env(), || async {
///         let mut scale = api.get_scale("web").await?;
///         let spec = scale.spec.get_or_insert_default();
///         spec.replicas = Some(spec.replicas.unwrap_or(1) + 1);
///         api.replace_scale("web", &PostParams::default(), &scale).await?;
///         api.get("web").await
///     })
///     .await
/// }
/// ```
///
/// # Errors
///
/// The attempt's own, at once if it [is no conflict](crate::Error::is_conflict), or after the last attempt.
///
/// # Cancel safety
///
/// As safe to drop as an attempt is.
pub async fn retry_on_conflict<T, F>(env: &Env, mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut retry = Retry::new(env, "retry_on_conflict");
    loop {
        match attempt().await {
            Err(error) => retry.after(error).await?,
            result => return result,
        }
    }
}

impl<K> Api<K>
where
    K: Clone + DeserializeOwned + Serialize + Debug,
{
    /// Reads the object named `name`, changes it and replaces it, again and again while others get in between.
    ///
    /// `change` is called once for each attempt, on the object as it is then.
    ///
    /// # Errors
    ///
    /// [`is_conflict`](crate::Error::is_conflict) if others got in between five times, otherwise as
    /// [`get`](Self::get) and [`replace`](Self::replace).
    pub async fn modify(&self, name: &str, pp: &PostParams, mut change: impl FnMut(&mut K)) -> Result<K> {
        // By name, so that writers to different objects do not keep step.
        let id = format!("modify {}/{name}", self.request.url_path);
        let mut retry = Retry::new(self.client().env(), &id);
        loop {
            let mut object = self.get(name).await?;
            change(&mut object);
            match self.replace(name, pp, &object).await {
                Err(error) => retry.after(error).await?,
                result => return result,
            }
        }
    }
}

/// The attempts that were made, and the waits between them.
struct Retry<'a> {
    env: &'a Env,
    rng: Rng,
    made: u32,
}

impl<'a> Retry<'a> {
    fn new(env: &'a Env, id: &str) -> Self {
        Self {
            env,
            rng: env.rng(id),
            made: 0,
        }
    }

    /// Waits before the next attempt, or gives the error back if there should be none.
    async fn after(&mut self, error: Error) -> Result<()> {
        self.made += 1;
        if self.made == ATTEMPTS || !error.is_conflict() {
            return Err(error);
        }
        let wait = WAIT * (1 << (self.made - 1));
        self.env.sleep(wait.mul_f64(1.0 + self.rng.f64() / 2.0)).await;
        Ok(())
    }
}

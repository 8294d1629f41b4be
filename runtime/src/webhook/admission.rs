//! Reviews of writes.

use std::{marker::PhantomData, panic::AssertUnwindSafe, sync::Arc};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use seatrial_client::{
    Resource,
    core::{
        TypeMeta,
        admission::{AdmissionRequest, AdmissionResponse, AdmissionReview},
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::router::Endpoint;

/// Answers admission reviews by a function.
pub(super) struct Admission<K, F> {
    handler: Arc<F>,
    _kind: PhantomData<fn() -> K>,
}

/// What can be read of a review whose objects cannot.
#[derive(Deserialize)]
struct Envelope {
    #[serde(flatten)]
    types: TypeMeta,
    request: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    uid: String,
}

// === impl Admission ===

impl<K, F> Admission<K, F> {
    pub(super) fn new(handler: F) -> Self {
        Self {
            handler: Arc::new(handler),
            _kind: PhantomData,
        }
    }
}

impl<K, F, Fut> Endpoint for Admission<K, F>
where
    K: Resource + DeserializeOwned + Send + 'static,
    F: Fn(AdmissionRequest<K>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = AdmissionResponse> + Send + 'static,
{
    fn answer(&self, body: Bytes) -> BoxFuture<'static, Result<Vec<u8>, String>> {
        let handler = Arc::clone(&self.handler);
        async move {
            let envelope: Envelope = serde_json::from_slice(&body)
                .map_err(|error| format!("this is no AdmissionReview: {error}"))?;
            let Envelope {
                types,
                request: Some(Named { uid }),
            } = envelope
            else {
                return Err("the AdmissionReview has no request".to_owned());
            };
            if types.kind != "AdmissionReview" || types.api_version != "admission.k8s.io/v1" {
                return Err(format!(
                    "expected an AdmissionReview of admission.k8s.io/v1, got {} of {}",
                    types.kind, types.api_version
                ));
            }
            // From here on there is somebody to answer to.
            let denied = |why: String| {
                let mut denial = AdmissionResponse::invalid(why);
                denial.types.clone_from(&types);
                denial.uid.clone_from(&uid);
                denial
            };
            let review = serde_json::from_slice::<AdmissionReview<K>>(&body);
            let mut response = match review.map(AdmissionRequest::try_from) {
                Ok(Ok(request)) => {
                    let answer = AssertUnwindSafe(async { handler(request).await }).catch_unwind();
                    answer.await.unwrap_or_else(|_| {
                        let mut denial = denied("the webhook panicked".to_owned());
                        denial.result.code = 500;
                        denial.result.reason = "InternalError".to_owned();
                        denial
                    })
                }
                Ok(Err(error)) => denied(error.to_string()),
                Err(error) => denied(format!("the object cannot be read: {error}")),
            };
            // Whatever the handler made of them, the answer is to this request.
            response.types.clone_from(&types);
            response.uid.clone_from(&uid);
            serde_json::to_vec(&response.into_review()).map_err(|error| error.to_string())
        }
        .boxed()
    }
}

/// The patch that makes `changed` of `original`, for [`AdmissionResponse::with_patch`].
///
/// Only what differs is in it, so fields that the type does not know stay as they are.
///
/// # Errors
///
/// If one of them cannot be written as JSON.
pub fn diff<K: Serialize>(original: &K, changed: &K) -> Result<json_patch::Patch, serde_json::Error> {
    Ok(json_patch::diff(
        &serde_json::to_value(original)?,
        &serde_json::to_value(changed)?,
    ))
}

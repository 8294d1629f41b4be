//! Admission and conversion webhooks as a tower service.
//!
//! A [`Router`] answers what an apiserver posts to a webhook. It is a `tower::Service` over HTTP requests: put it behind any server that does TLS, or call it in a test.
//!
//! ```
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use seatrial_client::core::admission::{AdmissionRequest, AdmissionResponse};
//! use seatrial_runtime::webhook::{self, Router};
//!
//! let router = Router::new().admit("/configs", async |request: AdmissionRequest<ConfigMap>| {
//!     let answer = AdmissionResponse::from(&request);
//!     let Some(object) = request.object else { return answer };
//!     let mut changed = object.clone();
//!     changed.metadata.labels.get_or_insert_default().insert("checked".to_owned(), "yes".to_owned());
//!     match webhook::diff(&object, &changed) {
//!         Ok(patch) => answer.clone().with_patch(patch).unwrap_or_else(|error| answer.deny(error)),
//!         Err(error) => answer.deny(error),
//!     }
//! });
//! # let _ = router;
//! ```
//!
//! Reading order: `router.rs` (paths and HTTP), `admission.rs`, `conversion.rs`.

mod admission;
mod conversion;
mod router;

pub use self::{admission::diff, conversion::Converter, router::Router};

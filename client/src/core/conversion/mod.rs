//! Converting objects between the versions of their kind.
//!
//! The apiserver stores one version of a custom resource and serves all; a webhook makes one of the other. [`ConversionReview`] is
//! what it is sent and answers. [`Conversions`] is the whole of such a webhook but its transport, for kinds whose versions all
//! become each other through one of them, the [`Hub`].
//!
//! # Source
//! [Webhook conversion](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-conversion).
//!
//! Reading order: `review` (the wire), `hub` (the conversions), `round_trip` (what they must not lose).

mod hub;
mod review;
mod round_trip;

pub use hub::{Conversions, ConvertError, Hub, kept_metadata};
pub use review::{ConversionRequest, ConversionResponse, ConversionReview, ConvertConversionReviewError};
pub use round_trip::{Loss, RoundTripError};

#[cfg(test)]
mod tests;

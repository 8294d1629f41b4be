//! What the apiserver sends to, and takes from, a conversion webhook.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::{metadata::TypeMeta, response::Status};

/// The envelope of a request or a response.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversionReview {
    /// `apiVersion` and `kind` of the envelope.
    #[serde(flatten)]
    pub types: TypeMeta,
    /// What the apiserver asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ConversionRequest>,
    /// What the webhook answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<ConversionResponse>,
}

/// Objects to be converted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversionRequest {
    /// `apiVersion` and `kind` of the envelope, which the answer repeats.
    #[serde(skip)]
    pub types: Option<TypeMeta>,
    /// Identifies this request.
    pub uid: String,
    /// The `apiVersion` to convert to.
    #[serde(rename = "desiredAPIVersion")]
    pub desired_api_version: String,
    /// The objects, of any versions.
    #[serde(default)]
    pub objects: Vec<Value>,
}

/// Objects that were converted, or why they were not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConversionResponse {
    /// `apiVersion` and `kind` of the request's envelope.
    #[serde(skip)]
    pub types: Option<TypeMeta>,
    /// The request's.
    pub uid: String,
    /// Whether it went well; the message of a failure is shown to the caller.
    pub result: Status,
    /// The objects in the order of the request, all of the desired version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub converted_objects: Vec<Value>,
}

/// The envelope has no request in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("request missing in ConversionReview")]
pub struct ConvertConversionReviewError;

// === impl ConversionRequest ===

impl ConversionRequest {
    /// Takes the request out of its envelope.
    ///
    /// # Errors
    /// If the envelope has none.
    pub fn from_review(review: ConversionReview) -> Result<Self, ConvertConversionReviewError> {
        let request = review.request.ok_or(ConvertConversionReviewError)?;
        Ok(Self {
            types: Some(review.types),
            ..request
        })
    }
}

impl TryFrom<ConversionReview> for ConversionRequest {
    type Error = ConvertConversionReviewError;

    fn try_from(review: ConversionReview) -> Result<Self, Self::Error> {
        Self::from_review(review)
    }
}

// === impl ConversionResponse ===

impl ConversionResponse {
    /// Begins the answer to a request; [`Self::success`] or [`Self::failure`] completes it.
    pub fn for_request(request: ConversionRequest) -> Self {
        Self {
            types: request.types,
            uid: request.uid,
            result: Status::default(),
            converted_objects: Vec::new(),
        }
    }

    /// The objects were converted.
    #[must_use]
    pub fn success(mut self, converted_objects: Vec<Value>) -> Self {
        self.result = Status::success();
        self.converted_objects = converted_objects;
        self
    }

    /// The objects cannot be converted: none was, since the apiserver takes all or nothing.
    #[must_use]
    pub fn failure(mut self, result: Status) -> Self {
        self.result = result;
        self.converted_objects.clear();
        self
    }

    /// The answer to something of which not even the UID can be read.
    pub fn invalid(result: Status) -> Self {
        Self {
            types: None,
            uid: String::new(),
            result,
            converted_objects: Vec::new(),
        }
    }

    /// Puts the answer into an envelope of the request's version.
    pub fn into_review(self) -> ConversionReview {
        self.into()
    }
}

impl From<ConversionRequest> for ConversionResponse {
    fn from(request: ConversionRequest) -> Self {
        Self::for_request(request)
    }
}

// === impl ConversionReview ===

impl From<ConversionResponse> for ConversionReview {
    fn from(mut response: ConversionResponse) -> Self {
        let types = response.types.take().unwrap_or_else(|| TypeMeta {
            api_version: "apiextensions.k8s.io/v1".to_owned(),
            kind: "ConversionReview".to_owned(),
        });
        Self {
            types,
            request: None,
            response: Some(response),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn review() -> ConversionReview {
        serde_json::from_value(json!({
            "apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "ConversionReview",
            "request": {"uid": "u", "desiredAPIVersion": "a.io/v2", "objects": [{"apiVersion": "a.io/v1", "kind": "A"}]},
        }))
        .unwrap()
    }

    #[test]
    fn a_request_is_answered_in_its_own_version() {
        let request = ConversionRequest::from_review(review()).unwrap();
        assert_eq!(request.desired_api_version, "a.io/v2");
        let answer = ConversionResponse::for_request(request)
            .success(vec![json!({"apiVersion": "a.io/v2", "kind": "A"})]);
        assert_eq!(
            serde_json::to_value(answer.into_review()).unwrap(),
            json!({
                "apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "ConversionReview",
                "response": {"uid": "u", "result": {"status": "Success"}, "convertedObjects": [{"apiVersion": "a.io/v2", "kind": "A"}]},
            })
        );
    }

    #[test]
    fn a_failure_has_no_objects() {
        let response = ConversionResponse::from(ConversionRequest::try_from(review()).unwrap());
        let failed = response
            .success(vec![json!({})])
            .failure(Status::failure("no way", ""));
        let wire = serde_json::to_value(failed.into_review()).unwrap();
        assert_eq!(
            wire["response"],
            json!({"uid": "u", "result": {"status": "Failure", "message": "no way"}})
        );
        assert_eq!(
            serde_json::from_value::<ConversionReview>(wire)
                .unwrap()
                .response
                .unwrap()
                .uid,
            "u"
        );
    }

    #[test]
    fn an_envelope_without_a_request_is_answered_too() {
        let error = ConversionRequest::try_from(ConversionReview {
            request: None,
            ..review()
        })
        .unwrap_err();
        let review =
            ConversionResponse::invalid(Status::failure(&error.to_string(), "BadRequest")).into_review();
        assert_eq!(review.types.api_version, "apiextensions.k8s.io/v1");
        assert!(review.response.unwrap().result.is_bad_request());
    }
}

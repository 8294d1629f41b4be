//! Definitions and their objects on the apiserver in memory.

use futures::FutureExt as _;
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// A server that has taken one definition.
pub(crate) struct Served {
    server: FakeApiServer,
    api_version: String,
    kind: String,
    collection: String,
}

impl Served {
    /// Creates the definition, which the server must take as it is.
    #[track_caller]
    pub(crate) fn new(crd: &CustomResourceDefinition) -> Self {
        let server = FakeApiServer::new();
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict";
        let (code, answer) = send(&server, Method::POST, path, &serde_json::to_value(crd).unwrap());
        assert_eq!(code, 201, "{answer:#}");
        let (group, version) = (&crd.spec.group, &crd.spec.versions[0].name);
        let namespace = if crd.spec.scope == "Namespaced" {
            "namespaces/default/"
        } else {
            ""
        };
        Self {
            server,
            api_version: format!("{group}/{version}"),
            kind: crd.spec.names.kind.clone(),
            collection: format!("/apis/{group}/{version}/{namespace}{}", crd.spec.names.plural),
        }
    }

    /// A server of a kind whose specs have this schema.
    #[track_caller]
    pub(crate) fn of_spec(schema: &Value) -> Self {
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": "shapes.example.com"},
            "spec": {
                "group": "example.com", "names": {"kind": "Shape", "plural": "shapes", "singular": "shape"}, "scope": "Cluster",
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                    "type": "object", "properties": {"spec": schema},
                }}}],
            },
        });
        Self::new(&serde_json::from_value(definition).unwrap())
    }

    /// Writes an object of this spec and answers the spec that is read back, or what the server said against it.
    pub(crate) fn spec(&self, spec: &Value) -> Result<Value, String> {
        self.object(json!({"spec": spec}))
            .map(|mut object| object["spec"].take())
    }

    /// Writes an object and answers it as it is read back, or what the server said against it.
    pub(crate) fn object(&self, mut object: Value) -> Result<Value, String> {
        object["apiVersion"] = self.api_version.clone().into();
        object["kind"] = self.kind.clone().into();
        object["metadata"] = json!({"name": "a"});
        let strict = format!("{}?fieldValidation=Strict", self.collection);
        let (code, answer) = send(&self.server, Method::POST, &strict, &object);
        if code != 201 {
            return Err(answer["message"].as_str().unwrap_or_default().to_owned());
        }
        let one = format!("{}/a", self.collection);
        let (code, read) = send(&self.server, Method::GET, &one, &Value::Null);
        assert_eq!(code, 200, "{read:#}");
        let (code, gone) = send(&self.server, Method::DELETE, &one, &Value::Null);
        assert_eq!(code, 200, "{gone:#}");
        Ok(read)
    }
}

/// The value as a server writes it: Go has no fraction for a number that is whole.
pub(crate) fn as_written(value: &Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => {
                (float as i64).into()
            }
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(as_written).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), as_written(field)))
            .collect(),
        _ => value.clone(),
    }
}

/// Sends a request, which the server answers at once.
pub(crate) fn send(server: &FakeApiServer, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json");
    let request = request.body(Full::<bytes::Bytes>::from(body)).unwrap();
    let answer = async {
        let response = server.clone().oneshot(request).await.unwrap();
        let code = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (code, serde_json::from_slice(&body).unwrap())
    };
    answer.now_or_never().expect("only watches wait")
}

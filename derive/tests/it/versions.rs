//! A kind of three versions: what the macro writes between them.

use http::Method;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::WebhookClientConfig;
use seatrial_client::core::conversion::Hub;
use seatrial_fake_apiserver::FakeApiServer;
use serde_json::{Value, json};

use crate::server::send;

/// Colours by number, and no status.
mod v1alpha1 {
    use schemars::JsonSchema;
    use seatrial_derive::CustomResource;
    use serde::{Deserialize, Serialize};

    #[derive(CustomResource, Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    #[kube(
        group = "example.com",
        version = "v1alpha1",
        kind = "Lamp",
        namespaced,
        storage = false
    )]
    #[kube(deprecated = "example.com/v1alpha1 Lamp is deprecated", derive = "PartialEq")]
    pub(crate) struct LampSpec {
        /// Red, green and blue.
        pub(crate) color: (u8, u8, u8),
    }
}

/// Colours by name, and a status.
mod v1beta1 {
    use schemars::JsonSchema;
    use seatrial_derive::CustomResource;
    use serde::{Deserialize, Serialize};

    #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(
        group = "example.com",
        version = "v1beta1",
        kind = "Lamp",
        namespaced,
        storage = false
    )]
    #[kube(status = "LampStatus", hub = "super::v1::Lamp")]
    pub(crate) struct LampSpec {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) color: Option<Color>,
    }

    #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
    pub(crate) struct LampStatus {
        pub(crate) lit: bool,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
    pub(crate) enum Color {
        Red,
        Green,
    }
}

/// The hub.
mod v1 {
    use schemars::JsonSchema;
    use seatrial_derive::CustomResource;
    use serde::{Deserialize, Serialize};

    #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Lamp",
        namespaced,
        status = "LampStatus"
    )]
    // A version of three colours out of millions loses most of them: that is shown below.
    #[kube(hub(super::v1alpha1::Lamp, super::v1beta1::Lamp), round_trip = false)]
    pub(crate) struct LampSpec {
        pub(crate) color: String,
    }

    #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
    pub(crate) struct LampStatus {
        pub(crate) state: State,
    }

    #[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
    pub(crate) enum State {
        On,
        Off,
    }
}

/// Written by hand, since the number that a lamp was given goes into an annotation.
impl From<v1alpha1::Lamp> for v1::Lamp {
    fn from(old: v1alpha1::Lamp) -> Self {
        let (red, green, blue) = old.spec.color;
        let mut lamp = Self::new(
            "",
            v1::LampSpec {
                color: format!("#{red:02x}{green:02x}{blue:02x}"),
            },
        );
        lamp.metadata = old.metadata;
        lamp
    }
}

impl From<v1::Lamp> for v1alpha1::Lamp {
    fn from(new: v1::Lamp) -> Self {
        let part = |at: usize| {
            let digits = new.spec.color.get(at..at + 2).unwrap_or("00");
            u8::from_str_radix(digits, 16).unwrap_or(0)
        };
        let mut lamp = Self::new(
            "",
            v1alpha1::LampSpec {
                color: (part(1), part(3), part(5)),
            },
        );
        lamp.metadata = new.metadata;
        lamp
    }
}

impl From<v1beta1::LampSpec> for v1::LampSpec {
    fn from(old: v1beta1::LampSpec) -> Self {
        let color = match old.color {
            None => "",
            Some(v1beta1::Color::Red) => "#ff0000",
            Some(v1beta1::Color::Green) => "#00ff00",
        };
        Self {
            color: color.to_owned(),
        }
    }
}

impl From<v1::LampSpec> for v1beta1::LampSpec {
    fn from(new: v1::LampSpec) -> Self {
        let color = match &*new.color {
            "#ff0000" => Some(v1beta1::Color::Red),
            "#00ff00" => Some(v1beta1::Color::Green),
            _ => None,
        };
        Self { color }
    }
}

impl From<v1beta1::LampStatus> for v1::LampStatus {
    fn from(old: v1beta1::LampStatus) -> Self {
        Self {
            state: if old.lit { v1::State::On } else { v1::State::Off },
        }
    }
}

impl From<v1::LampStatus> for v1beta1::LampStatus {
    fn from(new: v1::LampStatus) -> Self {
        Self {
            lit: matches!(new.state, v1::State::On),
        }
    }
}

fn lamp(version: &str, spec: Value) -> Value {
    json!({
        "apiVersion": format!("example.com/{version}"), "kind": "Lamp",
        "metadata": {"name": "desk", "namespace": "home"}, "spec": spec,
    })
}

#[test]
fn every_version_becomes_every_other_through_the_hub() {
    let conversions = v1::Lamp::conversions();
    let named = lamp("v1beta1", json!({"color": "Red"}));
    let numbered = conversions
        .convert(named.clone(), "example.com/v1alpha1")
        .unwrap();
    assert_eq!(numbered, lamp("v1alpha1", json!({"color": [255, 0, 0]})));
    assert_eq!(
        conversions.convert(numbered, "example.com/v1beta1").unwrap(),
        named
    );
}

#[test]
fn statuses_go_along() {
    let mut old = lamp("v1beta1", json!({"color": "Green"}));
    old["status"] = json!({"lit": true});
    let new = v1::Lamp::conversions().convert(old, "example.com/v1").unwrap();
    assert_eq!(new["status"], json!({"state": "On"}));
    assert_eq!(new["spec"], json!({"color": "#00ff00"}));
}

#[test]
fn what_a_version_loses_is_found() {
    let conversions = v1::Lamp::conversions();
    conversions.check_spokes(200).unwrap();
    let error = conversions.check_round_trips(200).unwrap_err();
    assert_eq!(
        (&*error.api_version, &*error.through),
        ("example.com/v1", "v1alpha1")
    );
    assert!(
        error.to_string().starts_with(".spec.color of example.com/v1 is "),
        "{error}"
    );
}

#[test]
fn one_definition_has_all_versions() {
    let webhook = WebhookClientConfig {
        url: Some("https://lamps.example.com/convert".into()),
        ..Default::default()
    };
    let definition = v1::Lamp::conversions().definition("v1", webhook).unwrap();
    let versions = definition.spec.versions.iter();
    let versions: Vec<_> = versions
        .map(|version| (&*version.name, version.storage, version.deprecated))
        .collect();
    assert_eq!(
        versions,
        [
            ("v1alpha1", false, Some(true)),
            ("v1beta1", false, None),
            ("v1", true, None)
        ]
    );
    assert_eq!(definition.spec.conversion.unwrap().strategy, "Webhook");
}

/// A server that stores v1 and calls the hub's conversions for the others.
fn served() -> FakeApiServer {
    let webhook = tower::service_fn(|request: http::Request<bytes::Bytes>| async move {
        let review = serde_json::from_slice(request.body()).map_err(|error| error.to_string())?;
        let answer = serde_json::to_vec(&v1::Lamp::conversions().review(review)).unwrap();
        Ok::<_, String>(http::Response::new(http_body_util::Full::<bytes::Bytes>::from(
            answer,
        )))
    });
    let server = FakeApiServer::builder()
        .webhook("https://lamps.example.com", webhook)
        .build();
    let client_config = WebhookClientConfig {
        url: Some("https://lamps.example.com/convert".into()),
        ..Default::default()
    };
    let definition = v1::Lamp::conversions().definition("v1", client_config).unwrap();
    let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?fieldValidation=Strict";
    let (code, answer) = send(
        &server,
        Method::POST,
        path,
        &serde_json::to_value(definition).unwrap(),
    );
    assert_eq!(code, 201, "{answer:#}");
    server
}

#[test]
fn a_server_serves_what_was_written_at_one_version_at_all() {
    // For the timer of the calls, which are answered before it is looked at.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let server = served();
    let path = |version: &str| format!("/apis/example.com/{version}/namespaces/default/lamps");
    let mut lamp = lamp("v1alpha1", json!({"color": [0, 255, 0]}));
    lamp["metadata"]["namespace"] = "default".into();
    let (code, created) = send(&server, Method::POST, &path("v1alpha1"), &lamp);
    assert_eq!((code, &created["spec"]), (201, &lamp["spec"]), "{created:#}");
    for (version, spec) in [
        ("v1", json!({"color": "#00ff00"})),
        ("v1beta1", json!({"color": "Green"})),
        ("v1alpha1", json!({"color": [0, 255, 0]})),
    ] {
        let (code, read) = send(
            &server,
            Method::GET,
            &format!("{}/desk", path(version)),
            &Value::Null,
        );
        assert_eq!((code, &read["spec"]), (200, &spec));
        assert_eq!(read["metadata"]["uid"], created["metadata"]["uid"]);
        let (_, list) = send(&server, Method::GET, &path(version), &Value::Null);
        assert_eq!(list["items"][0]["spec"], spec);
    }
}

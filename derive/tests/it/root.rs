use schemars::JsonSchema;
use seatrial_client::core::{
    CustomResourceExt, Resource, ResourceExt,
    object::{HasSpec, HasStatus},
};
use seatrial_derive::CustomResource;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(CustomResource, Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "example.com",
    version = "v1beta1",
    kind = "Proxy",
    namespaced,
    shortname = "px",
    status = "ProxyStatus",
    derive = "PartialEq",
    derive = "Default"
)]
#[serde(rename_all = "camelCase")]
struct ProxySpec {
    listen_port: u16,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
struct ProxyStatus {
    ready: bool,
}

#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Zone",
    root = "ZoneResource",
    plural = "zonez",
    singular = "zon"
)]
struct Zone {
    name: String,
}

/// The output may be told where everything is.
mod elsewhere {
    pub(super) mod vendored {
        pub(crate) use ::{k8s_openapi, schemars, seatrial_client, serde};
    }

    use vendored::schemars::JsonSchema;
    use vendored::serde::{Deserialize, Serialize};

    #[derive(seatrial_derive::CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Vendored",
        status = "Option<bool>"
    )]
    #[kube(crates(
        kube_core = "vendored::seatrial_client::core",
        k8s_openapi = "vendored::k8s_openapi",
        schemars = "vendored::schemars",
        serde = "vendored::serde",
        std = "std"
    ))]
    #[serde(crate = "vendored::serde")]
    #[schemars(crate = "vendored::schemars")]
    pub(super) struct VendoredSpec {
        pub(super) value: i32,
    }

    #[derive(seatrial_derive::CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Choice",
        crates(kube = "vendored::seatrial_client")
    )]
    #[serde(crate = "vendored::serde")]
    #[schemars(crate = "vendored::schemars")]
    pub(super) enum ChoiceSpec {
        Left(i32),
        Right { value: bool },
    }
}

#[test]
fn crates_are_found_where_the_user_says() {
    assert_eq!(elsewhere::Vendored::crd_name(), "vendoreds.example.com");
    let vendored = elsewhere::Vendored::new("v", elsewhere::VendoredSpec { value: 1 });
    assert_eq!(serde_json::to_value(&vendored).unwrap()["spec"]["value"], 1);
}

#[test]
fn a_spec_may_be_an_enum() {
    let choice = elsewhere::Choice::new("c", elsewhere::ChoiceSpec::Right { value: true });
    let written = serde_json::to_value(&choice).unwrap();
    assert_eq!(written["spec"], json!({"Right": {"value": true}}));
    assert!(serde_json::from_value::<elsewhere::Choice>(written).is_ok());
}

#[test]
fn names_come_from_the_attributes() {
    assert_eq!(Proxy::kind(&()), "Proxy");
    assert_eq!(Proxy::group(&()), "example.com");
    assert_eq!(Proxy::version(&()), "v1beta1");
    assert_eq!(Proxy::api_version(&()), "example.com/v1beta1");
    assert_eq!(Proxy::plural(&()), "proxies");
    assert_eq!(
        Proxy::url_path(&(), Some("ns")),
        "/apis/example.com/v1beta1/namespaces/ns/proxies"
    );
    assert_eq!(Proxy::crd_name(), "proxies.example.com");
    assert_eq!(Proxy::shortnames(), ["px"]);
    assert_eq!(Proxy::api_resource().plural, "proxies");
    assert_eq!(ZoneResource::kind(&()), "Zone");
    assert_eq!(ZoneResource::plural(&()), "zonez");
    assert_eq!(ZoneResource::crd().spec.names.singular.as_deref(), Some("zon"));
}

#[test]
fn new_has_a_name_and_no_status() {
    let mut proxy = Proxy::new("a", ProxySpec { listen_port: 80 });
    assert_eq!(proxy.name_any(), "a");
    assert_eq!(proxy.status, None);
    assert_eq!(proxy.spec().listen_port, 80);
    *proxy.status_mut() = Some(ProxyStatus { ready: true });
    assert!(HasStatus::status(&proxy).is_some_and(|status| status.ready));
    proxy.spec_mut().listen_port = 81;
    assert_eq!(proxy.spec.listen_port, 81);
    assert_eq!(Proxy::default().metadata.name, None);
}

#[test]
fn json_carries_the_type_and_leaves_out_an_absent_status() {
    let mut proxy = Proxy::new("a", ProxySpec { listen_port: 80 });
    let written = serde_json::to_value(&proxy).unwrap();
    assert_eq!(
        written,
        json!({"apiVersion": "example.com/v1beta1", "kind": "Proxy", "metadata": {"name": "a"}, "spec": {"listenPort": 80}})
    );
    assert_eq!(serde_json::from_value::<Proxy>(written).unwrap(), proxy);

    proxy.status = Some(ProxyStatus { ready: true });
    let written = serde_json::to_value(&proxy).unwrap();
    assert_eq!(written["status"], json!({"ready": true}));
    assert_eq!(serde_json::from_value::<Proxy>(written).unwrap(), proxy);
}

#[test]
fn unknown_fields_beside_the_spec_are_ignored() {
    let read: Zone = serde_json::from_value(json!({"name": "z", "more": 1})).unwrap();
    let root: ZoneResource =
        serde_json::from_value(json!({"metadata": {}, "spec": {"name": "z"}, "status": {"anything": true}}))
            .unwrap();
    assert_eq!(root.spec.name, read.name);
}

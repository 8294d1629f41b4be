//! Objects of derived types on a server: written, read back, the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use schemars::JsonSchema;
use seatrial_client::core::{CustomResourceExt, schema::sample};
use seatrial_derive::{CustomResource, KubeSchema};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::server::{Served, as_written};

/// Enums of every representation, collections, options and what they hold.
#[derive(CustomResource, Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Broad",
    status = "BroadStatus",
    derive = "PartialEq"
)]
struct BroadSpec {
    source: Source,
    policy: Policy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schedule: Option<Schedule>,
    #[serde(flatten)]
    limits: Limits,
    names: BTreeSet<String>,
    weights: BTreeMap<String, Option<i64>>,
    #[serde(default)]
    pairs: Vec<(bool, u16)>,
    anything: serde_json::Value,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct BroadStatus {
    phase: Phase,
    since: Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
enum Phase {
    Pending,
    Ready,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Source {
    Image { name: String, tag: Option<String> },
    Path(String),
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "type")]
enum Policy {
    Always,
    Sometimes { chance: i32 },
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
enum Schedule {
    Every { seconds: u32 },
    At { hour: u8, minute: u8 },
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Limits {
    #[schemars(range(min = 1, max = 9))]
    replicas: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memory: Option<k8s_openapi::apimachinery::pkg::api::resource::Quantity>,
}

/// What `KubeSchema` adds: list types, defaults, ports.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Marked",
    namespaced,
    derive = "PartialEq"
)]
struct MarkedSpec {
    #[x_kube(merge_strategy = ListMerge::Set)]
    zones: Vec<String>,
    #[x_kube(list_map_keys("name"))]
    ports: Vec<Port>,
    #[x_kube(map_type = "atomic")]
    labels: BTreeMap<String, String>,
    #[x_kube(default = 3)]
    replicas: i32,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
struct Port {
    name: String,
    port: k8s_openapi::apimachinery::pkg::util::intstr::IntOrString,
}

/// Draws an object from the schema, and writes and reads it; whether there was one to write.
fn comes_back<K: CustomResourceExt + Serialize + DeserializeOwned>(
    numbers: &[u64],
) -> Result<bool, TestCaseError> {
    let crd = K::crd();
    let schema = crd.spec.versions[0]
        .schema
        .as_ref()
        .unwrap()
        .open_api_v3_schema
        .as_ref();
    let mut numbers = numbers.iter().copied();
    let mut object = sample(&serde_json::to_value(schema).unwrap(), &mut |bound| {
        numbers.next().unwrap_or(0) % bound.max(1)
    });
    object["metadata"] = serde_json::json!({});
    // A list whose keys repeat is no value of its schema; the sampler does not look at keys.
    let ports = object["spec"]["ports"].as_array();
    let names: Option<Vec<&Value>> = ports.map(|ports| ports.iter().map(|port| &port["name"]).collect());
    if names.is_some_and(|names| (1..names.len()).any(|at| names[..at].contains(&names[at]))) {
        return Ok(false);
    }
    object["apiVersion"] = "example.com/v1".into();
    object["kind"] = crd.spec.names.kind.clone().into();
    let Ok(typed) = serde_json::from_value::<K>(object) else {
        return Ok(false);
    };
    let mut written = serde_json::to_value(typed).unwrap();
    let read = Served::new(&crd)
        .object(written.clone())
        .map_err(TestCaseError::fail)?;
    // The spec alone: a create does not write a status that is a subresource.
    prop_assert_eq!(&read["spec"], &as_written(&written["spec"].take()));
    serde_json::from_value::<K>(read).map_err(|error| TestCaseError::fail(error.to_string()))?;
    Ok(true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn broad_objects_come_back(numbers in proptest::collection::vec(any::<u64>(), 60)) {
        prop_assume!(comes_back::<Broad>(&numbers)?);
    }

    #[test]
    fn marked_objects_come_back(numbers in proptest::collection::vec(any::<u64>(), 60)) {
        prop_assume!(comes_back::<Marked>(&numbers)?);
    }
}

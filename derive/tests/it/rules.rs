use schemars::JsonSchema;
use seatrial_client::core::{CustomResourceExt, schema::structural_schema_for};
use seatrial_derive::{CELSchema, CustomResource, KubeSchema};
use serde::{Deserialize, Serialize};

/// A name that the rules' scope has, too: fields must not be confused by it.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
struct Message {
    text: String,
}

#[derive(CustomResource, KubeSchema, Clone, Debug, Deserialize, Serialize)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Ruled",
    validation = "self.metadata.name == 'singleton'"
)]
#[x_kube(validation = ("self.minimum <= self.maximum", "too low"))]
#[x_kube(validation = Rule::new("!oldSelf.hasValue() || self.minimum == oldSelf.value().minimum").message(Message::Expression("'no ' + self.theName".into())).field_path(".minimum").optional_old_self(true))]
#[serde(rename_all = "camelCase")]
struct RuledSpec {
    minimum: i32,
    maximum: i32,
    /// With a default.
    #[serde(default = "name")]
    #[x_kube(validation = Rule::new("self != ''").message("empty").reason(Reason::FieldValueRequired))]
    #[x_kube(validation = "size(self) < 10")]
    the_name: String,
    #[x_kube(merge_strategy = ListMerge::Map(vec!["text".into()]))]
    messages: Vec<Message>,
    #[x_kube(merge_strategy = MapMerge::Atomic)]
    labels: std::collections::BTreeMap<String, String>,
    #[x_kube(merge_strategy = StructMerge::Atomic)]
    #[schemars(length(min = 1))]
    zones: Option<Inner>,
}

fn name() -> String {
    "value".into()
}

#[derive(Clone, Debug, Deserialize, Serialize, CELSchema)]
struct Inner {
    #[x_kube(merge_strategy = ListMerge::Set)]
    #[schemars(length(min = 1))]
    names: Vec<String>,
}

#[derive(KubeSchema)]
#[expect(dead_code, reason = "for its schema")]
struct Generic<T> {
    #[x_kube(validation = "self != null")]
    value: T,
}

#[derive(KubeSchema)]
#[expect(dead_code, reason = "for its schema")]
struct Both {
    one: Generic<String>,
    other: Generic<i32>,
}

#[derive(KubeSchema)]
#[expect(dead_code, reason = "for its schema")]
struct Words {
    #[x_kube(list_type = "set")]
    set: Vec<String>,
    #[x_kube(list_map_keys("text"))]
    map: Vec<Message>,
    #[x_kube(map_type = "granular")]
    labels: std::collections::BTreeMap<String, String>,
    #[x_kube(default = 3 + 4)]
    number: i32,
    #[x_kube(default = "no number")]
    no_default: i32,
    #[x_kube(int_or_string)]
    port: Option<Port>,
    #[x_kube(preserve_unknown_fields)]
    open: Inner,
    #[x_kube(embedded_resource)]
    object: Option<Message>,
}

/// Written by hand as a number or a string.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "for its schema")]
struct Port(String);

#[derive(Serialize, Deserialize, KubeSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(crate = "schemars")]
struct Defaulted<T: Default> {
    #[x_kube(validation = "self > 0")]
    max_size: i32,
    value: T,
}

impl<T: Default> Default for Defaulted<T> {
    fn default() -> Self {
        Self {
            max_size: 3,
            value: T::default(),
        }
    }
}

#[derive(Serialize, Deserialize, KubeSchema)]
#[serde(tag = "type")]
enum Variants {
    One {
        #[x_kube(validation = "self > 0")]
        size: i32,
    },
    Two(Defaulted<bool>),
}

#[test]
fn defaults_of_the_type_are_those_of_its_fields() {
    let schema = structural_schema_for::<Defaulted<String>>().to_value();
    assert_eq!(schema["properties"]["maxSize"]["default"], 3);
    assert_eq!(
        schema["properties"]["maxSize"]["x-kubernetes-validations"][0]["rule"],
        "self > 0"
    );
    assert_eq!(schema.get("required"), None);
}

#[test]
fn fields_of_variants_have_rules_too() {
    let schema = structural_schema_for::<Variants>().to_value();
    assert_eq!(
        schema["properties"]["size"]["x-kubernetes-validations"][0]["rule"],
        "self > 0"
    );
    assert_eq!(schema["properties"]["maxSize"]["default"], 3);
}

#[test]
fn a_schema_in_its_own_words() {
    insta::assert_yaml_snapshot!(structural_schema_for::<Words>().to_value());
}

#[test]
fn rules_and_strategies_are_in_the_schema() {
    insta::assert_yaml_snapshot!(
        serde_json::to_value(Ruled::crd().spec.versions[0].schema.as_ref()).unwrap()
    );
}

#[test]
fn instances_of_a_generic_type_keep_their_own_schemas() {
    let schema = structural_schema_for::<Both>().to_value();
    assert_eq!(
        schema["properties"]["one"]["properties"]["value"]["type"],
        "string"
    );
    assert_eq!(
        schema["properties"]["other"]["properties"]["value"]["type"],
        "integer"
    );
    assert_eq!(
        schema["properties"]["other"]["properties"]["value"]["x-kubernetes-validations"][0]["rule"],
        "self != null"
    );
}

#[derive(KubeSchema)]
#[x_kube(cel, validation = ("self.low <= self.high", "low is above high"))]
#[expect(dead_code, reason = "for its schema")]
struct Asked {
    low: i32,
    #[x_kube(validation = Rule::new("self >= oldSelf").message("must not fall"))]
    high: i32,
}

#[test]
fn a_type_answers_for_its_rules() {
    let value = |low: i32, high: i32| serde_json::json!({"low": low, "high": high});
    Asked::validate_cel(&value(1, 2), None).unwrap();
    Asked::validate_cel(&value(1, 2), Some(&value(1, 1))).unwrap();
    let errors = Asked::validate_cel(&value(3, 2), Some(&value(1, 4))).unwrap_err();
    assert_eq!(errors.to_string(), "low is above high; high: must not fall");
}

#[derive(CustomResource, KubeSchema, Clone, Debug, Deserialize, Serialize)]
#[kube(group = "example.com", version = "v1", kind = "Answering", cel)]
struct AnsweringSpec {
    #[x_kube(validation = Rule::new("self >= oldSelf").message("must not fall"))]
    level: i32,
}

#[test]
fn an_object_answers_for_its_rules() {
    let of = |level| Answering::new("a", AnsweringSpec { level });
    of(1).validate_cel().unwrap();
    of(2).validate_cel_update(&of(1)).unwrap();
    let errors = of(1).validate_cel_update(&of(2)).unwrap_err();
    assert_eq!(errors.to_string(), "spec.level: must not fall");
}

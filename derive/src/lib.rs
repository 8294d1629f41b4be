//! Derive macros for kinds of the Kubernetes API.
//!
//! - [`CustomResource`] makes a root type and a CustomResourceDefinition of a spec.
//! - [`KubeSchema`] adds CEL validation rules and merge strategies to a type's schema.
//! - [`Resource`] gives a type of one's own the names of a kind that exists.
//!
//! The macros are re-exported by the facade; this crate has no run-time code. What the output calls is in the client's `core::crd`.
//!
//! Reading order: `attrs` (attributes → data), `model` (checked), `expand` (model → tokens), then `hub`, the conversions between
//! versions, and `schema` and `resource`, which are small enough to do both.

mod attrs;
mod columns;
mod crates;
mod expand;
mod hub;
mod model;
mod names;
mod resource;
mod schema;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a custom resource of a spec: a root type, its `Resource` and `CustomResourceExt` impls and its definition.
///
/// ```
/// use schemars::JsonSchema;
/// use seatrial_client::core::{Resource, crd::CustomResourceExt};
/// use seatrial_derive::CustomResource;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// #[kube(group = "example.com", version = "v1", kind = "Foo", namespaced)]
/// struct FooSpec {
///     replicas: i32,
/// }
///
/// assert_eq!(Foo::kind(&()), "Foo");
/// assert_eq!(Foo::crd_name(), "foos.example.com");
/// let foo = Foo::new("a", FooSpec { replicas: 3 });
/// assert_eq!(serde_json::to_value(&foo).unwrap()["apiVersion"], "example.com/v1");
/// ```
///
/// The root type has the fields `metadata`, `spec` and, if it has one, `status: Option<…>`, and implements `Clone`, `Debug`, `Serialize`,
/// `Deserialize`, `JsonSchema`, `HasSpec` and `HasStatus`.
///
/// # Required attributes
///
/// - `#[kube(group = "example.com")]`: the API group, a domain.
/// - `#[kube(version = "v1")]`: the version.
/// - `#[kube(kind = "Foo")]`: the kind, and the root type's name.
///
/// # Names
///
/// - `singular = "foo"`: the kind in lower case by default.
/// - `plural = "foos"`: the kind's English plural in lower case by default.
/// - `shortname = "f"`: a short name for `kubectl`; may be given several times.
/// - `category = "all"`: a group of kinds that `kubectl get` knows; several times.
/// - `namespaced`: objects live in namespaces. Without it the kind is cluster-scoped.
/// - `root = "FooCrd"`: another name for the root type.
///
/// # Parts
///
/// - `status = "FooStatus"`: a status, and the subresource that guards it.
/// - `scale(spec_replicas_path = ".spec.replicas", status_replicas_path = ".status.replicas", label_selector_path = ".status.selector")`:
///   the scale subresource; also as JSON, `scale = r#"{"specReplicasPath": …}"#`.
/// - `printcolumn(name = "Replicas", type = "integer", json_path = ".spec.replicas")`: a column of `kubectl get`, with `format`,
///   `description` and `priority` if wanted; also as JSON, `printcolumn = r#"{"name": …, "type": …, "jsonPath": …}"#`. Several times.
/// - `selectable = ".spec.color"`: a field that field selectors may name; several times.
///
/// # Schema
///
/// - `schema = "derived"` (the default): the root type's `JsonSchema` is derived. `"manual"`: it is written by hand. `"disabled"`: there
///   is none, and `crd()` has no schema; for kinds that somebody else installs.
/// - `doc = "…"`: the description of the kind.
/// - `validation = Rule::new("self.metadata.name == 'singleton'").message("…")`: a CEL rule for the whole object, as an expression
///   that becomes a `Rule`; a string is a rule without a message. Several times. (`rule` is the older name.)
/// - `cel`: the methods `validate_cel()` and `validate_cel_update(old)` of the root type, which hold an object against the rules
///   before a server does; with the feature `cel` of the client, and a derived schema.
///
/// Every schema that schemars emits becomes a structural schema; the client's `core::schema` says how. In the user's tests there is
/// one more for each root type, `crd_of_Foo_is_valid`, which finds what a server would refuse; with the feature `cel`, rules
/// that do not compile or may cost too much included.
///
/// # Version and definition
///
/// - `storage = false`, `served = false`: of the version; both are true by default.
/// - `deprecated`, `deprecated = "use v2"`: marks the version, with a warning for those who use it.
/// - `annotation("key", "value")`, `label("key", "value")`: of the definition; several times.
///
/// # Several versions
///
/// Each version is a spec of its own, in a module of its own. One of them is the hub, which the others convert to and from; from `From` impls
/// between their specs (and statuses) comes the conversion webhook.
///
/// - `hub(v1alpha1::Foo, v1beta1::Foo)`, of the hub: the root types of the others. Implements `Hub`, whose `conversions()` answers
///   a webhook's reviews and makes the one definition of all versions. Each root type has `From` impls to and from the hub.
/// - `hub = "v1::Foo"`, of the others: writes these `From` impls. They keep the metadata and convert spec and status by *their* `From` impls. Leave
///   it out and write them by hand where a conversion needs the metadata, as one does that keeps in an annotation what a version cannot say.
/// - `round_trip = false`, of the hub: in the user's tests there is one more, `conversions_of_Foo_round_trip`, which draws objects of all
///   versions from their schemas and fails if one loses something on its way to another version and back. This leaves it out.
///
/// ```
/// use schemars::JsonSchema;
/// use seatrial_client::core::conversion::Hub;
/// use seatrial_derive::CustomResource;
/// use serde::{Deserialize, Serialize};
///
/// mod v1alpha1 {
///     # use super::*;
///     #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
///     #[kube(group = "example.com", version = "v1alpha1", kind = "Door", storage = false)]
///     #[kube(hub = "super::v1::Door")]
///     pub struct DoorSpec {
///         pub locked: bool,
///     }
/// }
///
/// mod v1 {
///     # use super::*;
///     #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
///     #[kube(group = "example.com", version = "v1", kind = "Door", hub(super::v1alpha1::Door))]
///     pub struct DoorSpec {
///         pub lock: Lock,
///     }
///
///     #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
///     pub enum Lock {
///         Open,
///         Shut,
///     }
/// }
///
/// impl From<v1alpha1::DoorSpec> for v1::DoorSpec {
///     fn from(old: v1alpha1::DoorSpec) -> Self {
///         Self { lock: if old.locked { v1::Lock::Shut } else { v1::Lock::Open } }
///     }
/// }
///
/// impl From<v1::DoorSpec> for v1alpha1::DoorSpec {
///     fn from(new: v1::DoorSpec) -> Self {
///         Self { locked: matches!(new.lock, v1::Lock::Shut) }
///     }
/// }
///
/// # fn main() {
/// let conversions = v1::Door::conversions();
/// let old = serde_json::json!({
///     "apiVersion": "example.com/v1alpha1", "kind": "Door",
///     "metadata": {"name": "front"}, "spec": {"locked": true},
/// });
/// let new = conversions.convert(old, "example.com/v1").unwrap();
/// assert_eq!(new["spec"]["lock"], "Shut");
/// conversions.check_round_trips(100).unwrap();
/// # }
/// ```
///
/// # Output
///
/// - `derive = "PartialEq"`: a further derive for the root type; several times.
/// - `attr = "allow(deprecated)"`: a further attribute for the root type; several times.
/// - `crates(kube_core = "::kube::core", k8s_openapi = "…", schemars = "…", serde = "…", serde_json = "…", std = "…")`: where the output
///   finds what it names. By default that is the `core` module of the facade or the client, under the name that the
///   user's Cargo.toml gives it, which re-exports the others.
#[proc_macro_derive(CustomResource, attributes(kube))]
pub fn derive_custom_resource(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let output = model::Model::read(&input).map(|model| expand::expand(&model));
    output.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Gives a type the names and the scope of a kind that exists, so that an `Api` of it reads that kind.
///
/// For a stricter or smaller view of a built-in kind. The type has a field `metadata: ObjectMeta`.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use seatrial_client::core::{ObjectMeta, Resource as _};
/// use seatrial_derive::Resource;
///
/// #[derive(Resource)]
/// #[resource(inherit = "ConfigMap")]
/// struct Settings {
///     metadata: ObjectMeta,
///     data: std::collections::BTreeMap<String, String>,
/// }
///
/// assert_eq!(Settings::plural(&()), "configmaps");
/// ```
///
/// `#[resource(crates(kube_core = "…"))]` overrides where the output finds the traits.
#[proc_macro_derive(Resource, attributes(resource))]
pub fn derive_resource(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    resource::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// Implements `JsonSchema` with validation rules and merge strategies.
///
/// It takes the place of `#[derive(JsonSchema)]` and understands the attributes of serde and schemars as that does. On the type
/// and on fields, `#[x_kube(validation = …)]` adds a CEL rule, given as a string, a pair of rule and message, or a `Rule`; on fields,
/// `#[x_kube(merge_strategy = …)]` says how server-side apply merges, by a `ListMerge`, `MapMerge` or `StructMerge`. Those names are in
/// scope of the expressions. `#[x_kube(cel)]` on the type adds `validate_cel(value, old)`, which holds JSON against the rules; it needs
/// the feature `cel` of the client.
///
/// ```
/// use seatrial_client::core::crd::CustomResourceExt;
/// use seatrial_derive::{CustomResource, KubeSchema};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(CustomResource, KubeSchema, Clone, Debug, Deserialize, Serialize)]
/// #[kube(group = "example.com", version = "v1", kind = "Foo")]
/// #[x_kube(validation = ("self.min <= self.max", "min must not be above max"))]
/// struct FooSpec {
///     min: i32,
///     max: i32,
///     #[x_kube(validation = Rule::new("self == oldSelf").message("is immutable"))]
///     class: String,
///     #[x_kube(merge_strategy = ListMerge::Set)]
///     zones: Vec<String>,
/// }
///
/// let crd = serde_json::to_value(Foo::crd()).unwrap();
/// let spec = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
/// assert_eq!(spec["properties"]["class"]["x-kubernetes-validations"][0]["rule"], "self == oldSelf");
/// assert_eq!(spec["properties"]["zones"]["x-kubernetes-list-type"], "set");
/// ```
#[proc_macro_derive(KubeSchema, attributes(x_kube, serde, schemars, validate, garde))]
pub fn derive_kube_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    schema::expand(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// The older name of [`KubeSchema`].
#[proc_macro_derive(CELSchema, attributes(x_kube, serde, schemars, validate, garde))]
pub fn derive_cel_schema(input: TokenStream) -> TokenStream {
    derive_kube_schema(input)
}

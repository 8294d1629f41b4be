//! The paths of kube_core that exist here under the same name.
//!
//! Each probe names the path as kube 5.0.0 lists it and uses ours with the same arguments; it is compiled, never run.
#![allow(
    clippy::all,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    dead_code,
    unreachable_code,
    unused_imports,
    reason = "probes are compiled for their types alone"
)]

use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use seatrial as kube;
use serde_json::Value;

use super::{arg, same};

same! { "kube_core" => use kube::core as _N; }
same! { "kube_core::ClusterResourceScope" => use kube::core::ClusterResourceScope as _N; }
same! { "kube_core::ListMeta" => use kube::core::ListMeta as _N; }
same! { "kube_core::NamespaceResourceScope" => use kube::core::NamespaceResourceScope as _N; }
same! { "kube_core::ObjectMeta" => use kube::core::ObjectMeta as _N; }
same! { "kube_core::ResourceScope" => use kube::core::ResourceScope as _N; }
same! { "kube_core::SubResourceScope" => use kube::core::SubResourceScope as _N; }
same! { "kube_core::admission" => use kube::core::admission as _N; }
same! { "kube_core::admission::Operation" => use kube::core::admission::Operation as _N; }
same! { "kube_core::admission::Operation::Connect" => use kube::core::admission::Operation::Connect as _N; }
same! { "kube_core::admission::Operation::Create" => use kube::core::admission::Operation::Create as _N; }
same! { "kube_core::admission::Operation::Delete" => use kube::core::admission::Operation::Delete as _N; }
same! { "kube_core::admission::Operation::Update" => use kube::core::admission::Operation::Update as _N; }
same! { "kube_core::admission::PatchType" => use kube::core::admission::PatchType as _N; }
same! { "kube_core::admission::PatchType::JsonPatch" => use kube::core::admission::PatchType::JsonPatch as _N; }
same! { "kube_core::admission::AdmissionRequest" => use kube::core::admission::AdmissionRequest as _N; }
same! { "kube_core::admission::AdmissionRequest::dry_run" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.dry_run; } }
same! { "kube_core::admission::AdmissionRequest::kind" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.kind; } }
same! { "kube_core::admission::AdmissionRequest::name" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.name; } }
same! { "kube_core::admission::AdmissionRequest::namespace" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.namespace; } }
same! { "kube_core::admission::AdmissionRequest::object" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.object; } }
same! { "kube_core::admission::AdmissionRequest::old_object" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.old_object; } }
same! { "kube_core::admission::AdmissionRequest::operation" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.operation; } }
same! { "kube_core::admission::AdmissionRequest::options" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.options; } }
same! { "kube_core::admission::AdmissionRequest::request_kind" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.request_kind; } }
same! { "kube_core::admission::AdmissionRequest::request_resource" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.request_resource; } }
same! { "kube_core::admission::AdmissionRequest::request_sub_resource" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.request_sub_resource; } }
same! { "kube_core::admission::AdmissionRequest::resource" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.resource; } }
same! { "kube_core::admission::AdmissionRequest::sub_resource" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.sub_resource; } }
same! { "kube_core::admission::AdmissionRequest::types" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.types; } }
same! { "kube_core::admission::AdmissionRequest::uid" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.uid; } }
same! { "kube_core::admission::AdmissionRequest::user_info" => fn _f(x: &kube::core::admission::AdmissionRequest<Pod>) { let _ = &x.user_info; } }
same! { "impl<T: kube_core::Resource> core::convert::From<&kube_core::admission::AdmissionRequest<T>> for kube_core::admission::AdmissionResponse" => fn _i() where kube::core::admission::AdmissionResponse: for<'a> From<&'a kube::core::admission::AdmissionRequest<Pod>> {} }
same! { "impl<T: kube_core::Resource> core::convert::TryInto<kube_core::admission::AdmissionRequest<T>> for kube_core::admission::AdmissionReview<T>" => fn _i() where kube::core::admission::AdmissionReview<Pod>: std::convert::TryInto<kube::core::admission::AdmissionRequest<Pod>> {} }
same! { "kube_core::admission::AdmissionResponse" => use kube::core::admission::AdmissionResponse as _N; }
same! { "kube_core::admission::AdmissionResponse::allowed" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.allowed; } }
same! { "kube_core::admission::AdmissionResponse::audit_annotations" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.audit_annotations; } }
same! { "kube_core::admission::AdmissionResponse::patch" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.patch; } }
same! { "kube_core::admission::AdmissionResponse::result" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.result; } }
same! { "kube_core::admission::AdmissionResponse::types" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.types; } }
same! { "kube_core::admission::AdmissionResponse::uid" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.uid; } }
same! { "kube_core::admission::AdmissionResponse::warnings" => fn _f(x: &kube::core::admission::AdmissionResponse) { let _ = &x.warnings; } }
same! { "kube_core::admission::AdmissionResponse::deny" => fn _f() { let _ = <kube::core::admission::AdmissionResponse>::deny(arg::<kube::core::admission::AdmissionResponse>(), ""); } }
same! { "kube_core::admission::AdmissionResponse::into_review" => fn _f() { let _ = <kube::core::admission::AdmissionResponse>::into_review(arg::<kube::core::admission::AdmissionResponse>()); } }
same! { "kube_core::admission::AdmissionResponse::invalid" => fn _f() { let _ = <kube::core::admission::AdmissionResponse>::invalid(""); } }
same! { "kube_core::admission::AdmissionResponse::with_patch" => fn _f() { let _ = <kube::core::admission::AdmissionResponse>::with_patch(arg::<kube::core::admission::AdmissionResponse>(), arg::<json_patch::Patch>()); } }
same! { "kube_core::admission::AdmissionReview" => use kube::core::admission::AdmissionReview as _N; }
same! { "kube_core::admission::AdmissionReview::request" => fn _f(x: &kube::core::admission::AdmissionReview<Pod>) { let _ = &x.request; } }
same! { "kube_core::admission::AdmissionReview::response" => fn _f(x: &kube::core::admission::AdmissionReview<Pod>) { let _ = &x.response; } }
same! { "kube_core::admission::AdmissionReview::types" => fn _f(x: &kube::core::admission::AdmissionReview<Pod>) { let _ = &x.types; } }
same! { "kube_core::admission::ConvertAdmissionReviewError" => use kube::core::admission::ConvertAdmissionReviewError as _N; }
same! { "kube_core::admission::SerializePatchError" => use kube::core::admission::SerializePatchError as _N; }
same! { "kube_core::admission::META_API_VERSION_V1" => use kube::core::admission::META_API_VERSION_V1 as _N; }
same! { "kube_core::admission::META_KIND" => use kube::core::admission::META_KIND as _N; }
same! { "kube_core::cel" => use kube::core::cel as _N; }
same! { "kube_core::cel::ListMerge" => use kube::core::cel::ListMerge as _N; }
same! { "kube_core::cel::ListMerge::Atomic" => use kube::core::cel::ListMerge::Atomic as _N; }
same! { "kube_core::cel::ListMerge::Map" => use kube::core::cel::ListMerge::Map as _N; }
same! { "kube_core::cel::ListMerge::Set" => use kube::core::cel::ListMerge::Set as _N; }
same! { "kube_core::cel::MapMerge" => use kube::core::cel::MapMerge as _N; }
same! { "kube_core::cel::MapMerge::Atomic" => use kube::core::cel::MapMerge::Atomic as _N; }
same! { "kube_core::cel::MapMerge::Granular" => use kube::core::cel::MapMerge::Granular as _N; }
same! { "kube_core::cel::MergeStrategy" => use kube::core::cel::MergeStrategy as _N; }
same! { "kube_core::cel::MergeStrategy::ListType" => use kube::core::cel::MergeStrategy::ListType as _N; }
same! { "kube_core::cel::MergeStrategy::MapType" => use kube::core::cel::MergeStrategy::MapType as _N; }
same! { "kube_core::cel::MergeStrategy::StructType" => use kube::core::cel::MergeStrategy::StructType as _N; }
same! { "kube_core::cel::Message" => use kube::core::cel::Message as _N; }
same! { "kube_core::cel::Message::Expression" => use kube::core::cel::Message::Expression as _N; }
same! { "kube_core::cel::Message::Message" => use kube::core::cel::Message::Message as _N; }
same! { "impl core::convert::From<&str> for kube_core::cel::Message" => fn _i() where kube::core::cel::Message: for<'a> From<&'a str> {} }
same! { "kube_core::cel::Reason" => use kube::core::cel::Reason as _N; }
same! { "kube_core::cel::Reason::FieldValueDuplicate" => use kube::core::cel::Reason::FieldValueDuplicate as _N; }
same! { "kube_core::cel::Reason::FieldValueForbidden" => use kube::core::cel::Reason::FieldValueForbidden as _N; }
same! { "kube_core::cel::Reason::FieldValueInvalid" => use kube::core::cel::Reason::FieldValueInvalid as _N; }
same! { "kube_core::cel::Reason::FieldValueRequired" => use kube::core::cel::Reason::FieldValueRequired as _N; }
same! { "impl core::str::traits::FromStr for kube_core::cel::Reason" => fn _i() where kube::core::cel::Reason: std::str::FromStr {} }
same! { "kube_core::cel::StructMerge" => use kube::core::cel::StructMerge as _N; }
same! { "kube_core::cel::StructMerge::Atomic" => use kube::core::cel::StructMerge::Atomic as _N; }
same! { "kube_core::cel::StructMerge::Granular" => use kube::core::cel::StructMerge::Granular as _N; }
same! { "kube_core::cel::Rule" => use kube::core::cel::Rule as _N; }
same! { "kube_core::cel::Rule::field_path" => fn _f(x: &kube::core::cel::Rule) { let _ = &x.field_path; } }
same! { "kube_core::cel::Rule::message" => fn _f(x: &kube::core::cel::Rule) { let _ = &x.message; } }
same! { "kube_core::cel::Rule::optional_old_self" => fn _f(x: &kube::core::cel::Rule) { let _ = &x.optional_old_self; } }
same! { "kube_core::cel::Rule::reason" => fn _f(x: &kube::core::cel::Rule) { let _ = &x.reason; } }
same! { "kube_core::cel::Rule::rule" => fn _f(x: &kube::core::cel::Rule) { let _ = &x.rule; } }
same! { "kube_core::cel::Rule::new" => fn _f() { let _ = <kube::core::cel::Rule>::new(arg::<std::string::String>()); } }
same! { "impl core::convert::From<&str> for kube_core::cel::Rule" => fn _i() where kube::core::cel::Rule: for<'a> From<&'a str> {} }
same! { "impl core::convert::From<(&str, &str)> for kube_core::cel::Rule" => fn _i() where kube::core::cel::Rule: for<'a> From<(&'a str, &'a str)> {} }
same! { "kube_core::conversion" => use kube::core::conversion as _N; }
same! { "kube_core::conversion::ConversionRequest" => use kube::core::conversion::ConversionRequest as _N; }
same! { "kube_core::conversion::ConversionRequest::desired_api_version" => fn _f(x: &kube::core::conversion::ConversionRequest) { let _ = &x.desired_api_version; } }
same! { "kube_core::conversion::ConversionRequest::objects" => fn _f(x: &kube::core::conversion::ConversionRequest) { let _ = &x.objects; } }
same! { "kube_core::conversion::ConversionRequest::types" => fn _f(x: &kube::core::conversion::ConversionRequest) { let _ = &x.types; } }
same! { "kube_core::conversion::ConversionRequest::uid" => fn _f(x: &kube::core::conversion::ConversionRequest) { let _ = &x.uid; } }
same! { "kube_core::conversion::ConversionRequest::from_review" => fn _f() { let _ = <kube::core::conversion::ConversionRequest>::from_review(arg::<kube::core::conversion::ConversionReview>()); } }
same! { "impl core::convert::From<kube_core::conversion::ConversionRequest> for kube_core::conversion::ConversionResponse" => fn _i() where kube::core::conversion::ConversionResponse: std::convert::From<kube::core::conversion::ConversionRequest> {} }
same! { "impl core::convert::TryFrom<kube_core::conversion::ConversionReview> for kube_core::conversion::ConversionRequest" => fn _i() where kube::core::conversion::ConversionRequest: std::convert::TryFrom<kube::core::conversion::ConversionReview> {} }
same! { "kube_core::conversion::ConversionResponse" => use kube::core::conversion::ConversionResponse as _N; }
same! { "kube_core::conversion::ConversionResponse::converted_objects" => fn _f(x: &kube::core::conversion::ConversionResponse) { let _ = &x.converted_objects; } }
same! { "kube_core::conversion::ConversionResponse::result" => fn _f(x: &kube::core::conversion::ConversionResponse) { let _ = &x.result; } }
same! { "kube_core::conversion::ConversionResponse::types" => fn _f(x: &kube::core::conversion::ConversionResponse) { let _ = &x.types; } }
same! { "kube_core::conversion::ConversionResponse::uid" => fn _f(x: &kube::core::conversion::ConversionResponse) { let _ = &x.uid; } }
same! { "kube_core::conversion::ConversionResponse::failure" => fn _f() { let _ = <kube::core::conversion::ConversionResponse>::failure(arg::<kube::core::conversion::ConversionResponse>(), arg::<kube::core::response::Status>()); } }
same! { "kube_core::conversion::ConversionResponse::for_request" => fn _f() { let _ = <kube::core::conversion::ConversionResponse>::for_request(arg::<kube::core::conversion::ConversionRequest>()); } }
same! { "kube_core::conversion::ConversionResponse::into_review" => fn _f() { let _ = <kube::core::conversion::ConversionResponse>::into_review(arg::<kube::core::conversion::ConversionResponse>()); } }
same! { "kube_core::conversion::ConversionResponse::invalid" => fn _f() { let _ = <kube::core::conversion::ConversionResponse>::invalid(arg::<kube::core::response::Status>()); } }
same! { "kube_core::conversion::ConversionResponse::success" => fn _f() { let _ = <kube::core::conversion::ConversionResponse>::success(arg::<kube::core::conversion::ConversionResponse>(), arg::<std::vec::Vec<serde_json::Value>>()); } }
same! { "impl core::convert::From<kube_core::conversion::ConversionResponse> for kube_core::conversion::ConversionReview" => fn _i() where kube::core::conversion::ConversionReview: std::convert::From<kube::core::conversion::ConversionResponse> {} }
same! { "kube_core::conversion::ConversionReview" => use kube::core::conversion::ConversionReview as _N; }
same! { "kube_core::conversion::ConversionReview::request" => fn _f(x: &kube::core::conversion::ConversionReview) { let _ = &x.request; } }
same! { "kube_core::conversion::ConversionReview::response" => fn _f(x: &kube::core::conversion::ConversionReview) { let _ = &x.response; } }
same! { "kube_core::conversion::ConversionReview::types" => fn _f(x: &kube::core::conversion::ConversionReview) { let _ = &x.types; } }
same! { "kube_core::conversion::ConvertConversionReviewError" => use kube::core::conversion::ConvertConversionReviewError as _N; }
same! { "kube_core::crd" => use kube::core::crd as _N; }
same! { "kube_core::crd::v1" => use kube::core::crd::v1 as _N; }
same! { "kube_core::crd::v1::MergeError" => use kube::core::crd::v1::MergeError as _N; }
same! { "kube_core::crd::v1::MergeError::MissingCrds" => use kube::core::crd::v1::MergeError::MissingCrds as _N; }
same! { "kube_core::crd::v1::MergeError::MissingRootVersion" => use kube::core::crd::v1::MergeError::MissingRootVersion as _N; }
same! { "kube_core::crd::v1::MergeError::MissingStoredApi" => use kube::core::crd::v1::MergeError::MissingStoredApi as _N; }
same! { "kube_core::crd::v1::MergeError::MissingVersions" => use kube::core::crd::v1::MergeError::MissingVersions as _N; }
same! { "kube_core::crd::v1::MergeError::MultiVersionCrd" => use kube::core::crd::v1::MergeError::MultiVersionCrd as _N; }
same! { "kube_core::crd::v1::MergeError::PropertyMismatch" => use kube::core::crd::v1::MergeError::PropertyMismatch as _N; }
same! { "kube_core::crd::v1::CustomResourceExt" => use kube::core::crd::v1::CustomResourceExt as _N; }
same! { "kube_core::crd::v1::CustomResourceExt::api_resource" => fn _f<T: kube::core::crd::v1::CustomResourceExt>() { let _ = <T as kube::core::crd::v1::CustomResourceExt>::api_resource; } }
same! { "kube_core::crd::v1::CustomResourceExt::crd" => fn _f<T: kube::core::crd::v1::CustomResourceExt>() { let _ = <T as kube::core::crd::v1::CustomResourceExt>::crd; } }
same! { "kube_core::crd::v1::CustomResourceExt::crd_name" => fn _f<T: kube::core::crd::v1::CustomResourceExt>() { let _ = <T as kube::core::crd::v1::CustomResourceExt>::crd_name; } }
same! { "kube_core::crd::v1::CustomResourceExt::shortnames" => fn _f<T: kube::core::crd::v1::CustomResourceExt>() { let _ = <T as kube::core::crd::v1::CustomResourceExt>::shortnames; } }
same! { "kube_core::crd::v1::merge_crds" => fn _f() { let _ = kube::core::crd::v1::merge_crds(arg::<std::vec::Vec<k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition>>(), arg::<&str>()); } }
same! { "kube_core::crd::MergeError" => use kube::core::crd::MergeError as _N; }
same! { "kube_core::crd::MergeError::MissingCrds" => use kube::core::crd::MergeError::MissingCrds as _N; }
same! { "kube_core::crd::MergeError::MissingRootVersion" => use kube::core::crd::MergeError::MissingRootVersion as _N; }
same! { "kube_core::crd::MergeError::MissingStoredApi" => use kube::core::crd::MergeError::MissingStoredApi as _N; }
same! { "kube_core::crd::MergeError::MissingVersions" => use kube::core::crd::MergeError::MissingVersions as _N; }
same! { "kube_core::crd::MergeError::MultiVersionCrd" => use kube::core::crd::MergeError::MultiVersionCrd as _N; }
same! { "kube_core::crd::MergeError::PropertyMismatch" => use kube::core::crd::MergeError::PropertyMismatch as _N; }
same! { "kube_core::crd::CustomResourceExt" => use kube::core::crd::CustomResourceExt as _N; }
same! { "kube_core::crd::CustomResourceExt::api_resource" => fn _f<T: kube::core::crd::CustomResourceExt>() { let _ = <T as kube::core::crd::CustomResourceExt>::api_resource; } }
same! { "kube_core::crd::CustomResourceExt::crd" => fn _f<T: kube::core::crd::CustomResourceExt>() { let _ = <T as kube::core::crd::CustomResourceExt>::crd; } }
same! { "kube_core::crd::CustomResourceExt::crd_name" => fn _f<T: kube::core::crd::CustomResourceExt>() { let _ = <T as kube::core::crd::CustomResourceExt>::crd_name; } }
same! { "kube_core::crd::CustomResourceExt::shortnames" => fn _f<T: kube::core::crd::CustomResourceExt>() { let _ = <T as kube::core::crd::CustomResourceExt>::shortnames; } }
same! { "kube_core::crd::merge_crds" => fn _f() { let _ = kube::core::crd::merge_crds(arg::<std::vec::Vec<k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition>>(), arg::<&str>()); } }
same! { "kube_core::discovery" => use kube::core::discovery as _N; }
same! { "kube_core::discovery::v2" => use kube::core::discovery::v2 as _N; }
same! { "kube_core::discovery::v2::APIGroupDiscovery" => use kube::core::discovery::v2::APIGroupDiscovery as _N; }
same! { "kube_core::discovery::v2::APIGroupDiscovery::metadata" => fn _f(x: &kube::core::discovery::v2::APIGroupDiscovery) { let _ = &x.metadata; } }
same! { "kube_core::discovery::v2::APIGroupDiscovery::versions" => fn _f(x: &kube::core::discovery::v2::APIGroupDiscovery) { let _ = &x.versions; } }
same! { "kube_core::discovery::v2::APIGroupDiscoveryList" => use kube::core::discovery::v2::APIGroupDiscoveryList as _N; }
same! { "kube_core::discovery::v2::APIGroupDiscoveryList::items" => fn _f(x: &kube::core::discovery::v2::APIGroupDiscoveryList) { let _ = &x.items; } }
same! { "kube_core::discovery::v2::APIGroupDiscoveryList::metadata" => fn _f(x: &kube::core::discovery::v2::APIGroupDiscoveryList) { let _ = &x.metadata; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery" => use kube::core::discovery::v2::APIResourceDiscovery as _N; }
same! { "kube_core::discovery::v2::APIResourceDiscovery::categories" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.categories; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::resource" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.resource; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::response_kind" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.response_kind; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::scope" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.scope; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::short_names" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.short_names; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::singular_resource" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.singular_resource; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::subresources" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.subresources; } }
same! { "kube_core::discovery::v2::APIResourceDiscovery::verbs" => fn _f(x: &kube::core::discovery::v2::APIResourceDiscovery) { let _ = &x.verbs; } }
same! { "kube_core::discovery::v2::APISubresourceDiscovery" => use kube::core::discovery::v2::APISubresourceDiscovery as _N; }
same! { "kube_core::discovery::v2::APISubresourceDiscovery::accepted_types" => fn _f(x: &kube::core::discovery::v2::APISubresourceDiscovery) { let _ = &x.accepted_types; } }
same! { "kube_core::discovery::v2::APISubresourceDiscovery::response_kind" => fn _f(x: &kube::core::discovery::v2::APISubresourceDiscovery) { let _ = &x.response_kind; } }
same! { "kube_core::discovery::v2::APISubresourceDiscovery::subresource" => fn _f(x: &kube::core::discovery::v2::APISubresourceDiscovery) { let _ = &x.subresource; } }
same! { "kube_core::discovery::v2::APISubresourceDiscovery::verbs" => fn _f(x: &kube::core::discovery::v2::APISubresourceDiscovery) { let _ = &x.verbs; } }
same! { "kube_core::discovery::v2::APIVersionDiscovery" => use kube::core::discovery::v2::APIVersionDiscovery as _N; }
same! { "kube_core::discovery::v2::APIVersionDiscovery::freshness" => fn _f(x: &kube::core::discovery::v2::APIVersionDiscovery) { let _ = &x.freshness; } }
same! { "kube_core::discovery::v2::APIVersionDiscovery::resources" => fn _f(x: &kube::core::discovery::v2::APIVersionDiscovery) { let _ = &x.resources; } }
same! { "kube_core::discovery::v2::APIVersionDiscovery::version" => fn _f(x: &kube::core::discovery::v2::APIVersionDiscovery) { let _ = &x.version; } }
same! { "kube_core::discovery::v2::GroupVersionKind" => use kube::core::discovery::v2::GroupVersionKind as _N; }
same! { "kube_core::discovery::v2::GroupVersionKind::group" => fn _f(x: &kube::core::discovery::v2::GroupVersionKind) { let _ = &x.group; } }
same! { "kube_core::discovery::v2::GroupVersionKind::kind" => fn _f(x: &kube::core::discovery::v2::GroupVersionKind) { let _ = &x.kind; } }
same! { "kube_core::discovery::v2::GroupVersionKind::version" => fn _f(x: &kube::core::discovery::v2::GroupVersionKind) { let _ = &x.version; } }
same! { "kube_core::discovery::v2::ACCEPT_AGGREGATED_DISCOVERY_V2" => use kube::core::discovery::v2::ACCEPT_AGGREGATED_DISCOVERY_V2 as _N; }
same! { "kube_core::discovery::verbs" => use kube::core::discovery::verbs as _N; }
same! { "kube_core::discovery::verbs::CREATE" => use kube::core::discovery::verbs::CREATE as _N; }
same! { "kube_core::discovery::verbs::DELETE" => use kube::core::discovery::verbs::DELETE as _N; }
same! { "kube_core::discovery::verbs::DELETE_COLLECTION" => use kube::core::discovery::verbs::DELETE_COLLECTION as _N; }
same! { "kube_core::discovery::verbs::GET" => use kube::core::discovery::verbs::GET as _N; }
same! { "kube_core::discovery::verbs::LIST" => use kube::core::discovery::verbs::LIST as _N; }
same! { "kube_core::discovery::verbs::PATCH" => use kube::core::discovery::verbs::PATCH as _N; }
same! { "kube_core::discovery::verbs::UPDATE" => use kube::core::discovery::verbs::UPDATE as _N; }
same! { "kube_core::discovery::verbs::WATCH" => use kube::core::discovery::verbs::WATCH as _N; }
same! { "kube_core::discovery::Scope" => use kube::core::discovery::Scope as _N; }
same! { "kube_core::discovery::Scope::Cluster" => use kube::core::discovery::Scope::Cluster as _N; }
same! { "kube_core::discovery::Scope::Namespaced" => use kube::core::discovery::Scope::Namespaced as _N; }
same! { "kube_core::discovery::ApiCapabilities" => use kube::core::discovery::ApiCapabilities as _N; }
same! { "kube_core::discovery::ApiCapabilities::operations" => fn _f(x: &kube::core::discovery::ApiCapabilities) { let _ = &x.operations; } }
same! { "kube_core::discovery::ApiCapabilities::scope" => fn _f(x: &kube::core::discovery::ApiCapabilities) { let _ = &x.scope; } }
same! { "kube_core::discovery::ApiCapabilities::subresources" => fn _f(x: &kube::core::discovery::ApiCapabilities) { let _ = &x.subresources; } }
same! { "kube_core::discovery::ApiCapabilities::supports_operation" => fn _f() { let _ = <kube::core::discovery::ApiCapabilities>::supports_operation(arg::<&kube::core::discovery::ApiCapabilities>(), arg::<&str>()); } }
same! { "kube_core::discovery::ApiResource" => use kube::core::discovery::ApiResource as _N; }
same! { "kube_core::discovery::ApiResource::api_version" => fn _f(x: &kube::core::discovery::ApiResource) { let _ = &x.api_version; } }
same! { "kube_core::discovery::ApiResource::group" => fn _f(x: &kube::core::discovery::ApiResource) { let _ = &x.group; } }
same! { "kube_core::discovery::ApiResource::kind" => fn _f(x: &kube::core::discovery::ApiResource) { let _ = &x.kind; } }
same! { "kube_core::discovery::ApiResource::plural" => fn _f(x: &kube::core::discovery::ApiResource) { let _ = &x.plural; } }
same! { "kube_core::discovery::ApiResource::version" => fn _f(x: &kube::core::discovery::ApiResource) { let _ = &x.version; } }
same! { "kube_core::discovery::ApiResource::erase" => fn _f() { let _ = <kube::core::discovery::ApiResource>::erase::<Pod>(arg::<&()>()); } }
same! { "kube_core::discovery::ApiResource::from_gvk" => fn _f() { let _ = <kube::core::discovery::ApiResource>::from_gvk(arg::<&kube::core::gvk::GroupVersionKind>()); } }
same! { "kube_core::discovery::ApiResource::from_gvk_with_plural" => fn _f() { let _ = <kube::core::discovery::ApiResource>::from_gvk_with_plural(arg::<&kube::core::gvk::GroupVersionKind>(), arg::<&str>()); } }
same! { "kube_core::duration" => use kube::core::duration as _N; }
same! { "kube_core::duration::ParseError" => use kube::core::duration::ParseError as _N; }
same! { "kube_core::duration::ParseError::InvalidUnit" => use kube::core::duration::ParseError::InvalidUnit as _N; }
same! { "kube_core::duration::ParseError::NoUnit" => use kube::core::duration::ParseError::NoUnit as _N; }
same! { "kube_core::duration::ParseError::NotANumber" => use kube::core::duration::ParseError::NotANumber as _N; }
same! { "kube_core::duration::Duration" => use kube::core::duration::Duration as _N; }
same! { "kube_core::duration::Duration::is_negative" => fn _f() { let _ = <kube::core::duration::Duration>::is_negative(arg::<&kube::core::duration::Duration>()); } }
same! { "impl core::cmp::Ord for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::cmp::Ord {} }
same! { "impl core::cmp::PartialEq<core::time::Duration> for &kube_core::duration::Duration" => fn _i() where &'static kube::core::duration::Duration: PartialEq<std::time::Duration> {} }
same! { "impl core::cmp::PartialEq<core::time::Duration> for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::cmp::PartialEq<std::time::Duration> {} }
same! { "impl core::cmp::PartialEq<kube_core::duration::Duration> for &core::time::Duration" => fn _i() where &'static std::time::Duration: PartialEq<kube::core::duration::Duration> {} }
same! { "impl core::cmp::PartialEq<kube_core::duration::Duration> for core::time::Duration" => fn _i() where std::time::Duration: std::cmp::PartialEq<kube::core::duration::Duration> {} }
same! { "impl core::cmp::PartialOrd for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::cmp::PartialOrd {} }
same! { "impl core::cmp::PartialOrd<core::time::Duration> for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::cmp::PartialOrd<std::time::Duration> {} }
same! { "impl core::convert::From<core::time::Duration> for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::convert::From<std::time::Duration> {} }
same! { "impl core::convert::From<kube_core::duration::Duration> for core::time::Duration" => fn _i() where std::time::Duration: std::convert::From<kube::core::duration::Duration> {} }
same! { "impl core::fmt::Debug for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::fmt::Debug {} }
same! { "impl core::fmt::Display for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::fmt::Display {} }
same! { "impl core::str::traits::FromStr for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: std::str::FromStr {} }
same! { "impl schemars::JsonSchema for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: schemars::JsonSchema {} }
same! { "impl serde_core::ser::Serialize for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: serde::ser::Serialize {} }
same! { "impl<'de> serde_core::de::Deserialize<'de> for kube_core::duration::Duration" => fn _i() where kube::core::duration::Duration: serde::de::Deserialize<'static> {} }
same! { "kube_core::dynamic" => use kube::core::dynamic as _N; }
same! { "kube_core::dynamic::ApiResource" => use kube::core::dynamic::ApiResource as _N; }
same! { "kube_core::dynamic::ApiResource::api_version" => fn _f(x: &kube::core::dynamic::ApiResource) { let _ = &x.api_version; } }
same! { "kube_core::dynamic::ApiResource::group" => fn _f(x: &kube::core::dynamic::ApiResource) { let _ = &x.group; } }
same! { "kube_core::dynamic::ApiResource::kind" => fn _f(x: &kube::core::dynamic::ApiResource) { let _ = &x.kind; } }
same! { "kube_core::dynamic::ApiResource::plural" => fn _f(x: &kube::core::dynamic::ApiResource) { let _ = &x.plural; } }
same! { "kube_core::dynamic::ApiResource::version" => fn _f(x: &kube::core::dynamic::ApiResource) { let _ = &x.version; } }
same! { "kube_core::dynamic::DynamicObject" => use kube::core::dynamic::DynamicObject as _N; }
same! { "kube_core::dynamic::DynamicObject::data" => fn _f(x: &kube::core::dynamic::DynamicObject) { let _ = &x.data; } }
same! { "kube_core::dynamic::DynamicObject::metadata" => fn _f(x: &kube::core::dynamic::DynamicObject) { let _ = &x.metadata; } }
same! { "kube_core::dynamic::DynamicObject::types" => fn _f(x: &kube::core::dynamic::DynamicObject) { let _ = &x.types; } }
same! { "kube_core::dynamic::DynamicObject::new" => fn _f() { let _ = <kube::core::dynamic::DynamicObject>::new(arg::<&str>(), arg::<&kube::core::discovery::ApiResource>()); } }
same! { "kube_core::dynamic::DynamicObject::try_parse" => fn _f() { let _ = <kube::core::dynamic::DynamicObject>::try_parse::<Pod>(arg::<kube::core::dynamic::DynamicObject>()); } }
same! { "kube_core::dynamic::DynamicObject::within" => fn _f() { let _ = <kube::core::dynamic::DynamicObject>::within(arg::<kube::core::dynamic::DynamicObject>(), arg::<&str>()); } }
same! { "impl kube_core::Resource for kube_core::dynamic::DynamicObject" => fn _i() where kube::core::dynamic::DynamicObject: kube::core::Resource {} }
same! { "kube_core::dynamic::ParseDynamicObjectError" => use kube::core::dynamic::ParseDynamicObjectError as _N; }
same! { "kube_core::error_boundary" => use kube::core::error_boundary as _N; }
same! { "kube_core::error_boundary::DeserializeGuard" => use kube::core::error_boundary::DeserializeGuard as _N; }
same! { "impl<'de, K> serde_core::de::Deserialize<'de> for kube_core::error_boundary::DeserializeGuard<K>" => fn _i() where kube::core::error_boundary::DeserializeGuard<Pod>: serde::de::Deserialize<'static> {} }
same! { "impl<K: kube_core::Resource> kube_core::Resource for kube_core::error_boundary::DeserializeGuard<K>" => fn _i() where kube::core::error_boundary::DeserializeGuard<Pod>: kube::core::Resource {} }
same! { "kube_core::error_boundary::InvalidObject" => use kube::core::error_boundary::InvalidObject as _N; }
same! { "kube_core::error_boundary::InvalidObject::error" => fn _f(x: &kube::core::error_boundary::InvalidObject) { let _ = &x.error; } }
same! { "kube_core::error_boundary::InvalidObject::metadata" => fn _f(x: &kube::core::error_boundary::InvalidObject) { let _ = &x.metadata; } }
same! { "kube_core::gvk" => use kube::core::gvk as _N; }
same! { "kube_core::gvk::GroupVersion" => use kube::core::gvk::GroupVersion as _N; }
same! { "kube_core::gvk::GroupVersion::group" => fn _f(x: &kube::core::gvk::GroupVersion) { let _ = &x.group; } }
same! { "kube_core::gvk::GroupVersion::version" => fn _f(x: &kube::core::gvk::GroupVersion) { let _ = &x.version; } }
same! { "kube_core::gvk::GroupVersion::api_version" => fn _f() { let _ = <kube::core::gvk::GroupVersion>::api_version(arg::<&kube::core::gvk::GroupVersion>()); } }
same! { "kube_core::gvk::GroupVersion::gv" => fn _f() { let _ = <kube::core::gvk::GroupVersion>::gv(arg::<&str>(), arg::<&str>()); } }
same! { "kube_core::gvk::GroupVersion::with_kind" => fn _f() { let _ = <kube::core::gvk::GroupVersion>::with_kind(arg::<kube::core::gvk::GroupVersion>(), arg::<&str>()); } }
same! { "impl core::str::traits::FromStr for kube_core::gvk::GroupVersion" => fn _i() where kube::core::gvk::GroupVersion: std::str::FromStr {} }
same! { "kube_core::gvk::GroupVersionKind" => use kube::core::gvk::GroupVersionKind as _N; }
same! { "kube_core::gvk::GroupVersionKind::group" => fn _f(x: &kube::core::gvk::GroupVersionKind) { let _ = &x.group; } }
same! { "kube_core::gvk::GroupVersionKind::kind" => fn _f(x: &kube::core::gvk::GroupVersionKind) { let _ = &x.kind; } }
same! { "kube_core::gvk::GroupVersionKind::version" => fn _f(x: &kube::core::gvk::GroupVersionKind) { let _ = &x.version; } }
same! { "kube_core::gvk::GroupVersionKind::api_version" => fn _f() { let _ = <kube::core::gvk::GroupVersionKind>::api_version(arg::<&kube::core::gvk::GroupVersionKind>()); } }
same! { "kube_core::gvk::GroupVersionKind::gvk" => fn _f() { let _ = <kube::core::gvk::GroupVersionKind>::gvk(arg::<&str>(), arg::<&str>(), arg::<&str>()); } }
same! { "impl core::convert::From<k8s_openapi::v1_36::api::core::v1::object_reference::ObjectReference> for kube_core::gvk::GroupVersionKind" => fn _i() where kube::core::gvk::GroupVersionKind: std::convert::From<k8s_openapi::api::core::v1::ObjectReference> {} }
same! { "impl core::convert::From<k8s_openapi::v1_36::apimachinery::pkg::apis::meta::v1::owner_reference::OwnerReference> for kube_core::gvk::GroupVersionKind" => fn _i() where kube::core::gvk::GroupVersionKind: std::convert::From<k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference> {} }
same! { "impl core::convert::TryFrom<&kube_core::metadata::TypeMeta> for kube_core::gvk::GroupVersionKind" => fn _i() where kube::core::gvk::GroupVersionKind: for<'a> TryFrom<&'a kube::core::metadata::TypeMeta> {} }
same! { "impl core::convert::TryFrom<kube_core::metadata::TypeMeta> for kube_core::gvk::GroupVersionKind" => fn _i() where kube::core::gvk::GroupVersionKind: std::convert::TryFrom<kube::core::metadata::TypeMeta> {} }
same! { "kube_core::gvk::GroupVersionResource" => use kube::core::gvk::GroupVersionResource as _N; }
same! { "kube_core::gvk::GroupVersionResource::group" => fn _f(x: &kube::core::gvk::GroupVersionResource) { let _ = &x.group; } }
same! { "kube_core::gvk::GroupVersionResource::resource" => fn _f(x: &kube::core::gvk::GroupVersionResource) { let _ = &x.resource; } }
same! { "kube_core::gvk::GroupVersionResource::version" => fn _f(x: &kube::core::gvk::GroupVersionResource) { let _ = &x.version; } }
same! { "kube_core::gvk::GroupVersionResource::gvr" => fn _f() { let _ = <kube::core::gvk::GroupVersionResource>::gvr(arg::<&str>(), arg::<&str>(), arg::<&str>()); } }
same! { "kube_core::gvk::ParseGroupVersionError" => use kube::core::gvk::ParseGroupVersionError as _N; }
same! { "kube_core::kubelet_debug" => use kube::core::kubelet_debug as _N; }
same! { "kube_core::kubelet_debug::KubeletDebugParams" => use kube::core::kubelet_debug::KubeletDebugParams as _N; }
same! { "kube_core::kubelet_debug::KubeletDebugParams::name" => fn _f(x: &kube::core::kubelet_debug::KubeletDebugParams<'static>) { let _ = &x.name; } }
same! { "kube_core::kubelet_debug::KubeletDebugParams::namespace" => fn _f(x: &kube::core::kubelet_debug::KubeletDebugParams<'static>) { let _ = &x.namespace; } }
same! { "kube_core::kubelet_debug::KubeletDebugParams::pod_uid" => fn _f(x: &kube::core::kubelet_debug::KubeletDebugParams<'static>) { let _ = &x.pod_uid; } }
same! { "kube_core::labels" => use kube::core::labels as _N; }
same! { "kube_core::labels::Expression" => use kube::core::labels::Expression as _N; }
same! { "kube_core::labels::Expression::DoesNotExist" => use kube::core::labels::Expression::DoesNotExist as _N; }
same! { "kube_core::labels::Expression::Equal" => use kube::core::labels::Expression::Equal as _N; }
same! { "kube_core::labels::Expression::Exists" => use kube::core::labels::Expression::Exists as _N; }
same! { "kube_core::labels::Expression::In" => use kube::core::labels::Expression::In as _N; }
same! { "kube_core::labels::Expression::NotEqual" => use kube::core::labels::Expression::NotEqual as _N; }
same! { "kube_core::labels::Expression::NotIn" => use kube::core::labels::Expression::NotIn as _N; }
same! { "impl core::convert::From<kube_core::labels::Expression> for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::convert::From<kube::core::labels::Expression> {} }
same! { "impl core::convert::TryFrom<k8s_openapi::v1_36::apimachinery::pkg::apis::meta::v1::label_selector_requirement::LabelSelectorRequirement> for kube_core::labels::Expression" => fn _i() where kube::core::labels::Expression: std::convert::TryFrom<k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelectorRequirement> {} }
same! { "impl core::fmt::Display for kube_core::labels::Expression" => fn _i() where kube::core::labels::Expression: std::fmt::Display {} }
same! { "impl core::iter::traits::collect::FromIterator<kube_core::labels::Expression> for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::iter::FromIterator<kube::core::labels::Expression> {} }
same! { "impl core::iter::traits::collect::IntoIterator for kube_core::labels::Expression" => fn _i() where kube::core::labels::Expression: std::iter::IntoIterator {} }
same! { "impl kube_core::labels::SelectorExt for kube_core::labels::Expression" => fn _i() where kube::core::labels::Expression: kube::core::labels::SelectorExt {} }
same! { "kube_core::labels::ParseExpressionError" => use kube::core::labels::ParseExpressionError as _N; }
same! { "kube_core::labels::Selector" => use kube::core::labels::Selector as _N; }
same! { "kube_core::labels::Selector::extend" => fn _f() { let _ = <kube::core::labels::Selector>::extend(arg::<&mut kube::core::labels::Selector>(), arg::<Vec<kube::core::labels::Expression>>()); } }
same! { "kube_core::labels::Selector::selects_all" => fn _f() { let _ = <kube::core::labels::Selector>::selects_all(arg::<&kube::core::labels::Selector>()); } }
same! { "impl core::convert::From<kube_core::labels::Selector> for k8s_openapi::v1_36::apimachinery::pkg::apis::meta::v1::label_selector::LabelSelector" => fn _i() where k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector: std::convert::From<kube::core::labels::Selector> {} }
same! { "impl core::convert::TryFrom<k8s_openapi::v1_36::apimachinery::pkg::apis::meta::v1::label_selector::LabelSelector> for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::convert::TryFrom<k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector> {} }
same! { "impl core::fmt::Display for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::fmt::Display {} }
same! { "impl core::iter::traits::collect::FromIterator<(&'static str, &'static str)> for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::iter::FromIterator<(&'static str, &'static str)> {} }
same! { "impl core::iter::traits::collect::FromIterator<(alloc::string::String, alloc::string::String)> for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::iter::FromIterator<(std::string::String, std::string::String)> {} }
same! { "impl core::iter::traits::collect::IntoIterator for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: std::iter::IntoIterator {} }
same! { "impl kube_core::labels::SelectorExt for kube_core::labels::Selector" => fn _i() where kube::core::labels::Selector: kube::core::labels::SelectorExt {} }
same! { "kube_core::labels::SelectorExt" => use kube::core::labels::SelectorExt as _N; }
same! { "kube_core::labels::SelectorExt::Search" => type _X<T> = <T as kube::core::labels::SelectorExt>::Search; }
same! { "kube_core::labels::SelectorExt::matches" => fn _f<T: kube::core::labels::SelectorExt>() { let _ = <T as kube::core::labels::SelectorExt>::matches; } }
same! { "kube_core::metadata" => use kube::core::metadata as _N; }
same! { "kube_core::metadata::ListMeta" => use kube::core::metadata::ListMeta as _N; }
same! { "kube_core::metadata::ObjectMeta" => use kube::core::metadata::ObjectMeta as _N; }
same! { "kube_core::metadata::PartialObjectMeta" => use kube::core::metadata::PartialObjectMeta as _N; }
same! { "kube_core::metadata::PartialObjectMeta::metadata" => fn _f(x: &kube::core::metadata::PartialObjectMeta<Pod>) { let _ = &x.metadata; } }
same! { "kube_core::metadata::PartialObjectMeta::types" => fn _f(x: &kube::core::metadata::PartialObjectMeta<Pod>) { let _ = &x.types; } }
same! { "impl<K: kube_core::Resource> kube_core::Resource for kube_core::metadata::PartialObjectMeta<K>" => fn _i() where kube::core::metadata::PartialObjectMeta<Pod>: kube::core::Resource {} }
same! { "kube_core::metadata::TypeMeta" => use kube::core::metadata::TypeMeta as _N; }
same! { "kube_core::metadata::TypeMeta::api_version" => fn _f(x: &kube::core::metadata::TypeMeta) { let _ = &x.api_version; } }
same! { "kube_core::metadata::TypeMeta::kind" => fn _f(x: &kube::core::metadata::TypeMeta) { let _ = &x.kind; } }
same! { "kube_core::metadata::TypeMeta::list" => fn _f() { let _ = kube::core::metadata::TypeMeta::list::<Pod>(); } }
same! { "kube_core::metadata::TypeMeta::resource" => fn _f() { let _ = kube::core::metadata::TypeMeta::resource::<Pod>(); } }
same! { "kube_core::metadata::PartialObjectMetaExt" => use kube::core::metadata::PartialObjectMetaExt as _N; }
same! { "kube_core::metadata::PartialObjectMetaExt::into_request_partial" => fn _f<T: kube::core::metadata::PartialObjectMetaExt>(t: T) { let _ = t.into_request_partial::<Pod>(); } }
same! { "kube_core::metadata::PartialObjectMetaExt::into_response_partial" => fn _f<T: kube::core::metadata::PartialObjectMetaExt>(t: T) { let _ = t.into_response_partial::<Pod>(); } }
same! { "impl kube_core::metadata::PartialObjectMetaExt for k8s_openapi::v1_36::apimachinery::pkg::apis::meta::v1::object_meta::ObjectMeta" => fn _i() where k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta: kube::core::metadata::PartialObjectMetaExt {} }
same! { "kube_core::object" => use kube::core::object as _N; }
same! { "kube_core::object::NotUsed" => use kube::core::object::NotUsed as _N; }
same! { "kube_core::object::Object" => use kube::core::object::Object as _N; }
same! { "kube_core::object::Object::metadata" => fn _f(x: &kube::core::object::Object<Value, ()>) { let _ = &x.metadata; } }
same! { "kube_core::object::Object::spec" => fn _f(x: &kube::core::object::Object<Value, ()>) { let _ = &x.spec; } }
same! { "kube_core::object::Object::status" => fn _f(x: &kube::core::object::Object<Value, ()>) { let _ = &x.status; } }
same! { "kube_core::object::Object::types" => fn _f(x: &kube::core::object::Object<Value, ()>) { let _ = &x.types; } }
same! { "kube_core::object::Object::new" => fn _f() { let _ = <kube::core::object::Object<Value, ()>>::new(arg::<&str>(), arg::<&kube::core::discovery::ApiResource>(), arg::<Value>()); } }
same! { "kube_core::object::Object::within" => fn _f() { let _ = <kube::core::object::Object<Value, ()>>::within(arg::<kube::core::object::Object<Value, ()>>(), arg::<&str>()); } }
same! { "impl<P, U> kube_core::Resource for kube_core::object::Object<P, U>" => fn _i() where kube::core::object::Object<Value, ()>: kube::core::Resource {} }
same! { "impl<P, U> kube_core::object::HasSpec for kube_core::object::Object<P, U>" => fn _i() where kube::core::object::Object<Value, ()>: kube::core::object::HasSpec {} }
same! { "impl<P, U> kube_core::object::HasStatus for kube_core::object::Object<P, U>" => fn _i() where kube::core::object::Object<Value, ()>: kube::core::object::HasStatus {} }
same! { "kube_core::object::ObjectList" => use kube::core::object::ObjectList as _N; }
same! { "kube_core::object::ObjectList::items" => fn _f(x: &kube::core::object::ObjectList<Pod>) { let _ = &x.items; } }
same! { "kube_core::object::ObjectList::metadata" => fn _f(x: &kube::core::object::ObjectList<Pod>) { let _ = &x.metadata; } }
same! { "kube_core::object::ObjectList::types" => fn _f(x: &kube::core::object::ObjectList<Pod>) { let _ = &x.types; } }
same! { "kube_core::object::ObjectList::iter" => fn _f() { let _ = <kube::core::object::ObjectList<Pod>>::iter(arg::<&kube::core::object::ObjectList<Pod>>()); } }
same! { "kube_core::object::ObjectList::iter_mut" => fn _f() { let _ = <kube::core::object::ObjectList<Pod>>::iter_mut(arg::<&mut kube::core::object::ObjectList<Pod>>()); } }
same! { "impl<'a, T: core::clone::Clone> core::iter::traits::collect::IntoIterator for &'a kube_core::object::ObjectList<T>" => fn _i() where &'static kube::core::object::ObjectList<Pod>: std::iter::IntoIterator {} }
same! { "impl<'a, T: core::clone::Clone> core::iter::traits::collect::IntoIterator for &'a mut kube_core::object::ObjectList<T>" => fn _i() where &'static mut kube::core::object::ObjectList<Pod>: std::iter::IntoIterator {} }
same! { "impl<T: core::clone::Clone> core::iter::traits::collect::IntoIterator for kube_core::object::ObjectList<T>" => fn _i() where kube::core::object::ObjectList<Pod>: std::iter::IntoIterator {} }
same! { "kube_core::object::HasSpec" => use kube::core::object::HasSpec as _N; }
same! { "kube_core::object::HasSpec::Spec" => type _X<T> = <T as kube::core::object::HasSpec>::Spec; }
same! { "kube_core::object::HasSpec::spec" => fn _f<T: kube::core::object::HasSpec>() { let _ = <T as kube::core::object::HasSpec>::spec; } }
same! { "kube_core::object::HasSpec::spec_mut" => fn _f<T: kube::core::object::HasSpec>() { let _ = <T as kube::core::object::HasSpec>::spec_mut; } }
same! { "kube_core::object::HasStatus" => use kube::core::object::HasStatus as _N; }
same! { "kube_core::object::HasStatus::Status" => type _X<T> = <T as kube::core::object::HasStatus>::Status; }
same! { "kube_core::object::HasStatus::status" => fn _f<T: kube::core::object::HasStatus>() { let _ = <T as kube::core::object::HasStatus>::status; } }
same! { "kube_core::object::HasStatus::status_mut" => fn _f<T: kube::core::object::HasStatus>() { let _ = <T as kube::core::object::HasStatus>::status_mut; } }
same! { "kube_core::params" => use kube::core::params as _N; }
same! { "kube_core::params::Patch" => use kube::core::params::Patch as _N; }
same! { "kube_core::params::Patch::Apply" => use kube::core::params::Patch::Apply as _N; }
same! { "kube_core::params::Patch::Json" => use kube::core::params::Patch::Json as _N; }
same! { "kube_core::params::Patch::Merge" => use kube::core::params::Patch::Merge as _N; }
same! { "kube_core::params::Patch::Strategic" => use kube::core::params::Patch::Strategic as _N; }
same! { "kube_core::params::PropagationPolicy" => use kube::core::params::PropagationPolicy as _N; }
same! { "kube_core::params::PropagationPolicy::Background" => use kube::core::params::PropagationPolicy::Background as _N; }
same! { "kube_core::params::PropagationPolicy::Foreground" => use kube::core::params::PropagationPolicy::Foreground as _N; }
same! { "kube_core::params::PropagationPolicy::Orphan" => use kube::core::params::PropagationPolicy::Orphan as _N; }
same! { "kube_core::params::ValidationDirective" => use kube::core::params::ValidationDirective as _N; }
same! { "kube_core::params::ValidationDirective::Ignore" => use kube::core::params::ValidationDirective::Ignore as _N; }
same! { "kube_core::params::ValidationDirective::Strict" => use kube::core::params::ValidationDirective::Strict as _N; }
same! { "kube_core::params::ValidationDirective::Warn" => use kube::core::params::ValidationDirective::Warn as _N; }
same! { "kube_core::params::ValidationDirective::as_str" => fn _f() { let _ = <kube::core::params::ValidationDirective>::as_str(arg::<&kube::core::params::ValidationDirective>()); } }
same! { "kube_core::params::VersionMatch" => use kube::core::params::VersionMatch as _N; }
same! { "kube_core::params::VersionMatch::Exact" => use kube::core::params::VersionMatch::Exact as _N; }
same! { "kube_core::params::VersionMatch::NotOlderThan" => use kube::core::params::VersionMatch::NotOlderThan as _N; }
same! { "kube_core::params::DeleteParams" => use kube::core::params::DeleteParams as _N; }
same! { "kube_core::params::DeleteParams::dry_run" => fn _f(x: &kube::core::params::DeleteParams) { let _ = &x.dry_run; } }
same! { "kube_core::params::DeleteParams::grace_period_seconds" => fn _f(x: &kube::core::params::DeleteParams) { let _ = &x.grace_period_seconds; } }
same! { "kube_core::params::DeleteParams::preconditions" => fn _f(x: &kube::core::params::DeleteParams) { let _ = &x.preconditions; } }
same! { "kube_core::params::DeleteParams::propagation_policy" => fn _f(x: &kube::core::params::DeleteParams) { let _ = &x.propagation_policy; } }
same! { "kube_core::params::DeleteParams::background" => fn _f() { let _ = <kube::core::params::DeleteParams>::background(); } }
same! { "kube_core::params::DeleteParams::foreground" => fn _f() { let _ = <kube::core::params::DeleteParams>::foreground(); } }
same! { "kube_core::params::DeleteParams::grace_period" => fn _f() { let _ = <kube::core::params::DeleteParams>::grace_period(arg::<kube::core::params::DeleteParams>(), arg::<u32>()); } }
same! { "kube_core::params::DeleteParams::orphan" => fn _f() { let _ = <kube::core::params::DeleteParams>::orphan(); } }
same! { "kube_core::params::GetParams" => use kube::core::params::GetParams as _N; }
same! { "kube_core::params::GetParams::resource_version" => fn _f(x: &kube::core::params::GetParams) { let _ = &x.resource_version; } }
same! { "kube_core::params::GetParams::any" => fn _f() { let _ = <kube::core::params::GetParams>::any(); } }
same! { "kube_core::params::GetParams::at" => fn _f() { let _ = <kube::core::params::GetParams>::at(arg::<&str>()); } }
same! { "kube_core::params::ListParams" => use kube::core::params::ListParams as _N; }
same! { "kube_core::params::ListParams::continue_token" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.continue_token; } }
same! { "kube_core::params::ListParams::field_selector" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.field_selector; } }
same! { "kube_core::params::ListParams::label_selector" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.label_selector; } }
same! { "kube_core::params::ListParams::limit" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.limit; } }
same! { "kube_core::params::ListParams::resource_version" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.resource_version; } }
same! { "kube_core::params::ListParams::timeout" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.timeout; } }
same! { "kube_core::params::ListParams::version_match" => fn _f(x: &kube::core::params::ListParams) { let _ = &x.version_match; } }
same! { "kube_core::params::ListParams::at" => fn _f() { let _ = <kube::core::params::ListParams>::at(arg::<kube::core::params::ListParams>(), arg::<&str>()); } }
same! { "kube_core::params::ListParams::fields" => fn _f() { let _ = <kube::core::params::ListParams>::fields(arg::<kube::core::params::ListParams>(), arg::<&str>()); } }
same! { "kube_core::params::ListParams::labels" => fn _f() { let _ = <kube::core::params::ListParams>::labels(arg::<kube::core::params::ListParams>(), arg::<&str>()); } }
same! { "kube_core::params::ListParams::labels_from" => fn _f() { let _ = <kube::core::params::ListParams>::labels_from(arg::<kube::core::params::ListParams>(), arg::<&kube::core::labels::Selector>()); } }
same! { "kube_core::params::ListParams::match_any" => fn _f() { let _ = <kube::core::params::ListParams>::match_any(arg::<kube::core::params::ListParams>()); } }
same! { "kube_core::params::ListParams::matching" => fn _f() { let _ = <kube::core::params::ListParams>::matching(arg::<kube::core::params::ListParams>(), arg::<kube::core::params::VersionMatch>()); } }
same! { "kube_core::params::PatchParams" => use kube::core::params::PatchParams as _N; }
same! { "kube_core::params::PatchParams::dry_run" => fn _f(x: &kube::core::params::PatchParams) { let _ = &x.dry_run; } }
same! { "kube_core::params::PatchParams::field_manager" => fn _f(x: &kube::core::params::PatchParams) { let _ = &x.field_manager; } }
same! { "kube_core::params::PatchParams::field_validation" => fn _f(x: &kube::core::params::PatchParams) { let _ = &x.field_validation; } }
same! { "kube_core::params::PatchParams::force" => fn _f(x: &kube::core::params::PatchParams) { let _ = &x.force; } }
same! { "kube_core::params::PatchParams::apply" => fn _f() { let _ = <kube::core::params::PatchParams>::apply(arg::<&str>()); } }
same! { "kube_core::params::PatchParams::validation" => fn _f() { let _ = <kube::core::params::PatchParams>::validation(arg::<kube::core::params::PatchParams>(), arg::<kube::core::params::ValidationDirective>()); } }
same! { "kube_core::params::PatchParams::validation_ignore" => fn _f() { let _ = <kube::core::params::PatchParams>::validation_ignore(arg::<kube::core::params::PatchParams>()); } }
same! { "kube_core::params::PatchParams::validation_strict" => fn _f() { let _ = <kube::core::params::PatchParams>::validation_strict(arg::<kube::core::params::PatchParams>()); } }
same! { "kube_core::params::PatchParams::validation_warn" => fn _f() { let _ = <kube::core::params::PatchParams>::validation_warn(arg::<kube::core::params::PatchParams>()); } }
same! { "kube_core::params::PostParams" => use kube::core::params::PostParams as _N; }
same! { "kube_core::params::PostParams::dry_run" => fn _f(x: &kube::core::params::PostParams) { let _ = &x.dry_run; } }
same! { "kube_core::params::PostParams::field_manager" => fn _f(x: &kube::core::params::PostParams) { let _ = &x.field_manager; } }
same! { "kube_core::params::Preconditions" => use kube::core::params::Preconditions as _N; }
same! { "kube_core::params::Preconditions::resource_version" => fn _f(x: &kube::core::params::Preconditions) { let _ = &x.resource_version; } }
same! { "kube_core::params::Preconditions::uid" => fn _f(x: &kube::core::params::Preconditions) { let _ = &x.uid; } }
same! { "kube_core::params::WatchParams" => use kube::core::params::WatchParams as _N; }
same! { "kube_core::params::WatchParams::bookmarks" => fn _f(x: &kube::core::params::WatchParams) { let _ = &x.bookmarks; } }
same! { "kube_core::params::WatchParams::field_selector" => fn _f(x: &kube::core::params::WatchParams) { let _ = &x.field_selector; } }
same! { "kube_core::params::WatchParams::label_selector" => fn _f(x: &kube::core::params::WatchParams) { let _ = &x.label_selector; } }
same! { "kube_core::params::WatchParams::send_initial_events" => fn _f(x: &kube::core::params::WatchParams) { let _ = &x.send_initial_events; } }
same! { "kube_core::params::WatchParams::timeout" => fn _f(x: &kube::core::params::WatchParams) { let _ = &x.timeout; } }
same! { "kube_core::params::WatchParams::disable_bookmarks" => fn _f() { let _ = <kube::core::params::WatchParams>::disable_bookmarks(arg::<kube::core::params::WatchParams>()); } }
same! { "kube_core::params::WatchParams::fields" => fn _f() { let _ = <kube::core::params::WatchParams>::fields(arg::<kube::core::params::WatchParams>(), arg::<&str>()); } }
same! { "kube_core::params::WatchParams::initial_events" => fn _f() { let _ = <kube::core::params::WatchParams>::initial_events(arg::<kube::core::params::WatchParams>()); } }
same! { "kube_core::params::WatchParams::labels" => fn _f() { let _ = <kube::core::params::WatchParams>::labels(arg::<kube::core::params::WatchParams>(), arg::<&str>()); } }
same! { "kube_core::params::WatchParams::labels_from" => fn _f() { let _ = <kube::core::params::WatchParams>::labels_from(arg::<kube::core::params::WatchParams>(), arg::<&kube::core::labels::Selector>()); } }
same! { "kube_core::params::WatchParams::streaming_lists" => fn _f() { let _ = <kube::core::params::WatchParams>::streaming_lists(); } }
same! { "impl core::default::Default for kube_core::params::WatchParams" => fn _i() where kube::core::params::WatchParams: std::default::Default {} }
same! { "kube_core::request" => use kube::core::request as _N; }
same! { "kube_core::request::Error" => use kube::core::request::Error as _N; }
same! { "kube_core::request::Error::BuildRequest" => use kube::core::request::Error::BuildRequest as _N; }
same! { "kube_core::request::Error::SerializeBody" => use kube::core::request::Error::SerializeBody as _N; }
same! { "kube_core::request::Error::Validation" => use kube::core::request::Error::Validation as _N; }
same! { "kube_core::request::Request" => use kube::core::request::Request as _N; }
same! { "kube_core::request::Request::url_path" => fn _f(x: &kube::core::request::Request) { let _ = &x.url_path; } }
same! { "kube_core::request::Request::attach" => fn _f() { let _ = <kube::core::request::Request>::attach(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_core::request::Request::cordon" => fn _f() { let _ = <kube::core::request::Request>::cordon(arg::<&kube::core::request::Request>(), arg::<&str>()); } }
same! { "kube_core::request::Request::uncordon" => fn _f() { let _ = <kube::core::request::Request>::uncordon(arg::<&kube::core::request::Request>(), arg::<&str>()); } }
same! { "kube_core::request::Request::create" => fn _f() { let _ = <kube::core::request::Request>::create(arg::<&kube::core::request::Request>(), arg::<&kube::core::params::PostParams>(), arg::<std::vec::Vec<u8>>()); } }
same! { "kube_core::request::Request::delete" => fn _f() { let _ = <kube::core::request::Request>::delete(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::params::DeleteParams>()); } }
same! { "kube_core::request::Request::delete_collection" => fn _f() { let _ = <kube::core::request::Request>::delete_collection(arg::<&kube::core::request::Request>(), arg::<&kube::core::params::DeleteParams>(), arg::<&kube::core::params::ListParams>()); } }
same! { "kube_core::request::Request::get" => fn _f() { let _ = <kube::core::request::Request>::get(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::params::GetParams>()); } }
same! { "kube_core::request::Request::list" => fn _f() { let _ = <kube::core::request::Request>::list(arg::<&kube::core::request::Request>(), arg::<&kube::core::params::ListParams>()); } }
same! { "kube_core::request::Request::patch" => fn _f() { let _ = <kube::core::request::Request>::patch(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_core::request::Request::replace" => fn _f() { let _ = <kube::core::request::Request>::replace(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<std::vec::Vec<u8>>()); } }
same! { "kube_core::request::Request::watch" => fn _f() { let _ = <kube::core::request::Request>::watch(arg::<&kube::core::request::Request>(), arg::<&kube::core::params::WatchParams>(), arg::<&str>()); } }
same! { "kube_core::request::Request::create_subresource" => fn _f() { let _ = <kube::core::request::Request>::create_subresource(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<std::vec::Vec<u8>>()); } }
same! { "kube_core::request::Request::get_subresource" => fn _f() { let _ = <kube::core::request::Request>::get_subresource(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&str>()); } }
same! { "kube_core::request::Request::patch_subresource" => fn _f() { let _ = <kube::core::request::Request>::patch_subresource(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_core::request::Request::replace_subresource" => fn _f() { let _ = <kube::core::request::Request>::replace_subresource(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<std::vec::Vec<u8>>()); } }
same! { "kube_core::request::Request::evict" => fn _f() { let _ = <kube::core::request::Request>::evict(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::subresource::EvictParams>()); } }
same! { "kube_core::request::Request::exec" => fn _f(r: &kube::core::request::Request) { let _ = r.exec("", ["sh"], arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_core::request::Request::get_metadata" => fn _f() { let _ = <kube::core::request::Request>::get_metadata(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::params::GetParams>()); } }
same! { "kube_core::request::Request::list_metadata" => fn _f() { let _ = <kube::core::request::Request>::list_metadata(arg::<&kube::core::request::Request>(), arg::<&kube::core::params::ListParams>()); } }
same! { "kube_core::request::Request::patch_metadata" => fn _f() { let _ = <kube::core::request::Request>::patch_metadata(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_core::request::Request::watch_metadata" => fn _f() { let _ = <kube::core::request::Request>::watch_metadata(arg::<&kube::core::request::Request>(), arg::<&kube::core::params::WatchParams>(), arg::<&str>()); } }
same! { "kube_core::request::Request::kubelet_node_attach" => fn _f() { let _ = <kube::core::request::Request>::kubelet_node_attach(arg::<&kube::core::kubelet_debug::KubeletDebugParams<'_>>(), arg::<&str>(), arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_core::request::Request::kubelet_node_exec" => fn _f() { let _ = kube::core::request::Request::kubelet_node_exec(arg::<&kube::core::kubelet_debug::KubeletDebugParams<'static>>(), "", ["sh"], arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_core::request::Request::kubelet_node_logs" => fn _f() { let _ = <kube::core::request::Request>::kubelet_node_logs(arg::<&kube::core::kubelet_debug::KubeletDebugParams<'_>>(), arg::<&str>(), arg::<&kube::core::subresource::LogParams>()); } }
same! { "kube_core::request::Request::kubelet_node_portforward" => fn _f() { let _ = <kube::core::request::Request>::kubelet_node_portforward(arg::<&kube::core::kubelet_debug::KubeletDebugParams<'_>>(), arg::<&[u16]>()); } }
same! { "kube_core::request::Request::logs" => fn _f() { let _ = <kube::core::request::Request>::logs(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&kube::core::subresource::LogParams>()); } }
same! { "kube_core::request::Request::new" => fn _f() { let _ = kube::core::request::Request::new("/api"); } }
same! { "kube_core::request::Request::portforward" => fn _f() { let _ = <kube::core::request::Request>::portforward(arg::<&kube::core::request::Request>(), arg::<&str>(), arg::<&[u16]>()); } }
same! { "kube_core::response" => use kube::core::response as _N; }
same! { "kube_core::response::reason" => use kube::core::response::reason as _N; }
same! { "kube_core::response::reason::ALREADY_EXISTS" => use kube::core::response::reason::ALREADY_EXISTS as _N; }
same! { "kube_core::response::reason::BAD_REQUEST" => use kube::core::response::reason::BAD_REQUEST as _N; }
same! { "kube_core::response::reason::CONFLICT" => use kube::core::response::reason::CONFLICT as _N; }
same! { "kube_core::response::reason::EXPIRED" => use kube::core::response::reason::EXPIRED as _N; }
same! { "kube_core::response::reason::FORBIDDEN" => use kube::core::response::reason::FORBIDDEN as _N; }
same! { "kube_core::response::reason::GONE" => use kube::core::response::reason::GONE as _N; }
same! { "kube_core::response::reason::INTERNAL_ERROR" => use kube::core::response::reason::INTERNAL_ERROR as _N; }
same! { "kube_core::response::reason::INVALID" => use kube::core::response::reason::INVALID as _N; }
same! { "kube_core::response::reason::METHOD_NOT_ALLOWED" => use kube::core::response::reason::METHOD_NOT_ALLOWED as _N; }
same! { "kube_core::response::reason::NOT_ACCEPTABLE" => use kube::core::response::reason::NOT_ACCEPTABLE as _N; }
same! { "kube_core::response::reason::NOT_FOUND" => use kube::core::response::reason::NOT_FOUND as _N; }
same! { "kube_core::response::reason::REQUEST_ENTITY_TOO_LARGE" => use kube::core::response::reason::REQUEST_ENTITY_TOO_LARGE as _N; }
same! { "kube_core::response::reason::SERVER_TIMEOUT" => use kube::core::response::reason::SERVER_TIMEOUT as _N; }
same! { "kube_core::response::reason::SERVICE_UNAVAILABLE" => use kube::core::response::reason::SERVICE_UNAVAILABLE as _N; }
same! { "kube_core::response::reason::STORAGE_READ_ERROR" => use kube::core::response::reason::STORAGE_READ_ERROR as _N; }
same! { "kube_core::response::reason::TIMEOUT" => use kube::core::response::reason::TIMEOUT as _N; }
same! { "kube_core::response::reason::TOO_MANY_REQUESTS" => use kube::core::response::reason::TOO_MANY_REQUESTS as _N; }
same! { "kube_core::response::reason::UNAUTHORIZED" => use kube::core::response::reason::UNAUTHORIZED as _N; }
same! { "kube_core::response::reason::UNKNOWN" => use kube::core::response::reason::UNKNOWN as _N; }
same! { "kube_core::response::reason::UNSUPPORTED_MEDIA_TYPE" => use kube::core::response::reason::UNSUPPORTED_MEDIA_TYPE as _N; }
same! { "kube_core::response::reason::is_known" => fn _f() { let _ = kube::core::response::reason::is_known(arg::<&str>()); } }
same! { "kube_core::response::StatusSummary" => use kube::core::response::StatusSummary as _N; }
same! { "kube_core::response::StatusSummary::Failure" => use kube::core::response::StatusSummary::Failure as _N; }
same! { "kube_core::response::StatusSummary::Success" => use kube::core::response::StatusSummary::Success as _N; }
same! { "kube_core::response::Status" => use kube::core::response::Status as _N; }
same! { "kube_core::response::Status::code" => fn _f(x: &kube::core::response::Status) { let _ = &x.code; } }
same! { "kube_core::response::Status::details" => fn _f(x: &kube::core::response::Status) { let _ = &x.details; } }
same! { "kube_core::response::Status::message" => fn _f(x: &kube::core::response::Status) { let _ = &x.message; } }
same! { "kube_core::response::Status::metadata" => fn _f(x: &kube::core::response::Status) { let _ = &x.metadata; } }
same! { "kube_core::response::Status::reason" => fn _f(x: &kube::core::response::Status) { let _ = &x.reason; } }
same! { "kube_core::response::Status::status" => fn _f(x: &kube::core::response::Status) { let _ = &x.status; } }
same! { "kube_core::response::Status::boxed" => fn _f() { let _ = <kube::core::response::Status>::boxed(arg::<kube::core::response::Status>()); } }
same! { "kube_core::response::Status::failure" => fn _f() { let _ = <kube::core::response::Status>::failure(arg::<&str>(), arg::<&str>()); } }
same! { "kube_core::response::Status::is_already_exists" => fn _f() { let _ = <kube::core::response::Status>::is_already_exists(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::is_conflict" => fn _f() { let _ = <kube::core::response::Status>::is_conflict(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::is_failure" => fn _f() { let _ = <kube::core::response::Status>::is_failure(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::is_forbidden" => fn _f() { let _ = <kube::core::response::Status>::is_forbidden(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::is_invalid" => fn _f() { let _ = <kube::core::response::Status>::is_invalid(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::is_not_found" => fn _f() { let _ = <kube::core::response::Status>::is_not_found(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::is_success" => fn _f() { let _ = <kube::core::response::Status>::is_success(arg::<&kube::core::response::Status>()); } }
same! { "kube_core::response::Status::success" => fn _f() { let _ = <kube::core::response::Status>::success(); } }
same! { "kube_core::response::Status::with_code" => fn _f() { let _ = <kube::core::response::Status>::with_code(arg::<kube::core::response::Status>(), arg::<u16>()); } }
same! { "kube_core::response::Status::with_details" => fn _f() { let _ = <kube::core::response::Status>::with_details(arg::<kube::core::response::Status>(), arg::<kube::core::response::StatusDetails>()); } }
same! { "kube_core::response::StatusCause" => use kube::core::response::StatusCause as _N; }
same! { "kube_core::response::StatusCause::field" => fn _f(x: &kube::core::response::StatusCause) { let _ = &x.field; } }
same! { "kube_core::response::StatusCause::message" => fn _f(x: &kube::core::response::StatusCause) { let _ = &x.message; } }
same! { "kube_core::response::StatusCause::reason" => fn _f(x: &kube::core::response::StatusCause) { let _ = &x.reason; } }
same! { "kube_core::response::StatusDetails" => use kube::core::response::StatusDetails as _N; }
same! { "kube_core::response::StatusDetails::causes" => fn _f(x: &kube::core::response::StatusDetails) { let _ = &x.causes; } }
same! { "kube_core::response::StatusDetails::group" => fn _f(x: &kube::core::response::StatusDetails) { let _ = &x.group; } }
same! { "kube_core::response::StatusDetails::kind" => fn _f(x: &kube::core::response::StatusDetails) { let _ = &x.kind; } }
same! { "kube_core::response::StatusDetails::name" => fn _f(x: &kube::core::response::StatusDetails) { let _ = &x.name; } }
same! { "kube_core::response::StatusDetails::retry_after_seconds" => fn _f(x: &kube::core::response::StatusDetails) { let _ = &x.retry_after_seconds; } }
same! { "kube_core::response::StatusDetails::uid" => fn _f(x: &kube::core::response::StatusDetails) { let _ = &x.uid; } }
same! { "kube_core::schema" => use kube::core::schema as _N; }
same! { "kube_core::schema::OptionalEnum" => use kube::core::schema::OptionalEnum as _N; }
same! { "impl schemars::transform::Transform for kube_core::schema::OptionalEnum" => fn _i() where kube::core::schema::OptionalEnum: schemars::transform::Transform {} }
same! { "kube_core::schema::OptionalIntOrString" => use kube::core::schema::OptionalIntOrString as _N; }
same! { "impl schemars::transform::Transform for kube_core::schema::OptionalIntOrString" => fn _i() where kube::core::schema::OptionalIntOrString: schemars::transform::Transform {} }
same! { "kube_core::schema::StructuralSchemaRewriter" => use kube::core::schema::StructuralSchemaRewriter as _N; }
same! { "impl schemars::transform::Transform for kube_core::schema::StructuralSchemaRewriter" => fn _i() where kube::core::schema::StructuralSchemaRewriter: schemars::transform::Transform {} }
same! { "kube_core::subresource" => use kube::core::subresource as _N; }
same! { "kube_core::subresource::Scale" => use kube::core::subresource::Scale as _N; }
same! { "kube_core::subresource::ScaleSpec" => use kube::core::subresource::ScaleSpec as _N; }
same! { "kube_core::subresource::ScaleStatus" => use kube::core::subresource::ScaleStatus as _N; }
same! { "kube_core::subresource::AttachParams" => use kube::core::subresource::AttachParams as _N; }
same! { "kube_core::subresource::AttachParams::container" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.container; } }
same! { "kube_core::subresource::AttachParams::max_stderr_buf_size" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.max_stderr_buf_size; } }
same! { "kube_core::subresource::AttachParams::max_stdin_buf_size" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.max_stdin_buf_size; } }
same! { "kube_core::subresource::AttachParams::max_stdout_buf_size" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.max_stdout_buf_size; } }
same! { "kube_core::subresource::AttachParams::stderr" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.stderr; } }
same! { "kube_core::subresource::AttachParams::stdin" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.stdin; } }
same! { "kube_core::subresource::AttachParams::stdout" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.stdout; } }
same! { "kube_core::subresource::AttachParams::tty" => fn _f(x: &kube::core::subresource::AttachParams) { let _ = &x.tty; } }
same! { "kube_core::subresource::AttachParams::interactive_tty" => fn _f() { let _ = <kube::core::subresource::AttachParams>::interactive_tty(); } }
same! { "impl core::default::Default for kube_core::subresource::AttachParams" => fn _i() where kube::core::subresource::AttachParams: std::default::Default {} }
same! { "kube_core::subresource::EvictParams" => use kube::core::subresource::EvictParams as _N; }
same! { "kube_core::subresource::EvictParams::delete_options" => fn _f(x: &kube::core::subresource::EvictParams) { let _ = &x.delete_options; } }
same! { "kube_core::subresource::EvictParams::post_options" => fn _f(x: &kube::core::subresource::EvictParams) { let _ = &x.post_options; } }
same! { "kube_core::subresource::LogParams" => use kube::core::subresource::LogParams as _N; }
same! { "kube_core::subresource::LogParams::container" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.container; } }
same! { "kube_core::subresource::LogParams::follow" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.follow; } }
same! { "kube_core::subresource::LogParams::limit_bytes" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.limit_bytes; } }
same! { "kube_core::subresource::LogParams::pretty" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.pretty; } }
same! { "kube_core::subresource::LogParams::previous" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.previous; } }
same! { "kube_core::subresource::LogParams::since_seconds" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.since_seconds; } }
same! { "kube_core::subresource::LogParams::since_time" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.since_time; } }
same! { "kube_core::subresource::LogParams::tail_lines" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.tail_lines; } }
same! { "kube_core::subresource::LogParams::timestamps" => fn _f(x: &kube::core::subresource::LogParams) { let _ = &x.timestamps; } }
same! { "kube_core::util" => use kube::core::util as _N; }
same! { "kube_core::util::Restart" => use kube::core::util::Restart as _N; }
same! { "impl kube_core::util::Restart for k8s_openapi::v1_36::api::apps::v1::daemon_set::DaemonSet" => fn _i() where k8s_openapi::api::apps::v1::DaemonSet: kube::core::util::Restart {} }
same! { "impl kube_core::util::Restart for k8s_openapi::v1_36::api::apps::v1::deployment::Deployment" => fn _i() where k8s_openapi::api::apps::v1::Deployment: kube::core::util::Restart {} }
same! { "impl kube_core::util::Restart for k8s_openapi::v1_36::api::apps::v1::replica_set::ReplicaSet" => fn _i() where k8s_openapi::api::apps::v1::ReplicaSet: kube::core::util::Restart {} }
same! { "impl kube_core::util::Restart for k8s_openapi::v1_36::api::apps::v1::stateful_set::StatefulSet" => fn _i() where k8s_openapi::api::apps::v1::StatefulSet: kube::core::util::Restart {} }
same! { "kube_core::watch" => use kube::core::watch as _N; }
same! { "kube_core::watch::WatchEvent" => use kube::core::watch::WatchEvent as _N; }
same! { "kube_core::watch::WatchEvent::Added" => use kube::core::watch::WatchEvent::Added as _N; }
same! { "kube_core::watch::WatchEvent::Bookmark" => use kube::core::watch::WatchEvent::Bookmark as _N; }
same! { "kube_core::watch::WatchEvent::Deleted" => use kube::core::watch::WatchEvent::Deleted as _N; }
same! { "kube_core::watch::WatchEvent::Error" => use kube::core::watch::WatchEvent::Error as _N; }
same! { "kube_core::watch::WatchEvent::Modified" => use kube::core::watch::WatchEvent::Modified as _N; }
same! { "impl<K> core::fmt::Debug for kube_core::watch::WatchEvent<K>" => fn _i() where kube::core::watch::WatchEvent<Pod>: std::fmt::Debug {} }
same! { "kube_core::watch::Bookmark" => use kube::core::watch::Bookmark as _N; }
same! { "kube_core::watch::Bookmark::metadata" => fn _f(x: &kube::core::watch::Bookmark) { let _ = &x.metadata; } }
same! { "kube_core::watch::Bookmark::types" => fn _f(x: &kube::core::watch::Bookmark) { let _ = &x.types; } }
same! { "kube_core::watch::BookmarkMeta" => use kube::core::watch::BookmarkMeta as _N; }
same! { "kube_core::watch::BookmarkMeta::annotations" => fn _f(x: &kube::core::watch::BookmarkMeta) { let _ = &x.annotations; } }
same! { "kube_core::watch::BookmarkMeta::resource_version" => fn _f(x: &kube::core::watch::BookmarkMeta) { let _ = &x.resource_version; } }
same! { "kube_core::Expression" => use kube::core::Expression as _N; }
same! { "kube_core::Expression::DoesNotExist" => use kube::core::Expression::DoesNotExist as _N; }
same! { "kube_core::Expression::Equal" => use kube::core::Expression::Equal as _N; }
same! { "kube_core::Expression::Exists" => use kube::core::Expression::Exists as _N; }
same! { "kube_core::Expression::In" => use kube::core::Expression::In as _N; }
same! { "kube_core::Expression::NotEqual" => use kube::core::Expression::NotEqual as _N; }
same! { "kube_core::Expression::NotIn" => use kube::core::Expression::NotIn as _N; }
same! { "kube_core::ListMerge" => use kube::core::ListMerge as _N; }
same! { "kube_core::ListMerge::Atomic" => use kube::core::ListMerge::Atomic as _N; }
same! { "kube_core::ListMerge::Map" => use kube::core::ListMerge::Map as _N; }
same! { "kube_core::ListMerge::Set" => use kube::core::ListMerge::Set as _N; }
same! { "kube_core::MapMerge" => use kube::core::MapMerge as _N; }
same! { "kube_core::MapMerge::Atomic" => use kube::core::MapMerge::Atomic as _N; }
same! { "kube_core::MapMerge::Granular" => use kube::core::MapMerge::Granular as _N; }
same! { "kube_core::Message" => use kube::core::Message as _N; }
same! { "kube_core::Message::Expression" => use kube::core::Message::Expression as _N; }
same! { "kube_core::Message::Message" => use kube::core::Message::Message as _N; }
same! { "kube_core::Reason" => use kube::core::Reason as _N; }
same! { "kube_core::Reason::FieldValueDuplicate" => use kube::core::Reason::FieldValueDuplicate as _N; }
same! { "kube_core::Reason::FieldValueForbidden" => use kube::core::Reason::FieldValueForbidden as _N; }
same! { "kube_core::Reason::FieldValueInvalid" => use kube::core::Reason::FieldValueInvalid as _N; }
same! { "kube_core::Reason::FieldValueRequired" => use kube::core::Reason::FieldValueRequired as _N; }
same! { "kube_core::StructMerge" => use kube::core::StructMerge as _N; }
same! { "kube_core::StructMerge::Atomic" => use kube::core::StructMerge::Atomic as _N; }
same! { "kube_core::StructMerge::Granular" => use kube::core::StructMerge::Granular as _N; }
same! { "kube_core::Version" => use kube::core::Version as _N; }
same! { "kube_core::Version::Alpha" => use kube::core::Version::Alpha as _N; }
same! { "kube_core::Version::Beta" => use kube::core::Version::Beta as _N; }
same! { "kube_core::Version::Nonconformant" => use kube::core::Version::Nonconformant as _N; }
same! { "kube_core::Version::Stable" => use kube::core::Version::Stable as _N; }
same! { "kube_core::Version::generation" => fn _f() { let _ = <kube::core::Version>::generation(arg::<&kube::core::Version>()); } }
same! { "kube_core::Version::priority" => fn _f() { let _ = <kube::core::Version>::priority(arg::<&kube::core::Version>()); } }
same! { "kube_core::Version::parse" => fn _f() { let _ = <kube::core::Version>::parse(arg::<&str>()); } }
same! { "impl core::str::traits::FromStr for kube_core::Version" => fn _i() where kube::core::Version: std::str::FromStr {} }
same! { "kube_core::WatchEvent" => use kube::core::WatchEvent as _N; }
same! { "kube_core::WatchEvent::Added" => use kube::core::WatchEvent::Added as _N; }
same! { "kube_core::WatchEvent::Bookmark" => use kube::core::WatchEvent::Bookmark as _N; }
same! { "kube_core::WatchEvent::Deleted" => use kube::core::WatchEvent::Deleted as _N; }
same! { "kube_core::WatchEvent::Error" => use kube::core::WatchEvent::Error as _N; }
same! { "kube_core::WatchEvent::Modified" => use kube::core::WatchEvent::Modified as _N; }
same! { "kube_core::ApiResource" => use kube::core::ApiResource as _N; }
same! { "kube_core::ApiResource::api_version" => fn _f(x: &kube::core::ApiResource) { let _ = &x.api_version; } }
same! { "kube_core::ApiResource::group" => fn _f(x: &kube::core::ApiResource) { let _ = &x.group; } }
same! { "kube_core::ApiResource::kind" => fn _f(x: &kube::core::ApiResource) { let _ = &x.kind; } }
same! { "kube_core::ApiResource::plural" => fn _f(x: &kube::core::ApiResource) { let _ = &x.plural; } }
same! { "kube_core::ApiResource::version" => fn _f(x: &kube::core::ApiResource) { let _ = &x.version; } }
same! { "kube_core::DeserializeGuard" => use kube::core::DeserializeGuard as _N; }
same! { "kube_core::Duration" => use kube::core::Duration as _N; }
same! { "kube_core::DynamicObject" => use kube::core::DynamicObject as _N; }
same! { "kube_core::DynamicObject::data" => fn _f(x: &kube::core::DynamicObject) { let _ = &x.data; } }
same! { "kube_core::DynamicObject::metadata" => fn _f(x: &kube::core::DynamicObject) { let _ = &x.metadata; } }
same! { "kube_core::DynamicObject::types" => fn _f(x: &kube::core::DynamicObject) { let _ = &x.types; } }
same! { "kube_core::DynamicResourceScope" => use kube::core::DynamicResourceScope as _N; }
same! { "impl k8s_openapi::_resource::ResourceScope for kube_core::DynamicResourceScope" => fn _i() where kube::core::DynamicResourceScope: k8s_openapi::ResourceScope {} }
same! { "impl kube_core::NamespaceScope for kube_core::DynamicResourceScope" => fn _i() where kube::core::DynamicResourceScope: kube::core::NamespaceScope {} }
same! { "kube_core::GroupVersion" => use kube::core::GroupVersion as _N; }
same! { "kube_core::GroupVersion::group" => fn _f(x: &kube::core::GroupVersion) { let _ = &x.group; } }
same! { "kube_core::GroupVersion::version" => fn _f(x: &kube::core::GroupVersion) { let _ = &x.version; } }
same! { "kube_core::GroupVersionKind" => use kube::core::GroupVersionKind as _N; }
same! { "kube_core::GroupVersionKind::group" => fn _f(x: &kube::core::GroupVersionKind) { let _ = &x.group; } }
same! { "kube_core::GroupVersionKind::kind" => fn _f(x: &kube::core::GroupVersionKind) { let _ = &x.kind; } }
same! { "kube_core::GroupVersionKind::version" => fn _f(x: &kube::core::GroupVersionKind) { let _ = &x.version; } }
same! { "kube_core::GroupVersionResource" => use kube::core::GroupVersionResource as _N; }
same! { "kube_core::GroupVersionResource::group" => fn _f(x: &kube::core::GroupVersionResource) { let _ = &x.group; } }
same! { "kube_core::GroupVersionResource::resource" => fn _f(x: &kube::core::GroupVersionResource) { let _ = &x.resource; } }
same! { "kube_core::GroupVersionResource::version" => fn _f(x: &kube::core::GroupVersionResource) { let _ = &x.version; } }
same! { "kube_core::NotUsed" => use kube::core::NotUsed as _N; }
same! { "kube_core::Object" => use kube::core::Object as _N; }
same! { "kube_core::Object::metadata" => fn _f(x: &kube::core::Object<Value, ()>) { let _ = &x.metadata; } }
same! { "kube_core::Object::spec" => fn _f(x: &kube::core::Object<Value, ()>) { let _ = &x.spec; } }
same! { "kube_core::Object::status" => fn _f(x: &kube::core::Object<Value, ()>) { let _ = &x.status; } }
same! { "kube_core::Object::types" => fn _f(x: &kube::core::Object<Value, ()>) { let _ = &x.types; } }
same! { "kube_core::ObjectList" => use kube::core::ObjectList as _N; }
same! { "kube_core::ObjectList::items" => fn _f(x: &kube::core::ObjectList<Pod>) { let _ = &x.items; } }
same! { "kube_core::ObjectList::metadata" => fn _f(x: &kube::core::ObjectList<Pod>) { let _ = &x.metadata; } }
same! { "kube_core::ObjectList::types" => fn _f(x: &kube::core::ObjectList<Pod>) { let _ = &x.types; } }
same! { "kube_core::ParseExpressionError" => use kube::core::ParseExpressionError as _N; }
same! { "kube_core::PartialObjectMeta" => use kube::core::PartialObjectMeta as _N; }
same! { "kube_core::PartialObjectMeta::metadata" => fn _f(x: &kube::core::PartialObjectMeta<Pod>) { let _ = &x.metadata; } }
same! { "kube_core::PartialObjectMeta::types" => fn _f(x: &kube::core::PartialObjectMeta<Pod>) { let _ = &x.types; } }
same! { "kube_core::Request" => use kube::core::Request as _N; }
same! { "kube_core::Request::url_path" => fn _f(x: &kube::core::Request) { let _ = &x.url_path; } }
same! { "kube_core::Rule" => use kube::core::Rule as _N; }
same! { "kube_core::Rule::field_path" => fn _f(x: &kube::core::Rule) { let _ = &x.field_path; } }
same! { "kube_core::Rule::message" => fn _f(x: &kube::core::Rule) { let _ = &x.message; } }
same! { "kube_core::Rule::optional_old_self" => fn _f(x: &kube::core::Rule) { let _ = &x.optional_old_self; } }
same! { "kube_core::Rule::reason" => fn _f(x: &kube::core::Rule) { let _ = &x.reason; } }
same! { "kube_core::Rule::rule" => fn _f(x: &kube::core::Rule) { let _ = &x.rule; } }
same! { "kube_core::Selector" => use kube::core::Selector as _N; }
same! { "kube_core::Status" => use kube::core::Status as _N; }
same! { "kube_core::Status::code" => fn _f(x: &kube::core::Status) { let _ = &x.code; } }
same! { "kube_core::Status::details" => fn _f(x: &kube::core::Status) { let _ = &x.details; } }
same! { "kube_core::Status::message" => fn _f(x: &kube::core::Status) { let _ = &x.message; } }
same! { "kube_core::Status::metadata" => fn _f(x: &kube::core::Status) { let _ = &x.metadata; } }
same! { "kube_core::Status::reason" => fn _f(x: &kube::core::Status) { let _ = &x.reason; } }
same! { "kube_core::Status::status" => fn _f(x: &kube::core::Status) { let _ = &x.status; } }
same! { "kube_core::TypeMeta" => use kube::core::TypeMeta as _N; }
same! { "kube_core::TypeMeta::api_version" => fn _f(x: &kube::core::TypeMeta) { let _ = &x.api_version; } }
same! { "kube_core::TypeMeta::kind" => fn _f(x: &kube::core::TypeMeta) { let _ = &x.kind; } }
same! { "kube_core::CustomResourceExt" => use kube::core::CustomResourceExt as _N; }
same! { "kube_core::CustomResourceExt::api_resource" => fn _f<T: kube::core::CustomResourceExt>() { let _ = <T as kube::core::CustomResourceExt>::api_resource; } }
same! { "kube_core::CustomResourceExt::crd" => fn _f<T: kube::core::CustomResourceExt>() { let _ = <T as kube::core::CustomResourceExt>::crd; } }
same! { "kube_core::CustomResourceExt::crd_name" => fn _f<T: kube::core::CustomResourceExt>() { let _ = <T as kube::core::CustomResourceExt>::crd_name; } }
same! { "kube_core::CustomResourceExt::shortnames" => fn _f<T: kube::core::CustomResourceExt>() { let _ = <T as kube::core::CustomResourceExt>::shortnames; } }
same! { "kube_core::NamespaceScope" => use kube::core::NamespaceScope as _N; }
same! { "impl kube_core::NamespaceScope for k8s_openapi::_resource::NamespaceResourceScope" => fn _i() where k8s_openapi::NamespaceResourceScope: kube::core::NamespaceScope {} }
same! { "kube_core::PartialObjectMetaExt" => use kube::core::PartialObjectMetaExt as _N; }
same! { "kube_core::PartialObjectMetaExt::into_request_partial" => fn _f<T: kube::core::PartialObjectMetaExt>(t: T) { let _ = t.into_request_partial::<Pod>(); } }
same! { "kube_core::PartialObjectMetaExt::into_response_partial" => fn _f<T: kube::core::PartialObjectMetaExt>(t: T) { let _ = t.into_response_partial::<Pod>(); } }
same! { "kube_core::Resource" => use kube::core::Resource as _N; }
same! { "kube_core::Resource::DynamicType" => type _X<T> = <T as kube::core::Resource>::DynamicType; }
same! { "kube_core::Resource::Scope" => type _X<T> = <T as kube::core::Resource>::Scope; }
same! { "kube_core::Resource::api_version" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::api_version; } }
same! { "kube_core::Resource::controller_owner_ref" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::controller_owner_ref; } }
same! { "kube_core::Resource::group" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::group; } }
same! { "kube_core::Resource::kind" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::kind; } }
same! { "kube_core::Resource::meta" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::meta; } }
same! { "kube_core::Resource::meta_mut" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::meta_mut; } }
same! { "kube_core::Resource::metadata_api" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::metadata_api; } }
same! { "kube_core::Resource::object_ref" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::object_ref; } }
same! { "kube_core::Resource::owner_ref" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::owner_ref; } }
same! { "kube_core::Resource::plural" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::plural; } }
same! { "kube_core::Resource::url_path" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::url_path; } }
same! { "kube_core::Resource::version" => fn _f<T: kube::core::Resource>() { let _ = <T as kube::core::Resource>::version; } }
same! { "kube_core::ResourceExt" => use kube::core::ResourceExt as _N; }
same! { "kube_core::ResourceExt::annotations" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::annotations; } }
same! { "kube_core::ResourceExt::annotations_mut" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::annotations_mut; } }
same! { "kube_core::ResourceExt::creation_timestamp" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::creation_timestamp; } }
same! { "kube_core::ResourceExt::finalizers" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::finalizers; } }
same! { "kube_core::ResourceExt::finalizers_mut" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::finalizers_mut; } }
same! { "kube_core::ResourceExt::labels" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::labels; } }
same! { "kube_core::ResourceExt::labels_mut" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::labels_mut; } }
same! { "kube_core::ResourceExt::managed_fields" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::managed_fields; } }
same! { "kube_core::ResourceExt::managed_fields_mut" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::managed_fields_mut; } }
same! { "kube_core::ResourceExt::name_any" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::name_any; } }
same! { "kube_core::ResourceExt::name_unchecked" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::name_unchecked; } }
same! { "kube_core::ResourceExt::namespace" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::namespace; } }
same! { "kube_core::ResourceExt::owner_references" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::owner_references; } }
same! { "kube_core::ResourceExt::owner_references_mut" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::owner_references_mut; } }
same! { "kube_core::ResourceExt::resource_version" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::resource_version; } }
same! { "kube_core::ResourceExt::uid" => fn _f<T: kube::core::ResourceExt>() { let _ = <T as kube::core::ResourceExt>::uid; } }
same! { "kube_core::SelectorExt" => use kube::core::SelectorExt as _N; }
same! { "kube_core::SelectorExt::Search" => type _X<T> = <T as kube::core::SelectorExt>::Search; }
same! { "kube_core::SelectorExt::matches" => fn _f<T: kube::core::SelectorExt>() { let _ = <T as kube::core::SelectorExt>::matches; } }

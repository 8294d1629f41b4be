//! The paths of kube_client that exist here under the same name.
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

same! { "kube_client" => use kube as _N; }
same! { "kube_client::CustomResourceExt" => use kube::CustomResourceExt as _N; }
same! { "kube_client::Resource" => use kube::Resource as _N; }
same! { "kube_client::ResourceExt" => use kube::ResourceExt as _N; }
same! { "kube_client::core" => use kube::core as _N; }
same! { "kube_client::api" => use kube::api as _N; }
same! { "kube_client::api::ApiResource" => use kube::api::ApiResource as _N; }
same! { "kube_client::api::AttachParams" => use kube::api::AttachParams as _N; }
same! { "kube_client::api::DeleteParams" => use kube::api::DeleteParams as _N; }
same! { "kube_client::api::DynamicObject" => use kube::api::DynamicObject as _N; }
same! { "kube_client::api::EvictParams" => use kube::api::EvictParams as _N; }
same! { "kube_client::api::GetParams" => use kube::api::GetParams as _N; }
same! { "kube_client::api::GroupVersionKind" => use kube::api::GroupVersionKind as _N; }
same! { "kube_client::api::GroupVersionResource" => use kube::api::GroupVersionResource as _N; }
same! { "kube_client::api::ListMeta" => use kube::api::ListMeta as _N; }
same! { "kube_client::api::ListParams" => use kube::api::ListParams as _N; }
same! { "kube_client::api::LogParams" => use kube::api::LogParams as _N; }
same! { "kube_client::api::NotUsed" => use kube::api::NotUsed as _N; }
same! { "kube_client::api::Object" => use kube::api::Object as _N; }
same! { "kube_client::api::ObjectList" => use kube::api::ObjectList as _N; }
same! { "kube_client::api::ObjectMeta" => use kube::api::ObjectMeta as _N; }
same! { "kube_client::api::PartialObjectMeta" => use kube::api::PartialObjectMeta as _N; }
same! { "kube_client::api::PartialObjectMetaExt" => use kube::api::PartialObjectMetaExt as _N; }
same! { "kube_client::api::Patch" => use kube::api::Patch as _N; }
same! { "kube_client::api::PatchParams" => use kube::api::PatchParams as _N; }
same! { "kube_client::api::PostParams" => use kube::api::PostParams as _N; }
same! { "kube_client::api::Preconditions" => use kube::api::Preconditions as _N; }
same! { "kube_client::api::PropagationPolicy" => use kube::api::PropagationPolicy as _N; }
same! { "kube_client::api::Request" => use kube::api::Request as _N; }
same! { "kube_client::api::Resource" => use kube::api::Resource as _N; }
same! { "kube_client::api::ResourceExt" => use kube::api::ResourceExt as _N; }
same! { "kube_client::api::ScaleSpec" => use kube::api::ScaleSpec as _N; }
same! { "kube_client::api::ScaleStatus" => use kube::api::ScaleStatus as _N; }
same! { "kube_client::api::TypeMeta" => use kube::api::TypeMeta as _N; }
same! { "kube_client::api::ValidationDirective" => use kube::api::ValidationDirective as _N; }
same! { "kube_client::api::VersionMatch" => use kube::api::VersionMatch as _N; }
same! { "kube_client::api::WatchEvent" => use kube::api::WatchEvent as _N; }
same! { "kube_client::api::WatchParams" => use kube::api::WatchParams as _N; }
same! { "kube_client::api::entry" => use kube::api::entry as _N; }
same! { "kube_client::api::entry::CommitError" => use kube::api::entry::CommitError as _N; }
same! { "kube_client::api::entry::CommitError::Save" => use kube::api::entry::CommitError::Save as _N; }
same! { "kube_client::api::entry::CommitError::Validate" => use kube::api::entry::CommitError::Validate as _N; }
same! { "kube_client::api::entry::CommitValidationError" => use kube::api::entry::CommitValidationError as _N; }
same! { "kube_client::api::entry::CommitValidationError::GenerateName" => use kube::api::entry::CommitValidationError::GenerateName as _N; }
same! { "kube_client::api::entry::CommitValidationError::GenerateName::object_generate_name" => fn _f(x: kube::api::entry::CommitValidationError) { if let kube::api::entry::CommitValidationError::GenerateName { object_generate_name: _y, .. } = x {} } }
same! { "kube_client::api::entry::CommitValidationError::NameMismatch" => use kube::api::entry::CommitValidationError::NameMismatch as _N; }
same! { "kube_client::api::entry::CommitValidationError::NameMismatch::expected" => fn _f(x: kube::api::entry::CommitValidationError) { if let kube::api::entry::CommitValidationError::NameMismatch { expected: _y, .. } = x {} } }
same! { "kube_client::api::entry::CommitValidationError::NameMismatch::object_name" => fn _f(x: kube::api::entry::CommitValidationError) { if let kube::api::entry::CommitValidationError::NameMismatch { object_name: _y, .. } = x {} } }
same! { "kube_client::api::entry::CommitValidationError::NamespaceMismatch" => use kube::api::entry::CommitValidationError::NamespaceMismatch as _N; }
same! { "kube_client::api::entry::CommitValidationError::NamespaceMismatch::expected" => fn _f(x: kube::api::entry::CommitValidationError) { if let kube::api::entry::CommitValidationError::NamespaceMismatch { expected: _y, .. } = x {} } }
same! { "kube_client::api::entry::CommitValidationError::NamespaceMismatch::object_namespace" => fn _f(x: kube::api::entry::CommitValidationError) { if let kube::api::entry::CommitValidationError::NamespaceMismatch { object_namespace: _y, .. } = x {} } }
same! { "kube_client::api::entry::Entry" => use kube::api::entry::Entry as _N; }
same! { "kube_client::api::entry::Entry::Occupied" => use kube::api::entry::Entry::Occupied as _N; }
same! { "kube_client::api::entry::Entry::Vacant" => use kube::api::entry::Entry::Vacant as _N; }
same! { "kube_client::api::entry::Entry::and_modify" => fn _f() { let _ = <kube::api::entry::Entry<'static, Pod>>::and_modify(arg::<kube::api::entry::Entry<'static, Pod>>(), arg::<fn(&mut Pod)>()); } }
same! { "kube_client::api::entry::Entry::get" => fn _f() { let _ = <kube::api::entry::Entry<'static, Pod>>::get(arg::<&kube::api::entry::Entry<'static, Pod>>()); } }
same! { "kube_client::api::entry::Entry::get_mut" => fn _f() { let _ = <kube::api::entry::Entry<'static, Pod>>::get_mut(arg::<&mut kube::api::entry::Entry<'static, Pod>>()); } }
same! { "kube_client::api::entry::Entry::or_insert" => fn _f() { let _ = <kube::api::entry::Entry<'static, Pod>>::or_insert(arg::<kube::api::entry::Entry<'static, Pod>>(), arg::<fn() -> Pod>()); } }
same! { "kube_client::api::entry::OccupiedEntry" => use kube::api::entry::OccupiedEntry as _N; }
same! { "kube_client::api::entry::OccupiedEntry::and_modify" => fn _f() { let _ = <kube::api::entry::OccupiedEntry<'_, Pod>>::and_modify(arg::<kube::api::entry::OccupiedEntry<'_, Pod>>(), arg::<fn(&mut Pod)>()); } }
same! { "kube_client::api::entry::OccupiedEntry::commit" => fn _f() { let _ = <kube::api::entry::OccupiedEntry<'_, Pod>>::commit(arg::<&mut kube::api::entry::OccupiedEntry<'_, Pod>>(), arg::<&kube::core::params::PostParams>()); } }
same! { "kube_client::api::entry::OccupiedEntry::get" => fn _f() { let _ = <kube::api::entry::OccupiedEntry<'_, Pod>>::get(arg::<&kube::api::entry::OccupiedEntry<'_, Pod>>()); } }
same! { "kube_client::api::entry::OccupiedEntry::get_mut" => fn _f() { let _ = <kube::api::entry::OccupiedEntry<'_, Pod>>::get_mut(arg::<&mut kube::api::entry::OccupiedEntry<'_, Pod>>()); } }
same! { "kube_client::api::entry::OccupiedEntry::into_object" => fn _f() { let _ = <kube::api::entry::OccupiedEntry<'_, Pod>>::into_object(arg::<kube::api::entry::OccupiedEntry<'_, Pod>>()); } }
same! { "kube_client::api::entry::VacantEntry" => use kube::api::entry::VacantEntry as _N; }
same! { "kube_client::api::entry::VacantEntry::insert" => fn _f() { let _ = <kube::api::entry::VacantEntry<'static, Pod>>::insert(arg::<kube::api::entry::VacantEntry<'static, Pod>>(), arg::<Pod>()); } }
same! { "kube_client::api::Api" => use kube::api::Api as _N; }
same! { "kube_client::api::Api::get_approval" => fn _f() { let _ = <kube::api::Api<k8s_openapi::api::certificates::v1::CertificateSigningRequest>>::get_approval(arg::<&kube::api::Api<k8s_openapi::api::certificates::v1::CertificateSigningRequest>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::patch_approval" => fn _f() { let _ = <kube::api::Api<k8s_openapi::api::certificates::v1::CertificateSigningRequest>>::patch_approval(arg::<&kube::api::Api<k8s_openapi::api::certificates::v1::CertificateSigningRequest>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::cordon" => fn _f() { let _ = <kube::api::Api<k8s_openapi::api::core::v1::Node>>::cordon(arg::<&kube::api::Api<k8s_openapi::api::core::v1::Node>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::uncordon" => fn _f() { let _ = <kube::api::Api<k8s_openapi::api::core::v1::Node>>::uncordon(arg::<&kube::api::Api<k8s_openapi::api::core::v1::Node>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::create_token_request" => fn _f() { let _ = <kube::api::Api<k8s_openapi::api::core::v1::ServiceAccount>>::create_token_request(arg::<&kube::api::Api<k8s_openapi::api::core::v1::ServiceAccount>>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&k8s_openapi::api::authentication::v1::TokenRequest>()); } }
same! { "kube_client::api::Api::entry" => fn _f() { let _ = <kube::api::Api<Pod>>::entry(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::all" => fn _f() { let _ = <kube::api::Api<Pod>>::all(arg::<kube::client::Client>()); } }
same! { "kube_client::api::Api::default_namespaced" => fn _f() { let _ = <kube::api::Api<Pod>>::default_namespaced(arg::<kube::client::Client>()); } }
same! { "kube_client::api::Api::namespaced" => fn _f() { let _ = <kube::api::Api<Pod>>::namespaced(arg::<kube::client::Client>(), arg::<&str>()); } }
same! { "kube_client::api::Api::all_with" => fn _f() { let _ = <kube::api::Api<Pod>>::all_with(arg::<kube::client::Client>(), arg::<&()>()); } }
same! { "kube_client::api::Api::constrain" => fn _f() { let _ = <kube::api::Api<Pod>>::constrain(arg::<kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::constrain_default" => fn _f() { let _ = <kube::api::Api<Pod>>::constrain_default(arg::<kube::api::Api<Pod>>()); } }
same! { "kube_client::api::Api::default_namespaced_with" => fn _f() { let _ = kube::api::Api::<kube::core::DynamicObject>::default_namespaced_with(arg::<kube::Client>(), arg::<&kube::core::discovery::ApiResource>()); } }
same! { "kube_client::api::Api::dynamic" => fn _f() { let _ = kube::api::Api::<kube::core::DynamicObject>::dynamic(arg::<kube::Client>(), arg::<&kube::core::discovery::ApiResource>(), arg::<&kube::core::discovery::Scope>()); } }
same! { "kube_client::api::Api::into_client" => fn _f() { let _ = <kube::api::Api<Pod>>::into_client(arg::<kube::api::Api<Pod>>()); } }
same! { "kube_client::api::Api::namespace" => fn _f() { let _ = <kube::api::Api<Pod>>::namespace(arg::<&kube::api::Api<Pod>>()); } }
same! { "kube_client::api::Api::namespaced_with" => fn _f() { let _ = kube::api::Api::<kube::core::DynamicObject>::namespaced_with(arg::<kube::Client>(), "", arg::<&kube::core::discovery::ApiResource>()); } }
same! { "kube_client::api::Api::resource_url" => fn _f() { let _ = <kube::api::Api<Pod>>::resource_url(arg::<&kube::api::Api<Pod>>()); } }
same! { "kube_client::api::Api::unconstrain" => fn _f() { let _ = <kube::api::Api<Pod>>::unconstrain(arg::<kube::api::Api<Pod>>()); } }
same! { "kube_client::api::Api::create" => fn _f() { let _ = <kube::api::Api<Pod>>::create(arg::<&kube::api::Api<Pod>>(), arg::<&kube::core::params::PostParams>(), arg::<&Pod>()); } }
same! { "kube_client::api::Api::delete" => fn _f() { let _ = <kube::api::Api<Pod>>::delete(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::DeleteParams>()); } }
same! { "kube_client::api::Api::delete_collection" => fn _f() { let _ = <kube::api::Api<Pod>>::delete_collection(arg::<&kube::api::Api<Pod>>(), arg::<&kube::core::params::DeleteParams>(), arg::<&kube::core::params::ListParams>()); } }
same! { "kube_client::api::Api::get" => fn _f() { let _ = <kube::api::Api<Pod>>::get(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::get_metadata" => fn _f() { let _ = <kube::api::Api<Pod>>::get_metadata(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::get_metadata_opt" => fn _f() { let _ = <kube::api::Api<Pod>>::get_metadata_opt(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::get_metadata_opt_with" => fn _f() { let _ = <kube::api::Api<Pod>>::get_metadata_opt_with(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::GetParams>()); } }
same! { "kube_client::api::Api::get_metadata_with" => fn _f() { let _ = <kube::api::Api<Pod>>::get_metadata_with(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::GetParams>()); } }
same! { "kube_client::api::Api::get_opt" => fn _f() { let _ = <kube::api::Api<Pod>>::get_opt(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::get_with" => fn _f() { let _ = <kube::api::Api<Pod>>::get_with(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::GetParams>()); } }
same! { "kube_client::api::Api::list" => fn _f() { let _ = <kube::api::Api<Pod>>::list(arg::<&kube::api::Api<Pod>>(), arg::<&kube::core::params::ListParams>()); } }
same! { "kube_client::api::Api::list_metadata" => fn _f() { let _ = <kube::api::Api<Pod>>::list_metadata(arg::<&kube::api::Api<Pod>>(), arg::<&kube::core::params::ListParams>()); } }
same! { "kube_client::api::Api::patch" => fn _f() { let _ = <kube::api::Api<Pod>>::patch(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::patch_metadata" => fn _f() { let _ = <kube::api::Api<Pod>>::patch_metadata(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::replace" => fn _f() { let _ = <kube::api::Api<Pod>>::replace(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&Pod>()); } }
same! { "kube_client::api::Api::watch" => fn _f() { let _ = <kube::api::Api<Pod>>::watch(arg::<&kube::api::Api<Pod>>(), arg::<&kube::core::params::WatchParams>(), arg::<&str>()); } }
same! { "kube_client::api::Api::watch_metadata" => fn _f() { let _ = <kube::api::Api<Pod>>::watch_metadata(arg::<&kube::api::Api<Pod>>(), arg::<&kube::core::params::WatchParams>(), arg::<&str>()); } }
same! { "kube_client::api::Api::create_subresource" => async fn _f(a: kube::api::Api<Pod>) { let _: kube::Result<Pod> = a.create_subresource("", "", arg::<&kube::core::params::PostParams>(), &Value::Null).await; } }
same! { "kube_client::api::Api::get_subresource" => fn _f() { let _ = <kube::api::Api<Pod>>::get_subresource(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&str>()); } }
same! { "kube_client::api::Api::patch_subresource" => fn _f() { let _ = <kube::api::Api<Pod>>::patch_subresource(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::replace_subresource" => fn _f() { let _ = <kube::api::Api<Pod>>::replace_subresource(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&Value>()); } }
same! { "kube_client::api::Api::get_ephemeral_containers" => fn _f() { let _ = <kube::api::Api<Pod>>::get_ephemeral_containers(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::patch_ephemeral_containers" => fn _f() { let _ = <kube::api::Api<Pod>>::patch_ephemeral_containers(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::replace_ephemeral_containers" => fn _f() { let _ = <kube::api::Api<Pod>>::replace_ephemeral_containers(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&Pod>()); } }
same! { "kube_client::api::Api::get_resize" => fn _f() { let _ = <kube::api::Api<Pod>>::get_resize(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::patch_resize" => fn _f() { let _ = <kube::api::Api<Pod>>::patch_resize(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::replace_resize" => fn _f() { let _ = <kube::api::Api<Pod>>::replace_resize(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&Pod>()); } }
same! { "kube_client::api::Api::get_scale" => fn _f() { let _ = <kube::api::Api<Pod>>::get_scale(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::patch_scale" => fn _f() { let _ = <kube::api::Api<Pod>>::patch_scale(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::replace_scale" => fn _f() { let _ = <kube::api::Api<Pod>>::replace_scale(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&k8s_openapi::api::autoscaling::v1::Scale>()); } }
same! { "kube_client::api::Api::restart" => async fn _f(a: kube::api::Api<k8s_openapi::api::apps::v1::Deployment>) { let _ = a.restart("").await; } }
same! { "kube_client::api::Api::evict" => fn _f() { let _ = <kube::api::Api<Pod>>::evict(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::subresource::EvictParams>()); } }
same! { "kube_client::api::Api::log_stream" => fn _f() { let _ = <kube::api::Api<Pod>>::log_stream(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::subresource::LogParams>()); } }
same! { "kube_client::api::Api::logs" => fn _f() { let _ = <kube::api::Api<Pod>>::logs(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::subresource::LogParams>()); } }
same! { "kube_client::api::Api::get_status" => fn _f() { let _ = <kube::api::Api<Pod>>::get_status(arg::<&kube::api::Api<Pod>>(), arg::<&str>()); } }
same! { "kube_client::api::Api::patch_status" => fn _f() { let _ = <kube::api::Api<Pod>>::patch_status(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PatchParams>(), arg::<&kube::core::params::Patch<Value>>()); } }
same! { "kube_client::api::Api::replace_status" => fn _f() { let _ = <kube::api::Api<Pod>>::replace_status(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::PostParams>(), arg::<&Pod>()); } }
same! { "impl<K> core::convert::From<kube_client::api::Api<K>> for kube_client::client::Client" => fn _i() where kube::client::Client: std::convert::From<kube::api::Api<Pod>> {} }
same! { "impl<K> core::fmt::Debug for kube_client::api::Api<K>" => fn _i() where kube::api::Api<Pod>: std::fmt::Debug {} }
same! { "kube_client::api::Ephemeral" => use kube::api::Ephemeral as _N; }
same! { "impl kube_client::api::Ephemeral for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _i() where k8s_openapi::api::core::v1::Pod: kube::api::Ephemeral {} }
same! { "kube_client::api::Evict" => use kube::api::Evict as _N; }
same! { "impl kube_client::api::Evict for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _i() where k8s_openapi::api::core::v1::Pod: kube::api::Evict {} }
same! { "kube_client::api::Log" => use kube::api::Log as _N; }
same! { "impl kube_client::api::Log for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _i() where k8s_openapi::api::core::v1::Pod: kube::api::Log {} }
same! { "kube_client::api::Resize" => use kube::api::Resize as _N; }
same! { "impl kube_client::api::Resize for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _i() where k8s_openapi::api::core::v1::Pod: kube::api::Resize {} }
same! { "kube_client::client" => use kube::client as _N; }
same! { "kube_client::client::APIGroupDiscovery" => use kube::client::APIGroupDiscovery as _N; }
same! { "kube_client::client::APIGroupDiscoveryList" => use kube::client::APIGroupDiscoveryList as _N; }
same! { "kube_client::client::APIResourceDiscovery" => use kube::client::APIResourceDiscovery as _N; }
same! { "kube_client::client::APISubresourceDiscovery" => use kube::client::APISubresourceDiscovery as _N; }
same! { "kube_client::client::APIVersionDiscovery" => use kube::client::APIVersionDiscovery as _N; }
same! { "kube_client::client::DiscoveryGroupVersionKind" => use kube::client::DiscoveryGroupVersionKind as _N; }
same! { "kube_client::client::scope" => use kube::client::scope as _N; }
same! { "kube_client::client::scope::Cluster" => use kube::client::scope::Cluster as _N; }
same! { "kube_client::client::scope::Namespace" => use kube::client::scope::Namespace as _N; }
same! { "impl core::convert::From<&str> for kube_client::client::scope::Namespace" => fn _i() where kube::client::scope::Namespace: for<'a> From<&'a str> {} }
same! { "impl core::convert::From<alloc::string::String> for kube_client::client::scope::Namespace" => fn _i() where kube::client::scope::Namespace: std::convert::From<std::string::String> {} }
same! { "impl core::convert::TryFrom<&k8s_openapi::v1_36::api::core::v1::namespace::Namespace> for kube_client::client::scope::Namespace" => fn _i() where kube::client::scope::Namespace: for<'a> TryFrom<&'a k8s_openapi::api::core::v1::Namespace> {} }
same! { "kube_client::client::scope::NamespacedRef" => use kube::client::scope::NamespacedRef as _N; }
same! { "kube_client::client::scope::NamespacedRef::within" => use kube::client::scope::NamespacedRef as _N; }
same! { "impl<K> kube_client::client::scope::NamespacedRef<K> for k8s_openapi::v1_36::api::core::v1::local_object_reference::LocalObjectReference" => fn _i() where k8s_openapi::api::core::v1::LocalObjectReference: kube::client::scope::NamespacedRef<Pod> {} }
same! { "impl<K> kube_client::client::scope::NamespacedRef<K> for k8s_openapi::v1_36::api::core::v1::object_reference::ObjectReference" => fn _i() where k8s_openapi::api::core::v1::ObjectReference: kube::client::scope::NamespacedRef<Pod> {} }
same! { "impl<K> kube_client::client::scope::NamespacedRef<K> for k8s_openapi::v1_36::apimachinery::pkg::apis::meta::v1::owner_reference::OwnerReference" => fn _i() where k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference: kube::client::scope::NamespacedRef<Pod> {} }
same! { "kube_client::client::Body" => use kube::client::Body as _N; }
same! { "kube_client::client::Body::collect_bytes" => fn _f() { let _ = <kube::client::Body>::collect_bytes(arg::<kube::client::Body>()); } }
same! { "kube_client::client::Body::empty" => fn _f() { let _ = <kube::client::Body>::empty(); } }
same! { "kube_client::client::Body::try_clone" => fn _f() { let _ = <kube::client::Body>::try_clone(arg::<&kube::client::Body>()); } }
same! { "impl core::convert::From<alloc::vec::Vec<u8>> for kube_client::client::Body" => fn _i() where kube::client::Body: std::convert::From<std::vec::Vec<u8>> {} }
same! { "impl core::convert::From<bytes::bytes::Bytes> for kube_client::client::Body" => fn _i() where kube::client::Body: std::convert::From<bytes::Bytes> {} }
same! { "impl core::fmt::Debug for kube_client::client::Body" => fn _i() where kube::client::Body: std::fmt::Debug {} }
same! { "impl http_body::Body for kube_client::client::Body" => fn _i() where kube::client::Body: http_body::Body {} }
same! { "kube_client::client::Client" => use kube::client::Client as _N; }
same! { "kube_client::client::Client::apiserver_version" => fn _f() { let _ = <kube::client::Client>::apiserver_version(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::Client::list_api_group_resources" => fn _f() { let _ = <kube::client::Client>::list_api_group_resources(arg::<&kube::client::Client>(), arg::<&str>()); } }
same! { "kube_client::client::Client::list_api_groups" => fn _f() { let _ = <kube::client::Client>::list_api_groups(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::Client::list_core_api_resources" => fn _f() { let _ = <kube::client::Client>::list_core_api_resources(arg::<&kube::client::Client>(), arg::<&str>()); } }
same! { "kube_client::client::Client::list_core_api_versions" => fn _f() { let _ = <kube::client::Client>::list_core_api_versions(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::Client::default_namespace" => fn _f() { let _ = <kube::client::Client>::default_namespace(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::Client::new" => fn _f() { let _ = kube::Client::new(tower::service_fn(|_: http::Request<kube::client::Body>| async { Ok::<_, std::io::Error>(http::Response::new(kube::client::Body::empty())) }), ""); } }
same! { "kube_client::client::Client::request" => async fn _f(c: kube::Client) { let _ = c.request::<Pod>(arg::<http::Request<Vec<u8>>>()).await; } }
same! { "kube_client::client::Client::request_events" => async fn _f(c: kube::Client) { let _ = c.request_events::<Pod>(arg::<http::Request<Vec<u8>>>()).await; } }
same! { "kube_client::client::Client::request_status" => async fn _f(c: kube::Client) { let _ = c.request_status::<Pod>(arg::<http::Request<Vec<u8>>>()).await; } }
same! { "kube_client::client::Client::request_stream" => fn _f() { let _ = <kube::client::Client>::request_stream(arg::<&kube::client::Client>(), arg::<http::Request<std::vec::Vec<u8>>>()); } }
same! { "kube_client::client::Client::request_text" => fn _f() { let _ = <kube::client::Client>::request_text(arg::<&kube::client::Client>(), arg::<http::Request<std::vec::Vec<u8>>>()); } }
same! { "kube_client::client::Client::send" => fn _f() { let _ = <kube::client::Client>::send(arg::<&kube::client::Client>(), arg::<http::Request<kube::client::Body>>()); } }
same! { "kube_client::client::Client::try_default" => fn _f() { let _ = <kube::client::Client>::try_default(); } }
same! { "kube_client::client::Client::valid_until" => fn _f() { let _ = <kube::client::Client>::valid_until(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::Client::with_valid_until" => fn _f() { let _ = <kube::client::Client>::with_valid_until(arg::<kube::client::Client>(), arg::<std::option::Option<jiff::Timestamp>>()); } }
same! { "kube_client::client::Client::fetch" => async fn _f(c: kube::Client) { use kube::client::scope::NamespacedRef; let _ = c.fetch::<ConfigMap>(&arg::<k8s_openapi::api::core::v1::ObjectReference>().within(String::new())).await; } }
same! { "kube_client::client::Client::get" => async fn _f(c: kube::Client) { let _ = c.get::<Pod>("", &kube::client::scope::Namespace::from("")).await; } }
same! { "kube_client::client::Client::list" => async fn _f(c: kube::Client) { let _ = c.list::<Pod>(&kube::core::params::ListParams::default(), &kube::client::scope::Cluster).await; } }
same! { "kube_client::client::Client::list_api_groups_aggregated" => fn _f() { let _ = <kube::client::Client>::list_api_groups_aggregated(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::Client::list_core_api_versions_aggregated" => fn _f() { let _ = <kube::client::Client>::list_core_api_versions_aggregated(arg::<&kube::client::Client>()); } }
same! { "kube_client::client::ClientBuilder" => use kube::client::ClientBuilder as _N; }
same! { "kube_client::client::ClientBuilder::build" => fn _f() { let _ = kube::client::ClientBuilder::new(tower::service_fn(|_: http::Request<kube::client::Body>| async { Ok::<_, std::io::Error>(http::Response::new(kube::client::Body::empty())) }), "").build(); } }
same! { "kube_client::client::ClientBuilder::new" => fn _f() { let _ = kube::client::ClientBuilder::new(tower::service_fn(|_: http::Request<kube::client::Body>| async { Ok::<_, std::io::Error>(http::Response::new(kube::client::Body::empty())) }), ""); } }
same! { "kube_client::client::ClientBuilder::with_valid_until" => fn _f() { let _ = <kube::client::ClientBuilder<Pod>>::with_valid_until(arg::<kube::client::ClientBuilder<Pod>>(), arg::<std::option::Option<jiff::Timestamp>>()); } }
same! { "kube_client::discovery" => use kube::discovery as _N; }
same! { "kube_client::discovery::ApiCapabilities" => use kube::discovery::ApiCapabilities as _N; }
same! { "kube_client::discovery::ApiResource" => use kube::discovery::ApiResource as _N; }
same! { "kube_client::discovery::Scope" => use kube::discovery::Scope as _N; }
same! { "kube_client::discovery::verbs" => use kube::discovery::verbs as _N; }
same! { "kube_client::discovery::oneshot" => use kube::discovery::oneshot as _N; }
same! { "kube_client::discovery::oneshot::group" => fn _f() { let _ = kube::discovery::oneshot::group(arg::<&kube::client::Client>(), arg::<&str>()); } }
same! { "kube_client::discovery::oneshot::pinned_group" => fn _f() { let _ = kube::discovery::oneshot::pinned_group(arg::<&kube::client::Client>(), arg::<&kube::core::gvk::GroupVersion>()); } }
same! { "kube_client::discovery::oneshot::pinned_kind" => fn _f() { let _ = kube::discovery::oneshot::pinned_kind(arg::<&kube::client::Client>(), arg::<&kube::core::gvk::GroupVersionKind>()); } }
same! { "kube_client::discovery::ApiGroup" => use kube::discovery::ApiGroup as _N; }
same! { "kube_client::discovery::ApiGroup::name" => fn _f() { let _ = <kube::discovery::ApiGroup>::name(arg::<&kube::discovery::ApiGroup>()); } }
same! { "kube_client::discovery::ApiGroup::preferred_version" => fn _f() { let _ = <kube::discovery::ApiGroup>::preferred_version(arg::<&kube::discovery::ApiGroup>()); } }
same! { "kube_client::discovery::ApiGroup::preferred_version_or_latest" => fn _f() { let _ = <kube::discovery::ApiGroup>::preferred_version_or_latest(arg::<&kube::discovery::ApiGroup>()); } }
same! { "kube_client::discovery::ApiGroup::recommended_kind" => fn _f() { let _ = <kube::discovery::ApiGroup>::recommended_kind(arg::<&kube::discovery::ApiGroup>(), arg::<&str>()); } }
same! { "kube_client::discovery::ApiGroup::recommended_resources" => fn _f() { let _ = <kube::discovery::ApiGroup>::recommended_resources(arg::<&kube::discovery::ApiGroup>()); } }
same! { "kube_client::discovery::ApiGroup::resources_by_stability" => fn _f() { let _ = <kube::discovery::ApiGroup>::resources_by_stability(arg::<&kube::discovery::ApiGroup>()); } }
same! { "kube_client::discovery::ApiGroup::versioned_resources" => fn _f() { let _ = <kube::discovery::ApiGroup>::versioned_resources(arg::<&kube::discovery::ApiGroup>(), arg::<&str>()); } }
same! { "kube_client::discovery::ApiGroup::versions" => fn _f() { let _ = <kube::discovery::ApiGroup>::versions(arg::<&kube::discovery::ApiGroup>()); } }
same! { "kube_client::discovery::Discovery" => use kube::discovery::Discovery as _N; }
same! { "kube_client::discovery::Discovery::exclude" => fn _f() { let _ = <kube::discovery::Discovery>::exclude(arg::<kube::discovery::Discovery>(), arg::<&[&str]>()); } }
same! { "kube_client::discovery::Discovery::filter" => fn _f() { let _ = <kube::discovery::Discovery>::filter(arg::<kube::discovery::Discovery>(), arg::<&[&str]>()); } }
same! { "kube_client::discovery::Discovery::new" => fn _f() { let _ = <kube::discovery::Discovery>::new(arg::<kube::client::Client>()); } }
same! { "kube_client::discovery::Discovery::run" => fn _f() { let _ = <kube::discovery::Discovery>::run(arg::<kube::discovery::Discovery>()); } }
same! { "kube_client::discovery::Discovery::run_aggregated" => fn _f() { let _ = <kube::discovery::Discovery>::run_aggregated(arg::<kube::discovery::Discovery>()); } }
same! { "kube_client::discovery::Discovery::get" => fn _f() { let _ = <kube::discovery::Discovery>::get(arg::<&kube::discovery::Discovery>(), arg::<&str>()); } }
same! { "kube_client::discovery::Discovery::groups" => fn _f() { let _ = <kube::discovery::Discovery>::groups(arg::<&kube::discovery::Discovery>()); } }
same! { "kube_client::discovery::Discovery::groups_alphabetical" => fn _f() { let _ = <kube::discovery::Discovery>::groups_alphabetical(arg::<&kube::discovery::Discovery>()); } }
same! { "kube_client::discovery::Discovery::has_group" => fn _f() { let _ = <kube::discovery::Discovery>::has_group(arg::<&kube::discovery::Discovery>(), arg::<&str>()); } }
same! { "kube_client::discovery::Discovery::resolve_gvk" => fn _f() { let _ = <kube::discovery::Discovery>::resolve_gvk(arg::<&kube::discovery::Discovery>(), arg::<&kube::core::gvk::GroupVersionKind>()); } }
same! { "kube_client::discovery::Discovery::resolve_object" => fn _f() { let _ = <kube::discovery::Discovery>::resolve_object(arg::<&kube::discovery::Discovery>(), arg::<&kube::core::dynamic::DynamicObject>()); } }
same! { "kube_client::discovery::Discovery::resolve_typemeta" => fn _f() { let _ = <kube::discovery::Discovery>::resolve_typemeta(arg::<&kube::discovery::Discovery>(), arg::<&kube::core::metadata::TypeMeta>()); } }
same! { "kube_client::discovery::group" => fn _f() { let _ = kube::discovery::group(arg::<&kube::client::Client>(), arg::<&str>()); } }
same! { "kube_client::discovery::pinned_group" => fn _f() { let _ = kube::discovery::pinned_group(arg::<&kube::client::Client>(), arg::<&kube::core::gvk::GroupVersion>()); } }
same! { "kube_client::discovery::pinned_kind" => fn _f() { let _ = kube::discovery::pinned_kind(arg::<&kube::client::Client>(), arg::<&kube::core::gvk::GroupVersionKind>()); } }
same! { "kube_client::error" => use kube::error as _N; }
same! { "kube_client::error::ErrorResponse" => use kube::error::ErrorResponse as _N; }
same! { "kube_client::error::Status" => use kube::error::Status as _N; }
same! { "kube_client::error::DiscoveryError" => use kube::error::DiscoveryError as _N; }
same! { "kube_client::error::DiscoveryError::EmptyApiGroup" => use kube::error::DiscoveryError::EmptyApiGroup as _N; }
same! { "kube_client::error::DiscoveryError::InvalidGroupVersion" => use kube::error::DiscoveryError::InvalidGroupVersion as _N; }
same! { "kube_client::error::DiscoveryError::MissingApiGroup" => use kube::error::DiscoveryError::MissingApiGroup as _N; }
same! { "kube_client::error::DiscoveryError::MissingKind" => use kube::error::DiscoveryError::MissingKind as _N; }
same! { "kube_client::error::DiscoveryError::MissingResource" => use kube::error::DiscoveryError::MissingResource as _N; }
same! { "kube_client::error::Error" => use kube::error::Error as _N; }
same! { "kube_client::error::Error::Api" => use kube::error::Error::Api as _N; }
same! { "kube_client::error::Error::BuildRequest" => use kube::error::Error::BuildRequest as _N; }
same! { "kube_client::error::Error::Discovery" => use kube::error::Error::Discovery as _N; }
same! { "kube_client::error::Error::FromUtf8" => use kube::error::Error::FromUtf8 as _N; }
same! { "kube_client::error::Error::HttpError" => use kube::error::Error::HttpError as _N; }
same! { "kube_client::error::Error::LinesCodecMaxLineLengthExceeded" => use kube::error::Error::LinesCodecMaxLineLengthExceeded as _N; }
same! { "kube_client::error::Error::ReadEvents" => use kube::error::Error::ReadEvents as _N; }
same! { "kube_client::error::Error::RefResolve" => use kube::error::Error::RefResolve as _N; }
same! { "kube_client::error::Error::SerdeError" => use kube::error::Error::SerdeError as _N; }
same! { "kube_client::error::Error::Service" => use kube::error::Error::Service as _N; }
same! { "kube_client::Error" => use kube::Error as _N; }
same! { "kube_client::Error::Api" => use kube::Error::Api as _N; }
same! { "kube_client::Error::BuildRequest" => use kube::Error::BuildRequest as _N; }
same! { "kube_client::Error::Discovery" => use kube::Error::Discovery as _N; }
same! { "kube_client::Error::FromUtf8" => use kube::Error::FromUtf8 as _N; }
same! { "kube_client::Error::HttpError" => use kube::Error::HttpError as _N; }
same! { "kube_client::Error::LinesCodecMaxLineLengthExceeded" => use kube::Error::LinesCodecMaxLineLengthExceeded as _N; }
same! { "kube_client::Error::ReadEvents" => use kube::Error::ReadEvents as _N; }
same! { "kube_client::Error::RefResolve" => use kube::Error::RefResolve as _N; }
same! { "kube_client::Error::SerdeError" => use kube::Error::SerdeError as _N; }
same! { "kube_client::Error::Service" => use kube::Error::Service as _N; }
same! { "kube_client::Api" => use kube::Api as _N; }
same! { "kube_client::Client" => use kube::Client as _N; }
same! { "kube_client::Discovery" => use kube::Discovery as _N; }
same! { "kube_client::client::retry" => use kube::client::retry as _N; }
same! { "kube_client::client::retry::InvalidBackoff" => use kube::client::retry::InvalidBackoff as _N; }
same! { "kube_client::client::retry::RetryPolicy" => use kube::client::retry::RetryPolicy as _N; }
same! { "kube_client::client::retry::RetryPolicy::new" => fn _f() { let _: Result<kube::client::retry::RetryPolicy, kube::client::retry::InvalidBackoff> = kube::client::retry::RetryPolicy::new(arg::<std::time::Duration>(), arg::<std::time::Duration>(), arg::<u32>(), arg::<bool>()); } }
same! { "kube_client::client::retry::RetryPolicy::server_retry" => fn _f() { let _ = kube::client::retry::RetryPolicy::server_retry(); } }
same! { "impl core::default::Default for kube_client::client::retry::RetryPolicy" => fn _f() { let _ = <kube::client::retry::RetryPolicy as Default>::default(); } }
same! { "impl<Res> tower::retry::policy::Policy<http::request::Request<kube_client::client::Body>, http::response::Response<Res>, alloc::boxed::Box<(dyn core::error::Error + core::marker::Sync + core::marker::Send)>> for kube_client::client::retry::RetryPolicy" => fn _f() { fn is<P: tower::retry::Policy<http::Request<kube::client::Body>, http::Response<kube::client::Body>, tower::BoxError>>() {} is::<kube::client::retry::RetryPolicy>(); } }
same! { "kube_client::api::Api::attach" => fn _f() { let _ = <kube::api::Api<Pod>>::attach(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_client::api::Api::exec" => fn _f() { let _ = <kube::api::Api<Pod>>::exec(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<Vec<String>>(), arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_client::api::Api::portforward" => fn _f() { let _ = <kube::api::Api<Pod>>::portforward(arg::<&kube::api::Api<Pod>>(), arg::<&str>(), arg::<&[u16]>()); } }
same! { "kube_client::api::AttachedProcess" => use kube::api::AttachedProcess as _N; }
same! { "kube_client::api::AttachedProcess::abort" => fn _f() { kube::api::AttachedProcess::abort(arg::<&kube::api::AttachedProcess>()) } }
same! { "kube_client::api::AttachedProcess::join" => async fn _f() { let _: Result<(), _> = kube::api::AttachedProcess::join(arg::<kube::api::AttachedProcess>()).await; } }
same! { "kube_client::api::AttachedProcess::stderr" => fn _f() { fn is<T: tokio::io::AsyncRead + Unpin>(_: Option<T>) {} is(kube::api::AttachedProcess::stderr(arg::<&mut kube::api::AttachedProcess>())); } }
same! { "kube_client::api::AttachedProcess::stdin" => fn _f() { fn is<T: tokio::io::AsyncWrite + Unpin>(_: Option<T>) {} is(kube::api::AttachedProcess::stdin(arg::<&mut kube::api::AttachedProcess>())); } }
same! { "kube_client::api::AttachedProcess::stdout" => fn _f() { fn is<T: tokio::io::AsyncRead + Unpin>(_: Option<T>) {} is(kube::api::AttachedProcess::stdout(arg::<&mut kube::api::AttachedProcess>())); } }
same! { "kube_client::api::AttachedProcess::take_status" => async fn _f() { let _: Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Status> = kube::api::AttachedProcess::take_status(arg::<&mut kube::api::AttachedProcess>()).unwrap().await; } }
same! { "kube_client::api::AttachedProcess::terminal_size" => fn _f() { let _: Option<futures::channel::mpsc::Sender<kube::api::TerminalSize>> = kube::api::AttachedProcess::terminal_size(arg::<&mut kube::api::AttachedProcess>()); } }
same! { "kube_client::api::Portforwarder" => use kube::api::Portforwarder as _N; }
same! { "kube_client::api::Portforwarder::abort" => fn _f() { kube::api::Portforwarder::abort(arg::<&kube::api::Portforwarder>()) } }
same! { "kube_client::api::Portforwarder::join" => async fn _f() { let _: Result<(), _> = kube::api::Portforwarder::join(arg::<kube::api::Portforwarder>()).await; } }
same! { "kube_client::api::Portforwarder::take_error" => async fn _f() { let _: Option<String> = kube::api::Portforwarder::take_error(arg::<&mut kube::api::Portforwarder>(), arg::<u16>()).unwrap().await; } }
same! { "kube_client::api::Portforwarder::take_stream" => fn _f() { fn is<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(_: Option<T>) {} is(kube::api::Portforwarder::take_stream(arg::<&mut kube::api::Portforwarder>(), arg::<u16>())); } }
same! { "kube_client::api::TerminalSize" => use kube::api::TerminalSize as _N; }
same! { "kube_client::api::TerminalSize::height" => fn _f(x: kube::api::TerminalSize) -> u16 { x.height } }
same! { "kube_client::api::TerminalSize::width" => fn _f(x: kube::api::TerminalSize) -> u16 { x.width } }
same! { "kube_client::api::Attach" => use kube::api::Attach as _N; }
same! { "impl kube_client::api::Attach for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _f() { fn is<T: kube::api::Attach>() {} is::<Pod>(); } }
same! { "kube_client::api::Execute" => use kube::api::Execute as _N; }
same! { "impl kube_client::api::Execute for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _f() { fn is<T: kube::api::Execute>() {} is::<Pod>(); } }
same! { "kube_client::api::Portforward" => use kube::api::Portforward as _N; }
same! { "impl kube_client::api::Portforward for k8s_openapi::v1_36::api::core::v1::pod::Pod" => fn _f() { fn is<T: kube::api::Portforward>() {} is::<Pod>(); } }
same! { "kube_client::client::UpgradeConnectionError" => use kube::client::UpgradeConnectionError as _N; }
same! { "kube_client::client::UpgradeConnectionError::GetPendingUpgrade" => use kube::client::UpgradeConnectionError::GetPendingUpgrade as _N; }
same! { "kube_client::client::UpgradeConnectionError::MissingConnectionUpgradeHeader" => use kube::client::UpgradeConnectionError::MissingConnectionUpgradeHeader as _N; }
same! { "kube_client::client::UpgradeConnectionError::MissingUpgradeWebSocketHeader" => use kube::client::UpgradeConnectionError::MissingUpgradeWebSocketHeader as _N; }
same! { "kube_client::client::UpgradeConnectionError::ProtocolSwitch" => fn _f(x: kube::client::UpgradeConnectionError) { if let kube::client::UpgradeConnectionError::ProtocolSwitch(y) = x { let _: http::StatusCode = y; } } }
same! { "kube_client::client::UpgradeConnectionError::SecWebSocketAcceptKeyMismatch" => use kube::client::UpgradeConnectionError::SecWebSocketAcceptKeyMismatch as _N; }
same! { "kube_client::client::UpgradeConnectionError::SecWebSocketProtocolMismatch" => use kube::client::UpgradeConnectionError::SecWebSocketProtocolMismatch as _N; }
same! { "kube_client::client::Client::connect" => async fn _f() { let _: kube::Result<kube::client::Connection> = kube::Client::connect(arg::<&kube::Client>(), arg::<http::Request<Vec<u8>>>()).await; } }
same! { "kube_client::client::Client::kubelet_node_attach" => fn _f() { let _ = kube::Client::kubelet_node_attach(arg::<&kube::Client>(), arg::<&kube::core::kubelet_debug::KubeletDebugParams<'static>>(), arg::<&str>(), arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_client::client::Client::kubelet_node_exec" => fn _f() { let _ = kube::Client::kubelet_node_exec(arg::<&kube::Client>(), arg::<&kube::core::kubelet_debug::KubeletDebugParams<'static>>(), arg::<&str>(), arg::<Vec<String>>(), arg::<&kube::core::subresource::AttachParams>()); } }
same! { "kube_client::client::Client::kubelet_node_logs" => fn _f() { let _ = kube::Client::kubelet_node_logs(arg::<&kube::Client>(), arg::<&kube::core::kubelet_debug::KubeletDebugParams<'static>>(), arg::<&str>(), arg::<&kube::core::subresource::LogParams>()); } }
same! { "kube_client::client::Client::kubelet_node_portforward" => fn _f() { let _ = kube::Client::kubelet_node_portforward(arg::<&kube::Client>(), arg::<&kube::core::kubelet_debug::KubeletDebugParams<'static>>(), arg::<&[u16]>()); } }
same! { "kube_client::client::Connection" => use kube::client::Connection as _N; }
same! { "kube_client::client::Connection::into_stream" => fn _f() { let _ = kube::client::Connection::into_stream(arg::<kube::client::Connection>()); } }
same! { "kube_client::client::Connection::supports_stream_close" => fn _f() -> bool { kube::client::Connection::supports_stream_close(arg::<&kube::client::Connection>()) } }
same! { "kube_client::error::Error::UpgradeConnection" => use kube::error::Error::UpgradeConnection as _N; }
same! { "kube_client::Error::UpgradeConnection" => use kube::Error::UpgradeConnection as _N; }

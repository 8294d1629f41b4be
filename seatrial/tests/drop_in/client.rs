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
same! { "kube_client::client::middleware" => use kube::client::middleware as _N; }
same! { "kube_client::client::middleware::AuthLayer" => use kube::client::middleware::AuthLayer as _N; }
same! { "impl<S> tower_layer::Layer<S> for kube_client::client::middleware::AuthLayer" => fn _f<S>(l: &kube::client::middleware::AuthLayer, s: S) { let _ = tower::Layer::layer(l, s); } }
same! { "kube_client::client::middleware::BaseUri" => use kube::client::middleware::BaseUri as _N; }
same! { "impl<S, ReqBody> tower_service::Service<http::request::Request<ReqBody>> for kube_client::client::middleware::BaseUri<S>" => fn _is<T: tower::Service<http::Request<B>>, B>() {} fn _f<S: tower::Service<http::Request<B>>, B>() { _is::<kube::client::middleware::BaseUri<S>, B>() } }
same! { "kube_client::client::middleware::BaseUriLayer" => use kube::client::middleware::BaseUriLayer as _N; }
same! { "kube_client::client::middleware::BaseUriLayer::new" => const _F: fn(http::Uri) -> kube::client::middleware::BaseUriLayer = kube::client::middleware::BaseUriLayer::new; }
same! { "impl<S> tower_layer::Layer<S> for kube_client::client::middleware::BaseUriLayer" => fn _f<S>(l: &kube::client::middleware::BaseUriLayer, s: S) { let _ = tower::Layer::layer(l, s); } }
same! { "kube_client::client::middleware::ExtraHeaders" => use kube::client::middleware::ExtraHeaders as _N; }
same! { "impl<S, ReqBody> tower_service::Service<http::request::Request<ReqBody>> for kube_client::client::middleware::ExtraHeaders<S>" => fn _is<T: tower::Service<http::Request<B>>, B>() {} fn _f<S: tower::Service<http::Request<B>>, B>() { _is::<kube::client::middleware::ExtraHeaders<S>, B>() } }
same! { "kube_client::client::middleware::ExtraHeadersLayer" => use kube::client::middleware::ExtraHeadersLayer as _N; }
same! { "impl<S> tower_layer::Layer<S> for kube_client::client::middleware::ExtraHeadersLayer" => fn _f<S>(l: &kube::client::middleware::ExtraHeadersLayer, s: S) { let _ = tower::Layer::layer(l, s); } }
same! { "kube_client::client::oidc_errors" => use kube::client::oidc_errors as _N; }
same! { "kube_client::client::oidc_errors::Error" => use kube::client::oidc_errors::Error as _N; }
same! { "kube_client::client::oidc_errors::Error::IdToken" => use kube::client::oidc_errors::Error::IdToken as _N; }
same! { "kube_client::client::oidc_errors::Error::IdTokenMissing" => use kube::client::oidc_errors::Error::IdTokenMissing as _N; }
same! { "kube_client::client::oidc_errors::Error::Refresh" => use kube::client::oidc_errors::Error::Refresh as _N; }
same! { "kube_client::client::oidc_errors::Error::RefreshInit" => use kube::client::oidc_errors::Error::RefreshInit as _N; }
same! { "kube_client::client::oidc_errors::IdTokenError" => use kube::client::oidc_errors::IdTokenError as _N; }
same! { "kube_client::client::oidc_errors::IdTokenError::InvalidBase64" => use kube::client::oidc_errors::IdTokenError::InvalidBase64 as _N; }
same! { "kube_client::client::oidc_errors::IdTokenError::InvalidExpirationTimestamp" => use kube::client::oidc_errors::IdTokenError::InvalidExpirationTimestamp as _N; }
same! { "kube_client::client::oidc_errors::IdTokenError::InvalidFormat" => use kube::client::oidc_errors::IdTokenError::InvalidFormat as _N; }
same! { "kube_client::client::oidc_errors::IdTokenError::InvalidJson" => use kube::client::oidc_errors::IdTokenError::InvalidJson as _N; }
same! { "kube_client::client::oidc_errors::RefreshError" => use kube::client::oidc_errors::RefreshError as _N; }
same! { "kube_client::client::oidc_errors::RefreshError::AuthorizationFailure" => use kube::client::oidc_errors::RefreshError::AuthorizationFailure as _N; }
same! { "kube_client::client::oidc_errors::RefreshError::InvalidMetadata" => use kube::client::oidc_errors::RefreshError::InvalidMetadata as _N; }
same! { "kube_client::client::oidc_errors::RefreshError::InvalidTokenResponse" => use kube::client::oidc_errors::RefreshError::InvalidTokenResponse as _N; }
same! { "kube_client::client::oidc_errors::RefreshError::InvalidURI" => use kube::client::oidc_errors::RefreshError::InvalidURI as _N; }
same! { "kube_client::client::oidc_errors::RefreshError::NoIdTokenReceived" => use kube::client::oidc_errors::RefreshError::NoIdTokenReceived as _N; }
same! { "kube_client::client::oidc_errors::RefreshError::RequestFailed" => use kube::client::oidc_errors::RefreshError::RequestFailed as _N; }
same! { "kube_client::client::oidc_errors::RefreshInitError" => use kube::client::oidc_errors::RefreshInitError as _N; }
same! { "kube_client::client::oidc_errors::RefreshInitError::MissingField" => use kube::client::oidc_errors::RefreshInitError::MissingField as _N; }
same! { "kube_client::client::AuthError" => use kube::client::AuthError as _N; }
same! { "kube_client::client::AuthError::AuthExec" => use kube::client::AuthError::AuthExec as _N; }
same! { "kube_client::client::AuthError::AuthExecParse" => use kube::client::AuthError::AuthExecParse as _N; }
same! { "kube_client::client::AuthError::AuthExecRun" => use kube::client::AuthError::AuthExecRun as _N; }
same! { "kube_client::client::AuthError::AuthExecRun::cmd" => fn _f(e: kube::client::AuthError) { if let kube::client::AuthError::AuthExecRun { cmd, .. } = e { let _: String = cmd; } } }
same! { "kube_client::client::AuthError::AuthExecRun::out" => fn _f(e: kube::client::AuthError) { if let kube::client::AuthError::AuthExecRun { out, .. } = e { let _: Box<kube::client::PluginOutput> = out; } } }
same! { "kube_client::client::AuthError::AuthExecStart" => use kube::client::AuthError::AuthExecStart as _N; }
same! { "kube_client::client::AuthError::ExecMissingClusterInfo" => use kube::client::AuthError::ExecMissingClusterInfo as _N; }
same! { "kube_client::client::AuthError::ExecPluginFailed" => use kube::client::AuthError::ExecPluginFailed as _N; }
same! { "kube_client::client::AuthError::InvalidBasicAuth" => use kube::client::AuthError::InvalidBasicAuth as _N; }
same! { "kube_client::client::AuthError::InvalidBearerToken" => use kube::client::AuthError::InvalidBearerToken as _N; }
same! { "kube_client::client::AuthError::MalformedTokenExpirationDate" => use kube::client::AuthError::MalformedTokenExpirationDate as _N; }
same! { "kube_client::client::AuthError::MissingCommand" => use kube::client::AuthError::MissingCommand as _N; }
same! { "kube_client::client::AuthError::Oidc" => use kube::client::AuthError::Oidc as _N; }
same! { "kube_client::client::AuthError::ParseTokenKey" => use kube::client::AuthError::ParseTokenKey as _N; }
same! { "kube_client::client::AuthError::ReadTokenFile" => use kube::client::AuthError::ReadTokenFile as _N; }
same! { "kube_client::client::AuthError::OAuth" => use kube::client::AuthError::OAuth as _N; }
same! { "kube_client::client::OAuthError" => use kube::client::OAuthError as _N; }
same! { "kube_client::client::OAuthError::InvalidDefaultProviderConfig" => use kube::client::OAuthError::InvalidDefaultProviderConfig as _N; }
same! { "kube_client::client::OAuthError::InvalidKeyFormat" => use kube::client::OAuthError::InvalidKeyFormat as _N; }
same! { "kube_client::client::OAuthError::InvalidRsaKey" => use kube::client::OAuthError::InvalidRsaKey as _N; }
same! { "kube_client::client::OAuthError::LoadCredentials" => use kube::client::OAuthError::LoadCredentials as _N; }
same! { "kube_client::client::OAuthError::NoDefaultProvider" => use kube::client::OAuthError::NoDefaultProvider as _N; }
same! { "kube_client::client::OAuthError::ParseCredentials" => use kube::client::OAuthError::ParseCredentials as _N; }
same! { "kube_client::client::OAuthError::ParseToken" => use kube::client::OAuthError::ParseToken as _N; }
same! { "kube_client::client::OAuthError::RequestToken" => use kube::client::OAuthError::RequestToken as _N; }
same! { "kube_client::client::OAuthError::RetrieveCredentials" => use kube::client::OAuthError::RetrieveCredentials as _N; }
same! { "kube_client::client::AuthError::UnrefreshableTokenResponse" => use kube::client::AuthError::UnrefreshableTokenResponse as _N; }
same! { "kube_client::client::RustlsTlsError" => use kube::client::RustlsTlsError as _N; }
same! { "kube_client::client::RustlsTlsError::AddRootCertificate" => use kube::client::RustlsTlsError::AddRootCertificate as _N; }
same! { "kube_client::client::RustlsTlsError::InvalidIdentityPem" => use kube::client::RustlsTlsError::InvalidIdentityPem as _N; }
same! { "kube_client::client::RustlsTlsError::InvalidPrivateKey" => use kube::client::RustlsTlsError::InvalidPrivateKey as _N; }
same! { "kube_client::client::RustlsTlsError::InvalidServerName" => use kube::client::RustlsTlsError::InvalidServerName as _N; }
same! { "kube_client::client::RustlsTlsError::MissingCertificate" => use kube::client::RustlsTlsError::MissingCertificate as _N; }
same! { "kube_client::client::RustlsTlsError::MissingPrivateKey" => use kube::client::RustlsTlsError::MissingPrivateKey as _N; }
same! { "kube_client::client::RustlsTlsError::NoValidNativeRootCA" => use kube::client::RustlsTlsError::NoValidNativeRootCA as _N; }
same! { "kube_client::client::RustlsTlsError::UnknownPrivateKeyFormat" => use kube::client::RustlsTlsError::UnknownPrivateKeyFormat as _N; }
same! { "impl core::convert::TryFrom<kube_client::config::Config> for kube_client::client::Client" => fn _f() { let _: kube::Result<kube::Client> = kube::Client::try_from(arg::<kube::Config>()); } }
same! { "impl core::convert::TryFrom<kube_client::config::Kubeconfig> for kube_client::client::Client" => fn _f() { let _: kube::Result<kube::Client> = kube::Client::try_from(arg::<kube::config::Kubeconfig>()); } }
same! { "impl core::convert::TryFrom<kube_client::config::Config> for kube_client::client::ClientBuilder<tower::util::boxed::sync::BoxService<http::request::Request<kube_client::client::Body>, http::response::Response<alloc::boxed::Box<kube_client::client::DynBody>>, tower::BoxError>>" => fn _f() { let _ = kube::client::ClientBuilder::try_from(arg::<kube::Config>()); } }
same! { "impl<E> core::convert::TryFrom<(kube_client::config::Config, E)> for kube_client::client::ClientBuilder<tower::util::boxed::sync::BoxService<http::request::Request<kube_client::client::Body>, http::response::Response<alloc::boxed::Box<kube_client::client::DynBody>>, tower::BoxError>>" => fn _f<E>(e: E) where E: hyper::rt::Executor<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> + Send + Sync + Clone + 'static { let _ = kube::client::ClientBuilder::try_from((arg::<kube::Config>(), e)); } }
same! { "kube_client::client::ConfigExt" => use kube::client::ConfigExt as _N; }
same! { "kube_client::client::ConfigExt::auth_layer" => fn _f(c: &kube::Config) -> kube::Result<Option<kube::client::middleware::AuthLayer>> { kube::client::ConfigExt::auth_layer(c) } }
same! { "kube_client::client::ConfigExt::base_uri_layer" => fn _f(c: &kube::Config) -> kube::client::middleware::BaseUriLayer { kube::client::ConfigExt::base_uri_layer(c) } }
same! { "kube_client::client::ConfigExt::extra_headers_layer" => fn _f(c: &kube::Config) -> kube::Result<kube::client::middleware::ExtraHeadersLayer> { kube::client::ConfigExt::extra_headers_layer(c) } }
same! { "kube_client::client::ConfigExt::rustls_client_config" => fn _f(c: &kube::Config) { let _ = kube::client::ConfigExt::rustls_client_config(c).map(std::sync::Arc::new); } }
same! { "kube_client::client::ConfigExt::rustls_https_connector" => fn _f(c: &kube::Config) { let _ = kube::client::ConfigExt::rustls_https_connector(c); } }
same! { "kube_client::client::ConfigExt::rustls_https_connector_with_connector" => fn _f<H>(c: &kube::Config, h: H) { let _ = kube::client::ConfigExt::rustls_https_connector_with_connector::<H>(c, h); } }
same! { "impl kube_client::client::ConfigExt for kube_client::config::Config" => fn _is<T: kube::client::ConfigExt>() {} fn _f() { _is::<kube::Config>() } }
same! { "kube_client::config" => use kube::config as _N; }
same! { "kube_client::config::ExecInteractiveMode" => use kube::config::ExecInteractiveMode as _N; }
same! { "kube_client::config::ExecInteractiveMode::Always" => use kube::config::ExecInteractiveMode::Always as _N; }
same! { "kube_client::config::ExecInteractiveMode::IfAvailable" => use kube::config::ExecInteractiveMode::IfAvailable as _N; }
same! { "kube_client::config::ExecInteractiveMode::Never" => use kube::config::ExecInteractiveMode::Never as _N; }
same! { "kube_client::config::InClusterError" => use kube::config::InClusterError as _N; }
same! { "kube_client::config::InClusterError::ParseCertificates" => use kube::config::InClusterError::ParseCertificates as _N; }
same! { "kube_client::config::InClusterError::ParseClusterPort" => use kube::config::InClusterError::ParseClusterPort as _N; }
same! { "kube_client::config::InClusterError::ParseClusterUrl" => use kube::config::InClusterError::ParseClusterUrl as _N; }
same! { "kube_client::config::InClusterError::ReadCertificateBundle" => use kube::config::InClusterError::ReadCertificateBundle as _N; }
same! { "kube_client::config::InClusterError::ReadDefaultNamespace" => use kube::config::InClusterError::ReadDefaultNamespace as _N; }
same! { "kube_client::config::InClusterError::ReadEnvironmentVariable" => use kube::config::InClusterError::ReadEnvironmentVariable as _N; }
same! { "kube_client::config::KubeconfigError" => use kube::config::KubeconfigError as _N; }
same! { "kube_client::config::KubeconfigError::ApiVersionMismatch" => use kube::config::KubeconfigError::ApiVersionMismatch as _N; }
same! { "kube_client::config::KubeconfigError::CurrentContextNotSet" => use kube::config::KubeconfigError::CurrentContextNotSet as _N; }
same! { "kube_client::config::KubeconfigError::FindPath" => use kube::config::KubeconfigError::FindPath as _N; }
same! { "kube_client::config::KubeconfigError::KindMismatch" => use kube::config::KubeconfigError::KindMismatch as _N; }
same! { "kube_client::config::KubeconfigError::LoadCertificateAuthority" => use kube::config::KubeconfigError::LoadCertificateAuthority as _N; }
same! { "kube_client::config::KubeconfigError::LoadClientCertificate" => use kube::config::KubeconfigError::LoadClientCertificate as _N; }
same! { "kube_client::config::KubeconfigError::LoadClientKey" => use kube::config::KubeconfigError::LoadClientKey as _N; }
same! { "kube_client::config::KubeconfigError::LoadClusterOfContext" => use kube::config::KubeconfigError::LoadClusterOfContext as _N; }
same! { "kube_client::config::KubeconfigError::LoadContext" => use kube::config::KubeconfigError::LoadContext as _N; }
same! { "kube_client::config::KubeconfigError::MissingClusterUrl" => use kube::config::KubeconfigError::MissingClusterUrl as _N; }
same! { "kube_client::config::KubeconfigError::Parse" => use kube::config::KubeconfigError::Parse as _N; }
same! { "kube_client::config::KubeconfigError::ParseCertificates" => use kube::config::KubeconfigError::ParseCertificates as _N; }
same! { "kube_client::config::KubeconfigError::ParseClusterUrl" => use kube::config::KubeconfigError::ParseClusterUrl as _N; }
same! { "kube_client::config::KubeconfigError::ParseProxyUrl" => use kube::config::KubeconfigError::ParseProxyUrl as _N; }
same! { "kube_client::config::KubeconfigError::ReadConfig" => use kube::config::KubeconfigError::ReadConfig as _N; }
same! { "kube_client::config::LoadDataError" => use kube::config::LoadDataError as _N; }
same! { "kube_client::config::LoadDataError::DecodeBase64" => use kube::config::LoadDataError::DecodeBase64 as _N; }
same! { "kube_client::config::LoadDataError::NoBase64DataOrFile" => use kube::config::LoadDataError::NoBase64DataOrFile as _N; }
same! { "kube_client::config::LoadDataError::ReadFile" => use kube::config::LoadDataError::ReadFile as _N; }
same! { "kube_client::config::AuthInfo" => use kube::config::AuthInfo as _N; }
same! { "kube_client::config::AuthInfo::auth_provider" => fn _f(v: kube::config::AuthInfo) { let _: Option<kube::config::AuthProviderConfig> = v.auth_provider; } }
same! { "kube_client::config::AuthInfo::client_certificate" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.client_certificate; } }
same! { "kube_client::config::AuthInfo::client_certificate_data" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.client_certificate_data; } }
same! { "kube_client::config::AuthInfo::client_key" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.client_key; } }
same! { "kube_client::config::AuthInfo::client_key_data" => fn _f(v: kube::config::AuthInfo) { let _: Option<secrecy::SecretString> = v.client_key_data; } }
same! { "kube_client::config::AuthInfo::exec" => fn _f(v: kube::config::AuthInfo) { let _: Option<kube::config::ExecConfig> = v.exec; } }
same! { "kube_client::config::AuthInfo::extensions" => fn _f(v: kube::config::AuthInfo) { let _: Option<Vec<kube::config::NamedExtension>> = v.extensions; } }
same! { "kube_client::config::AuthInfo::impersonate" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.impersonate; } }
same! { "kube_client::config::AuthInfo::impersonate_groups" => fn _f(v: kube::config::AuthInfo) { let _: Option<Vec<String>> = v.impersonate_groups; } }
same! { "kube_client::config::AuthInfo::impersonate_uid" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.impersonate_uid; } }
same! { "kube_client::config::AuthInfo::impersonate_user_extra" => fn _f(v: kube::config::AuthInfo) { let _: Option<std::collections::HashMap<String, Vec<String>>> = v.impersonate_user_extra; } }
same! { "kube_client::config::AuthInfo::other" => fn _f(v: kube::config::AuthInfo) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::AuthInfo::password" => fn _f(v: kube::config::AuthInfo) { let _: Option<secrecy::SecretString> = v.password; } }
same! { "kube_client::config::AuthInfo::token" => fn _f(v: kube::config::AuthInfo) { let _: Option<secrecy::SecretString> = v.token; } }
same! { "kube_client::config::AuthInfo::token_file" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.token_file; } }
same! { "kube_client::config::AuthInfo::username" => fn _f(v: kube::config::AuthInfo) { let _: Option<String> = v.username; } }
same! { "kube_client::config::AuthProviderConfig" => use kube::config::AuthProviderConfig as _N; }
same! { "kube_client::config::AuthProviderConfig::config" => fn _f(v: kube::config::AuthProviderConfig) { let _: std::collections::HashMap<String, String> = v.config; } }
same! { "kube_client::config::AuthProviderConfig::name" => fn _f(v: kube::config::AuthProviderConfig) { let _: String = v.name; } }
same! { "kube_client::config::AuthProviderConfig::other" => fn _f(v: kube::config::AuthProviderConfig) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::Cluster" => use kube::config::Cluster as _N; }
same! { "kube_client::config::Cluster::certificate_authority" => fn _f(v: kube::config::Cluster) { let _: Option<String> = v.certificate_authority; } }
same! { "kube_client::config::Cluster::certificate_authority_data" => fn _f(v: kube::config::Cluster) { let _: Option<String> = v.certificate_authority_data; } }
same! { "kube_client::config::Cluster::disable_compression" => fn _f(v: kube::config::Cluster) { let _: Option<bool> = v.disable_compression; } }
same! { "kube_client::config::Cluster::extensions" => fn _f(v: kube::config::Cluster) { let _: Option<Vec<kube::config::NamedExtension>> = v.extensions; } }
same! { "kube_client::config::Cluster::insecure_skip_tls_verify" => fn _f(v: kube::config::Cluster) { let _: Option<bool> = v.insecure_skip_tls_verify; } }
same! { "kube_client::config::Cluster::other" => fn _f(v: kube::config::Cluster) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::Cluster::proxy_url" => fn _f(v: kube::config::Cluster) { let _: Option<String> = v.proxy_url; } }
same! { "kube_client::config::Cluster::server" => fn _f(v: kube::config::Cluster) { let _: Option<String> = v.server; } }
same! { "kube_client::config::Cluster::tls_server_name" => fn _f(v: kube::config::Cluster) { let _: Option<String> = v.tls_server_name; } }
same! { "impl core::convert::TryFrom<&kube_client::config::Cluster> for kube_client::config::ExecAuthCluster" => fn _f() { let _: Result<kube::config::ExecAuthCluster, kube::config::KubeconfigError> = kube::config::ExecAuthCluster::try_from(arg::<&kube::config::Cluster>()); } }
same! { "kube_client::config::Config" => use kube::config::Config as _N; }
same! { "kube_client::config::Config::accept_invalid_certs" => fn _f(v: kube::config::Config) { let _: bool = v.accept_invalid_certs; } }
same! { "kube_client::config::Config::auth_info" => fn _f(v: kube::config::Config) { let _: kube::config::AuthInfo = v.auth_info; } }
same! { "kube_client::config::Config::cluster_url" => fn _f(v: kube::config::Config) { let _: http::Uri = v.cluster_url; } }
same! { "kube_client::config::Config::connect_timeout" => fn _f(v: kube::config::Config) { let _: Option<std::time::Duration> = v.connect_timeout; } }
same! { "kube_client::config::Config::default_namespace" => fn _f(v: kube::config::Config) { let _: String = v.default_namespace; } }
same! { "kube_client::config::Config::default_retry" => fn _f(v: kube::config::Config) { let _: bool = v.default_retry; } }
same! { "kube_client::config::Config::disable_compression" => fn _f(v: kube::config::Config) { let _: bool = v.disable_compression; } }
same! { "kube_client::config::Config::headers" => fn _f(v: kube::config::Config) { let _: Vec<(http::HeaderName, http::HeaderValue)> = v.headers; } }
same! { "kube_client::config::Config::proxy_url" => fn _f(v: kube::config::Config) { let _: Option<http::Uri> = v.proxy_url; } }
same! { "kube_client::config::Config::read_timeout" => fn _f(v: kube::config::Config) { let _: Option<std::time::Duration> = v.read_timeout; } }
same! { "kube_client::config::Config::reset_reader_on_write" => fn _f(v: kube::config::Config) { let _: bool = v.reset_reader_on_write; } }
same! { "kube_client::config::Config::root_cert" => fn _f(v: kube::config::Config) { let _: Option<Vec<Vec<u8>>> = v.root_cert; } }
same! { "kube_client::config::Config::root_cert_file" => fn _f(v: kube::config::Config) { let _: Option<std::path::PathBuf> = v.root_cert_file; } }
same! { "kube_client::config::Config::tls_server_name" => fn _f(v: kube::config::Config) { let _: Option<String> = v.tls_server_name; } }
same! { "kube_client::config::Config::write_timeout" => fn _f(v: kube::config::Config) { let _: Option<std::time::Duration> = v.write_timeout; } }
same! { "kube_client::config::Config::apply_debug_overrides" => const _F: fn(&mut kube::Config) = kube::Config::apply_debug_overrides; }
same! { "kube_client::config::Config::from_custom_kubeconfig" => async fn _f() { let _: Result<kube::Config, kube::config::KubeconfigError> = kube::Config::from_custom_kubeconfig(arg::<kube::config::Kubeconfig>(), arg::<&kube::config::KubeConfigOptions>()).await; } }
same! { "kube_client::config::Config::from_kubeconfig" => async fn _f() { let _: Result<kube::Config, kube::config::KubeconfigError> = kube::Config::from_kubeconfig(arg::<&kube::config::KubeConfigOptions>()).await; } }
same! { "kube_client::config::Config::incluster" => const _F: fn() -> Result<kube::Config, kube::config::InClusterError> = kube::Config::incluster; }
same! { "kube_client::config::Config::incluster_dns" => const _F: fn() -> Result<kube::Config, kube::config::InClusterError> = kube::Config::incluster_dns; }
same! { "kube_client::config::Config::incluster_env" => const _F: fn() -> Result<kube::Config, kube::config::InClusterError> = kube::Config::incluster_env; }
same! { "kube_client::config::Config::infer" => async fn _f() { let _: Result<kube::Config, kube::config::InferConfigError> = kube::Config::infer().await; } }
same! { "kube_client::config::Config::new" => const _F: fn(http::Uri) -> kube::Config = kube::Config::new; }
same! { "impl core::convert::TryFrom<kube_client::config::Kubeconfig> for kube_client::config::Config" => fn _f() { let _: Result<kube::Config, kube::config::KubeconfigError> = kube::Config::try_from(arg::<kube::config::Kubeconfig>()); } }
same! { "kube_client::config::Context" => use kube::config::Context as _N; }
same! { "kube_client::config::Context::cluster" => fn _f(v: kube::config::Context) { let _: String = v.cluster; } }
same! { "kube_client::config::Context::extensions" => fn _f(v: kube::config::Context) { let _: Option<Vec<kube::config::NamedExtension>> = v.extensions; } }
same! { "kube_client::config::Context::namespace" => fn _f(v: kube::config::Context) { let _: Option<String> = v.namespace; } }
same! { "kube_client::config::Context::other" => fn _f(v: kube::config::Context) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::Context::user" => fn _f(v: kube::config::Context) { let _: Option<String> = v.user; } }
same! { "kube_client::config::ExecAuthCluster" => use kube::config::ExecAuthCluster as _N; }
same! { "kube_client::config::ExecAuthCluster::certificate_authority_data" => fn _f(v: kube::config::ExecAuthCluster) { let _: Option<Vec<u8>> = v.certificate_authority_data; } }
same! { "kube_client::config::ExecAuthCluster::config" => fn _f(v: kube::config::ExecAuthCluster) { let _: Option<serde_json::Value> = v.config; } }
same! { "kube_client::config::ExecAuthCluster::insecure_skip_tls_verify" => fn _f(v: kube::config::ExecAuthCluster) { let _: Option<bool> = v.insecure_skip_tls_verify; } }
same! { "kube_client::config::ExecAuthCluster::proxy_url" => fn _f(v: kube::config::ExecAuthCluster) { let _: Option<String> = v.proxy_url; } }
same! { "kube_client::config::ExecAuthCluster::server" => fn _f(v: kube::config::ExecAuthCluster) { let _: Option<String> = v.server; } }
same! { "kube_client::config::ExecAuthCluster::tls_server_name" => fn _f(v: kube::config::ExecAuthCluster) { let _: Option<String> = v.tls_server_name; } }
same! { "kube_client::config::ExecConfig" => use kube::config::ExecConfig as _N; }
same! { "kube_client::config::ExecConfig::api_version" => fn _f(v: kube::config::ExecConfig) { let _: Option<String> = v.api_version; } }
same! { "kube_client::config::ExecConfig::args" => fn _f(v: kube::config::ExecConfig) { let _: Option<Vec<String>> = v.args; } }
same! { "kube_client::config::ExecConfig::cluster" => fn _f(v: kube::config::ExecConfig) { let _: Option<kube::config::ExecAuthCluster> = v.cluster; } }
same! { "kube_client::config::ExecConfig::command" => fn _f(v: kube::config::ExecConfig) { let _: Option<String> = v.command; } }
same! { "kube_client::config::ExecConfig::drop_env" => fn _f(v: kube::config::ExecConfig) { let _: Option<Vec<String>> = v.drop_env; } }
same! { "kube_client::config::ExecConfig::env" => fn _f(v: kube::config::ExecConfig) { let _: Option<Vec<std::collections::HashMap<String, String>>> = v.env; } }
same! { "kube_client::config::ExecConfig::install_hint" => fn _f(v: kube::config::ExecConfig) { let _: Option<String> = v.install_hint; } }
same! { "kube_client::config::ExecConfig::interactive_mode" => fn _f(v: kube::config::ExecConfig) { let _: Option<kube::config::ExecInteractiveMode> = v.interactive_mode; } }
same! { "kube_client::config::ExecConfig::other" => fn _f(v: kube::config::ExecConfig) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::ExecConfig::provide_cluster_info" => fn _f(v: kube::config::ExecConfig) { let _: bool = v.provide_cluster_info; } }
same! { "kube_client::config::InferConfigError" => use kube::config::InferConfigError as _N; }
same! { "kube_client::config::KubeConfigOptions" => use kube::config::KubeConfigOptions as _N; }
same! { "kube_client::config::KubeConfigOptions::cluster" => fn _f(v: kube::config::KubeConfigOptions) { let _: Option<String> = v.cluster; } }
same! { "kube_client::config::KubeConfigOptions::context" => fn _f(v: kube::config::KubeConfigOptions) { let _: Option<String> = v.context; } }
same! { "kube_client::config::KubeConfigOptions::user" => fn _f(v: kube::config::KubeConfigOptions) { let _: Option<String> = v.user; } }
same! { "kube_client::config::Kubeconfig" => use kube::config::Kubeconfig as _N; }
same! { "kube_client::config::Kubeconfig::api_version" => fn _f(v: kube::config::Kubeconfig) { let _: Option<String> = v.api_version; } }
same! { "kube_client::config::Kubeconfig::auth_infos" => fn _f(v: kube::config::Kubeconfig) { let _: Vec<kube::config::NamedAuthInfo> = v.auth_infos; } }
same! { "kube_client::config::Kubeconfig::clusters" => fn _f(v: kube::config::Kubeconfig) { let _: Vec<kube::config::NamedCluster> = v.clusters; } }
same! { "kube_client::config::Kubeconfig::contexts" => fn _f(v: kube::config::Kubeconfig) { let _: Vec<kube::config::NamedContext> = v.contexts; } }
same! { "kube_client::config::Kubeconfig::current_context" => fn _f(v: kube::config::Kubeconfig) { let _: Option<String> = v.current_context; } }
same! { "kube_client::config::Kubeconfig::extensions" => fn _f(v: kube::config::Kubeconfig) { let _: Option<Vec<kube::config::NamedExtension>> = v.extensions; } }
same! { "kube_client::config::Kubeconfig::kind" => fn _f(v: kube::config::Kubeconfig) { let _: Option<String> = v.kind; } }
same! { "kube_client::config::Kubeconfig::other" => fn _f(v: kube::config::Kubeconfig) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::Kubeconfig::preferences" => fn _f(v: kube::config::Kubeconfig) { let _: Option<kube::config::Preferences> = v.preferences; } }
same! { "kube_client::config::Kubeconfig::from_env" => const _F: fn() -> Result<Option<kube::config::Kubeconfig>, kube::config::KubeconfigError> = kube::config::Kubeconfig::from_env; }
same! { "kube_client::config::Kubeconfig::from_yaml" => const _F: fn(&str) -> Result<kube::config::Kubeconfig, kube::config::KubeconfigError> = kube::config::Kubeconfig::from_yaml; }
same! { "kube_client::config::Kubeconfig::merge" => const _F: fn(kube::config::Kubeconfig, kube::config::Kubeconfig) -> Result<kube::config::Kubeconfig, kube::config::KubeconfigError> = kube::config::Kubeconfig::merge; }
same! { "kube_client::config::Kubeconfig::read" => const _F: fn() -> Result<kube::config::Kubeconfig, kube::config::KubeconfigError> = kube::config::Kubeconfig::read; }
same! { "kube_client::config::Kubeconfig::read_from" => fn _f() { let _: Result<kube::config::Kubeconfig, kube::config::KubeconfigError> = kube::config::Kubeconfig::read_from(arg::<&std::path::Path>()); } }
same! { "kube_client::config::NamedAuthInfo" => use kube::config::NamedAuthInfo as _N; }
same! { "kube_client::config::NamedAuthInfo::auth_info" => fn _f(v: kube::config::NamedAuthInfo) { let _: Option<kube::config::AuthInfo> = v.auth_info; } }
same! { "kube_client::config::NamedAuthInfo::name" => fn _f(v: kube::config::NamedAuthInfo) { let _: String = v.name; } }
same! { "kube_client::config::NamedAuthInfo::other" => fn _f(v: kube::config::NamedAuthInfo) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::NamedCluster" => use kube::config::NamedCluster as _N; }
same! { "kube_client::config::NamedCluster::cluster" => fn _f(v: kube::config::NamedCluster) { let _: Option<kube::config::Cluster> = v.cluster; } }
same! { "kube_client::config::NamedCluster::name" => fn _f(v: kube::config::NamedCluster) { let _: String = v.name; } }
same! { "kube_client::config::NamedCluster::other" => fn _f(v: kube::config::NamedCluster) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::NamedContext" => use kube::config::NamedContext as _N; }
same! { "kube_client::config::NamedContext::context" => fn _f(v: kube::config::NamedContext) { let _: Option<kube::config::Context> = v.context; } }
same! { "kube_client::config::NamedContext::name" => fn _f(v: kube::config::NamedContext) { let _: String = v.name; } }
same! { "kube_client::config::NamedContext::other" => fn _f(v: kube::config::NamedContext) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::config::NamedExtension" => use kube::config::NamedExtension as _N; }
same! { "kube_client::config::NamedExtension::extension" => fn _f(v: kube::config::NamedExtension) { let _: serde_json::Value = v.extension; } }
same! { "kube_client::config::NamedExtension::name" => fn _f(v: kube::config::NamedExtension) { let _: String = v.name; } }
same! { "kube_client::config::Preferences" => use kube::config::Preferences as _N; }
same! { "kube_client::config::Preferences::colors" => fn _f(v: kube::config::Preferences) { let _: Option<bool> = v.colors; } }
same! { "kube_client::config::Preferences::extensions" => fn _f(v: kube::config::Preferences) { let _: Option<Vec<kube::config::NamedExtension>> = v.extensions; } }
same! { "kube_client::config::Preferences::other" => fn _f(v: kube::config::Preferences) { let _: std::collections::BTreeMap<String, serde_json::Value> = v.other; } }
same! { "kube_client::error::Error::Auth" => use kube::error::Error::Auth as _N; }
same! { "kube_client::error::Error::InferConfig" => use kube::error::Error::InferConfig as _N; }
same! { "kube_client::error::Error::InferKubeconfig" => use kube::error::Error::InferKubeconfig as _N; }
same! { "kube_client::error::Error::ProxyProtocolDisabled" => use kube::error::Error::ProxyProtocolDisabled as _N; }
same! { "kube_client::error::Error::ProxyProtocolDisabled::protocol_feature" => fn _f(e: kube::error::Error) { if let kube::error::Error::ProxyProtocolDisabled { protocol_feature, .. } = e { let _: &'static str = protocol_feature; } } }
same! { "kube_client::error::Error::ProxyProtocolDisabled::proxy_url" => fn _f(e: kube::error::Error) { if let kube::error::Error::ProxyProtocolDisabled { proxy_url, .. } = e { let _: Box<http::Uri> = proxy_url; } } }
same! { "kube_client::error::Error::ProxyProtocolUnsupported" => use kube::error::Error::ProxyProtocolUnsupported as _N; }
same! { "kube_client::error::Error::ProxyProtocolUnsupported::proxy_url" => fn _f(e: kube::error::Error) { if let kube::error::Error::ProxyProtocolUnsupported { proxy_url, .. } = e { let _: Box<http::Uri> = proxy_url; } } }
same! { "kube_client::error::Error::RustlsTls" => use kube::error::Error::RustlsTls as _N; }
same! { "kube_client::error::Error::TlsRequired" => use kube::error::Error::TlsRequired as _N; }
same! { "kube_client::Error::Auth" => use kube::Error::Auth as _N; }
same! { "kube_client::Error::InferConfig" => use kube::Error::InferConfig as _N; }
same! { "kube_client::Error::InferKubeconfig" => use kube::Error::InferKubeconfig as _N; }
same! { "kube_client::Error::ProxyProtocolDisabled" => use kube::Error::ProxyProtocolDisabled as _N; }
same! { "kube_client::Error::ProxyProtocolDisabled::protocol_feature" => fn _f(e: kube::Error) { if let kube::Error::ProxyProtocolDisabled { protocol_feature, .. } = e { let _: &'static str = protocol_feature; } } }
same! { "kube_client::Error::ProxyProtocolDisabled::proxy_url" => fn _f(e: kube::Error) { if let kube::Error::ProxyProtocolDisabled { proxy_url, .. } = e { let _: Box<http::Uri> = proxy_url; } } }
same! { "kube_client::Error::ProxyProtocolUnsupported" => use kube::Error::ProxyProtocolUnsupported as _N; }
same! { "kube_client::Error::ProxyProtocolUnsupported::proxy_url" => fn _f(e: kube::Error) { if let kube::Error::ProxyProtocolUnsupported { proxy_url, .. } = e { let _: Box<http::Uri> = proxy_url; } } }
same! { "kube_client::Error::RustlsTls" => use kube::Error::RustlsTls as _N; }
same! { "kube_client::Error::TlsRequired" => use kube::Error::TlsRequired as _N; }
same! { "kube_client::Config" => use kube::Config as _N; }
same! { "kube_client::Config::accept_invalid_certs" => fn _f(v: kube::Config) { let _: bool = v.accept_invalid_certs; } }
same! { "kube_client::Config::auth_info" => fn _f(v: kube::Config) { let _: kube::config::AuthInfo = v.auth_info; } }
same! { "kube_client::Config::cluster_url" => fn _f(v: kube::Config) { let _: http::Uri = v.cluster_url; } }
same! { "kube_client::Config::connect_timeout" => fn _f(v: kube::Config) { let _: Option<std::time::Duration> = v.connect_timeout; } }
same! { "kube_client::Config::default_namespace" => fn _f(v: kube::Config) { let _: String = v.default_namespace; } }
same! { "kube_client::Config::default_retry" => fn _f(v: kube::Config) { let _: bool = v.default_retry; } }
same! { "kube_client::Config::disable_compression" => fn _f(v: kube::Config) { let _: bool = v.disable_compression; } }
same! { "kube_client::Config::headers" => fn _f(v: kube::Config) { let _: Vec<(http::HeaderName, http::HeaderValue)> = v.headers; } }
same! { "kube_client::Config::proxy_url" => fn _f(v: kube::Config) { let _: Option<http::Uri> = v.proxy_url; } }
same! { "kube_client::Config::read_timeout" => fn _f(v: kube::Config) { let _: Option<std::time::Duration> = v.read_timeout; } }
same! { "kube_client::Config::reset_reader_on_write" => fn _f(v: kube::Config) { let _: bool = v.reset_reader_on_write; } }
same! { "kube_client::Config::root_cert" => fn _f(v: kube::Config) { let _: Option<Vec<Vec<u8>>> = v.root_cert; } }
same! { "kube_client::Config::root_cert_file" => fn _f(v: kube::Config) { let _: Option<std::path::PathBuf> = v.root_cert_file; } }
same! { "kube_client::Config::tls_server_name" => fn _f(v: kube::Config) { let _: Option<String> = v.tls_server_name; } }
same! { "kube_client::Config::write_timeout" => fn _f(v: kube::Config) { let _: Option<std::time::Duration> = v.write_timeout; } }

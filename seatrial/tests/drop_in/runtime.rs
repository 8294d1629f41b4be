//! The paths of kube_runtime that exist here under the same name.
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

same! { "kube_runtime" => use kube::runtime as _N; }
same! { "kube_runtime::conditions" => use kube::runtime::conditions as _N; }
same! { "kube_runtime::conditions::And" => use kube::runtime::conditions::And as _N; }
same! { "impl<A, B, K> kube_runtime::wait::Condition<K> for kube_runtime::wait::conditions::And<A, B>" => fn _i() where kube::runtime::wait::conditions::And<fn(Option<&Pod>) -> bool, fn(Option<&Pod>) -> bool>: kube::runtime::wait::Condition<Pod> {} }
same! { "kube_runtime::conditions::Not" => use kube::runtime::conditions::Not as _N; }
same! { "impl<A: kube_runtime::wait::Condition<K>, K> kube_runtime::wait::Condition<K> for kube_runtime::wait::conditions::Not<A>" => fn _i() where kube::runtime::wait::conditions::Not<fn(Option<&Pod>) -> bool>: kube::runtime::wait::Condition<Pod> {} }
same! { "kube_runtime::conditions::Or" => use kube::runtime::conditions::Or as _N; }
same! { "impl<A, B, K> kube_runtime::wait::Condition<K> for kube_runtime::wait::conditions::Or<A, B>" => fn _i() where kube::runtime::wait::conditions::Or<fn(Option<&Pod>) -> bool, fn(Option<&Pod>) -> bool>: kube::runtime::wait::Condition<Pod> {} }
same! { "kube_runtime::conditions::Condition" => use kube::runtime::conditions::Condition as _N; }
same! { "kube_runtime::conditions::Condition::and" => fn _f(a: fn(Option<&Pod>) -> bool, b: fn(Option<&Pod>) -> bool) { use kube::runtime::conditions::Condition; let _ = Condition::<Pod>::and(a, b); } }
same! { "kube_runtime::conditions::Condition::matches_object" => fn _f<T: kube::runtime::conditions::Condition<Pod>>() { let _ = <T as kube::runtime::conditions::Condition<Pod>>::matches_object; } }
same! { "kube_runtime::conditions::Condition::not" => fn _f<T: kube::runtime::conditions::Condition<Pod>>() { let _ = <T as kube::runtime::conditions::Condition<Pod>>::not; } }
same! { "kube_runtime::conditions::Condition::or" => fn _f(a: fn(Option<&Pod>) -> bool, b: fn(Option<&Pod>) -> bool) { use kube::runtime::conditions::Condition; let _ = Condition::<Pod>::or(a, b); } }
same! { "kube_runtime::controller" => use kube::runtime::controller as _N; }
same! { "kube_runtime::controller::Error" => use kube::runtime::controller::Error as _N; }
same! { "kube_runtime::controller::Error::ObjectNotFound" => use kube::runtime::controller::Error::ObjectNotFound as _N; }
same! { "kube_runtime::controller::Error::QueueError" => use kube::runtime::controller::Error::QueueError as _N; }
same! { "kube_runtime::controller::Error::ReconcilerFailed" => use kube::runtime::controller::Error::ReconcilerFailed as _N; }
same! { "kube_runtime::controller::Error::RunnerError" => use kube::runtime::controller::Error::RunnerError as _N; }
same! { "kube_runtime::controller::ReconcileReason" => use kube::runtime::controller::ReconcileReason as _N; }
same! { "kube_runtime::controller::ReconcileReason::BulkReconcile" => use kube::runtime::controller::ReconcileReason::BulkReconcile as _N; }
same! { "kube_runtime::controller::ReconcileReason::Custom" => use kube::runtime::controller::ReconcileReason::Custom as _N; }
same! { "kube_runtime::controller::ReconcileReason::Custom::reason" => fn _f(x: kube::runtime::controller::ReconcileReason) { if let kube::runtime::controller::ReconcileReason::Custom { reason: _y, .. } = x {} } }
same! { "kube_runtime::controller::ReconcileReason::ErrorPolicyRequestedRetry" => use kube::runtime::controller::ReconcileReason::ErrorPolicyRequestedRetry as _N; }
same! { "kube_runtime::controller::ReconcileReason::ObjectUpdated" => use kube::runtime::controller::ReconcileReason::ObjectUpdated as _N; }
same! { "kube_runtime::controller::ReconcileReason::ReconcilerRequestedRetry" => use kube::runtime::controller::ReconcileReason::ReconcilerRequestedRetry as _N; }
same! { "kube_runtime::controller::ReconcileReason::RelatedObjectUpdated" => use kube::runtime::controller::ReconcileReason::RelatedObjectUpdated as _N; }
same! { "kube_runtime::controller::ReconcileReason::RelatedObjectUpdated::obj_ref" => fn _f(x: kube::runtime::controller::ReconcileReason) { if let kube::runtime::controller::ReconcileReason::RelatedObjectUpdated { obj_ref: _y, .. } = x {} } }
same! { "kube_runtime::controller::ReconcileReason::Unknown" => use kube::runtime::controller::ReconcileReason::Unknown as _N; }
same! { "impl core::fmt::Display for kube_runtime::controller::ReconcileReason" => fn _i() where kube::runtime::controller::ReconcileReason: std::fmt::Display {} }
same! { "kube_runtime::controller::Action" => use kube::runtime::controller::Action as _N; }
same! { "kube_runtime::controller::Action::await_change" => fn _f() { let _ = <kube::runtime::controller::Action>::await_change(); } }
same! { "kube_runtime::controller::Action::requeue" => fn _f() { let _ = <kube::runtime::controller::Action>::requeue(arg::<std::time::Duration>()); } }
same! { "kube_runtime::controller::Config" => use kube::runtime::controller::Config as _N; }
same! { "kube_runtime::controller::Config::concurrency" => fn _f() { let _ = <kube::runtime::controller::Config>::concurrency(arg::<kube::runtime::controller::Config>(), arg::<u16>()); } }
same! { "kube_runtime::controller::Config::debounce" => fn _f() { let _ = <kube::runtime::controller::Config>::debounce(arg::<kube::runtime::controller::Config>(), arg::<std::time::Duration>()); } }
same! { "kube_runtime::controller::Controller" => use kube::runtime::controller::Controller as _N; }
same! { "kube_runtime::controller::Controller::for_shared_stream" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::for_shared_stream(arg::<futures::stream::Empty<std::sync::Arc<Pod>>>(), arg::<kube::runtime::reflector::store::Store<Pod>>()); } }
same! { "kube_runtime::controller::Controller::for_shared_stream_with" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::for_shared_stream_with(arg::<futures::stream::Empty<std::sync::Arc<Pod>>>(), arg::<kube::runtime::reflector::store::Store<Pod>>(), arg::<()>()); } }
same! { "kube_runtime::controller::Controller::for_stream" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::for_stream(arg::<futures::stream::Empty<std::result::Result<Pod, kube::runtime::watcher::Error>>>(), arg::<kube::runtime::reflector::store::Store<Pod>>()); } }
same! { "kube_runtime::controller::Controller::for_stream_with" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::for_stream_with(arg::<futures::stream::Empty<std::result::Result<Pod, kube::runtime::watcher::Error>>>(), arg::<kube::runtime::reflector::store::Store<Pod>>(), arg::<()>()); } }
same! { "kube_runtime::controller::Controller::graceful_shutdown_on" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::graceful_shutdown_on(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<std::future::Ready<()>>()); } }
same! { "kube_runtime::controller::Controller::new" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::new(arg::<kube::api::Api<Pod>>(), arg::<kube::runtime::watcher::Config>()); } }
same! { "kube_runtime::controller::Controller::new_with" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::new_with(arg::<kube::api::Api<Pod>>(), arg::<kube::runtime::watcher::Config>(), arg::<()>()); } }
same! { "kube_runtime::controller::Controller::owns" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::owns(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<kube::api::Api<ConfigMap>>(), arg::<kube::runtime::watcher::Config>()); } }
same! { "kube_runtime::controller::Controller::owns_shared_stream" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::owns_shared_stream(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<futures::stream::Empty<std::sync::Arc<ConfigMap>>>()); } }
same! { "kube_runtime::controller::Controller::owns_shared_stream_with" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::owns_shared_stream_with(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<futures::stream::Empty<std::sync::Arc<ConfigMap>>>(), arg::<()>()); } }
same! { "kube_runtime::controller::Controller::owns_stream" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::owns_stream(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<futures::stream::Empty<std::result::Result<ConfigMap, kube::runtime::watcher::Error>>>()); } }
same! { "kube_runtime::controller::Controller::owns_stream_with" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::owns_stream_with(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<futures::stream::Empty<std::result::Result<ConfigMap, kube::runtime::watcher::Error>>>(), arg::<()>()); } }
same! { "kube_runtime::controller::Controller::owns_with" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::owns_with(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<kube::api::Api<ConfigMap>>(), arg::<()>(), arg::<kube::runtime::watcher::Config>()); } }
same! { "kube_runtime::controller::Controller::reconcile_all_on" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::reconcile_all_on(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<futures::stream::Empty<()>>()); } }
same! { "kube_runtime::controller::Controller::reconcile_on" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::reconcile_on(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<futures::stream::Empty<kube::runtime::reflector::ObjectRef<Pod>>>()); } }
same! { "kube_runtime::controller::Controller::shutdown_on_signal" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::shutdown_on_signal(arg::<kube::runtime::controller::Controller<Pod>>()); } }
same! { "kube_runtime::controller::Controller::store" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::store(arg::<&kube::runtime::controller::Controller<Pod>>()); } }
same! { "kube_runtime::controller::Controller::trigger_backoff" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::trigger_backoff(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<kube::runtime::watcher::DefaultBackoff>()); } }
same! { "kube_runtime::controller::Controller::watches" => fn _f(c: kube::runtime::controller::Controller<Pod>) { let _ = c.watches(arg::<kube::Api<ConfigMap>>(), kube::runtime::watcher::Config::default(), |_: ConfigMap| Vec::<kube::runtime::reflector::ObjectRef<Pod>>::new()); } }
same! { "kube_runtime::controller::Controller::watches_shared_stream" => fn _f(c: kube::runtime::controller::Controller<Pod>) { let _ = c.watches_shared_stream(arg::<futures::stream::Empty<std::sync::Arc<ConfigMap>>>(), |_: std::sync::Arc<ConfigMap>| Vec::<kube::runtime::reflector::ObjectRef<Pod>>::new()); } }
same! { "kube_runtime::controller::Controller::watches_shared_stream_with" => fn _f(c: kube::runtime::controller::Controller<Pod>) { let _ = c.watches_shared_stream_with(arg::<futures::stream::Empty<std::sync::Arc<ConfigMap>>>(), |_: std::sync::Arc<ConfigMap>| Vec::<kube::runtime::reflector::ObjectRef<Pod>>::new(), ()); } }
same! { "kube_runtime::controller::Controller::watches_stream" => fn _f(c: kube::runtime::controller::Controller<Pod>) { let _ = c.watches_stream(arg::<futures::stream::Empty<Result<ConfigMap, kube::runtime::watcher::Error>>>(), |_: ConfigMap| Vec::<kube::runtime::reflector::ObjectRef<Pod>>::new()); } }
same! { "kube_runtime::controller::Controller::watches_stream_with" => fn _f(c: kube::runtime::controller::Controller<Pod>) { let _ = c.watches_stream_with(arg::<futures::stream::Empty<Result<ConfigMap, kube::runtime::watcher::Error>>>(), |_: ConfigMap| Vec::<kube::runtime::reflector::ObjectRef<Pod>>::new(), ()); } }
same! { "kube_runtime::controller::Controller::watches_with" => fn _f(c: kube::runtime::controller::Controller<Pod>) { let _ = c.watches_with(arg::<kube::Api<ConfigMap>>(), (), kube::runtime::watcher::Config::default(), |_: ConfigMap| Vec::<kube::runtime::reflector::ObjectRef<Pod>>::new()); } }
same! { "kube_runtime::controller::Controller::with_config" => fn _f() { let _ = <kube::runtime::controller::Controller<Pod>>::with_config(arg::<kube::runtime::controller::Controller<Pod>>(), arg::<kube::runtime::controller::Config>()); } }
same! { "kube_runtime::controller::ReconcileRequest" => use kube::runtime::controller::ReconcileRequest as _N; }
same! { "kube_runtime::controller::ReconcileRequest::obj_ref" => fn _f(x: &kube::runtime::controller::ReconcileRequest<Pod>) { let _ = &x.obj_ref; } }
same! { "kube_runtime::controller::ReconcileRequest::reason" => fn _f(x: &kube::runtime::controller::ReconcileRequest<Pod>) { let _ = &x.reason; } }
same! { "impl<K: kube_core::resource::Resource> core::cmp::Eq for kube_runtime::controller::ReconcileRequest<K>" => fn _i() where kube::runtime::controller::ReconcileRequest<Pod>: std::cmp::Eq {} }
same! { "impl<K: kube_core::resource::Resource> core::convert::From<kube_runtime::reflector::ObjectRef<K>> for kube_runtime::controller::ReconcileRequest<K>" => fn _i() where kube::runtime::controller::ReconcileRequest<Pod>: std::convert::From<kube::runtime::reflector::ObjectRef<Pod>> {} }
same! { "kube_runtime::events" => use kube::runtime::events as _N; }
same! { "kube_runtime::events::EventType" => use kube::runtime::events::EventType as _N; }
same! { "kube_runtime::events::EventType::Normal" => use kube::runtime::events::EventType::Normal as _N; }
same! { "kube_runtime::events::EventType::Warning" => use kube::runtime::events::EventType::Warning as _N; }
same! { "kube_runtime::events::Event" => use kube::runtime::events::Event as _N; }
same! { "kube_runtime::events::Event::action" => fn _f(x: &kube::runtime::events::Event) { let _ = &x.action; } }
same! { "kube_runtime::events::Event::note" => fn _f(x: &kube::runtime::events::Event) { let _ = &x.note; } }
same! { "kube_runtime::events::Event::reason" => fn _f(x: &kube::runtime::events::Event) { let _ = &x.reason; } }
same! { "kube_runtime::events::Event::secondary" => fn _f(x: &kube::runtime::events::Event) { let _ = &x.secondary; } }
same! { "kube_runtime::events::Event::type_" => fn _f(x: &kube::runtime::events::Event) { let _ = &x.type_; } }
same! { "kube_runtime::events::Recorder" => use kube::runtime::events::Recorder as _N; }
same! { "kube_runtime::events::Recorder::new" => fn _f() { let _ = <kube::runtime::events::Recorder>::new(arg::<kube::client::Client>(), arg::<kube::runtime::events::Reporter>()); } }
same! { "kube_runtime::events::Recorder::publish" => fn _f() { let _ = <kube::runtime::events::Recorder>::publish(arg::<&kube::runtime::events::Recorder>(), arg::<&kube::runtime::events::Event>(), arg::<&k8s_openapi::api::core::v1::ObjectReference>()); } }
same! { "kube_runtime::events::Reference" => use kube::runtime::events::Reference as _N; }
same! { "impl core::cmp::Eq for kube_runtime::events::Reference" => fn _i() where kube::runtime::events::Reference: std::cmp::Eq {} }
same! { "impl core::hash::Hash for kube_runtime::events::Reference" => fn _i() where kube::runtime::events::Reference: std::hash::Hash {} }
same! { "kube_runtime::events::Reporter" => use kube::runtime::events::Reporter as _N; }
same! { "kube_runtime::events::Reporter::controller" => fn _f(x: &kube::runtime::events::Reporter) { let _ = &x.controller; } }
same! { "kube_runtime::events::Reporter::instance" => fn _f(x: &kube::runtime::events::Reporter) { let _ = &x.instance; } }
same! { "impl core::convert::From<&str> for kube_runtime::events::Reporter" => fn _i() where kube::runtime::events::Reporter: for<'a> From<&'a str> {} }
same! { "impl core::convert::From<alloc::string::String> for kube_runtime::events::Reporter" => fn _i() where kube::runtime::events::Reporter: std::convert::From<std::string::String> {} }
same! { "kube_runtime::finalizer" => use kube::runtime::finalizer as _N; }
same! { "kube_runtime::finalizer::Error" => use kube::runtime::finalizer::Error as _N; }
same! { "kube_runtime::finalizer::Error::AddFinalizer" => use kube::runtime::finalizer::Error::AddFinalizer as _N; }
same! { "kube_runtime::finalizer::Error::ApplyFailed" => use kube::runtime::finalizer::Error::ApplyFailed as _N; }
same! { "kube_runtime::finalizer::Error::CleanupFailed" => use kube::runtime::finalizer::Error::CleanupFailed as _N; }
same! { "kube_runtime::finalizer::Error::InvalidFinalizer" => use kube::runtime::finalizer::Error::InvalidFinalizer as _N; }
same! { "kube_runtime::finalizer::Error::RemoveFinalizer" => use kube::runtime::finalizer::Error::RemoveFinalizer as _N; }
same! { "kube_runtime::finalizer::Error::UnnamedObject" => use kube::runtime::finalizer::Error::UnnamedObject as _N; }
same! { "kube_runtime::finalizer::Event" => use kube::runtime::finalizer::Event as _N; }
same! { "kube_runtime::finalizer::Event::Apply" => use kube::runtime::finalizer::Event::Apply as _N; }
same! { "kube_runtime::finalizer::Event::Cleanup" => use kube::runtime::finalizer::Event::Cleanup as _N; }
same! { "kube_runtime::predicates" => use kube::runtime::predicates as _N; }
same! { "kube_runtime::predicates::annotations" => fn _f() { let _ = kube::runtime::predicates::annotations(arg::<&Pod>()); } }
same! { "kube_runtime::predicates::finalizers" => fn _f() { let _ = kube::runtime::predicates::finalizers(arg::<&Pod>()); } }
same! { "kube_runtime::predicates::generation" => fn _f() { let _ = kube::runtime::predicates::generation(arg::<&Pod>()); } }
same! { "kube_runtime::predicates::labels" => fn _f() { let _ = kube::runtime::predicates::labels(arg::<&Pod>()); } }
same! { "kube_runtime::predicates::resource_version" => fn _f() { let _ = kube::runtime::predicates::resource_version(arg::<&Pod>()); } }
same! { "kube_runtime::reflector" => use kube::runtime::reflector as _N; }
same! { "kube_runtime::reflector::store" => use kube::runtime::reflector::store as _N; }
same! { "kube_runtime::reflector::store::Store" => use kube::runtime::reflector::store::Store as _N; }
same! { "kube_runtime::reflector::store::Store::find" => fn _f(s: kube::runtime::reflector::Store<Pod>) { let _ = s.find(|p: &Pod| p.spec.is_some()); } }
same! { "kube_runtime::reflector::store::Store::get" => fn _f() { let _ = <kube::runtime::reflector::store::Store<Pod>>::get(arg::<&kube::runtime::reflector::store::Store<Pod>>(), arg::<&kube::runtime::reflector::ObjectRef<Pod>>()); } }
same! { "kube_runtime::reflector::store::Store::is_empty" => fn _f() { let _ = <kube::runtime::reflector::store::Store<Pod>>::is_empty(arg::<&kube::runtime::reflector::store::Store<Pod>>()); } }
same! { "kube_runtime::reflector::store::Store::len" => fn _f() { let _ = <kube::runtime::reflector::store::Store<Pod>>::len(arg::<&kube::runtime::reflector::store::Store<Pod>>()); } }
same! { "kube_runtime::reflector::store::Store::state" => fn _f() { let _ = <kube::runtime::reflector::store::Store<Pod>>::state(arg::<&kube::runtime::reflector::store::Store<Pod>>()); } }
same! { "kube_runtime::reflector::store::Store::state_filter" => fn _f(s: kube::runtime::reflector::Store<Pod>) { let _ = s.state_filter(|p: &Pod| p.spec.is_some()); } }
same! { "kube_runtime::reflector::store::Store::state_filter_selector" => fn _f() { let _ = <kube::runtime::reflector::store::Store<Pod>>::state_filter_selector(arg::<&kube::runtime::reflector::store::Store<Pod>>(), arg::<&kube::core::labels::Selector>()); } }
same! { "kube_runtime::reflector::store::Store::wait_until_ready" => fn _f() { let _ = <kube::runtime::reflector::store::Store<Pod>>::wait_until_ready(arg::<&kube::runtime::reflector::store::Store<Pod>>()); } }
same! { "kube_runtime::reflector::store::Writer" => use kube::runtime::reflector::store::Writer as _N; }
same! { "kube_runtime::reflector::store::Writer::apply_watcher_event" => fn _f() { let _ = <kube::runtime::reflector::store::Writer<Pod>>::apply_watcher_event(arg::<&mut kube::runtime::reflector::store::Writer<Pod>>(), arg::<&kube::runtime::watcher::Event<Pod>>()); } }
same! { "kube_runtime::reflector::store::Writer::as_reader" => fn _f() { let _ = <kube::runtime::reflector::store::Writer<Pod>>::as_reader(arg::<&kube::runtime::reflector::store::Writer<Pod>>()); } }
same! { "kube_runtime::reflector::store::Writer::new" => fn _f() { let _ = <kube::runtime::reflector::store::Writer<Pod>>::new(arg::<<Pod as kube::runtime::reflector::Lookup>::DynamicType>()); } }
same! { "kube_runtime::reflector::store::Writer::new_shared" => fn _f() { let _ = <kube::runtime::reflector::store::Writer<Pod>>::new_shared(arg::<usize>(), arg::<<Pod as kube::runtime::reflector::Lookup>::DynamicType>()); } }
same! { "kube_runtime::reflector::store::Writer::subscribe" => fn _f() { let _ = <kube::runtime::reflector::store::Writer<Pod>>::subscribe(arg::<&kube::runtime::reflector::store::Writer<Pod>>()); } }
same! { "impl<K> core::default::Default for kube_runtime::reflector::store::Writer<K>" => fn _i() where kube::runtime::reflector::store::Writer<Pod>: std::default::Default {} }
same! { "kube_runtime::reflector::store::WriterDropped" => use kube::runtime::reflector::store::WriterDropped as _N; }
same! { "kube_runtime::reflector::store::store" => fn _f() { let (_reader, _writer) = kube::runtime::reflector::store::store::<Pod>(); } }
same! { "kube_runtime::reflector::store::store_shared" => fn _f() { let (_reader, _writer) = kube::runtime::reflector::store::store_shared::<Pod>(1); } }
same! { "kube_runtime::reflector::ObjectRef" => use kube::runtime::reflector::ObjectRef as _N; }
same! { "kube_runtime::reflector::ObjectRef::dyntype" => fn _f(x: &kube::runtime::reflector::ObjectRef<Pod>) { let _ = &x.dyntype; } }
same! { "kube_runtime::reflector::ObjectRef::extra" => fn _f(x: &kube::runtime::reflector::ObjectRef<Pod>) { let _ = &x.extra; } }
same! { "kube_runtime::reflector::ObjectRef::name" => fn _f(x: &kube::runtime::reflector::ObjectRef<Pod>) { let _ = &x.name; } }
same! { "kube_runtime::reflector::ObjectRef::namespace" => fn _f(x: &kube::runtime::reflector::ObjectRef<Pod>) { let _ = &x.namespace; } }
same! { "kube_runtime::reflector::ObjectRef::from_obj" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::from_obj(arg::<&Pod>()); } }
same! { "kube_runtime::reflector::ObjectRef::new" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::new(arg::<&str>()); } }
same! { "kube_runtime::reflector::ObjectRef::erase" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::erase(arg::<kube::runtime::reflector::ObjectRef<Pod>>()); } }
same! { "kube_runtime::reflector::ObjectRef::from_obj_with" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::from_obj_with(arg::<&Pod>(), arg::<<Pod as kube::runtime::reflector::Lookup>::DynamicType>()); } }
same! { "kube_runtime::reflector::ObjectRef::from_owner_ref" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::from_owner_ref(arg::<std::option::Option<&str>>(), arg::<&k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference>(), arg::<<Pod as kube::runtime::reflector::Lookup>::DynamicType>()); } }
same! { "kube_runtime::reflector::ObjectRef::into_kind_unchecked" => fn _f(r: kube::runtime::reflector::ObjectRef<Pod>) { let _ = r.into_kind_unchecked::<ConfigMap>(()); } }
same! { "kube_runtime::reflector::ObjectRef::new_with" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::new_with(arg::<&str>(), arg::<<Pod as kube::runtime::reflector::Lookup>::DynamicType>()); } }
same! { "kube_runtime::reflector::ObjectRef::within" => fn _f() { let _ = <kube::runtime::reflector::ObjectRef<Pod>>::within(arg::<kube::runtime::reflector::ObjectRef<Pod>>(), arg::<&str>()); } }
same! { "impl<K: kube_runtime::reflector::Lookup + ?core::marker::Sized> core::cmp::Eq for kube_runtime::reflector::ObjectRef<K>" => fn _i() where kube::runtime::reflector::ObjectRef<Pod>: std::cmp::Eq {} }
same! { "impl<K: kube_runtime::reflector::Lookup> core::convert::From<&K> for kube_runtime::reflector::ObjectRef<K>" => fn _i() where kube::runtime::reflector::ObjectRef<Pod>: for<'a> From<&'a Pod> {} }
same! { "impl<K: kube_runtime::reflector::Lookup> core::convert::From<kube_runtime::reflector::ObjectRef<K>> for k8s_openapi::v1_36::api::core::v1::object_reference::ObjectReference" => fn _i() where k8s_openapi::api::core::v1::ObjectReference: std::convert::From<kube::runtime::reflector::ObjectRef<Pod>> {} }
same! { "impl<K: kube_runtime::reflector::Lookup> core::fmt::Display for kube_runtime::reflector::ObjectRef<K>" => fn _i() where kube::runtime::reflector::ObjectRef<Pod>: std::fmt::Display {} }
same! { "kube_runtime::reflector::ObjectRefExtra" => use kube::runtime::reflector::ObjectRefExtra as _N; }
same! { "kube_runtime::reflector::ObjectRefExtra::resource_version" => fn _f(x: &kube::runtime::reflector::ObjectRefExtra) { let _ = &x.resource_version; } }
same! { "kube_runtime::reflector::ObjectRefExtra::uid" => fn _f(x: &kube::runtime::reflector::ObjectRefExtra) { let _ = &x.uid; } }
same! { "kube_runtime::reflector::ReflectHandle" => use kube::runtime::reflector::ReflectHandle as _N; }
same! { "kube_runtime::reflector::ReflectHandle::reader" => fn _f() { let _ = <kube::runtime::reflector::ReflectHandle<Pod>>::reader(arg::<&kube::runtime::reflector::ReflectHandle<Pod>>()); } }
same! { "impl<'pin, K> core::marker::Unpin for kube_runtime::reflector::ReflectHandle<K>" => fn _i() where kube::runtime::reflector::ReflectHandle<Pod>: std::marker::Unpin {} }
same! { "impl<K> core::clone::Clone for kube_runtime::reflector::ReflectHandle<K>" => fn _i() where kube::runtime::reflector::ReflectHandle<Pod>: std::clone::Clone {} }
same! { "impl<K> futures_core::stream::Stream for kube_runtime::reflector::ReflectHandle<K>" => fn _i() where kube::runtime::reflector::ReflectHandle<Pod>: futures::stream::Stream {} }
same! { "kube_runtime::reflector::Store" => use kube::runtime::reflector::Store as _N; }
same! { "kube_runtime::reflector::Lookup" => use kube::runtime::reflector::Lookup as _N; }
same! { "kube_runtime::reflector::Lookup::DynamicType" => type _X<T> = <T as kube::runtime::reflector::Lookup>::DynamicType; }
same! { "kube_runtime::reflector::Lookup::api_version" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::api_version; } }
same! { "kube_runtime::reflector::Lookup::group" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::group; } }
same! { "kube_runtime::reflector::Lookup::kind" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::kind; } }
same! { "kube_runtime::reflector::Lookup::name" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::name; } }
same! { "kube_runtime::reflector::Lookup::namespace" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::namespace; } }
same! { "kube_runtime::reflector::Lookup::plural" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::plural; } }
same! { "kube_runtime::reflector::Lookup::resource_version" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::resource_version; } }
same! { "kube_runtime::reflector::Lookup::to_object_ref" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::to_object_ref; } }
same! { "kube_runtime::reflector::Lookup::uid" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::uid; } }
same! { "kube_runtime::reflector::Lookup::version" => fn _f<T: kube::runtime::reflector::Lookup>() { let _ = <T as kube::runtime::reflector::Lookup>::version; } }
same! { "kube_runtime::utils" => use kube::runtime::utils as _N; }
same! { "kube_runtime::utils::predicates" => use kube::runtime::utils::predicates as _N; }
same! { "kube_runtime::utils::predicates::annotations" => fn _f() { let _ = kube::runtime::utils::predicates::annotations(arg::<&Pod>()); } }
same! { "kube_runtime::utils::predicates::finalizers" => fn _f() { let _ = kube::runtime::utils::predicates::finalizers(arg::<&Pod>()); } }
same! { "kube_runtime::utils::predicates::generation" => fn _f() { let _ = kube::runtime::utils::predicates::generation(arg::<&Pod>()); } }
same! { "kube_runtime::utils::predicates::labels" => fn _f() { let _ = kube::runtime::utils::predicates::labels(arg::<&Pod>()); } }
same! { "kube_runtime::utils::predicates::resource_version" => fn _f() { let _ = kube::runtime::utils::predicates::resource_version(arg::<&Pod>()); } }
same! { "kube_runtime::utils::CancelableJoinHandle" => use kube::runtime::utils::CancelableJoinHandle as _N; }
same! { "kube_runtime::utils::CancelableJoinHandle::spawn" => fn _f() { let _ = kube::runtime::utils::CancelableJoinHandle::spawn(async {}, arg::<&tokio::runtime::Handle>()); } }
same! { "impl<T> core::future::future::Future for kube_runtime::utils::CancelableJoinHandle<T>" => fn _i() where kube::runtime::utils::CancelableJoinHandle<Pod>: std::future::Future {} }
same! { "kube_runtime::utils::EventDecode" => use kube::runtime::utils::EventDecode as _N; }
same! { "impl<'pin, St> core::marker::Unpin for kube_runtime::utils::EventDecode<St>" => fn _i() where kube::runtime::utils::EventDecode<Pod>: std::marker::Unpin {} }
same! { "impl<St, K> futures_core::stream::Stream for kube_runtime::utils::EventDecode<St>" => fn _i() where kube::runtime::utils::EventDecode<futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>>: futures::Stream {} }
same! { "kube_runtime::utils::EventModify" => use kube::runtime::utils::EventModify as _N; }
same! { "impl<'pin, St, F> core::marker::Unpin for kube_runtime::utils::EventModify<St, F>" => fn _i() where kube::runtime::utils::EventModify<Pod, Pod>: std::marker::Unpin {} }
same! { "impl<St, F, K> futures_core::stream::Stream for kube_runtime::utils::EventModify<St, F>" => fn _i() where kube::runtime::utils::EventModify<futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>, fn(&mut Pod)>: futures::Stream {} }
same! { "kube_runtime::utils::PredicateConfig" => use kube::runtime::utils::PredicateConfig as _N; }
same! { "kube_runtime::PredicateConfig::ttl" => fn _f() { let _ = <kube::runtime::PredicateConfig>::ttl(arg::<kube::runtime::PredicateConfig>(), arg::<std::time::Duration>()); } }
same! { "impl core::default::Default for kube_runtime::PredicateConfig" => fn _i() where kube::runtime::PredicateConfig: std::default::Default {} }
same! { "kube_runtime::utils::PredicateFilter" => use kube::runtime::utils::PredicateFilter as _N; }
same! { "impl<'pin, St, K: kube_core::resource::Resource, P: kube_runtime::Predicate<K>> core::marker::Unpin for kube_runtime::utils::PredicateFilter<St, K, P>" => fn _i() where kube::runtime::utils::PredicateFilter<Pod, Pod, Value>: std::marker::Unpin {} }
same! { "impl<St, K, P> futures_core::stream::Stream for kube_runtime::utils::PredicateFilter<St, K, P>" => fn _i() where kube::runtime::utils::PredicateFilter<futures::stream::Empty<Result<Pod, kube::runtime::watcher::Error>>, Pod, fn(&Pod) -> Option<u64>>: futures::Stream {} }
same! { "kube_runtime::utils::Reflect" => use kube::runtime::utils::Reflect as _N; }
same! { "impl<'pin, St, K> core::marker::Unpin for kube_runtime::utils::Reflect<St, K>" => fn _i() where kube::runtime::utils::Reflect<Pod, Pod>: std::marker::Unpin {} }
same! { "impl<St, K> futures_core::stream::Stream for kube_runtime::utils::Reflect<St, K>" => fn _i() where kube::runtime::utils::Reflect<futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>, Pod>: futures::Stream {} }
same! { "kube_runtime::utils::ResetTimerBackoff" => use kube::runtime::utils::ResetTimerBackoff as _N; }
same! { "kube_runtime::utils::ResetTimerBackoff::new" => fn _f() { let _ = kube::runtime::utils::ResetTimerBackoff::new(kube::runtime::watcher::DefaultBackoff::default(), std::time::Duration::ZERO); } }
same! { "impl<B: kube_runtime::utils::Backoff> core::iter::traits::iterator::Iterator for kube_runtime::utils::ResetTimerBackoff<B>" => fn _i() where kube::runtime::utils::ResetTimerBackoff<kube::runtime::watcher::DefaultBackoff>: Iterator {} }
same! { "impl<B: kube_runtime::utils::Backoff> kube_runtime::utils::Backoff for kube_runtime::utils::ResetTimerBackoff<B>" => fn _i() where kube::runtime::utils::ResetTimerBackoff<kube::runtime::watcher::DefaultBackoff>: kube::runtime::utils::Backoff {} }
same! { "kube_runtime::utils::StreamBackoff" => use kube::runtime::utils::StreamBackoff as _N; }
same! { "kube_runtime::utils::StreamBackoff::new" => fn _f() { let _ = kube::runtime::utils::StreamBackoff::new(arg::<futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>>(), kube::runtime::watcher::DefaultBackoff::default()); } }
same! { "impl<'pin, S, B> core::marker::Unpin for kube_runtime::utils::StreamBackoff<S, B>" => fn _i() where kube::runtime::utils::StreamBackoff<Pod, Pod>: std::marker::Unpin {} }
same! { "impl<S: futures_core::stream::TryStream, B: kube_runtime::utils::Backoff> futures_core::stream::Stream for kube_runtime::utils::StreamBackoff<S, B>" => fn _i() where kube::runtime::utils::StreamBackoff<futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>, kube::runtime::watcher::DefaultBackoff>: futures::Stream {} }
same! { "kube_runtime::utils::Backoff" => use kube::runtime::utils::Backoff as _N; }
same! { "kube_runtime::utils::Backoff::reset" => fn _f<T: kube::runtime::utils::Backoff>() { let _ = <T as kube::runtime::utils::Backoff>::reset; } }
same! { "impl kube_runtime::utils::Backoff for kube_runtime::watcher::DefaultBackoff" => fn _i() where kube::runtime::watcher::DefaultBackoff: kube::runtime::utils::Backoff {} }
same! { "impl kube_runtime::utils::Backoff for kube_runtime::watcher::ExponentialBackoff" => fn _i() where kube::runtime::watcher::ExponentialBackoff: kube::runtime::utils::Backoff {} }
same! { "impl<B: kube_runtime::utils::Backoff + ?core::marker::Sized> kube_runtime::utils::Backoff for alloc::boxed::Box<B>" => fn _i() where Box<dyn kube::runtime::utils::Backoff>: kube::runtime::utils::Backoff {} }
same! { "kube_runtime::utils::Predicate" => use kube::runtime::utils::Predicate as _N; }
same! { "kube_runtime::utils::Predicate::combine" => fn _f(a: fn(&Pod) -> Option<u64>) { let _ = kube::runtime::utils::Predicate::<Pod>::combine(a, a); } }
same! { "kube_runtime::utils::Predicate::fallback" => fn _f(a: fn(&Pod) -> Option<u64>) { let _ = kube::runtime::utils::Predicate::<Pod>::fallback(a, a); } }
same! { "kube_runtime::utils::Predicate::hash_property" => fn _f<T: kube::runtime::utils::Predicate<Pod>>() { let _ = <T as kube::runtime::utils::Predicate<Pod>>::hash_property; } }
same! { "kube_runtime::utils::WatchStreamExt" => use kube::runtime::utils::WatchStreamExt as _N; }
same! { "kube_runtime::utils::WatchStreamExt::applied_objects" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.applied_objects(); } }
same! { "kube_runtime::utils::WatchStreamExt::backoff" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.backoff(kube::runtime::watcher::DefaultBackoff::default()); } }
same! { "kube_runtime::utils::WatchStreamExt::default_backoff" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.default_backoff(); } }
same! { "kube_runtime::utils::WatchStreamExt::modify" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.modify(|_: &mut Pod| {}); } }
same! { "kube_runtime::utils::WatchStreamExt::predicate_filter" => fn _f(s: futures::stream::Empty<Result<Pod, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.predicate_filter(kube::runtime::predicates::generation, kube::runtime::PredicateConfig::default()); } }
same! { "kube_runtime::utils::WatchStreamExt::reflect" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.reflect(arg::<kube::runtime::reflector::store::Writer<Pod>>()); } }
same! { "kube_runtime::utils::WatchStreamExt::reflect_shared" => use kube::runtime::utils::WatchStreamExt as _N; }
same! { "kube_runtime::utils::WatchStreamExt::touched_objects" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::utils::WatchStreamExt; let _ = s.touched_objects(); } }
same! { "kube_runtime::wait" => use kube::runtime::wait as _N; }
same! { "kube_runtime::wait::conditions" => use kube::runtime::wait::conditions as _N; }
same! { "kube_runtime::wait::conditions::And" => use kube::runtime::wait::conditions::And as _N; }
same! { "kube_runtime::wait::conditions::Not" => use kube::runtime::wait::conditions::Not as _N; }
same! { "kube_runtime::wait::conditions::Or" => use kube::runtime::wait::conditions::Or as _N; }
same! { "kube_runtime::wait::conditions::Condition" => use kube::runtime::wait::conditions::Condition as _N; }
same! { "kube_runtime::wait::conditions::Condition::and" => fn _f(a: fn(Option<&Pod>) -> bool, b: fn(Option<&Pod>) -> bool) { use kube::runtime::wait::conditions::Condition; let _ = Condition::<Pod>::and(a, b); } }
same! { "kube_runtime::wait::conditions::Condition::matches_object" => fn _f<T: kube::runtime::wait::conditions::Condition<Pod>>() { let _ = <T as kube::runtime::wait::conditions::Condition<Pod>>::matches_object; } }
same! { "kube_runtime::wait::conditions::Condition::not" => fn _f<T: kube::runtime::wait::conditions::Condition<Pod>>() { let _ = <T as kube::runtime::wait::conditions::Condition<Pod>>::not; } }
same! { "kube_runtime::wait::conditions::Condition::or" => fn _f(a: fn(Option<&Pod>) -> bool, b: fn(Option<&Pod>) -> bool) { use kube::runtime::wait::conditions::Condition; let _ = Condition::<Pod>::or(a, b); } }
same! { "kube_runtime::wait::delete" => use kube::runtime::wait::delete as _N; }
same! { "kube_runtime::wait::delete::Error" => use kube::runtime::wait::delete::Error as _N; }
same! { "kube_runtime::wait::delete::Error::Await" => use kube::runtime::wait::delete::Error::Await as _N; }
same! { "kube_runtime::wait::delete::Error::Delete" => use kube::runtime::wait::delete::Error::Delete as _N; }
same! { "kube_runtime::wait::delete::Error::NoUid" => use kube::runtime::wait::delete::Error::NoUid as _N; }
same! { "kube_runtime::wait::delete::delete_and_finalize" => fn _f() { let _ = kube::runtime::wait::delete::delete_and_finalize(arg::<kube::api::Api<Pod>>(), arg::<&str>(), arg::<&kube::core::params::DeleteParams>()); } }
same! { "kube_runtime::wait::Error" => use kube::runtime::wait::Error as _N; }
same! { "kube_runtime::wait::Error::ProbeFailed" => use kube::runtime::wait::Error::ProbeFailed as _N; }
same! { "kube_runtime::wait::Condition" => use kube::runtime::wait::Condition as _N; }
same! { "kube_runtime::wait::Condition::and" => fn _f(a: fn(Option<&Pod>) -> bool, b: fn(Option<&Pod>) -> bool) { use kube::runtime::wait::Condition; let _ = Condition::<Pod>::and(a, b); } }
same! { "kube_runtime::wait::Condition::matches_object" => fn _f<T: kube::runtime::wait::Condition<Pod>>() { let _ = <T as kube::runtime::wait::Condition<Pod>>::matches_object; } }
same! { "kube_runtime::wait::Condition::not" => fn _f<T: kube::runtime::wait::Condition<Pod>>() { let _ = <T as kube::runtime::wait::Condition<Pod>>::not; } }
same! { "kube_runtime::wait::Condition::or" => fn _f(a: fn(Option<&Pod>) -> bool, b: fn(Option<&Pod>) -> bool) { use kube::runtime::wait::Condition; let _ = Condition::<Pod>::or(a, b); } }
same! { "kube_runtime::watcher" => use kube::runtime::watcher as _N; }
same! { "kube_runtime::watcher::Error" => use kube::runtime::watcher::Error as _N; }
same! { "kube_runtime::watcher::Error::InitialListFailed" => use kube::runtime::watcher::Error::InitialListFailed as _N; }
same! { "kube_runtime::watcher::Error::NoResourceVersion" => use kube::runtime::watcher::Error::NoResourceVersion as _N; }
same! { "kube_runtime::watcher::Error::WatchError" => use kube::runtime::watcher::Error::WatchError as _N; }
same! { "kube_runtime::watcher::Error::WatchFailed" => use kube::runtime::watcher::Error::WatchFailed as _N; }
same! { "kube_runtime::watcher::Error::WatchStartFailed" => use kube::runtime::watcher::Error::WatchStartFailed as _N; }
same! { "kube_runtime::watcher::Event" => use kube::runtime::watcher::Event as _N; }
same! { "kube_runtime::watcher::Event::Apply" => use kube::runtime::watcher::Event::Apply as _N; }
same! { "kube_runtime::watcher::Event::Delete" => use kube::runtime::watcher::Event::Delete as _N; }
same! { "kube_runtime::watcher::Event::Init" => use kube::runtime::watcher::Event::Init as _N; }
same! { "kube_runtime::watcher::Event::InitApply" => use kube::runtime::watcher::Event::InitApply as _N; }
same! { "kube_runtime::watcher::Event::InitDone" => use kube::runtime::watcher::Event::InitDone as _N; }
same! { "kube_runtime::watcher::Event::modify" => fn _f() { let _ = <kube::runtime::watcher::Event<Pod>>::modify(arg::<kube::runtime::watcher::Event<Pod>>(), arg::<fn(&mut Pod)>()); } }
same! { "impl<K> core::fmt::Display for kube_runtime::watcher::Event<K>" => fn _i() where kube::runtime::watcher::Event<Pod>: std::fmt::Display {} }
same! { "kube_runtime::watcher::InitialListStrategy" => use kube::runtime::watcher::InitialListStrategy as _N; }
same! { "kube_runtime::watcher::InitialListStrategy::ListWatch" => use kube::runtime::watcher::InitialListStrategy::ListWatch as _N; }
same! { "kube_runtime::watcher::InitialListStrategy::StreamingList" => use kube::runtime::watcher::InitialListStrategy::StreamingList as _N; }
same! { "kube_runtime::watcher::ListSemantic" => use kube::runtime::watcher::ListSemantic as _N; }
same! { "kube_runtime::watcher::ListSemantic::Any" => use kube::runtime::watcher::ListSemantic::Any as _N; }
same! { "kube_runtime::watcher::ListSemantic::MostRecent" => use kube::runtime::watcher::ListSemantic::MostRecent as _N; }
same! { "kube_runtime::watcher::Config" => use kube::runtime::watcher::Config as _N; }
same! { "kube_runtime::watcher::Config::bookmarks" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.bookmarks; } }
same! { "kube_runtime::watcher::Config::field_selector" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.field_selector; } }
same! { "kube_runtime::watcher::Config::initial_list_strategy" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.initial_list_strategy; } }
same! { "kube_runtime::watcher::Config::label_selector" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.label_selector; } }
same! { "kube_runtime::watcher::Config::list_semantic" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.list_semantic; } }
same! { "kube_runtime::watcher::Config::page_size" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.page_size; } }
same! { "kube_runtime::watcher::Config::timeout" => fn _f(x: &kube::runtime::watcher::Config) { let _ = &x.timeout; } }
same! { "kube_runtime::watcher::Config::any_semantic" => fn _f() { let _ = <kube::runtime::watcher::Config>::any_semantic(arg::<kube::runtime::watcher::Config>()); } }
same! { "kube_runtime::watcher::Config::disable_bookmarks" => fn _f() { let _ = <kube::runtime::watcher::Config>::disable_bookmarks(arg::<kube::runtime::watcher::Config>()); } }
same! { "kube_runtime::watcher::Config::fields" => fn _f() { let _ = <kube::runtime::watcher::Config>::fields(arg::<kube::runtime::watcher::Config>(), arg::<&str>()); } }
same! { "kube_runtime::watcher::Config::labels" => fn _f() { let _ = <kube::runtime::watcher::Config>::labels(arg::<kube::runtime::watcher::Config>(), arg::<&str>()); } }
same! { "kube_runtime::watcher::Config::labels_from" => fn _f() { let _ = <kube::runtime::watcher::Config>::labels_from(arg::<kube::runtime::watcher::Config>(), arg::<&kube::core::labels::Selector>()); } }
same! { "kube_runtime::watcher::Config::streaming_lists" => fn _f() { let _ = <kube::runtime::watcher::Config>::streaming_lists(arg::<kube::runtime::watcher::Config>()); } }
same! { "impl core::default::Default for kube_runtime::watcher::Config" => fn _i() where kube::runtime::watcher::Config: std::default::Default {} }
same! { "kube_runtime::watcher::DefaultBackoff" => use kube::runtime::watcher::DefaultBackoff as _N; }
same! { "impl core::default::Default for kube_runtime::watcher::DefaultBackoff" => fn _i() where kube::runtime::watcher::DefaultBackoff: std::default::Default {} }
same! { "impl core::iter::traits::iterator::Iterator for kube_runtime::watcher::DefaultBackoff" => fn _i() where kube::runtime::watcher::DefaultBackoff: std::iter::Iterator {} }
same! { "kube_runtime::watcher::ExponentialBackoff" => use kube::runtime::watcher::ExponentialBackoff as _N; }
same! { "impl core::iter::traits::iterator::Iterator for kube_runtime::watcher::ExponentialBackoff" => fn _i() where kube::runtime::watcher::ExponentialBackoff: std::iter::Iterator {} }
same! { "kube_runtime::Config" => use kube::runtime::Config as _N; }
same! { "kube_runtime::Controller" => use kube::runtime::Controller as _N; }
same! { "kube_runtime::PredicateConfig" => use kube::runtime::PredicateConfig as _N; }
same! { "kube_runtime::Predicate" => use kube::runtime::Predicate as _N; }
same! { "kube_runtime::Predicate::combine" => fn _f(a: fn(&Pod) -> Option<u64>) { let _ = kube::runtime::Predicate::<Pod>::combine(a, a); } }
same! { "kube_runtime::Predicate::fallback" => fn _f(a: fn(&Pod) -> Option<u64>) { let _ = kube::runtime::Predicate::<Pod>::fallback(a, a); } }
same! { "kube_runtime::Predicate::hash_property" => fn _f<T: kube::runtime::Predicate<Pod>>() { let _ = <T as kube::runtime::Predicate<Pod>>::hash_property; } }
same! { "kube_runtime::WatchStreamExt" => use kube::runtime::WatchStreamExt as _N; }
same! { "kube_runtime::WatchStreamExt::applied_objects" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.applied_objects(); } }
same! { "kube_runtime::WatchStreamExt::backoff" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.backoff(kube::runtime::watcher::DefaultBackoff::default()); } }
same! { "kube_runtime::WatchStreamExt::default_backoff" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.default_backoff(); } }
same! { "kube_runtime::WatchStreamExt::modify" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.modify(|_: &mut Pod| {}); } }
same! { "kube_runtime::WatchStreamExt::predicate_filter" => fn _f(s: futures::stream::Empty<Result<Pod, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.predicate_filter(kube::runtime::predicates::generation, kube::runtime::PredicateConfig::default()); } }
same! { "kube_runtime::WatchStreamExt::reflect" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.reflect(arg::<kube::runtime::reflector::store::Writer<Pod>>()); } }
same! { "kube_runtime::WatchStreamExt::reflect_shared" => use kube::runtime::WatchStreamExt as _N; }
same! { "kube_runtime::WatchStreamExt::touched_objects" => fn _f(s: futures::stream::Empty<Result<kube::runtime::watcher::Event<Pod>, kube::runtime::watcher::Error>>) { use kube::runtime::WatchStreamExt; let _ = s.touched_objects(); } }

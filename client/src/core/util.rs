//! Small traits that say what can be done with a kind.

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};

use super::resource::Resource;

/// Workloads whose pods can be replaced by a rolling restart.
pub trait Restart: Resource {}

impl Restart for DaemonSet {}
impl Restart for Deployment {}
impl Restart for ReplicaSet {}
impl Restart for StatefulSet {}

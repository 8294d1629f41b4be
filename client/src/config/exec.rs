//! What a kubeconfig says about a credential plugin.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Cluster, KubeconfigError, StringMap,
    show::{Hidden, debug_without_secrets},
    text,
};

/// The name of the extension of a cluster that is handed to credential plugins.
const EXEC_EXTENSION: &str = "client.authentication.k8s.io/exec";

/// A program that prints credentials.
///
/// # Source
///
/// <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExecConfig {
    /// The version of the protocol: `client.authentication.k8s.io/v1` or `…/v1beta1`.
    #[serde(
        default,
        rename = "apiVersion",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub api_version: Option<String>,
    /// The program: a path, or a name that is looked up in `PATH`. A relative path in a file starts at that file.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub command: Option<String>,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Environment variables that are added to the process's own, each as a map of `name` and `value`.
    #[serde(
        default,
        serialize_with = "text::sorted_maps",
        skip_serializing_if = "Option::is_none"
    )]
    pub env: Option<Vec<StringMap<String>>>,
    /// Environment variables that the plugin does not inherit. They cannot be named in a file.
    #[serde(skip)]
    pub drop_env: Option<Vec<String>>,
    /// What to tell a user who does not have the program.
    #[serde(
        default,
        rename = "installHint",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub install_hint: Option<String>,
    /// Whether the plugin may talk to the user; [`IfAvailable`](ExecInteractiveMode::IfAvailable) otherwise.
    #[serde(default, rename = "interactiveMode", skip_serializing_if = "Option::is_none")]
    pub interactive_mode: Option<ExecInteractiveMode>,
    /// Whether the plugin is told which cluster it is asked for.
    #[serde(default, rename = "provideClusterInfo", deserialize_with = "text::flag")]
    pub provide_cluster_info: bool,
    /// The cluster that the plugin is told of; filled in by [`Config`](super::Config).
    #[serde(skip)]
    pub cluster: Option<ExecAuthCluster>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

impl std::fmt::Debug for ExecConfig {
    /// Hides what may hold secrets: the arguments and the values of the environment.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.env.as_ref().map(|env| {
            let named = |pair: &StringMap<String>| pair.get("name").cloned().unwrap_or_default();
            env.iter().map(named).collect::<Vec<_>>()
        });
        f.debug_struct("ExecConfig")
            .field("api_version", &self.api_version)
            .field("command", &self.command)
            .field("args", &self.args.as_ref().map(|_| Hidden))
            .field("env", &names)
            .field("drop_env", &self.drop_env)
            .field("install_hint", &self.install_hint)
            .field("interactive_mode", &self.interactive_mode)
            .field("provide_cluster_info", &self.provide_cluster_info)
            .field("cluster", &self.cluster)
            .field("other", &self.other.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Whether a credential plugin may use the standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecInteractiveMode {
    /// It never does.
    Never,
    /// It does if there is a terminal.
    IfAvailable,
    /// It must; without a terminal it is not started.
    Always,
}

/// The cluster that a credential plugin is told of.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExecAuthCluster {
    /// The server's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The name that the server's certificate is checked for, where it is not that of the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_server_name: Option<String>,
    /// Whether the server's certificate goes unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insecure_skip_tls_verify: Option<bool>,
    /// The PEM of the certificate authorities; base64 in JSON.
    #[serde(default, with = "text::base64", skip_serializing_if = "Option::is_none")]
    pub certificate_authority_data: Option<Vec<u8>>,
    /// The proxy on the way to the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_url: Option<String>,
    /// What the cluster's extension `client.authentication.k8s.io/exec` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Value>,
}

debug_without_secrets!(ExecAuthCluster {
    server: url,
    tls_server_name: shown,
    insecure_skip_tls_verify: shown,
    certificate_authority_data: hidden,
    proxy_url: url,
    config: hidden,
});

impl TryFrom<&Cluster> for ExecAuthCluster {
    type Error = KubeconfigError;

    /// Reads the certificate authorities, if there are any.
    fn try_from(cluster: &Cluster) -> Result<Self, KubeconfigError> {
        let authority =
            super::resolve::Origin::unknown("cluster").certificate_authority(&super::SystemHost, cluster)?;
        Ok(Self::told_of(cluster, authority))
    }
}

impl ExecAuthCluster {
    pub(super) fn told_of(cluster: &Cluster, certificate_authority: Option<Vec<u8>>) -> Self {
        Self {
            server: cluster.server.clone(),
            tls_server_name: cluster.tls_server_name.clone(),
            insecure_skip_tls_verify: cluster.insecure_skip_tls_verify,
            certificate_authority_data: certificate_authority,
            proxy_url: cluster.proxy_url.clone(),
            config: cluster
                .extensions
                .iter()
                .flatten()
                .find(|extension| extension.name == EXEC_EXTENSION)
                .map(|extension| extension.extension.clone()),
        }
    }
}

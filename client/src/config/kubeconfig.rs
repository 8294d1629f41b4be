//! The data types of a kubeconfig file.
//!
//! Keys that they do not know are kept in `other`, so that a file survives being read and written. `Debug` shows no
//! secrets; serialising does, because a kubeconfig is written in order to be used.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/>

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ExecConfig, StringMap, show::debug_without_secrets, text};

/// Clusters, users, and contexts that pair them.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Kubeconfig {
    /// Settings of command line tools.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<Preferences>,
    /// The clusters by name.
    #[serde(default, deserialize_with = "text::list")]
    pub clusters: Vec<NamedCluster>,
    /// The users by name; `users` in the file.
    #[serde(default, rename = "users", deserialize_with = "text::list")]
    pub auth_infos: Vec<NamedAuthInfo>,
    /// The contexts by name.
    #[serde(default, deserialize_with = "text::list")]
    pub contexts: Vec<NamedContext>,
    /// The context to use where none is asked for.
    #[serde(
        default,
        rename = "current-context",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub current_context: Option<String>,
    /// Data of other programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<NamedExtension>>,
    /// `Config`.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<String>,
    /// `v1`.
    #[serde(
        default,
        rename = "apiVersion",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub api_version: Option<String>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(Kubeconfig {
    preferences: shown,
    clusters: shown,
    auth_infos: shown,
    contexts: shown,
    current_context: shown,
    extensions: shown,
    kind: shown,
    api_version: shown,
    other: keys,
});

/// Settings of command line tools.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Preferences {
    /// Whether to use colours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colors: Option<bool>,
    /// Data of other programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<NamedExtension>>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(Preferences {
    colors: shown,
    extensions: shown,
    other: keys
});

/// Data of another program, by name.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedExtension {
    /// The name.
    #[serde(default, deserialize_with = "text::plain")]
    pub name: String,
    /// The data.
    #[serde(default)]
    pub extension: Value,
}

impl std::fmt::Debug for NamedExtension {
    /// Shows the name alone: what other programs keep here is unknown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NamedExtension")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A cluster by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct NamedCluster {
    /// The name.
    #[serde(default, deserialize_with = "text::plain")]
    pub name: String,
    /// The cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Cluster>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(NamedCluster {
    name: shown,
    cluster: shown,
    other: keys
});

/// Where a cluster is, and how to know it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cluster {
    /// The URL of the server, such as `https://host:6443`.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub server: Option<String>,
    /// Whether the server's certificate goes unchecked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insecure_skip_tls_verify: Option<bool>,
    /// The path of a file with the certificate authorities to trust.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub certificate_authority: Option<String>,
    /// The certificate authorities to trust, base64 of PEM. It overrides `certificate_authority`.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub certificate_authority_data: Option<String>,
    /// The proxy on the way to the server.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub proxy_url: Option<String>,
    /// Whether answers are asked for uncompressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_compression: Option<bool>,
    /// The name that the server's certificate is checked for, where it is not that of the URL.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub tls_server_name: Option<String>,
    /// Data of other programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<NamedExtension>>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(Cluster {
    server: url,
    insecure_skip_tls_verify: shown,
    certificate_authority: shown,
    certificate_authority_data: hidden,
    proxy_url: url,
    disable_compression: shown,
    tls_server_name: shown,
    extensions: shown,
    other: keys,
});

/// A user by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct NamedAuthInfo {
    /// The name.
    #[serde(default, deserialize_with = "text::plain")]
    pub name: String,
    /// The user; `user` in the file.
    #[serde(default, rename = "user", skip_serializing_if = "Option::is_none")]
    pub auth_info: Option<AuthInfo>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(NamedAuthInfo {
    name: shown,
    auth_info: shown,
    other: keys
});

/// Who to be, and how to prove it.
///
/// A client certificate is always presented. Of the rest, the first that is there is used: `auth_provider`, `username`
/// with `password`, `token_file`, `token`, `exec`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AuthInfo {
    /// The name for basic authentication.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub username: Option<String>,
    /// The password for basic authentication.
    #[serde(
        default,
        deserialize_with = "text::secret",
        serialize_with = "text::exposed",
        skip_serializing_if = "Option::is_none"
    )]
    pub password: Option<SecretString>,
    /// A bearer token.
    #[serde(
        default,
        deserialize_with = "text::secret",
        serialize_with = "text::exposed",
        skip_serializing_if = "Option::is_none"
    )]
    pub token: Option<SecretString>,
    /// The path of a file with a bearer token, which is read again from time to time.
    #[serde(
        default,
        rename = "tokenFile",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub token_file: Option<String>,
    /// The path of a file with a client certificate.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub client_certificate: Option<String>,
    /// A client certificate, base64 of PEM. It overrides `client_certificate`.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub client_certificate_data: Option<String>,
    /// The path of a file with the key of the client certificate.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub client_key: Option<String>,
    /// The key of the client certificate, base64 of PEM. It overrides `client_key`.
    #[serde(
        default,
        deserialize_with = "text::secret",
        serialize_with = "text::exposed",
        skip_serializing_if = "Option::is_none"
    )]
    pub client_key_data: Option<SecretString>,
    /// The user to act as; `as` in the file.
    #[serde(
        default,
        rename = "as",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub impersonate: Option<String>,
    /// The UID to act as; `as-uid` in the file.
    #[serde(
        default,
        rename = "as-uid",
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub impersonate_uid: Option<String>,
    /// The groups to act as; `as-groups` in the file.
    #[serde(default, rename = "as-groups", skip_serializing_if = "Option::is_none")]
    pub impersonate_groups: Option<Vec<String>>,
    /// More about the user to act as; `as-user-extra` in the file.
    #[serde(
        default,
        rename = "as-user-extra",
        serialize_with = "text::sorted_optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub impersonate_user_extra: Option<StringMap<Vec<String>>>,
    /// A way to get tokens that is built into clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_provider: Option<AuthProviderConfig>,
    /// A program that prints credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<ExecConfig>,
    /// Data of other programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<NamedExtension>>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(AuthInfo {
    username: shown,
    password: hidden,
    token: hidden,
    token_file: shown,
    client_certificate: shown,
    client_certificate_data: hidden,
    client_key: shown,
    client_key_data: hidden,
    impersonate: shown,
    impersonate_uid: shown,
    impersonate_groups: shown,
    impersonate_user_extra: shown,
    auth_provider: shown,
    exec: shown,
    extensions: shown,
    other: keys,
});

/// A way to get tokens that is built into clients, such as `oidc`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AuthProviderConfig {
    /// The name of the provider.
    #[serde(default, deserialize_with = "text::plain")]
    pub name: String,
    /// What the provider needs to know.
    #[serde(default, serialize_with = "text::sorted", deserialize_with = "text::map")]
    pub config: StringMap<String>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(AuthProviderConfig {
    name: shown,
    config: keys,
    other: keys
});

/// A context by name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct NamedContext {
    /// The name.
    #[serde(default, deserialize_with = "text::plain")]
    pub name: String,
    /// The context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(NamedContext {
    name: shown,
    context: shown,
    other: keys
});

/// A cluster, a user, and a namespace.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Context {
    /// The name of the cluster.
    #[serde(default, deserialize_with = "text::plain")]
    pub cluster: String,
    /// The name of the user; nobody in particular if absent.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub user: Option<String>,
    /// The namespace for calls that name none.
    #[serde(
        default,
        deserialize_with = "text::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub namespace: Option<String>,
    /// Data of other programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extensions: Option<Vec<NamedExtension>>,
    /// Keys that this library does not know.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

debug_without_secrets!(Context {
    cluster: shown,
    user: shown,
    namespace: shown,
    extensions: shown,
    other: keys,
});

//! Where a cluster is, and how to reach it.
//!
//! A [`Config`] comes from a kubeconfig, from what a pod finds in its environment, or from your own code.
//! [`Config::infer`] tries the first two in that order.
//!
//! **Invariant:** everything that is read here, environment variables and files, is read through a [`Host`]; `Debug` and
//! errors show no secret.
//!
//! Reading order: `kubeconfig.rs` and `exec.rs` (the file's data types), `parse.rs`, `merge.rs`, `paths.rs`, `load.rs`
//! (files → data), `resolve.rs` (data → `Config`), `identity.rs`, `shared.rs`, `no_proxy.rs`, `proxy.rs`, `in_cluster.rs`, `host.rs`, `error.rs`.

mod error;
mod exec;
mod host;
#[cfg(feature = "client")]
mod identity;
mod in_cluster;
mod kubeconfig;
mod load;
mod merge;
mod no_proxy;
pub(crate) mod parse;
mod paths;
pub(crate) mod pem;
pub(crate) mod proxy;
mod resolve;
#[cfg(feature = "exec")]
mod shared;
pub(crate) mod show;
mod text;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, Uri};

#[cfg(feature = "client")]
pub(crate) use self::identity::IdentityPem;
pub(crate) use self::resolve::Origin;
#[cfg(feature = "exec")]
use self::shared::Shared;
pub use self::{
    error::{
        FieldError, InClusterError, InferConfigError, KubeconfigError, LoadDataError, Missing, ParseError,
        PemError,
    },
    exec::{ExecAuthCluster, ExecConfig, ExecInteractiveMode},
    host::{Host, MemoryHost, SystemHost},
    kubeconfig::{
        AuthInfo, AuthProviderConfig, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster,
        NamedContext, NamedExtension, Preferences,
    },
};
use self::{load::Loaded, show::Hidden};

/// The map type of kube's signatures. Where its order could be seen, it is sorted first.
#[expect(
    clippy::disallowed_types,
    reason = "the type that kube's users build these fields with"
)]
pub(crate) type StringMap<V> = std::collections::HashMap<String, V>;

/// How long connecting may take unless the configuration says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a credential plugin or an issuer may take unless the configuration says otherwise.
const CREDENTIAL_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the server may take to accept bytes unless the configuration says otherwise.
const WRITE_TIMEOUT: Duration = Duration::from_secs(295);

/// Where a cluster is, and how to reach it.
///
/// Build a client with [`Client::try_from`](crate::Client), or the layers of one with
/// [`ConfigExt`](crate::client::ConfigExt).
///
/// ```
/// # futures::executor::block_on(async {
/// use seatrial_client::config::{Config, KubeConfigOptions, Kubeconfig};
///
/// let kubeconfig = Kubeconfig::from_yaml(
///     r"
///     current-context: dev
///     contexts: [{name: dev, context: {cluster: local, namespace: team}}]
///     clusters: [{name: local, cluster: {server: 'http://localhost:8001'}}]
///     ",
/// )?;
/// let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await?;
/// assert_eq!(config.cluster_url, "http://localhost:8001");
/// assert_eq!(config.default_namespace, "team");
/// # Ok::<_, seatrial_client::config::KubeconfigError>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// The URL of the server. Its path, if it has one, stands before every request's.
    pub cluster_url: Uri,
    /// The namespace for calls that name none.
    pub default_namespace: String,
    /// The certificate authorities to trust, in DER; the platform's if there are none.
    pub root_cert: Option<Vec<Vec<u8>>>,
    /// The file with the certificate authorities, in PEM. While it can be read it counts instead of `root_cert`, and new
    /// certificates in it are noticed.
    pub root_cert_file: Option<PathBuf>,
    /// How long it may take to connect: looking up the name, through a proxy, and to agree on TLS.
    pub connect_timeout: Option<Duration>,
    /// How long the connection may be silent while an answer is awaited. No limit by default, because idle watches and
    /// shells are silent for long; dead connections are found by keep-alives.
    pub read_timeout: Option<Duration>,
    /// How long the connection may take to accept bytes. Not for commands, terminals and ports of pods, whose programs may
    /// leave their input unread for as long as they like.
    pub write_timeout: Option<Duration>,
    /// Whether a written byte starts `read_timeout` anew.
    pub reset_reader_on_write: bool,
    /// Whether the server's certificate goes unchecked.
    pub accept_invalid_certs: bool,
    /// Who to be, and how to prove it.
    pub auth_info: AuthInfo,
    /// Whether answers are asked for uncompressed.
    pub disable_compression: bool,
    /// The proxy on the way to the server.
    pub proxy_url: Option<Uri>,
    /// The name that the server's certificate is checked for, where it is not that of the URL.
    pub tls_server_name: Option<String>,
    /// Headers of every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How long a credential plugin, or an issuer of tokens, may take; a plugin that can ask the user has at least five
    /// minutes.
    pub credential_timeout: Option<Duration>,
    /// Whether requests that did not reach the server, or that it asks to send again, are sent again.
    pub default_retry: bool,
    /// Which entry of a kubeconfig says where the cluster is, for errors about it.
    pub(crate) cluster_origin: Origin,
    /// Which entry of a kubeconfig `auth_info` came from, for errors about it.
    pub(crate) user_origin: Origin,
    /// What credentials are read through when they are needed.
    pub(crate) host: Arc<dyn Host>,
    /// The running credential plugin, shared by what is made of this configuration.
    #[cfg(feature = "exec")]
    pub(crate) shared: Shared,
}

impl Config {
    /// A configuration with nothing but a server.
    pub fn new(cluster_url: Uri) -> Self {
        Self {
            cluster_url,
            default_namespace: "default".to_owned(),
            root_cert: None,
            root_cert_file: None,
            connect_timeout: Some(CONNECT_TIMEOUT),
            read_timeout: None,
            write_timeout: Some(WRITE_TIMEOUT),
            reset_reader_on_write: true,
            accept_invalid_certs: false,
            auth_info: AuthInfo::default(),
            disable_compression: false,
            proxy_url: None,
            tls_server_name: None,
            headers: Vec::new(),
            credential_timeout: Some(CREDENTIAL_TIMEOUT),
            default_retry: true,
            cluster_origin: Origin::default(),
            user_origin: Origin::default(),
            host: Arc::new(SystemHost),
            #[cfg(feature = "exec")]
            shared: Shared::default(),
        }
    }

    /// The configuration of the kubeconfig, or else, if there is none that can be used, of the pod this runs in.
    ///
    /// [`apply_debug_overrides`](Self::apply_debug_overrides) has the last word.
    ///
    /// # Errors
    ///
    /// Why neither can be used.
    pub async fn infer() -> Result<Self, InferConfigError> {
        Self::infer_on(SystemHost).await
    }

    /// As [`infer`](Self::infer), on a host of your own.
    ///
    /// # Errors
    ///
    /// Why neither can be used.
    pub async fn infer_on(host: impl Host) -> Result<Self, InferConfigError> {
        let host: Arc<dyn Host> = Arc::new(host);
        let mut config = match Self::of_kubeconfig(Arc::clone(&host), &KubeConfigOptions::default()) {
            Ok(config) => config,
            Err(kubeconfig) => match in_cluster::by_environment(Arc::clone(&host)) {
                Ok(config) => {
                    tracing::debug!(%kubeconfig, "using the in-cluster configuration");
                    config
                }
                Err(in_cluster) => return Err(InferConfigError::new(kubeconfig, in_cluster)),
            },
        };
        config.apply_debug_overrides();
        Ok(config)
    }

    /// The configuration of the pod this runs in; as [`incluster_env`](Self::incluster_env).
    ///
    /// # Errors
    ///
    /// If this is no pod, or its service account is not mounted.
    pub fn incluster() -> Result<Self, InClusterError> {
        Self::incluster_env()
    }

    /// The configuration of the pod this runs in, with the server's address from the environment.
    ///
    /// # Errors
    ///
    /// If this is no pod, or its service account is not mounted.
    pub fn incluster_env() -> Result<Self, InClusterError> {
        Self::incluster_on(SystemHost)
    }

    /// As [`incluster_env`](Self::incluster_env), on a host of your own.
    ///
    /// # Errors
    ///
    /// If the host is no pod, or its service account is not mounted.
    pub fn incluster_on(host: impl Host) -> Result<Self, InClusterError> {
        in_cluster::by_environment(Arc::new(host))
    }

    /// The configuration of the pod this runs in, with the server's name in the cluster's DNS.
    ///
    /// # Errors
    ///
    /// If the service account is not mounted.
    pub fn incluster_dns() -> Result<Self, InClusterError> {
        Self::incluster_dns_on(SystemHost)
    }

    /// As [`incluster_dns`](Self::incluster_dns), on a host of your own.
    ///
    /// # Errors
    ///
    /// If the service account is not mounted.
    pub fn incluster_dns_on(host: impl Host) -> Result<Self, InClusterError> {
        in_cluster::by_name(Arc::new(host))
    }

    /// The configuration of the kubeconfig that [`Kubeconfig::read`] finds.
    ///
    /// # Errors
    ///
    /// If there is no such kubeconfig, or it does not say what is asked for.
    pub async fn from_kubeconfig(options: &KubeConfigOptions) -> Result<Self, KubeconfigError> {
        Self::from_kubeconfig_on(SystemHost, options).await
    }

    /// As [`from_kubeconfig`](Self::from_kubeconfig), on a host of your own.
    ///
    /// # Errors
    ///
    /// If there is no such kubeconfig, or it does not say what is asked for.
    pub async fn from_kubeconfig_on(
        host: impl Host,
        options: &KubeConfigOptions,
    ) -> Result<Self, KubeconfigError> {
        Self::of_kubeconfig(Arc::new(host), options)
    }

    /// The configuration of a kubeconfig at hand.
    ///
    /// # Errors
    ///
    /// If it does not say what is asked for, or a file that it names cannot be read.
    pub async fn from_custom_kubeconfig(
        kubeconfig: Kubeconfig,
        options: &KubeConfigOptions,
    ) -> Result<Self, KubeconfigError> {
        Self::from_custom_kubeconfig_on(SystemHost, kubeconfig, options)
    }

    /// As [`from_custom_kubeconfig`](Self::from_custom_kubeconfig), on a host of your own.
    ///
    /// # Errors
    ///
    /// If it does not say what is asked for, or a file that it names cannot be read.
    pub fn from_custom_kubeconfig_on(
        host: impl Host,
        kubeconfig: Kubeconfig,
        options: &KubeConfigOptions,
    ) -> Result<Self, KubeconfigError> {
        let loaded = Loaded {
            kubeconfig,
            ..Loaded::default()
        };
        resolve::resolve(Arc::new(host), loaded, options)
    }

    fn of_kubeconfig(host: Arc<dyn Host>, options: &KubeConfigOptions) -> Result<Self, KubeconfigError> {
        let loaded = Loaded::read(&*host)?;
        resolve::resolve(host, loaded, options)
    }

    /// Applies the variables that override a configuration while debugging: `KUBE_RS_DEBUG_IMPERSONATE_USER`,
    /// `KUBE_RS_DEBUG_IMPERSONATE_GROUP` and `KUBE_RS_DEBUG_OVERRIDE_URL`.
    ///
    /// A variable that holds no valid value is left out with a warning. A proxy that the environment named for the server
    /// of before is chosen again for the one that takes its place; one that was set otherwise stays.
    pub fn apply_debug_overrides(&mut self) {
        let host = Arc::clone(&self.host);
        if let Some(user) = host.text_var("KUBE_RS_DEBUG_IMPERSONATE_USER") {
            tracing::warn!(user, "impersonating by KUBE_RS_DEBUG_IMPERSONATE_USER");
            self.auth_info.impersonate = Some(user);
        }
        if let Some(groups) = host.text_var("KUBE_RS_DEBUG_IMPERSONATE_GROUP") {
            tracing::warn!(groups, "impersonating by KUBE_RS_DEBUG_IMPERSONATE_GROUP");
            self.auth_info.impersonate_groups =
                Some(groups.split(',').map(|group| group.trim().to_owned()).collect());
        }
        if let Some(url) = host.text_var("KUBE_RS_DEBUG_OVERRIDE_URL") {
            match url.parse() {
                Ok(url) => {
                    tracing::warn!("using another server by KUBE_RS_DEBUG_OVERRIDE_URL");
                    let proxy_for = |url| proxy::from_env(&*host, url).unwrap_or_default();
                    if self.proxy_url == proxy_for(&self.cluster_url) {
                        self.proxy_url = proxy_for(&url);
                    }
                    self.cluster_url = url;
                }
                Err(error) => tracing::warn!(%error, "KUBE_RS_DEBUG_OVERRIDE_URL is not a URL"),
            }
        }
    }
}

impl TryFrom<Kubeconfig> for Config {
    type Error = KubeconfigError;

    /// The configuration of the kubeconfig's current context.
    fn try_from(kubeconfig: Kubeconfig) -> Result<Self, KubeconfigError> {
        Self::from_custom_kubeconfig_on(SystemHost, kubeconfig, &KubeConfigOptions::default())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = |url: &Uri| show::without_userinfo(&url.to_string());
        f.debug_struct("Config")
            .field("cluster_url", &url(&self.cluster_url))
            .field("default_namespace", &self.default_namespace)
            .field("root_cert", &self.root_cert.as_ref().map(Vec::len))
            .field("root_cert_file", &self.root_cert_file)
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("write_timeout", &self.write_timeout)
            .field("reset_reader_on_write", &self.reset_reader_on_write)
            .field("accept_invalid_certs", &self.accept_invalid_certs)
            .field("auth_info", &self.auth_info)
            .field("disable_compression", &self.disable_compression)
            .field("proxy_url", &self.proxy_url.as_ref().map(url))
            .field("tls_server_name", &self.tls_server_name)
            // A header can be a credential.
            .field(
                "headers",
                &self
                    .headers
                    .iter()
                    .map(|(name, _)| (name, Hidden))
                    .collect::<Vec<_>>(),
            )
            .field("credential_timeout", &self.credential_timeout)
            .field("default_retry", &self.default_retry)
            .finish_non_exhaustive()
    }
}

/// Which context, cluster and user of a kubeconfig to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubeConfigOptions {
    /// The context; the current one if absent.
    pub context: Option<String>,
    /// The cluster; that of the context if absent.
    pub cluster: Option<String>,
    /// The user; that of the context if absent.
    pub user: Option<String>,
}

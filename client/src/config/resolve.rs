//! A kubeconfig and what was asked for → a [`Config`].

use std::{path::PathBuf, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Uri;

use super::{
    AuthInfo, Cluster, Config, Context, ExecAuthCluster, FieldError, Host, KubeConfigOptions,
    KubeconfigError, LoadDataError, Missing, load::Loaded, pem, proxy,
};

pub(super) fn resolve(
    host: Arc<dyn Host>,
    loaded: Loaded,
    options: &KubeConfigOptions,
) -> Result<Config, KubeconfigError> {
    let Loaded {
        kubeconfig,
        clusters,
        users,
    } = loaded;
    let context = choose_context(&kubeconfig.contexts, kubeconfig.current_context, options)?;

    let cluster_name = options.cluster.clone().unwrap_or(context.cluster);
    let cluster = kubeconfig
        .clusters
        .into_iter()
        .find(|named| named.name == cluster_name)
        .ok_or_else(|| KubeconfigError::LoadClusterOfContext(cluster_name.clone()))?
        .cluster
        .unwrap_or_default();
    let cluster_origin = Origin::new("cluster", &cluster_name, clusters.get(&cluster_name));

    // A user who is not there is nobody in particular: servers on localhost and behind proxies need none.
    let user_name = options.user.clone().or(context.user).unwrap_or_default();
    let mut auth_info = kubeconfig
        .auth_infos
        .into_iter()
        .find(|named| named.name == user_name)
        .and_then(|named| named.auth_info)
        .unwrap_or_default();
    let user_origin = Origin::new("user", &user_name, users.get(&user_name));

    let cluster_url = cluster_url(&cluster_origin, &cluster, &auth_info)?;
    let proxy_url = match cluster.proxy_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => Some(
            proxy::parse(url)
                .map_err(|error| KubeconfigError::ParseProxyUrl(cluster_origin.error("proxy-url", error)))?,
        ),
        None => proxy::from_env(&*host, &cluster_url).map_err(KubeconfigError::ParseProxyUrl)?,
    };

    let authority = cluster_origin.certificate_authority(&*host, &cluster)?;
    let root_cert = authority
        .as_ref()
        .map(|authority| {
            pem::certificates(authority).map_err(|error| {
                KubeconfigError::ParseCertificates(cluster_origin.error(cluster.authority_field(), error))
            })
        })
        .transpose()?;
    if let Some(exec) = &mut auth_info.exec {
        exec.cluster = Some(ExecAuthCluster::told_of(&cluster, authority));
    }

    let namespace = context.namespace.filter(|namespace| !namespace.is_empty());
    let mut config = Config::new(cluster_url);
    config.default_namespace = namespace.unwrap_or_else(|| "default".to_owned());
    config.root_cert = root_cert.map(|certificates| certificates.iter().map(|der| der.to_vec()).collect());
    config.root_cert_file = cluster.authority_file();
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or_default();
    config.disable_compression = cluster.disable_compression.unwrap_or_default();
    config.tls_server_name = cluster.tls_server_name.filter(|name| !name.is_empty());
    config.proxy_url = proxy_url;
    config.auth_info = auth_info;
    config.cluster_origin = cluster_origin;
    config.user_origin = user_origin;
    config.host = host;
    Ok(config)
}

fn choose_context(
    contexts: &[super::NamedContext],
    current: Option<String>,
    options: &KubeConfigOptions,
) -> Result<Context, KubeconfigError> {
    let name = match options
        .context
        .clone()
        .or(current.filter(|name| !name.is_empty()))
    {
        Some(name) => name,
        // Who says which cluster needs no context.
        None if options.cluster.is_some() => return Ok(Context::default()),
        None => return Err(KubeconfigError::CurrentContextNotSet),
    };
    contexts
        .iter()
        .find(|named| named.name == name)
        .map(|named| named.context.clone().unwrap_or_default())
        .ok_or(KubeconfigError::LoadContext(name))
}

fn cluster_url(origin: &Origin, cluster: &Cluster, user: &AuthInfo) -> Result<Uri, KubeconfigError> {
    let server = cluster
        .server
        .as_deref()
        .map(str::trim)
        .filter(|server| !server.is_empty());
    let server = server.ok_or_else(|| KubeconfigError::MissingClusterUrl(origin.error("server", Missing)))?;
    if server.contains("://") {
        server.parse()
    } else {
        // As for kubectl: whoever speaks of certificates means TLS.
        let tls = cluster.insecure_skip_tls_verify == Some(true)
            || cluster.certificate_authority.is_some()
            || cluster.certificate_authority_data.is_some()
            || user.client_certificate.is_some()
            || user.client_certificate_data.is_some();
        format!("{}://{server}", if tls { "https" } else { "http" }).parse()
    }
    .map_err(|error| KubeconfigError::ParseClusterUrl(origin.error("server", error)))
}

impl Cluster {
    fn inline_authority(&self) -> Option<&str> {
        self.certificate_authority_data
            .as_deref()
            .filter(|data| !data.is_empty())
    }

    /// The file to watch for new certificate authorities.
    fn authority_file(&self) -> Option<PathBuf> {
        let path = self
            .certificate_authority
            .as_deref()
            .filter(|path| !path.is_empty());
        path.filter(|_| self.inline_authority().is_none())
            .map(PathBuf::from)
    }

    fn authority_field(&self) -> &'static str {
        if self.inline_authority().is_some() {
            "certificate-authority-data"
        } else {
            "certificate-authority"
        }
    }
}

/// The entry of a kubeconfig that a value came from, for errors.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    file: Option<PathBuf>,
    entry: String,
}

impl Origin {
    fn new(kind: &str, name: &str, file: Option<&PathBuf>) -> Self {
        Self {
            file: file.cloned(),
            entry: format!("{kind} `{name}`"),
        }
    }

    pub(super) fn unknown(kind: &str) -> Self {
        Self {
            file: None,
            entry: kind.to_owned(),
        }
    }

    /// An error about a field of this entry.
    pub(crate) fn error<E>(&self, field: &str, error: E) -> FieldError<E> {
        let field = if self.entry.is_empty() {
            field.to_owned()
        } else {
            format!("{}: {field}", self.entry)
        };
        FieldError::new(self.file.clone(), field, error)
    }

    /// The PEM of the certificate authorities, if the cluster names any.
    pub(super) fn certificate_authority(
        &self,
        host: &dyn Host,
        cluster: &Cluster,
    ) -> Result<Option<Vec<u8>>, KubeconfigError> {
        data(
            host,
            cluster.inline_authority(),
            cluster.certificate_authority.as_deref(),
        )
        .map_err(|error| {
            KubeconfigError::LoadCertificateAuthority(self.error(cluster.authority_field(), error))
        })
    }
}

/// What a field holds inline, or else in a file.
pub(super) fn data(
    host: &dyn Host,
    inline: Option<&str>,
    path: Option<&str>,
) -> Result<Option<Vec<u8>>, LoadDataError> {
    if let Some(inline) = inline {
        // Lines of base64 are as good as one.
        let compact: String = inline.split_ascii_whitespace().collect();
        return BASE64_STANDARD
            .decode(compact)
            .map(Some)
            .map_err(|_| LoadDataError::DecodeBase64);
    }
    let Some(path) = path.filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    host.read(&path)
        .map(Some)
        .map_err(|error| LoadDataError::ReadFile(error, path))
}

//! What a pod is given to reach the server of its own cluster.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>

use std::{path::Path, sync::Arc};

use http::Uri;

use super::{AuthInfo, Config, Host, InClusterError, pem, proxy, resolve::Origin};

const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const NAMESPACE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
const AUTHORITY: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

const SERVICE_HOST: &str = "KUBERNETES_SERVICE_HOST";
const SERVICE_PORT: &str = "KUBERNETES_SERVICE_PORT";

/// The server by the address in the environment.
pub(super) fn by_environment(host: Arc<dyn Host>) -> Result<Config, InClusterError> {
    let variable = |name| {
        host.text_var(name)
            .ok_or(InClusterError::ReadEnvironmentVariable(name))
    };
    let (address, port) = (variable(SERVICE_HOST)?, variable(SERVICE_PORT)?);
    let port: u16 = port.parse().map_err(InClusterError::ParseClusterPort)?;
    // An IPv6 address comes without brackets.
    let address = if address.contains(':') && !address.starts_with('[') {
        format!("[{address}]")
    } else {
        address
    };
    let url = format!("https://{address}:{port}")
        .parse()
        .map_err(InClusterError::ParseClusterUrl)?;
    with_files(host, url)
}

/// The server by its name in the cluster.
pub(super) fn by_name(host: Arc<dyn Host>) -> Result<Config, InClusterError> {
    with_files(host, Uri::from_static("https://kubernetes.default.svc/"))
}

fn with_files(host: Arc<dyn Host>, url: Uri) -> Result<Config, InClusterError> {
    let namespace = host
        .read(Path::new(NAMESPACE))
        .map_err(|error| InClusterError::ReadDefaultNamespace(error, NAMESPACE.into()))?;
    let authority = host
        .read(Path::new(AUTHORITY))
        .map_err(|error| InClusterError::ReadCertificateBundle(error, AUTHORITY.into()))?;
    let authority = pem::certificates(&authority)
        .map_err(|error| InClusterError::ParseCertificates(error, AUTHORITY.into()))?;

    let proxy_url = proxy::from_env(&*host, &url).map_err(InClusterError::ParseProxyUrl)?;

    let mut config = Config::new(url);
    config.proxy_url = proxy_url;
    config.default_namespace = String::from_utf8_lossy(&namespace).trim().to_owned();
    config.root_cert = Some(authority.iter().map(|der| der.to_vec()).collect());
    config.root_cert_file = Some(AUTHORITY.into());
    config.auth_info = AuthInfo {
        token_file: Some(TOKEN.to_owned()),
        ..AuthInfo::default()
    };
    config.user_origin = Origin::unknown("service account");
    config.host = host;
    Ok(config)
}

//! What the examples of webhooks have in common: TLS, and who calls.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use http::{Request, Response, Uri};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use k8s_openapi::ByteString;
use seatrial::{Client, client::Body, runtime::webhook::Router};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};
use tower::{BoxError, Service};

/// Runs a webhook as the command line says.
///
/// `--kubeconfig https://HOST:PORT CERTIFICATE KEY` serves `router` on that port over TLS, with the PEM files, and lets `register` tell the cluster that
/// `Client::try_default` finds where that is and which certificate to trust. Without arguments, `embedded` runs.
///
/// # Errors
///
/// Those of the two, of the files and of the port.
pub fn start<E, R>(
    router: Router,
    register: impl FnOnce(Client, String, ByteString) -> R,
    embedded: impl FnOnce() -> E,
) -> Result<()>
where
    E: Future<Output = Result<()>>,
    R: Future<Output = Result<()>>,
{
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match args.as_slice() {
            [] => embedded().await,
            ["--kubeconfig", url, certificate, key] => {
                let port = url.parse::<Uri>()?.port_u16().unwrap_or(443);
                let trusted =
                    ByteString(std::fs::read(certificate).with_context(|| format!("reading {certificate}"))?);
                let certificates = CertificateDer::pem_file_iter(certificate)?.collect::<Result<_, _>>()?;
                let tls = acceptor(certificates, PrivateKeyDer::from_pem_file(key)?)?;
                let listener = TcpListener::bind(("0.0.0.0", port)).await?;
                register(Client::try_default().await?, (*url).to_owned(), trusted).await?;
                serve_tls(listener, tls, router).await;
                Ok(())
            }
            _ => bail!("usage: [--kubeconfig https://HOST:PORT CERTIFICATE KEY]"),
        }
    })
}

/// How connections are secured with a certificate.
///
/// # Errors
///
/// Where certificate and key do not belong together.
pub fn acceptor(
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<TlsAcceptor> {
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Answers requests over TLS until dropped. A connection that fails ends, and the others go on.
pub async fn serve_tls<S>(listener: TcpListener, tls: TlsAcceptor, service: S)
where
    S: Service<Request<Incoming>, Response = Response<Body>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
{
    // They end with this.
    let mut connections = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // As when there are too many files open: that passes.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        while connections.try_join_next().is_some() {}
        let (tls, service) = (tls.clone(), TowerToHyperService::new(service.clone()));
        connections.spawn(async move {
            let served = async {
                let stream = TokioIo::new(tls.accept(stream).await?);
                http1::Builder::new().serve_connection(stream, service).await?;
                Ok::<_, BoxError>(())
            };
            if let Err(error) = served.await {
                tracing::debug!(error, "a connection ended");
            }
        });
    }
}

//! A client whose connections are made by hand: TLS from the configuration, over a connector of one's own, with layers for
//! credentials, retries and a trace of every request.
//!
//! `cargo run -p examples --example tls_client` serves a cluster in memory over TLS on the loopback device; `--kubeconfig`
//! talks to the cluster of the kubeconfig instead.

use anyhow::{Result, bail};
use examples::serving;
use http::Request;
use hyper::body::Incoming;
use k8s_openapi::api::core::v1::Namespace;
use seatrial::{
    Api, Client, Config, ResourceExt,
    api::ListParams,
    client::{Body, ClientBuilder, ConfigExt as _, Transport, retry::RetryPolicy},
    testkit::FakeCluster,
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tower::{BoxError, ServiceBuilder, ServiceExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .init();
    let (config, _server) = match std::env::args().nth(1).as_deref() {
        None => {
            let server = Server::start(FakeCluster::new()).await?;
            (server.config.clone(), Some(server))
        }
        Some("--kubeconfig") => (Config::infer().await?, None),
        Some(other) => bail!("unknown argument {other}; known is --kubeconfig"),
    };
    print!("{}", run(&client(config)?).await?);
    Ok(())
}

/// The production stack with each part put in place by hand.
fn client(config: Config) -> Result<Client> {
    // Any connector would do here: one over a Unix socket, or one that counts.
    let mut tcp = hyper_util::client::legacy::connect::HttpConnector::new();
    tcp.enforce_http(false);
    let https = config.rustls_https_connector_with_connector(tcp)?;
    let executor = hyper_util::rt::TokioExecutor::new();
    let connections = hyper_util::client::legacy::Client::builder(executor).build(https);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .layer(config.extra_headers_layer()?)
        .option_layer(config.auth_layer()?)
        .map_err(BoxError::from)
        .service(connections.map_err(BoxError::from));
    let client = ClientBuilder::stack(config.default_namespace)
        .with_retry(RetryPolicy::default().max_retries(3))
        .transport(service)
        .with_layer(&tower::layer::layer_fn(traced))
        .build();
    Ok(client)
}

/// Tells `tracing` of every attempt, and of what came back.
fn traced(service: Transport) -> Transport {
    let service = tower::service_fn(move |request: Request<Body>| {
        let service = service.clone();
        async move {
            let (method, path) = (request.method().clone(), request.uri().path().to_owned());
            let answer = service.oneshot(request).await;
            match &answer {
                Ok(response) => {
                    tracing::info!(%method, path, status = response.status().as_u16(), "answered")
                }
                Err(error) => tracing::warn!(%method, path, error, "not answered"),
            }
            answer
        }
    });
    Transport::new(service)
}

async fn run(client: &Client) -> Result<String> {
    let version = client.apiserver_version().await?;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let names: Vec<_> = namespaces.list(&ListParams::default()).await?.items;
    let names: Vec<_> = names.iter().map(ResourceExt::name_any).collect();
    Ok(format!(
        "version: {}.{}\nnamespaces: {}\n",
        version.major,
        version.minor,
        names.join(" ")
    ))
}

/// A cluster in memory that is served over TLS, and how to reach it.
struct Server {
    config: Config,
    _serving: JoinSet<()>,
}

impl Server {
    async fn start(cluster: FakeCluster) -> Result<Self> {
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let der = certified.cert.der().clone();
        let key =
            PrivateKeyDer::try_from(certified.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let tls = serving::acceptor(vec![der.clone()], key)?;

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut config = Config::new(format!("https://{}", listener.local_addr()?).parse()?);
        config.root_cert = Some(vec![der.to_vec()]);
        let client = cluster.client();
        let service = tower::service_fn(move |request: Request<Incoming>| {
            let client = client.clone();
            async move { client.send(request.map(Body::wrap)).await }
        });
        let mut serving = JoinSet::new();
        serving.spawn(serving::serve_tls(listener, tls, service));
        Ok(Self {
            config,
            _serving: serving,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cluster_is_reached_over_tls() {
        let server = Server::start(FakeCluster::new()).await.unwrap();
        let text = run(&client(server.config.clone()).unwrap()).await.unwrap();
        assert!(text.starts_with("version: 1.36"), "{text}");
        assert!(text.contains("kube-system"), "{text}");

        // Without the certificate there is no trust.
        let mut config = server.config.clone();
        config.root_cert = None;
        let client = client(config).unwrap().with_retry(None);
        run(&client).await.unwrap_err();
    }
}

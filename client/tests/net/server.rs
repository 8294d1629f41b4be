//! A server whose answers are the test's, over TLS or without it, which remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
};

use crate::pki::{Authority, Leaf};

/// What a request looked like to the server.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) version: Version,
    /// The client's certificate, in DER.
    pub(crate) certificate: Option<Vec<u8>>,
    /// Counts the connections of the server from 0.
    pub(crate) connection: usize,
}

impl Seen {
    pub(crate) fn authorization(&self) -> &str {
        self.headers
            .get("authorization")
            .map_or("", |value| value.to_str().unwrap())
    }
}

/// A server that ends with the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    _tasks: JoinSet<()>,
}

type Answer = Arc<dyn Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync>;

/// How to serve.
#[derive(Clone, Default)]
pub(crate) struct Options {
    tls: Option<TlsAcceptor>,
    answer: Option<Answer>,
    endless: bool,
}

impl Options {
    /// Over TLS, with this certificate, preferring HTTP/2 if `h2`.
    pub(crate) fn tls(mut self, leaf: &Leaf, clients: Option<&Authority>, h2: bool) -> Self {
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            Some(authority) => {
                let mut store = RootCertStore::empty();
                store
                    .add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap())
                    .unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider)
                    .allow_unauthenticated()
                    .build()
                    .unwrap();
                builder.with_client_cert_verifier(verifier)
            }
            None => builder.with_no_client_auth(),
        };
        let chain = vec![CertificateDer::from_pem_slice(leaf.certificate.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(leaf.key.as_bytes()).unwrap();
        let mut config = builder.with_single_cert(chain, key).unwrap();
        config.alpn_protocols = if h2 {
            vec![b"h2".to_vec(), b"http/1.1".to_vec()]
        } else {
            vec![b"http/1.1".to_vec()]
        };
        self.tls = Some(TlsAcceptor::from(Arc::new(config)));
        self
    }

    /// With answers that never end.
    pub(crate) fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    /// What takes part in TLS.
    pub(crate) fn acceptor(self) -> TlsAcceptor {
        self.tls.expect("TLS was asked for")
    }

    /// With these answers instead of `ok`.
    pub(crate) fn answer(
        mut self,
        answer: impl Fn(&Seen) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) -> Self {
        self.answer = Some(Arc::new(answer));
        self
    }

    /// Over TLS, with `ok` for the client that has this certificate and 401 for all others.
    pub(crate) fn only_for(self, authority: &Authority, client: &Leaf) -> Self {
        let only = client.der();
        self.tls(&authority.server(&["127.0.0.1"]), Some(authority), true)
            .answer(move |seen| {
                if seen.certificate.as_ref() == Some(&only) {
                    text(200, "ok")
                } else {
                    text(401, "no")
                }
            })
    }

    pub(crate) async fn serve(self) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let endless = self.endless;
        let answer = self.answer.unwrap_or_else(|| Arc::new(|_| text(200, "ok")));
        let mut tasks = JoinSet::new();
        let log = Arc::clone(&seen);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, log, answer) = (self.tls.clone(), Arc::clone(&log), Arc::clone(&answer));
                connections.spawn(async move {
                    match tls {
                        // A handshake that fails is the client's business.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                let certificate = stream
                                    .get_ref()
                                    .1
                                    .peer_certificates()
                                    .map(|chain| chain[0].to_vec());
                                talk(stream, certificate, connection, log, answer, endless).await;
                            }
                        }
                        None => talk(stream, None, connection, log, answer, endless).await,
                    }
                });
            }
        });
        Server {
            address,
            seen,
            _tasks: tasks,
        }
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    certificate: Option<Vec<u8>>,
    connection: usize,
    log: Arc<Mutex<Vec<Seen>>>,
    answer: Answer,
    endless: bool,
) {
    let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
        let (log, answer, certificate) = (Arc::clone(&log), Arc::clone(&answer), certificate.clone());
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await?.to_bytes();
            let seen = Seen {
                uri: head.uri.to_string(),
                headers: head.headers,
                body: String::from_utf8_lossy(&body).into_owned(),
                version: head.version,
                certificate,
                connection,
            };
            let response = answer(&seen).map(|body| {
                let body = body.map_err(|never| match never {});
                if endless {
                    StreamBody::new(futures::stream::pending()).boxed()
                } else {
                    body.boxed()
                }
            });
            log.lock().unwrap().push(seen);
            Ok::<Response<BoxBody<Bytes, hyper::Error>>, hyper::Error>(response)
        }
    });
    // An error is the end of the connection, which is the client's business too.
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
        .await;
}

impl Server {
    pub(crate) fn last(&self) -> Seen {
        self.seen
            .lock()
            .unwrap()
            .last()
            .expect("the server was asked")
            .clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

pub(crate) fn text(code: u16, body: &str) -> Response<Full<Bytes>> {
    Response::builder()
        .status(code)
        .header("content-type", "text/plain")
        .body(Full::new(Bytes::copy_from_slice(body.as_bytes())))
        .unwrap()
}

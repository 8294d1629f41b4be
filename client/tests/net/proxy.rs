//! Proxies: tunnels, forwarded requests, and SOCKS5.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use seatrial_client::{Client, Error};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    connect::{chain, config, get, within},
    pki::{Authority, data},
    server::Options,
};

/// A proxy that leads everywhere to one address and remembers how it was asked.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

/// An HTTP proxy that answers `CONNECT` with this line.
async fn http(target: SocketAddr, answer: &'static str) -> Proxy {
    proxy(move |stream, asked| async move {
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await.unwrap() == 0 {
                return;
            }
        }
        asked.lock().unwrap().push(head);
        stream
            .write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        if answer.starts_with("200") {
            let mut server = TcpStream::connect(target).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
        }
    })
    .await
}

/// A SOCKS5 proxy that wants this name and password, if any.
async fn socks(target: SocketAddr, user: Option<&'static str>) -> Proxy {
    proxy(move |mut stream, asked| async move {
        let mut read = async |count: usize| {
            let mut bytes = vec![0; count];
            stream.read_exact(&mut bytes).await.map(|_| bytes)
        };
        let Ok(greeting) = read(2).await else { return };
        let methods = read(greeting[1].into()).await.unwrap();
        let method = if user.is_some() { 2 } else { 0 };
        assert!(methods.contains(&method));
        stream.write_all(&[5, method]).await.unwrap();
        let mut read = async |count: usize| {
            let mut bytes = vec![0; count];
            stream.read_exact(&mut bytes).await.map(|_| bytes)
        };
        if let Some(user) = user {
            let name = read(2).await.unwrap()[1];
            let name = read(name.into()).await.unwrap();
            let password = read(1).await.unwrap()[0];
            let password = read(password.into()).await.unwrap();
            let shown = format!(
                "{}:{}",
                String::from_utf8(name).unwrap(),
                String::from_utf8(password).unwrap()
            );
            let right = shown == user;
            asked.lock().unwrap().push(shown);
            stream.write_all(&[1, u8::from(!right)]).await.unwrap();
            if !right {
                return;
            }
        }
        let mut read = async |count: usize| {
            let mut bytes = vec![0; count];
            stream.read_exact(&mut bytes).await.map(|_| bytes)
        };
        let head = read(4).await.unwrap();
        let host = match head[3] {
            1 => format!("{:?}", read(4).await.unwrap()),
            3 => {
                let length = read(1).await.unwrap()[0];
                String::from_utf8(read(length.into()).await.unwrap()).unwrap()
            }
            _ => format!("{:?}", read(16).await.unwrap()),
        };
        let port = read(2).await.unwrap();
        asked
            .lock()
            .unwrap()
            .push(format!("{host}:{}", u16::from_be_bytes([port[0], port[1]])));
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 1]).await.unwrap();
        let mut server = TcpStream::connect(target).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
    })
    .await
}

async fn proxy<F, Fut>(serve: F) -> Proxy
where
    F: Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            connections.spawn(serve(stream, Arc::clone(&log)));
        }
    });
    Proxy {
        address,
        asked,
        _tasks: tasks,
    }
}

impl Proxy {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// A cluster by a name that only the proxy can look up.
async fn through(proxy_url: &str, authority: &Authority) -> Client {
    let cluster = format!(
        "{{server: 'https://kubernetes.internal:6443', certificate-authority-data: {}, proxy-url: '{proxy_url}'}}",
        data(&authority.pem)
    );
    let mut config = config(&cluster, "{token: t}").await;
    config.default_retry = false;
    Client::try_from(config).unwrap()
}

#[tokio::test]
async fn a_tunnel_to_a_server_with_tls() {
    let authority = Authority::new("CA");
    let server = Options::default()
        .tls(&authority.server(&["kubernetes.internal"]), None, true)
        .serve()
        .await;
    let proxy = http(server.address, "200 go ahead").await;
    for (userinfo, header) in [
        ("", ""),
        ("joe:s%2Fx@", "Proxy-Authorization: Basic am9lOnMveA==\r\n"),
    ] {
        let client = through(&format!("http://{userinfo}{}", proxy.address), &authority).await;
        assert_eq!(get(&client).await.unwrap(), "ok");
        assert_eq!(server.last().version, http::Version::HTTP_2);
        let expect = format!(
            "CONNECT kubernetes.internal:6443 HTTP/1.1\r\nHost: kubernetes.internal:6443\r\n{header}\r\n"
        );
        assert_eq!(proxy.asked(), [expect], "and no credentials of the cluster");
    }
}

#[tokio::test]
async fn a_proxy_that_is_reached_by_tls() {
    let authority = Authority::new("CA");
    let server = Options::default()
        .tls(&authority.server(&["kubernetes.internal"]), None, true)
        .serve()
        .await;
    let inner = http(server.address, "200 OK").await;
    // TLS in front of it, ended by a server that passes bytes on.
    let leaf = authority.server(&["127.0.0.1"]);
    let acceptor = Options::default().tls(&leaf, None, false).acceptor();
    let to = inner.address;
    let outer = proxy(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let mut inner = TcpStream::connect(to).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut stream, &mut inner).await;
        }
    })
    .await;
    let client = through(&format!("https://{}", outer.address), &authority).await;
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(inner.asked().len(), 1);
}

#[tokio::test]
async fn a_server_without_tls_is_asked_by_the_proxy() {
    // The server plays the proxy: what it sees is what a proxy is told.
    let server = Options::default().serve().await;
    let cluster = format!(
        "{{server: 'http://kubernetes.internal:8001', proxy-url: 'http://joe:s@{}'}}",
        server.address
    );
    let client = Client::try_from(config(&cluster, "{token: t}").await).unwrap();
    assert_eq!(get(&client).await.unwrap(), "ok");
    let seen = server.last();
    assert_eq!(seen.uri, "http://kubernetes.internal:8001/healthz");
    assert_eq!(seen.headers["proxy-authorization"], "Basic am9lOnM=");
    assert_eq!(seen.authorization(), "Bearer t");
}

#[tokio::test]
async fn socks5_looks_names_up_at_the_proxy() {
    let authority = Authority::new("CA");
    let server = Options::default()
        .tls(&authority.server(&["kubernetes.internal"]), None, true)
        .serve()
        .await;
    for scheme in ["socks5", "socks5h"] {
        let proxy = socks(server.address, None).await;
        let client = through(&format!("{scheme}://{}", proxy.address), &authority).await;
        assert_eq!(get(&client).await.unwrap(), "ok");
        assert_eq!(proxy.asked(), ["kubernetes.internal:6443"]);
    }
    let proxy = socks(server.address, Some("joe:s/x")).await;
    let client = through(&format!("socks5://joe:s%2Fx@{}", proxy.address), &authority).await;
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(proxy.asked(), ["joe:s/x", "kubernetes.internal:6443"]);
}

#[tokio::test]
async fn proxies_that_fail_are_named_without_their_password() {
    let authority = Authority::new("CA");
    let nowhere = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let refusing = http(nowhere, "403 Forbidden").await;
    let guarded = http(nowhere, "407 Proxy Authentication Required").await;
    let socks = socks(nowhere, Some("joe:other")).await;
    let mut errors = String::new();
    for (url, name) in [
        (format!("http://joe:hunter2@{nowhere}"), nowhere),
        (
            format!("http://joe:hunter2@{}", refusing.address),
            refusing.address,
        ),
        (format!("http://joe:hunter2@{}", guarded.address), guarded.address),
        (format!("socks5://joe:hunter2@{nowhere}"), nowhere),
        (format!("socks5://joe:hunter2@{}", socks.address), socks.address),
    ] {
        let error = within(Duration::from_secs(5), async {
            get(&through(&url, &authority).await).await
        })
        .await
        .unwrap_err();
        assert!(matches!(
            error.outcome(),
            seatrial_client::error::Outcome::NotApplied { .. }
        ));
        errors += &format!("{}\n", chain(&error).replace(&name.to_string(), "proxy:1"));
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    assert!(!errors.contains("hunter2"), "{errors}");
    insta::assert_snapshot!(errors, @r"
    the request was not answered
      because: there was no answer to get /healthz
      because: the request was not sent
      because: the connection could not be made
      because: the proxy http://proxy:1/ (of `proxy-url`, or of the environment) did not connect
      because: tunnel error: failed to create underlying connection
      because: tcp connect error
      because: Connection refused (os error 111)
    the request was not answered
      because: there was no answer to get /healthz
      because: the request was not sent
      because: the connection could not be made
      because: the proxy http://proxy:1/ (of `proxy-url`, or of the environment) did not connect
      because: tunnel error: unsuccessful
    the request was not answered
      because: there was no answer to get /healthz
      because: the request was not sent
      because: the connection could not be made
      because: the proxy http://proxy:1/ (of `proxy-url`, or of the environment) did not connect
      because: tunnel error: proxy authorization required
    the request was not answered
      because: there was no answer to get /healthz
      because: the request was not sent
      because: the connection could not be made
      because: the proxy socks5://proxy:1/ (of `proxy-url`, or of the environment) did not connect
      because: SOCKS error: failed to create underlying connection
    the request was not answered
      because: there was no answer to get /healthz
      because: the request was not sent
      because: the connection could not be made
      because: the proxy socks5://proxy:1/ (of `proxy-url`, or of the environment) did not connect
      because: SOCKS error: credentials not accepted
    ");
}

#[tokio::test]
async fn a_proxy_of_an_unknown_kind_is_an_error() {
    let cluster = "{server: 'https://host', proxy-url: 'ftp://joe:hunter2@proxy'}";
    let error = Client::try_from(config(cluster, "{}").await).unwrap_err();
    assert!(matches!(error, Error::ProxyProtocolUnsupported { .. }));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

//! Connections to a kubelet at the other end of a pipe, on virtual time.
#![expect(
    clippy::disallowed_methods,
    reason = "the kubelets are tasks of the tests, on tokio's paused clock"
)]

use std::{
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use http::{HeaderValue, header::SEC_WEBSOCKET_PROTOCOL};
use k8s_openapi::api::core::v1::Pod;
use tokio::io::{AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};

use super::*;
use crate::{Api, Client, api::AttachParams, client::Body, error::Outcome};

type Remote = WebSocketStream<DuplexStream>;

/// The client's end of the pipe.
struct Pipe {
    stream: DuplexStream,
    /// Whether writing fails.
    is_broken: Arc<AtomicBool>,
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A pod behind one connection, which its kubelet serves like this.
struct Rig {
    pods: Api<Pod>,
    env: Env,
    is_broken: Arc<AtomicBool>,
}

impl Rig {
    fn new<F, Fut>(serve: F) -> Self
    where
        F: FnOnce(Remote, Env) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
        let is_broken = Arc::new(AtomicBool::new(false));
        let (ours, theirs) = duplex(64 << 10);
        let timers = env.clone();
        tokio::spawn(async move {
            #[expect(
                clippy::result_large_err,
                reason = "the error is one of the library's own, and there is none"
            )]
            let agree = |_: &_, mut response: http::Response<()>| {
                let protocol = HeaderValue::from_static("v5.channel.k8s.io");
                response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, protocol);
                Ok(response)
            };
            let socket = tokio_tungstenite::accept_hdr_async(theirs, agree).await;
            serve(socket.unwrap(), timers).await;
        });
        let pipe = Arc::new(Mutex::new(Some(Pipe {
            stream: ours,
            is_broken: Arc::clone(&is_broken),
        })));
        let service = tower::service_fn(move |request: http::Request<Body>| {
            let pipe = pipe.lock().unwrap().take().expect("there is one connection");
            async move {
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(pipe)).await?;
                tokio::spawn(connection.with_upgrades());
                sender.send_request(request).await
            }
        });
        let client = Client::new(service, "default").with_env(env.clone());
        Self {
            pods: Api::default_namespaced(client),
            env,
            is_broken,
        }
    }

    async fn exec(&self) -> AttachedProcess {
        let params = AttachParams::default().stdin(true).stderr(false);
        self.pods.exec("web", ["cat"], &params).await.unwrap()
    }

    /// What comes within an hour of virtual time: more than anything here may take.
    async fn within_an_hour<F: Future>(&self, future: F) -> F::Output {
        let in_time = self.env.timeout(Duration::from_secs(3600), future).await;
        in_time.expect("it comes to an end")
    }

    fn is_open(&self) -> bool {
        Arc::strong_count(&self.is_broken) > 1
    }
}

/// Reads everything that comes until the time is over, which answers the pings.
async fn hear(socket: &mut Remote, env: &Env, time: Duration) {
    let all = async { while let Some(Ok(_)) = socket.next().await {} };
    assert!(env.timeout(time, all).await.is_err(), "the client is still there");
}

/// Ends a session as a kubelet does whose process has ended well.
async fn take_leave(socket: &mut Remote) {
    let status = [&[3][..], br#"{"status": "Success", "metadata": {}}"#].concat();
    socket.send(Message::binary(status)).await.unwrap();
    socket.close(None).await.unwrap();
    while let Some(Ok(_)) = socket.next().await {}
}

#[tokio::test(start_paused = true)]
async fn input_waits_for_a_process_that_does_not_read_for_long() {
    let rig = Rig::new(async |mut socket, env| {
        env.sleep(Duration::from_secs(400)).await;
        let mut len = 0;
        while let Some(message) = socket.next().await {
            match message.unwrap() {
                Message::Binary(bytes) if bytes[0] == 0 => len += bytes.len() - 1,
                Message::Binary(_) => break,
                _ => {}
            }
        }
        assert_eq!(len, 1 << 20);
        take_leave(&mut socket).await;
    });
    let mut process = rig.exec().await;
    let mut stdin = process.stdin().unwrap();
    let status = process.take_status().unwrap();
    rig.within_an_hour(stdin.write_all(&vec![b'x'; 1 << 20]))
        .await
        .unwrap();
    drop(stdin);
    assert_eq!(status.await.unwrap().status.as_deref(), Some("Success"));
    process.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_takes_nothing_more_breaks_the_input_and_ends() {
    let rig = Rig::new(async |mut socket, env| hear(&mut socket, &env, Duration::from_secs(7200)).await);
    let mut process = rig.exec().await;
    let mut stdin = process.stdin().unwrap();
    rig.is_broken.store(true, Ordering::Relaxed);
    let writing = async {
        loop {
            if let Err(error) = stdin.write_all(&[b'x'; 1000]).await {
                return error;
            }
        }
    };
    let error = rig.within_an_hour(writing).await;
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    let error = rig.within_an_hour(process.join()).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let Error::Service(error) = error else {
        panic!("{error:?}");
    };
    let cause = error.source().and_then(|error| error.downcast_ref());
    let Some(tungstenite::Error::Io(cause)) = cause else {
        panic!("{error:?}");
    };
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionAborted);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_leaves_its_input_unread_ends_well() {
    let rig = Rig::new(async |mut socket, _| take_leave(&mut socket).await);
    let mut process = rig.exec().await;
    let mut stdin = process.stdin().unwrap();
    let writing = async { while stdin.write_all(&[b'x'; 1000]).await.is_ok() {} };
    rig.within_an_hour(writing).await;
    rig.within_an_hour(process.join()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn ports_of_a_kubelet_that_does_not_read_are_let_go_with_their_streams() {
    let rig = Rig::new(async |socket, env| {
        env.sleep(Duration::from_secs(7200)).await;
        drop(socket);
    });
    let mut forwarder = rig.pods.portforward("web", &[80, 81]).await.unwrap();
    let mut stream = forwarder.take_stream(80).unwrap();
    let idle = forwarder.take_stream(81).unwrap();
    let writing = async { while stream.write_all(&[b'x'; 1000]).await.is_ok() {} };
    assert!(rig.env.timeout(Duration::from_secs(5), writing).await.is_err());
    drop((stream, idle, forwarder));
    rig.env.sleep(Duration::from_secs(9)).await;
    assert!(rig.is_open(), "it has some time to read");
    rig.env.sleep(Duration::from_secs(2)).await;
    assert!(!rig.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_dead_is_noticed_within_a_minute_or_so() {
    let rig = Rig::new(async |mut socket, env| {
        hear(&mut socket, &env, Duration::from_secs(305)).await;
        env.sleep(Duration::from_secs(7200)).await;
        drop(socket);
    });
    let mut process = rig.exec().await;
    let mut stdin = process.stdin().unwrap();
    // What was read before is no excuse.
    stdin.write_all(b"ls\n").await.unwrap();
    let error = rig.within_an_hour(process.join()).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    let noticed = rig.env.monotonic();
    assert!(noticed > Duration::from_secs(305), "{noticed:?}");
    assert!(noticed < Duration::from_secs(305 + 75), "{noticed:?}");
}

#[tokio::test(start_paused = true)]
async fn who_reads_late_is_no_sign_of_death() {
    let rig = Rig::new(async |mut socket, _| {
        for _ in 0..64 {
            let output = [&[1][..], &[b'x'; 16 << 10]].concat();
            socket.send(Message::binary(output)).await.unwrap();
        }
        take_leave(&mut socket).await;
    });
    let mut process = rig.exec().await;
    let mut stdout = process.stdout().unwrap();
    rig.env.sleep(Duration::from_secs(3600)).await;
    let mut bytes = Vec::new();
    stdout.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes.len(), 1 << 20);
    process.join().await.unwrap();
}

//! A server of HTTP/2 at the other end of a pipe, on virtual time.
#![expect(
    clippy::disallowed_methods,
    reason = "the servers are tasks of the tests, on tokio's paused clock"
)]

use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::{BodyExt, Empty};
use hyper_util::{client::legacy::connect::Connected, rt::TokioIo};
use tokio::io::DuplexStream;

use super::*;

type Lane = Lanes<Empty<Bytes>>;

/// One end of a pipe that has agreed on a version of HTTP.
struct Pipe {
    io: TokioIo<DuplexStream>,
    http2: bool,
}

impl hyper::rt::Read for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Connection for Pipe {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        if self.http2 {
            connected.negotiated_h2()
        } else {
            connected
        }
    }
}

/// Lanes to a server that does this with its connections, counted from 0, and how many there were.
fn lanes<F, Fut>(http2: bool, serve: F) -> (Lane, Arc<AtomicUsize>)
where
    F: Fn(usize, DuplexStream) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let dial = Dial::new(tower::service_fn(move |_: Uri| {
        let (serve, counted) = (serve.clone(), Arc::clone(&counted));
        async move {
            // A handshake takes time.
            tokio::time::sleep(Duration::from_millis(20)).await;
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            tokio::spawn(serve(counted.fetch_add(1, Ordering::SeqCst), theirs));
            let io = TokioIo::new(ours);
            Ok::<_, BoxError>(Stream::new(Pipe { io, http2 }))
        }
    }));
    let server = "server".parse().unwrap();
    (Lanes::new(dial, Env::system(), None, Some(server)), count)
}

fn get() -> Request<Empty<Bytes>> {
    Request::get("https://server/version").body(Empty::new()).unwrap()
}

async fn answered(lanes: &Lane) -> Result<Bytes, BoxError> {
    let response = lanes.send(get()).await?;
    Ok(response.into_body().collect().await?.to_bytes())
}

/// What became of a request that failed: whether it is proved that it was not looked at.
fn is_not_sent(error: &BoxError) -> bool {
    error.is::<NotSent>()
}

async fn handshake(pipe: DuplexStream) -> h2::server::Connection<DuplexStream, Bytes> {
    h2::server::handshake(pipe).await.unwrap()
}

fn ok(mut respond: h2::server::SendResponse<Bytes>) {
    let mut body = respond.send_response(Response::new(()), false).unwrap();
    body.send_data(Bytes::from_static(b"ok"), true).unwrap();
}

/// Answers every request.
async fn serve_all(pipe: DuplexStream) {
    let mut connection = handshake(pipe).await;
    while let Some(Ok((_, respond))) = connection.accept().await {
        ok(respond);
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_first_requests_opens_one_connection() {
    let (lanes, count) = lanes(true, |_, pipe| serve_all(pipe));
    let burst = futures::future::join_all((0..50).map(|_| answered(&lanes))).await;
    assert!(burst.iter().all(|answer| answer.as_ref().unwrap() == "ok"));
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_burst_to_a_server_without_http2_opens_as_many_as_it_needs() {
    let serve = |_, pipe: DuplexStream| async move {
        let service = hyper::service::service_fn(|_| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, hyper::Error>(Response::new(http_body_util::Full::new(Bytes::from_static(
                b"ok",
            ))))
        });
        let _ = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(pipe), service)
            .await;
    };
    let (lanes, count) = lanes(false, serve);
    let burst = futures::future::join_all((0..8).map(|_| answered(&lanes))).await;
    assert!(burst.iter().all(|answer| answer.as_ref().unwrap() == "ok"));
    assert_eq!(
        count.load(Ordering::SeqCst),
        8,
        "the first one's connection is used, too"
    );
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_connection_that_fails_are_told_and_the_next_one_tries_again() {
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    let dial = Dial::new(tower::service_fn(move |_: Uri| {
        let attempt = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err::<Stream, BoxError>(format!("attempt {attempt}").into())
        }
    }));
    let lanes: Lane = Lanes::new(dial, Env::system(), None, Some("server".parse().unwrap()));
    let burst = futures::future::join_all((0..10).map(|_| answered(&lanes))).await;
    assert!(
        burst
            .iter()
            .all(|answer| is_not_sent(answer.as_ref().unwrap_err()))
    );
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    let error = answered(&lanes).await.unwrap_err();
    let probe = error.source().unwrap();
    assert_eq!(probe.source().unwrap().to_string(), "attempt 1");
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_dropped_is_begun_again() {
    let (lanes, count) = lanes(true, |_, pipe| serve_all(pipe));
    let dropped = tokio::time::timeout(Duration::from_millis(5), answered(&lanes)).await;
    assert!(dropped.is_err());
    assert_eq!(answered(&lanes).await.unwrap(), "ok");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a2_a_stream_that_the_server_refuses_was_not_looked_at() {
    for (reason, expect) in [
        (h2::Reason::REFUSED_STREAM, true),
        (h2::Reason::INTERNAL_ERROR, false),
        (h2::Reason::CANCEL, false),
    ] {
        let (lanes, _) = lanes(true, move |_, pipe| async move {
            let mut connection = handshake(pipe).await;
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                respond.send_reset(reason);
            }
        });
        let error = answered(&lanes).await.unwrap_err();
        assert_eq!(is_not_sent(&error), expect, "{reason}");
    }
}

/// The frame by which a server goes away: RFC 9113, section 6.8.
fn go_away(last_stream: u32, reason: h2::Reason) -> Vec<u8> {
    let mut frame = vec![0, 0, 8, 7, 0, 0, 0, 0, 0];
    frame.extend(last_stream.to_be_bytes());
    frame.extend(u32::from(reason).to_be_bytes());
    frame
}

/// A server that accepts the settings, reads a request, says this, and hangs up.
async fn say(mut pipe: DuplexStream, answer: Vec<u8>) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    // Empty settings, and the acknowledgement of the client's.
    pipe.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0])
        .await
        .unwrap();
    let (mut bytes, mut chunk) = (Vec::new(), [0; 4096]);
    // The kind of a frame is its fourth byte; 1 is that of headers. The preface comes first.
    let has_headers = |bytes: &[u8]| {
        let mut rest = bytes.get(24..).unwrap_or_default();
        while let [a, b, c, kind, ..] = *rest {
            if kind == 1 {
                return true;
            }
            let length = 9 + u32::from_be_bytes([0, a, b, c]) as usize;
            rest = rest.get(length..).unwrap_or_default();
        }
        false
    };
    while !has_headers(&bytes) {
        let read = pipe.read(&mut chunk).await.unwrap();
        bytes.extend_from_slice(&chunk[..read]);
    }
    pipe.write_all(&answer).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test(start_paused = true)]
async fn a2_a_stream_beyond_the_last_before_a_server_goes_away_was_not_looked_at() {
    for (last, reason, expect) in [
        (0, h2::Reason::NO_ERROR, true),
        (0, h2::Reason::ENHANCE_YOUR_CALM, true),
        // Stream 1 is the request's: the server has seen it, and may have acted on it.
        (1, h2::Reason::NO_ERROR, false),
        (1, h2::Reason::INTERNAL_ERROR, false),
    ] {
        let (lanes, _) = lanes(true, move |_, pipe| say(pipe, go_away(last, reason)));
        let error = answered(&lanes).await.unwrap_err();
        assert_eq!(is_not_sent(&error), expect, "{last} {reason}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a6_a_server_that_goes_away_finishes_its_streams_and_gets_no_new_ones() {
    let (lanes, count) = lanes(true, |connection, pipe| async move {
        let mut server = handshake(pipe).await;
        let Some(Ok((_, respond))) = server.accept().await else {
            return;
        };
        if connection == 0 {
            // The first connection goes away while its first request is under way.
            server.graceful_shutdown();
            let answer = async {
                tokio::time::sleep(Duration::from_secs(2)).await;
                ok(respond);
            };
            let drive = async {
                while let Some(Ok((_, respond))) = server.accept().await {
                    ok(respond);
                }
            };
            tokio::join!(answer, drive);
        } else {
            ok(respond);
            while let Some(Ok((_, respond))) = server.accept().await {
                ok(respond);
            }
        }
    });
    let later = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        answered(&lanes).await
    };
    let (first, later) = tokio::join!(answered(&lanes), later);
    assert_eq!(first.unwrap(), "ok");
    assert_eq!(later.unwrap(), "ok");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a5_an_idle_watch_on_a_dead_connection_is_found_out_by_a_ping() {
    let (lanes, _) = lanes(true, |_, pipe| async move {
        let mut connection = handshake(pipe).await;
        let Some(Ok((_, mut respond))) = connection.accept().await else {
            return;
        };
        let _body = respond.send_response(Response::new(()), false).unwrap();
        // The answer's head is written, and then nothing is read or written any more.
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.accept()).await;
        std::future::pending::<()>().await;
    });
    let watch = lanes.send(get()).await.unwrap();
    // On the runtime's clock, which is paused.
    let env = Env::system();
    let start = env.monotonic();
    watch.into_body().collect().await.unwrap_err();
    let elapsed = env.monotonic() - start;
    let limit = PING_INTERVAL + PING_TIMEOUT;
    assert!(
        elapsed >= PING_TIMEOUT && elapsed <= limit + Duration::from_secs(2),
        "{elapsed:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_idle_and_alive_is_left_alone() {
    let (lanes, _) = lanes(true, |_, pipe| async move {
        let mut connection = handshake(pipe).await;
        let Some(Ok((_, mut respond))) = connection.accept().await else {
            return;
        };
        let mut body = respond.send_response(Response::new(()), false).unwrap();
        // Whoever polls the connection answers pings.
        let _ = tokio::time::timeout(Duration::from_secs(3600), connection.accept()).await;
        body.send_data(Bytes::from_static(b"event"), true).unwrap();
        let _ = connection.accept().await;
    });
    let watch = lanes.send(get()).await.unwrap();
    assert_eq!(watch.into_body().collect().await.unwrap().to_bytes(), "event");
}

#[tokio::test(start_paused = true)]
async fn a8_a_body_that_nobody_reads_does_not_hold_up_the_other_streams() {
    let (lanes, count) = lanes(true, |_, pipe| async move {
        let mut connection = handshake(pipe).await;
        let mut first = true;
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            if std::mem::take(&mut first) {
                // Far more than the windows of stream and connection hold.
                let mut body = respond.send_response(Response::new(()), false).unwrap();
                body.send_data(Bytes::from(vec![b'x'; 64 << 20]), true).unwrap();
            } else {
                ok(respond);
            }
        }
    });
    let slow = lanes.send(get()).await.unwrap();
    for _ in 0..20 {
        assert_eq!(answered(&lanes).await.unwrap(), "ok");
    }
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert_eq!(
        slow.into_body().collect().await.unwrap().to_bytes().len(),
        64 << 20
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_speaking_http2_is_found_out() {
    let is_http2 = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let now = Arc::clone(&is_http2);
    let dial = Dial::new(tower::service_fn(move |_: Uri| {
        let http2 = now.load(Ordering::SeqCst);
        async move {
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            if http2 {
                tokio::spawn(async move {
                    let mut connection = handshake(theirs).await;
                    if let Some(Ok((_, respond))) = connection.accept().await {
                        ok(respond);
                        connection.graceful_shutdown();
                    }
                    while let Some(Ok(_)) = connection.accept().await {}
                });
            } else {
                let service = hyper::service::service_fn(|_| async {
                    Ok::<_, hyper::Error>(Response::new(http_body_util::Full::new(Bytes::from_static(b"1"))))
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(theirs), service),
                );
            }
            let io = TokioIo::new(ours);
            Ok::<_, BoxError>(Stream::new(Pipe { io, http2 }))
        }
    }));
    let lanes: Lane = Lanes::new(dial, Env::system(), None, Some("server".parse().unwrap()));
    assert_eq!(answered(&lanes).await.unwrap(), "ok");
    is_http2.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let error = answered(&lanes).await.unwrap_err();
    assert!(is_not_sent(&error), "{error:?}");
    assert_eq!(answered(&lanes).await.unwrap(), "1");
}

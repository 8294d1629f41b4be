//! Servers that stall, reset and cut short.

use std::time::Duration;

use http::Request;
use seatrial_client::{Client, Env, Error, client::Body, error::Outcome};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{
    connect::{chain, config, get, within},
    pki::{Authority, data},
    server::Options,
};

/// A client of a server that reads the head of a request and then does this.
async fn client<F, Fut>(then: F) -> (Client, JoinSet<()>)
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(
        &format!("{{server: 'http://{}'}}", listener.local_addr().unwrap()),
        "{}",
    )
    .await;
    config.read_timeout = Some(Duration::from_millis(300));
    config.default_retry = false;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let read = stream.read(&mut head).await.unwrap();
            assert!(read > 0);
            connections.spawn(then(stream));
        }
    });
    (Client::try_from(config).unwrap(), tasks)
}

async fn post(client: &Client) -> Error {
    let request = Request::post("/api/v1/namespaces").body(b"{}".to_vec()).unwrap();
    client.request_text(request).await.unwrap_err()
}

#[tokio::test]
async fn a5_a_server_that_stalls_is_given_up_after_the_read_timeout() {
    let (client, _tasks) = client(async |_stream| std::future::pending().await).await;
    let env = Env::system();
    let start = env.monotonic();
    let error = within(Duration::from_secs(5), get(&client)).await.unwrap_err();
    assert!(env.monotonic() - start >= Duration::from_millis(300));
    assert!(error.is_timeout(), "{}", chain(&error));
    assert_eq!(post(&client).await.outcome(), Outcome::Unknown);

    // Half an answer, and then nothing.
    let (client, _tasks) = self::client(async |mut stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
            .await
            .unwrap();
        std::future::pending().await
    })
    .await;
    assert!(get(&client).await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_slow_server_is_not_a_silent_one() {
    let (client, _tasks) = client(async |mut stream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n")
            .await
            .unwrap();
        for _ in 0..8 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            stream.write_all(b"x").await.unwrap();
        }
    })
    .await;
    assert_eq!(get(&client).await.unwrap(), "xxxxxxxx");
}

#[tokio::test]
async fn a3_a_connection_that_ends_before_the_answer_leaves_a_write_unknown() {
    for reset in [true, false] {
        let (client, _tasks) = client(move |stream| async move {
            if reset {
                stream.set_zero_linger().unwrap();
            }
        })
        .await;
        let error = post(&client).await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{}", chain(&error));
        assert_eq!(
            get(&client).await.unwrap_err().outcome(),
            Outcome::NotApplied { retry_after: None }
        );
    }
}

#[tokio::test]
async fn a4_an_answer_that_is_cut_short_is_an_error() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        b"HTTP/1.1 200",
        b"rubbish\r\n\r\n",
    ] {
        let (client, _tasks) = client(move |mut stream| async move {
            stream.write_all(answer).await.unwrap();
        })
        .await;
        let error = post(&client).await;
        assert_eq!(error.outcome(), Outcome::Unknown, "{}", chain(&error));
    }
}

#[tokio::test]
async fn a6_a_server_that_closes_after_each_answer_gets_a_connection_for_each_request() {
    let server = Options::default()
        .answer(|_| {
            let mut answer = crate::server::text(200, "ok");
            answer
                .headers_mut()
                .insert("connection", "close".parse().unwrap());
            answer
        })
        .serve()
        .await;
    let config = config(&format!("{{server: 'http://{}'}}", server.address), "{}").await;
    let client = Client::try_from(config).unwrap().with_retry(None);
    for connection in 0..5 {
        assert_eq!(get(&client).await.unwrap(), "ok");
        assert_eq!(server.last().connection, connection);
    }
}

/// A server bounds the streams of one HTTP/2 connection, and each watch holds one: more watches than that must not wait
/// for each other.
#[tokio::test]
async fn watches_beyond_what_one_connection_carries_get_another() {
    let authority = Authority::new("CA");
    let server = Options::default()
        .tls(&authority.server(&["127.0.0.1"]), None, true)
        .endless()
        .serve()
        .await;
    let cluster = format!(
        "{{server: 'https://{}', certificate-authority-data: {}}}",
        server.address,
        data(&authority.pem)
    );
    let client = Client::try_from(config(&cluster, "{}").await).unwrap();
    let watch = async || {
        let request = Request::get("/watch").body(Body::empty()).unwrap();
        let answer = client.send(request);
        tokio::time::timeout(Duration::from_secs(20), answer)
            .await
            .expect("nothing waits")
            .unwrap()
    };
    let mut watches = Vec::new();
    for _ in 0..250 {
        watches.push(watch().await);
    }
    assert_eq!(server.last().version, http::Version::HTTP_2);
    let connections = server
        .seen
        .lock()
        .unwrap()
        .iter()
        .map(|seen| seen.connection)
        .max()
        .unwrap()
        + 1;
    assert_eq!(connections, 3);
    // When they end there is room again.
    drop(watches);
    watch().await;
    assert_eq!(server.last().connection, 0);
}

/// Regression: input that a program left unread for longer than the write timeout was lost, and whoever wrote it waited for ever.
#[tokio::test]
async fn a_program_may_leave_its_input_unread_for_longer_than_the_write_timeout() {
    use futures::{SinkExt, StreamExt};
    use k8s_openapi::api::core::v1::Pod;
    use seatrial_client::{Api, api::AttachParams};
    use tokio_tungstenite::tungstenite::Message;

    const BYTES: usize = 32 << 20;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(
        &format!("{{server: 'http://{}'}}", listener.local_addr().unwrap()),
        "{}",
    )
    .await;
    config.write_timeout = Some(Duration::from_millis(200));
    let kubelet = async {
        let (stream, _) = listener.accept().await.unwrap();
        #[expect(
            clippy::result_large_err,
            reason = "the error is one of the library's own, and there is none"
        )]
        let agree = |_: &_, mut response: http::Response<()>| {
            let protocol = http::HeaderValue::from_static("v5.channel.k8s.io");
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        let mut socket = tokio_tungstenite::accept_hdr_async(stream, agree).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut len = 0;
        while let Some(message) = socket.next().await {
            match message.unwrap() {
                Message::Binary(bytes) if bytes[0] == 0 => len += bytes.len() - 1,
                Message::Binary(_) => break,
                _ => {}
            }
        }
        let status = [&[3][..], br#"{"status": "Success", "metadata": {}}"#].concat();
        socket.send(Message::binary(status)).await.unwrap();
        socket.close(None).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
        len
    };
    let program = async {
        let pods: Api<Pod> = Api::default_namespaced(Client::try_from(config).unwrap());
        let params = AttachParams::default().stdin(true).stderr(false);
        let mut process = pods.exec("web", ["cat"], &params).await.unwrap();
        process
            .stdin()
            .unwrap()
            .write_all(&vec![b'x'; BYTES])
            .await
            .unwrap();
        process.join().await
    };
    let both = async { futures::join!(kubelet, program) };
    let (len, ended) = within(Duration::from_secs(60), both).await;
    ended.unwrap();
    assert_eq!(len, BYTES);
}

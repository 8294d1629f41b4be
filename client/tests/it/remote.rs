//! Commands, terminals, ports and logs of pods, against a scripted kubelet.

use std::time::Duration;

use futures::{AsyncReadExt as _, SinkExt as _};
use k8s_openapi::api::core::v1::Pod;
use seatrial_client::{
    Api, Error,
    api::{AttachParams, AttachedProcess, LogParams, TerminalSize},
    client::{Body, ClientBuilder, UpgradeConnectionError},
    error::Outcome,
};
use seatrial_testkit::{FakeCluster, FakeKubelet, Program};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const POD: &str = "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {nodeName: n1, containers: [{name: app, image: i}]}}";

fn cluster(kubelet: &FakeKubelet) -> (FakeCluster, Api<Pod>) {
    let cluster = FakeCluster::builder()
        .kubelet(kubelet.clone())
        .yaml(POD)
        .build()
        .unwrap();
    let pods = Api::default_namespaced(cluster.client());
    (cluster, pods)
}

/// Everything that a process writes to its two outputs, and its status.
async fn finish(mut process: AttachedProcess) -> (String, String, Option<String>) {
    let (stdout, stderr, status) = (process.stdout(), process.stderr(), process.take_status().unwrap());
    let read = async |stream: Option<_>| match stream {
        None => String::new(),
        Some(stream) => text(stream).await,
    };
    let read_errors = async |stream: Option<_>| match stream {
        None => String::new(),
        Some(stream) => text(stream).await,
    };
    let (out, err, status) = futures::join!(read(stdout), read_errors(stderr), status);
    process.join().await.unwrap();
    (out, err, status.and_then(|status| status.status))
}

async fn text(mut stream: impl tokio::io::AsyncRead + Unpin) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test(start_paused = true)]
async fn a_command_has_outputs_and_a_status() {
    let program = Program::new()
        .stdout("out\n")
        .stderr("err\n")
        .wait(Duration::from_secs(3))
        .stdout("late\n");
    let kubelet = FakeKubelet::new().exec("web", "app", ["work"], program).exec(
        "web",
        "app",
        ["fail"],
        Program::new().stderr("no\n").exit(3),
    );
    let (cluster, pods) = cluster(&kubelet);
    let params = AttachParams::default();

    let process = pods.exec("web", ["work"], &params).await.unwrap();
    assert_eq!(
        finish(process).await,
        (
            "out\nlate\n".to_owned(),
            "err\n".to_owned(),
            Some("Success".to_owned())
        )
    );

    let mut process = pods.exec("web", ["fail"], &params).await.unwrap();
    let status = process.take_status().unwrap().await.unwrap();
    assert_eq!(status.reason.as_deref(), Some("NonZeroExitCode"));
    let causes = status.details.unwrap().causes.unwrap();
    assert_eq!(causes[0].message.as_deref(), Some("3"));
    process.join().await.unwrap();

    let mut process = pods.exec("web", ["absent"], &params).await.unwrap();
    let status = process.take_status().unwrap().await.unwrap();
    assert!(status.message.unwrap().contains("executable file not found"));
    assert!(process.take_status().is_none());

    cluster.env().sleep(Duration::from_secs(60)).await;
    assert_eq!(kubelet.open_sessions(), 0);
    let whats: Vec<_> = kubelet
        .sessions()
        .into_iter()
        .map(|session| session.what)
        .collect();
    assert_eq!(
        whats,
        [
            "exec default/web/app: work",
            "exec default/web/app: fail",
            "exec default/web/app: absent"
        ]
    );
}

/// Regression: the output that came after the end of the input was lost.
#[tokio::test(start_paused = true)]
async fn an_input_that_ends_leaves_the_outputs_open() {
    let program = Program::new()
        .echo()
        .wait(Duration::from_secs(1))
        .stdout("done\n");
    let kubelet = FakeKubelet::new().exec("web", "app", ["cat"], program);
    let (_cluster, pods) = cluster(&kubelet);
    let params = AttachParams::default().stdin(true).stderr(false);
    let mut process = pods.exec("web", ["cat"], &params).await.unwrap();
    let mut stdin = process.stdin().unwrap();
    assert!(process.stdin().is_none() && process.stderr().is_none());
    stdin.write_all(b"hello\n").await.unwrap();
    stdin.shutdown().await.unwrap();
    drop(stdin);
    let (out, _, status) = finish(process).await;
    assert_eq!(
        (out.as_str(), status.as_deref()),
        ("hello\ndone\n", Some("Success"))
    );
    let session = &kubelet.sessions()[0];
    assert_eq!(
        (session.input.as_slice(), session.input_ended),
        (&b"hello\n"[..], true)
    );
}

#[tokio::test(start_paused = true)]
async fn an_old_kubelet_knows_no_end_of_input() {
    let program = Program::new().read_line().stdout("read\n");
    let kubelet = FakeKubelet::new().exec("web", "app", ["read"], program).old();
    let (_cluster, pods) = cluster(&kubelet);
    let params = AttachParams::default().stdin(true).stderr(false);
    let mut process = pods.exec("web", ["read"], &params).await.unwrap();
    let mut stdin = process.stdin().unwrap();
    stdin.write_all(b"a line\n").await.unwrap();
    drop(stdin);
    let (out, _, status) = finish(process).await;
    assert_eq!((out.as_str(), status.as_deref()), ("read\n", Some("Success")));
    assert!(!kubelet.sessions()[0].input_ended);
}

/// Regression: the shell ended when nobody told sizes any more.
#[tokio::test(start_paused = true)]
async fn a_terminal_has_a_size_and_outlives_whoever_told_it() {
    let program = Program::new().tell_size().read_line().stdout("bye\n");
    let kubelet = FakeKubelet::new().exec("web", "app", ["sh"], program);
    let (_cluster, pods) = cluster(&kubelet);
    let mut process = pods
        .exec("web", ["sh"], &AttachParams::interactive_tty())
        .await
        .unwrap();
    let mut sizes = process.terminal_size().unwrap();
    let size = TerminalSize {
        width: 80,
        height: 24,
    };
    sizes.send(size).await.unwrap();
    drop(sizes);
    let mut stdin = process.stdin().unwrap();
    stdin.write_all(b"exit\n").await.unwrap();
    let (out, _, _) = finish(process).await;
    assert_eq!(out, "80x24\nbye\n");
    assert_eq!(kubelet.sessions()[0].sizes, [(80, 24)]);
}

/// Regression: `join` waited for output that nobody could read.
#[tokio::test(start_paused = true)]
async fn output_that_nobody_reads_does_not_hold_up_the_end() {
    let program = Program::new()
        .stdout(vec![b'x'; 1 << 20])
        .stderr(vec![b'y'; 1 << 20]);
    let kubelet = FakeKubelet::new().exec("web", "app", ["flood"], program);
    let (_cluster, pods) = cluster(&kubelet);
    let process = pods
        .exec("web", ["flood"], &AttachParams::default())
        .await
        .unwrap();
    process.join().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_not_read_is_not_fetched() {
    let program = Program::new().stdout(vec![b'x'; 8 << 20]).exit(1);
    let kubelet = FakeKubelet::new().exec("web", "app", ["flood"], program);
    let (cluster, pods) = cluster(&kubelet);
    let params = AttachParams::default().stderr(false).max_stdout_buf_size(1_000);
    let mut process = pods.exec("web", ["flood"], &params).await.unwrap();
    let mut stdout = process.stdout().unwrap();
    let mut status = Box::pin(process.take_status().unwrap());
    cluster.env().sleep(Duration::from_secs(300)).await;
    // The program is stuck, because nobody reads; it goes on when somebody does.
    assert!(futures::FutureExt::now_or_never(&mut status).is_none());
    let mut len = 0;
    let mut buffer = vec![0; 100_000];
    while let read @ 1.. = stdout.read(&mut buffer).await.unwrap() {
        len += read;
    }
    assert_eq!(len, 8 << 20);
    assert_eq!(status.await.unwrap().reason.as_deref(), Some("NonZeroExitCode"));
}

#[tokio::test(start_paused = true)]
async fn dropping_a_process_ends_it_and_leaves_nothing_behind() {
    let kubelet = FakeKubelet::new().exec("web", "app", ["cat"], Program::new().echo());
    let (cluster, pods) = cluster(&kubelet);
    let params = AttachParams::default().stdin(true);
    let mut process = pods.exec("web", ["cat"], &params).await.unwrap();
    let mut stdout = process.stdout().unwrap();
    cluster.env().sleep(Duration::from_secs(1)).await;
    assert_eq!(kubelet.open_sessions(), 1);
    drop(process);
    cluster.env().sleep(Duration::from_secs(1)).await;
    assert_eq!(kubelet.open_sessions(), 0);
    assert_eq!(stdout.read(&mut [0]).await.unwrap(), 0);

    let process = pods.exec("web", ["cat"], &params).await.unwrap();
    process.abort();
    process.join().await.unwrap();
}

/// Regression: idle sessions were cut after 295 s, by the client itself or by a balancer that saw nothing pass.
#[tokio::test(start_paused = true)]
async fn a_silent_session_stays_up_for_hours() {
    let program = Program::new()
        .wait(Duration::from_secs(3 * 3600))
        .stdout("still here\n");
    let kubelet = FakeKubelet::new().attach("web", "app", program);
    let (_cluster, pods) = cluster(&kubelet);
    let process = pods.attach("web", &AttachParams::default()).await.unwrap();
    assert_eq!(finish(process).await.0, "still here\n");
    assert_eq!(kubelet.sessions()[0].what, "attach default/web/app");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_off_ends_the_streams_and_gives_no_status() {
    let kubelet = FakeKubelet::new().exec("web", "app", ["work"], Program::new().stdout("some").vanish());
    let (_cluster, pods) = cluster(&kubelet);
    let mut process = pods
        .exec("web", ["work"], &AttachParams::default())
        .await
        .unwrap();
    assert_eq!(text(process.stdout().unwrap()).await, "some");
    assert!(process.take_status().unwrap().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_connected_to_is_an_error_that_says_why() {
    let kubelet = FakeKubelet::new();
    let (_cluster, pods) = cluster(&kubelet);
    let params = AttachParams::default();
    assert!(
        pods.exec("absent", ["a"], &params)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let error = pods
        .exec("web", ["a"], &params.clone().container("other"))
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap().code, 400);
    let nothing = AttachParams::default().stdout(false).stderr(false);
    assert!(matches!(
        pods.exec("web", ["a"], &nothing).await,
        Err(Error::BuildRequest(_))
    ));

    // A transport that answers without switching.
    let service = tower::service_fn(|_: http::Request<Body>| async {
        Ok::<_, tower::BoxError>(http::Response::new(Body::from(b"ok".to_vec())))
    });
    let pods: Api<Pod> = Api::default_namespaced(ClientBuilder::new(service, "default").build());
    let error = pods.exec("web", ["a"], &params).await.unwrap_err();
    assert!(matches!(
        &error,
        Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(code)) if code.as_u16() == 200
    ));
    assert_eq!(error.outcome(), Outcome::Terminal);
}

// === Ports ===

#[tokio::test(start_paused = true)]
async fn ports_are_forwarded_side_by_side() {
    let kubelet = FakeKubelet::new()
        .port(
            "web",
            80,
            Program::new().read_line().stdout("HTTP/1.0 200 OK\r\n\r\n"),
        )
        .port("web", 7, Program::new().echo());
    let (cluster, pods) = cluster(&kubelet);
    let mut forwarder = pods.portforward("web", &[80, 7]).await.unwrap();
    assert!(forwarder.take_stream(81).is_none());
    let mut http = forwarder.take_stream(80).unwrap();
    let mut echo = forwarder.take_stream(7).unwrap();
    assert!(forwarder.take_stream(7).is_none());
    // The streams last without the handle.
    drop(forwarder);

    echo.write_all(b"over ").await.unwrap();
    http.write_all(b"GET / HTTP/1.0\r\n").await.unwrap();
    let mut answer = String::new();
    http.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "HTTP/1.0 200 OK\r\n\r\n");
    // One direction ends; what was sent comes back on the other.
    echo.write_all(b"and out").await.unwrap();
    echo.shutdown().await.unwrap();
    assert_eq!(text(&mut echo).await, "over and out");

    drop((http, echo));
    cluster.env().sleep(Duration::from_secs(1)).await;
    assert_eq!(kubelet.open_sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_written_before_a_stream_is_dropped_arrives() {
    for kubelet in [FakeKubelet::new(), FakeKubelet::new().old()] {
        let kubelet = kubelet.port("web", 7, Program::new().read_to_end());
        let (cluster, pods) = cluster(&kubelet);
        let mut forwarder = pods.portforward("web", &[7]).await.unwrap();
        let mut stream = forwarder.take_stream(7).unwrap();
        stream.write_all(&[b'x'; 20_000]).await.unwrap();
        drop(stream);
        forwarder.join().await.unwrap();
        cluster.env().sleep(Duration::from_secs(1)).await;
        assert_eq!(kubelet.sessions()[0].input.len(), 20_002 - 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_on_which_nothing_listens_says_so() {
    let (_cluster, pods) = cluster(&FakeKubelet::new());
    let mut forwarder = pods.portforward("web", &[81]).await.unwrap();
    let mut stream = forwarder.take_stream(81).unwrap();
    let error = forwarder.take_error(81).unwrap().await.unwrap();
    assert!(error.contains("connection refused"), "{error}");
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

// === Logs ===

#[tokio::test(start_paused = true)]
async fn logs_are_read_and_followed() {
    let kubelet = FakeKubelet::new()
        .log("web", "app", ["one", "two", "three"])
        .log_after("web", "app", Duration::from_secs(60), "four");
    let (cluster, pods) = cluster(&kubelet);
    let logs = async |lp: LogParams| pods.logs("web", &lp).await.unwrap();
    assert_eq!(logs(LogParams::default()).await, "one\ntwo\nthree\n");
    let tail = LogParams {
        tail_lines: Some(1),
        ..LogParams::default()
    };
    assert_eq!(logs(tail).await, "three\n");
    let limit = LogParams {
        limit_bytes: Some(5),
        timestamps: false,
        ..LogParams::default()
    };
    assert_eq!(logs(limit).await, "one\nt");
    let stamped = LogParams {
        timestamps: true,
        tail_lines: Some(1),
        ..LogParams::default()
    };
    assert_eq!(logs(stamped).await, "2026-01-01T00:00:00.000000000Z three\n");

    let follow = LogParams {
        follow: true,
        ..LogParams::default()
    };
    let started = cluster.env().monotonic();
    let mut text = String::new();
    let mut reader = pods.log_stream("web", &follow).await.unwrap();
    reader.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "one\ntwo\nthree\nfour\n");
    assert_eq!(cluster.env().monotonic() - started, Duration::from_secs(60));

    let since = LogParams {
        since_seconds: Some(30),
        ..LogParams::default()
    };
    assert_eq!(logs(since).await, "four\n");
    let previous = LogParams {
        previous: true,
        ..LogParams::default()
    };
    assert_eq!(
        pods.logs("web", &previous)
            .await
            .unwrap_err()
            .status()
            .unwrap()
            .code,
        400
    );
}

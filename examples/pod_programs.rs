//! The programs in a pod: run a command, copy a file, follow a log, forward a port.
//!
//! `cargo run -p examples --example pod_programs` scripts a kubelet inside the process. With `--kubeconfig POD` it uses a
//! pod of the cluster that `Client::try_default` finds, which needs a shell, `cat` and something on port 80.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures::{AsyncBufReadExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use seatrial::{
    Api, Client,
    api::{AttachParams, LogParams, PostParams},
    testkit::{FakeCluster, FakeKubelet, Program},
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let text = match args.as_slice() {
        [] => {
            let (_cluster, pods) = embedded().await?;
            visit(&pods, "web").await?
        }
        [flag, pod] if flag == "--kubeconfig" => {
            let pods: Api<Pod> = Api::default_namespaced(Client::try_default().await?);
            visit(&pods, pod).await?
        }
        _ => anyhow::bail!("usage: pod_programs [--kubeconfig POD]"),
    };
    print!("{text}");
    Ok(())
}

/// A cluster whose kubelet plays a web server.
async fn embedded() -> Result<(FakeCluster, Api<Pod>)> {
    let kubelet = FakeKubelet::new()
        .exec("web", "app", ["hostname"], Program::new().stdout("web\n"))
        .exec(
            "web",
            "app",
            ["cat", "/etc/motd"],
            Program::new().stdout("welcome\n"),
        )
        .exec(
            "web",
            "app",
            ["sh", "-c", "cat > /tmp/motd"],
            Program::new().read_to_end(),
        )
        .port(
            "web",
            80,
            Program::new()
                .read_line()
                .stdout("HTTP/1.0 204 No Content\r\n\r\n"),
        )
        .log("web", "app", ["listening on 80"])
        .log_after("web", "app", Duration::from_secs(2), "GET / 204");
    let cluster = FakeCluster::builder().kubelet(kubelet).build()?;
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {"nodeName": "node", "containers": [{"name": "app", "image": "web"}]},
    });
    pods.create(&PostParams::default(), &serde_json::from_value(pod)?)
        .await?;
    Ok((cluster, pods))
}

async fn visit(pods: &Api<Pod>, name: &str) -> Result<String> {
    let mut text = String::new();
    text += &format!("hostname: {}", output(pods, name, &["hostname"]).await?);

    // Copying is a command whose input or output is the file.
    let motd = output(pods, name, &["cat", "/etc/motd"]).await?;
    upload(pods, name, motd.as_bytes(), "/tmp/motd").await?;
    text += &format!("copied {} bytes\n", motd.len());

    text += &format!("port 80: {}", request(pods, name).await?);

    let follow = LogParams {
        follow: true,
        tail_lines: Some(10),
        ..LogParams::default()
    };
    let lines = pods.log_stream(name, &follow).await?.lines();
    futures::pin_mut!(lines);
    // A real server's log goes on; two lines tell enough.
    for _ in 0..2 {
        let Some(line) = lines.try_next().await? else {
            break;
        };
        text += &format!("log: {line}\n");
    }
    Ok(text)
}

/// What a command prints, if it ends well.
async fn output(pods: &Api<Pod>, name: &str, command: &[&str]) -> Result<String> {
    let params = AttachParams::default().stderr(false);
    let mut process = pods.exec(name, command.iter().copied(), &params).await?;
    let status = process.take_status().context("the status was not taken yet")?;
    let mut text = String::new();
    if let Some(mut stdout) = process.stdout() {
        stdout.read_to_string(&mut text).await?;
    }
    let status = status.await.context("the connection ended before the command")?;
    ensure!(
        status.status.as_deref() == Some("Success"),
        "{command:?}: {:?}",
        status.message
    );
    process.join().await?;
    Ok(text)
}

async fn upload(pods: &Api<Pod>, name: &str, bytes: &[u8], path: &str) -> Result<()> {
    let params = AttachParams::default().stdin(true).stderr(false);
    let mut process = pods
        .exec(name, ["sh", "-c", &format!("cat > {path}")], &params)
        .await?;
    let status = process.take_status().context("the status was not taken yet")?;
    let mut stdin = process.stdin().context("input was asked for")?;
    stdin.write_all(bytes).await?;
    // The end of the input is the end of the file.
    stdin.shutdown().await?;
    let status = status.await.context("the connection ended before the command")?;
    ensure!(
        status.status.as_deref() == Some("Success"),
        "{:?}",
        status.message
    );
    Ok(())
}

/// The first line of the answer to a request on port 80.
async fn request(pods: &Api<Pod>, name: &str) -> Result<String> {
    let mut forwarder = pods.portforward(name, &[80]).await?;
    let mut stream = forwarder.take_stream(80).context("the port was asked for")?;
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or_default().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pod_is_visited() {
        let (_cluster, pods) = embedded().await.unwrap();
        assert_eq!(
            visit(&pods, "web").await.unwrap(),
            "hostname: web\ncopied 8 bytes\nport 80: HTTP/1.0 204 No Content\nlog: listening on 80\nlog: GET / 204\n"
        );
    }
}

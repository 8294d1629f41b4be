//! Talks to the main process of a container: its input and output, with and without a terminal.
//!
//! `cargo run -p examples --example pod_attach` scripts a kubelet inside the process; with `--kubeconfig POD` it attaches to
//! a pod of a real cluster, whose process reads lines and answers them.

use anyhow::{Context as _, Result, bail};
use k8s_openapi::api::core::v1::Pod;
use seatrial::{
    Api, Client,
    api::{AttachParams, PostParams, TerminalSize},
    testkit::{FakeCluster, FakeKubelet, Program},
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let text = match args.as_slice() {
        [] => {
            let (_cluster, pods) = embedded().await?;
            talk(&pods, "echo", false).await?
        }
        [flag, pod] if flag == "--kubeconfig" => {
            talk(&Api::default_namespaced(Client::try_default().await?), pod, false).await?
        }
        _ => bail!("usage: pod_attach [--kubeconfig POD]"),
    };
    print!("{text}");
    Ok(())
}

/// A cluster with a pod whose process greets, and repeats a line.
async fn embedded() -> Result<(FakeCluster, Api<Pod>)> {
    let process = Program::new()
        .stdout("who is there?\n")
        .read_line()
        .stdout("hello\n");
    let kubelet = FakeKubelet::new().attach("echo", "app", process);
    let cluster = FakeCluster::builder().kubelet(kubelet).build()?;
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    let pod = json!({
        "metadata": {"name": "echo"},
        "spec": {"nodeName": "node", "containers": [{"name": "app", "image": "echo", "stdin": true, "tty": true}]},
    });
    pods.create(&PostParams::default(), &serde_json::from_value(pod)?)
        .await?;
    Ok((cluster, pods))
}

/// Reads a line, writes one, and reads the answer.
async fn talk(pods: &Api<Pod>, name: &str, terminal: bool) -> Result<String> {
    let params = AttachParams::default().stdin(true).stderr(false).tty(terminal);
    let mut process = pods.attach(name, &params).await?;
    if let Some(mut size) = process.terminal_size() {
        // A program that fills the screen wants to know how large that is, and every change of it.
        use futures::SinkExt as _;
        size.send(TerminalSize {
            width: 80,
            height: 25,
        })
        .await?;
    }
    let mut output = BufReader::new(process.stdout().context("output was asked for")?).lines();
    let mut input = process.stdin().context("input was asked for")?;
    let mut text = String::new();
    text += &output.next_line().await?.context("the process says nothing")?;
    input.write_all(b"me\n").await?;
    text += &format!(
        "\n{}\n",
        output.next_line().await?.context("the process does not answer")?
    );
    // The process goes on when nobody is attached any more.
    process.abort();
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_process_answers() {
        for terminal in [false, true] {
            let (_cluster, pods) = embedded().await.unwrap();
            assert_eq!(
                talk(&pods, "echo", terminal).await.unwrap(),
                "who is there?\nhello\n"
            );
        }
    }
}

//! Copies files into a pod and out of it, as `kubectl cp` does: `tar` runs in the container, and what travels is an archive.
//!
//! `cargo run -p examples --example pod_cp` scripts a kubelet inside the process. With `--kubeconfig POD FROM TO` it copies
//! the local file FROM to the path TO in a pod of a real cluster, and reads it back.

use anyhow::{Context as _, Result, bail, ensure};
use k8s_openapi::api::core::v1::Pod;
use seatrial::{
    Api, Client,
    api::{AttachParams, PostParams},
    testkit::{FakeCluster, FakeKubelet, Program},
};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (pods, pod, from, to, _cluster) = match args.as_slice() {
        [] => {
            let (cluster, pods) = embedded().await?;
            (
                pods,
                "web".to_owned(),
                FILE.to_vec(),
                "/etc/motd".to_owned(),
                Some(cluster),
            )
        }
        [flag, pod, from, to] if flag == "--kubeconfig" => {
            let pods = Api::default_namespaced(Client::try_default().await?);
            (pods, pod.clone(), std::fs::read(from)?, to.clone(), None)
        }
        _ => bail!("usage: pod_cp [--kubeconfig POD FROM TO]"),
    };
    upload(&pods, &pod, &to, &from).await?;
    println!("copied {} bytes to {to}", from.len());
    let back = download(&pods, &pod, &to).await?;
    println!("copied {} bytes back", back.len());
    Ok(())
}

const FILE: &[u8] = b"welcome\n";

/// A cluster whose kubelet knows one file.
async fn embedded() -> Result<(FakeCluster, Api<Pod>)> {
    let archive = String::from_utf8(tar("motd", FILE)?)?;
    let kubelet = FakeKubelet::new()
        .exec(
            "web",
            "app",
            ["tar", "xf", "-", "-C", "/etc"],
            Program::new().read_to_end(),
        )
        .exec(
            "web",
            "app",
            ["tar", "cf", "-", "-C", "/etc", "motd"],
            Program::new().stdout(archive),
        );
    let cluster = FakeCluster::builder().kubelet(kubelet).build()?;
    let pods: Api<Pod> = Api::default_namespaced(cluster.client());
    let pod = json!({
        "metadata": {"name": "web"},
        "spec": {"nodeName": "node", "containers": [{"name": "app", "image": "web"}]},
    });
    pods.create(&PostParams::default(), &serde_json::from_value(pod)?)
        .await?;
    Ok((cluster, pods))
}

/// Writes a file in a container.
async fn upload(pods: &Api<Pod>, pod: &str, path: &str, contents: &[u8]) -> Result<()> {
    let (directory, name) = split(path)?;
    let params = AttachParams::default().stdin(true).stdout(false);
    let mut process = pods
        .exec(pod, ["tar", "xf", "-", "-C", directory], &params)
        .await?;
    let mut stdin = process.stdin().context("input was asked for")?;
    stdin.write_all(&tar(name, contents)?).await?;
    // The end of the input is the end of the archive.
    stdin.shutdown().await?;
    drop(stdin);
    ended(process).await
}

/// Reads a file of a container.
async fn download(pods: &Api<Pod>, pod: &str, path: &str) -> Result<Vec<u8>> {
    let (directory, name) = split(path)?;
    let mut process = pods
        .exec(
            pod,
            ["tar", "cf", "-", "-C", directory, name],
            &AttachParams::default(),
        )
        .await?;
    let mut archive = Vec::new();
    let mut stdout = process.stdout().context("output was asked for")?;
    stdout.read_to_end(&mut archive).await?;
    ended(process).await?;
    untar(&archive)
}

/// Waits for a command to end, and for it to end well.
async fn ended(mut process: seatrial::api::AttachedProcess) -> Result<()> {
    let status = process.take_status().context("the status was not taken yet")?;
    let mut complaint = String::new();
    if let Some(mut stderr) = process.stderr() {
        stderr.read_to_string(&mut complaint).await?;
    }
    let status = status.await.context("the connection ended before the command")?;
    ensure!(
        status.status.as_deref() == Some("Success"),
        "tar: {:?} {complaint}",
        status.message
    );
    Ok(process.join().await?)
}

fn split(path: &str) -> Result<(&str, &str)> {
    let (directory, name) = path.rsplit_once('/').context("an absolute path is needed")?;
    Ok((if directory.is_empty() { "/" } else { directory }, name))
}

/// The size of the blocks of an archive.
const BLOCK: usize = 512;

/// An archive with one file, by POSIX.1-1988 (`ustar`).
fn tar(name: &str, contents: &[u8]) -> Result<Vec<u8>> {
    ensure!(name.len() < 100, "the name is too long");
    let mut header = [0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", contents.len()));
    put(136, "00000000000\0");
    // While the sum is computed it counts as spaces.
    put(148, "        0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut archive = header.to_vec();
    archive.extend_from_slice(contents);
    // The file fills its last block, and two empty ones are the end.
    archive.resize(archive.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
    Ok(archive)
}

/// The first file of an archive.
fn untar(archive: &[u8]) -> Result<Vec<u8>> {
    let size = archive.get(124..135).context("the archive is cut short")?;
    let size = usize::from_str_radix(std::str::from_utf8(size)?.trim_matches(['\0', ' ']), 8)?;
    let contents = archive.get(BLOCK..BLOCK + size);
    Ok(contents.context("the archive is cut short")?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_file_goes_there_and_back() {
        let (_cluster, pods) = embedded().await.unwrap();
        upload(&pods, "web", "/etc/motd", FILE).await.unwrap();
        assert_eq!(download(&pods, "web", "/etc/motd").await.unwrap(), FILE);
        let error = download(&pods, "web", "/etc/absent").await.unwrap_err();
        assert!(error.to_string().starts_with("tar: "), "{error}");
        assert!(untar(&tar("a", FILE).unwrap()[..515]).is_err());
    }
}

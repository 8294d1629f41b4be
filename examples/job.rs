//! A job from its creation to its end: wait for it within a time, read how it went, and take its pods away with it.
//!
//! `cargo run -p examples --example job` runs it on an embedded cluster, whose job controller and kubelet the program plays
//! itself; `--kubeconfig` runs a real job.

use std::time::Duration;

use anyhow::{Context as _, Result};
use k8s_openapi::api::batch::v1::Job;
use seatrial::{
    Api, Client, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    runtime::wait::{await_condition, conditions},
    testkit::FakeCluster,
};
use serde_json::json;

/// How long the job may take.
const LIMIT: Duration = Duration::from_secs(120);

fn main() -> Result<()> {
    examples::start(program, user)
}

async fn program(client: Client, say: examples::Say) -> Result<()> {
    let jobs: Api<Job> = Api::default_namespaced(client.clone());
    let job = json!({
        "metadata": {"name": "pi"},
        "spec": {
            "backoffLimit": 1,
            "template": {"spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "pi", "image": "perl:5", "command": ["perl", "-e", "print 3.14"]}],
            }},
        },
    });
    let job = jobs
        .create(&PostParams::default(), &serde_json::from_value(job)?)
        .await?;
    say.line(format!("created {}", job.name_any()));

    let ended = await_condition(jobs.clone(), "pi", conditions::is_job_completed());
    let ended = client
        .env()
        .timeout(LIMIT, ended)
        .await
        .context("the job takes too long")??;
    let status = ended.and_then(|job| job.status).unwrap_or_default();
    say.line(format!("succeeded {}", status.succeeded.unwrap_or_default()));

    // Without a policy, the pods of a job outlive it.
    let uid = job.uid().context("the server gives every object a UID")?;
    jobs.delete("pi", &DeleteParams::background()).await?;
    let gone = await_condition(jobs, "pi", conditions::is_deleted(&uid));
    client
        .env()
        .timeout(LIMIT, gone)
        .await
        .context("the job does not go away")??;
    say.line("gone");
    Ok(())
}

/// What a job's controller would do once its pod has ended.
async fn user(cluster: FakeCluster) -> Result<()> {
    let jobs: Api<Job> = Api::default_namespaced(cluster.client());
    await_condition(jobs.clone(), "pi", |job: Option<&Job>| job.is_some()).await?;
    cluster.env().sleep(Duration::from_secs(30)).await;
    let now = cluster.env().now();
    let ended = json!({"status": {
        "succeeded": 1, "startTime": now, "completionTime": now,
        "conditions": [
            {"type": "SuccessCriteriaMet", "status": "True", "lastTransitionTime": now},
            {"type": "Complete", "status": "True", "lastTransitionTime": now},
        ],
    }});
    jobs.patch_status("pi", &PatchParams::default(), &Patch::Merge(&ended))
        .await?;
    // The program says when it is over.
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_awaited_and_cleaned_up() {
        let said = examples::simulate(program, user).unwrap();
        assert_eq!(said, ["created pi", "succeeded 1", "gone"]);
    }
}

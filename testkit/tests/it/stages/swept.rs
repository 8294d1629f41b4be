//! Stages in a sweep: controllers whose pods and nodes fail in every way that stages know.

use super::*;

/// Makes a pod for each config map, and says so in it when the pod is ready. A fixed one makes another when the pod has failed.
async fn runner(client: Client, is_fixed: bool) {
    let maps = Api::<ConfigMap>::default_namespaced(client.clone());
    let config = watcher::Config::default().labels("run=yes");
    Controller::new(maps, config)
        .owns(
            Api::<Pod>::default_namespaced(client.clone()),
            watcher::Config::default(),
        )
        .run(
            move |map, client: Arc<Client>| async move { reconcile(&map, &client, is_fixed).await },
            |_, _: &seatrial_client::Error, _| Action::requeue(Duration::from_secs(1)),
            Arc::new(client),
        )
        .for_each(|_| async {})
        .await;
}

async fn reconcile(
    map: &ConfigMap,
    client: &Client,
    is_fixed: bool,
) -> Result<Action, seatrial_client::Error> {
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let name = map.name_any();
    let Some(pod) = pods.get_opt(&name).await? else {
        let mut pod: Pod =
            serde_json::from_value(json!({"spec": {"containers": [{"name": "a", "image": "a:1"}]}})).unwrap();
        pod.metadata = ObjectMeta {
            name: Some(name),
            owner_references: map.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        };
        match pods.create(&PostParams::default(), &pod).await {
            Err(error) if error.is_already_exists() => {}
            other => drop(other?),
        }
        return Ok(Action::await_change());
    };
    let status = pod.status.unwrap_or_default();
    if is_fixed && status.phase.as_deref() == Some("Failed") && pod.metadata.deletion_timestamp.is_none() {
        match pods.delete(&name, &DeleteParams::default()).await {
            Err(error) if error.is_not_found() => {}
            other => drop(other?),
        }
    }
    let is_ready = status
        .conditions
        .iter()
        .flatten()
        .any(|c| c.type_ == "Ready" && c.status == "True");
    let says = if is_ready { "ready" } else { "waiting" };
    let maps = Api::<ConfigMap>::default_namespaced(client.clone());
    if map
        .data
        .as_ref()
        .and_then(|data| data.get("pod"))
        .map(String::as_str)
        != Some(says)
    {
        let patch = Patch::Merge(json!({"data": {"pod": says}}));
        match maps.patch(&map.name_any(), &PatchParams::default(), &patch).await {
            Err(error) if error.is_not_found() => {}
            other => drop(other?),
        }
    }
    Ok(Action::await_change())
}

fn swept(is_fixed: bool) -> seatrial_testkit::Sweep {
    sweep(move |client| runner(client, is_fixed))
        .stages(Stages::kubelet())
        .scenario(|user| {
            user.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {run: 'yes'}}}")
        })
}

#[test]
fn a_controller_that_is_blind_to_an_eviction_is_found() {
    let report = swept(false).run();
    let finding = report.findings.first().unwrap_or_else(|| panic!("{report}"));
    assert_eq!(finding.kind, FailureKind::Stuck, "{finding}");
    assert_eq!(finding.injections.len(), 1, "{finding}");
    assert_eq!(
        finding.injections[0].fate,
        Fate::Staged("pod-evicted".to_owned()),
        "{finding}"
    );
    let text = finding.to_string();
    assert!(text.contains("pod-evicted"), "{text}");

    // It can be seen again from its tape, and from what people write.
    let again = swept(false).replay(&finding.tape());
    assert_eq!(again.findings[0].about, finding.about);
    let plan = |nth: u32| {
        let told = Plan::new().fault(stage("Pod", "default/a", nth).goes_by("pod-evicted"));
        let fault = format!(
            "{{at: {{stage: {{kind: Pod, key: default/a, nth: {nth}}}}}, fate: {{staged: pod-evicted}}}}"
        );
        assert_eq!(Plan::parse(&format!("faults: [{fault}]")).unwrap(), told);
        swept(false).plan(told).run()
    };
    assert_eq!(plan(3).findings[0].about, finding.about);
    // A pod that has not started yet is not evicted, and that is told.
    let early = plan(1);
    assert!(early.findings.is_empty(), "{early}");
    assert!(
        early.notes.iter().any(|note| note.contains("diverged")),
        "{early}"
    );
}

/// Makes a pod, and says after a second and a half whether it runs by then; a patient one looks until it does.
async fn impatient(client: Client, is_patient: bool) {
    let pods = Api::<Pod>::default_namespaced(client.clone());
    let maps = Api::<ConfigMap>::default_namespaced(client.clone());
    let pod: Pod = serde_json::from_value(
        json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a:1"}]}}),
    )
    .unwrap();
    while pods.get_opt("a").await.ok().flatten().is_none() {
        if pods.create(&PostParams::default(), &pod).await.is_err() {
            client.env().sleep(Duration::from_secs(1)).await;
        }
    }
    loop {
        client.env().sleep(Duration::from_millis(1500)).await;
        let Ok(Some(pod)) = pods.get_opt("a").await else {
            continue;
        };
        let runs = pod.status.and_then(|status| status.phase).as_deref() == Some("Running");
        if is_patient && !runs {
            continue;
        }
        let says = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"runs": runs.to_string()}});
        let told = maps
            .patch("a", &PatchParams::apply("a"), &Patch::Apply(says))
            .await;
        if told.is_ok() {
            return std::future::pending().await;
        }
    }
}

#[test]
fn one_that_takes_a_pod_for_failed_that_only_starts_late_is_found() {
    // What fails is for others to find.
    let stages = || {
        let failures = [
            "pod-image-pull-back-off",
            "pod-crash-loop-back-off",
            "pod-evicted",
            "pod-node-lost",
        ];
        failures.into_iter().fold(Stages::kubelet(), Stages::without)
    };
    let world = |is_patient| sweep(move |client| impatient(client, is_patient)).stages(stages());
    let report = world(false).run();
    let finding = &report.findings[0];
    assert_eq!(finding.about, "configmaps default/a", "{finding}");
    assert!(
        matches!(&finding.injections[..], [one] if one.fate == Fate::StagedLate),
        "{finding}"
    );
    let again = world(false).replay(&finding.tape());
    assert_eq!(again.findings[0].about, finding.about);
    let report = world(true).run();
    assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
}

#[test]
fn one_that_replaces_its_pod_passes_all_failures_of_pods_and_nodes() {
    let report = swept(true).run();
    if let Some(finding) = report.findings.first() {
        panic!("{finding}\n{report}");
    }
    assert!(report.runs > report.plans, "{report}");
}

#[test]
fn workloads_recover_from_every_failure_of_a_pod() {
    for (kind, more) in [("StatefulSet", "  serviceName: web"), ("Deployment", "")] {
        let yaml = workload(kind, more);
        let report = sweep(|_: Client| std::future::pending::<()>())
            .stages(Stages::kubelet())
            .scenario(|user| user.apply(&yaml))
            .run();
        if let Some(finding) = report.findings.first() {
            panic!("{kind}: {finding}\n{report}");
        }
        assert!(report.plans >= 10, "{report}");
    }
}

#[test]
fn nobody_is_asked_to_replace_what_the_user_made() {
    let report = sweep(|_: Client| std::future::pending::<()>())
        .stages(Stages::kubelet())
        .scenario(|user| user.apply(POD))
        .run();
    assert!(report.findings.is_empty(), "{report}");
}

//! What is left of a finding: tapes, plans, tests, seeds; and that each shows it again.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use seatrial_client::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};
use seatrial_runtime::{Controller, controller::Action, watcher};
use seatrial_testkit::{
    FailureKind, Report, Strategy, Sweep, Tape,
    plan::{Plan, after, create, write},
    sim::{Fate, Trigger},
    sweep,
};
use serde_json::json;

type Error = seatrial_client::Error;

const GIVEN: &str =
    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}, data: {size: one}}";

/// How the controller under test differs from its first version.
#[derive(Clone, Copy, Default)]
struct Version {
    /// It looks whether there is a secret already.
    is_fixed: bool,
    /// It reads and writes things that have nothing to do with the bug, and is called something else.
    is_changed: bool,
}

/// A secret with a generated name for each config map, unless an annotation says that there is one.
async fn controller(client: Client, version: Version) {
    let owners = Api::<ConfigMap>::default_namespaced(client.clone());
    let secrets = Api::<Secret>::default_namespaced(client.clone());
    let reconcile = move |owner: Arc<ConfigMap>, client: Arc<Client>| async move {
        let owners = Api::<ConfigMap>::default_namespaced((*client).clone());
        let secrets = Api::<Secret>::default_namespaced((*client).clone());
        // Caches lag: whether there is one is asked of the server.
        let Some(owner) = owners.get_opt(&owner.name_any()).await? else {
            return Ok(Action::await_change());
        };
        if owner.annotations().contains_key("made") {
            return Ok(Action::await_change());
        }
        if version.is_changed {
            let _ = owners.get_opt("settings").await?;
            let patch = Patch::Merge(json!({"metadata": {"labels": {"seen": "yes"}}}));
            owners
                .patch(&owner.name_any(), &PatchParams::default(), &patch)
                .await?;
        }
        let mut secret = Secret {
            metadata: ObjectMeta {
                generate_name: Some("made-".to_owned()),
                owner_references: owner.controller_owner_ref(&()).map(|reference| vec![reference]),
                ..ObjectMeta::default()
            },
            ..Secret::default()
        };
        if version.is_fixed {
            secret.metadata.generate_name = None;
            secret.metadata.name = Some(owner.name_any());
        }
        let made = match secrets.create(&PostParams::default(), &secret).await {
            Err(error) if version.is_fixed && error.is_already_exists() => owner.name_any(),
            made => made?.name_any(),
        };
        let patch = Patch::Merge(json!({"metadata": {"annotations": {"made": made}}}));
        owners
            .patch(&owner.name_any(), &PatchParams::default(), &patch)
            .await?;
        Ok::<_, Error>(Action::await_change())
    };
    Controller::new(owners, watcher::Config::default())
        .owns(secrets, watcher::Config::default())
        .run(
            reconcile,
            |_, _, _| Action::requeue(Duration::from_secs(1)),
            Arc::new(client),
        )
        .for_each(|_| async {})
        .await;
}

fn of(version: Version) -> Sweep {
    sweep(move |client| controller(client, version))
        .given(GIVEN)
        .named("sweep_kept::double")
        .environment(|_| None)
}

fn buggy() -> Sweep {
    of(Version::default())
}

/// A folder of a test's own, which is gone once the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("seatrial-testkit-{name}-{}", std::process::id())))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a check says when it fails.
#[track_caller]
fn message(check: impl FnOnce()) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
    *caught
        .expect_err("the check passes")
        .downcast::<String>()
        .unwrap()
}

#[track_caller]
fn made_twice(report: &Report) {
    let Some(finding) = report.findings.first() else {
        panic!("nothing was found: {report}");
    };
    // Where its owner goes, both of them go, too: the same bug.
    let kinds = [FailureKind::MadeTooOften, FailureKind::DeletedTooOften];
    assert!(kinds.contains(&finding.kind), "{finding}");
    assert_eq!(finding.about, "secrets default/made-*");
}

#[test]
fn a_finding_is_told_as_a_plan() {
    let report = buggy().run();
    made_twice(&report);
    let finding = &report.findings[0];
    assert!(matches!(finding.injections[0].at, Trigger::Request(_)));
    assert_eq!(
        finding.plan.faults,
        [after(create("Secret")).crash()],
        "{}",
        finding.plan.text()
    );
    made_twice(&buggy().plan(finding.plan.clone()).run());
    assert!(
        of(Version {
            is_fixed: true,
            ..Version::default()
        })
        .plan(finding.plan.clone())
        .run()
        .findings
        .is_empty()
    );
}

#[test]
fn a_failure_prints_a_test_that_is_ready() {
    let folder = Folder::new("ready");
    let message = message(|| buggy().regressions(&folder.0).check());
    let start = message.find("/// Found by").unwrap();
    let end = message[start..].find("\n}\n").unwrap() + start + 3;
    // The same text is compiled below.
    assert_eq!(&message[start..end], include_str!("ready/double.rs"));
    assert!(
        message.contains("again: TESTKIT_SEED=0x0 TESTKIT_CASE=single/0 cargo test sweep_kept::double"),
        "{message}"
    );
}

/// What a failure prints, put where it belongs: once the bug is fixed, it passes.
mod ready {
    use super::{Sweep, Version, of};

    fn swept() -> Sweep {
        of(Version {
            is_fixed: true,
            ..Version::default()
        })
    }

    include!("ready/double.rs");
}

#[test]
fn files_outlive_a_change_of_the_program() {
    let folder = Folder::new("outlive");
    let report = buggy().run();
    let finding = &report.findings[0];
    message(|| buggy().regressions(&folder.0).check());
    let tape = std::fs::read_dir(&folder.0)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let plan = folder.file("double.plan.yaml");
    std::fs::write(&plan, finding.plan.text()).unwrap();
    let changed = || {
        of(Version {
            is_changed: true,
            ..Version::default()
        })
    };
    for file in [&tape, &plan] {
        for sweep in [buggy(), changed()] {
            let again = sweep.replay_file(file).unwrap();
            made_twice(&again);
            assert!(again.notes.is_empty(), "{again}");
        }
        let fixed = of(Version {
            is_fixed: true,
            ..Version::default()
        });
        let again = fixed.replay_file(file).unwrap();
        assert!(again.findings.is_empty(), "{again}");
        assert!(
            again
                .notes
                .iter()
                .any(|note| note.contains("does not fail as it did")),
            "{again}"
        );
    }
}

#[test]
fn what_does_not_come_up_is_passed_over_and_told() {
    let folder = Folder::new("diverged");
    let report = buggy().run();
    let mut tape: Tape = serde_json::from_value(json!({
        "kind": "madeTooOften",
        "about": "secrets default/made-*",
        "seed": 0,
        "injections": report.findings[0].injections,
    }))
    .unwrap();
    let gone = json!({
        "at": {"request": {"process": "controller", "verb": "get", "resource": "configmaps", "key": "default/gone", "nth": 1}},
        "fate": {"refused": "internal"},
    });
    tape.injections.push(serde_json::from_value(gone).unwrap());
    let file = folder.file("a.tape.json");
    tape.save(&file).unwrap();
    let again = buggy().replay_file(&file).unwrap();
    made_twice(&again);
    let note = again.notes.iter().find(|note| note.contains("diverged")).unwrap();
    assert!(
        note.ends_with("diverged at step 2 of 2, which did not come up: controller: get configmaps default/gone: answered by 500 leader changed"),
        "{note}"
    );
    assert!(buggy().replay_file(folder.file("b.tape.json")).is_err());
    std::fs::write(folder.file("c.plan.yaml"), "fault: 1").unwrap();
    let error = buggy().replay_file(folder.file("c.plan.yaml")).unwrap_err();
    assert!(error.to_string().contains("no plan"), "{error}");
}

#[test]
fn a_plan_names_kinds_that_are_served() {
    let report = buggy()
        .plan(Plan::new().fault(after(create("Secrt")).crash()))
        .run();
    assert_eq!(
        report.notes,
        [
            "plan 1: no kind or resource `Secrt` is served",
            "plan 1 diverged at step 1 of 1, which did not come up: create Secrt (#1): crash after the request is carried out"
        ]
    );
    let second = Plan::new().fault(after(write("secrets").by("controller")).crash());
    made_twice(&buggy().plan(second).run());
    let broken = message(|| {
        buggy().plan("faults: {").run();
    });
    assert!(broken.contains("the text is no plan"), "{broken}");
}

#[test]
fn a_seed_and_a_case_make_a_run_again() {
    let campaign = || {
        buggy()
            .explore(Strategy::Swarm, 200)
            .runs_max(2_000)
            .findings_max(9)
    };
    let swarm = |seed: u64| {
        let report = campaign()
            .environment(move |name| (name == "TESTKIT_SEED").then(|| format!("{seed:#x}")))
            .run();
        assert_eq!(report.seed, seed);
        report
    };
    let report = swarm(0x2a);
    let finding = report.findings.last().unwrap();
    let (case, seed) = (finding.case.clone(), finding.seed);
    let again = campaign()
        .environment(move |name| match name {
            "TESTKIT_SEED" => Some(format!("{seed:#x}")),
            "TESTKIT_CASE" => Some(case.clone()),
            _ => None,
        })
        .run();
    let [found] = &*again.findings else {
        panic!("{again}");
    };
    assert_eq!((found.kind, &found.about), (finding.kind, &finding.about));
    // Seven runs without faults, and the one that was asked for.
    assert_eq!(again.runs, 8, "{again}");
    let wrong = message(|| {
        campaign()
            .environment(|name| (name == "TESTKIT_SEED").then(|| "tomorrow".to_owned()))
            .run();
    });
    assert!(wrong.contains("TESTKIT_SEED is `tomorrow`"), "{wrong}");
}

#[test]
fn parts_of_a_campaign_make_up_the_whole() {
    let fixed = || {
        of(Version {
            is_fixed: true,
            ..Version::default()
        })
        .explore(Strategy::Pairs, 31)
    };
    let whole = fixed().run();
    let parts: Vec<Report> = (0..3)
        .map(|index| {
            fixed()
                .environment(move |name| match name {
                    "JOB_COMPLETION_INDEX" => Some(index.to_string()),
                    "TESTKIT_JOBS" => Some("3".to_owned()),
                    _ => None,
                })
                .run()
        })
        .collect();
    let count = |report: &Report| report.strategies.iter().map(|tally| tally.runs).sum::<usize>();
    assert_eq!(parts.iter().map(count).sum::<usize>(), count(&whole));
    assert!(parts[1].campaign().contains("(part 2 of 3)"));
}

#[test]
fn what_does_not_matter_is_left_out() {
    let folder = Folder::new("smaller");
    let busy = || {
        buggy()
            .process("idle", |_| std::future::pending::<()>())
            .given("{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: default}}")
            .scenario(|user| {
                user.apply(
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: z, annotations: {made: by-hand}}}",
                )
                .settle()
                .patch("ConfigMap/v1 z", "{data: {size: two}}")
                .delete("Secret/v1 other")
                .settle()
                .apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}")
                .settle()
                .delete("ConfigMap/v1 z")
            })
            .regressions(&folder.0)
            .findings_max(3)
    };
    let report = busy().run();
    let finding = &report.findings[0];
    made_twice(&report);
    assert_eq!(finding.injections.len(), 1, "{finding}");
    assert_eq!(finding.injections[0].fate, Fate::CrashAfter, "{finding}");
    let workload = serde_json::to_value(finding.workload.as_ref().unwrap()).unwrap();
    let given = workload["given"].as_array().unwrap().len();
    let script = workload["script"].as_array().unwrap().len();
    assert_eq!(given + script, 1, "{workload}");
    assert_eq!(workload["processes"], json!(["controller"]));
    assert!(report.shrink_runs <= 520, "{}", report.shrink_runs);
    // The smaller world is kept with it.
    message(|| busy().check());
    let first = busy().run();
    assert_eq!(first.findings[0].case, "kept/0", "{first}");
    made_twice(&first);
    assert!(finding.to_string().contains("user: "), "{finding}");
}

#[test]
fn the_campaign_is_told() {
    let report = of(Version {
        is_fixed: true,
        ..Version::default()
    })
    .sometimes("a secret of that name", |view| {
        view.get("secrets", "default", "a").is_some()
    })
    .sometimes("five secrets", |view| view.list("secrets").len() >= 5)
    .explore(Strategy::Pct(3), 20)
    .explore(Strategy::Swarm, 20)
    .run();
    let told = report.campaign();
    let lines: Vec<String> = told
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let has = |line: &str| assert!(lines.iter().any(|other| other == line), "{line} is not in {told}");
    has(&format!(
        "{} runs with seed 0x0, 0 to make findings smaller",
        report.runs
    ));
    has(&format!("single {} runs", report.plans));
    has("pct-3 20 runs");
    has("swarm 20 runs");
    has(&format!("crashAfter {} runs", report.faults["crashAfter"]));
    has("note: vacuous: `five secrets` was never seen");
    assert!(
        report.places > 20 && !told.contains("a secret of that name"),
        "{told}"
    );
}

//! Sweeps that cannot find anything say so.

use k8s_openapi::api::core::v1::ConfigMap;
use seatrial_client::{Api, Client, api::ListParams, core::DynamicObject, discovery::ApiResource};
use seatrial_testkit::sweep;

const GIVEN: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}";

#[track_caller]
fn message(run: impl FnOnce()) -> String {
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_err();
    panicked.downcast_ref::<String>().unwrap().clone()
}

/// Asks for things that are not served.
async fn forgotten(client: Client) {
    let resource = ApiResource {
        group: "example.com".to_owned(),
        version: "v1".to_owned(),
        api_version: "example.com/v1".to_owned(),
        kind: "Queue".to_owned(),
        plural: "queues".to_owned(),
    };
    let queues = Api::<DynamicObject>::all_with(client, &resource);
    let _ = queues.list(&ListParams::default()).await;
    std::future::pending::<()>().await;
}

#[test]
fn a_program_that_does_nothing_fails_a_check() {
    let told = message(|| sweep(forgotten).given(GIVEN).check());
    assert!(
        told.contains("wrote nothing")
            && told.contains("list queues.example.com : 404")
            && told.contains("`crd`"),
        "{told}"
    );
    let told = message(|| sweep(|_: Client| async {}).given(GIVEN).check());
    assert!(told.contains("made no request"), "{told}");
}

#[test]
fn a_program_that_only_reads_may_say_so() {
    let reads = |client: Client| async move {
        let _ = Api::<ConfigMap>::default_namespaced(client).get_opt("a").await;
        std::future::pending::<()>().await;
    };
    sweep(reads).given(GIVEN).read_only().check();
}

#[test]
fn a_kept_failure_that_cannot_be_read_fails_a_check() {
    let folder = std::env::temp_dir().join(format!("seatrial-testkit-unreadable-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("broken.00000000.tape.json");
    std::fs::write(&file, "{").unwrap();
    let swept = || {
        sweep(forgotten)
            .given(GIVEN)
            .read_only()
            .named("broken")
            .regressions(&folder)
    };
    let told = message(|| swept().check());
    assert!(
        told.contains("cannot be tried") && told.contains("broken.00000000.tape.json"),
        "{told}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
    swept().check();
}

#[tokio::test]
#[should_panic(expected = "call this from a plain #[test]")]
async fn a_sweep_within_a_runtime_says_where_to_call_it() {
    let _ = sweep(forgotten).run();
}

#[tokio::test]
#[should_panic(expected = "call this from a plain #[test]")]
async fn a_simulation_within_a_runtime_says_where_to_call_it() {
    let _ = sweep(forgotten).simulation();
}

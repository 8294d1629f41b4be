//! Answers into values: lists, watches, single objects.

use std::{convert::Infallible, hint::black_box, io, pin::Pin, time::Duration};

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt as _;
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use serde::Deserialize as _;
use serde_json::Value;
use tokio::runtime::Runtime;
use tower::{Service as _, ServiceExt, util::BoxCloneSyncService};

use crate::{
    POD, SMALL,
    measure::{self, Meter, Ratio, Target},
    ours, peer,
    report::{Report, Scenario},
    service::{Server, Template},
};

const PODS: usize = 10_000;
const EVENTS: usize = 100_000;
const GETS: usize = 20_000;

/// What is held while the wanted ratio is missed: a little above what a quiet machine shows.
const WATCH_HELD: f64 = 0.5;
const GET_HELD: f64 = 0.7;

/// How many times a recorded pod is in a list.
const COPIES: usize = 500;

pub fn run(runtime: &Runtime, report: &mut Report) {
    let pods = Server::new(Template::new(POD), PODS);
    let mut peer_list = |meter: &mut Meter| {
        meter.measure(|| runtime.block_on(peer::programs::list(&pods, false)));
    };
    report.run(
        Scenario::new("list of 10,000 pods, managed fields skipped", PODS)
            .time(0.5)
            .peak(0.45),
        &mut peer_list,
        &mut |meter| drop(meter.measure(|| runtime.block_on(ours::programs::list(&pods, true)))),
    );
    report.run(
        Scenario::new("list of 10,000 pods, everything kept", PODS)
            .time(1.0)
            .peak(0.9),
        &mut peer_list,
        &mut |meter| drop(meter.measure(|| runtime.block_on(ours::programs::list(&pods, false)))),
    );

    let many = Server::new(Template::new(POD), EVENTS);
    report.run(
        Scenario::new("list of 100,000 pods, managed fields skipped", EVENTS)
            .time(0.5)
            .peak(0.45),
        &mut |meter| drop(meter.measure(|| runtime.block_on(peer::programs::list(&many, false)))),
        &mut |meter| drop(meter.measure(|| runtime.block_on(ours::programs::list(&many, true)))),
    );

    let events = Server::new(Template::new(POD), PODS)
        .with_events(EVENTS)
        .closing();
    let mut peer_watch = |meter: &mut Meter| {
        let count = meter.measure(|| runtime.block_on(peer::programs::watch(&events, false)));
        assert_eq!(count, EVENTS);
    };
    let ours_watch = |meter: &mut Meter, skip| {
        let count = meter.measure(|| runtime.block_on(ours::programs::watch(&events, skip)));
        assert_eq!(count, EVENTS);
    };
    report.run(
        Scenario::new("watch of 100,000 events, managed fields skipped", EVENTS)
            .time(Target::missed(0.4, WATCH_HELD)),
        &mut peer_watch,
        &mut |meter| ours_watch(meter, true),
    );
    // What no parser can save: the body is read, and each pod is built from values that are at hand, by the types that both sides share.
    let values = without_managed_fields();
    report.run(
        Scenario::new("floor of that watch: nothing parsed, pods built", EVENTS),
        &mut peer_watch,
        &mut |meter| meter.measure(|| runtime.block_on(build(&events, &values, EVENTS))),
    );
    report.run(
        Scenario::new("watch of 100,000 events, everything kept", EVENTS),
        &mut peer_watch,
        &mut |meter| ours_watch(meter, false),
    );

    gets(runtime, report);
}

/// What is left of a small GET without the service is the client itself, and the decoding.
fn gets(runtime: &Runtime, report: &mut Report) {
    let names = [
        "small GET, less the bare service call",
        "small GET with retries and a timeout, less the same",
        "floor of a small GET: boxed service, answer decoded",
    ];
    if !names.iter().any(|name| report.wants(name)) {
        return;
    }
    let small = Server::new(Template::new(SMALL), 1);
    let bare = measure::shortest(report.options().runs * 3, &mut |meter| {
        meter.measure(|| runtime.block_on(call(&small, GETS)));
    });
    let mut peer_gets = |meter: &mut Meter| {
        // It spawns a task.
        let _entered = runtime.enter();
        let client = peer::programs::client(&small);
        meter.measure(|| runtime.block_on(peer::programs::gets(&client, GETS)));
    };
    report.run(
        Scenario::new(names[0], GETS)
            .time(Target::missed(0.5, GET_HELD))
            .less(bare),
        &mut peer_gets,
        &mut |meter| {
            let client = ours::programs::client(&small);
            meter.measure(|| runtime.block_on(ours::programs::gets(&client, GETS)));
        },
    );
    report.run(
        Scenario::new(names[1], GETS).less(bare),
        &mut peer_gets,
        &mut |meter| {
            let client = ours::production_client(&small);
            meter.measure(|| runtime.block_on(ours::programs::gets(&client, GETS)));
        },
    );
    report.run(
        Scenario::new(names[2], GETS).less(bare),
        &mut peer_gets,
        &mut |meter| meter.measure(|| runtime.block_on(get_without_client(&small, GETS))),
    );
}

/// What no client can save that may have any service: one that is cloned and called through a box, as its future and its answer are, and the decoding of
/// that answer.
async fn get_without_client(server: &Server, count: usize) {
    type Boxed = Pin<Box<dyn http_body::Body<Data = Bytes, Error = Infallible> + Send>>;
    let unboxed = server.clone();
    let service =
        ServiceExt::<Request<()>>::map_response(unboxed, |answer| answer.map(|body| Box::pin(body) as Boxed));
    let service = BoxCloneSyncService::new(service);
    for _ in 0..count {
        let path = format!("/api/v1/namespaces/{}/configmaps/{}", "default", "a");
        let request = Request::get(path).body(()).expect("the request is one");
        let Ok(answer) = service.clone().call(request).await;
        let Ok(body) = answer.into_body().collect().await;
        let map: ConfigMap = serde_json::from_slice(&body.to_bytes()).expect("the map is one");
        assert!(map.metadata.name.is_some());
    }
}

/// The pod as values, without what a watcher passes over.
fn without_managed_fields() -> Value {
    let mut pod: Value = serde_json::from_str(POD).expect("the pod is JSON");
    let metadata = pod["metadata"].as_object_mut().expect("the pod has metadata");
    metadata.remove("managedFields");
    pod
}

/// Reads a watch without looking at it, and builds as many pods as it has events.
async fn build(server: &Server, values: &Value, count: usize) {
    let mut server = server.clone();
    let request = Request::get("/api/v1/pods?watch=true").body(());
    let Ok(answer) = server.call(request.expect("the request is one")).await;
    let mut body = answer.into_body();
    while let Some(Ok(frame)) = body.frame().await {
        drop(frame);
    }
    for _ in 0..count {
        black_box(Pod::deserialize(values).expect("the pod is one"));
    }
}

/// The service alone: a request, and its answer read to the end.
async fn call(server: &Server, count: usize) {
    let mut server = server.clone();
    for _ in 0..count {
        let request = Request::get("/api/v1/namespaces/default/configmaps/a").body(());
        let Ok(answer) = server.call(request.expect("the request is one")).await;
        let Ok(body) = answer.into_body().collect().await;
        assert!(!body.to_bytes().is_empty());
    }
}

/// Lists of each pod that the recordings show, of which the slowest beside the peer counts.
pub fn transcripts(runtime: &Runtime, report: &mut Report) -> io::Result<()> {
    let name = "list of any recorded pod, managed fields skipped";
    if !report.wants(name) || report.options().profile.is_some() {
        return Ok(());
    }
    let mut ratios = Vec::new();
    let (mut peer_total, mut ours_total) = (Duration::ZERO, Duration::ZERO);
    for pod in crate::transcripts::pods(&report.options().transcripts)? {
        // Recordings replace what differs from run to run by words, some of which no pod has in their places.
        if serde_json::from_str::<Pod>(&pod).is_err() {
            continue;
        }
        let server = Server::new(Template::new(&pod), COPIES);
        let [peer, ours] = measure::both(
            report.options().runs * 2,
            &mut |meter| drop(meter.measure(|| runtime.block_on(peer::programs::list(&server, false)))),
            &mut |meter| drop(meter.measure(|| runtime.block_on(ours::programs::list(&server, true)))),
        );
        peer_total += peer.best();
        ours_total += ours.best();
        ratios.push((Ratio::of(&peer, &ours).best, pod));
    }
    ratios.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (Some((best, _)), Some((worst, pod))) = (ratios.first(), ratios.last()) else {
        return Err(io::Error::other("no recording shows a pod"));
    };
    println!();
    println!(
        "{name}: {} pods, time {:.2} of kube's for all, {best:.2} for the best, {:.2} for the median, {} for the worst ({} bytes)",
        ratios.len(),
        ours_total.div_duration_f64(peer_total),
        ratios[ratios.len() / 2].0,
        report.judge(name, "time", Some(*worst), Some(0.85.into())),
        pod.len(),
    );
    println!();
    report.interrupt();
    Ok(())
}

//! How much memory decoding a list takes: what was decoded and one window, whatever the length of the body.
//!
//! A test binary of its own with one test, because the heap that dhat measures is the whole process's.

use bytes::Bytes;
use k8s_openapi::api::core::v1::Pod;
use seatrial_client::core::{
    PartialObjectMeta,
    decode::{Decode, ListDecoder},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[global_allocator]
static HEAP: dhat::Alloc = dhat::Alloc;

const CHUNK_BYTES: usize = 16 * 1024;

/// The window that the decoder is allowed, for items that fit into half of it.
const WINDOW_BYTES: usize = 256 * 1024;

/// What decoding one value takes in passing: serde_json's buffer for escaped strings, vectors that grow.
const SLACK_BYTES: usize = 16 * 1024;

/// The peak of the heap while a list was decoded, and what of it was left at the end.
#[derive(Debug)]
struct Heap {
    peak: usize,
    kept: usize,
}

#[test]
fn the_body_is_never_in_memory_as_a_whole() {
    let small = list_of_pods(150, 8_000);
    let large = list_of_pods(1_200, 8_000);
    assert!(large.len() > 9 << 20, "{}", large.len());

    // Objects that are kept: the peak is what they take, and the window.
    let all = decode::<Pod>(&large, Decode::default(), Keep::All, CHUNK_BYTES);
    assert!(all.peak <= all.kept + WINDOW_BYTES + SLACK_BYTES, "{all:?}");
    let lean = decode::<Pod>(
        &large,
        Decode::default().skip_managed_fields(),
        Keep::All,
        CHUNK_BYTES,
    );
    assert!(
        lean.kept < all.kept && lean.peak <= lean.kept + WINDOW_BYTES + SLACK_BYTES,
        "{lean:?} {all:?}"
    );
    let metadata = decode::<PartialObjectMeta<Pod>>(&large, Decode::default(), Keep::All, CHUNK_BYTES);
    assert!(
        metadata.peak <= metadata.kept + WINDOW_BYTES + SLACK_BYTES,
        "{metadata:?}"
    );

    // Objects that are dropped: the peak is one of them and the window, the same for a list eight times as long.
    let one = decoded_heap(&pod(0, 8_000));
    let short = decode::<Pod>(&small, Decode::default(), Keep::None, CHUNK_BYTES);
    let long = decode::<Pod>(&large, Decode::default(), Keep::None, CHUNK_BYTES);
    assert!(
        long.peak <= one + WINDOW_BYTES + SLACK_BYTES,
        "{long:?}, one pod {one}"
    );
    assert!(long.peak <= short.peak + SLACK_BYTES, "{long:?} {short:?}");
    assert!(long.kept <= SLACK_BYTES, "{long:?}");

    // Objects that lie in one chunk are decoded where they lie: there is no window.
    let in_place = decode::<Pod>(&small, Decode::default(), Keep::None, small.len());
    assert!(in_place.peak <= one + SLACK_BYTES, "{in_place:?}, one pod {one}");

    // Objects longer than the window: twice the longest.
    let item = serde_json::to_vec(&pod(0, 1_000_000)).unwrap().len();
    let one = decoded_heap(&pod(0, 1_000_000));
    let huge = decode::<Pod>(
        &list_of_pods(12, 1_000_000),
        Decode::default(),
        Keep::None,
        CHUNK_BYTES,
    );
    assert!(
        huge.peak <= one + 2 * item + SLACK_BYTES,
        "{huge:?}, one pod {one} from {item}"
    );
}

enum Keep {
    All,
    None,
}

fn decode<T: DeserializeOwned>(body: &Bytes, options: Decode, keep: Keep, chunk_bytes: usize) -> Heap {
    // The chunks share the body's memory, and what was allocated before the profiler began is not counted.
    let chunks: Vec<Bytes> = (0..body.len())
        .step_by(chunk_bytes)
        .map(|i| body.slice(i..body.len().min(i + chunk_bytes)))
        .collect();
    let mut kept: Vec<T> = Vec::new();
    let profiler = dhat::Profiler::builder().testing().build();
    if matches!(keep, Keep::All) {
        kept.reserve_exact(1_200);
    }
    let mut decoder = ListDecoder::<T>::new(options);
    for chunk in chunks {
        decoder.push(chunk);
        while let Some(item) = decoder.next_item().unwrap() {
            if matches!(keep, Keep::All) {
                kept.push(item);
            }
        }
    }
    let end = decoder.finish().unwrap();
    assert_eq!(end.metadata.resource_version.as_deref(), Some("4711"));
    let stats = dhat::HeapStats::get();
    drop(profiler);
    Heap {
        peak: stats.max_bytes,
        kept: stats.curr_bytes,
    }
}

/// What one pod takes on the heap once it is decoded.
fn decoded_heap(pod: &Value) -> usize {
    let text = serde_json::to_vec(pod).unwrap();
    let profiler = dhat::Profiler::builder().testing().build();
    let pod: Pod = serde_json::from_slice(&text).unwrap();
    let peak = dhat::HeapStats::get().max_bytes;
    drop(profiler);
    assert!(pod.spec.is_some());
    peak
}

fn list_of_pods(pods: usize, env_bytes: usize) -> Bytes {
    let mut body =
        br#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"4711"},"items":["#.to_vec();
    for i in 0..pods {
        if i > 0 {
            body.push(b',');
        }
        serde_json::to_writer(&mut body, &pod(i, env_bytes)).unwrap();
    }
    body.extend_from_slice(b"]}\n");
    body.into()
}

/// A pod with what real ones have: labels, managed fields, a container with probes and environment, a status with conditions.
fn pod(i: usize, env_bytes: usize) -> Value {
    let env: Vec<_> = (0..env_bytes / 110)
        .map(|n| json!({"name": format!("SETTING_{n:06}"), "value": "postgres://db.prod.svc:5432/app?sslmode=\"require\"&pool=12"}))
        .collect();
    let manager = |manager: &str, part: &str| {
        json!({
            "manager": manager, "operation": "Update", "apiVersion": "v1", "time": "2026-01-02T03:04:05Z", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, part: {"f:containers": {
                "k:{\"name\":\"app\"}": {".": {}, "f:image": {}, "f:resources": {"f:limits": {}}}}, "f:restartPolicy": {}}},
        })
    };
    let probe = json!({"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10});
    let condition =
        |kind: &str| json!({"type": kind, "status": "True", "lastTransitionTime": "2026-01-02T03:04:06Z"});
    json!({
        "metadata": {
            "name": format!("web-7d4b9c6f5-{i:05}"), "generateName": "web-7d4b9c6f5-", "namespace": "shop",
            "uid": format!("6b1a2c3d-0000-4000-8000-{i:012}"), "resourceVersion": format!("{}", 1000 + i),
            "creationTimestamp": "2026-01-02T03:04:05Z",
            "labels": {"app": "web", "pod-template-hash": "7d4b9c6f5", "tier": "front"},
            "annotations": {"checksum/config": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d4b9c6f5", "uid": "u", "controller": true}],
            "managedFields": [manager("kube-controller-manager", "f:spec"), manager("kubelet", "f:status")],
        },
        "spec": {
            "containers": [{
                "name": "app", "image": "registry.example.com/shop/web:1.2.3", "env": env, "livenessProbe": probe, "readinessProbe": probe,
                "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
            }],
            "nodeName": "node-1", "restartPolicy": "Always", "serviceAccountName": "web", "terminationGracePeriodSeconds": 30,
            "volumes": [{"name": "token", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"path": "token"}}]}}],
        },
        "status": {
            "phase": "Running", "podIP": "10.1.2.3", "startTime": "2026-01-02T03:04:05Z",
            "conditions": [condition("Initialized"), condition("Ready"), condition("PodScheduled")],
        },
    })
}

//! Whatever a request is told arrives: every parameter is found again in the URL or in the body.

use percent_encoding::percent_decode_str;
use proptest::{option, prelude::*};
use seatrial_client::core::{
    Request,
    params::{
        DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, Preconditions,
        PropagationPolicy, ValidationDirective, VersionMatch, WatchParams,
    },
    subresource::{AttachParams, EvictParams, LogParams},
};
use serde_json::{Value, json};

/// The parameters of a URL, decoded.
fn query(request: &http::Request<Vec<u8>>) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = request
        .uri()
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'));
    let mut pairs: Vec<_> = pairs
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(key, value)| (decode(key), decode(value)))
        .collect();
    pairs.sort();
    pairs
}

fn expect(pairs: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Vec<(String, String)> {
    let present = pairs
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    let mut pairs: Vec<_> = present.collect();
    pairs.sort();
    pairs
}

fn flag(set: bool) -> Option<String> {
    set.then(|| "true".to_owned())
}

/// Text with everything that a URL has to escape.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,20}", "[a-z&=+%#?/,ä日🦀]{1,12}"]
}

/// The name of an object.
fn name() -> impl Strategy<Value = String> {
    "[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?"
}

fn number<N: ToString>(number: Option<N>) -> Option<String> {
    number.map(|number| number.to_string())
}

fn body(request: &http::Request<Vec<u8>>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn header<'a>(request: &'a http::Request<Vec<u8>>, name: &str) -> &'a str {
    request.headers()[name].to_str().unwrap()
}

/// Whether only the metadata of the answer is asked for.
fn is_of_metadata(request: &http::Request<Vec<u8>>) -> bool {
    header(request, "accept").contains("as=PartialObjectMetadata")
}

prop_compose! {
    fn deletion()(
        dry_run: bool, grace_period_seconds: Option<u32>, uid in option::of(text()), version in option::of(text()),
        preconditions: bool,
        propagation_policy in option::of(prop_oneof![
            Just(PropagationPolicy::Orphan), Just(PropagationPolicy::Background), Just(PropagationPolicy::Foreground),
        ]),
    ) -> DeleteParams {
        let preconditions = preconditions.then_some(Preconditions { uid, resource_version: version });
        DeleteParams { dry_run, grace_period_seconds, propagation_policy, preconditions }
    }
}

/// `DeleteOptions` as the API reference spells them, so that both directions are not wrong in the same way.
fn delete_options(params: &DeleteParams) -> Value {
    let mut options = json!({});
    if params.dry_run {
        options["dryRun"] = json!(["All"]);
    }
    if let Some(seconds) = params.grace_period_seconds {
        options["gracePeriodSeconds"] = seconds.into();
    }
    if let Some(policy) = params.propagation_policy {
        options["propagationPolicy"] = format!("{policy:?}").into();
    }
    if let Some(preconditions) = &params.preconditions {
        options["preconditions"] = json!({});
        if let Some(uid) = &preconditions.uid {
            options["preconditions"]["uid"] = uid.as_str().into();
        }
        if let Some(version) = &preconditions.resource_version {
            options["preconditions"]["resourceVersion"] = version.as_str().into();
        }
    }
    options
}

prop_compose! {
    fn post()(dry_run: bool, field_manager in option::of(text())) -> PostParams {
        PostParams { dry_run, field_manager }
    }
}

/// The query of a write.
fn of_write(dry_run: bool, manager: Option<String>) -> Vec<(String, String)> {
    expect([
        ("dryRun", dry_run.then(|| "All".to_owned())),
        ("fieldManager", manager),
    ])
}

prop_compose! {
    fn streams()(
        container in option::of(text()), stdin: bool, stdout: bool, stderr: bool, tty: bool,
    ) -> AttachParams {
        AttachParams { container, stdin, stdout, stderr, tty, ..AttachParams::default() }
    }
}

/// What the server would make nothing of: no stream, or standard error beside a terminal.
fn make_sense(params: &AttachParams) -> bool {
    (params.stdin || params.stdout || params.stderr) && !(params.stderr && params.tty)
}

fn of_streams(params: &AttachParams) -> Vec<(String, String)> {
    expect([
        ("container", params.container.clone()),
        ("stdin", flag(params.stdin)),
        ("stdout", flag(params.stdout)),
        ("stderr", flag(params.stderr)),
        ("tty", flag(params.tty)),
    ])
}

/// The words of a command in their order, and the other parameters.
fn command(request: &http::Request<Vec<u8>>) -> (Vec<String>, Vec<(String, String)>) {
    let words = request.uri().query().unwrap().split('&');
    let words = words
        .filter_map(|pair| pair.strip_prefix("command="))
        .map(|word| percent_decode_str(word).decode_utf8().unwrap().into_owned())
        .collect();
    let mut others = query(request);
    others.retain(|(key, _)| key != "command");
    (words, others)
}

fn of_logs(params: &LogParams) -> Vec<(String, String)> {
    expect([
        ("container", params.container.clone()),
        ("follow", flag(params.follow)),
        ("previous", flag(params.previous)),
        ("timestamps", flag(params.timestamps)),
        ("pretty", flag(params.pretty)),
        ("limitBytes", number(params.limit_bytes)),
        ("tailLines", number(params.tail_lines)),
        ("sinceSeconds", number(params.since_seconds)),
        ("sinceTime", number(params.since_time)),
    ])
}

prop_compose! {
    fn log()(
        container in option::of(text()), follow: bool, previous: bool, timestamps: bool, pretty: bool,
        limit_bytes in option::of(1_i64..), tail_lines in option::of(0_i64..), since_seconds in option::of(1_i64..),
        since_time in option::of(0_i64..4_000_000_000),
    ) -> LogParams {
        let since_time = since_time.map(|seconds| jiff::Timestamp::from_second(seconds).unwrap());
        LogParams {
            container, follow, previous, timestamps, pretty, limit_bytes, tail_lines, since_seconds, since_time,
        }
    }
}

fn pods() -> Request {
    Request::new("/api/v1/namespaces/default/pods")
}

proptest! {
    #[test]
    fn reads(name in name(), version in option::of("[0-9a-z]{1,10}")) {
        let params = GetParams { resource_version: version.clone() };
        let requests = [pods().get(&name, &params).unwrap(), pods().get_metadata(&name, &params).unwrap()];
        for request in &requests {
            prop_assert_eq!(request.uri().path(), format!("/api/v1/namespaces/default/pods/{name}"));
            prop_assert_eq!(query(request), expect([("resourceVersion", version.clone())]));
        }
        prop_assert!(!is_of_metadata(&requests[0]) && is_of_metadata(&requests[1]));
    }

    #[test]
    fn lists(
        label_selector in option::of(text()), field_selector in option::of(text()), timeout: Option<u32>,
        limit in option::of(1_u32..), continue_token in option::of(text()), version in option::of("[1-9][0-9]{0,9}"),
        exact in option::of(any::<bool>()), deletion in deletion(),
    ) {
        let version_match = exact.map(|exact| if exact { VersionMatch::Exact } else { VersionMatch::NotOlderThan });
        let params = ListParams {
            label_selector, field_selector, timeout, limit, continue_token,
            version_match: version_match.filter(|_| version.is_some()), resource_version: version,
        };
        // A token stands for the version that it was made at.
        let (version, version_match) = match &params.continue_token {
            Some(_) => (None, None),
            None => (params.resource_version.clone(), params.version_match.map(|found| format!("{found:?}"))),
        };
        let told = expect([
            ("labelSelector", params.label_selector.clone()), ("fieldSelector", params.field_selector.clone()),
            ("timeoutSeconds", number(params.timeout)), ("limit", number(params.limit)),
            ("continue", params.continue_token.clone()), ("resourceVersion", version),
            ("resourceVersionMatch", version_match),
        ]);
        let (list, metadata) = (pods().list(&params).unwrap(), pods().list_metadata(&params).unwrap());
        prop_assert!(!is_of_metadata(&list) && is_of_metadata(&metadata));
        let deleting = pods().delete_collection(&deletion, &params).unwrap();
        prop_assert_eq!(body(&deleting), delete_options(&deletion));
        for request in [list, metadata, deleting] {
            prop_assert_eq!(request.uri().path(), "/api/v1/namespaces/default/pods");
            prop_assert_eq!(query(&request), told.clone());
        }
    }

    #[test]
    fn watches(
        label_selector in option::of(text()), field_selector in option::of(text()), timeout in option::of(1_u32..295),
        bookmarks: bool, send_initial_events: bool, version in "[0-9a-z]{1,10}",
    ) {
        let params = WatchParams { label_selector, field_selector, timeout, bookmarks, send_initial_events };
        let (watch, metadata) = (pods().watch(&params, &version), pods().watch_metadata(&params, &version));
        if send_initial_events && !bookmarks {
            // Nothing would tell where they end.
            prop_assert!(watch.is_err() && metadata.is_err());
            return Ok(());
        }
        let (watch, metadata) = (watch.unwrap(), metadata.unwrap());
        prop_assert!(!is_of_metadata(&watch) && is_of_metadata(&metadata));
        for request in [watch, metadata] {
            prop_assert_eq!(query(&request), expect([
                ("watch", flag(true)), ("labelSelector", params.label_selector.clone()),
                ("fieldSelector", params.field_selector.clone()),
                // A watch without an end of its own would outlive what the read timeout allows.
                ("timeoutSeconds", number(Some(timeout.unwrap_or(290)))), ("allowWatchBookmarks", flag(bookmarks)),
                ("resourceVersion", Some(version.clone())), ("sendInitialEvents", flag(send_initial_events)),
                ("resourceVersionMatch", send_initial_events.then(|| "NotOlderThan".to_owned())),
            ]));
        }
    }

    #[test]
    fn writes(name in name(), params in post()) {
        let content = br#"{"a": 1}"#;
        let path = format!("/api/v1/namespaces/default/pods/{name}");
        for (request, method, path) in [
            (pods().create(&params, content.to_vec()), "POST", "/api/v1/namespaces/default/pods".to_owned()),
            (pods().replace(&name, &params, content.to_vec()), "PUT", path.clone()),
            (pods().create_subresource("binding", &name, &params, content.to_vec()), "POST", format!("{path}/binding")),
            (pods().replace_subresource("status", &name, &params, content.to_vec()), "PUT", format!("{path}/status")),
        ] {
            let request = request.unwrap();
            prop_assert_eq!((request.method().as_str(), request.uri().path()), (method, path.as_str()));
            prop_assert_eq!(query(&request), of_write(params.dry_run, params.field_manager.clone()));
            prop_assert_eq!(request.body().as_slice(), content);
            prop_assert_eq!(header(&request, "content-type"), "application/json");
        }
        let request = pods().get_subresource("status", &name).unwrap();
        prop_assert_eq!(request.uri().to_string(), format!("{path}/status"));
    }

    #[test]
    fn patches(
        name in name(), dry_run: bool, force: bool, field_manager in option::of(text()),
        field_validation in option::of(prop_oneof![
            Just(ValidationDirective::Strict), Just(ValidationDirective::Warn), Just(ValidationDirective::Ignore),
        ]),
        kind in 0_usize..3, content in text(),
    ) {
        let value = json!({"a": content});
        let (patch, content_type) = match kind {
            0 => (Patch::Apply(&value), "application/apply-patch+yaml"),
            1 => (Patch::Merge(&value), "application/merge-patch+json"),
            _ => (Patch::Strategic(&value), "application/strategic-merge-patch+json"),
        };
        let params = PatchParams { dry_run, force, field_manager: field_manager.clone(), field_validation };
        let requests = [
            pods().patch(&name, &params, &patch), pods().patch_metadata(&name, &params, &patch),
            pods().patch_subresource("status", &name, &params, &patch),
        ];
        // Force is for apply alone, and apply needs a manager.
        let is_apply = kind == 0;
        if (force && !is_apply) || (is_apply && field_manager.is_none()) {
            prop_assert!(requests.iter().all(Result::is_err));
            return Ok(());
        }
        let [whole, metadata, part] = requests.map(Result::unwrap);
        prop_assert!(!is_of_metadata(&whole) && is_of_metadata(&metadata) && !is_of_metadata(&part));
        let path = format!("/api/v1/namespaces/default/pods/{name}");
        prop_assert_eq!((whole.uri().path(), metadata.uri().path()), (path.as_str(), path.as_str()));
        prop_assert_eq!(part.uri().path(), format!("{path}/status"));
        for request in [whole, metadata, part] {
            prop_assert_eq!(query(&request), expect([
                ("dryRun", dry_run.then(|| "All".to_owned())), ("force", flag(force)),
                ("fieldManager", field_manager.clone()),
                ("fieldValidation", field_validation.map(|directive| format!("{directive:?}"))),
            ]));
            prop_assert_eq!(header(&request, "content-type"), content_type);
            prop_assert_eq!(body(&request), value.clone());
        }
    }

    #[test]
    fn deletions(params in deletion(), post in post()) {
        let request = pods().delete("a", &params).unwrap();
        prop_assert_eq!(body(&request), delete_options(&params));
        prop_assert_eq!(serde_json::from_value::<DeleteParams>(body(&request)).unwrap(), params.clone());
        let eviction = EvictParams { delete_options: Some(params.clone()), post_options: post.clone() };
        let request = pods().evict("a", &eviction).unwrap();
        prop_assert_eq!(query(&request), of_write(post.dry_run, post.field_manager));
        prop_assert_eq!(body(&request), json!({
            "apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"},
            "deleteOptions": delete_options(&params),
        }));
    }

    #[test]
    fn commands(words in prop::collection::vec(text(), 0..6), params in streams()) {
        let (exec, attach) = (pods().exec("a", words.clone(), &params), pods().attach("a", &params));
        prop_assert_eq!(attach.is_ok(), make_sense(&params));
        prop_assert_eq!(exec.is_ok(), make_sense(&params) && !words.is_empty());
        if let Ok(request) = attach {
            prop_assert_eq!(query(&request), of_streams(&params));
        }
        if let Ok(request) = exec {
            // The words keep their order.
            prop_assert_eq!(command(&request), (words, of_streams(&params)));
        }
    }

    #[test]
    fn ports(ports in prop::collection::vec(any::<u16>(), 0..5)) {
        let request = pods().portforward("a", &ports);
        let distinct: std::collections::BTreeSet<_> = ports.iter().collect();
        prop_assert_eq!(request.is_ok(), !ports.is_empty() && distinct.len() == ports.len());
        if let Ok(request) = request {
            let [(key, list)] = query(&request).try_into().unwrap();
            let found: Vec<u16> = list.split(',').map(|port| port.parse().unwrap()).collect();
            prop_assert_eq!((key.as_str(), found), ("ports", ports));
        }
    }

    #[test]
    fn logs(params in log()) {
        let request = pods().logs("a", &params);
        // There is one beginning.
        prop_assert_eq!(request.is_err(), params.since_seconds.is_some() && params.since_time.is_some());
        if let Ok(request) = request {
            prop_assert_eq!(query(&request), of_logs(&params));
        }
    }
}

#[cfg(feature = "kubelet-debug")]
mod kubelet {
    //! The same of a kubelet, which has names of its own for half of the parameters.

    use seatrial_client::core::kubelet_debug::KubeletDebugParams;

    use super::*;

    prop_compose! {
        fn pod()(name in name(), namespace in name(), pod_uid in option::of("[-a-f0-9]{1,36}")) -> [Option<String>; 3] {
            [Some(name), Some(namespace), pod_uid]
        }
    }

    fn params(pod: &[Option<String>; 3]) -> KubeletDebugParams<'_> {
        let [name, namespace, pod_uid] = pod;
        KubeletDebugParams {
            name: name.as_deref().unwrap(),
            namespace: namespace.as_deref().unwrap(),
            pod_uid: pod_uid.as_deref(),
        }
    }

    /// The path of what is asked of the pod. What the kubelet sends for a container ends in its name.
    fn path(what: &str, pod: &[Option<String>; 3], with_uid: bool, container: Option<&str>) -> String {
        let [name, namespace, uid] = pod;
        let uid = uid.as_ref().filter(|_| with_uid);
        [
            Some(what),
            namespace.as_deref(),
            name.as_deref(),
            uid.map(String::as_str),
            container,
        ]
        .into_iter()
        .flatten()
        .fold(String::new(), |path, part| format!("{path}/{part}"))
    }

    fn of_streams(params: &AttachParams) -> Vec<(String, String)> {
        let one = |set: bool| set.then(|| "1".to_owned());
        expect([
            ("input", one(params.stdin)),
            ("output", one(params.stdout)),
            ("error", one(params.stderr)),
            ("tty", one(params.tty)),
        ])
    }

    proptest! {
        #[test]
        fn commands(pod in pod(), words in prop::collection::vec(text(), 0..6), streams in streams()) {
            let exec = Request::kubelet_node_exec(&params(&pod), "web", words.clone(), &streams);
            let attach = Request::kubelet_node_attach(&params(&pod), "web", &streams);
            prop_assert_eq!(attach.is_ok(), make_sense(&streams));
            prop_assert_eq!(exec.is_ok(), make_sense(&streams) && !words.is_empty());
            if let Ok(request) = attach {
                prop_assert_eq!(request.uri().path(), path("attach", &pod, true, Some("web")));
                prop_assert_eq!(query(&request), of_streams(&streams));
            }
            if let Ok(request) = exec {
                prop_assert_eq!(request.uri().path(), path("exec", &pod, true, Some("web")));
                prop_assert_eq!(command(&request), (words, of_streams(&streams)));
            }
        }

        #[test]
        fn ports_and_logs(pod in pod(), port: u16, log in log()) {
            let request = Request::kubelet_node_portforward(&params(&pod), &[port]).unwrap();
            prop_assert_eq!(request.uri().path(), path("portForward", &pod, true, None));
            prop_assert_eq!(query(&request), expect([("port", Some(port.to_string()))]));
            if let Ok(request) = Request::kubelet_node_logs(&params(&pod), "web", &log) {
                prop_assert_eq!(request.uri().path(), path("containerLogs", &pod, false, Some("web")));
                let told = LogParams { container: None, ..log };
                prop_assert_eq!(query(&request), of_logs(&told));
            }
        }
    }
}

//! Whatever a request is told arrives: every parameter is found again in the URL or in the body.

use percent_encoding::percent_decode_str;
use proptest::{option, prelude::*};
use seatrial_client::core::{
    Request,
    params::{
        DeleteParams, ListParams, Patch, PatchParams, PostParams, Preconditions, VersionMatch, WatchParams,
    },
    subresource::{AttachParams, LogParams},
};

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

fn pods() -> Request {
    Request::new("/api/v1/namespaces/default/pods")
}

proptest! {
    #[test]
    fn lists(
        label_selector in option::of(text()), field_selector in option::of(text()), timeout: Option<u32>,
        limit in option::of(1_u32..), continue_token in option::of(text()),
    ) {
        let params = ListParams {
            label_selector, field_selector, timeout, limit, continue_token, ..ListParams::default()
        };
        let request = pods().list(&params).unwrap();
        prop_assert_eq!(query(&request), expect([
            ("labelSelector", params.label_selector), ("fieldSelector", params.field_selector),
            ("timeoutSeconds", params.timeout.map(|n| n.to_string())), ("limit", params.limit.map(|n| n.to_string())),
            ("continue", params.continue_token),
        ]));
    }

    #[test]
    fn lists_at_a_version(version in "[1-9][0-9]{0,9}", exact: bool) {
        let version_match = if exact { VersionMatch::Exact } else { VersionMatch::NotOlderThan };
        let params = ListParams::default().at(&version).matching(version_match);
        prop_assert_eq!(query(&pods().list(&params).unwrap()), expect([
            ("resourceVersion", Some(version)), ("resourceVersionMatch", Some(format!("{version_match:?}"))),
        ]));
    }

    #[test]
    fn watches(
        label_selector in option::of(text()), field_selector in option::of(text()), timeout in 1_u32..295,
        bookmarks: bool, version in "[0-9a-z]{1,10}",
    ) {
        let params = WatchParams {
            label_selector, field_selector, timeout: Some(timeout), bookmarks, send_initial_events: false,
        };
        let request = pods().watch(&params, &version).unwrap();
        prop_assert_eq!(query(&request), expect([
            ("watch", flag(true)), ("labelSelector", params.label_selector), ("fieldSelector", params.field_selector),
            ("timeoutSeconds", Some(timeout.to_string())), ("allowWatchBookmarks", flag(bookmarks)),
            ("resourceVersion", Some(version)),
        ]));
    }

    #[test]
    fn writes(name in "[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?", manager in option::of(text()), dry_run: bool, force: bool) {
        let params = PostParams { dry_run, field_manager: manager.clone() };
        let all = dry_run.then(|| "All".to_owned());
        for request in [
            pods().create(&params, b"{}".to_vec()).unwrap(),
            pods().replace(&name, &params, b"{}".to_vec()).unwrap(),
        ] {
            prop_assert_eq!(query(&request), expect([("dryRun", all.clone()), ("fieldManager", manager.clone())]));
        }
        if let Some(manager) = manager {
            let params = PatchParams { dry_run, force, ..PatchParams::apply(&manager) };
            let request = pods().patch(&name, &params, &Patch::Apply(())).unwrap();
            prop_assert_eq!(query(&request), expect([
                ("dryRun", all), ("force", flag(force)), ("fieldManager", Some(manager)),
            ]));
            prop_assert_eq!(request.uri().path(), format!("/api/v1/namespaces/default/pods/{name}"));
        }
    }

    #[test]
    fn deletions(dry_run: bool, grace_period_seconds: Option<u32>, uid in option::of(text()), version in option::of(text())) {
        let params = DeleteParams { dry_run, grace_period_seconds, ..DeleteParams::default() }
            .preconditions(Preconditions { uid, resource_version: version });
        let request = pods().delete("a", &params).unwrap();
        prop_assert_eq!(serde_json::from_slice::<DeleteParams>(request.body()).unwrap(), params);
    }

    #[test]
    fn commands(words in prop::collection::vec(text(), 1..6), container in option::of(text()), stdin: bool) {
        let params = AttachParams { container, stdin, ..AttachParams::default() };
        let request = pods().exec("a", words.clone(), &params).unwrap();
        // The words keep their order.
        let found: Vec<_> = request.uri().query().unwrap().split('&')
            .filter_map(|pair| pair.strip_prefix("command="))
            .map(|word| percent_decode_str(word).decode_utf8().unwrap().into_owned())
            .collect();
        prop_assert_eq!(found, words);
        let others: Vec<_> = query(&request).into_iter().filter(|(key, _)| key != "command").collect();
        prop_assert_eq!(others, expect([
            ("container", params.container), ("stdin", flag(stdin)), ("stdout", flag(true)), ("stderr", flag(true)),
        ]));
    }

    #[test]
    fn logs(
        container in option::of(text()), follow: bool, previous: bool, timestamps: bool, pretty: bool,
        limit_bytes in option::of(1_i64..), tail_lines in option::of(0_i64..), since_seconds in option::of(1_i64..),
    ) {
        let params = LogParams {
            container, follow, previous, timestamps, pretty, limit_bytes, tail_lines, since_seconds, since_time: None,
        };
        let number = |n: Option<i64>| n.map(|n| n.to_string());
        prop_assert_eq!(query(&pods().logs("a", &params).unwrap()), expect([
            ("container", params.container), ("follow", flag(follow)), ("previous", flag(previous)),
            ("timestamps", flag(timestamps)), ("pretty", flag(pretty)), ("limitBytes", number(limit_bytes)),
            ("tailLines", number(tail_lines)), ("sinceSeconds", number(since_seconds)),
        ]));
    }
}

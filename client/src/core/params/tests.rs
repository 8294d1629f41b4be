use super::*;
use crate::core::path::Query;

#[test]
fn delete_options_are_the_servers() {
    let all = DeleteParams::foreground()
        .dry_run()
        .grace_period(5)
        .preconditions(Preconditions {
            uid: Some("u".into()),
            resource_version: Some("7".into()),
        });
    let text = String::from_utf8(all.body().unwrap()).unwrap();
    assert_eq!(
        text,
        r#"{"dryRun":["All"],"gracePeriodSeconds":5,"propagationPolicy":"Foreground","preconditions":{"resourceVersion":"7","uid":"u"}}"#
    );
    assert_eq!(serde_json::from_str::<DeleteParams>(&text).unwrap(), all);
    assert_eq!(DeleteParams::default().body().unwrap(), b"{}");
    assert_eq!(
        serde_json::from_str::<DeleteParams>(r#"{"dryRun":null}"#).unwrap(),
        DeleteParams::default()
    );
}

#[test]
fn write_options_are_the_servers() {
    let all = PostParams {
        dry_run: true,
        field_manager: Some("me".into()),
    };
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(text, r#"{"dryRun":["All"],"fieldManager":"me"}"#);
    assert_eq!(serde_json::from_str::<PostParams>(&text).unwrap(), all);
    assert_eq!(serde_json::to_string(&PostParams::default()).unwrap(), "{}");
}

#[track_caller]
fn check_list(params: &ListParams, expect: Result<&str, &str>) {
    let mut query = Query::default();
    match (params.populate(&mut query), expect) {
        (Ok(()), Ok(text)) => assert_eq!(query.onto(String::new()).trim_start_matches('?'), text),
        (Err(Error::Validation(message)), Err(part)) => assert!(message.contains(part), "{message}"),
        (result, expect) => panic!("{result:?}, expected {expect:?}"),
    }
}

#[test]
fn list_options() {
    check_list(&ListParams::default(), Ok(""));
    check_list(
        &ListParams::default()
            .labels("a=b")
            .fields("metadata.name=x")
            .limit(5)
            .timeout(9),
        Ok("labelSelector=a%3Db&fieldSelector=metadata.name%3Dx&timeoutSeconds=9&limit=5"),
    );
    check_list(
        &ListParams::default().at("7").matching(VersionMatch::Exact),
        Ok("resourceVersion=7&resourceVersionMatch=Exact"),
    );
    check_list(
        &ListParams::default().match_any(),
        Ok("resourceVersion=0&resourceVersionMatch=NotOlderThan"),
    );
    check_list(&ListParams::default().at(""), Ok(""));
    check_list(
        &ListParams::default().matching(VersionMatch::Exact),
        Err("needs a resource_version"),
    );
    check_list(
        &ListParams::default().at("").matching(VersionMatch::NotOlderThan),
        Err("needs a resource_version"),
    );
    check_list(
        &ListParams::default().at("0").matching(VersionMatch::Exact),
        Err("Exact"),
    );
}

/// The server refuses a resource version beside a continue token, which stands for one.
#[test]
fn a_continued_list_names_no_version() {
    check_list(
        &ListParams::default().match_any().limit(5).continue_token("t"),
        Ok("limit=5&continue=t"),
    );
    check_list(
        &ListParams::default().at("7").continue_token(""),
        Ok("resourceVersion=7"),
    );
}

#[track_caller]
fn check_watch(params: &WatchParams, version: &str, expect: Result<&str, &str>) {
    let mut query = Query::default();
    match (params.populate(version, &mut query), expect) {
        (Ok(()), Ok(text)) => assert_eq!(query.onto(String::new()), text),
        (Err(Error::Validation(message)), Err(part)) => assert!(message.contains(part), "{message}"),
        (result, expect) => panic!("{result:?}, expected {expect:?}"),
    }
}

#[test]
fn watch_options() {
    let default = WatchParams::default();
    check_watch(
        &default,
        "7",
        Ok("?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion=7"),
    );
    check_watch(
        &default.clone().disable_bookmarks().timeout(5).labels("a"),
        "0",
        Ok("?watch=true&labelSelector=a&timeoutSeconds=5&resourceVersion=0"),
    );
    check_watch(
        &WatchParams::streaming_lists(),
        "",
        Ok(
            "?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        ),
    );
    check_watch(
        &default.clone().timeout(294),
        "7",
        Ok("?watch=true&timeoutSeconds=294&allowWatchBookmarks=true&resourceVersion=7"),
    );
    check_watch(&default.clone().timeout(295), "7", Err("295"));
    check_watch(
        &WatchParams::streaming_lists().disable_bookmarks(),
        "0",
        Err("bookmarks"),
    );
}

/// Without a version the server would replay what exists as if it had just been added, and the change in between be lost.
#[test]
fn a_watch_needs_a_version() {
    check_watch(&WatchParams::default(), "", Err("resource_version"));
}

#[test]
fn field_managers_are_checked() {
    let check = |manager: &str| {
        PostParams {
            dry_run: false,
            field_manager: Some(manager.into()),
        }
        .populate(&mut Query::default())
    };
    assert!(check(&"x".repeat(128)).is_ok());
    assert!(matches!(check(&"x".repeat(129)), Err(Error::Validation(_))));
    assert!(matches!(check("a\nb"), Err(Error::Validation(_))));
}

#[test]
fn patch_options() {
    let merge = Patch::Merge(serde_json::json!({}));
    let apply = Patch::Apply(serde_json::json!({}));
    let check = |params: &PatchParams, patch: &Patch<_>| {
        let mut query = Query::default();
        params
            .populate(patch, &mut query)
            .map(|()| query.onto(String::new()))
    };
    assert_eq!(check(&PatchParams::default(), &merge).unwrap(), "");
    assert_eq!(
        check(
            &PatchParams::apply("me").force().dry_run().validation_strict(),
            &apply
        )
        .unwrap(),
        "?dryRun=All&force=true&fieldManager=me&fieldValidation=Strict"
    );
    assert_eq!(
        check(&PatchParams::default().validation_warn(), &merge).unwrap(),
        "?fieldValidation=Warn"
    );
    assert!(matches!(
        check(&PatchParams::default().force(), &merge),
        Err(Error::Validation(_))
    ));
    assert!(matches!(
        check(&PatchParams::default(), &apply),
        Err(Error::Validation(_))
    ));
}

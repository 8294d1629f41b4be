//! Creates, replaces, patches, deletes, and what has to be done about conflicts.

use std::sync::{Arc, Mutex};

use either::Either;
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Pod},
};
use seatrial_client::{
    Api, Client, Error, ResourceExt,
    api::{DeleteParams, EvictParams, ListParams, Patch, PatchParams, PostParams, entry::CommitError},
    client::{Body, Verb},
    error::Outcome,
};
use serde_json::{Value, json};

use crate::support::{Log, answer, json, pair, scripted};

fn maps(client: Client) -> Api<ConfigMap> {
    Api::namespaced(client, "apps")
}

fn map(name: &str, version: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "resourceVersion": version}})
}

fn conflict() -> Value {
    json!({"kind": "Status", "status": "Failure", "reason": "Conflict", "message": "modified", "code": 409})
}

#[tokio::test]
async fn every_request_says_its_verb() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let service = tower::service_fn(move |request: http::Request<Body>| {
        log.lock().unwrap().push(format!(
            "{} {} {}",
            // In the extensions, whatever the method is: a layer may look nowhere else.
            request.extensions().get::<Verb>().unwrap(),
            request.method(),
            request.uri()
        ));
        let body = map("web", "1");
        async move { Ok::<_, std::convert::Infallible>(json(200, &body)) }
    });
    let api = maps(Client::new(service, "default"));
    let object: ConfigMap = serde_json::from_value(map("web", "1")).unwrap();
    let (pp, patch) = (PostParams::default(), Patch::Merge(json!({"data": {}})));
    api.get("web").await.unwrap();
    api.get_metadata("web").await.unwrap();
    api.create(&pp, &object).await.unwrap();
    api.replace("web", &pp, &object).await.unwrap();
    api.patch("web", &PatchParams::default(), &patch).await.unwrap();
    api.patch_metadata("web", &PatchParams::default(), &patch)
        .await
        .unwrap();
    api.delete("web", &DeleteParams::default()).await.unwrap();
    api.get_status("web").await.unwrap();
    api.replace_status("web", &pp, &object).await.unwrap();
    api.patch_status("web", &PatchParams::default(), &patch)
        .await
        .unwrap();
    let _: Value = api
        .create_subresource("binding", "web", &pp, &json!({}))
        .await
        .unwrap();
    insta::assert_snapshot!(seen.lock().unwrap().join("\n"), @r"
    get GET /api/v1/namespaces/apps/configmaps/web
    get GET /api/v1/namespaces/apps/configmaps/web
    create POST /api/v1/namespaces/apps/configmaps
    update PUT /api/v1/namespaces/apps/configmaps/web
    patch PATCH /api/v1/namespaces/apps/configmaps/web
    patch PATCH /api/v1/namespaces/apps/configmaps/web
    delete DELETE /api/v1/namespaces/apps/configmaps/web
    get GET /api/v1/namespaces/apps/configmaps/web/status
    update PUT /api/v1/namespaces/apps/configmaps/web/status
    patch PATCH /api/v1/namespaces/apps/configmaps/web/status
    create POST /api/v1/namespaces/apps/configmaps/web/binding
    ");
}

#[tokio::test(start_paused = true)]
async fn a_restart_takes_its_time_from_the_environment() {
    let (client, mut server) = pair();
    let restart = async { Api::<Deployment>::namespaced(client, "apps").restart("web").await };
    let serve = async {
        let (request, send) = server.next_request().await.unwrap();
        let body = request.into_body().collect_bytes().await.unwrap();
        send.send_response(json(200, &json!({"metadata": {"name": "web"}})));
        body
    };
    let (restarted, body) = futures::join!(restart, serve);
    assert!(restarted.is_ok());
    insta::assert_snapshot!(std::str::from_utf8(&body).unwrap(), @r#"{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-01-01T00:00:00Z"}}}}}"#);
}

#[tokio::test]
async fn a_deletion_is_answered_with_the_object_or_a_status() {
    let line = "DELETE /api/v1/namespaces/apps/configmaps/web";
    let (client, server) = pair();
    let delete = async { maps(client).delete("web", &DeleteParams::default()).await };
    let object = answer(delete, server, line, json(200, &map("web", "3")))
        .await
        .unwrap();
    assert!(matches!(object, Either::Left(object) if object.name_any() == "web"));

    let (client, server) = pair();
    let delete = async { maps(client).delete("web", &DeleteParams::default()).await };
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"});
    let status = answer(delete, server, line, json(200, &status)).await.unwrap();
    assert!(matches!(status, Either::Right(status) if status.is_success()));
}

#[tokio::test]
async fn deleting_what_is_not_there_is_an_error_or_none() {
    let absent = json!({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404, "details": {"name": "web"}});
    let line = "DELETE /api/v1/namespaces/apps/configmaps/web";
    let (client, server) = pair();
    let delete = async { maps(client).delete("web", &DeleteParams::default()).await };
    assert!(
        answer(delete, server, line, json(404, &absent))
            .await
            .unwrap_err()
            .is_not_found()
    );

    let (client, server) = pair();
    let delete = async {
        maps(client)
            .delete_if_present("web", &DeleteParams::default())
            .await
    };
    assert!(
        answer(delete, server, line, json(404, &absent))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_collection_is_deleted_by_selector() {
    let (client, server) = pair();
    let delete = async {
        maps(client)
            .delete_collection(&DeleteParams::default(), &ListParams::default().labels("a=b"))
            .await
    };
    let list =
        json!({"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {}, "items": [map("web", "1")]});
    let line = "DELETE /api/v1/namespaces/apps/configmaps?labelSelector=a%3Db";
    let Either::Left(list) = answer(delete, server, line, json(200, &list)).await.unwrap() else {
        panic!("a list was sent");
    };
    assert_eq!(list.items.len(), 1);
}

#[tokio::test]
async fn conflicts_and_taken_names_are_told_apart() {
    let object: ConfigMap = serde_json::from_value(map("web", "1")).unwrap();
    let (client, server) = pair();
    let replace = async { maps(client).replace("web", &PostParams::default(), &object).await };
    let line = "PUT /api/v1/namespaces/apps/configmaps/web";
    let error = answer(replace, server, line, json(409, &conflict()))
        .await
        .unwrap_err();
    assert!(error.is_conflict() && !error.is_already_exists());
    assert_eq!(error.outcome(), Outcome::Conflict);

    let taken = json!({"kind": "Status", "status": "Failure", "reason": "AlreadyExists", "code": 409});
    let (client, server) = pair();
    let create = async { maps(client).create(&PostParams::default(), &object).await };
    let line = "POST /api/v1/namespaces/apps/configmaps";
    let error = answer(create, server, line, json(409, &taken)).await.unwrap_err();
    assert!(error.is_already_exists() && !error.is_conflict());
}

#[tokio::test]
async fn an_eviction_that_a_budget_forbids_is_not_to_be_repeated_by_itself() {
    let status = json!({
        "kind": "Status", "status": "Failure", "reason": "TooManyRequests", "code": 429,
        "message": "Cannot evict pod as it would violate the pod's disruption budget.",
        "details": {"causes": [{"reason": "DisruptionBudget"}]},
    });
    let (client, server) = pair();
    let evict = async {
        Api::<Pod>::namespaced(client, "apps")
            .evict("web", &EvictParams::default())
            .await
    };
    let line = "POST /api/v1/namespaces/apps/pods/web/eviction";
    let error = answer(evict, server, line, json(429, &status)).await.unwrap_err();
    assert!(error.is_too_many_requests());
    assert_eq!(error.outcome(), Outcome::Terminal);
}

fn script(answers: Vec<(u16, Value)>) -> (Client, Log) {
    scripted(answers.iter().map(|(code, body)| json(*code, body)).collect())
}

#[tokio::test(start_paused = true)]
async fn a_modification_starts_again_after_a_conflict() {
    let (client, seen) = script(vec![
        (200, map("web", "1")),
        (409, conflict()),
        (200, map("web", "2")),
        (200, map("web", "3")),
    ]);
    let env = client.env().clone();
    let mut versions = vec![];
    let written = maps(client)
        .modify("web", &PostParams::default(), |map| {
            versions.extend(map.resource_version())
        })
        .await
        .unwrap();
    assert_eq!(written.resource_version().as_deref(), Some("3"));
    assert_eq!(versions, ["1", "2"]);
    assert_eq!(seen.lock().unwrap().len(), 4);
    let waited = env.monotonic();
    assert!((10..=16).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_modification_gives_up_in_the_end_and_at_once_on_other_errors() {
    let (client, seen) = script(
        (0..5)
            .flat_map(|_| [(200, map("web", "1")), (409, conflict())])
            .collect(),
    );
    let error = maps(client)
        .modify("web", &PostParams::default(), |_| {})
        .await
        .unwrap_err();
    assert!(error.is_conflict());
    assert_eq!(seen.lock().unwrap().len(), 10);

    let invalid = json!({"kind": "Status", "status": "Failure", "reason": "Invalid", "code": 422});
    let (client, seen) = script(vec![(200, map("web", "1")), (422, invalid)]);
    let error = maps(client)
        .modify("web", &PostParams::default(), |_| {})
        .await
        .unwrap_err();
    assert!(error.is_invalid());
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_entry_is_created_replaced_or_left_alone() {
    let absent = json!({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404});
    let (client, seen) = script(vec![(404, absent), (201, map("web", "1"))]);
    let api = maps(client);
    let mut entry = api.entry("web").await.unwrap().or_insert(ConfigMap::default);
    entry.commit(&PostParams::default()).await.unwrap();
    entry.commit(&PostParams::default()).await.unwrap();
    assert_eq!(entry.get().resource_version().as_deref(), Some("1"));
    let path = "/api/v1/namespaces/apps/configmaps";
    assert_eq!(
        *seen.lock().unwrap(),
        [format!("GET {path}/web"), format!("POST {path}")]
    );

    let (client, seen) = script(vec![(200, map("web", "1")), (200, map("web", "2"))]);
    let api = maps(client);
    let entry = api.entry("web").await.unwrap().and_modify(|map| {
        map.data
            .get_or_insert_default()
            .insert("a".to_owned(), "b".to_owned());
    });
    let mut entry = entry.or_insert(|| unreachable!("it exists"));
    entry.commit(&PostParams::default()).await.unwrap();
    assert_eq!(entry.into_object().resource_version().as_deref(), Some("2"));
    assert_eq!(
        *seen.lock().unwrap(),
        [format!("GET {path}/web"), format!("PUT {path}/web")]
    );
}

#[tokio::test]
async fn an_entry_keeps_its_name_and_namespace() {
    let (client, seen) = script(vec![(200, map("web", "1"))]);
    let api = maps(client);
    let mut entry = api.entry("web").await.unwrap().or_insert(ConfigMap::default);
    entry.get_mut().metadata.name = Some("other".to_owned());
    let error = entry.commit(&PostParams::default()).await.unwrap_err();
    assert!(
        matches!(&error, CommitError::Validate(error) if error.to_string() == r#"the object is named "other", the entry "web""#)
    );
    entry.get_mut().metadata.name = None;
    entry.get_mut().metadata.generate_name = Some("web-".to_owned());
    assert!(matches!(
        entry.commit(&PostParams::default()).await,
        Err(CommitError::Validate(_))
    ));
    entry.get_mut().metadata.generate_name = None;
    entry.get_mut().metadata.namespace = Some("other".to_owned());
    assert!(matches!(
        entry.commit(&PostParams::default()).await,
        Err(CommitError::Validate(_))
    ));
    assert_eq!(seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_body_that_cannot_be_written_is_refused_before_anything_is_sent() {
    #[derive(Clone, Debug, serde::Deserialize)]
    struct Odd;
    impl serde::Serialize for Odd {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }
    let (client, seen) = script(vec![]);
    let api = maps(client);
    let error = api
        .create_subresource::<_, Value>("binding", "web", &PostParams::default(), &Odd)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::BuildRequest(_)));
    assert_eq!(error.outcome(), Outcome::Terminal);
    assert!(seen.lock().unwrap().is_empty());
}

use std::io::Read;

use super::*;

fn published(name: &str) -> Value {
    let path = format!("{}/data/v1.36/{name}.json.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).expect("the document"))
        .read_to_string(&mut text)
        .expect("gzip");
    serde_json::from_str(&text).expect("JSON")
}

fn query<'a>(path: &'a str, accept: &'a str) -> Query<'a> {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Query {
        path,
        query,
        accept,
        if_none_match: "",
        server_address: "192.0.2.2:26443",
    }
}

fn object(catalog: &Catalog, path: &str) -> Value {
    match catalog.answer(&query(path, "")).expect("an answer").body {
        Body::Object(value) => value,
        Body::Raw(bytes) => serde_json::from_slice(&bytes).expect("JSON"),
    }
}

fn text(answer: &Answer) -> &str {
    match &answer.body {
        Body::Raw(bytes) => std::str::from_utf8(bytes).expect("text"),
        Body::Object(_) => panic!("an object"),
    }
}

fn widgets(version: &str) -> Resource {
    Resource {
        group: "example.com".into(),
        version: version.into(),
        plural: "widgets".into(),
        singular: "widget".into(),
        kind: "Widget".into(),
        namespaced: true,
        verbs: Verbs::ALL,
        short_names: vec!["wd".into()],
        categories: Vec::new(),
        storage_version_hash: "x=".into(),
        subresources: Vec::new(),
        custom: true,
    }
}

#[test]
fn the_legacy_documents_are_the_published_ones() {
    let catalog = Catalog::new();
    let published = published("discovery-legacy");
    for (path, document) in published.as_object().expect("documents by path") {
        assert_eq!(object(&catalog, path), *document, "{path}");
        if path.as_str() != "/version" {
            assert_eq!(object(&catalog, &format!("{path}/")), *document, "{path}/");
        }
    }
}

#[test]
fn the_aggregated_documents_are_the_published_ones() {
    let catalog = Catalog::new();
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    for (path, name) in [("/api", "discovery-api"), ("/apis", "discovery-apis")] {
        let answer = catalog.answer(&query(path, accept)).expect("an answer");
        assert_eq!(
            serde_json::from_str::<Value>(text(&answer)).expect("JSON"),
            published(name)
        );
        let tag = &answer
            .headers
            .iter()
            .find(|(n, _)| *n == "etag")
            .expect("a tag")
            .1;
        let again = Query {
            if_none_match: tag,
            ..query(path, accept)
        };
        assert_eq!(catalog.answer(&again).expect("an answer").status, 304);
    }
    assert_eq!(object(&catalog, "/apis")["kind"], "APIGroupList");
    let older = "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";
    let answer = catalog.answer(&query("/apis", older)).expect("an answer");
    assert!(matches!(answer.body, Body::Object(o) if o["kind"] == "APIGroupList"));
}

#[test]
fn custom_resources_follow_the_built_in_ones() {
    let schema = std::sync::Arc::new(Value::Null);
    let catalog = Catalog::new()
        .with(widgets("v1beta1"), "WidgetList", schema.clone())
        .with(widgets("v1"), "WidgetList", schema);
    let groups = object(&catalog, "/apis");
    let last = groups["groups"]
        .as_array()
        .and_then(|g| g.last())
        .expect("a group");
    assert_eq!(last["name"], "example.com");
    assert_eq!(last["preferredVersion"]["version"], "v1");
    let resources = object(&catalog, "/apis/example.com/v1beta1");
    assert_eq!(
        resources["resources"][0]["verbs"],
        json!([
            "delete",
            "deletecollection",
            "get",
            "list",
            "patch",
            "create",
            "update",
            "watch"
        ])
    );
    assert!(catalog.resource("example.com", "v1", "widgets").is_some());
    assert!(catalog.answer(&query("/apis/example.com/v2", "")).is_none());
    assert!(catalog.answer(&query("/apis/example.org", "")).is_none());
}

#[test]
fn health_is_told_whole_and_by_check() {
    let catalog = Catalog::new();
    let status = |path| catalog.answer(&query(path, "")).expect("an answer").status;
    for path in [
        "/healthz",
        "/livez",
        "/readyz?exclude=etcd",
        "/healthz/ping",
        "/readyz/poststarthook/storage-readiness",
    ] {
        assert_eq!(status(path), 200, "{path}");
    }
    for path in ["/livez/none", "/healthz/", "/readyz/etcd"] {
        assert_eq!(status(path), 404, "{path}");
    }
    let answer = catalog
        .answer(&query("/livez?verbose&exclude=etcd&exclude=x", ""))
        .expect("an answer");
    let lines: Vec<&str> = text(&answer).lines().collect();
    assert_eq!(lines[..3], ["[+]ping ok", "[+]log ok", "[+]etcd excluded: ok"]);
    assert_eq!(
        lines[lines.len() - 2..],
        [
            r#"warn: some health checks cannot be excluded: no matches for "x""#,
            "livez check passed"
        ]
    );
}

#[test]
fn openapi_documents_are_the_published_ones() {
    let catalog = Catalog::new();
    assert_eq!(object(&catalog, "/openapi/v3"), published("openapi-v3/index"));
    assert_eq!(
        object(&catalog, "/openapi/v3/apis/apps/v1"),
        published("openapi-v3/apis__apps__v1")
    );
    assert_eq!(object(&catalog, "/openapi/v2")["swagger"], "2.0");
    let index = object(&catalog, "/openapi/v3");
    for (path, entry) in index["paths"].as_object().expect("paths") {
        let url = entry["serverRelativeURL"].as_str().expect("an address");
        let answer = catalog.answer(&query(url, "")).expect("an answer");
        assert_eq!(answer.status, 200, "{path}");
    }
    let status = |path, accept| catalog.answer(&query(path, accept)).expect("an answer").status;
    assert_eq!(status("/openapi/v3/version?hash=0", ""), 301);
    assert_eq!(status("/openapi/v3/nope", ""), 404);
    assert_eq!(status("/openapi/v3/version", "text/html"), 406);
    assert_eq!(status("/openapi/v2", "application/yaml"), 406);
    assert_eq!(status("/openapi/v3/", "text/html"), 404);
}

#[test]
fn a_custom_resources_document_is_the_recorded_one() {
    let recorded = include_str!("../../tests/transcripts/discovery/openapi-v3.json");
    let recorded: Value = serde_json::from_str(recorded).expect("JSON");
    let crd = &recorded["steps"][1]["response"]["body"];
    let established = crate::crd::naming::step(crd, [], "2024-01-02T03:04:05Z").expect("established");
    let catalog = crate::crd::catalog([&established]);
    let document = object(&catalog, "/openapi/v3/apis/discovery-openapi-v3.example.com/v1");
    let expected = &recorded["steps"][3]["response"]["body"];
    for part in ["/paths", "/components/schemas"] {
        let (ours, real) = (document.pointer(part), expected.pointer(part));
        let (ours, real) = (
            ours.expect("a part").as_object(),
            real.expect("a part").as_object(),
        );
        let (ours, real) = (ours.expect("an object"), real.expect("an object"));
        assert_eq!(ours.keys().collect::<Vec<_>>(), real.keys().collect::<Vec<_>>());
        for (name, entry) in real {
            assert_eq!(ours[name], *entry, "{name}");
        }
    }
    assert_eq!(document, *expected);
}

//! What is no good request gets a clear answer and changes nothing.

use serde_json::json;

use crate::support::{CONFIGMAPS, configmap, get, json, send, server};

#[tokio::test(start_paused = true)]
async fn nothing_malformed_changes_anything() {
    let server = server();
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    let before = (server.revision(), get(&server, CONFIGMAPS).await);
    let truncated = br#"{"apiVersion":"v1","kind":"ConfigMap","meta"#;
    let one = format!("{CONFIGMAPS}/a");
    for (method, path, body, code) in [
        ("GET", "/no/such/path".to_owned(), &b""[..], 404),
        ("GET", "/api/v1/namespaces/default/nothings".into(), b"", 404),
        ("GET", "/apis/no.such.group/v1/things".into(), b"", 404),
        ("POST", CONFIGMAPS.into(), truncated, 400),
        ("POST", CONFIGMAPS.into(), b"not json", 400),
        ("POST", CONFIGMAPS.into(), b"\xff\xfe", 400),
        ("PUT", one.clone(), b"[]", 400),
        ("DELETE", one.clone(), b"{", 400),
        ("GET", "/api/v1/namespaces/%ff/configmaps/%fe".into(), b"", 404),
        ("GET", "/%ff%fe".into(), b"", 404),
        (
            "GET",
            format!("{CONFIGMAPS}?limit=99999999999999999999"),
            b"",
            400,
        ),
        ("GET", format!("{CONFIGMAPS}?resourceVersion=abc"), b"", 400),
        ("GET", format!("{CONFIGMAPS}?resourceVersion=999999"), b"", 504),
        ("GET", format!("{CONFIGMAPS}?continue=%00"), b"", 400),
        ("GET", format!("{CONFIGMAPS}?labelSelector=(("), b"", 400),
        ("BREW", one.clone(), b"", 405),
    ] {
        let (actual, body) = send(&server, method, &path, body).await;
        assert_eq!(actual, code, "{method} {path}: {body}");
        if body.is_object() {
            assert_eq!(body["kind"], "Status", "{method} {path}: {body}");
            assert_eq!(body["code"], code, "{method} {path}: {body}");
        }
    }
    assert_eq!((server.revision(), get(&server, CONFIGMAPS).await), before);
}

#[tokio::test(start_paused = true)]
async fn a_huge_limit_is_a_limit() {
    let server = server();
    json(&server, "POST", CONFIGMAPS, configmap("a", "1")).await;
    let list = get(&server, &format!("{CONFIGMAPS}?limit={}", i64::MAX)).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_over_the_limit_is_refused() {
    let server = server();
    let body = vec![b'x'; (3 << 20) + 1];
    let (code, status) = send(&server, "POST", CONFIGMAPS, &body).await;
    assert_eq!((code, &status["reason"]), (413, &json!("RequestEntityTooLarge")));
}

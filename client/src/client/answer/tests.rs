use futures::executor::block_on;
use http::Request;
use insta::assert_snapshot;
use serde_json::json;

use super::*;
use tower::BoxError;

/// What an error answer reads as: the error, its reason, its causes, and what it asks for.
fn refused(code: u16, headers: &[(&str, &str)], body: &[u8]) -> String {
    let mut response = Response::builder().status(code);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let response = response.body(Body::from(body.to_vec())).unwrap();
    let target = Target::of(&Request::post("/api/v1/pods").body(()).unwrap());
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let error = block_on(Answer::read_refusal(&target, response, &env));
    let status = error.status().unwrap();
    let causes: Vec<_> = status
        .details
        .iter()
        .flat_map(|details| &details.causes)
        .collect();
    let mut text = format!("{error}\n  {:?}", error.outcome());
    for cause in causes {
        text += &format!("\n  {}: {:?}", cause.reason, cause.message);
    }
    text
}

#[test]
fn a_status_is_taken_as_it_is() {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 409, "reason": "Conflict",
        "message": "the object has been modified", "details": {"name": "web", "kind": "pods"},
    });
    assert_snapshot!(refused(409, &[], body.to_string().as_bytes()), @r"
    the server answered: the object has been modified: Conflict (409)
      Conflict
    ");
}

#[test]
fn a_status_without_kind_or_code_is_one_if_it_says_what_one_says() {
    assert_snapshot!(refused(404, &[], br#"{"reason": "NotFound", "message": "gone"}"#), @r"
    the server answered: gone: NotFound (404)
      Terminal
    ");
}

#[test]
fn json_that_is_no_status_is_quoted() {
    assert_snapshot!(refused(502, &[], br#"{"error": {"type": "bad_gateway"}}"#), @r#"
    the server answered: {"error": {"type": "bad_gateway"}} (create /api/v1/pods) (502)
      Unknown
      UnexpectedServerResponse: "{\"error\": {\"type\": \"bad_gateway\"}}"
    "#);
}

#[test]
fn text_is_quoted_and_a_page_is_named() {
    assert_snapshot!(refused(404, &[], b"404 page not found\n"), @r#"
    the server answered: 404 page not found (create /api/v1/pods): NotFound (404)
      Terminal
      UnexpectedServerResponse: "404 page not found"
    "#);
    assert_snapshot!(refused(504, &[], b"<html>\n<h1>Gateway Timeout</h1>\n</html>"), @r#"
    the server answered: Gateway Timeout (create /api/v1/pods): Timeout (504)
      Unknown
      UnexpectedServerResponse: "<html> <h1>Gateway Timeout</h1> </html>"
    "#);
    assert_snapshot!(refused(502, &[], b""), @r#"
    the server answered: Bad Gateway (create /api/v1/pods) (502)
      Unknown
      UnexpectedServerResponse: ""
    "#);
    assert_snapshot!(refused(500, &[], b"\xff\xfe"), @r#"
    the server answered: �� (create /api/v1/pods): InternalError (500)
      Unknown
      UnexpectedServerResponse: "��"
    "#);
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let text = "ä".repeat(QUOTE_BYTES_MAX);
    let quoted = quote(text.as_bytes());
    assert_eq!(quoted.len(), QUOTE_BYTES_MAX);
    assert!(text.starts_with(&quoted));
    assert_eq!(quote(&b"x".repeat(QUOTE_BYTES_MAX + 1)).len(), QUOTE_BYTES_MAX);
}

#[test]
fn the_wait_that_a_filter_asks_for_is_in_a_header() {
    let text = b"Too many requests, please try again later.";
    assert_snapshot!(refused(429, &[("retry-after", "3")], text), @r#"
    the server answered: Too many requests, please try again later. (create /api/v1/pods): TooManyRequests (429)
      NotApplied { retry_after: Some(3s) }
      UnexpectedServerResponse: "Too many requests, please try again later."
    "#);
    assert_snapshot!(refused(429, &[("retry-after", "Thu, 01 Jan 2026 00:00:10 GMT")], text), @r#"
    the server answered: Too many requests, please try again later. (create /api/v1/pods): TooManyRequests (429)
      NotApplied { retry_after: Some(10s) }
      UnexpectedServerResponse: "Too many requests, please try again later."
    "#);
    for old_form in ["Thursday, 01-Jan-26 00:00:10 GMT", "Thu Jan  1 00:00:10 2026"] {
        let refused = refused(429, &[("retry-after", old_form)], text);
        assert!(
            refused.contains("NotApplied { retry_after: Some(10s) }"),
            "{refused}"
        );
    }
    // A date that has passed, a number that is none, and one that is too large.
    assert_snapshot!(refused(429, &[("retry-after", "Wed, 31 Dec 2025 00:00:00 GMT")], text), @r#"
    the server answered: Too many requests, please try again later. (create /api/v1/pods): TooManyRequests (429)
      NotApplied { retry_after: None }
      UnexpectedServerResponse: "Too many requests, please try again later."
    "#);
    assert_snapshot!(refused(429, &[("retry-after", "soon")], text), @r#"
    the server answered: Too many requests, please try again later. (create /api/v1/pods): TooManyRequests (429)
      NotApplied { retry_after: None }
      UnexpectedServerResponse: "Too many requests, please try again later."
    "#);
    assert_snapshot!(refused(429, &[("retry-after", "18446744073709551615")], text), @r#"
    the server answered: Too many requests, please try again later. (create /api/v1/pods): TooManyRequests (429)
      NotApplied { retry_after: Some(4294967295s) }
      UnexpectedServerResponse: "Too many requests, please try again later."
    "#);
}

#[test]
fn an_error_body_that_breaks_off_still_has_its_code() {
    let frames = [
        Ok(http_body::Frame::data(Bytes::from_static(b"{\"kind\": \"Sta"))),
        Err("reset"),
    ];
    let body = Body::wrap(http_body_util::StreamBody::new(futures::stream::iter(frames)));
    let response = Response::builder().status(503).body(body).unwrap();
    let target = Target::of(&Request::get("/api/v1/pods").body(()).unwrap());
    let error = block_on(Answer::read_refusal(&target, response, &Env::system()));
    assert_snapshot!(error, @r#"the server answered: {"kind": "Sta (get /api/v1/pods): ServiceUnavailable (503)"#);
}

#[test]
fn an_error_body_is_not_read_for_ever() {
    let endless = futures::stream::repeat_with(|| {
        Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(&[b'x'; 1 << 16])))
    });
    let body = Body::wrap(http_body_util::StreamBody::new(endless));
    assert_eq!(block_on(read_error_body(body)).len(), ERROR_BODY_BYTES_MAX);
}

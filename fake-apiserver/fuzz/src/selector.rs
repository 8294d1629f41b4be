//! Label and field selectors, as lists take them.
//!
//! The input is a label selector in one line and a field selector in the next.

use std::fmt::Write as _;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::FakeApiServer;

use super::request::{answer, server};

/// Lists by the selectors: each is taken or refused, and saying it twice says nothing new.
pub fn run(input: &[u8]) {
    let mut lines = input.splitn(2, |b| *b == b'\n');
    let server = server();
    for parameter in ["labelSelector", "fieldSelector"] {
        let Some(selector) = lines.next() else { return };
        let (code, once) = list(&server, parameter, selector);
        assert!(matches!(code, 200 | 400), "{parameter}: {code}");
        let said = selector.iter().any(|b| !b" \t\r\n".contains(b));
        if code == 200 && said && !selector.contains(&b'\\') {
            let twice = [selector, b",", selector].concat();
            assert_eq!(list(&server, parameter, &twice), (200, once), "{parameter}");
        }
    }
}

fn list(server: &FakeApiServer, parameter: &str, selector: &[u8]) -> (u16, Bytes) {
    let mut path = format!("/api/v1/namespaces/default/pods?{parameter}=");
    for byte in selector {
        // Writing to a string cannot fail.
        let _ = write!(path, "%{byte:02x}");
    }
    // A path that is too long is none.
    let Ok(request) = Request::get(path).body(Full::default()) else {
        return (400, Bytes::new());
    };
    answer(server, request, async |response| {
        let code = response.status().as_u16();
        let Ok(body) = response.into_body().collect().await;
        (code, body.to_bytes())
    })
}

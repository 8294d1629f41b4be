//! The OpenAPI documents: an index and one document a group version in version 3, one document in version 2.
//!
//! Those of the built-in kinds are the published ones, byte for byte; those of custom resources are made of their
//! schemas.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition>

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use serde_json::json;

use super::{Answer, Catalog, Query, TEXT, sha512};

/// Path below `/openapi/v3/` and the gzipped document, by path.
static DOCUMENTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/openapi_v3.rs"));
static INDEX: &[u8] = include_bytes!("../../data/v1.36/openapi-v3/index.json.gz");
static V2: &[u8] = include_bytes!("../../data/v1.36/openapi-v2.json.gz");

/// Answers a path below `/openapi/`.
pub(super) fn answer(catalog: &Catalog, path: &str, query: &Query<'_>) -> Option<Answer> {
    match path {
        "v2" => Some(v2(query.accept)),
        "v3" => Some(Answer::raw(200, TEXT, index(catalog))),
        _ => {
            let document = path.strip_prefix("v3/")?;
            Some(v3(catalog, document, query))
        }
    }
}

fn v2(accept: &str) -> Answer {
    if !accepts_json(accept) {
        return Answer::raw(406, "", Bytes::new());
    }
    Answer::raw(200, "application/json", unpack("v2", V2))
}

fn v3(catalog: &Catalog, path: &str, query: &Query<'_>) -> Answer {
    let Some(body) = document(catalog, path) else {
        return Answer::raw(404, "", Bytes::new());
    };
    if !accepts_json(query.accept) {
        return Answer::raw(406, "", Bytes::new());
    }
    let hash = hash(path, &body);
    let asked = query.query.split('&').find_map(|p| p.strip_prefix("hash="));
    match asked {
        Some(asked) if asked != hash => {
            Answer::raw(301, "", Bytes::new()).with("location", format!("/openapi/v3/{path}?hash={hash}"))
        }
        // What carries its hash in its address never changes.
        Some(_) => Answer::raw(200, "application/json", body)
            .with("etag", format!("\"{hash}\""))
            .with("cache-control", "public, immutable"),
        None => Answer::raw(200, "application/json", body).with("etag", format!("\"{hash}\"")),
    }
}

fn document(catalog: &Catalog, path: &str) -> Option<Bytes> {
    if let Some(document) = built_in(path) {
        return Some(document);
    }
    let (group, version) = path.strip_prefix("apis/")?.split_once('/')?;
    custom::document(catalog, group, version)
}

fn built_in(path: &str) -> Option<Bytes> {
    let (name, packed) = DOCUMENTS.iter().find(|(p, _)| *p == path)?;
    Some(unpack(name, packed))
}

/// The hash of a document: the published one, or that of the bytes.
fn hash(path: &str, body: &[u8]) -> String {
    published()
        .get(path)
        .and_then(|url| url.rsplit_once("hash="))
        .map_or_else(|| sha512(body), |(_, hash)| hash.to_owned())
}

fn index(catalog: &Catalog) -> Bytes {
    let mut paths = published().clone();
    for (group, version) in custom::versions(catalog) {
        let path = format!("apis/{group}/{version}");
        if let Some(body) = document(catalog, &path) {
            let url = format!("/openapi/v3/{path}?hash={}", sha512(&body));
            paths.insert(path, url);
        }
    }
    let paths: BTreeMap<&String, _> = paths
        .iter()
        .map(|(path, url)| (path, json!({"serverRelativeURL": url})))
        .collect();
    Bytes::from(json!({"paths": paths}).to_string())
}

/// The published index: path to address with hash.
fn published() -> &'static BTreeMap<String, String> {
    static PATHS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    PATHS.get_or_init(|| {
        let index: serde_json::Value = serde_json::from_slice(&unpack("index", INDEX)).unwrap_or_default();
        let paths = index["paths"].as_object().cloned().unwrap_or_default();
        paths
            .into_iter()
            .map(|(path, entry)| (path, entry["serverRelativeURL"].as_str().unwrap_or("").to_owned()))
            .collect()
    })
}

/// Unpacks a document once a process.
fn unpack(name: &'static str, packed: &'static [u8]) -> Bytes {
    static UNPACKED: Mutex<BTreeMap<&str, Bytes>> = Mutex::new(BTreeMap::new());
    // A panic while unpacking leaves the map as it was.
    let mut all = UNPACKED.lock().unwrap_or_else(PoisonError::into_inner);
    all.entry(name)
        .or_insert_with(|| {
            let mut out = Vec::new();
            // The documents are part of the crate and were packed by it; a test unpacks each.
            let read = flate2::read::GzDecoder::new(packed).read_to_end(&mut out);
            debug_assert!(read.is_ok(), "{name}: {read:?}");
            Bytes::from(out)
        })
        .clone()
}

/// Whether a client takes JSON; these documents come in no other text form.
fn accepts_json(accept: &str) -> bool {
    accept.trim().is_empty()
        || accept.split(',').any(|range| {
            let media = range.split(';').next().unwrap_or("").trim();
            matches!(media, "application/json" | "application/*" | "*/*")
        })
}

mod custom;

//! Server-side apply of any configurations to objects of several kinds.
//!
//! The first line names one of [`KINDS`]; every further line is a configuration, which the managers `m0`, `m1` and `m2`
//! apply in turn, with force where the line begins with `!`. Type and name are put in where the line is an object.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use seatrial_fake_apiserver::FakeApiServer;
use seatrial_fake_apiserver::apply::entries::{Entries, ManagerId, Operation};
use seatrial_fake_apiserver::apply::managed::{Context, OneVersion};
use seatrial_fake_apiserver::apply::resets::{Resets, strip_meta};
use seatrial_fake_apiserver::apply::typed::Typed;
use seatrial_fake_apiserver::apply::{ApplyError, apply};
use seatrial_fake_apiserver::crd::CustomType;
use seatrial_fake_apiserver::schema::{NodeId, Schema, builtin};
use serde_json::{Value, json};

use super::request;

/// Version, kind, and the path of an object of it in the server.
const KINDS: [(&str, &str, &str); 5] = [
    ("sea.io/v1", "Boat", "/apis/sea.io/v1/namespaces/default/boats/b"),
    ("v1", "ConfigMap", "/api/v1/namespaces/default/configmaps/c"),
    ("v1", "Pod", "/api/v1/namespaces/default/pods/p"),
    (
        "apps/v1",
        "Deployment",
        "/apis/apps/v1/namespaces/default/deployments/d",
    ),
    ("v1", "Service", "/api/v1/namespaces/default/services/s"),
];

/// More configurations show nothing new.
const CONFIGURATIONS_MAX: usize = 8;

/// Applies the configurations to an object that starts from nothing, and to the server's.
///
/// Nothing may panic. Whoever applied owns the fields of the configuration and, applying once more, changes nothing; what
/// is refused changes nothing either.
pub fn run(input: &[u8]) {
    let mut lines = input.split(|b| *b == b'\n');
    let first = lines.next().unwrap_or_default();
    let Some((api_version, kind, path)) = KINDS.iter().find(|(_, kind, _)| kind.as_bytes() == first) else {
        return;
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let steps: Vec<Step> = lines
        .take(CONFIGURATIONS_MAX)
        .enumerate()
        .filter_map(|(i, line)| Step::read(i, line, (api_version, kind, name)))
        .collect();
    let boat = (*kind == "Boat").then(|| {
        let definition: Value = serde_json::from_str(request::OBJECTS[0].1).unwrap_or_default();
        // The definition is that of the server, which took it.
        CustomType::new(&definition, "v1").unwrap_or_else(|error| panic!("{error}"))
    });
    let ty = match &boat {
        Some(boat) => Some(boat.schema()),
        None => builtin()
            .kind_of(api_version, kind)
            .map(|node| (builtin().schema(), node)),
    };
    if let Some(ty) = ty {
        on_values(ty, (api_version, kind), &steps);
    }
    let server = request::server();
    for step in &steps {
        on_server(&server, path, step);
    }
}

struct Step {
    manager: String,
    force: bool,
    configuration: Value,
}

impl Step {
    fn read(i: usize, line: &[u8], (api_version, kind, name): (&str, &str, &str)) -> Option<Self> {
        let (force, text) = match line.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let mut configuration: Value = serde_json::from_slice(text).ok()?;
        if let Some(fields) = configuration.as_object_mut() {
            fields.insert("apiVersion".into(), api_version.into());
            fields.insert("kind".into(), kind.into());
            let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.insert("name".into(), name.into());
            }
        }
        Some(Self {
            manager: format!("m{}", i % 3),
            force,
            configuration,
        })
    }
}

fn on_values((schema, node): (&Schema, NodeId), (api_version, kind): (&str, &str), steps: &[Step]) {
    let ty = Typed::new(schema, node);
    let resets = Resets::none();
    let mut live: Option<Value> = None;
    for step in steps {
        let ctx = Context {
            schema,
            node,
            api_version,
            kind,
            manager: &step.manager,
            subresource: "",
            resets: &resets,
            evolving: true,
            now: "2026-01-01T00:00:00Z",
            versions: &OneVersion,
        };
        let applied = match apply(&ctx, live.clone(), &step.configuration, step.force) {
            Ok(applied) => applied.object,
            Err(ApplyError::Conflicts(conflicts)) => {
                assert!(!conflicts.is_empty() && !step.force);
                continue;
            }
            Err(_) => continue,
        };
        let entries = Entries::of(&applied);
        let id = ManagerId::new(&step.manager, Operation::Apply, api_version, "");
        let owned = entries.get(&id).map(|e| e.fields().clone()).unwrap_or_default();
        assert_eq!(owned, strip_meta(ty.field_set(&step.configuration)));
        if !entries.is_empty() {
            let again = apply(&ctx, Some(applied.clone()), &step.configuration, false);
            let again = again.unwrap_or_else(|error| panic!("what was applied does not apply: {error}"));
            // A list that loses its last item goes with it, and comes back empty where it is applied empty once more.
            assert_eq!(
                without_empty_lists(again.object),
                without_empty_lists(applied.clone())
            );
        }
        live = Some(applied);
    }
}

fn without_empty_lists(mut value: Value) -> Value {
    let empty = |v: &Value| v.as_array().is_some_and(Vec::is_empty);
    match &mut value {
        Value::Object(fields) => {
            fields.retain(|_, v| !empty(v));
            for field in fields.values_mut() {
                *field = without_empty_lists(field.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = without_empty_lists(item.take());
            }
        }
        _ => {}
    }
    value
}

fn on_server(server: &FakeApiServer, path: &str, step: &Step) {
    let before = server.revision();
    let (code, object) = send(server, path, step);
    let after = server.revision();
    if !(200..300).contains(&code) {
        assert_eq!(before, after, "an answer of {code} comes with a write");
        return;
    }
    let entries = Entries::of(&object);
    if entries.iter().any(|e| e.id.manager == step.manager) {
        let (code, _) = send(server, path, step);
        // A container that was applied empty is not stored; who owns it with others meets them when adding it again.
        assert!(
            code == 409 || code == 200 && server.revision() == after,
            "applied twice: {code}"
        );
    }
}

fn send(server: &FakeApiServer, path: &str, step: &Step) -> (u16, Value) {
    let request = Request::patch(format!(
        "{path}?fieldManager={}&force={}",
        step.manager, step.force
    ))
    .header("content-type", "application/apply-patch+yaml")
    .body(Full::new(Bytes::from(step.configuration.to_string())));
    // Paths and managers are those above.
    let request = request.unwrap_or_else(|error| panic!("no request: {error}"));
    request::answer(server, request, async |response| {
        let code = response.status().as_u16();
        // A body in memory cannot fail.
        let body = response.into_body().collect().await.map(|b| b.to_bytes());
        let body = body.unwrap_or_default();
        (code, serde_json::from_slice(&body).unwrap_or_default())
    })
}

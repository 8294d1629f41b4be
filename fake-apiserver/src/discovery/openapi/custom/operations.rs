//! The operations of a custom resource, as its OpenAPI document lists them.

use serde_json::{Map, Value, json};

use super::META;
use crate::discovery::catalog::OpenApiSource;

/// The parameters that lists share.
const LIST: [&str; 11] = [
    "allowWatchBookmarks",
    "continue",
    "fieldSelector",
    "labelSelector",
    "limit",
    "resourceVersion",
    "resourceVersionMatch",
    "sendInitialEvents",
    "shardSelector",
    "timeoutSeconds",
    "watch",
];
const WRITE: [&str; 3] = ["dryRun", "fieldManager", "fieldValidation"];
const PATCH: [&str; 4] = ["dryRun", "fieldManager", "fieldValidation", "force"];
const DELETE: [&str; 5] = [
    "dryRun",
    "gracePeriodSeconds",
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "orphanDependents",
    "propagationPolicy",
];

/// Describes one resource.
pub(super) struct Operations<'a> {
    source: &'a OpenApiSource,
    /// The published parameters by name.
    parameters: &'a Map<String, Value>,
    /// `ExampleComV1` for `example.com/v1`.
    prefix: String,
    tag: String,
    object: String,
    list: String,
}

/// One operation before it is written out.
struct Operation<'a> {
    action: &'a str,
    description: String,
    id: String,
    parameters: &'a [&'a str],
    /// The type of the body and the media types that it comes in; `None` for none.
    body: Option<(&'a str, &'a [&'a str])>,
    required: bool,
    answers: &'a [&'a str],
    answer: &'a str,
    kind: Value,
}

const TEXT: [&str; 2] = ["application/json", "application/yaml"];
const PATCHES: [&str; 3] = [
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
];

impl<'a> Operations<'a> {
    pub(super) fn new(
        source: &'a OpenApiSource,
        parameters: &'a Map<String, Value>,
        object: &str,
        list: &str,
    ) -> Self {
        let resource = &source.resource;
        let group = camel(&resource.group);
        let mut lower = group.clone();
        if let Some(first) = lower.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        Self {
            source,
            parameters,
            prefix: format!("{group}{}", camel(&resource.version)),
            tag: format!("{lower}_{}", resource.version),
            object: reference(object),
            list: reference(list),
        }
    }

    /// Adds the paths of the resource.
    pub(super) fn add(&self, paths: &mut Map<String, Value>) {
        let r = &self.source.resource;
        let root = format!("/apis/{}/{}", r.group, r.version);
        let all = format!("{root}/{}", r.plural);
        let collection = if r.namespaced {
            format!("{root}/namespaces/{{namespace}}/{}", r.plural)
        } else {
            all.clone()
        };
        paths.insert(collection.clone(), self.collection());
        paths.insert(format!("{collection}/{{name}}"), self.item());
        for sub in &r.subresources {
            paths.insert(
                format!("{collection}/{{name}}/{}", sub.name),
                self.subresource(&sub.name),
            );
        }
        if r.namespaced {
            let mut names: Vec<&str> = LIST.to_vec();
            names.insert(5, "pretty");
            let everywhere = Operation {
                id: format!("list{}{}ForAllNamespaces", self.prefix, r.kind),
                parameters: &[],
                ..self.list()
            };
            let path = json!({"get": self.write(everywhere), "parameters": self.named(&names)});
            paths.insert(all, path);
        }
    }

    fn collection(&self) -> Value {
        let kind = &self.source.resource.kind;
        let scope = self.scope();
        let status = reference(&format!("{META_NAME}.Status"));
        let delete = Operation {
            action: "deletecollection",
            description: format!("delete collection of {kind}"),
            id: format!("delete{}Collection{scope}{kind}", self.prefix),
            parameters: &LIST,
            answer: &status,
            ..self.list()
        };
        let post = Operation {
            action: "post",
            description: format!("create a {kind}"),
            id: format!("create{}{scope}{kind}", self.prefix),
            parameters: &WRITE,
            body: Some((&self.object, &TEXT)),
            required: true,
            answers: &["200 OK", "201 Created", "202 Accepted"],
            answer: &self.object,
            kind: self.kind(),
        };
        json!({
            "delete": self.write(delete),
            "get": self.write(self.list()),
            "post": self.write(post),
            "parameters": self.placed(false),
        })
    }

    fn item(&self) -> Value {
        let kind = &self.source.resource.kind;
        let options = reference(&format!("{META_NAME}.DeleteOptions"));
        let status = reference(&format!("{META_NAME}.Status"));
        let delete = Operation {
            action: "delete",
            description: format!("delete a {kind}"),
            id: format!("delete{}{}{kind}", self.prefix, self.scope()),
            parameters: &DELETE,
            body: Some((&options, &TEXT)),
            required: false,
            answers: &["200 OK", "202 Accepted"],
            answer: &status,
            kind: self.kind(),
        };
        let mut path = self.verbs("", &self.object, &self.kind());
        path["delete"] = self.write(delete);
        path
    }

    fn subresource(&self, name: &str) -> Value {
        if name == "scale" {
            let scale = reference("io.k8s.api.autoscaling.v1.Scale");
            return self.verbs(
                name,
                &scale,
                &json!({"group": "autoscaling", "kind": "Scale", "version": "v1"}),
            );
        }
        self.verbs(name, &self.object, &self.kind())
    }

    /// Reading, replacing and patching of an object or a subresource.
    fn verbs(&self, sub: &str, object: &str, kind: &Value) -> Value {
        let name = &self.source.resource.kind;
        let of = if sub.is_empty() {
            String::new()
        } else {
            format!("{sub} of ")
        };
        let id = |verb: &str| format!("{verb}{}{}{name}{}", self.prefix, self.scope(), camel(sub));
        let patch = reference(&format!("{META_NAME}.Patch"));
        let get = Operation {
            action: "get",
            description: format!("read {of}the specified {name}"),
            id: id("read"),
            parameters: &["resourceVersion"],
            body: None,
            required: false,
            answers: &["200 OK"],
            answer: object,
            kind: kind.clone(),
        };
        let put = Operation {
            action: "put",
            description: format!("replace {of}the specified {name}"),
            id: id("replace"),
            parameters: &WRITE,
            body: Some((object, &TEXT)),
            required: true,
            answers: &["200 OK", "201 Created"],
            answer: object,
            kind: kind.clone(),
        };
        let patch = Operation {
            action: "patch",
            description: format!("partially update {of}the specified {name}"),
            id: id("patch"),
            parameters: &PATCH,
            body: Some((&patch, &PATCHES)),
            required: true,
            answers: &["200 OK"],
            answer: object,
            kind: kind.clone(),
        };
        json!({
            "get": self.write(get),
            "put": self.write(put),
            "patch": self.write(patch),
            "parameters": self.placed(true),
        })
    }

    fn list(&self) -> Operation<'_> {
        let kind = &self.source.resource.kind;
        Operation {
            action: "list",
            description: format!("list objects of kind {kind}"),
            id: format!("list{}{}{kind}", self.prefix, self.scope()),
            parameters: &LIST,
            body: None,
            required: false,
            answers: &["200 OK"],
            answer: &self.list,
            kind: self.kind(),
        }
    }

    fn write(&self, operation: Operation<'_>) -> Value {
        let mut out = json!({
            "description": operation.description,
            "operationId": operation.id,
            "tags": [self.tag],
            "x-kubernetes-action": operation.action,
            "x-kubernetes-group-version-kind": operation.kind,
        });
        if !operation.parameters.is_empty() {
            out["parameters"] = self.of_action(operation.action, operation.parameters);
        }
        if let Some((object, media)) = operation.body {
            out["requestBody"] = json!({"content": content(object, media)});
            if operation.required {
                out["requestBody"]["required"] = true.into();
            }
        }
        let mut responses = Map::new();
        for answer in operation.answers {
            let (code, text) = answer.split_once(' ').unwrap_or((answer, ""));
            let response = json!({"description": text, "content": content(operation.answer, &TEXT)});
            responses.insert(code.to_owned(), response);
        }
        responses.insert("401".to_owned(), json!({"description": "Unauthorized"}));
        out["responses"] = Value::Object(responses);
        out
    }

    /// The parameters of a path: what stands in it, and `pretty`.
    fn placed(&self, named: bool) -> Value {
        let mut out = Vec::new();
        if named {
            out.push(json!({
                "name": "name", "in": "path", "required": true, "schema": {"type": "string", "uniqueItems": true},
                "description": format!("name of the {}", self.source.resource.kind),
            }));
        }
        let rest: &[&str] = if self.source.resource.namespaced {
            &["namespace", "pretty"]
        } else {
            &["pretty"]
        };
        out.extend(rest.iter().filter_map(|n| self.parameters.get(*n).cloned()));
        Value::Array(out)
    }

    fn named(&self, names: &[&str]) -> Value {
        names
            .iter()
            .filter_map(|n| self.parameters.get(*n).cloned())
            .collect()
    }

    fn of_action(&self, action: &str, names: &[&str]) -> Value {
        let find = |name: &str| {
            let own = self.parameters.get(&format!("{action} {name}"));
            own.or_else(|| self.parameters.get(name)).cloned()
        };
        names.iter().filter_map(|n| find(n)).collect()
    }

    fn scope(&self) -> &'static str {
        if self.source.resource.namespaced {
            "Namespaced"
        } else {
            ""
        }
    }

    fn kind(&self) -> Value {
        let r = &self.source.resource;
        json!({"group": *r.group, "kind": *r.kind, "version": *r.version})
    }
}

const META_NAME: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";

fn reference(definition: &str) -> String {
    format!("{}{definition}", META.strip_suffix(META_NAME).unwrap_or(META))
}

fn content(object: &str, media: &[&str]) -> Value {
    let entries = media
        .iter()
        .map(|m| ((*m).to_owned(), json!({"schema": {"$ref": object}})));
    Value::Object(entries.collect())
}

/// `ExampleCom` for `example.com`.
fn camel(text: &str) -> String {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .map(|part| {
            let mut part = part.to_owned();
            if let Some(first) = part.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            part
        })
        .collect()
}

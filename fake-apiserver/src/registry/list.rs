//! GET of a collection.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#the-resourceversion-parameter>

use std::ops::Bound;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::dispatch::Done;
use super::read::bad_version;
use super::selector::{FieldSelector, LabelSelector, Selector};
use super::{Context, Core, Resource};
use crate::encode::{Answer, ListMeta, View};
use crate::status::{Result, StatusError};
use crate::storage::{Objects, Stored};
use crate::wire::{ListOptions, go_json, parse_uint};

/// One page, and how to go on.
pub(super) struct Page {
    pub(super) items: Vec<Arc<Stored>>,
    pub(super) meta: ListMeta,
}

/// A page, or the revision it waits for.
pub(super) enum Listed {
    Page(Page),
    Later(u64),
}

/// Lists the collection that the request names.
pub(super) fn list(
    cx: &mut Context<'_>,
    options: &ListOptions,
    selector: (LabelSelector, FieldSelector),
    view: View<'_>,
) -> Result<Done> {
    match page(cx, options, &Selector::new(selector.0, selector.1))? {
        Listed::Later(revision) => Ok(Done::Later(revision)),
        Listed::Page(page) => {
            let answer = Answer::list(&cx.resource, page.items, &page.meta, view)?;
            Ok(Done::Answer(answer))
        }
    }
}

/// Reads the selectors of a list or watch.
pub(super) fn selector(_cx: &Context<'_>, options: &ListOptions) -> Result<(LabelSelector, FieldSelector)> {
    let labels = LabelSelector::parse(&options.label_selector).map_err(StatusError::bad_request)?;
    let fields = FieldSelector::parse(&options.field_selector)?;
    Ok((labels, fields))
}

/// Reads one page.
pub(super) fn page(cx: &Context<'_>, options: &ListOptions, selector: &Selector) -> Result<Listed> {
    let store = &cx.core.store;
    let table = &*cx.resource.table;
    let now = store.revision();
    let token = if options.token.is_empty() {
        None
    } else {
        let token = Token::parse(&options.token);
        Some(token.map_err(|why| StatusError::bad_request(format!("invalid continue token: {why}")))?)
    };
    let version = if options.version.is_empty() {
        0
    } else {
        parse_uint(&options.version).map_err(|why| {
            StatusError::bad_request(format!(
                "invalid resource version: {}",
                bad_version(&options.version, &why)
            ))
        })?
    };
    let mut limit = usize::try_from(options.limit).unwrap_or(0);
    let mut prefix = if cx.namespace.is_empty() {
        String::new()
    } else {
        format!("{}/", cx.namespace)
    };
    if !cx.resource.namespaced {
        prefix.clear();
    }
    let (mut objects, mut revision, mut start) = (None, now, None);
    if token.is_none() {
        let exact = match options.version_match.as_str() {
            "Exact" => true,
            "NotOlderThan" => false,
            _ => limit > 0 && version > 0,
        };
        if version > now {
            return Ok(Listed::Later(version));
        }
        if options.version == "0" {
            // Answered from the watch cache, which knows no pages.
            limit = 0;
        } else if exact {
            let past = store
                .at(table, version)
                .map_err(|_| StatusError::expired("The resourceVersion for the provided list is too old."))?;
            (objects, revision) = (Some(past), version);
        }
    }
    if let Some(token) = token {
        if !matches!(options.version.as_str(), "" | "0") {
            return Err(StatusError::bad_request(
                "specifying resource version is not allowed when using continue",
            ));
        }
        if options.version == "0" {
            limit = 0;
        }
        if let Some(at) = token.revision {
            if at > now {
                return Ok(Listed::Later(at));
            }
            let past = store.at(table, at).map_err(|_| expired_token(&token))?;
            (objects, revision) = (Some(past), at);
        }
        start = Some(format!("{prefix}{}", token.start));
    }
    let resource = &cx.resource;
    let mut objects = objects.unwrap_or_else(|| store.live(table));
    if let Some(unstored) = resource.strategy.unstored() {
        let keyed = unstored.into_iter().map(|object| {
            let name: crate::storage::Key = object["metadata"]["name"].as_str().unwrap_or("").into();
            (name, Arc::new(Stored::new(Arc::new(object), 0)))
        });
        (objects, revision) = (keyed.collect(), 0);
    }
    slice(
        cx.core, &objects, resource, &prefix, start, limit, selector, revision,
    )
    .map(Listed::Page)
}

/// The first `limit` matches from `start` on; all of them where the limit is zero.
#[expect(clippy::too_many_arguments, reason = "the parts of one list request")]
fn slice(
    core: &Core,
    objects: &Objects,
    resource: &Resource,
    prefix: &str,
    start: Option<String>,
    limit: usize,
    selector: &Selector,
    revision: u64,
) -> Result<Page> {
    let mut meta = ListMeta {
        revision,
        ..ListMeta::default()
    };
    if let Some(name) = selector.name()
        && (!resource.namespaced || !prefix.is_empty())
    {
        // One name is one key: there is nothing to page through.
        let found = objects.get(format!("{prefix}{name}").as_str());
        let found = found.map(|o| resource.view(core, o)).transpose()?;
        let items = found.filter(|o| selector.matches(o, resource));
        return Ok(Page {
            items: items.into_iter().collect(),
            meta,
        });
    }
    let from = start.unwrap_or_else(|| prefix.to_owned());
    let mut range = objects
        .range::<_, str>((Bound::Included(from.as_str()), Bound::Unbounded))
        .take_while(|(key, _)| key.starts_with(prefix));
    let mut items = Vec::new();
    let mut last = None;
    // Objects that a webhook has to convert are all asked for before the first failure is told.
    let mut failed = None;
    for (key, object) in range.by_ref() {
        let object = match resource.view(core, object) {
            Ok(object) => object,
            Err(error) => {
                failed.get_or_insert(error);
                continue;
            }
        };
        if !selector.matches(&object, resource) {
            continue;
        }
        items.push(object);
        if items.len() == limit {
            last = Some(key);
            break;
        }
    }
    if let Some(failed) = failed {
        return Err(failed);
    }
    if let Some(last) = last {
        let remaining = range.count();
        if remaining > 0 {
            meta.remaining = selector.is_empty().then_some(remaining);
            meta.token = Token {
                revision: Some(revision),
                start: format!("{}\0", last.strip_prefix(prefix).unwrap_or(last)),
            }
            .print();
        }
    }
    Ok(Page { items, meta })
}

/// Where a list goes on.
struct Token {
    /// `None` to go on with the present state.
    revision: Option<u64>,
    /// The first key of the rest, without the list's prefix.
    start: String,
}

// === impl Token ===

impl Token {
    fn print(&self) -> String {
        let revision = self.revision.map_or(json!(-1), |r| json!(r));
        let text = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": self.start}).to_string();
        URL_SAFE_NO_PAD.encode(text)
    }

    fn parse(text: &str) -> std::result::Result<Self, String> {
        let bad = |why: &str| Err(format!("continue key is not valid: {why}"));
        let bytes = match URL_SAFE_NO_PAD.decode(text) {
            Ok(bytes) => bytes,
            Err(_) => {
                let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
                let at = text.bytes().position(|b| !good(b)).unwrap_or(text.len());
                return bad(&format!("illegal base64 data at input byte {at}"));
            }
        };
        let value = match go_json::parse(&bytes) {
            Ok(value) => value,
            Err(why) => return bad(&why),
        };
        let version = value["v"].as_str().unwrap_or("");
        if version != "meta.k8s.io/v1" {
            return bad(&format!(
                "server does not recognize this encoded version {version}"
            ));
        }
        let revision = match &value["rv"] {
            Value::Number(n) if n.as_i64() == Some(-1) => None,
            Value::Number(n) if n.as_u64().is_some_and(|n| n > 0) => n.as_u64(),
            _ => return bad("incorrect encoded start resourceVersion (version meta.k8s.io/v1)"),
        };
        let start = value["start"].as_str().unwrap_or("");
        if start.is_empty() {
            return bad("encoded start key empty (version meta.k8s.io/v1)");
        }
        let relative = start.strip_prefix('/').unwrap_or(start);
        if relative.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return bad(start);
        }
        Ok(Self {
            revision,
            start: relative.to_owned(),
        })
    }
}

/// The refusal of a token whose revision is gone, with one that goes on regardless.
fn expired_token(token: &Token) -> StatusError {
    let next = Token {
        revision: None,
        start: token.start.clone(),
    };
    StatusError::expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list \
         without the continue parameter, or use the continue token in this response to retrieve the remainder of the \
         results. Continuing with the provided token results in an inconsistent list - objects that were created, \
         modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    )
    .with_continue(next.print())
}

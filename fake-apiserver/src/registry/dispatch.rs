//! From a request to the verb that it means.

use http::{Method, StatusCode};
use jiff::Timestamp;

use super::resource::{Found, Resource};
use super::{
    Context, Core, Reply, create, custom, delete, list, patch, read, review, subresource, update, watch,
};
use crate::auth::{self, Review};
use crate::discovery::{self, Verb, Verbs};
use crate::encode::{self, Answer, View};
use crate::status::{Result, StatusError};
use crate::wire::accept::{self, Endpoint};
use crate::wire::{
    DeleteOptions, FieldValidation, ListOptions, Request, ResourcePath, Route, Write, WriteOptions, body,
};

/// Answers a request.
pub(crate) fn handle(core: &mut Core, request: &Request, now: Timestamp) -> Reply {
    let mut warnings = Vec::new();
    let before = core
        .may_call()
        .then(|| (core.store.clone(), core.unsettled, core.hooks));
    let reply = route(core, request, now, &mut warnings);
    if let Some((store, unsettled, hooks)) = before
        && core.calls.are_waiting()
    {
        (core.store, core.unsettled, core.hooks) = (store, unsettled, hooks);
        return Reply::Calls(core.calls.take_waiting());
    }
    if std::mem::take(&mut core.unsettled) {
        custom::settle(core, now);
        core.unsettled = false;
    }
    match reply {
        Ok(Done::Answer(answer)) => Reply::Done(answer.into_response(&warnings)),
        Ok(Done::Watch(mut plan)) => {
            plan.warnings = warnings;
            Reply::Watch(plan)
        }
        #[cfg(feature = "kubelet")]
        Ok(Done::Connect(call)) => Reply::Connect(call),
        Ok(Done::Later(revision)) => Reply::Later(revision),
        Err(error) => {
            let encoding = accept::negotiate(&request.accept(), Endpoint::Document).map(|a| a.encoding);
            Reply::Done(encode::error(&error, encoding.unwrap_or_default(), &warnings))
        }
    }
}

/// What a verb comes to.
pub(super) enum Done {
    Answer(Answer),
    Watch(Box<watch::WatchPlan>),
    #[cfg(feature = "kubelet")]
    Connect(Box<crate::kubelet::Call>),
    Later(u64),
}

fn route<'c>(
    core: &'c mut Core,
    request: &'c Request,
    now: Timestamp,
    warnings: &'c mut Vec<String>,
) -> Result<Done> {
    let user = auth::admit(core, request, now, warnings)?;
    let path = match Route::parse(&request.path) {
        Route::Resource(path) => path,
        Route::Other(_) => return document(core, request).map(Done::Answer),
    };
    let catalog = core.catalog.clone();
    let resource = match catalog.find(&path.group, &path.version, &path.resource) {
        Found::Resource(resource) => resource.clone(),
        Found::Group if builtin_group(&path.group) => return Err(StatusError::page_not_found()),
        Found::Group | Found::Nothing => return Ok(Done::Answer(nowhere())),
    };
    if resource.custom {
        let reads = request.method == Method::GET || request.method == Method::HEAD;
        if !in_scope(&resource, &path) || is_everywhere(&resource, &path) && !reads {
            return Ok(Done::Answer(nowhere()));
        }
        if let (Some(name), Some(sub)) = (&path.name, &path.subresource)
            && resource.subresource(sub).is_none()
        {
            return Err(StatusError::not_found(&resource.group, &resource.plural, name));
        }
    }
    let verb = match custom_verb(&resource, &path, &request.method)? {
        Some(verb) => verb,
        None => verb(&resource, &path, &request.method)?,
    };
    let lists = verb == Verb::List && path.subresource.is_none();
    let accept = request.accept();
    let deprecation = resource.custom_type().and_then(|t| t.deprecation());
    if let Some(warning) = deprecation.or_else(|| resource.strategy.deprecation()) {
        warnings.push(warning.to_owned());
    }
    let cx = Context {
        core,
        user,
        resource,
        namespace: path.namespace.unwrap_or_default(),
        name: path.name.unwrap_or_default(),
        subresource: path.subresource.unwrap_or_default(),
        now,
        warnings,
        dry_run: false,
        manager: String::new(),
        validation: FieldValidation::default(),
        query: Some(&request.query),
    };
    let endpoint = if Review::of(&cx.resource).is_some() {
        Endpoint::Document
    } else if cx.resource.custom {
        Endpoint::Custom
    } else {
        Endpoint::Builtin { lists }
    };
    let accepted = || {
        Ok(View {
            accepted: accept::negotiate(&accept, endpoint)?,
            include: request.query.text("includeObject"),
            now,
        })
    };
    call(cx, request, verb, path.watch, accepted)
}

fn call<'r>(
    mut cx: Context<'_>,
    request: &'r Request,
    verb: Verb,
    watch: bool,
    accepted: impl Fn() -> Result<View<'r>>,
) -> Result<Done> {
    check_timeout(request, verb)?;
    if !cx.is_whole() {
        return subresource::call(&mut cx, request, verb, accepted);
    }
    let content_type = request.header(&http::header::CONTENT_TYPE);
    let user_agent = request.header(&http::header::USER_AGENT);
    let answer = match verb {
        Verb::Get => {
            let accepted = accepted()?;
            return read::get(&mut cx, request.query.text("resourceVersion"), accepted);
        }
        Verb::List | Verb::Watch => {
            let accepted = accepted()?;
            let mut options = ListOptions::parse(&request.query)?;
            let legacy = watch && !options.watch;
            let selector = list::selector(&cx, &options);
            if legacy {
                // The old paths ask for no initial events and so never get their end marked.
                let (selector, mut options) = (
                    selector?,
                    ListOptions {
                        watch: true,
                        ..options
                    },
                );
                options.initial_events = options
                    .initial_events
                    .filter(|_| !options.version_match.is_empty());
                return watch::open(&mut cx, &options, selector, accepted).map(Done::Watch);
            }
            let selector = selector?;
            options.check()?;
            selector.1.check(&cx.resource)?;
            if options.watch {
                return watch::open(&mut cx, &options, selector, accepted).map(Done::Watch);
            }
            return list::list(&mut cx, &options, selector, accepted);
        }
        Verb::Create => {
            let accepted = accepted()?;
            body::media(content_type)?;
            let body = request.body()?;
            cx.set_options(WriteOptions::parse(&request.query, Write::Create, user_agent)?);
            if cx.resource.group.is_empty() && &*cx.resource.plural == "bindings" {
                return subresource::bind(&mut cx, body, content_type, accepted).map(Done::Answer);
            }
            let stored = match Review::of(&cx.resource) {
                Some(question) => review::answer(&mut cx, question, body, content_type)?,
                None => create::create(&mut cx, body, content_type)?,
            };
            Answer::object(StatusCode::CREATED, &cx.resource, stored, accepted)?
        }
        Verb::Update => {
            let accepted = accepted()?;
            body::media(content_type)?;
            let body = request.body()?;
            cx.set_options(WriteOptions::parse(&request.query, Write::Update, user_agent)?);
            let (code, stored) = update::update(&mut cx, body, content_type)?;
            Answer::object(code, &cx.resource, stored, accepted)?
        }
        Verb::Patch => {
            let kind = patch::Kind::parse(content_type, cx.resource.custom)?;
            let accepted = accepted()?;
            let body = request.body()?;
            let options = WriteOptions::parse(
                &request.query,
                Write::Patch(kind == patch::Kind::Apply),
                user_agent,
            )?;
            let force = options.force == Some(true);
            cx.set_options(options);
            let (code, stored) = patch::patch(&mut cx, kind, body, force)?;
            Answer::object(code, &cx.resource, stored, accepted)?
        }
        Verb::Delete => {
            let accepted = accepted()?;
            let options = DeleteOptions::parse(&request.query, request.body()?, content_type)?;
            delete::delete(&mut cx, &options)?.into_answer(&cx.resource, accepted)?
        }
        Verb::DeleteCollection => {
            let accepted = accepted()?;
            let mut list_options = ListOptions::parse(&request.query)?;
            list_options.watch = false;
            let selector = list::selector(&cx, &list_options)?;
            list_options.check()?;
            selector.1.check(&cx.resource)?;
            let options = DeleteOptions::parse(&request.query, request.body()?, content_type)?;
            return delete::collection(&mut cx, &list_options, selector, &options, accepted);
        }
    };
    Ok(Done::Answer(answer))
}

/// Whether the path names a namespace just where the resource has them; across all it may be listed.
fn in_scope(resource: &Resource, path: &ResourcePath) -> bool {
    resource.namespaced == path.namespace.is_some() || is_everywhere(resource, path)
}

fn is_everywhere(resource: &Resource, path: &ResourcePath) -> bool {
    resource.namespaced && path.namespace.is_none() && path.name.is_none()
}

/// Whether the server serves the group by itself; paths into the groups of definitions fail in other words.
fn builtin_group(group: &str) -> bool {
    crate::schema::builtin()
        .groups()
        .iter()
        .any(|g| &*g.name == group)
}

/// The answer where no handler is.
fn nowhere() -> Answer {
    Answer::text(404, "404 page not found\n")
}

/// The verb that a method means at a path of a custom resource, where that differs from other resources: there, the method
/// alone decides, whatever the path names.
fn custom_verb(resource: &Resource, path: &ResourcePath, method: &Method) -> Result<Option<Verb>> {
    if !resource.custom || path.rest.is_some() {
        return Ok(None);
    }
    let unsupported = |verb: &str| {
        Err(StatusError::not_supported(
            &resource.group,
            &resource.plural,
            verb,
        ))
    };
    match (&path.name, &path.subresource, method) {
        (_, Some(_), &Method::POST) => unsupported("create"),
        (_, Some(_), &Method::DELETE) => unsupported("delete"),
        (Some(_), None, &Method::POST) => Ok(Some(Verb::Create)),
        (None, _, &Method::PUT | &Method::PATCH) => Err(StatusError::bad_request("name must be provided")),
        _ => Ok(None),
    }
}

/// The verb that a method means at a path.
fn verb(resource: &Resource, path: &ResourcePath, method: &Method) -> Result<Verb> {
    let everywhere = is_everywhere(resource, path);
    let too_deep = path.rest.is_some() && path.subresource.as_deref() != Some("proxy");
    if !in_scope(resource, path) || too_deep {
        return Err(StatusError::page_not_found());
    }
    let verbs = match (&path.subresource, everywhere) {
        (Some(sub), _) => {
            let sub = resource
                .subresource(sub)
                .ok_or_else(StatusError::page_not_found)?;
            sub.verbs
        }
        // Across namespaces there is nothing but lists and watches.
        (None, true) if resource.verbs.contains(Verb::List) => {
            Verbs::default().with(Verb::List).with(Verb::Watch)
        }
        (None, true) => return Err(StatusError::page_not_found()),
        (None, false) => resource.verbs,
    };
    let here: &[(Method, Verb)] = match (&path.name, &path.subresource) {
        (None, _) => &[
            (Method::GET, Verb::List),
            (Method::POST, Verb::Create),
            (Method::DELETE, Verb::DeleteCollection),
        ],
        (Some(_), None) => &[
            (Method::GET, Verb::Get),
            (Method::PUT, Verb::Update),
            (Method::PATCH, Verb::Patch),
            (Method::DELETE, Verb::Delete),
        ],
        (Some(_), Some(_)) => &[
            (Method::GET, Verb::Get),
            (Method::POST, Verb::Create),
            (Method::PUT, Verb::Update),
            (Method::PATCH, Verb::Patch),
            (Method::DELETE, Verb::Delete),
        ],
    };
    if !everywhere && !here.iter().any(|(_, verb)| verbs.contains(*verb)) {
        return Err(StatusError::page_not_found());
    }
    if path.watch {
        // The old watch paths read, whatever they name.
        return if method == Method::GET && resource.verbs.contains(Verb::Watch) {
            Ok(Verb::List)
        } else {
            Err(StatusError::method_not_allowed())
        };
    }
    here.iter()
        .find(|(m, verb)| m == method && verbs.contains(*verb))
        .map(|(_, verb)| *verb)
        .ok_or_else(StatusError::method_not_allowed)
}

/// Refuses a `timeout` that is no duration, which every request but a watch may carry.
fn check_timeout(request: &Request, verb: Verb) -> Result<()> {
    let text = request.query.text("timeout");
    let watches = verb == Verb::List && request.query.flag("watch") == Some(true);
    if text.is_empty() || watches || is_duration(text) {
        return Ok(());
    }
    Err(StatusError::bad_request(format!(
        "invalid timeout specified in the request URL - time: invalid duration {}",
        crate::status::go_quote(text)
    )))
}

/// Whether Go reads the text as a duration.
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
                .len();
        if !rest[..digits].bytes().any(|b| b.is_ascii_digit()) || rest[..digits].matches('.').count() > 1 {
            return false;
        }
        rest = &rest[digits..];
        let units = ["ns", "us", "µs", "ms", "s", "m", "h"];
        let Some(after) = units.iter().find_map(|u| rest.strip_prefix(u)) else {
            return false;
        };
        rest = after;
    }
    true
}

/// Paths that name no resource.
fn document(core: &Core, request: &Request) -> Result<Answer> {
    let accept = request.accept();
    let query = discovery::Query {
        path: &request.path,
        query: &request.raw_query,
        accept: &accept,
        if_none_match: request.header(&http::header::IF_NONE_MATCH),
        server_address: request.header(&http::header::HOST),
    };
    let Some(answer) = core.documents.answer(&query) else {
        let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
        let served = |group: &str| builtin_group(group);
        return match parts.as_slice() {
            ["api", _] => Err(StatusError::page_not_found()),
            ["apis", group, _] if served(group) => Err(StatusError::page_not_found()),
            _ => Ok(nowhere()),
        };
    };
    if request.method != Method::GET && discovery::read_only(&request.path) {
        return Err(StatusError::method_not_allowed());
    }
    let code = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let encoded = match answer.body {
        discovery::Body::Raw(bytes) => Answer::raw(code, bytes),
        discovery::Body::Object(value) => {
            let accepted = accept::negotiate(&accept, Endpoint::Document)?;
            Answer::value(code, &value, accepted)
        }
    };
    Ok(encoded.with_headers(&answer.headers))
}

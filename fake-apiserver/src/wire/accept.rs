//! Content negotiation of answers.
//!
//! The real server negotiates twice: its router compares bare media types with what a route produces, then the handler
//! reads the parameters. Both refuse in their own words. Custom resources have no router.
//!
//! **Invariant:** protobuf is never chosen: where a client asks for it first, the next clause decides.

use crate::status::{Details, Result, StatusError};

/// The encodings of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Encoding {
    #[default]
    Json,
    Yaml,
}

/// The forms an object or list can take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    #[default]
    Object,
    /// `PartialObjectMetadata` in `meta.k8s.io` of the version.
    Metadata(MetaVersion),
    /// `PartialObjectMetadataList`.
    MetadataList(MetaVersion),
    /// `Table`.
    Table(MetaVersion),
}

/// The versions of `meta.k8s.io` that forms are served in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetaVersion {
    V1,
    V1Beta1,
}

/// What was agreed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) encoding: Encoding,
    pub(crate) form: Form,
    /// Line breaks and indentation.
    pub(crate) pretty: bool,
}

/// What an endpoint can answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A route of a built-in resource; `lists` where it can answer with a list or watch.
    Builtin { lists: bool },
    /// A custom resource.
    Custom,
    /// A document: no forms.
    Document,
}

const OBJECTS: &str = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
const STREAMS: &str = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

// === impl MetaVersion ===

impl MetaVersion {
    /// The `apiVersion` of the form.
    pub(crate) fn api_version(self) -> &'static str {
        match self {
            Self::V1 => "meta.k8s.io/v1",
            Self::V1Beta1 => "meta.k8s.io/v1beta1",
        }
    }
}

/// Chooses the encoding and form for an `Accept` header, empty where there is none.
pub(crate) fn negotiate(accept: &str, endpoint: Endpoint) -> Result<Accepted> {
    if accept.is_empty() {
        return Ok(Accepted::default());
    }
    if accept == "application/json" {
        return Ok(Accepted::default());
    }
    if let Endpoint::Builtin { lists } = endpoint
        && !accept.split(',').any(|clause| is_routed(bare(clause)))
    {
        let also = if lists {
            format!(", {STREAMS}")
        } else {
            String::new()
        };
        return Err(not_acceptable(format!(
            "406: Not Acceptable\n\nAvailable representations: {OBJECTS}{also}"
        ))
        .details(Details::default()));
    }
    let mut clauses: Vec<Clause<'_>> = accept.split(',').map(Clause::parse).collect();
    clauses.sort_by(|a, b| b.quality.total_cmp(&a.quality));
    clauses
        .iter()
        .find_map(|clause| clause.accept(endpoint))
        .ok_or_else(|| not_acceptable(format!("only the following media types are accepted: {OBJECTS}")))
}

/// The refusal to watch in an encoding that has no frames.
pub(crate) fn no_such_stream() -> StatusError {
    not_acceptable(format!("only the following media types are accepted: {STREAMS}"))
}

/// A refusal of what the client accepts.
pub(crate) fn not_acceptable(message: impl Into<String>) -> StatusError {
    StatusError::new(406, "NotAcceptable", message)
}

struct Clause<'a> {
    media: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    quality: f64,
}

// === impl Clause ===

impl<'a> Clause<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';');
        let media = parts.next().unwrap_or_default().trim();
        let mut quality = 1.0;
        let mut parameters = Vec::new();
        for part in parts {
            let Some((name, value)) = part.split_once('=') else {
                continue;
            };
            match (name.trim(), value.trim()) {
                ("q", q) => quality = q.parse().unwrap_or(1.0),
                other => parameters.push(other),
            }
        }
        Self {
            media,
            parameters,
            quality,
        }
    }

    fn accept(&self, endpoint: Endpoint) -> Option<Accepted> {
        let encoding = match self.media {
            "application/json" | "application/*" | "*/*" => Encoding::Json,
            "application/yaml" => Encoding::Yaml,
            _ => return None,
        };
        let mut accepted = Accepted {
            encoding,
            ..Accepted::default()
        };
        let (mut kind, mut group, mut version) = ("", "", "");
        for (name, value) in &self.parameters {
            match *name {
                "as" => kind = value,
                "g" => group = value,
                "v" => version = value,
                "pretty" => accepted.pretty = *value == "1",
                "stream" if *value != "watch" || endpoint == Endpoint::Document => return None,
                _ => {}
            }
        }
        if kind.is_empty() {
            return Some(accepted);
        }
        if endpoint == Endpoint::Document || group != "meta.k8s.io" {
            return None;
        }
        let version = match version {
            "v1" => MetaVersion::V1,
            "v1beta1" => MetaVersion::V1Beta1,
            _ => return None,
        };
        accepted.form = match kind {
            "Table" => Form::Table(version),
            "PartialObjectMetadata" => Form::Metadata(version),
            "PartialObjectMetadataList" => Form::MetadataList(version),
            _ => return None,
        };
        Some(accepted)
    }
}

fn bare(clause: &str) -> &str {
    clause.split(';').next().unwrap_or_default().trim()
}

fn is_routed(media: &str) -> bool {
    media == "*/*" || OBJECTS.split(", ").any(|m| m == media)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Endpoint = Endpoint::Builtin { lists: false };

    #[track_caller]
    fn message(accept: &str, endpoint: Endpoint) -> String {
        negotiate(accept, endpoint).unwrap_err().message().to_owned()
    }

    #[test]
    fn the_first_usable_clause_decides() {
        let json = Accepted::default();
        for accept in [
            "",
            "*/*",
            "application/vnd.kubernetes.protobuf,application/json",
            "text/html, */*",
        ] {
            assert_eq!(negotiate(accept, ONE).unwrap(), json, "{accept}");
        }
        let yaml = negotiate("application/json;q=0.5, application/yaml", ONE).unwrap();
        assert_eq!(yaml.encoding, Encoding::Yaml);
    }

    #[test]
    fn forms_need_their_group_and_version() {
        let form = |accept| negotiate(accept, ONE).map(|a| a.form);
        assert_eq!(
            form("application/json;as=Table;g=meta.k8s.io;v=v1").unwrap(),
            Form::Table(MetaVersion::V1)
        );
        for accept in [
            "application/json;as=Table;g=meta.k8s.io;v=v2",
            "application/json;as=Table",
            "application/json;as=Other;g=meta.k8s.io;v=v1",
        ] {
            assert!(message(accept, ONE).starts_with("only the following"), "{accept}");
        }
        let fallback = "application/json;as=Table;g=meta.k8s.io;v=v2,application/json";
        assert_eq!(form(fallback).unwrap(), Form::Object);
    }

    #[test]
    fn a_route_and_a_handler_refuse_in_their_own_words() {
        assert!(message("application/*", ONE).starts_with("406: Not Acceptable"));
        assert!(message("text/html", Endpoint::Builtin { lists: true }).ends_with("protobuf;stream=watch"));
        assert!(negotiate("application/*", Endpoint::Custom).is_ok());
        assert!(message("text/html", Endpoint::Custom).starts_with("only the following"));
    }
}

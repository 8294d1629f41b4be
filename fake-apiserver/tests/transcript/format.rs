//! The recorded files as data.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::json::Json;

/// One recorded conversation with a fresh server.
#[derive(Debug)]
pub(crate) struct Transcript {
    /// `area/name`.
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) enum Step {
    Exchange {
        request: Request,
        expected: Value,
        captures: Vec<(String, String)>,
        until: bool,
    },
    Watch {
        id: String,
        request: Request,
        expected: Value,
    },
    Events {
        id: String,
        expected: Value,
        closed: bool,
        bookmarks: bool,
    },
    Compact,
    Sleep(Duration),
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// `None` takes a default header away.
    pub(crate) headers: Vec<(String, Option<String>)>,
    pub(crate) payload: Payload,
}

#[derive(Debug)]
pub(crate) enum Payload {
    None,
    Json(Json),
    Raw(String),
}

impl Transcript {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
        let json = Json::parse(&text)?;
        let name = json
            .get("name")
            .and_then(Json::as_str)
            .ok_or("no name")?
            .to_owned();
        let steps = json.get("steps").and_then(Json::as_array).ok_or("no steps")?;
        Ok(Self {
            name,
            steps: steps
                .iter()
                .enumerate()
                .map(|(i, step)| Step::parse(step).map_err(|e| format!("step {i}: {e}")))
                .collect::<Result<_, _>>()?,
        })
    }

    /// What the name begins with; results are counted by it.
    pub(crate) fn area(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The steps that are compared, with the labels they are reported under.
    pub(crate) fn compared(&self) -> impl Iterator<Item = (usize, String)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(i, step)| Some((i, step.label()?)))
    }
}

impl Step {
    fn parse(json: &Json) -> Result<Self, String> {
        if let Some(control) = json.get("control") {
            return match control.as_str() {
                Some("compact") => Ok(Self::Compact),
                other => Err(format!("unknown control {other:?}")),
            };
        }
        if let Some(Json::Number(seconds)) = json.get("sleep") {
            let seconds = seconds.parse().map_err(|_| "sleep of no number")?;
            return Duration::try_from_secs_f64(seconds)
                .map(Self::Sleep)
                .map_err(|e| e.to_string());
        }
        if let Some(id) = json.get("events").and_then(Json::as_str) {
            let flag = |key| json.get(key).and_then(Json::as_bool).ok_or(format!("no {key}"));
            let expected = json.get("expect").ok_or("no expected events")?.to_value();
            return Ok(Self::Events {
                id: id.to_owned(),
                expected,
                closed: flag("closed")?,
                bookmarks: flag("bookmarks")?,
            });
        }
        let request = Request::parse(
            json.get("request")
                .ok_or("neither request, events, control nor sleep")?,
        )?;
        let expected = json.get("response").ok_or("no response")?.to_value();
        if let Some(id) = json.get("watch").and_then(Json::as_str) {
            return Ok(Self::Watch {
                id: id.to_owned(),
                request,
                expected,
            });
        }
        let captures = match json.get("capture") {
            Some(Json::Object(fields)) => fields
                .iter()
                .map(|(name, pointer)| Some((name.clone(), pointer.as_str()?.to_owned())))
                .collect::<Option<_>>()
                .ok_or("capture of no pointer")?,
            _ => Vec::new(),
        };
        let until = json.get("until").and_then(Json::as_bool).unwrap_or(false);
        Ok(Self::Exchange {
            request,
            expected,
            captures,
            until,
        })
    }

    fn label(&self) -> Option<String> {
        match self {
            Self::Exchange { request, .. } => Some(format!("{} {}", request.method, request.path)),
            Self::Watch { request, .. } => Some(format!("WATCH {} {}", request.method, request.path)),
            Self::Events { id, .. } => Some(format!("EVENTS {id}")),
            Self::Compact | Self::Sleep(_) => None,
        }
    }
}

impl Request {
    fn parse(json: &Json) -> Result<Self, String> {
        let headers = match json.get("headers") {
            Some(Json::Object(fields)) => fields
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned)))
                .collect(),
            _ => Vec::new(),
        };
        let payload = match (json.get("raw").and_then(Json::as_str), json.get("body")) {
            (Some(raw), _) => Payload::Raw(raw.to_owned()),
            (None, Some(body)) => Payload::Json(body.clone()),
            (None, None) => Payload::None,
        };
        Ok(Self {
            method: json
                .get("method")
                .and_then(Json::as_str)
                .unwrap_or("GET")
                .to_owned(),
            path: json
                .get("path")
                .and_then(Json::as_str)
                .ok_or("no path")?
                .to_owned(),
            headers,
            payload,
        })
    }
}

/// The transcripts below a folder, by path.
pub(crate) fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|e| e == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

//! What happened in a run, for people.

use std::{fmt, sync::Arc, time::Duration};

use super::{Fate, Site, Verb};

/// Something that happened, and when.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Event {
    /// The virtual time since the start.
    pub at: Duration,
    /// The newest revision then.
    pub revision: u64,
    /// What it was.
    pub what: Happening,
}

/// What can happen in a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Happening {
    /// A process started, for the so-manieth time.
    Started(Arc<str>, u32),
    /// A process was killed.
    Crashed(Arc<str>),
    /// A process ended by itself, with what it panicked with.
    Ended(Arc<str>, Option<String>),
    /// The server dealt with a request.
    Request(Exchange),
    /// A change was told to a process that watches: the watch, and the line as it was sent.
    Told(Arc<Site>, String),
    /// One of the cluster's controllers, the user or somebody else changed an object.
    Changed(Change),
    /// Something went wrong on purpose.
    Fault(String),
    /// The user did something.
    User(String),
}

/// A request and what came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// Who asked for what.
    pub site: Arc<Site>,
    /// The request's line, `PATCH /api/v1/…`.
    pub request: String,
    /// The request's body.
    pub body: String,
    /// The code of the answer; none where there was no answer.
    pub code: Option<u16>,
    /// The answer's body, unless it is a stream.
    pub answer: String,
    /// What was done to it.
    pub fate: Option<Fate>,
    /// The revision that it wrote, if it changed something.
    pub wrote: Option<u64>,
}

/// A change of an object by somebody who is no process.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// Who changed it.
    pub writer: &'static str,
    /// The resource, and the object's key.
    pub object: String,
    /// `created`, `changed` or `deleted`.
    pub how: &'static str,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9.3}s @{:<4} ", self.at.as_secs_f64(), self.revision)?;
        match &self.what {
            Happening::Started(name, 1) => write!(f, "{name:<10} | starts"),
            Happening::Started(name, times) => {
                write!(f, "{name:<10} | starts anew ({times}), with an empty memory")
            }
            Happening::Crashed(name) => write!(f, "{name:<10} | CRASHES"),
            Happening::Ended(name, None) => write!(f, "{name:<10} | returns"),
            Happening::Ended(name, Some(panic)) => write!(f, "{name:<10} | PANICS: {panic}"),
            Happening::Request(exchange) => write!(f, "{:<10} | {exchange}", exchange.site.process),
            Happening::Told(site, line) => {
                let line: String = line.chars().take(100).collect();
                write!(f, "{:<10} < {} {line}", site.process, site.resource)
            }
            Happening::Changed(change) => {
                write!(f, "{:<10} | {} {}", change.writer, change.object, change.how)
            }
            Happening::Fault(fault) => write!(f, "{:<10} | {fault}", "FAULT"),
            Happening::User(step) => write!(f, "{:<10} | {step}", "user"),
        }
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site {
            verb, resource, key, ..
        } = &*self.site;
        write!(f, "{verb} {resource} {key} -> ")?;
        match self.code {
            Some(code) => write!(f, "{code}")?,
            None => f.write_str("no answer")?,
        }
        if let Some(revision) = self.wrote {
            write!(f, ", now @{revision}")?;
        }
        if let Some(fate) = &self.fate {
            write!(f, "  <== {fate}")?;
        }
        if verb.is_write() && !self.body.is_empty() && *verb != Verb::Delete {
            let body: String = self.body.chars().take(120).collect();
            write!(f, "  {body}")?;
        }
        Ok(())
    }
}

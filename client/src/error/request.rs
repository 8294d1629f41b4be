//! A request that was not answered: which one, how far it came, and what that proves.

use std::{error::Error as StdError, fmt, io};

use hyper_util::client::legacy;
use tower::BoxError;

use super::{Error, NotSent, Outcome};
use crate::core::Verb;

/// A request without a whole answer.
///
/// It names the verb, the path and, where the request carried it, the server. The query is left out, because it can
/// hold what a user typed into a container.
#[derive(Debug)]
pub struct RequestError {
    target: Target,
    /// The head of the answer arrived; its body did not.
    answered: bool,
    source: BoxError,
}

impl RequestError {
    /// What the request wanted.
    pub fn verb(&self) -> Verb {
        self.target.verb
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        self.target.uri.path()
    }

    /// The host that the request named, if it named one.
    pub fn host(&self) -> Option<&str> {
        self.target.uri.host()
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.answered {
            write!(f, "the answer to {} broke off", self.target)
        } else {
            write!(f, "there was no answer to {}", self.target)
        }
    }
}

impl StdError for RequestError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}

/// What an error remembers of its request.
#[derive(Clone)]
pub(crate) struct Target {
    verb: Verb,
    uri: http::Uri,
}

impl Target {
    pub(crate) fn of<B>(request: &http::Request<B>) -> Self {
        Self::new(Verb::of(request), request)
    }

    pub(crate) fn new<B>(verb: Verb, request: &http::Request<B>) -> Self {
        Self {
            verb,
            uri: request.uri().clone(),
        }
    }

    pub(crate) fn verb(&self) -> Verb {
        self.verb
    }

    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// Adds the request to an error of the service or of the body that does not know it yet.
    pub(crate) fn explain(&self, answered: bool, error: Error) -> Error {
        match error {
            Error::Service(source) if !source.is::<RequestError>() => {
                Error::Service(Box::new(RequestError {
                    target: self.clone(),
                    answered,
                    source,
                }))
            }
            other => other,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.verb, self.uri.path())?;
        // Not the whole authority: it can carry a password.
        match (self.uri.host(), self.uri.port_u16()) {
            (Some(host), Some(port)) => write!(f, " at {host}:{port}"),
            (Some(host), None) => write!(f, " at {host}"),
            (None, _) => Ok(()),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// What is known of a request that was not answered.
pub(super) fn outcome(error: &(dyn StdError + 'static)) -> Outcome {
    let request = error.downcast_ref::<RequestError>();
    let read_only = request.is_some_and(|error| error.verb().is_read_only());
    let answered = request.is_some_and(|error| error.answered);
    if read_only || !answered && proves_not_sent(error) {
        Outcome::NotApplied { retry_after: None }
    } else {
        Outcome::Unknown
    }
}

pub(super) fn is_timeout(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|error| {
        error.is::<crate::env::Elapsed>()
            || error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::TimedOut)
    })
}

/// The request did not leave: the error says so itself, or anything that it came from.
pub(crate) fn proves_not_sent(error: &(dyn StdError + 'static)) -> bool {
    for error in chain(error) {
        if is_from_before_sending(error) {
            return true;
        }
        // Below is what befell a connection, which there was: a system tells it of an unreachable host, too, after the request was written.
        if error.is::<hyper::Error>() || error.is::<h2::Error>() {
            return false;
        }
    }
    false
}

/// These kinds come from connecting. A reset, a broken pipe or a timeout can also follow a request that was read.
fn is_from_before_sending(error: &(dyn StdError + 'static)) -> bool {
    error.is::<NotSent>()
        || error
            .downcast_ref::<legacy::Error>()
            .is_some_and(legacy::Error::is_connect)
        || error.downcast_ref::<io::Error>().is_some_and(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::AddrNotAvailable
                    | io::ErrorKind::HostUnreachable
                    | io::ErrorKind::NetworkUnreachable
            )
        })
}

/// An error, its source, the source of that, and so on.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

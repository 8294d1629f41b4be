//! What can go wrong between a call and its answer.
//!
//! One [`Error`] for the whole crate. Match on the variants where you must; ask the questions (`is_not_found`,
//! [`outcome`](Error::outcome), [`retry_after`](Error::retry_after)) where you can, because they also know the forms
//! that an answer takes on its way through proxies and load balancers.
//!
//! Reading order: [`Error`], `request.rs` (a request without an answer), `outcome.rs` (what a failed write left behind).

mod conflict;
mod outcome;
mod request;

use std::{string::FromUtf8Error, time::Duration};

use tower::BoxError;

pub(crate) use self::request::{Target, proves_not_sent};
pub use self::{
    conflict::ApplyConflict,
    outcome::{Outcome, OutcomeUnknown},
    request::RequestError,
};
use crate::{
    config::{InferConfigError, KubeconfigError},
    transport::{AuthError, RustlsTlsError, SetupError},
};
pub use crate::{
    core::{ErrorResponse, Status},
    transport::NotSent,
};

/// The reason of the cause that marks a [`Status`] made here out of an answer that was not one.
///
/// The word is the one that Kubernetes' Go client uses.
pub(crate) const UNEXPECTED_SERVER_RESPONSE: &str = "UnexpectedServerResponse";

/// The result of a call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// `Display` prints this level only; follow [`source`](std::error::Error::source) for the rest. Its wording may change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered with an error.
    ///
    /// An answer that is no Kubernetes `Status`, such as the HTML page of a proxy, becomes one: its code and reason
    /// follow the HTTP status, and a cause with reason `UnexpectedServerResponse` keeps the text.
    #[error("the server answered: {0}")]
    Api(Box<Status>),

    /// The service below the client failed: no answer, or one that broke off.
    ///
    /// The box holds a [`RequestError`] whose source is the service's own error.
    #[error("the request was not answered")]
    Service(#[source] BoxError),

    /// A write whose answer was lost was sent again, and nothing that came back tells what became of the first attempt.
    ///
    /// Read the object before you write again.
    #[error("it is not known whether the request was applied")]
    OutcomeUnknown(#[source] Box<OutcomeUnknown>),

    /// The answer is not the JSON that was expected.
    #[error("the answer could not be decoded")]
    SerdeError(#[source] serde_json::Error),

    /// The request could not be built.
    #[error("the request could not be built")]
    BuildRequest(#[source] crate::core::request::Error),

    /// The parts of the request do not make valid HTTP.
    #[error("the request is not valid HTTP")]
    HttpError(#[source] http::Error),

    /// The stream of watch events broke off.
    #[error("the watch stream broke off")]
    ReadEvents(#[source] std::io::Error),

    /// The answer is no websocket.
    #[error("the connection could not be upgraded to a websocket")]
    UpgradeConnection(#[source] UpgradeConnectionError),

    /// The answer is not UTF-8.
    #[error("the answer is not UTF-8")]
    FromUtf8(#[source] FromUtf8Error),

    /// A watch event is longer than this client reads.
    #[error("a watch event is too long to be read")]
    LinesCodecMaxLineLengthExceeded,

    /// Discovery did not find what was asked for.
    #[error("discovery failed")]
    Discovery(#[source] DiscoveryError),

    /// A reference does not name an object that can be fetched.
    #[error("the reference cannot be resolved: {0}")]
    RefResolve(String),

    /// No cluster was found: neither the kubeconfig nor the in-cluster configuration can be used.
    #[error("no configuration was found")]
    InferConfig(#[source] InferConfigError),

    /// The kubeconfig cannot be used.
    #[error("the kubeconfig cannot be used")]
    InferKubeconfig(#[source] KubeconfigError),

    /// The credentials cannot be had or used.
    #[error("the credentials cannot be used")]
    Auth(#[source] AuthError),

    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    RustlsTls(#[source] RustlsTlsError),

    /// The server is reached by TLS, which this build cannot speak.
    #[error(
        "the server's URL needs TLS: enable the feature `rustls-tls` or `openssl-tls`, or use an `http` URL"
    )]
    TlsRequired,

    /// The proxy is of a kind that this build cannot use.
    #[error("the proxy {proxy_url} needs the feature `{protocol_feature}`")]
    ProxyProtocolDisabled {
        /// The proxy, without its password.
        proxy_url: Box<http::Uri>,
        /// The feature to enable.
        protocol_feature: &'static str,
    },

    /// The proxy is of a kind that nobody knows.
    #[error("the proxy {proxy_url} is neither an HTTP nor a SOCKS5 proxy")]
    ProxyProtocolUnsupported {
        /// The proxy, without its password.
        proxy_url: Box<http::Uri>,
    },
}

/// Why an answer is no websocket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeConnectionError {
    /// The server answered, but went on in HTTP.
    #[error("the server answered {0} instead of switching protocols")]
    ProtocolSwitch(http::StatusCode),
    /// The header `Upgrade` does not say `websocket`.
    #[error("the answer does not upgrade to a websocket")]
    MissingUpgradeWebSocketHeader,
    /// The header `Connection` does not say `Upgrade`.
    #[error("the answer does not upgrade the connection")]
    MissingConnectionUpgradeHeader,
    /// The answer is to another request.
    #[error("the answer does not fit the key that was sent")]
    SecWebSocketAcceptKeyMismatch,
    /// The server speaks none of the protocols that this client does.
    #[error("the server chose no protocol that was offered")]
    SecWebSocketProtocolMismatch,
    /// The transport did not hand over the connection.
    #[error("the connection was not handed over")]
    GetPendingUpgrade(#[source] BoxError),
}

/// Why discovery did not find what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    /// This is not a group and version.
    #[error("invalid group version: {0}")]
    InvalidGroupVersion(String),
    /// The server does not serve this kind.
    #[error("missing kind: {0}")]
    MissingKind(String),
    /// The server does not serve this group.
    #[error("missing api group: {0}")]
    MissingApiGroup(String),
    /// The server does not serve this resource.
    #[error("missing resource: {0}")]
    MissingResource(String),
    /// The server names this group, but serves no version of it.
    #[error("empty api group: {0}")]
    EmptyApiGroup(String),
}

impl Error {
    /// What the server said, if it said anything.
    pub fn status(&self) -> Option<&Status> {
        match self {
            Self::Api(status) => Some(status),
            _ => None,
        }
    }

    /// The object, or the resource, is not there (404).
    ///
    /// See [`is_not_served`](Self::is_not_served) to tell the two apart.
    pub fn is_not_found(&self) -> bool {
        self.status().is_some_and(Status::is_not_found)
    }

    /// The server does not know the path (404), so that there cannot be an object: its CRD is not installed, or not
    /// served yet, or the version of the API was removed.
    pub fn is_not_served(&self) -> bool {
        match self {
            Self::Api(status) => status.is_not_found() && outcome::is_foreign(status),
            Self::Discovery(error) => !matches!(error, DiscoveryError::InvalidGroupVersion(_)),
            _ => false,
        }
    }

    /// The object changed meanwhile, or a precondition or the ownership of a field stood in the way (409 `Conflict`).
    pub fn is_conflict(&self) -> bool {
        self.status().is_some_and(Status::is_conflict)
    }

    /// There is an object of that name already (409 `AlreadyExists`).
    pub fn is_already_exists(&self) -> bool {
        self.status().is_some_and(Status::is_already_exists)
    }

    /// The resource version or the continue token is too old (410): list again from the start.
    pub fn is_expired(&self) -> bool {
        self.status().is_some_and(Status::is_expired)
    }

    /// The server, or a disruption budget, asks to come back later (429).
    pub fn is_too_many_requests(&self) -> bool {
        self.status().is_some_and(Status::is_too_many_requests)
    }

    /// The credentials are missing or no longer good (401).
    pub fn is_unauthorized(&self) -> bool {
        self.status().is_some_and(Status::is_unauthorized)
    }

    /// Not allowed: by the rules of access, by admission, or by a quota (403).
    pub fn is_forbidden(&self) -> bool {
        self.status().is_some_and(Status::is_forbidden)
    }

    /// The object breaks the rules of its kind (422).
    pub fn is_invalid(&self) -> bool {
        self.status().is_some_and(Status::is_invalid)
    }

    /// Time ran out: the server's (504, `Timeout`, `ServerTimeout`), or one set on the way there.
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Api(status) => status.is_timeout() || status.is_server_timeout(),
            Self::Service(error) => request::is_timeout(error.as_ref()),
            Self::OutcomeUnknown(unknown) => unknown.first().is_timeout(),
            _ => false,
        }
    }

    /// Who owns the fields that an apply wants, field by field; empty for other errors.
    pub fn apply_conflicts(&self) -> Vec<ApplyConflict> {
        let details = self.status().and_then(|status| status.details.as_ref());
        let causes = details.into_iter().flat_map(|details| &details.causes);
        causes.filter_map(ApplyConflict::of).collect()
    }

    /// How long the server asks to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.status()?.retry_after()
    }

    /// What a failed write left behind, and so what may be done about it.
    ///
    /// Of a request that only reads, `Unknown` and `NotApplied` come to the same.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Api(status) => Outcome::of_status(status),
            Self::Service(error) => request::outcome(error.as_ref()),
            // The server did answer a request; what it did, the answer does not tell.
            Self::SerdeError(_) | Self::FromUtf8(_) | Self::OutcomeUnknown(_) => Outcome::Unknown,
            Self::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(_)) => Outcome::Terminal,
            // It did switch protocols, and may have begun what it was asked for.
            Self::UpgradeConnection(_) => Outcome::Unknown,
            Self::ReadEvents(_) | Self::LinesCodecMaxLineLengthExceeded => {
                Outcome::NotApplied { retry_after: None }
            }
            Self::BuildRequest(_)
            | Self::HttpError(_)
            | Self::Discovery(_)
            | Self::RefResolve(_)
            | Self::InferConfig(_)
            | Self::InferKubeconfig(_)
            | Self::Auth(_)
            | Self::RustlsTls(_)
            | Self::TlsRequired
            | Self::ProxyProtocolDisabled { .. }
            | Self::ProxyProtocolUnsupported { .. } => Outcome::Terminal,
        }
    }

    /// The error of a service or a body: one of ours that travelled through it, or `Service`.
    pub(crate) fn from_service(error: BoxError) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(error) => return *error,
            Err(error) => error,
        };
        match error.downcast::<AuthError>() {
            Ok(error) => Self::Auth(*error),
            Err(error) => Self::Service(error),
        }
    }
}

impl From<crate::core::request::Error> for Error {
    fn from(error: crate::core::request::Error) -> Self {
        Self::BuildRequest(error)
    }
}

impl From<InferConfigError> for Error {
    fn from(error: InferConfigError) -> Self {
        Self::InferConfig(error)
    }
}

impl From<KubeconfigError> for Error {
    fn from(error: KubeconfigError) -> Self {
        Self::InferKubeconfig(error)
    }
}

impl From<AuthError> for Error {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<RustlsTlsError> for Error {
    fn from(error: RustlsTlsError) -> Self {
        Self::RustlsTls(error)
    }
}

impl From<SetupError> for Error {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Kubeconfig(error) => Self::InferKubeconfig(error),
            SetupError::Auth(error) => Self::Auth(error),
            SetupError::Tls(error) => Self::RustlsTls(error),
            SetupError::TlsRequired => Self::TlsRequired,
            SetupError::ProxyDisabled {
                proxy_url,
                protocol_feature,
            } => Self::ProxyProtocolDisabled {
                proxy_url,
                protocol_feature,
            },
            SetupError::ProxyUnsupported { proxy_url } => Self::ProxyProtocolUnsupported { proxy_url },
        }
    }
}

impl From<DiscoveryError> for Error {
    fn from(error: DiscoveryError) -> Self {
        Self::Discovery(error)
    }
}

#[cfg(test)]
mod tests;

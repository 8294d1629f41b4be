//! What can be wrong with a configuration, and where.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use http::uri::InvalidUri;

/// Why a kubeconfig cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KubeconfigError {
    /// No context was asked for, and the kubeconfig names none.
    #[error("the kubeconfig has no `current-context`: set it, or choose a context")]
    CurrentContextNotSet,

    /// Two kubeconfigs of different kinds cannot be merged.
    #[error("kubeconfigs with different values of `kind` cannot be merged")]
    KindMismatch,

    /// Two kubeconfigs of different versions cannot be merged.
    #[error("kubeconfigs with different values of `apiVersion` cannot be merged")]
    ApiVersionMismatch,

    /// There is no context of this name.
    #[error("the kubeconfig has no context `{0}`")]
    LoadContext(String),

    /// There is no cluster of this name.
    #[error("the kubeconfig has no cluster `{0}`")]
    LoadClusterOfContext(String),

    /// There is no kubeconfig: neither `KUBECONFIG` nor a home directory is set.
    #[error("there is no kubeconfig: neither KUBECONFIG nor the home directory is set")]
    FindPath,

    /// A file cannot be read.
    #[error("the kubeconfig {} cannot be read", .1.display())]
    ReadConfig(#[source] io::Error, PathBuf),

    /// The text is not a kubeconfig.
    #[error("the kubeconfig cannot be parsed")]
    Parse(#[source] Box<ParseError>),

    /// The cluster has no server.
    #[error("the cluster has no server")]
    MissingClusterUrl(#[source] FieldError<Missing>),

    /// The server is not a URL.
    #[error("the server is not a URL")]
    ParseClusterUrl(#[source] FieldError<InvalidUri>),

    /// The proxy is not a URL.
    #[error("the proxy is not a URL")]
    ParseProxyUrl(#[source] FieldError<InvalidUri>),

    /// The certificate authorities cannot be read.
    #[error("the certificate authorities cannot be read")]
    LoadCertificateAuthority(#[source] FieldError<LoadDataError>),

    /// The client certificate cannot be read.
    #[error("the client certificate cannot be read")]
    LoadClientCertificate(#[source] FieldError<LoadDataError>),

    /// The key of the client certificate cannot be read.
    #[error("the key of the client certificate cannot be read")]
    LoadClientKey(#[source] FieldError<LoadDataError>),

    /// The certificate authorities are no certificates.
    #[error("the certificate authorities are not certificates")]
    ParseCertificates(#[source] FieldError<PemError>),
}

/// What is wrong with one field of a kubeconfig.
///
/// Prints where: the file, the entry and the field. What is wrong is the [`source`](std::error::Error::source).
#[derive(Debug)]
pub struct FieldError<E>(
    // Small, because it is a part of the errors of calls.
    Box<Field<E>>,
);

#[derive(Debug)]
struct Field<E> {
    file: Option<PathBuf>,
    name: String,
    source: E,
}

impl<E> FieldError<E> {
    pub(crate) fn new(file: Option<PathBuf>, name: String, source: E) -> Self {
        Self(Box::new(Field { file, name, source }))
    }

    /// The file, if the field came from one.
    pub fn file(&self) -> Option<&Path> {
        self.0.file.as_deref()
    }

    /// The field, with the entry that it belongs to.
    pub fn field(&self) -> &str {
        &self.0.name
    }

    /// What is wrong.
    pub fn into_inner(self) -> E {
        self.0.source
    }
}

impl<E> fmt::Display for FieldError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.0.file {
            write!(f, "{}: ", file.display())?;
        }
        f.write_str(&self.0.name)
    }
}

impl<E: std::error::Error + 'static> std::error::Error for FieldError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.source)
    }
}

/// Why a text is not a kubeconfig.
///
/// It says where and what was expected, and quotes nothing: the text may hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub(super) file: Option<PathBuf>,
    pub(super) line: Option<u64>,
    pub(super) column: Option<u64>,
    pub(super) field: Option<String>,
    pub(super) problem: String,
}

impl ParseError {
    /// The file, if the text came from one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The field, such as `users[0].user.exec`.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for ParseError {}

/// There is nothing where something has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is missing or empty")]
pub struct Missing;

/// Why the data of a field cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadDataError {
    /// It is not base64.
    #[error("it is not base64")]
    DecodeBase64,
    /// Its file cannot be read.
    #[error("the file {} cannot be read", .1.display())]
    ReadFile(#[source] io::Error, PathBuf),
    /// There is neither data nor the path of a file.
    #[error("there is neither data nor a file")]
    NoBase64DataOrFile,
}

/// Why a text is not PEM.
///
/// It quotes nothing: the text may be a private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// There is no section of the kind that was looked for.
    #[error("there is no such PEM section")]
    NoItemsFound,
    /// A section has a broken first line, a broken last line, or none.
    #[error("a PEM section is cut short")]
    Section,
    /// What is between the lines is not base64.
    #[error("a PEM section is not base64")]
    Base64,
}

/// Why the in-cluster configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InClusterError {
    /// An environment variable is not set.
    #[error("{0} is not set: this is not a pod, or its environment was cleared")]
    ReadEnvironmentVariable(&'static str),
    /// The port is not one.
    #[error("KUBERNETES_SERVICE_PORT is not a port")]
    ParseClusterPort(#[source] std::num::ParseIntError),
    /// The host and the port do not make a URL.
    #[error("KUBERNETES_SERVICE_HOST is not a host")]
    ParseClusterUrl(#[source] InvalidUri),
    /// The proxy that the environment names is not a URL.
    #[error("the proxy is not a URL")]
    ParseProxyUrl(#[source] FieldError<InvalidUri>),
    /// The file with the namespace cannot be read.
    #[error("the namespace file {} cannot be read", .1.display())]
    ReadDefaultNamespace(#[source] io::Error, PathBuf),
    /// The file with the certificate authorities cannot be read.
    #[error("the CA file {} cannot be read", .1.display())]
    ReadCertificateBundle(#[source] io::Error, PathBuf),
    /// The file with the certificate authorities holds none.
    #[error("the CA file {} holds no certificates", .1.display())]
    ParseCertificates(#[source] PemError, PathBuf),
}

/// Why no cluster was found: neither the kubeconfig nor the in-cluster configuration can be used.
#[derive(Debug)]
pub struct InferConfigError(
    // Small, because it is a part of the errors of calls. The kubeconfig is what a user can mend, so it is the source.
    Box<(KubeconfigError, InClusterError)>,
);

impl InferConfigError {
    pub(super) fn new(kubeconfig: KubeconfigError, in_cluster: InClusterError) -> Self {
        Self(Box::new((kubeconfig, in_cluster)))
    }

    /// Why the kubeconfig cannot be used.
    pub fn kubeconfig(&self) -> &KubeconfigError {
        &self.0.0
    }

    /// Why the in-cluster configuration cannot be used.
    pub fn in_cluster(&self) -> &InClusterError {
        &self.0.1
    }
}

impl fmt::Display for InferConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no cluster was found; not in a cluster ({}), and no usable kubeconfig",
            self.0.1
        )
    }
}

impl std::error::Error for InferConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.0)
    }
}

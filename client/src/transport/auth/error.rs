//! Why credentials cannot be had or used.

use std::{io, path::PathBuf, sync::Arc};

use http::header::InvalidHeaderValue;

use crate::{
    config::{FieldError, ParseError, PemError},
    transport::TlsError,
};

/// Why credentials cannot be had or used.
///
/// Sources stand behind an `Arc`, because all the requests that wait for one renewal get the same error.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The name or the password cannot stand in a header.
    #[error("the username or the password cannot stand in a header")]
    InvalidBasicAuth(#[source] Arc<InvalidHeaderValue>),

    /// The token cannot stand in a header.
    #[error("the bearer token cannot stand in a header")]
    InvalidBearerToken(#[source] Arc<FieldError<InvalidHeaderValue>>),

    /// The name, the UID, a group or an extra of the user to act as cannot stand in a header.
    #[error("whom to act as cannot stand in a header")]
    InvalidImpersonation(#[source] Arc<FieldError<http::Error>>),

    /// The file with the token cannot be read, or is empty.
    #[error("the token file {} (`tokenFile`) cannot be used", .1.display())]
    ReadTokenFile(#[source] Arc<io::Error>, PathBuf),

    /// The credential plugin cannot be used, for the reason given.
    #[error("the credential plugin cannot be used: {0}")]
    AuthExec(String),

    /// `exec` names no command.
    #[error("`exec` has no `command`")]
    MissingCommand,

    /// `exec` asks for the cluster to be told, and the configuration does not come from a kubeconfig.
    #[error("`exec` has `provideClusterInfo`, but there is no cluster to tell of")]
    ExecMissingClusterInfo,

    /// The credential plugin could not be started.
    #[error("the credential plugin `{cmd}` (`exec.command`) could not be started{}", hint(.install_hint.as_deref()))]
    AuthExecStart {
        /// The command.
        cmd: String,
        /// What the kubeconfig says to those who do not have the command.
        install_hint: Option<String>,
        /// What the system said.
        source: Arc<io::Error>,
    },

    /// The credential plugin failed.
    #[error("the credential plugin `{cmd}` (`exec.command`) failed: {out}")]
    AuthExecRun {
        /// The command.
        cmd: String,
        /// How it ended.
        out: Box<PluginOutput>,
    },

    /// The credential plugin took too long, and was killed.
    #[error("the credential plugin `{cmd}` (`exec.command`) was killed after {seconds} s")]
    AuthExecTimeout {
        /// The command.
        cmd: String,
        /// How long it had.
        seconds: u64,
    },

    /// What the credential plugin printed is not an `ExecCredential`.
    #[error("what the credential plugin `{cmd}` (`exec.command`) printed is no ExecCredential")]
    AuthExecParse {
        /// The command.
        cmd: String,
        /// Where, and what was expected.
        source: Box<ParseError>,
    },

    /// The credential plugin printed an `ExecCredential` without a status.
    #[error("the credential plugin gave no credentials: its ExecCredential has no `status`")]
    ExecPluginFailed,

    /// The time at which the token ends is none.
    #[error(
        "the time at which the token ends (`expirationTimestamp` of a credential plugin, `expiry` of an auth provider) is not an RFC 3339 timestamp"
    )]
    MalformedTokenExpirationDate(#[source] jiff::Error),

    /// What a command of an auth provider printed is not JSON.
    #[error("what the command of the auth provider printed is not JSON")]
    ParseTokenKey(#[source] Arc<serde_json::Error>),

    /// What a command of an auth provider printed holds no token where the kubeconfig says.
    #[error("what the command of the auth provider printed has no token at `{0}`")]
    MissingTokenKey(String),

    /// The token has ended, and the auth provider cannot get another.
    #[error(
        "the token has ended, and the auth provider `{0}` cannot get another: configure a credential plugin (`exec`)"
    )]
    UnrefreshableTokenResponse(String),

    /// This build, or nobody any more, knows the auth provider.
    #[error("the auth provider `{name}` cannot be used: {reason}")]
    AuthProvider {
        /// The name.
        name: String,
        /// Why, and what to do.
        reason: &'static str,
    },

    /// The token of OpenID Connect cannot be had.
    #[error("OpenID Connect failed")]
    Oidc(#[source] oidc_errors::Error),

    /// The default credentials of an application cannot be had or used.
    #[error("the default credentials of the application cannot be used")]
    OAuth(#[source] OAuthError),
}

impl AuthError {
    /// The token cannot stand in a header, and this is where it came from.
    pub(super) fn bearer(error: FieldError<InvalidHeaderValue>) -> Self {
        Self::InvalidBearerToken(Arc::new(error))
    }
}

fn hint(hint: Option<&str>) -> String {
    hint.map(|hint| format!(": {hint}")).unwrap_or_default()
}

/// How a command ended, without what it printed for us: that would be credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginOutput {
    /// `exit status: 1`, or the signal that ended it.
    pub status: String,
    /// The end of what it printed for the user.
    pub stderr: String,
}

impl std::fmt::Display for PluginOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.status)?;
        if self.stderr.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.stderr)
        }
    }
}

/// Why the default credentials of an application cannot be had or used.
///
/// Nothing is quoted of files and answers: they hold keys and tokens.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthError {
    /// There are none: no file, and nobody who answers for the machine.
    #[error(
        "there are no default credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has left no file, and \
         the machine has no metadata server"
    )]
    NoDefaultProvider(#[source] Arc<TlsError>),

    /// The file with the credentials cannot be read.
    #[error("the credentials file {} cannot be read", .1.display())]
    LoadCredentials(#[source] Arc<io::Error>, PathBuf),

    /// The file holds no credentials.
    #[error("the credentials file {} is not JSON with a field `{field}`", .path.display())]
    ParseCredentials {
        /// The file.
        path: PathBuf,
        /// The field that is missing, or no text.
        field: &'static str,
    },

    /// The file holds credentials of a kind that is not known here.
    #[error(
        "the credentials file {} is of the type `{kind}`: use a service account's, or the credential plugin \
         gke-gcloud-auth-plugin (`exec`)", .path.display()
    )]
    InvalidDefaultProviderConfig {
        /// The file.
        path: PathBuf,
        /// Its type.
        kind: String,
    },

    /// The private key in the file is not PEM.
    #[error("the field `private_key` of the credentials file {} cannot be read", .1.display())]
    InvalidKeyFormat(#[source] PemError, PathBuf),

    /// The private key in the file does not sign by RSA.
    #[error("the field `private_key` of the credentials file {} is no key that signs by RSA", .1.display())]
    InvalidRsaKey(#[source] Arc<TlsError>, PathBuf),

    /// A URL is none.
    #[error("{0} is not a URL")]
    InvalidURI(&'static str),

    /// The token endpoint did not answer.
    #[error("the token endpoint did not answer")]
    RequestToken(#[source] Arc<TlsError>),

    /// The token endpoint refused.
    #[error("the token endpoint answered {status}{}", .error.as_ref().map(|error| format!(": {error}")).unwrap_or_default())]
    RetrieveCredentials {
        /// The status of its answer.
        status: http::StatusCode,
        /// Its word for the reason, RFC 6749, section 5.2.
        error: Option<String>,
    },

    /// The answer of the token endpoint holds no token.
    #[error("the answer of the token endpoint is no JSON object with an `access_token`")]
    ParseToken,
}

/// Why a token of OpenID Connect cannot be had.
pub mod oidc_errors {
    use std::sync::Arc;

    use http::StatusCode;

    use crate::transport::TlsError;

    /// Why a token of OpenID Connect cannot be had.
    #[derive(Clone, Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum Error {
        /// There is no token, and no way to get one.
        #[error("there is no `id-token`")]
        IdTokenMissing,
        /// The token is none.
        #[error("the `id-token` is no JSON web token")]
        IdToken(#[source] IdTokenError),
        /// The configuration does not suffice to get another token.
        #[error("the auth provider cannot refresh its token")]
        RefreshInit(#[source] RefreshInitError),
        /// Another token was asked for, and did not come.
        #[error("the issuer gave no new token")]
        Refresh(#[source] RefreshError),
    }

    /// Why a text is not an ID token.
    #[derive(Clone, Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum IdTokenError {
        /// It does not have three parts.
        #[error("it does not have three parts")]
        InvalidFormat,
        /// Its claims are not base64.
        #[error("its claims are not base64url")]
        InvalidBase64,
        /// Its claims are not JSON.
        #[error("its claims are not a JSON object with a number `exp`")]
        InvalidJson,
        /// The time at which it ends is none.
        #[error("the time at which it ends is out of range")]
        InvalidExpirationTimestamp(#[source] jiff::Error),
    }

    /// Why a token cannot be asked for.
    #[derive(Clone, Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum RefreshInitError {
        /// A field is missing.
        #[error("the field `{0}` is missing")]
        MissingField(&'static str),
        /// The certificate authority of the issuer cannot be used.
        #[error("`{0}` cannot be used")]
        CertificateAuthority(&'static str, #[source] Arc<TlsError>),
    }

    /// Why a token that was asked for did not come.
    #[derive(Clone, Debug, thiserror::Error)]
    #[non_exhaustive]
    pub enum RefreshError {
        /// A URL is none.
        #[error("{0} is not a URL")]
        InvalidURI(&'static str),
        /// The issuer did not answer.
        #[error("the issuer did not answer")]
        Unreachable(#[source] Arc<TlsError>),
        /// The issuer answered with an error.
        #[error("the issuer answered {0}")]
        RequestFailed(StatusCode),
        /// What the issuer says of itself names no token endpoint.
        #[error("what the issuer says of itself is no JSON object with a `token_endpoint`")]
        InvalidMetadata,
        /// The answer is not that of a token endpoint.
        #[error("the answer of the token endpoint is no JSON object")]
        InvalidTokenResponse,
        /// The answer holds no ID token.
        #[error("the answer of the token endpoint holds no `id_token`")]
        NoIdTokenReceived,
        /// The issuer does not know the client, or the refresh token has ended: log in anew.
        #[error("the issuer refuses the client or its refresh token: log in anew")]
        AuthorizationFailure,
    }
}

//! Credentials from a program.
//!
//! The program is a child process that no thread waits for; it is killed when its time is over or nobody waits for its
//! credentials any more.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/reference/config-api/client-authentication.v1/>

use std::{
    io::{self, IsTerminal},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};

use super::{
    AuthError, PluginOutput, bearer,
    credentials::{Credential, Source},
};
use crate::{
    config::{Config, ExecAuthCluster, ExecConfig, ExecInteractiveMode, FieldError, IdentityPem, parse},
    env::Env,
    transport::tls::Tls,
};

const API_GROUP: &str = "client.authentication.k8s.io";
/// The version that a configuration without one means.
const DEFAULT_VERSION: &str = "client.authentication.k8s.io/v1beta1";
/// How long a plugin may take that can ask the user.
const INTERACTIVE_TIMEOUT: Duration = Duration::from_secs(300);
/// Credentials are a few kilobytes.
const STDOUT_BYTES_MAX: u64 = 1 << 20;
/// The end of what a plugin says is what it died of.
const STDERR_BYTES_MAX: usize = 1024;

/// A credential plugin.
pub(super) struct Plugin {
    exec: ExecConfig,
    command: String,
    version: String,
    cluster: Option<ExecAuthCluster>,
    env: Env,
    timeout: Option<Duration>,
}

impl Plugin {
    pub(super) fn new(config: &Config, env: &Env, exec: &ExecConfig) -> Result<Self, AuthError> {
        let command = exec
            .command
            .clone()
            .filter(|command| !command.is_empty())
            .ok_or(AuthError::MissingCommand)?;
        let version = exec
            .api_version
            .clone()
            .unwrap_or_else(|| DEFAULT_VERSION.to_owned());
        if !["v1", "v1beta1"]
            .iter()
            .any(|known| version == format!("{API_GROUP}/{known}"))
        {
            let problem = "`exec.apiVersion` is neither client.authentication.k8s.io/v1 nor …/v1beta1";
            return Err(AuthError::AuthExec(problem.to_owned()));
        }
        let cluster = exec.provide_cluster_info.then(|| exec.cluster.clone());
        if matches!(cluster, Some(None)) {
            return Err(AuthError::ExecMissingClusterInfo);
        }
        Ok(Self {
            exec: exec.clone(),
            command,
            version,
            cluster: cluster.flatten(),
            env: env.clone(),
            timeout: config.credential_timeout,
        })
    }

    async fn run(&self) -> Result<Credential, AuthError> {
        let terminal = io::stdin().is_terminal();
        let interactive = match self
            .exec
            .interactive_mode
            .unwrap_or(ExecInteractiveMode::IfAvailable)
        {
            ExecInteractiveMode::Never => false,
            ExecInteractiveMode::IfAvailable => terminal,
            ExecInteractiveMode::Always if terminal => true,
            ExecInteractiveMode::Always => {
                let problem = "`exec.interactiveMode` is Always, and the standard input is no terminal";
                return Err(AuthError::AuthExec(problem.to_owned()));
            }
        };
        let info = ExecCredential {
            api_version: Some(self.version.clone()),
            kind: Some("ExecCredential".to_owned()),
            spec: Some(Spec {
                interactive,
                cluster: self.cluster.clone(),
            }),
            status: None,
        };
        let info = serde_json::to_string(&info).map_err(|_| {
            AuthError::AuthExec("the cluster's extension for plugins cannot be written as JSON".to_owned())
        })?;
        let mut command = Command::new(&self.command);
        for name in self.exec.drop_env.iter().flatten() {
            command.env_remove(name);
        }
        for pair in self.exec.env.iter().flatten() {
            if let (Some(name), Some(value)) = (pair.get("name"), pair.get("value")) {
                command.env(name, value);
            }
        }
        command
            .env("KUBERNETES_EXEC_INFO", info)
            .args(self.exec.args.iter().flatten());
        let timeout = self.timeout.map(|timeout| {
            if interactive {
                timeout.max(INTERACTIVE_TIMEOUT)
            } else {
                timeout
            }
        });
        let run = Run {
            name: &self.command,
            install_hint: self.exec.install_hint.as_deref(),
            interactive,
            timeout,
            env: &self.env,
        };
        let stdout = run.output(command).await?;
        self.read(&stdout)
    }

    fn read(&self, stdout: &[u8]) -> Result<Credential, AuthError> {
        let credential: ExecCredential =
            parse::document(stdout).map_err(|error| AuthError::AuthExecParse {
                cmd: self.command.clone(),
                source: Box::new(error),
            })?;
        let unfit = |problem: &str| AuthError::AuthExec(format!("what `{}` printed {problem}", self.command));
        if credential
            .kind
            .as_deref()
            .is_some_and(|kind| kind != "ExecCredential")
        {
            return Err(unfit("is of another `kind` than ExecCredential"));
        }
        if credential
            .api_version
            .as_ref()
            .is_some_and(|version| *version != self.version)
        {
            return Err(unfit(&format!(
                "is of another `apiVersion` than {}",
                self.version
            )));
        }
        let status = credential.status.ok_or(AuthError::ExecPluginFailed)?;
        let text = |text: Option<String>| text.filter(|text| !text.is_empty());
        let identity = match (text(status.client_certificate_data), text(status.client_key_data)) {
            (Some(certificate), Some(key)) => Some(self.identity(&certificate, &key)?),
            (None, None) => None,
            (Some(_), None) => return Err(unfit("has a `clientCertificateData` and no `clientKeyData`")),
            (None, Some(_)) => return Err(unfit("has a `clientKeyData` and no `clientCertificateData`")),
        };
        let unfit_token = |error| {
            let field = format!("what `{}` printed: status.token", self.command);
            AuthError::bearer(FieldError::new(None, field, error))
        };
        let header = text(status.token)
            .map(|token| bearer(token.trim()).map_err(unfit_token))
            .transpose()?;
        if header.is_none() && identity.is_none() {
            return Err(unfit("has neither a `token` nor a `clientCertificateData`"));
        }
        let expires = text(status.expiration_timestamp)
            .map(|time| time.parse().map_err(AuthError::MalformedTokenExpirationDate))
            .transpose()?;
        Ok(Credential {
            header,
            identity,
            expires,
            recheck: None,
        })
    }

    fn identity(&self, certificate: &str, key: &str) -> Result<Arc<IdentityPem>, AuthError> {
        let identity = IdentityPem {
            certificate: certificate.into(),
            key: key.into(),
        };
        Tls::check(&identity).map_err(|error| {
            let mut problem = format!("`{}` gave a client certificate that cannot be used", self.command);
            let mut next: Option<&dyn std::error::Error> = Some(&error);
            while let Some(error) = next {
                problem += &format!(": {error}");
                next = error.source();
            }
            AuthError::AuthExec(problem)
        })?;
        Ok(Arc::new(identity))
    }
}

impl Source for Plugin {
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move { self.run().await }.boxed()
    }
}

/// How to run a command for what it prints.
pub(super) struct Run<'a> {
    pub(super) name: &'a str,
    pub(super) install_hint: Option<&'a str>,
    pub(super) interactive: bool,
    pub(super) timeout: Option<Duration>,
    pub(super) env: &'a Env,
}

impl Run<'_> {
    /// What the command prints, if it succeeds in time.
    pub(super) async fn output(&self, mut command: Command) -> Result<Vec<u8>, AuthError> {
        command
            // An interactive command talks to the user itself.
            .stdin(if self.interactive {
                Stdio::inherit()
            } else {
                Stdio::null()
            })
            .stderr(if self.interactive {
                Stdio::inherit()
            } else {
                Stdio::piped()
            })
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let finished = self.finish(command);
        match self.timeout {
            None => finished.await,
            Some(timeout) => self.env.timeout(timeout, finished).await.unwrap_or_else(|_| {
                Err(AuthError::AuthExecTimeout {
                    cmd: self.name.to_owned(),
                    seconds: timeout.as_secs(),
                })
            }),
        }
    }

    async fn finish(&self, mut command: Command) -> Result<Vec<u8>, AuthError> {
        let mut child = command.spawn().map_err(|error| self.not_started(error))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (stdout, stderr, status) = futures::try_join!(read_whole(stdout), read_end(stderr), child.wait())
            .map_err(|error| {
                AuthError::AuthExec(format!("`{}` did not run to its end: {error}", self.name))
            })?;
        if status.success() {
            Ok(stdout)
        } else {
            Err(self.failed(status, &stderr))
        }
    }

    fn not_started(&self, error: io::Error) -> AuthError {
        // The hint is about a command that is not there.
        let hint = self
            .install_hint
            .filter(|_| error.kind() == io::ErrorKind::NotFound);
        AuthError::AuthExecStart {
            cmd: self.name.to_owned(),
            install_hint: hint.map(str::to_owned),
            source: Arc::new(error),
        }
    }

    fn failed(&self, status: ExitStatus, stderr: &[u8]) -> AuthError {
        let stderr: String = String::from_utf8_lossy(stderr)
            .trim()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        AuthError::AuthExecRun {
            cmd: self.name.to_owned(),
            out: Box::new(PluginOutput {
                status: status.to_string(),
                stderr,
            }),
        }
    }
}

async fn read_whole(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(STDOUT_BYTES_MAX + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > STDOUT_BYTES_MAX {
        return Err(io::Error::other("it prints more than credentials"));
    }
    Ok(bytes)
}

async fn read_end(stream: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut end = Vec::new();
    if let Some(mut stream) = stream {
        let mut chunk = [0; 4096];
        loop {
            let read = stream.read(&mut chunk).await?;
            if read == 0 {
                break;
            }
            end.extend_from_slice(&chunk[..read]);
            end.drain(..end.len().saturating_sub(STDERR_BYTES_MAX));
        }
    }
    Ok(end)
}

/// What a plugin is told and what it answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    api_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    spec: Option<Spec>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
}

#[derive(Serialize)]
struct Spec {
    interactive: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<ExecAuthCluster>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    expiration_timestamp: Option<String>,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    client_certificate_data: Option<String>,
    #[serde(default)]
    client_key_data: Option<String>,
}

//! Commands and terminals.

use std::fmt::{self, Debug};

use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
    future::join,
};
use k8s_openapi::{api::core::v1::Pod, apimachinery::pkg::apis::meta::v1::Status};
use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio_tungstenite::tungstenite::{self, Message};

use super::{BUFFER_BYTES, CLOSE, Incoming, Next, Outbox, Pump, copy_in};
use crate::{
    api::{Api, AttachParams},
    client::{Connection, Verb},
    env::Env,
    error::{Result, Target},
};

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;

/// Marks kinds in whose containers commands can run.
pub trait Execute {}

impl Execute for Pod {}

/// Marks kinds to whose containers one can attach.
pub trait Attach {}

impl Attach for Pod {}

/// # Commands
impl<K: Clone + DeserializeOwned + Execute> Api<K> {
    /// Runs a command in a container of the object named `name`.
    ///
    /// ```
    /// use k8s_openapi::api::core::v1::Pod;
    /// use seatrial_client::{Api, api::AttachParams};
    /// use tokio::io::AsyncReadExt;
    ///
    /// async fn hostname(pods: &Api<Pod>) -> Result<String, Box<dyn std::error::Error>> {
    ///     let mut process = pods.exec("web", ["hostname"], &AttachParams::default().stderr(false)).await?;
    ///     let mut text = String::new();
    ///     if let Some(mut stdout) = process.stdout() {
    ///         stdout.read_to_string(&mut text).await?;
    ///     }
    ///     process.join().await?;
    ///     Ok(text)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::connect`](crate::Client::connect). How the command itself ended is in
    /// [`AttachedProcess::take_status`].
    pub async fn exec<I, T>(&self, name: &str, command: I, ap: &AttachParams) -> Result<AttachedProcess>
    where
        I: IntoIterator<Item = T> + Debug,
        T: Into<String>,
    {
        self.attach_to(self.request.exec(name, command, ap)?, ap).await
    }
}

/// # Attaching
impl<K: Clone + DeserializeOwned + Attach> Api<K> {
    /// Attaches to the process of a container of the object named `name`.
    ///
    /// # Errors
    ///
    /// As [`exec`](Self::exec).
    pub async fn attach(&self, name: &str, ap: &AttachParams) -> Result<AttachedProcess> {
        self.attach_to(self.request.attach(name, ap)?, ap).await
    }
}

impl<K> Api<K> {
    async fn attach_to(&self, request: http::Request<Vec<u8>>, ap: &AttachParams) -> Result<AttachedProcess> {
        let target = connecting(&request);
        let connection = self.client().connect(request).await?;
        Ok(AttachedProcess::new(
            connection,
            target,
            self.client().env().clone(),
            ap,
        ))
    }
}

/// What errors say of a connection.
pub(super) fn connecting(request: &http::Request<Vec<u8>>) -> Target {
    Target::new(Verb::Connect, request)
}

/// The size of a terminal, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TerminalSize {
    /// The columns.
    pub width: u16,
    /// The rows.
    pub height: u16,
}

/// A process in a container, and the streams to it that were asked for.
///
/// Dropping it ends the connection. The streams can be taken out and used beside it; a stream that was asked for and is
/// not read holds up the others once its buffer is full.
pub struct AttachedProcess {
    stdin: Option<DuplexStream>,
    stdout: Option<DuplexStream>,
    stderr: Option<DuplexStream>,
    status: Option<oneshot::Receiver<Status>>,
    terminal_size: Option<mpsc::Sender<TerminalSize>>,
    pump: Pump,
}

impl AttachedProcess {
    pub(super) fn new(connection: Connection, target: Target, env: Env, ap: &AttachParams) -> Self {
        let stream = |is_wanted: bool, size: Option<usize>| {
            let (ours, theirs) = duplex(size.unwrap_or(BUFFER_BYTES).max(1));
            is_wanted.then_some((ours, theirs)).unzip()
        };
        let (stdin, from_stdin) = stream(ap.stdin, ap.max_stdin_buf_size);
        let (stdout, to_stdout) = stream(ap.stdout, ap.max_stdout_buf_size);
        let (stderr, to_stderr) = stream(ap.stderr, ap.max_stderr_buf_size);
        let (to_status, status) = oneshot::channel();
        let (terminal_size, sizes) = ap.tty.then(|| mpsc::channel(1)).unzip();
        let says_end = connection.supports_stream_close();
        let outputs = Outputs {
            stdout: to_stdout,
            stderr: to_stderr,
            status: Some(to_status),
        };
        let pump = Pump::start(
            connection,
            target,
            env,
            true,
            |stream| receive(stream, outputs),
            |outbox| transmit(outbox, from_stdin, sizes, says_end),
        );
        Self {
            stdin,
            stdout,
            stderr,
            status: Some(status),
            terminal_size,
            pump,
        }
    }

    /// The standard input, if it was asked for and not taken before.
    ///
    /// Dropping it, or shutting it down, ends the input of the process, if the other side speaks the fifth version of
    /// the protocol (Kubernetes 1.30 and later). Older ones know no end of input but that of the connection.
    pub fn stdin(&mut self) -> Option<impl AsyncWrite + Unpin + Send + use<>> {
        self.stdin.take()
    }

    /// The standard output, if it was asked for and not taken before. With a terminal, errors come here, too.
    pub fn stdout(&mut self) -> Option<impl AsyncRead + Unpin + Send + use<>> {
        self.stdout.take()
    }

    /// The standard error, if it was asked for and not taken before.
    pub fn stderr(&mut self) -> Option<impl AsyncRead + Unpin + Send + use<>> {
        self.stderr.take()
    }

    /// How the process ended, once it has; `None` if the connection ended first.
    ///
    /// `status` is `Success` for exit code 0. Otherwise `reason` is `NonZeroExitCode`, with the code as the message of
    /// the cause `ExitCode`, or says why there was no process.
    pub fn take_status(&mut self) -> Option<impl Future<Output = Option<Status>> + Send + use<>> {
        let status = self.status.take()?;
        Some(async { status.await.ok() })
    }

    /// Where to tell the size of the terminal, if one was asked for and this was not taken before.
    pub fn terminal_size(&mut self) -> Option<mpsc::Sender<TerminalSize>> {
        self.terminal_size.take()
    }

    /// Ends the connection now.
    pub fn abort(&self) {
        self.pump.abort();
    }

    /// Waits until the connection has ended. Streams that were not taken are closed.
    ///
    /// # Errors
    ///
    /// [`Error::Service`](crate::Error::Service) if it broke off.
    pub async fn join(self) -> Result<()> {
        self.into_pump().join().await
    }

    /// Drops the rest: output that nobody can read any more does not hold up the end.
    fn into_pump(self) -> Pump {
        self.pump
    }
}

impl fmt::Debug for AttachedProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachedProcess").finish_non_exhaustive()
    }
}

/// Where the messages go. A place is given up when nobody reads there any more.
struct Outputs {
    stdout: Option<DuplexStream>,
    stderr: Option<DuplexStream>,
    status: Option<oneshot::Sender<Status>>,
}

async fn receive(mut stream: Incoming, mut outputs: Outputs) -> Result<(), tungstenite::Error> {
    loop {
        let (channel, bytes) = match stream.next().await {
            Ok(Some(message)) => message,
            Ok(None) => return Ok(()),
            // After the status nothing can be lost.
            Err(_) if outputs.status.is_none() => return Ok(()),
            Err(error) => return Err(error),
        };
        match (channel, &bytes[..]) {
            (STDOUT, bytes) => pass_on(&mut outputs.stdout, bytes).await,
            (STDERR, bytes) => pass_on(&mut outputs.stderr, bytes).await,
            (CLOSE, [STDOUT]) => outputs.stdout = None,
            (CLOSE, [STDERR]) => outputs.stderr = None,
            (STATUS, bytes) => {
                if let Ok(status) = serde_json::from_slice(bytes)
                    && let Some(sender) = outputs.status.take()
                {
                    // Nobody may want to know.
                    let _ = sender.send(status);
                }
            }
            _ => {}
        }
    }
}

async fn pass_on(output: &mut Option<DuplexStream>, bytes: &[u8]) {
    if let Some(stream) = output
        && stream.write_all(bytes).await.is_err()
    {
        *output = None;
    }
}

async fn transmit(
    outbox: Outbox,
    stdin: Option<DuplexStream>,
    sizes: Option<mpsc::Receiver<TerminalSize>>,
    says_end: bool,
) -> Next {
    let stdin = {
        let outbox = outbox.clone();
        async move {
            if let Some(stdin) = stdin {
                copy_in(STDIN, stdin, outbox, says_end).await;
            }
        }
    };
    join(stdin, resize(outbox, sizes)).await;
    Next::Listen
}

async fn resize(mut outbox: Outbox, sizes: Option<mpsc::Receiver<TerminalSize>>) {
    let Some(mut sizes) = sizes else { return };
    while let Some(size) = sizes.next().await {
        // Two numbers always make JSON.
        let text = serde_json::to_vec(&size).expect("numbers serialise");
        let message = [&[RESIZE][..], &text].concat();
        if outbox.send(Message::binary(message)).await.is_err() {
            return;
        }
    }
}

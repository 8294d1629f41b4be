//! A scripted kubelet: what programs in pods say, without programs.
//!
//! A [`FakeKubelet`] stands for the kubelets of all nodes. It answers `exec`, `attach`, `portforward` and `log` of pods that
//! are bound to a node, by the scripts that it was given.
//!
//! **Invariant:** what a session does depends on its script, on what the client sends and on the server's clock alone. A
//! session is a task, because nobody polls it; it ends with its connection.
//!
//! Reading order: this file (what is scripted), `program.rs` (one script), `logs.rs`, then `session.rs` (the streams of
//! one connection) and `connect.rs` (how a request becomes a connection).
//!
//! # Source
//!
//! KEP-4006 and the kubelet's streaming server, as clients meet them.

mod connect;
mod logs;
mod program;
mod session;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use connect::{Upgrade, over_memory, wants_upgrade};
pub use program::Program;

/// The protocols of a kubelet, the newest first.
const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/// What the programs of a cluster say: scripts for commands, ports and logs, by pod and container.
///
/// A clone is another handle on the same sessions.
///
/// ```
/// use seatrial_fake_apiserver::{FakeApiServer, FakeKubelet, Program};
///
/// let kubelet = FakeKubelet::new()
///     .exec("web", "app", ["hostname"], Program::new().stdout("web-0\n"))
///     .exec("web", "app", ["false"], Program::new().exit(1))
///     .log("web", "app", ["started", "ready"]);
/// let server = FakeApiServer::builder().kubelet(kubelet.clone()).build();
/// assert_eq!(kubelet.open_sessions(), 0);
/// # drop(server);
/// ```
#[derive(Clone)]
pub struct FakeKubelet {
    scripts: BTreeMap<(String, String), Container>,
    ports: BTreeMap<(String, u16), Program>,
    protocols: Vec<&'static str>,
    sessions: Arc<Mutex<Sessions>>,
}

/// The scripts of one container.
#[derive(Clone, Default)]
struct Container {
    commands: Vec<(Vec<String>, Program)>,
    main: Option<Program>,
    /// The time after the pod's creation, and what is written then.
    log: Vec<(Duration, String)>,
}

#[derive(Default)]
struct Sessions {
    ended: Vec<Session>,
    open: usize,
}

/// What a client did in one session that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// What it was: `exec default/web/app: cat -`, `attach default/web/app`, `portforward default/web: 80`.
    pub what: String,
    /// What the client wrote to the standard input, or to the first port.
    pub input: Vec<u8>,
    /// The client said where its input ended.
    pub input_ended: bool,
    /// The sizes of its terminal, columns and rows.
    pub sizes: Vec<(u16, u16)>,
}

// === impl FakeKubelet ===

impl FakeKubelet {
    /// A kubelet whose containers know no command.
    pub fn new() -> Self {
        Self {
            scripts: BTreeMap::new(),
            ports: BTreeMap::new(),
            protocols: PROTOCOLS.to_vec(),
            sessions: Arc::default(),
        }
    }

    /// What a command does in a container of a pod.
    #[must_use]
    pub fn exec<'a>(
        mut self,
        pod: &str,
        container: &str,
        command: impl IntoIterator<Item = &'a str>,
        program: Program,
    ) -> Self {
        let command = command.into_iter().map(str::to_owned).collect();
        self.container(pod, container).commands.push((command, program));
        self
    }

    /// What the main process of a container does for whoever attaches to it.
    #[must_use]
    pub fn attach(mut self, pod: &str, container: &str, program: Program) -> Self {
        self.container(pod, container).main = Some(program);
        self
    }

    /// What listens on a port of a pod.
    #[must_use]
    pub fn port(mut self, pod: &str, port: u16, program: Program) -> Self {
        self.ports.insert((pod.to_owned(), port), program);
        self
    }

    /// What a container has written since its pod was created.
    #[must_use]
    pub fn log<'a>(mut self, pod: &str, container: &str, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let log = &mut self.container(pod, container).log;
        log.extend(lines.into_iter().map(|line| (Duration::ZERO, line.to_owned())));
        self
    }

    /// What a container writes so long after its pod was created.
    #[must_use]
    pub fn log_after(mut self, pod: &str, container: &str, after: Duration, line: &str) -> Self {
        let log = &mut self.container(pod, container).log;
        log.push((after, line.to_owned()));
        log.sort_by_key(|(after, _)| *after);
        self
    }

    /// Speaks the fourth version of the protocol only, as before Kubernetes 1.30: no stream ends by itself.
    #[must_use]
    pub fn old(mut self) -> Self {
        self.protocols.retain(|protocol| protocol.starts_with("v4"));
        self
    }

    /// The sessions that have ended, in that order.
    pub fn sessions(&self) -> Vec<Session> {
        self.lock().ended.clone()
    }

    /// How many sessions are open.
    pub fn open_sessions(&self) -> usize {
        self.lock().open
    }

    fn container(&mut self, pod: &str, container: &str) -> &mut Container {
        self.scripts
            .entry((pod.to_owned(), container.to_owned()))
            .or_default()
    }

    fn find(&self, pod: &str, container: &str) -> Option<&Container> {
        self.scripts.get(&(pod.to_owned(), container.to_owned()))
    }

    /// What a command does, or why it cannot run.
    fn command(&self, pod: &str, container: &str, command: &[String]) -> Result<Program, String> {
        let known = self.find(pod, container).into_iter().flat_map(|c| &c.commands);
        let mut found = known.filter(|(words, _)| words == command);
        found.next().map(|(_, program)| program.clone()).ok_or_else(|| {
            format!(
                "error executing command in container: failed to exec in container: exec: {:?}: executable file not \
                 found in $PATH: unknown",
                command.first().map_or("", String::as_str)
            )
        })
    }

    fn main(&self, pod: &str, container: &str) -> Program {
        let main = self.find(pod, container).and_then(|c| c.main.clone());
        // A process that says nothing, for as long as somebody listens.
        main.unwrap_or_else(|| Program::new().read_to_end())
    }

    fn listener(&self, pod: &str, port: u16) -> Option<&Program> {
        self.ports.get(&(pod.to_owned(), port))
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        // Every change is one step.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for FakeKubelet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FakeKubelet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeKubelet")
            .field("containers", &self.scripts.keys().collect::<Vec<_>>())
            .field("open", &self.open_sessions())
            .finish_non_exhaustive()
    }
}

/// A program of a pod that a request leads to.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) namespace: String,
    pub(crate) pod: String,
    pub(crate) container: String,
    /// When the pod was created.
    pub(crate) created: jiff::Timestamp,
    pub(crate) what: What,
}

/// What is wanted of it.
#[derive(Debug)]
pub(crate) enum What {
    Log(logs::Options),
    Exec { command: Vec<String>, streams: Streams },
    Attach(Streams),
    Ports(Vec<u16>),
}

/// The streams that are wanted of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    pub(crate) stdin: bool,
    pub(crate) stdout: bool,
    pub(crate) stderr: bool,
    pub(crate) tty: bool,
}

pub(crate) use logs::{Log, Options as LogOptions};

//! Options of what is served under an object: logs, eviction, attach, exec.

pub use k8s_openapi::api::autoscaling::v1::{Scale, ScaleSpec, ScaleStatus};

use super::{
    params::{DeleteParams, PostParams},
    path::Query,
    request::Error,
};

/// Options of reading a container's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogParams {
    /// The container; needed where the pod has several.
    pub container: Option<String>,
    /// Whether to wait for what will be written.
    pub follow: bool,
    /// How many bytes at most.
    pub limit_bytes: Option<i64>,
    /// Whether the server indents its answer.
    pub pretty: bool,
    /// Whether to read the log of the container that ran before this one.
    pub previous: bool,
    /// From how many seconds ago; not beside `since_time`.
    pub since_seconds: Option<i64>,
    /// From when; not beside `since_seconds`.
    pub since_time: Option<jiff::Timestamp>,
    /// How many lines from the end.
    pub tail_lines: Option<i64>,
    /// Whether each line begins with its time.
    pub timestamps: bool,
}

/// Options of evicting a pod: deleting it if its disruption budgets allow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvictParams {
    /// How to delete it.
    pub delete_options: Option<DeleteParams>,
    /// How to post the eviction.
    pub post_options: PostParams,
}

/// Options of attaching to, or executing in, a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachParams {
    /// The container; needed where the pod has several.
    pub container: Option<String>,
    /// Whether to write to its standard input.
    pub stdin: bool,
    /// Whether to read its standard output.
    pub stdout: bool,
    /// Whether to read its standard error; not with a terminal, which has one output.
    pub stderr: bool,
    /// Whether it gets a terminal.
    pub tty: bool,
    /// How many bytes for standard input may wait.
    pub max_stdin_buf_size: Option<usize>,
    /// How many bytes of standard output may wait.
    pub max_stdout_buf_size: Option<usize>,
    /// How many bytes of standard error may wait.
    pub max_stderr_buf_size: Option<usize>,
}

// === impl LogParams ===

impl LogParams {
    /// # Errors
    /// [`Error::Validation`] for two beginnings, or numbers below what the server takes.
    pub(super) fn populate(&self, query: &mut Query) -> Result<(), Error> {
        if self.since_seconds.is_some() && self.since_time.is_some() {
            return Err(Error::Validation(
                "LogParams: at most one of since_seconds and since_time may be set".to_owned(),
            ));
        }
        for (name, value, min) in [
            ("limit_bytes", self.limit_bytes, 1),
            ("since_seconds", self.since_seconds, 1),
            ("tail_lines", self.tail_lines, 0),
        ] {
            if value.is_some_and(|value| value < min) {
                return Err(Error::Validation(format!(
                    "LogParams::{name} must be at least {min}"
                )));
            }
        }
        query.push_some("container", self.container.as_ref());
        query.push_flag("follow", self.follow);
        query.push_some("limitBytes", self.limit_bytes);
        query.push_flag("pretty", self.pretty);
        query.push_flag("previous", self.previous);
        query.push_some("sinceSeconds", self.since_seconds);
        query.push_some("sinceTime", self.since_time);
        query.push_some("tailLines", self.tail_lines);
        query.push_flag("timestamps", self.timestamps);
        Ok(())
    }
}

// === impl AttachParams ===

impl Default for AttachParams {
    /// Reads both outputs.
    fn default() -> Self {
        Self {
            container: None,
            stdin: false,
            stdout: true,
            stderr: true,
            tty: false,
            max_stdin_buf_size: None,
            max_stdout_buf_size: None,
            max_stderr_buf_size: None,
        }
    }
}

impl AttachParams {
    /// A terminal with input.
    pub fn interactive_tty() -> Self {
        Self {
            stdin: true,
            stdout: true,
            stderr: false,
            tty: true,
            ..Self::default()
        }
    }

    /// Names the container.
    #[must_use]
    pub fn container<T: Into<String>>(mut self, container: T) -> Self {
        self.container = Some(container.into());
        self
    }

    /// Sets whether to write to standard input.
    #[must_use]
    pub fn stdin(mut self, enable: bool) -> Self {
        self.stdin = enable;
        self
    }

    /// Sets whether to read standard output.
    #[must_use]
    pub fn stdout(mut self, enable: bool) -> Self {
        self.stdout = enable;
        self
    }

    /// Sets whether to read standard error.
    #[must_use]
    pub fn stderr(mut self, enable: bool) -> Self {
        self.stderr = enable;
        self
    }

    /// Sets whether the container gets a terminal.
    #[must_use]
    pub fn tty(mut self, enable: bool) -> Self {
        self.tty = enable;
        self
    }

    /// Bounds how many bytes for standard input may wait.
    #[must_use]
    pub fn max_stdin_buf_size(mut self, size: usize) -> Self {
        self.max_stdin_buf_size = Some(size);
        self
    }

    /// Bounds how many bytes of standard output may wait.
    #[must_use]
    pub fn max_stdout_buf_size(mut self, size: usize) -> Self {
        self.max_stdout_buf_size = Some(size);
        self
    }

    /// Bounds how many bytes of standard error may wait.
    #[must_use]
    pub fn max_stderr_buf_size(mut self, size: usize) -> Self {
        self.max_stderr_buf_size = Some(size);
        self
    }

    /// # Errors
    /// [`Error::Validation`] for no stream at all, and for standard error beside a terminal.
    pub(super) fn validate(&self) -> Result<(), Error> {
        if !self.stdin && !self.stdout && !self.stderr {
            return Err(Error::Validation(
                "AttachParams: one of stdin, stdout and stderr must be set".to_owned(),
            ));
        }
        if self.stderr && self.tty {
            return Err(Error::Validation(
                "AttachParams: a tty has no stderr of its own".to_owned(),
            ));
        }
        Ok(())
    }

    /// Names the streams the way the apiserver reads them.
    pub(super) fn populate(&self, query: &mut Query) {
        query.push_some("container", self.container.as_ref());
        query.push_flag("stdin", self.stdin);
        query.push_flag("stdout", self.stdout);
        query.push_flag("stderr", self.stderr);
        query.push_flag("tty", self.tty);
    }

    /// Names the streams the way the kubelet reads them.
    pub(super) fn populate_kubelet(&self, query: &mut Query) {
        for (key, set) in [
            ("input", self.stdin),
            ("output", self.stdout),
            ("error", self.stderr),
            ("tty", self.tty),
        ] {
            query.push_some(key, set.then_some(1));
        }
    }
}

//! The machine that a configuration is read on: its environment variables and its files.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Environment variables and files, as configuration and credentials see them.
///
/// Everything in [`config`](crate::config) that looks at the process's surroundings does so through a `Host`, so that a
/// test can supply its own: see [`MemoryHost`]. The credentials and certificates of a client are read again through the
/// host that its configuration came from.
pub trait Host: Send + Sync + 'static {
    /// The value of an environment variable.
    fn var(&self, name: &str) -> Option<OsString>;

    /// The contents of a file.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The directory that relative paths on a command line, such as those in `KUBECONFIG`, start from.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    fn current_dir(&self) -> io::Result<PathBuf>;
}

impl dyn Host {
    /// The value of an environment variable, unless it is empty or no text.
    pub(crate) fn text_var(&self, name: &str) -> Option<String> {
        self.var(name)?
            .into_string()
            .ok()
            .filter(|value| !value.is_empty())
    }

    /// The user's home directory.
    ///
    /// On Windows there are three opinions on it; the first that holds a kubeconfig wins, then the first at all.
    pub(crate) fn home_dir(&self) -> Option<PathBuf> {
        let var = |name| {
            self.var(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if !cfg!(windows) {
            return var("HOME");
        }
        let drive = self
            .var("HOMEDRIVE")
            .zip(self.var("HOMEPATH"))
            .map(|(mut drive, path)| {
                drive.push(path);
                PathBuf::from(drive)
            });
        let homes = [var("HOME"), drive, var("USERPROFILE")];
        let mut homes = homes.into_iter().flatten();
        let first = homes.next()?;
        let holds = |home: &Path| self.read(&home.join(".kube").join("config")).is_ok();
        if holds(&first) {
            return Some(first);
        }
        Some(homes.find(|home| holds(home)).unwrap_or(first))
    }
}

/// The process's own environment and file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemHost;

impl Host for SystemHost {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    fn var(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks for the working directory"
    )]
    fn current_dir(&self) -> io::Result<PathBuf> {
        std::env::current_dir()
    }
}

/// A host in memory, for tests. Clones share their variables and files, so that a test can rotate them.
///
/// ```
/// use seatrial_client::config::{Kubeconfig, MemoryHost};
///
/// let host = MemoryHost::new()
///     .with_var("KUBECONFIG", "/a:/b")
///     .with_file("/a", "current-context: first")
///     .with_file("/b", "current-context: second");
/// let kubeconfig = Kubeconfig::read_on(&host).unwrap();
/// assert_eq!(kubeconfig.current_context.as_deref(), Some("first"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryHost {
    state: Arc<Mutex<Memory>>,
}

#[derive(Debug, Default)]
struct Memory {
    vars: BTreeMap<String, OsString>,
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryHost {
    /// A host without variables and files, whose working directory is `/`.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same host with another variable.
    #[must_use]
    pub fn with_var(self, name: &str, value: impl Into<OsString>) -> Self {
        self.lock().vars.insert(name.to_owned(), value.into());
        self
    }

    /// The same host with another file.
    #[must_use]
    pub fn with_file(self, path: impl Into<PathBuf>, contents: impl Into<Vec<u8>>) -> Self {
        self.write(path, contents);
        self
    }

    /// Creates or replaces a file, for all clones of the host.
    pub fn write(&self, path: impl Into<PathBuf>, contents: impl Into<Vec<u8>>) {
        self.lock().files.insert(path.into(), contents.into());
    }

    /// Removes a file, for all clones of the host.
    pub fn remove(&self, path: impl AsRef<Path>) {
        self.lock().files.remove(path.as_ref());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        // Nothing is left half done by a panic: each change is one insertion.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for MemoryHost {
    fn var(&self, name: &str) -> Option<OsString> {
        self.lock().vars.get(name).cloned()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.lock()
            .files
            .get(path)
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        Ok(PathBuf::from("/"))
    }
}

//! Files of a test, and a clock that the test moves.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use seatrial_client::{Env, env::Ambient};

/// A directory that ends with the test.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "seatrial-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn write(&self, name: &str, contents: &str) -> String {
        let path = self.path(name);
        // Replaced in one step, as those who rotate files do.
        let next = self.path(&format!("{name}.next"));
        std::fs::write(&next, contents).unwrap();
        std::fs::rename(&next, &path).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// A program that `sh` runs.
    pub(crate) fn script(&self, name: &str, lines: &str) -> String {
        let path = self.write(name, &format!("#!/bin/sh\n{lines}\n"));
        make_executable(Path::new(&path));
        path
    }

    /// How many lines a file has, which scripts use to count their runs.
    pub(crate) fn lines(&self, name: &str) -> usize {
        std::fs::read_to_string(self.path(name)).map_or(0, |text| text.lines().count())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A clock that stands still until the test moves it. Timers run on tokio's.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn env(&self) -> Env {
        Env::new(self.clone())
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + i64::try_from(self.0.load(Ordering::Relaxed)).unwrap())
            .unwrap()
    }
}

impl Ambient for Clock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let system = Env::system();
        Box::pin(async move { system.sleep(duration).await })
    }

    fn seed(&self) -> u64 {
        1
    }
}

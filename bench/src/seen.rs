//! What a reconciler has seen.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Which objects were reconciled in a state newer than a version.
#[derive(Debug)]
pub struct Seen {
    after: u64,
    objects: Vec<AtomicBool>,
    left: AtomicUsize,
}

impl Seen {
    /// None of so many objects yet.
    pub fn new(objects: usize, after: u64) -> Self {
        Self {
            after,
            objects: std::iter::repeat_with(AtomicBool::default)
                .take(objects)
                .collect(),
            left: AtomicUsize::new(objects),
        }
    }

    /// Notes a run for an object of the service, whose name ends with its number.
    pub fn note(&self, name: Option<&str>, version: Option<&str>) {
        let version = version.and_then(|version| version.parse::<u64>().ok());
        let number = name.and_then(|name| name.rsplit('-').next()?.parse::<usize>().ok());
        if version.is_some_and(|version| version > self.after)
            && let Some(seen) = number.and_then(|number| self.objects.get(number))
            && !seen.swap(true, Relaxed)
        {
            self.left.fetch_sub(1, Relaxed);
        }
    }

    /// Whether all were.
    pub fn is_complete(&self) -> bool {
        self.left.load(Relaxed) == 0
    }
}

//! An allocator that counts on demand.
//!
//! Counting costs time, so it is off while time is measured: what is left then is one load that is predicted.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering::Relaxed},
};

/// The system's allocator, with counters of what was asked for (not of what the allocator rounds it up to).
pub struct Heap;

static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
/// Below zero where something is freed that was there before.
static LIVE: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

/// What happened on the heap since the count began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Use {
    /// How many allocations there were, those that grew counted again.
    pub allocations: usize,
    /// How many bytes were in use at most.
    pub peak_bytes: usize,
    /// How many bytes are in use now.
    pub held_bytes: usize,
}

/// Begins to count from nothing.
pub fn start() {
    ALLOCATIONS.store(0, Relaxed);
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
}

/// Ends the count.
pub fn stop() -> Use {
    COUNTING.store(false, Relaxed);
    Use {
        allocations: ALLOCATIONS.load(Relaxed),
        peak_bytes: PEAK.load(Relaxed).max(0) as usize,
        held_bytes: LIVE.load(Relaxed).max(0) as usize,
    }
}

/// Gives the pages that are not in use back to the system, so that each run pays for those it needs, as a process that has just begun does.
pub fn release() {
    // SAFETY: it touches nothing but what is free.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    unsafe {
        libc::malloc_trim(0);
    }
}

fn grow(bytes: usize) {
    ALLOCATIONS.fetch_add(1, Relaxed);
    let live = LIVE.fetch_add(bytes as isize, Relaxed) + bytes as isize;
    PEAK.fetch_max(live, Relaxed);
}

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            grow(layout.size());
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if COUNTING.load(Relaxed) {
            LIVE.fetch_sub(layout.size() as isize, Relaxed);
        }
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if COUNTING.load(Relaxed) {
            LIVE.fetch_sub(layout.size() as isize, Relaxed);
            grow(size);
        }
        unsafe { System.realloc(pointer, layout, size) }
    }
}

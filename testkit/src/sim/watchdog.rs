//! Sees to it that a process gives its thread back.
//!
//! A poll that blocks, or loops without an await, can be interrupted by nobody: the test would hang without a word. So a thread looks at all
//! that drive processes, and ends the program once one has not come back for too long, telling which and what it was at. It counts its own looks
//! instead of reading a clock, so that a machine that was suspended accuses nobody.

use std::{
    io::Write as _,
    sync::{
        Arc, Mutex, MutexGuard, Once, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use super::Site;

/// How often threads are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// All threads that drive processes.
static POSTS: Mutex<Vec<Weak<Post>>> = Mutex::new(Vec::new());

thread_local! {
    static POST: Arc<Post> = post();
}

/// A thread that drives processes.
#[derive(Default)]
struct Post {
    /// How often it began and ended to drive one: odd while one has it.
    turns: AtomicU64,
    driven: Mutex<Option<Driven>>,
}

/// Which process has a thread, and what it has it for.
#[derive(Clone)]
pub(super) struct Driven {
    pub(super) process: Arc<str>,
    /// The virtual time.
    pub(super) at: Duration,
    /// What it heard of last: the answer to a request, or an event of a watch.
    pub(super) heard: Option<Arc<Site>>,
    /// How long it may take, in real time.
    pub(super) limit: Duration,
}

/// The looks at one thread.
struct Looks {
    post: Weak<Post>,
    turn: u64,
    count: u32,
}

/// Drives a process, under the dog's eyes.
pub(super) fn watched<T>(driven: Driven, drive: impl FnOnce() -> T) -> T {
    POST.with(|post| {
        *lock(&post.driven) = Some(driven);
        post.turns.fetch_add(1, Ordering::SeqCst);
        let back = Back(post);
        let answer = drive();
        drop(back);
        answer
    })
}

/// Tells that a thread is free again, also where it unwinds.
struct Back<'a>(&'a Post);

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.0.turns.fetch_add(1, Ordering::SeqCst);
    }
}

fn post() -> Arc<Post> {
    static DOG: Once = Once::new();
    DOG.call_once(|| {
        // Without a dog nothing is lost but a word where a test hangs.
        let _ = thread::Builder::new().name("watchdog".to_owned()).spawn(watch);
    });
    let post = Arc::<Post>::default();
    lock(&POSTS).push(Arc::downgrade(&post));
    post
}

#[expect(
    clippy::disallowed_methods,
    reason = "it has a thread of its own, and looks at real time"
)]
fn watch() {
    let mut looks = Vec::<Looks>::new();
    loop {
        thread::sleep(LOOK);
        looks.extend(lock(&POSTS).drain(..).map(|post| Looks {
            post,
            turn: 0,
            count: 0,
        }));
        looks.retain_mut(|looks| {
            let Some(post) = looks.post.upgrade() else {
                return false;
            };
            let turn = post.turns.load(Ordering::SeqCst);
            let is_stuck = turn == looks.turn && turn % 2 == 1;
            looks.count = if is_stuck { looks.count + 1 } else { 0 };
            looks.turn = turn;
            let driven = lock(&post.driven).clone();
            if let Some(driven) = driven.filter(|driven| LOOK * looks.count > driven.limit) {
                end(&driven);
            }
            true
        });
    }
}

/// Ends the program: nothing less gets the thread back.
fn end(driven: &Driven) -> ! {
    let heard = driven.heard.as_ref().map_or_else(
        || "its start or one of its timers".to_owned(),
        |site| format!("word of `{site}`"),
    );
    // A test's own output is captured, and lost with the program.
    let _ = writeln!(
        std::io::stderr(),
        "\nthe process `{}` has not given its thread back for {:?}: at {:?} of virtual time it got {heard}, and since then it blocks, or loops \
         without awaiting anything that is not there yet. What blocks does not belong in a controller's tasks; `Sweep::poll_max` allows for more.",
        driven.process,
        driven.limit,
        driven.at,
    );
    std::process::abort()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

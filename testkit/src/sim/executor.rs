//! A runtime that says exactly when it has nothing to do.
//!
//! Each process has a current-thread runtime of its own on a paused clock. Before such a runtime parks, tokio calls a hook; at
//! that moment nothing in the process is runnable. If the hook then wakes the root future, the runtime does not move its
//! clock, and the call that drives it returns: the process is idle at the same instant. If the hook stays silent once,
//! the clock moves on to the next timer, and no further.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use seatrial_client::Env;
use seatrial_runtime::panic_message;
use tokio::runtime::{Builder, Handle, Runtime};

use super::{
    ambient::{Life, ProcessAmbient},
    panics,
};

type Main = Pin<Box<dyn Future<Output = ()>>>;

/// A process's tasks, driven from outside.
pub(super) struct Executor {
    /// Absent once it was dropped.
    runtime: Option<Runtime>,
    /// Absent once it has ended.
    main: Option<Main>,
    park: Arc<Park>,
    /// Wakes the main future, and notes that it did.
    waker: Waker,
    life: Arc<Life>,
    /// What everything is given that names no environment.
    env: Env,
    /// What was panicked with, and caught before it ended the process.
    caught: Vec<String>,
}

/// How a drive of an [`Executor`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Driven {
    /// Nothing is runnable.
    Idle,
    /// The main future returned.
    Ended,
    /// It panicked, with this message.
    Panicked(String),
}

/// What the hook and the root future share.
#[derive(Default)]
struct Park {
    /// How often the runtime may still park for good, which moves its clock.
    moves: AtomicUsize,
    is_idle: AtomicBool,
    /// Whether the main future was woken since it was last polled.
    main_woken: AtomicBool,
    /// Wakes the future that the runtime is blocked on.
    root: Mutex<Option<Waker>>,
}

/// Whether processes can run on this thread, each of which has a runtime of its own; what to do instead where they cannot.
pub(crate) fn can_run() -> Result<(), &'static str> {
    match Handle::try_current() {
        Err(_) => Ok(()),
        Ok(_) => Err(
            "each process has a runtime of its own, and there is one already: call this from a plain #[test], not from \
             #[tokio::test]",
        ),
    }
}

// === impl Executor ===

impl Executor {
    /// A process whose main future is made, inside its runtime, by `start`.
    pub(super) fn new<F>(life: Arc<Life>, start: impl FnOnce() -> F + 'static) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        let park = Arc::new(Park::default());
        park.main_woken.store(true, Ordering::SeqCst);
        let hook = park.clone();
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .on_thread_park(move || hook.before_park())
            .build()
            .expect("a runtime without I/O needs nothing of the system");
        {
            let _entered = runtime.enter();
            life.begin();
        }
        Self {
            runtime: Some(runtime),
            main: Some(Box::pin(async move { start().await })),
            waker: Waker::from(park.clone()),
            park,
            env: Env::new(ProcessAmbient(life.clone())),
            life,
            caught: Vec::new(),
        }
    }

    /// Runs what is runnable, without moving the clock.
    pub(super) fn run(&mut self) -> Driven {
        self.drive(None)
    }

    /// Lets the clock move to the next timer, at most to `horizon`, and runs what is runnable then.
    pub(super) fn step(&mut self, horizon: Duration) -> Driven {
        self.drive(Some(horizon))
    }

    /// Sets the clock to an instant that all timers before it have missed, and runs what is runnable then.
    #[expect(
        clippy::disallowed_methods,
        reason = "a process that stood still finds all of its timers due at once"
    )]
    pub(super) fn jump(&mut self, to: Duration) -> Driven {
        let ahead = to.saturating_sub(self.life.now_known());
        if let Some(runtime) = &self.runtime {
            // Its first poll moves the clock; what is due then runs below.
            let _entered = runtime.enter();
            let mut advance = Box::pin(tokio::time::advance(ahead));
            let _ = advance.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
        self.run()
    }

    fn drive(&mut self, horizon: Option<Duration>) -> Driven {
        let Some(runtime) = &self.runtime else {
            return Driven::Ended;
        };
        let _entered = self.env.enter();
        let (park, main, waker) = (&self.park, &mut self.main, &self.waker);
        park.moves.store(usize::from(horizon.is_some()), Ordering::SeqCst);
        park.is_idle.store(false, Ordering::SeqCst);
        let deadline = horizon.map(|at| self.life.instant(at));
        let drive = AssertUnwindSafe(|| {
            runtime.block_on(async {
                // Wakes the root at the horizon, so that the clock stops there.
                let mut deadline = deadline.map(|at| Box::pin(tokio::time::sleep_until(at)));
                std::future::poll_fn(|cx| {
                    park.enter(cx);
                    if park.main_woken.swap(false, Ordering::SeqCst)
                        && let Some(future) = main
                        && future.as_mut().poll(&mut Context::from_waker(waker)).is_ready()
                    {
                        *main = None;
                    }
                    if let Some(sleep) = &mut deadline
                        && sleep.as_mut().poll(cx).is_ready()
                    {
                        deadline = None;
                    }
                    if park.is_idle.load(Ordering::SeqCst) {
                        return Poll::Ready(());
                    }
                    Poll::Pending
                })
                .await;
            });
        });
        let (driven, heard) = panics::heard(|| catch_unwind(drive));
        self.caught.extend(heard);
        // Known to whoever asks from outside.
        {
            let _entered = runtime.enter();
            self.life.now();
        }
        match driven {
            Ok(()) if self.main.is_none() => Driven::Ended,
            Ok(()) => Driven::Idle,
            Err(panic) => {
                self.main = None;
                // The last one was not caught.
                self.caught.pop();
                Driven::Panicked(panic_message(&*panic))
            }
        }
    }

    /// How many tasks there are beside the main future.
    pub(super) fn tasks(&self) -> usize {
        let runtime = self.runtime.as_ref();
        runtime.map_or(0, |runtime| runtime.metrics().num_alive_tasks())
    }

    /// What was panicked with since this was last asked, and caught.
    pub(super) fn take_caught(&mut self) -> Vec<String> {
        std::mem::take(&mut self.caught)
    }

    /// Ends the process as a crash does; its life must have been marked as over.
    pub(super) fn drop_whole(&mut self) {
        let (runtime, main) = (self.runtime.take(), self.main.take());
        let _entered = self.env.enter();
        // A destructor that panics ends the process no less.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            if let Some(runtime) = runtime {
                {
                    let _entered = runtime.enter();
                    drop(main);
                }
                runtime.shutdown_background();
            }
        }));
    }
}

// === impl Park ===

impl Park {
    fn before_park(&self) {
        // The root is about to be polled: the runtime does not park.
        if self.main_woken.load(Ordering::SeqCst) {
            return;
        }
        let moves = self.moves.load(Ordering::SeqCst);
        if moves > 0 {
            self.moves.store(moves - 1, Ordering::SeqCst);
            return;
        }
        self.is_idle.store(true, Ordering::SeqCst);
        self.wake_root();
    }

    /// Notes whom to wake.
    fn enter(&self, cx: &Context<'_>) {
        let mut root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        if !root.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            *root = Some(cx.waker().clone());
        }
    }

    fn wake_root(&self) {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(root) = &*root {
            root.wake_by_ref();
        }
    }
}

impl Wake for Park {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.main_woken.store(true, Ordering::SeqCst);
        self.wake_root();
    }
}

#[cfg(test)]
mod tests;

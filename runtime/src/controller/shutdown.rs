//! When a controller stops.

use std::task::{Context, Poll};

use futures::{FutureExt, future::BoxFuture};
use seatrial_client::Env;

/// What stops a controller.
#[derive(Default)]
pub(super) struct Shutdown {
    /// Any of these asks it to finish what runs and to begin nothing.
    pub(super) graceful: Vec<BoxFuture<'static, ()>>,
    /// Any of these ends it at once.
    pub(super) forceful: Vec<BoxFuture<'static, ()>>,
}

// === impl Shutdown ===

impl Shutdown {
    pub(super) fn poll_graceful(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        any(&mut self.graceful, cx)
    }

    pub(super) fn poll_forceful(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        any(&mut self.forceful, cx)
    }
}

fn any(futures: &mut Vec<BoxFuture<'static, ()>>, cx: &mut Context<'_>) -> Poll<()> {
    if futures.iter_mut().any(|future| future.poll_unpin(cx).is_ready()) {
        // None of them may be polled again after one was ready.
        futures.clear();
        return Poll::Ready(());
    }
    Poll::Pending
}

/// Ready when the process was asked to end so many times: by SIGINT or SIGTERM, by Ctrl-C elsewhere, and never where `env` has no signals.
pub(crate) async fn signal(env: Option<Env>, times: usize) {
    if env.unwrap_or_default().has_signals() {
        signal_of_the_system(times).await;
    } else {
        futures::future::pending().await
    }
}

#[cfg(unix)]
async fn signal_of_the_system(times: usize) {
    use tokio::signal::unix::{SignalKind, signal};

    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be received; the controller will not stop by them");
        return futures::future::pending().await;
    };
    for _ in 0..times {
        futures::future::poll_fn(|cx| {
            // Both are polled, so that both wake.
            let interrupted = interrupt.poll_recv(cx).is_ready();
            let terminated = terminate.poll_recv(cx).is_ready();
            if interrupted || terminated {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

#[cfg(not(unix))]
async fn signal_of_the_system(times: usize) {
    for _ in 0..times {
        if tokio::signal::ctrl_c().await.is_err() {
            tracing::error!("Ctrl-C cannot be received; the controller will not stop by it");
            return futures::future::pending().await;
        }
    }
}

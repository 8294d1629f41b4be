//! A task that ends with its handle.

use std::{
    fmt,
    future::Future,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{runtime::Handle, task::JoinHandle};

/// A task that is aborted when this is dropped.
///
/// Nothing in this crate makes one: it is for reconcilers that are to run on threads of their own. Wrap the body of the reconciler, and a
/// controller that is dropped takes its reconciles with it all the same.
///
/// ```
/// use seatrial_runtime::utils::CancelableJoinHandle;
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let runtime = tokio::runtime::Handle::current();
/// assert_eq!(CancelableJoinHandle::spawn(async { 6 * 7 }, &runtime).await, 42);
/// # });
/// ```
///
/// # Cancel safety
///
/// Dropping it aborts the task at whatever it waits for.
#[must_use = "dropping the handle aborts the task"]
pub struct CancelableJoinHandle<T> {
    task: JoinHandle<T>,
}

// === impl CancelableJoinHandle ===

impl<T: Send + 'static> CancelableJoinHandle<T> {
    /// Runs `future` as a task of `runtime`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the caller asks for a task, and says where"
    )]
    pub fn spawn(future: impl Future<Output = T> + Send + 'static, runtime: &Handle) -> Self {
        Self {
            task: runtime.spawn(future),
        }
    }
}

impl<T> Drop for CancelableJoinHandle<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A panic of the task is raised again here, where a controller makes it the error of the object.
impl<T> Future for CancelableJoinHandle<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match ready!(Pin::new(&mut self.task).poll(cx)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // Its runtime shut down under it; there is no output, and there will be none.
                Err(_) => Poll::Pending,
            },
        }
    }
}

impl<T> fmt::Debug for CancelableJoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelableJoinHandle").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, channel::oneshot};

    use super::*;

    #[tokio::test]
    async fn the_task_ends_with_the_handle() {
        let (alive, mut ended) = oneshot::channel::<()>();
        let task = async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        };
        let mut handle = CancelableJoinHandle::spawn(task, &Handle::current());
        tokio::task::yield_now().await;
        assert!((&mut handle).now_or_never().is_none());
        assert_eq!(ended.try_recv(), Ok(None));
        drop(handle);
        assert!(ended.await.is_err(), "the sender is dropped with the task");
    }

    #[tokio::test]
    #[should_panic = "as planned"]
    async fn a_panic_comes_through() {
        CancelableJoinHandle::spawn(async { panic!("as planned") }, &Handle::current()).await;
    }
}

//! A connection to a server, however it was made, with limits on how long it may be silent.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};

use crate::env::{Env, Sleep};

/// A connection of any kind.
pub(crate) struct Stream {
    io: Pin<Box<dyn Io>>,
    /// What is at the other end is a proxy that forwards single requests.
    forwarding: bool,
}

trait Io: Read + Write + Connection + Send {}

impl<T: Read + Write + Connection + Send> Io for T {}

impl Stream {
    pub(crate) fn new(io: impl Read + Write + Connection + Send + 'static) -> Self {
        Self {
            io: Box::pin(io),
            forwarding: false,
        }
    }

    /// A connection to a proxy that wants to be told the whole URL of each request.
    #[cfg(feature = "http-proxy")]
    pub(crate) fn forwarding(stream: Self) -> Self {
        Self {
            forwarding: true,
            ..stream
        }
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write_vectored(cx, bufs)
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = self.io.connected();
        if self.forwarding {
            connected.proxy(true)
        } else {
            connected
        }
    }
}

/// How long a connection may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) read: Option<Duration>,
    pub(crate) write: Option<Duration>,
    /// A written byte starts the time for reading anew.
    pub(crate) write_resets_read: bool,
}

/// A connection that fails when it is silent for too long.
pub(crate) struct Limited {
    inner: Stream,
    env: Env,
    limits: Limits,
    /// Running while a read, or a write, waits.
    reading: Option<Sleep>,
    writing: Option<Sleep>,
}

impl Limited {
    pub(crate) fn new(inner: Stream, env: Env, limits: Limits) -> Self {
        Self {
            inner,
            env,
            limits,
            reading: None,
            writing: None,
        }
    }

    fn after_write<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        let polled = wait(&self.env, &mut self.writing, self.limits.write, cx, polled);
        if polled.is_ready() && self.limits.write_resets_read && self.reading.take().is_some() {
            // The read that waits must start its timer again.
            cx.waker().wake_by_ref();
        }
        polled
    }
}

/// Lets an operation that is pending fail once its time has passed.
fn wait<T>(
    env: &Env,
    timer: &mut Option<Sleep>,
    limit: Option<Duration>,
    cx: &mut Context<'_>,
    polled: Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    if polled.is_ready() {
        *timer = None;
        return polled;
    }
    let Some(limit) = limit else {
        return Poll::Pending;
    };
    let sleep = timer.get_or_insert_with(|| env.sleep(limit));
    match Pin::new(sleep).poll(cx) {
        Poll::Ready(()) => {
            *timer = None;
            Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("the connection was silent for {} s", limit.as_secs_f64()),
            )))
        }
        Poll::Pending => Poll::Pending,
    }
}

impl Read for Limited {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_read(cx, buf);
        wait(&this.env, &mut this.reading, this.limits.read, cx, polled)
    }
}

impl Write for Limited {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.after_write(cx, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_flush(cx);
        wait(&this.env, &mut this.writing, this.limits.write, cx, polled)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.inner).poll_shutdown(cx);
        wait(&this.env, &mut this.writing, this.limits.write, cx, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.after_write(cx, polled)
    }
}

impl Connection for Limited {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

//! Streams to programs in pods: commands, terminals and ports.
//!
//! One websocket carries several streams. Each message begins with the number of its stream; the fifth version of the
//! protocol can end one stream and leave the others open.
//!
//! **Invariant:** one task moves the bytes of one connection, and it ends with the handles of the caller. What is not
//! read is not fetched: the buffers between the task and the caller are bounded, and a stream that is not read holds up
//! the connection, not the memory.
//!
//! Reading order: this file, then `wire.rs`, `exec.rs` and `portforward.rs`.
//!
//! # Source
//!
//! KEP-4006, and the protocol of the kubelet's streaming server.

mod exec;
#[cfg(feature = "kubelet-debug")]
mod kubelet;
mod portforward;
mod wire;

use std::time::Duration;

use futures::{
    SinkExt, StreamExt,
    channel::mpsc,
    future::{self, BoxFuture, Either},
};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    task::{JoinError, JoinHandle},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{self, Message},
};

use self::wire::{Incoming, Shared, ping, send};
pub use self::{
    exec::{Attach, AttachedProcess, Execute, TerminalSize},
    portforward::{Portforward, Portforwarder},
};
use crate::{
    client::Connection,
    env::Env,
    error::{Error, Result, Target},
};

/// How many bytes of a stream may wait for its reader where the caller does not say.
const BUFFER_BYTES: usize = 32 << 10;

/// How much of a stream goes into one message.
const MESSAGE_BYTES: usize = 16 << 10;

/// The stream on which the fifth version of the protocol says that another one ends.
const CLOSE: u8 = 255;

/// How long the last bytes may take to be sent once nobody is there any more.
const PARTING: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// What waits to be sent.
type Outbox = mpsc::Sender<Message>;

/// The task that moves the bytes of one connection.
struct Pump {
    task: JoinHandle<Result<()>>,
    /// Dropping the handle ends the task, too.
    ends_with_handle: bool,
}

impl Pump {
    /// Runs `read` on what comes and `write` on what goes, until the other side ends the connection.
    ///
    /// A `write` that has nothing more to send does not end it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the pump of an upgraded connection, which ends with its handle"
    )]
    fn start<R, W>(
        connection: Connection,
        target: Target,
        env: Env,
        ends_with_handle: bool,
        read: impl FnOnce(Incoming) -> R,
        write: impl FnOnce(Outbox) -> W,
    ) -> Self
    where
        R: Future<Output = Result<(), tungstenite::Error>> + Send + 'static,
        W: Future<Output = Next> + Send + 'static,
    {
        let (sink, stream) = connection.into_stream().split();
        let (outbox, queue) = mpsc::channel(0);
        let shared = Shared::default();
        let read = read(Incoming::new(stream, env.clone(), shared.clone()));
        let pings = ping(env.clone(), outbox.clone());
        let write = write(outbox);
        let task = tokio::spawn(async move {
            let write = async {
                let sending = async {
                    if let Err(error) = send(sink, queue, env.clone(), shared.clone()).await {
                        shared.fail(error);
                    }
                };
                let work = future::select(Box::pin(write), Box::pin(pings));
                match future::select(Box::pin(work), Box::pin(sending)).await {
                    Either::Left((Either::Left((Next::Hang(rest), pings)), sending)) => {
                        // Once nobody fills it, the queue runs dry and the socket is closed. Nobody waits for it, so a
                        // server that does not read is not waited for either.
                        drop(pings);
                        let _ = env.timeout(PARTING, future::join(rest, sending)).await;
                        return;
                    }
                    // Only pings are left to send.
                    Either::Left((Either::Left((Next::Listen, pings)), sending)) => {
                        future::select(pings, sending).await;
                    }
                    // Nothing can be sent any more. Whoever writes learns it from streams that are gone.
                    failed => drop(failed),
                }
                // What has come already can still be read, and reading will tell that the connection is dead.
                future::pending().await
            };
            let result = match future::select(Box::pin(read), Box::pin(write)).await {
                Either::Left((result, _)) => result,
                Either::Right(((), _)) => Ok(()),
            };
            result.map_err(|error| {
                let first = shared.take_failure().unwrap_or(error);
                target.explain(true, Error::Service(first.into()))
            })
        });
        Self {
            task,
            ends_with_handle,
        }
    }

    fn abort(&self) {
        self.task.abort();
    }

    /// How the connection ended; well, if it was aborted.
    async fn join(mut self) -> Result<()> {
        match (&mut self.task).await {
            Ok(result) => result,
            Err(error) => match JoinError::try_into_panic(error) {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Ok(()),
            },
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        if self.ends_with_handle {
            self.task.abort();
        }
    }
}

/// What to do once there is nothing more to send.
enum Next {
    /// Go on reading.
    Listen,
    /// Nobody is there to read: end the connection, once this has queued what is left.
    Hang(BoxFuture<'static, ()>),
}

/// Sends what is read from `from`, and says where it ends if the other side understands that.
async fn copy_in(channel: u8, mut from: impl AsyncRead + Unpin, mut outbox: Outbox, says_end: bool) {
    let mut buffer = vec![0; MESSAGE_BYTES];
    // An error of a stream in memory is its end.
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        let message = [&[channel], &buffer[..len]].concat();
        if outbox.send(Message::binary(message)).await.is_err() {
            return;
        }
    }
    if says_end {
        // If it cannot be sent, the connection has ended, and every stream with it.
        let _ = outbox.send(Message::binary(vec![CLOSE, channel])).await;
    }
}

#[cfg(test)]
mod tests;

//! Streams to programs in pods: commands, terminals and ports.
//!
//! One websocket carries several streams. Each message begins with the number of its stream; the fifth version of the
//! protocol can end one stream and leave the others open.
//!
//! **Invariant:** one task moves the bytes of one connection, and it ends with the handles of the caller. What is not
//! read is not fetched: the buffers between the task and the caller are bounded, and a stream that is not read holds up
//! the connection, not the memory.
//!
//! Reading order: this file, then `exec.rs` and `portforward.rs`.
//!
//! # Source
//!
//! KEP-4006, and the protocol of the kubelet's streaming server.

mod exec;
#[cfg(feature = "kubelet-debug")]
mod kubelet;
mod portforward;

use std::time::Duration;

use bytes::Bytes;
use futures::{
    SinkExt, StreamExt,
    channel::mpsc,
    future::{self, Either},
    stream::{SplitSink, SplitStream},
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

/// How often a connection shows that it is alive: balancers cut what is silent for a minute.
const PING_EVERY: Duration = Duration::from_secs(20);

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
        read: impl FnOnce(SplitStream<Socket>) -> R,
        write: impl FnOnce(Outbox) -> W,
    ) -> Self
    where
        R: Future<Output = Result<(), tungstenite::Error>> + Send + 'static,
        W: Future<Output = Next> + Send + 'static,
    {
        let (sink, stream) = connection.into_stream().split();
        let (outbox, queue) = mpsc::channel(0);
        let read = read(stream);
        let pings = ping(env.clone(), outbox.clone());
        let write = write(outbox);
        let task = tokio::spawn(async move {
            let write = async {
                let sending = send(sink, queue);
                let work = future::select(Box::pin(write), Box::pin(pings));
                match future::select(Box::pin(work), Box::pin(sending)).await {
                    Either::Left((Either::Left((Next::Hang, pings)), sending)) => {
                        // Without anybody to fill it, the queue runs dry and the socket is closed. Nobody waits for
                        // it, so a server that does not read is not waited for either.
                        drop(pings);
                        let _ = env.timeout(PARTING, sending).await;
                    }
                    // The connection is dead, as reading will tell, or only pings are left to send.
                    Either::Left((Either::Left((Next::Listen, pings)), sending)) => {
                        future::select(pings, sending).await;
                        future::pending().await
                    }
                    _ => future::pending().await,
                }
            };
            let result = match future::select(Box::pin(read), Box::pin(write)).await {
                Either::Left((result, _)) => result,
                Either::Right(((), _)) => Ok(()),
            };
            result.map_err(|error| target.explain(true, Error::Service(error.into())))
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
    /// Nobody is there to read: end the connection.
    Hang,
}

async fn send(mut sink: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<Message>) {
    while let Some(message) = queue.next().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
    // A connection that is dead already needs no leave.
    let _ = sink.close().await;
}

async fn ping(env: Env, mut outbox: Outbox) {
    loop {
        env.sleep(PING_EVERY).await;
        if outbox.send(Message::Ping(Bytes::new())).await.is_err() {
            return;
        }
    }
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

/// The streams' messages out of a websocket: the number and the bytes.
///
/// `None` at the end, whether or not the other side took its leave: a kubelet that restarts does not.
async fn next_message(stream: &mut SplitStream<Socket>) -> Result<Option<(u8, Bytes)>, tungstenite::Error> {
    loop {
        match stream.next().await {
            None => return Ok(None),
            Some(Ok(Message::Binary(mut bytes))) if !bytes.is_empty() => {
                let channel = bytes.split_to(1)[0];
                return Ok(Some((channel, bytes)));
            }
            // Reading on answers pings and leave-takings.
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
        }
    }
}

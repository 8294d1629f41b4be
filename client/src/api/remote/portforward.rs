//! Ports of pods.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures::{
    FutureExt,
    channel::oneshot,
    future::{Either, join_all, ready, select},
};
use k8s_openapi::api::core::v1::Pod;
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, ReadHalf, WriteHalf, duplex, split},
    sync::mpsc,
};
use tokio_tungstenite::tungstenite;

use super::{BUFFER_BYTES, CLOSE, Incoming, Next, Outbox, Pump, copy_in, exec::connecting};
use crate::{
    api::Api,
    client::Connection,
    env::Env,
    error::{Result, Target},
};

/// Marks kinds whose ports can be forwarded.
pub trait Portforward {}

impl Portforward for Pod {}

/// # Ports
impl<K: Clone + DeserializeOwned + Portforward> Api<K> {
    /// Opens a connection to each of these ports of the object named `name`.
    ///
    /// # Errors
    ///
    /// As [`Client::connect`](crate::Client::connect). That nothing listens on a port is told by
    /// [`Portforwarder::take_error`].
    pub async fn portforward(&self, name: &str, ports: &[u16]) -> Result<Portforwarder> {
        let request = self.request.portforward(name, ports)?;
        let target = connecting(&request);
        let connection = self.client().connect(request).await?;
        let env = self.client().env().clone();
        Ok(Portforwarder::new(connection, target, env, ports))
    }
}

/// Connections to ports of a pod, over one websocket.
///
/// The websocket lasts until this and all streams taken from it are dropped.
pub struct Portforwarder {
    ports: Vec<Port>,
    /// Tells the pump that somebody is still there.
    alive: mpsc::Sender<Infallible>,
    pump: Pump,
}

/// What the caller has of a port.
struct Port {
    number: u16,
    stream: Option<DuplexStream>,
    error: Option<oneshot::Receiver<String>>,
}

/// What the pump has of a port.
struct Remote {
    number: u16,
    /// Absent once either side has ended this direction.
    to_caller: Option<WriteHalf<DuplexStream>>,
    error: Option<oneshot::Sender<String>>,
}

impl Portforwarder {
    pub(super) fn new(connection: Connection, target: Target, env: Env, numbers: &[u16]) -> Self {
        let (mut ports, mut remotes, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for &number in numbers {
            let (ours, theirs) = duplex(BUFFER_BYTES);
            let (from_caller, to_caller) = split(theirs);
            let (to_error, error) = oneshot::channel();
            ports.push(Port {
                number,
                stream: Some(ours),
                error: Some(error),
            });
            remotes.push(Remote {
                number,
                to_caller: Some(to_caller),
                error: Some(to_error),
            });
            sources.push(from_caller);
        }
        let (alive, ended) = mpsc::channel(1);
        let says_end = connection.supports_stream_close();
        let pump = Pump::start(
            connection,
            target,
            env,
            false,
            |stream| receive(stream, remotes),
            |outbox| transmit(outbox, sources, ended, says_end),
        );
        Self { ports, alive, pump }
    }

    /// The connection to a port, if it was asked for and not taken before.
    ///
    /// Shutting down its writing half ends that direction alone, if the other side speaks the fifth version of the
    /// protocol.
    pub fn take_stream(&mut self, port: u16) -> Option<impl AsyncRead + AsyncWrite + Unpin + Send + use<>> {
        let stream = self.port(port)?.stream.take()?;
        Some(PortStream {
            stream,
            _alive: self.alive.clone(),
        })
    }

    /// What went wrong with a port, once something has; `None` if the connection ended well. Absent if the port was not
    /// asked for or this was taken before.
    pub fn take_error(&mut self, port: u16) -> Option<impl Future<Output = Option<String>> + Send + use<>> {
        let error = self.port(port)?.error.take()?;
        Some(async { error.await.ok() })
    }

    /// Ends all connections now.
    pub fn abort(&self) {
        self.pump.abort();
    }

    /// Waits until the websocket has ended: by the other side, or because all streams were dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Service`](crate::Error::Service) if it broke off.
    pub async fn join(self) -> Result<()> {
        self.into_pump().join().await
    }

    /// Drops the rest: nobody waits for streams that were not taken.
    fn into_pump(self) -> Pump {
        self.pump
    }

    fn port(&mut self, number: u16) -> Option<&mut Port> {
        self.ports.iter_mut().find(|port| port.number == number)
    }
}

impl fmt::Debug for Portforwarder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ports: Vec<_> = self.ports.iter().map(|port| port.number).collect();
        f.debug_struct("Portforwarder")
            .field("ports", &ports)
            .finish_non_exhaustive()
    }
}

/// The caller's end of a port.
struct PortStream {
    stream: DuplexStream,
    _alive: mpsc::Sender<Infallible>,
}

impl AsyncRead for PortStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for PortStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The streams of the port at a place in the list: first its bytes, then its error.
fn data_channel(place: usize) -> u8 {
    // Ports are distinct, and requests with more of them than fit here are refused before.
    u8::try_from(2 * place).unwrap_or(CLOSE)
}

async fn receive(mut stream: Incoming, mut ports: Vec<Remote>) -> Result<(), tungstenite::Error> {
    // The first message of each stream is the number of its port.
    let mut is_begun = vec![false; 2 * ports.len()];
    while let Some((channel, bytes)) = stream.next().await? {
        if let (CLOSE, [closed]) = (channel, &bytes[..]) {
            if closed % 2 == 0
                && let Some(port) = ports.get_mut(usize::from(closed / 2))
            {
                close(&mut port.to_caller).await;
            }
            continue;
        }
        let Some(port) = ports.get_mut(usize::from(channel / 2)) else {
            continue;
        };
        let is_begun = &mut is_begun[usize::from(channel)];
        if !*is_begun {
            *is_begun = true;
            if bytes[..] == port.number.to_le_bytes() {
                continue;
            }
        }
        if channel % 2 == 0 {
            if let Some(caller) = &mut port.to_caller
                && caller.write_all(&bytes).await.is_err()
            {
                port.to_caller = None;
            }
        } else if let Some(error) = port.error.take() {
            // Nobody may want to know. After an error nothing more comes.
            let _ = error.send(String::from_utf8_lossy(&bytes).into_owned());
            close(&mut port.to_caller).await;
        }
    }
    Ok(())
}

/// Ends the direction to the caller, who then reads its end.
async fn close(to_caller: &mut Option<WriteHalf<DuplexStream>>) {
    if let Some(mut caller) = to_caller.take() {
        // It fails only where nobody reads any more.
        let _ = caller.shutdown().await;
    }
}

async fn transmit(
    outbox: Outbox,
    sources: Vec<ReadHalf<DuplexStream>>,
    mut ended: mpsc::Receiver<Infallible>,
    says_end: bool,
) -> Next {
    let copies = sources
        .into_iter()
        .enumerate()
        .map(|(place, source)| copy_in(data_channel(place), source, outbox.clone(), says_end));
    let copies = join_all(copies).map(drop).boxed();
    drop(outbox);
    // Nothing is ever sent there: it ends when nobody is there any more.
    let ended = ended.recv().map(drop).boxed();
    match select(copies, ended).await {
        // Somebody may still read what comes.
        Either::Left(((), ended)) => {
            ended.await;
            Next::Hang(ready(()).boxed())
        }
        Either::Right(((), copies)) => Next::Hang(copies),
    }
}

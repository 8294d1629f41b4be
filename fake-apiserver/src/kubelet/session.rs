//! The streams of one connection.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::channel::mpsc;
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt as _, SinkExt as _, StreamExt as _, future, select_biased};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::program::Step;
use super::{Call, FakeKubelet, Program, What};
use crate::clock::Clock;

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const STATUS: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// One connection to the programs of a pod.
pub(super) struct Session {
    kubelet: FakeKubelet,
    call: Call,
    clock: Arc<dyn Clock>,
    /// Streams can end by themselves.
    says_end: bool,
}

/// What a program hears.
struct Input {
    /// The streams' bytes; it ends where the client says so, or with the connection.
    bytes: mpsc::UnboundedReceiver<Bytes>,
    /// What was heard and not read.
    rest: BytesMut,
    sizes: mpsc::UnboundedReceiver<(u16, u16)>,
}

/// Where a program's words go.
struct Output {
    sink: mpsc::Sender<Message>,
    stdout: Option<u8>,
    stderr: Option<u8>,
}

/// How a program came to its end.
enum End {
    Exit(i32),
    Vanished,
    /// The client is gone.
    Unheard,
}

// === impl Session ===

impl Session {
    pub(super) fn new(kubelet: FakeKubelet, call: Call, clock: Arc<dyn Clock>, says_end: bool) -> Self {
        kubelet.lock().open += 1;
        Self {
            kubelet,
            call,
            clock,
            says_end,
        }
    }

    pub(super) async fn run(self, socket: Socket) {
        let (sink, stream) = socket.split();
        let (outbox, queue) = mpsc::channel(0);
        let mut ears = BTreeMap::new();
        let programs: future::BoxFuture<'_, ()> = match &self.call.what {
            // Its answer is no connection.
            What::Log(_) => return,
            What::Exec { streams, .. } | What::Attach(streams) => {
                let (ear, input) = ear();
                ears.insert(STDIN, ear);
                let output = Output {
                    sink: outbox,
                    stdout: streams.stdout.then_some(STDOUT),
                    stderr: if streams.tty {
                        Some(STDOUT)
                    } else {
                        streams.stderr.then_some(STDERR)
                    },
                };
                if !streams.stdin {
                    // Nobody can write to it.
                    if let Some(ear) = ears.get_mut(&STDIN) {
                        ear.bytes = None;
                    }
                }
                self.process(input, output).boxed()
            }
            What::Ports(ports) => {
                let listeners = ports.iter().enumerate().map(|(place, port)| {
                    // There are at most 127 ports, or the request was refused.
                    let channel = u8::try_from(2 * place).unwrap_or(CLOSE - 1);
                    let (ear, input) = ear();
                    ears.insert(channel, ear);
                    self.listen(*port, channel, input, outbox.clone())
                });
                let listeners: Vec<_> = listeners.collect();
                drop(outbox);
                future::join_all(listeners).map(drop).boxed()
            }
        };
        let mut heard = super::Session {
            what: self.what(),
            input: Vec::new(),
            input_ended: false,
            sizes: Vec::new(),
        };
        {
            let mut hearing = hear(stream, ears, &mut heard).boxed().fuse();
            let mut speaking = future::join(programs, send(sink, queue)).boxed().fuse();
            // A client that goes away ends the programs; programs that end end the connection, once the client has
            // taken its leave.
            select_biased! {
                () = hearing => {}
                _ = speaking => {
                    let mut patience = self.clock.sleep(PARTING).fuse();
                    select_biased! {
                        () = hearing => {}
                        () = patience => {}
                    }
                }
            }
        }
        let mut sessions = self.kubelet.lock();
        sessions.ended.push(heard);
    }

    fn what(&self) -> String {
        let Call {
            namespace,
            pod,
            container,
            what,
            ..
        } = &self.call;
        match what {
            What::Log(_) => format!("log {namespace}/{pod}/{container}"),
            What::Exec { command, .. } => {
                format!("exec {namespace}/{pod}/{container}: {}", command.join(" "))
            }
            What::Attach(_) => format!("attach {namespace}/{pod}/{container}"),
            What::Ports(ports) => {
                let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
                format!("portforward {namespace}/{pod}: {}", ports.join(" "))
            }
        }
    }

    async fn process(&self, input: Input, mut output: Output) {
        let program = match &self.call.what {
            What::Exec { command, .. } => self
                .kubelet
                .command(&self.call.pod, &self.call.container, command),
            _ => Ok(self.kubelet.main(&self.call.pod, &self.call.container)),
        };
        let status = match program {
            Err(why) => json!({
                "metadata": {}, "status": "Failure", "reason": "InternalError", "code": 500,
                "message": format!("Internal error occurred: {why}"),
                "details": {"causes": [{"message": why}]},
            }),
            Ok(program) => match self.run_program(&program, input, &mut output).await {
                End::Exit(0) => json!({"metadata": {}, "status": "Success"}),
                End::Exit(code) => failure(code),
                End::Vanished | End::Unheard => return,
            },
        };
        let message = [&[STATUS][..], status.to_string().as_bytes()].concat();
        // Nobody may be there to hear it.
        let _ = output.sink.send(Message::binary(message)).await;
    }

    async fn listen(&self, port: u16, channel: u8, input: Input, mut outbox: mpsc::Sender<Message>) {
        for channel in [channel, channel + 1] {
            let message = [&[channel][..], &port.to_le_bytes()].concat();
            if outbox.send(Message::binary(message)).await.is_err() {
                return;
            }
        }
        let Some(program) = self.kubelet.listener(&self.call.pod, port) else {
            let why = format!(
                "error forwarding port {port} to pod {}, uid : failed to connect to localhost:{port} inside \
                 namespace: connection refused",
                self.call.pod
            );
            let message = [&[channel + 1][..], why.as_bytes()].concat();
            let _ = outbox.send(Message::binary(message)).await;
            return;
        };
        let mut output = Output {
            sink: outbox,
            stdout: Some(channel),
            stderr: None,
        };
        let end = self.run_program(program, input, &mut output).await;
        if self.says_end && matches!(end, End::Exit(_)) {
            for channel in [channel, channel + 1] {
                let _ = output.sink.send(Message::binary(vec![CLOSE, channel])).await;
            }
        }
    }

    async fn run_program(&self, program: &Program, mut input: Input, output: &mut Output) -> End {
        for step in &program.steps {
            let is_heard = match step {
                Step::Stdout(bytes) => output.write(output.stdout, bytes).await,
                Step::Stderr(bytes) => output.write(output.stderr, bytes).await,
                Step::Wait(duration) => {
                    self.clock.sleep(*duration).await;
                    true
                }
                Step::Echo => {
                    let mut is_heard = true;
                    while let Some(bytes) = input.read().await {
                        is_heard = is_heard && output.write(output.stdout, &bytes).await;
                    }
                    is_heard
                }
                Step::ReadToEnd => {
                    while input.read().await.is_some() {}
                    true
                }
                Step::ReadLine => {
                    input.read_line().await;
                    true
                }
                Step::TellSize => match input.sizes.next().await {
                    Some((width, height)) => {
                        let text = format!("{width}x{height}\n");
                        output.write(output.stdout, text.as_bytes()).await
                    }
                    None => true,
                },
                Step::Vanish => return End::Vanished,
            };
            if !is_heard {
                return End::Unheard;
            }
        }
        End::Exit(program.code)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.kubelet.lock().open -= 1;
    }
}

// === impl Input ===

impl Input {
    /// What comes next; `None` at the end.
    async fn read(&mut self) -> Option<Bytes> {
        if !self.rest.is_empty() {
            return Some(self.rest.split().freeze());
        }
        self.bytes.next().await
    }

    async fn read_line(&mut self) {
        loop {
            if let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
                let _ = self.rest.split_to(end + 1);
                return;
            }
            match self.bytes.next().await {
                Some(bytes) => self.rest.extend_from_slice(&bytes),
                None => return self.rest.clear(),
            }
        }
    }
}

// === impl Output ===

impl Output {
    /// Whether anybody is there to hear it. What goes to a stream that nobody asked for is lost.
    async fn write(&mut self, channel: Option<u8>, bytes: &[u8]) -> bool {
        let Some(channel) = channel else { return true };
        for chunk in bytes.chunks(MESSAGE_BYTES) {
            let message = [&[channel], chunk].concat();
            if self.sink.send(Message::binary(message)).await.is_err() {
                return false;
            }
        }
        true
    }
}

/// How much of a stream goes into one message, as in the kubelet.
const MESSAGE_BYTES: usize = 32 << 10;

/// How long a client that was told the end may take to leave.
const PARTING: std::time::Duration = std::time::Duration::from_secs(10);

/// Where what comes for one program goes.
struct Ear {
    bytes: Option<mpsc::UnboundedSender<Bytes>>,
    sizes: mpsc::UnboundedSender<(u16, u16)>,
}

fn ear() -> (Ear, Input) {
    let (bytes, to_read) = mpsc::unbounded();
    let (sizes, to_see) = mpsc::unbounded();
    let ear = Ear {
        bytes: Some(bytes),
        sizes,
    };
    let input = Input {
        bytes: to_read,
        rest: BytesMut::new(),
        sizes: to_see,
    };
    (ear, input)
}

/// Hands out what comes, until the client goes.
async fn hear(mut stream: SplitStream<Socket>, mut ears: BTreeMap<u8, Ear>, heard: &mut super::Session) {
    while let Some(Ok(message)) = stream.next().await {
        let Message::Binary(mut bytes) = message else {
            continue;
        };
        if bytes.is_empty() {
            continue;
        }
        let channel = bytes.split_to(1)[0];
        match (channel, &bytes[..]) {
            (CLOSE, [closed]) => {
                if let Some(ear) = ears.get_mut(closed) {
                    ear.bytes = None;
                    heard.input_ended |= *closed == 0;
                }
            }
            (RESIZE, text) if ears.len() == 1 => {
                let size: Value = serde_json::from_slice(text).unwrap_or_default();
                let side = |name: &str| size[name].as_u64().and_then(|n| u16::try_from(n).ok());
                if let (Some(width), Some(height), Some(ear)) =
                    (side("Width"), side("Height"), ears.get(&STDIN))
                {
                    heard.sizes.push((width, height));
                    // A program that is over does not look.
                    let _ = ear.sizes.unbounded_send((width, height));
                }
            }
            _ => {
                if let Some(bytes_to) = ears.get(&channel).and_then(|ear| ear.bytes.as_ref()) {
                    if channel == 0 {
                        heard.input.extend_from_slice(&bytes);
                    }
                    let _ = bytes_to.unbounded_send(bytes);
                }
            }
        }
    }
}

async fn send(mut sink: SplitSink<Socket, Message>, mut queue: mpsc::Receiver<Message>) {
    while let Some(message) = queue.next().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
    let _ = sink.close().await;
}

fn failure(code: i32) -> Value {
    json!({
        "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
        "message": format!("command terminated with non-zero exit code: exit status {code}"),
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

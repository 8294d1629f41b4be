//! Replays recorded exchanges with a real kube-apiserver; see `transcripts/README.md`.
#![expect(
    clippy::disallowed_methods,
    reason = "stands for a client and its machine: time is the paused clock of the runtime, options come from the environment"
)]

mod transcript;

//! Replays recorded exchanges with a real kube-apiserver; see `transcripts/README.md`.

mod transcript;

//! Replays recorded exchanges with a real kube-apiserver; `../transcripts/README.md` describes them.

pub(crate) mod compare;
pub(crate) mod floor;
pub(crate) mod format;
pub(crate) mod gate;
pub(crate) mod json;
pub(crate) mod normalise;
mod patches;
mod playback;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod server;
pub(crate) mod stream;
pub(crate) mod target;
pub(crate) mod webhook;

//! What the fuzz targets do with an input. `tests/corpus.rs` of the client replays the seeds through the same functions.

pub mod kubeconfig;

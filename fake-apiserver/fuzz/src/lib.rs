//! What the fuzz targets do with an input. `tests/corpus.rs` of the server replays the seeds through the same functions.

pub mod apply;
pub mod definition;
pub mod fields_v1;
pub mod json_patch;
pub mod request;
pub mod selector;
pub mod strategic;

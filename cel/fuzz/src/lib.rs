//! What the fuzz targets do with an input. `tests/it/corpus.rs` of the crate replays the seeds through the same functions.

pub mod expression;

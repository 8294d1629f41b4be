//! Runnable programs, one idea each; every one is also a test of its own.
//!
//! - `quickstart`: a controller from end to end, on an embedded cluster or a real one.
//! - `drop-in` (a package of its own): a program that knows only the name `kube`.

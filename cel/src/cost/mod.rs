//! What expressions cost: at most, from their text and the sizes of what they look at ([`estimate`]), and really, while
//! they run ([`runtime`]).
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/#resource-constraints>; the figures per operation are those of
//! cel-go and of Kubernetes' libraries.

pub(crate) mod estimate;
pub(crate) mod runtime;

/// Looking at each character of a text.
const TRAVERSAL: f64 = 0.1;
/// Each character of a pattern.
const PATTERN: f64 = 0.25;
/// A question of access; two fit in one expression.
const CHECK: u64 = 350_000;
/// The length that patterns of formats are taken to have.
const FORMAT_PATTERN: u64 = 128;

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "costs are rounded up and saturate"
)]
fn scaled(size: u64, factor: f64) -> u64 {
    (size as f64 * factor).ceil() as u64
}

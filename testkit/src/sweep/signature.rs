//! What tells one failure from another: in which way it fails, and what about.

use super::{Finding, FuzzFinding, plan::Shown};
use crate::oracle::{FailureKind, Verdict};

/// What has failed in some way.
pub(super) trait Signed {
    /// Two with one signature are one failure.
    fn signature(&self) -> (FailureKind, &str);
}

/// Whether one of `findings` is the same failure.
pub(super) fn is_known<F: Signed>(findings: &[F], failure: &impl Signed) -> bool {
    findings
        .iter()
        .any(|finding| finding.signature() == failure.signature())
}

macro_rules! signed {
    ($($type:ty),*) => {$(
        impl Signed for $type {
            fn signature(&self) -> (FailureKind, &str) {
                (self.kind, &self.about)
            }
        }
    )*};
}

signed!(Finding, FuzzFinding, Shown, Verdict);

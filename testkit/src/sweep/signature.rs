//! What tells one failure from another: in which way it fails, what about, and for panics with which message.

use super::{Finding, FuzzFinding, plan::Shown};
use crate::oracle::{FailureKind, Verdict, panic_told};

/// What has failed in some way.
pub(super) trait Signed {
    /// Two with one signature are one failure, unless they are panics with different messages.
    fn signature(&self) -> (FailureKind, &str);

    /// The message that a panic is told by, if it is known.
    fn panic_told(&self) -> Option<String>;
}

/// Whether one of `findings` is the same failure.
pub(super) fn is_known<F: Signed>(findings: &[F], failure: &impl Signed) -> bool {
    findings.iter().any(|finding| {
        let is_same = match (finding.panic_told(), failure.panic_told()) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        is_same && finding.signature() == failure.signature()
    })
}

macro_rules! signed {
    ($($type:ty),*) => {$(
        impl Signed for $type {
            fn signature(&self) -> (FailureKind, &str) {
                (self.kind, &self.about)
            }

            fn panic_told(&self) -> Option<String> {
                panic_told(self.kind, &self.details)
            }
        }
    )*};
}

signed!(Finding, FuzzFinding, Verdict);

impl Signed for Shown {
    fn signature(&self) -> (FailureKind, &str) {
        (self.kind, &self.about)
    }

    fn panic_told(&self) -> Option<String> {
        None
    }
}

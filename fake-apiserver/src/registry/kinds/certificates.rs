//! Certificate signing requests.

use crate::registry::strategy::{Selectable, Strategy};

/// The rules for CertificateSigningRequests.
#[derive(Debug)]
pub(super) struct CertificateSigningRequest;

impl Strategy for CertificateSigningRequest {
    fn selectable(&self) -> Selectable {
        Selectable {
            fields: &[("spec.signerName", |request| {
                request["spec"]["signerName"].as_str().unwrap_or("").to_owned()
            })],
            ..Selectable::default()
        }
    }
}

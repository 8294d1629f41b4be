//! A bearer token in a file that somebody else keeps fresh.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use futures::{FutureExt, future::BoxFuture};

use super::{
    AuthError, bearer,
    credentials::{Credential, Source},
};
use crate::config::Host;

/// How long a token that was read is good enough: the kubelet replaces tokens long before they end.
const RECHECK: Duration = Duration::from_secs(60);

pub(super) struct TokenFile {
    pub(super) path: PathBuf,
    pub(super) host: Arc<dyn Host>,
}

impl TokenFile {
    fn read(&self) -> Result<Credential, AuthError> {
        let fail = |error| AuthError::ReadTokenFile(Arc::new(error), self.path.clone());
        let bytes = self.host.read(&self.path).map_err(fail)?;
        let token = str::from_utf8(&bytes)
            .map_err(|_| fail(io::Error::other("it is not UTF-8")))?
            .trim();
        if token.is_empty() {
            return Err(fail(io::Error::other("it is empty")));
        }
        Ok(Credential {
            header: Some(bearer(token).map_err(|_| fail(io::Error::other("it is not one line of text")))?),
            recheck: Some(RECHECK),
            ..Credential::default()
        })
    }
}

impl Source for TokenFile {
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move { self.read() }.boxed()
    }
}

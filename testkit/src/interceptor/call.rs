//! A request in the hands of a test's code, and what the client is going to read.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{
    Response,
    header::{CONTENT_LENGTH, RETRY_AFTER},
    request::Parts,
};
use http_body_util::BodyExt as _;
use seatrial_client::{Client, Env, core::Verb};
use serde_json::Value;
use tower::BoxError;

use super::{InterceptorId, Reply, service::Intercepted};
use crate::{
    fault::wire::{self, Edit, Lines, Step, WireBody},
    request::Target,
};

/// A request that an interceptor has taken.
#[derive(Clone)]
pub struct Call {
    pub(super) verb: Verb,
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// Whose it is: the interceptors behind this one come next.
    pub(super) taken_by: InterceptorId,
    pub(super) behind: Intercepted,
}

/// What the client is going to read.
pub struct Answer {
    pub(super) response: Response<WireBody>,
    pub(super) is_watch: bool,
}

// === impl Call ===

impl Call {
    /// The verb of the Kubernetes API.
    pub fn verb(&self) -> Verb {
        self.verb
    }

    /// The path with its query.
    pub fn path(&self) -> String {
        self.parts.uri.to_string()
    }

    /// The resource with its group and subresource, such as `deployments.apps/status`; empty for what is no resource.
    pub fn resource(&self) -> String {
        Target::of(&self.parts.uri).with_subresource()
    }

    /// The namespace in the path.
    pub fn namespace(&self) -> Option<String> {
        Target::of(&self.parts.uri).namespace.map(str::to_owned)
    }

    /// The object's name, from the path or from the body of a create.
    pub fn name(&self) -> Option<String> {
        Target::of(&self.parts.uri).name_or_in(&self.body)
    }

    /// The body; `Null` where there is none that is JSON.
    pub fn body(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Sends another body on.
    pub fn set_body(&mut self, body: &Value) {
        self.body = body.to_string().into();
        self.parts.headers.remove(CONTENT_LENGTH);
    }

    /// A client that no interceptor sees; what it asks for is in the cluster's request log all the same, and meets its faults.
    pub fn client(&self) -> Client {
        self.behind.client()
    }

    /// Waits by the clock of the cluster.
    pub async fn sleep(&self, time: Duration) {
        self.behind.env().sleep(time).await;
    }

    /// Sends the request on. A clone of the call sends it a second time.
    ///
    /// # Errors
    /// Where the connection fails, by a fault or by the next interceptor.
    pub async fn proceed(self) -> Reply {
        self.behind
            .serve(self.verb, self.parts, self.body, Some(self.taken_by))
            .await
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("verb", &self.verb)
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

// === impl Answer ===

impl Answer {
    /// An answer with a body of JSON. A code that HTTP does not have becomes 500.
    pub fn json(code: u16, body: &Value) -> Self {
        Self {
            response: wire::json_answer(code, body).map(wire::full),
            is_watch: false,
        }
    }

    /// An answer with a `Status` of failure.
    pub fn status(code: u16, reason: &str, message: &str) -> Self {
        Self::json(code, &wire::status(code, reason, message))
    }

    /// The same with a header that says when to come again.
    #[must_use]
    pub fn retry_after(mut self, secs: u64) -> Self {
        self.response.headers_mut().insert(RETRY_AFTER, secs.into());
        self
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The same with another body: the object, the list, or each event of a watch. Errors, and what is not JSON, pass unchanged.
    ///
    /// # Errors
    /// Where the connection fails before the body is there.
    pub async fn edit(self, change: impl Fn(&mut Value) + Send + 'static) -> Reply {
        let Self { response, is_watch } = self;
        if !response.status().is_success() {
            return Ok(Self { response, is_watch });
        }
        let (mut head, body) = response.into_parts();
        head.headers.remove(CONTENT_LENGTH);
        let edit = if is_watch {
            Edit::Lines(Box::new(EachEvent(change)))
        } else {
            Edit::Whole(Box::new(move |body| changed(&body, &change).unwrap_or(body)))
        };
        // Only edits of times take a clock.
        let body = wire::edited(body, edit, &Env::system()).await?;
        Ok(Self {
            response: Response::from_parts(head, body),
            is_watch,
        })
    }

    /// Reads the answer to its end: the code, and the body where it is JSON. Not for watches, which do not end.
    ///
    /// # Errors
    /// Where the connection fails before the end.
    pub async fn read(self) -> Result<(u16, Value), BoxError> {
        let code = self.code();
        let body = self.response.into_body().collect().await?.to_bytes();
        Ok((code, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("code", &self.code())
            .finish_non_exhaustive()
    }
}

/// Changes each event of a watch.
struct EachEvent<F>(F);

impl<F: Fn(&mut Value) + Send> Lines for EachEvent<F> {
    fn line(&mut self, line: Bytes) -> Vec<Step> {
        let line = match changed(&line, &self.0) {
            Some(event) => [&event[..], b"\n"].concat().into(),
            None => line,
        };
        vec![Step::Send(line)]
    }
}

fn changed(json: &[u8], change: &impl Fn(&mut Value)) -> Option<Bytes> {
    let mut value = serde_json::from_slice(json).ok()?;
    change(&mut value);
    Some(value.to_string().into())
}

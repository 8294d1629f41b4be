//! An open watch: reads all the while, and hands out the events when asked.

use std::time::Duration;

use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

use super::target::Body;

/// How long expected events may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long nothing more may come after them.
const QUIET: Duration = Duration::from_millis(300);

/// Ends its reading when dropped.
pub(crate) struct Stream {
    events: mpsc::UnboundedReceiver<Value>,
    reader: AbortHandle,
}

impl Stream {
    /// Must be called within a `LocalSet`: a body is read as a connection would, not only when events are asked for.
    pub(crate) fn open(body: Body) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let reader = tokio::task::spawn_local(pump(body, sender)).abort_handle();
        Self { events, reader }
    }

    /// Reads `wanted` events, and the end where it is expected; then whatever else comes before it is quiet.
    ///
    /// Returns the events, and whether the stream has ended.
    pub(crate) async fn collect(
        &mut self,
        wanted: usize,
        closed: bool,
        bookmarks: bool,
    ) -> (Vec<Value>, bool) {
        let mut out = Vec::new();
        let mut ended = false;
        let end = Instant::now() + DEADLINE;
        while out.len() < wanted || (closed && !ended) {
            match timeout_at(end, self.events.recv()).await {
                Err(_) => break,
                Ok(None) => {
                    ended = true;
                    if out.len() < wanted {
                        break;
                    }
                }
                Ok(Some(event)) => keep(event, bookmarks, &mut out),
            }
        }
        let end = Instant::now() + QUIET;
        while !ended {
            match timeout_at(end, self.events.recv()).await {
                Err(_) => break,
                Ok(None) => ended = true,
                Ok(Some(event)) => keep(event, bookmarks, &mut out),
            }
        }
        (out, ended)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn keep(event: Value, bookmarks: bool, out: &mut Vec<Value>) {
    if bookmarks || event.get("type").is_none_or(|kind| kind != "BOOKMARK") {
        out.push(event);
    }
}

/// One event a line; a line that is no JSON ends the reading, as it would a client's.
async fn pump(mut body: Body, events: mpsc::UnboundedSender<Value>) {
    let mut unread = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        unread.extend_from_slice(&frame.into_data().unwrap_or_default());
        while let Some(end) = unread.iter().position(|&b| b == b'\n') {
            let line: Vec<u8> = unread.drain(..=end).collect();
            if line.trim_ascii().is_empty() {
                continue;
            }
            let Ok(event) = serde_json::from_slice(&line) else {
                return;
            };
            let _ = events.send(event);
        }
    }
    if let Ok(event) = serde_json::from_slice(&unread) {
        let _ = events.send(event);
    }
}

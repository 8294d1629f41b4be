//! What containers wrote, as the log of a pod.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::clock::{Clock, Sleep};
use crate::status::{Result, StatusError};
use crate::wire::Query;

use super::{Call, FakeKubelet};

/// How a log is to be read.
#[derive(Debug, Default)]
pub(crate) struct Options {
    follow: bool,
    timestamps: bool,
    limit: Option<usize>,
    tail: Option<usize>,
    since_seconds: Option<i64>,
    since_time: Option<Timestamp>,
    /// The container that ran before this one: there is none.
    previous: bool,
}

/// A log that is being read. It ends with the last line of the script.
pub(crate) struct Log {
    lines: VecDeque<(Timestamp, Bytes)>,
    /// How many bytes may still be read.
    limit: Option<usize>,
    clock: Arc<dyn Clock>,
    sleep: Option<Sleep>,
}

// === impl Options ===

impl Options {
    pub(crate) fn parse(query: &Query) -> Result<Self> {
        let number = |key: &str, min: i64| -> Result<Option<i64>> {
            match query.text(key) {
                "" => Ok(None),
                text => match text.parse().ok().filter(|n| *n >= min) {
                    Some(number) => Ok(Some(number)),
                    None => Err(StatusError::bad_request(format!(
                        "invalid value {text:?} of {key}"
                    ))),
                },
            }
        };
        let flag = |key: &str| matches!(query.text(key), "true" | "1");
        let size = |n: Option<i64>| n.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        let since_time = match query.text("sinceTime") {
            "" => None,
            text => Some(
                text.parse()
                    .map_err(|_| StatusError::bad_request(format!("invalid value {text:?} of sinceTime")))?,
            ),
        };
        Ok(Self {
            follow: flag("follow"),
            timestamps: flag("timestamps"),
            previous: flag("previous"),
            limit: size(number("limitBytes", 1)?),
            tail: size(number("tailLines", 0)?),
            since_seconds: number("sinceSeconds", 1)?,
            since_time,
        })
    }
}

// === impl Log ===

impl Log {
    pub(super) fn open(
        kubelet: &FakeKubelet,
        call: &Call,
        options: &Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        if options.previous {
            return Err(StatusError::bad_request(format!(
                "previous terminated container {:?} in pod {:?} not found",
                call.container, call.pod
            )));
        }
        let now = clock.now();
        let since = options
            .since_seconds
            .map(|s| now.saturating_sub(SignedDuration::from_secs(s)));
        let since = since.and_then(std::result::Result::ok).max(options.since_time);
        let script = kubelet
            .find(&call.pod, &call.container)
            .map_or(&[][..], |c| &c.log);
        let mut lines: VecDeque<_> = script
            .iter()
            .map(|(after, line)| {
                let after = SignedDuration::try_from(*after).unwrap_or(SignedDuration::MAX);
                (call.created.saturating_add(after).unwrap_or(Timestamp::MAX), line)
            })
            .filter(|(at, _)| since.is_none_or(|since| *at >= since))
            .collect();
        let written = lines.partition_point(|(at, _)| *at <= now);
        if !options.follow {
            lines.truncate(written);
        }
        if let Some(tail) = options.tail {
            lines.drain(..written.saturating_sub(tail));
        }
        let lines = lines.into_iter().map(|(at, line)| {
            let text = if options.timestamps {
                format!("{at:.9} {line}\n")
            } else {
                format!("{line}\n")
            };
            (at, text.into())
        });
        Ok(Self {
            lines: lines.collect(),
            limit: options.limit,
            clock,
            sleep: None,
        })
    }

    pub(crate) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if self.limit == Some(0) {
                return Poll::Ready(None);
            }
            let Some((at, _)) = self.lines.front() else {
                return Poll::Ready(None);
            };
            let left = at.duration_since(self.clock.now());
            if left.is_positive() {
                let sleep = self
                    .sleep
                    .get_or_insert_with(|| self.clock.sleep(left.unsigned_abs()));
                match sleep.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(()) => {
                        self.sleep = None;
                        continue;
                    }
                }
            }
            // It was looked at above.
            let Some((_, mut line)) = self.lines.pop_front() else {
                return Poll::Ready(None);
            };
            if let Some(limit) = &mut self.limit {
                line.truncate(*limit);
                *limit -= line.len();
            }
            return Poll::Ready(Some(line));
        }
    }
}

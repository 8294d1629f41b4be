//! Section A: the connection.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Response, header::CONNECTION, request::Parts};
use seatrial_client::error::NotSent;
use serde::{Deserialize, Serialize};
use tower::BoxError;

use crate::duration;

use super::wire::{Changes, Chunks, Edit, Pace, Step, Verdict, answer, full};

/// What happens to a connection, whatever goes over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum TransportFault {
    /// A1: nobody answers at the address. The request was certainly not applied.
    Refused,
    /// A1: the server's name does not resolve.
    Unresolved,
    /// A1: the server shows a certificate that the client does not trust.
    Untrusted,
    /// A2: the other side refuses the stream, as a server that goes away does, and says so: the request was certainly not applied.
    StreamRefused,
    /// A2: the connection breaks while the request is being sent. It was not applied, which the client cannot know.
    BrokenRequest,
    /// A3: the request is served, and the connection breaks before the answer.
    LostAnswer,
    /// A4: the connection breaks after so many bytes of the body.
    Cut {
        /// How many bytes arrive.
        after_bytes: usize,
    },
    /// A5: neither an answer nor the end of the connection. The request is not served.
    Silence,
    /// A6: the server answers, and asks that nothing more be sent over this connection.
    ///
    /// The next connection may lead to another replica, which is a fault of its own: [`ReadFault::Replica`](super::ReadFault::Replica).
    GoAway,
    /// A7: the body arrives in pieces of this size, wherever that cuts it.
    Rechunked {
        /// Bytes in a piece, at least one.
        size: usize,
    },
    /// A7: all that was sent by the time of a look arrives in one piece, however many events that are.
    Gathered,
    /// A8: the body arrives slowly, and holds up whatever is behind it.
    Slow {
        /// Bytes in a piece, at least one.
        bytes: usize,
        /// The time between two pieces.
        #[serde(with = "duration")]
        every: Duration,
    },
    /// A9: the request is served, and nothing comes back until the client gives up.
    Abandoned,
    /// A10: something on the way answers in the server's stead, in HTML.
    Gateway {
        /// One of 502, 503 and 504.
        code: u16,
        /// Whether the server had served the request.
        applied: bool,
    },
}

// === impl TransportFault ===

impl TransportFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::Refused | Self::Unresolved | Self::Untrusted => "A1",
            Self::StreamRefused | Self::BrokenRequest => "A2",
            Self::LostAnswer => "A3",
            Self::Cut { .. } => "A4",
            Self::Silence => "A5",
            Self::GoAway => "A6",
            Self::Rechunked { .. } | Self::Gathered => "A7",
            Self::Slow { .. } => "A8",
            Self::Abandoned => "A9",
            Self::Gateway { .. } => "A10",
        }
    }

    pub(super) fn concerns(&self, _: &Parts) -> bool {
        true
    }

    pub(super) fn verdict(&self) -> Verdict {
        let edit = |edit| {
            Verdict::Serve(Changes {
                answer: Some(edit),
                ..Changes::default()
            })
        };
        match *self {
            // A client may conclude from the kind that nothing was sent.
            Self::Refused => failed(io::ErrorKind::ConnectionRefused, "connection refused"),
            // The transport knows where it failed, and says so as it does here.
            Self::Unresolved => not_sent("failed to lookup address information: Name or service not known"),
            Self::Untrusted => not_sent("invalid peer certificate: UnknownIssuer"),
            Self::StreamRefused => {
                not_sent("stream error received: refused stream before processing any application logic")
            }
            Self::BrokenRequest => failed(io::ErrorKind::BrokenPipe, "broken pipe"),
            Self::LostAnswer => Verdict::play(|exchange| async move {
                exchange.serve().await?;
                Err(broken(io::ErrorKind::ConnectionReset, "connection reset by peer"))
            }),
            Self::Cut { after_bytes } => edit(Edit::Chunks(Box::new(CutAfter { left: after_bytes }))),
            Self::Silence => Verdict::Silence,
            Self::GoAway => Verdict::play(|exchange| async move {
                let mut response = exchange.serve().await?;
                response
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
                Ok(response)
            }),
            Self::Rechunked { size } => edit(Edit::Chunks(Box::new(Pieces { size: size.max(1) }))),
            Self::Gathered => edit(Edit::Gathered),
            Self::Slow { bytes, every } => edit(Edit::Paced(Pace::Slow { bytes, every })),
            Self::Abandoned => Verdict::play(|exchange| async move {
                exchange.serve().await?;
                std::future::pending().await
            }),
            Self::Gateway { code, applied } => Verdict::play(move |exchange| async move {
                if applied {
                    exchange.serve().await?;
                }
                Ok(gateway(code).map(full))
            }),
        }
    }
}

fn failed(kind: io::ErrorKind, message: &'static str) -> Verdict {
    Verdict::Fail(broken(kind, message))
}

fn broken(kind: io::ErrorKind, message: &'static str) -> BoxError {
    io::Error::new(kind, message).into()
}

fn not_sent(message: &'static str) -> Verdict {
    Verdict::Fail(NotSent::new(message).into())
}

fn gateway(code: u16) -> Response<Bytes> {
    let title = match code {
        502 => "502 Bad Gateway",
        504 => "504 Gateway Time-out",
        _ => "503 Service Temporarily Unavailable",
    };
    answer(
        code,
        "text/html",
        format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
        ),
    )
}

struct CutAfter {
    left: usize,
}

impl Chunks for CutAfter {
    fn chunk(&mut self, mut chunk: Bytes) -> Vec<Step> {
        chunk.truncate(self.left);
        self.left -= chunk.len();
        let mut steps = Vec::new();
        if !chunk.is_empty() {
            steps.push(Step::Send(chunk));
        }
        if self.left == 0 {
            steps.push(Step::Reset);
        }
        steps
    }
}

struct Pieces {
    size: usize,
}

impl Chunks for Pieces {
    fn chunk(&mut self, mut chunk: Bytes) -> Vec<Step> {
        let mut steps = Vec::new();
        while !chunk.is_empty() {
            steps.push(Step::Send(chunk.split_to(self.size.min(chunk.len()))));
        }
        steps
    }
}

//! Section A: the connection.

use bytes::Bytes;

use super::wire::{Changes, Chunks, Edit, Step, Verdict};

/// What happens to a connection, whatever goes over it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportFault {
    /// A1: nobody answers at the address. The request was certainly not applied.
    Refused,
    /// A4: the connection breaks after so many bytes of the body.
    Cut {
        /// How many bytes arrive.
        after_bytes: usize,
    },
    /// A5: neither an answer nor the end of the connection.
    Silence,
    /// A7: the body arrives in pieces of this size, wherever that cuts it.
    Rechunked {
        /// Bytes in a piece, at least one.
        size: usize,
    },
}

// === impl TransportFault ===

impl TransportFault {
    pub(super) fn row(&self) -> &'static str {
        match self {
            Self::Refused => "A1",
            Self::Cut { .. } => "A4",
            Self::Silence => "A5",
            Self::Rechunked { .. } => "A7",
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        let chunks: Box<dyn Chunks> = match *self {
            Self::Refused => return Verdict::Refuse,
            Self::Silence => return Verdict::Silence,
            Self::Cut { after_bytes } => Box::new(CutAfter { left: after_bytes }),
            Self::Rechunked { size } => Box::new(Pieces { size: size.max(1) }),
        };
        Verdict::Serve(Changes {
            answer: Some(Edit::Chunks(chunks)),
            ..Changes::default()
        })
    }
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

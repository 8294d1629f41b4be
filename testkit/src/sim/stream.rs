//! Answers that go on: watches, and whatever else does not end at once.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::Bytes;
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use seatrial_fake_apiserver as fake;
use serde_json::Value;
use tower::BoxError;

use super::{Break, Site, fate::reset, link::Pipe};
use crate::fault::wire;

/// A body as the server, or what is in front of it, gives it.
pub(super) enum Source {
    Server(fake::Body),
    Changed(UnsyncBoxBody<Bytes, BoxError>),
}

/// A piece of a body; `None` is its end.
pub(super) type Piece = Option<Result<Bytes, BoxError>>;

/// A body of which all was read that was there.
pub(super) enum Read {
    /// It has ended.
    Whole(Vec<Result<Bytes, BoxError>>),
    /// More is to come.
    Open(Vec<Piece>, Source),
}

/// A body that has not ended yet, on its way to a process.
pub(super) struct Stream {
    pub(super) process: usize,
    pub(super) site: Arc<Site>,
    source: Source,
    /// Set by whoever wakes the source.
    dirty: Arc<Flag>,
    waker: Waker,
    /// What the server sent and the process has not read.
    pub(super) pending: VecDeque<Pending>,
    pipe: Option<Arc<Pipe>>,
    /// Pieces that were handed over.
    pub(super) told: u32,
    ended: bool,
}

/// A piece on its way.
pub(super) struct Pending {
    pub(super) number: u64,
    /// Whether it tells the process of what it wrote itself, which comes late.
    pub(super) is_late: bool,
    pub(super) piece: Piece,
}

/// A waker that only notes that it was used.
pub(super) struct Flag(AtomicBool);

// === impl Source ===

impl Source {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        loop {
            let frame = match self {
                Self::Server(body) => Pin::new(body)
                    .poll_frame(cx)
                    .map(|f| f.map(|f| f.map_err(|never| match never {}))),
                Self::Changed(body) => Pin::new(body).poll_frame(cx),
            };
            return match frame {
                Poll::Pending => Poll::Pending,
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error))),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => Poll::Ready(Some(Ok(data))),
                    // Trailers say nothing here.
                    Err(_) => continue,
                },
            };
        }
    }

    /// The whole body, if it ends at once; the rest of it otherwise, behind what was read.
    pub(super) fn read(mut self) -> Read {
        let mut pieces = Vec::new();
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            match self.poll(&mut cx) {
                Poll::Ready(Some(piece)) => pieces.push(piece),
                Poll::Ready(None) => return Read::Whole(pieces),
                Poll::Pending => return Read::Open(pieces.into_iter().map(Some).collect(), self),
            }
        }
    }
}

// === impl Stream ===

impl Stream {
    pub(super) fn new(process: usize, site: Arc<Site>, source: Source) -> Self {
        let dirty = Arc::new(Flag(AtomicBool::new(true)));
        Self {
            process,
            site,
            source,
            waker: Waker::from(dirty.clone()),
            dirty,
            pending: VecDeque::new(),
            pipe: None,
            told: 0,
            ended: false,
        }
    }

    /// Says where the pieces go: the process has got the head of the answer.
    pub(super) fn connect(&mut self, pipe: Arc<Pipe>) {
        self.pipe = Some(pipe);
    }

    /// Takes what the server has to send now.
    pub(super) fn pull(&mut self, next: &mut u64, is_late: bool) {
        if self.ended || !self.dirty.0.swap(false, Ordering::SeqCst) {
            return;
        }
        let waker = self.waker.clone();
        while let Poll::Ready(piece) = self.source.poll(&mut Context::from_waker(&waker)) {
            self.ended = piece.is_none();
            self.pending.push_back(Pending {
                number: *next,
                is_late,
                piece,
            });
            *next += 1;
            if self.ended {
                break;
            }
        }
    }

    /// Puts pieces that were read already before what comes.
    pub(super) fn preload(&mut self, pieces: Vec<Piece>, next: &mut u64) {
        for piece in pieces {
            self.pending.push_back(Pending {
                number: *next,
                is_late: false,
                piece,
            });
            *next += 1;
        }
    }

    /// Ends it, by an error event if one is given, in the place of what is still on its way.
    pub(super) fn end(&mut self, error: Option<&Value>, next: &mut u64) {
        let mut pieces = Vec::new();
        if let Some(status) = error {
            self.pending.clear();
            pieces.push(Some(Ok(wire::event("ERROR", status))));
        }
        pieces.push(None);
        self.preload(pieces, next);
        self.ended = true;
    }

    /// Ends it before what is on its way has come.
    pub(super) fn break_off(&mut self, how: Break, next: &mut u64) {
        let first = self.pending.pop_front().and_then(|pending| pending.piece);
        self.pending.clear();
        let mut pieces = Vec::new();
        match how {
            Break::End => {}
            Break::Expired => {
                let status = wire::status(410, "Expired", "too old resource version: 1 (2)");
                pieces.push(Some(Ok(wire::event("ERROR", &status))));
            }
            Break::Reset => pieces.push(Some(Err(reset()))),
            Break::MidFrame => {
                if let Some(Ok(frame)) = first {
                    pieces.push(Some(Ok(frame.slice(..frame.len() / 2))));
                }
                pieces.push(Some(Err(reset())));
            }
        }
        pieces.push(None);
        self.preload(pieces, next);
        self.ended = true;
    }

    /// Makes one piece of all that is on its way: whoever reads it has read the last when it looks at the first.
    pub(super) fn join(&mut self) {
        let mut joined = VecDeque::<Pending>::new();
        for pending in self.pending.drain(..) {
            if let Some(Ok(bytes)) = &pending.piece
                && let Some(Ok(before)) = joined.back_mut().and_then(|before| before.piece.as_mut())
            {
                *before = Bytes::from([&**before, &**bytes].concat());
                continue;
            }
            joined.push_back(pending);
        }
        self.pending = joined;
    }

    /// The piece that is to be handed over next, once there is somebody to take it.
    pub(super) fn front(&self) -> Option<&Pending> {
        self.pipe.as_ref()?;
        self.pending.front()
    }

    /// Hands over the next piece.
    pub(super) fn deliver(&mut self) -> Option<Bytes> {
        let pending = self.pending.pop_front()?;
        self.told += 1;
        let told = pending
            .piece
            .as_ref()
            .and_then(|piece| piece.as_ref().ok().cloned());
        if let Some(pipe) = &self.pipe {
            pipe.push(pending.piece);
        }
        told
    }

    /// Whether nothing more comes of it, or nobody reads it.
    pub(super) fn is_over(&self) -> bool {
        let unread = self.pipe.as_ref().is_some_and(|pipe| pipe.is_closed());
        unread || (self.ended && self.pending.is_empty())
    }
}

impl Flag {
    pub(super) fn raised() -> Arc<Self> {
        Arc::new(Self(AtomicBool::new(true)))
    }

    /// Whether it was raised since it was last taken.
    pub(super) fn take(&self) -> bool {
        self.0.swap(false, Ordering::SeqCst)
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

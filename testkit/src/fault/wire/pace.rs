//! Bodies whose bytes are as they were and whose times are not.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use seatrial_client::{Env, env::Sleep};
use tower::BoxError;

/// When bytes come.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// So much later than they were sent, and the end as well.
    Late(Duration),
    /// All that was sent since, at each multiple of this time.
    Bursts(Duration),
    /// So many bytes each time, no more than that in flight.
    Slow { bytes: usize, every: Duration },
}

/// A body whose pieces come at a pace.
pub(super) struct Paced<B> {
    body: Pin<Box<B>>,
    pace: Pace,
    env: Env,
    began: Duration,
    /// What was sent, and when it arrives.
    flight: VecDeque<(Duration, Arrival)>,
    /// Wakes at the time of the first arrival.
    timer: Option<(Duration, Pin<Box<Sleep>>)>,
    ended: bool,
}

enum Arrival {
    Bytes(Bytes),
    Broken(BoxError),
    End,
}

impl<B> Paced<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    pub(super) fn new(body: B, pace: Pace, env: Env) -> Self {
        Self {
            body: Box::pin(body),
            pace,
            began: env.monotonic(),
            env,
            flight: VecDeque::new(),
            timer: None,
            ended: false,
        }
    }

    /// Takes what the other side has sent by now.
    fn take(&mut self, cx: &mut Context<'_>) {
        while !self.ended && !self.is_full() {
            let Poll::Ready(frame) = self.body.as_mut().poll_frame(cx) else {
                return;
            };
            let arrival = match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) => Arrival::Bytes(bytes),
                    // Trailers carry nothing here.
                    Err(_) => continue,
                },
                Some(Err(error)) => Arrival::Broken(error.into()),
                None => Arrival::End,
            };
            self.ended = !matches!(arrival, Arrival::Bytes(_));
            self.send(arrival);
        }
    }

    /// Whether the other side cannot send: the connection takes no more.
    fn is_full(&self) -> bool {
        matches!(self.pace, Pace::Slow { .. }) && !self.flight.is_empty()
    }

    fn send(&mut self, arrival: Arrival) {
        let now = self.env.monotonic();
        match (self.pace, arrival) {
            (Pace::Late(by), arrival) => self.flight.push_back((now.saturating_add(by), arrival)),
            (Pace::Bursts(every), arrival) => {
                let every = every.max(Duration::from_millis(1)).as_nanos();
                let bursts = now.saturating_sub(self.began).as_nanos() / every + 1;
                let due = self.began.as_nanos() + bursts * every;
                let due = Duration::from_nanos(u64::try_from(due).unwrap_or(u64::MAX));
                self.flight.push_back((due, arrival));
            }
            (Pace::Slow { bytes, every }, Arrival::Bytes(mut rest)) => {
                let mut due = now;
                while !rest.is_empty() {
                    due = due.saturating_add(every);
                    let piece = rest.split_to(bytes.max(1).min(rest.len()));
                    self.flight.push_back((due, Arrival::Bytes(piece)));
                }
            }
            (Pace::Slow { .. }, arrival) => self.flight.push_back((now, arrival)),
        }
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            this.take(cx);
            let Some((due, _)) = this.flight.front() else {
                return if this.ended {
                    Poll::Ready(None)
                } else {
                    Poll::Pending
                };
            };
            let (due, now) = (*due, this.env.monotonic());
            if due <= now {
                return Poll::Ready(match this.flight.pop_front() {
                    Some((_, Arrival::Bytes(bytes))) => Some(Ok(Frame::data(bytes))),
                    Some((_, Arrival::Broken(error))) => Some(Err(error)),
                    Some((_, Arrival::End)) | None => None,
                });
            }
            if this.timer.as_ref().is_none_or(|(at, _)| *at != due) {
                this.timer = Some((due, Box::pin(this.env.sleep(due - now))));
            }
            if let Some((_, timer)) = &mut this.timer {
                ready!(timer.as_mut().poll(cx));
                this.timer = None;
            }
        }
    }
}

impl<B> Unpin for Paced<B> {}

/// A body whose pieces are as large as they can be without waiting for one.
pub(super) struct Gathered<B> {
    body: Pin<Box<B>>,
    /// How it ended, if what came before has yet to be told.
    end: Option<Option<BoxError>>,
}

impl<B> Gathered<B> {
    pub(super) fn new(body: B) -> Self {
        Self {
            body: Box::pin(body),
            end: None,
        }
    }
}

impl<B> Body for Gathered<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut whole = BytesMut::new();
        while self.end.is_none() {
            match self.body.as_mut().poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(bytes) = frame.into_data() {
                        whole.extend_from_slice(&bytes);
                    }
                }
                Poll::Ready(Some(Err(error))) => self.end = Some(Some(error.into())),
                Poll::Ready(None) => self.end = Some(None),
                Poll::Pending if whole.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        if !whole.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(whole.freeze()))));
        }
        // Told once; after that the body has ended.
        let end = self.end.replace(None).flatten();
        Poll::Ready(end.map(Err))
    }
}

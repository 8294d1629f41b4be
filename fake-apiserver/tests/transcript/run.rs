//! Replays many transcripts, each on a thread with a clock and a server of its own.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::format::Transcript;
use super::replay::{Outcome, replay};
use super::target::{Target, panic_text};

/// How long the wall clock may show no transcript ending before those under way count as hanging.
const HANGING: Duration = Duration::from_secs(60);
/// Answers are nested as deep as requests make them.
const STACK: usize = 16 << 20;

/// The transcripts that belong to this crate.
pub(crate) fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts")
}

/// Makes a fresh server for a transcript; called on the thread and within the clock that the transcript runs on.
pub(crate) type MakeTarget = fn(&Arc<Transcript>) -> Box<dyn Target>;

/// Runs on a paused clock that starts anew and moves on when nothing else is left to do.
pub(crate) fn in_virtual_time(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime without I/O needs nothing that could be missing");
    tokio::task::LocalSet::new().block_on(&runtime, work);
}

/// Replays all on a few threads, with `ignored` as in [`replay`]. What a transcript did not come to, because it crashed or hung, counts as different.
pub(crate) fn replay_all(
    transcripts: Vec<Transcript>,
    make: MakeTarget,
    ignored: &[String],
) -> Vec<(Arc<Transcript>, Vec<Outcome>)> {
    let board = Arc::new(Board {
        played: Mutex::new(transcripts.iter().map(|_| Vec::new()).collect()),
        transcripts: transcripts.into_iter().map(Arc::new).collect(),
        taken: Mutex::new(0),
        ignored: ignored.to_vec(),
    });
    let (sender, ended) = mpsc::channel();
    for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
        start_worker(&board, make, &sender);
    }
    let mut ends: BTreeMap<usize, Option<String>> = BTreeMap::new();
    while ends.len() < board.transcripts.len() {
        if let Ok((index, crash)) = ended.recv_timeout(HANGING) {
            ends.entry(index).or_insert(crash);
            continue;
        }
        let taken = *locked(&board.taken);
        for index in 0..taken {
            ends.entry(index).or_insert_with(|| {
                start_worker(&board, make, &sender);
                Some("hangs".to_owned())
            });
        }
    }
    let mut played = std::mem::take(&mut *locked(&board.played));
    let results = board.transcripts.iter().enumerate().map(|(index, transcript)| {
        let played = std::mem::take(&mut played[index]);
        let crash = ends.remove(&index).flatten();
        (
            Arc::clone(transcript),
            complete(transcript, played, crash.as_deref().unwrap_or("not reached")),
        )
    });
    results.collect()
}

/// What the workers share.
struct Board {
    transcripts: Vec<Arc<Transcript>>,
    ignored: Vec<String>,
    /// How many have been begun.
    taken: Mutex<usize>,
    /// The outcomes so far: those before a crash count.
    played: Mutex<Vec<Vec<Outcome>>>,
}

impl Board {
    fn take(&self) -> Option<(usize, Arc<Transcript>)> {
        let mut taken = locked(&self.taken);
        let index = *taken;
        let transcript = self.transcripts.get(index)?;
        *taken += 1;
        Some((index, Arc::clone(transcript)))
    }

    fn record(&self, index: usize, outcome: Outcome) {
        if let Some(outcomes) = locked(&self.played).get_mut(index) {
            outcomes.push(outcome);
        }
    }
}

/// A worker is never joined: one that hangs must not hang the rest.
fn start_worker(board: &Arc<Board>, make: MakeTarget, ended: &Sender<(usize, Option<String>)>) {
    let (board, ended) = (Arc::clone(board), ended.clone());
    let work = move || {
        while let Some((index, transcript)) = board.take() {
            let play = AssertUnwindSafe(|| {
                in_virtual_time(async {
                    let target = make(&transcript);
                    replay(&transcript, &*target, &board.ignored, |outcome| {
                        board.record(index, outcome)
                    })
                    .await;
                });
            });
            let crash = std::panic::catch_unwind(play).err();
            // Nobody listens any more where this one had been given up.
            let _ = ended.send((
                index,
                crash.map(|panic| format!("panicked: {}", panic_text(&*panic))),
            ));
        }
    };
    std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(work)
        .expect("the system has threads left");
}

/// Adds an outcome for each compared step that has none.
fn complete(transcript: &Transcript, mut played: Vec<Outcome>, why: &str) -> Vec<Outcome> {
    for (index, _) in transcript.compared().skip(played.len()) {
        played.push(Outcome {
            index,
            status_same: false,
            difference: Some(why.to_owned()),
        });
    }
    played
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

impl<K: Clone + Eq + Hash, R> Queue<K, R> {
    /// The next key and why.
    fn next(&mut self, now: Duration) -> Option<(K, R)> {
        self.pop(now).map(|(key, reason, _)| (K::clone(&key), reason))
    }
}

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn at(n: u64, reason: &'static str) -> Request<&'static str> {
    Request {
        at: ms(n),
        priority: Priority::Normal,
        reason,
    }
}

fn low(n: u64, reason: &'static str) -> Request<&'static str> {
    Request {
        at: ms(n),
        priority: Priority::Low,
        reason,
    }
}

#[test]
fn equal_keys_are_one_run() {
    let mut queue = Queue::new(None);
    queue.add(ms(0), 'a', at(0, "first"));
    queue.add(ms(0), 'a', at(0, "second"));
    assert_eq!(queue.next(ms(0)), Some(('a', "first")));
    assert_eq!(queue.next(ms(0)), None);
    queue.done(ms(0), &'a');
    assert_eq!((queue.running(), queue.waiting()), (0, 0));
}

#[test]
fn a_key_waits_since_its_time_came_however_late_somebody_looks() {
    let mut queue = Queue::new(Some(1));
    let waited = |queue: &mut Queue<char, _>, now| queue.pop(now).map(|(key, _, waited)| (*key, waited));
    queue.add(ms(0), 'a', at(10, "due"));
    queue.add(ms(0), 'b', at(30, "due"));
    assert_eq!(waited(&mut queue, ms(50)), Some(('a', ms(40))));
    queue.add(ms(55), 'a', at(55, "meanwhile"));
    queue.done(ms(60), &'a');
    assert_eq!(waited(&mut queue, ms(70)), Some(('b', ms(40))));
    queue.done(ms(80), &'b');
    // What came while the key ran could not run before that was over.
    assert_eq!(waited(&mut queue, ms(80)), Some(('a', ms(20))));
}

#[test]
fn a_key_that_runs_is_not_handed_out_again_until_done() {
    let mut queue = Queue::new(None);
    queue.add(ms(0), 'a', at(0, "first"));
    queue.next(ms(0));
    queue.add(ms(1), 'a', at(1, "meanwhile"));
    assert_eq!(queue.next(ms(1)), None);
    queue.done(ms(2), &'a');
    assert_eq!(queue.next(ms(2)), Some(('a', "meanwhile")));
}

#[test]
fn the_earliest_request_wins_and_brings_its_reason() {
    let mut queue = Queue::new(None);
    queue.add(ms(0), 'a', at(1000, "retry"));
    queue.add(ms(0), 'a', at(2000, "later"));
    assert_eq!(queue.next_due(), Some(ms(1000)));
    queue.add(ms(10), 'a', at(10, "changed"));
    assert_eq!(queue.next_due(), None);
    assert_eq!(queue.next(ms(10)), Some(('a', "changed")));
    queue.done(ms(11), &'a');
    assert_eq!(queue.next(ms(5000)), None);
}

#[test]
fn a_requeue_and_a_change_during_the_run_become_the_change() {
    let mut queue = Queue::new(None);
    queue.add(ms(0), 'a', at(0, "first"));
    queue.next(ms(0));
    queue.add(ms(5), 'a', at(5, "changed"));
    queue.add(ms(9), 'a', at(60_000, "requeue"));
    queue.done(ms(9), &'a');
    assert_eq!(queue.next(ms(9)), Some(('a', "changed")));
}

#[test]
fn equal_times_keep_their_order() {
    let mut queue = Queue::new(None);
    for key in ['c', 'a', 'b'] {
        queue.add(ms(0), key, at(100, "due"));
    }
    assert_eq!(queue.next(ms(99)), None);
    let order: Vec<_> = std::iter::from_fn(|| queue.next(ms(100)).map(|(key, _)| key)).collect();
    assert_eq!(order, ['c', 'a', 'b']);
}

#[test]
fn no_more_than_the_limit_run() {
    let mut queue = Queue::new(Some(2));
    for key in 0..3 {
        queue.add(ms(0), key, at(0, "due"));
    }
    assert!(queue.next(ms(0)).is_some());
    assert!(queue.next(ms(0)).is_some());
    assert_eq!(queue.next(ms(0)), None);
    queue.done(ms(0), &0);
    assert_eq!(queue.next(ms(0)), Some((2, "due")));
}

#[test]
fn changes_overtake_the_initial_list_without_starving_it() {
    let mut queue = Queue::new(None);
    for key in 0..3 {
        queue.add(ms(0), key, low(0, "listed"));
    }
    for key in 100..120 {
        queue.add(ms(0), key, at(0, "changed"));
    }
    let order: Vec<_> = std::iter::from_fn(|| queue.next(ms(0)).map(|(key, _)| key)).collect();
    assert_eq!(order[..8], [100, 101, 102, 103, 104, 105, 106, 107]);
    assert_eq!(order[8], 0);
    assert_eq!(order.len(), 23);
}

#[test]
fn a_listed_key_that_changes_moves_up() {
    let mut queue = Queue::new(None);
    queue.add(ms(0), 'a', low(0, "listed"));
    queue.add(ms(0), 'b', low(0, "listed"));
    queue.add(ms(0), 'b', at(0, "changed"));
    assert_eq!(queue.next(ms(0)), Some(('b', "changed")));
    assert_eq!(queue.next(ms(0)), Some(('a', "listed")));
    assert_eq!(queue.next(ms(0)), None);
    assert_eq!(queue.running(), 2);
}

#[test]
fn a_time_that_never_comes_does_not_overflow() {
    let mut queue = Queue::new(None);
    queue.add(
        ms(1),
        'a',
        Request {
            at: Duration::MAX,
            priority: Priority::Normal,
            reason: "never",
        },
    );
    assert_eq!(queue.next(ms(u64::MAX)), None);
    assert_eq!(queue.next_due(), Some(Duration::MAX));
}

#[test]
fn debouncing_waits_for_quiet_but_not_for_ever() {
    let mut queue = Queue::new(None);
    let window = ms(100);
    queue.add_debounced(ms(0), 'a', Priority::Normal, "1", window);
    queue.add_debounced(ms(60), 'a', Priority::Normal, "2", window);
    assert_eq!(queue.next(ms(100)), None);
    assert_eq!(queue.next(ms(160)), Some(('a', "2")));
    queue.done(ms(160), &'a');

    let mut ran = None;
    for now in (200..4000).step_by(50) {
        queue.add_debounced(ms(now), 'a', Priority::Normal, "busy", window);
        if queue.next(ms(now)).is_some() {
            ran = Some(now);
            break;
        }
    }
    assert_eq!(ran, Some(1200));
}

#[test]
fn what_is_not_running_cannot_be_done() {
    let mut queue = Queue::<_, &str>::new(None);
    queue.done(ms(0), &'a');
    queue.add(ms(0), 'a', at(0, "due"));
    queue.done(ms(0), &'a');
    assert_eq!(queue.next(ms(0)), Some(('a', "due")));
}

#[derive(Clone, Debug)]
enum Step {
    Add { key: u8, delay: u64, low: bool },
    Debounce { key: u8, window: u64 },
    Pop,
    Done { nth: usize },
    Pass { time: u64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6u8, prop_oneof![Just(0), 1..50u64], any::<bool>()).prop_map(|(key, delay, low)| Step::Add { key, delay, low }),
        1 => (0..6u8, 1..20u64).prop_map(|(key, window)| Step::Debounce { key, window }),
        4 => Just(Step::Pop),
        3 => (0..4usize).prop_map(|nth| Step::Done { nth }),
        2 => (1..30u64).prop_map(|time| Step::Pass { time }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Against a model that keeps the latest moment by which each key must have run.
    #[test]
    fn no_key_is_lost_and_none_runs_twice_at_once(
        steps in prop::collection::vec(step(), 1..120),
        running_max in prop_oneof![Just(None), (1..4usize).prop_map(Some)],
    ) {
        let mut queue = Queue::new(running_max);
        let mut now = ms(0);
        let mut running = Vec::new();
        // Keys that must be handed out again, and the moment after which that may happen at once.
        let mut owed: BTreeMap<u8, Duration> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Add { key, delay, low } => {
                    let at = now + ms(delay);
                    let priority = if low { Priority::Low } else { Priority::Normal };
                    queue.add(now, key, Request { at, priority, reason: () });
                    let due = owed.entry(key).or_insert(at);
                    *due = at.min(*due);
                }
                Step::Debounce { key, window } => {
                    queue.add_debounced(now, key, Priority::Normal, (), ms(window));
                    let latest = now + ms(window);
                    let due = owed.entry(key).or_insert(latest);
                    *due = latest.max(*due);
                }
                Step::Pop => {
                    let popped = queue.next(now);
                    if let Some((key, ())) = popped {
                        prop_assert!(!running.contains(&key), "two runs of {key} at once");
                        prop_assert!(owed.remove(&key).is_some(), "{key} runs though nobody asked");
                        running.push(key);
                        if let Some(max) = running_max {
                            prop_assert!(running.len() <= max);
                        }
                    }
                }
                Step::Done { nth } => {
                    if !running.is_empty() {
                        let key = running.remove(nth % running.len());
                        queue.done(now, &key);
                    }
                }
                Step::Pass { time } => now += ms(time),
            }
            prop_assert_eq!(queue.running(), running.len());
        }
        // Let everything finish: what is owed must come out.
        for key in running.drain(..) {
            queue.done(now, &key);
        }
        let mut seen = BTreeSet::new();
        loop {
            while let Some((key, ())) = queue.next(now) {
                prop_assert!(seen.insert(key));
                queue.done(now, &key);
            }
            match queue.next_due() {
                Some(due) => now = due,
                None => break,
            }
        }
        prop_assert_eq!(seen, owed.into_keys().collect::<BTreeSet<_>>());
        prop_assert_eq!((queue.running(), queue.waiting(), queue.entries.len()), (0, 0, 0));
    }
}

//! Every order of things that differs from the usual one in a few decisions, by running again and again from the start.
//!
//! Orders with one exchange come first, then those with two, and so on. What is exchanged must depend on each other: two requests for
//! different objects come to the same in either order. What was tried at a decision sleeps in the orders that are tried after it, until
//! something happens that it depends on.
//!
//! # Source
//! M. Musuvathi and S. Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", 2007; P. Godefroid,
//! "Partial-Order Methods for the Verification of Concurrent Systems", 1996 (sleep sets).

use std::collections::VecDeque;

use crate::sim::{Course, Led, Move, Schedule, Site};

/// The orders that are still to be tried.
pub(super) struct Systematic {
    max_preemptions: usize,
    /// Which part of the orders with one exchange, and what follows from them, is tried here, of how many.
    shard: (usize, usize),
    /// How many orders with one exchange there were.
    counted: usize,
    waiting: VecDeque<Node>,
    running: Option<(Node, Led)>,
}

/// An order: the decisions that are not the usual ones, by their numbers.
struct Node {
    lead: Vec<(usize, Move)>,
    /// What need not go first after them: that comes to an order that was tried.
    sleep: Vec<Move>,
}

// === impl Systematic ===

impl Systematic {
    pub(super) fn new(max_preemptions: usize, shard: (usize, usize)) -> Self {
        Self {
            max_preemptions,
            shard,
            counted: 0,
            waiting: VecDeque::from([Node {
                lead: Vec::new(),
                sleep: Vec::new(),
            }]),
            running: None,
        }
    }

    /// The next order, if there is another.
    pub(super) fn next(&mut self) -> Option<Course> {
        let node = self.waiting.pop_front()?;
        let led = Led::new(node.lead.clone());
        self.running = Some((node, led.clone()));
        Some(Course {
            schedule: Schedule::Led(led),
            ..Course::default()
        })
    }

    /// Finds out what the last run leads to.
    pub(super) fn learn(&mut self) {
        if let Some((node, led)) = self.running.take() {
            self.expand(node, &led.take_log());
        }
    }

    fn expand(&mut self, node: Node, log: &[Vec<Move>]) {
        let free = self.max_preemptions.saturating_sub(node.lead.len());
        if free == 0 {
            return;
        }
        let start = node.lead.last().map_or(0, |(at, _)| at + 1);
        let mut sleep = node.sleep.clone();
        for (at, moves) in log.iter().enumerate().skip(start) {
            let Some((usual, others)) = moves.split_first() else {
                continue;
            };
            let mut tried: Vec<&Move> = Vec::new();
            for other in others.iter().filter(|other| !sleep.contains(other)) {
                let lead = |more: &[(usize, &Move)]| {
                    let more = more.iter().map(|(at, chosen)| (*at, (*chosen).clone()));
                    node.lead.iter().cloned().chain(more).collect()
                };
                let sleeps = |first: &Move| {
                    let asleep = sleep.iter().chain(tried.iter().copied());
                    asleep.filter(|m| are_independent(m, first)).cloned().collect()
                };
                if are_independent(other, usual) {
                    // By itself it may as well come later; but something else may overtake both behind it.
                    let behind = others
                        .iter()
                        .filter(|m| !are_independent(m, usual) && !are_independent(m, other));
                    for next in behind.filter(|_| free > 1) {
                        self.push(&node, lead(&[(at, other), (at + 1, next)]), Vec::new());
                    }
                } else {
                    self.push(&node, lead(&[(at, other)]), sleeps(other));
                }
                tried.push(other);
            }
            sleep.retain(|asleep| are_independent(asleep, usual));
        }
    }

    /// Lets an order wait for its turn, unless it is another part's.
    fn push(&mut self, parent: &Node, lead: Vec<(usize, Move)>, sleep: Vec<Move>) {
        if parent.lead.is_empty() {
            self.counted += 1;
            if (self.counted - 1) % self.shard.1 != self.shard.0 {
                return;
            }
        }
        self.waiting.push_back(Node { lead, sleep });
    }
}

/// Whether two moves come to the same in either order.
fn are_independent(one: &Move, other: &Move) -> bool {
    match (one, other) {
        (Move::Request(one), Move::Request(other)) => are_apart(one, other),
        // What reaches a process changes nothing at the server, and does not hinder what is on its way there.
        (Move::Answer(one) | Move::Event(one, _), Move::Answer(other) | Move::Event(other, _)) => {
            one.process != other.process
        }
        (Move::Answer(_) | Move::Event(..), _) | (_, Move::Answer(_) | Move::Event(..)) => true,
        // The cluster's controllers and the user may read and write whatever there is.
        _ => false,
    }
}

/// Whether two requests are for different objects, or only read.
fn are_apart(one: &Site, other: &Site) -> bool {
    if one.verb.is_read_only() && other.verb.is_read_only() {
        return true;
    }
    let object = |site: &Site| site.resource.split('/').next().unwrap_or_default().to_owned();
    object(one) != object(other) || !(is_within(&one.key, &other.key) || is_within(&other.key, &one.key))
}

/// Whether a key is another one, or in the collection that the other one is, or may be for all that is known of its name.
fn is_within(key: &str, other: &str) -> bool {
    let prefix = other.strip_suffix('*').unwrap_or(other);
    key == other
        || other.is_empty()
        || ((prefix.ends_with('/') || prefix != other) && key.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sim::Verb;

    fn site(process: &str, verb: Verb, resource: &str, key: &str) -> Arc<Site> {
        let text = serde_json::json!({
            "process": process, "verb": verb, "resource": resource, "key": key, "nth": 1,
        });
        Arc::new(serde_json::from_value(text).unwrap())
    }

    #[test]
    fn requests_for_different_objects_are_independent() {
        let request = |verb, resource, key| Move::Request(site("a", verb, resource, key));
        let write = request(Verb::Update, "pods", "default/a");
        for (other, expected) in [
            (request(Verb::Get, "pods", "default/a"), false),
            (request(Verb::Get, "pods", "default/b"), true),
            (request(Verb::Patch, "pods/status", "default/a"), false),
            (request(Verb::List, "pods", "default/"), false),
            (request(Verb::List, "pods", "other/"), true),
            (request(Verb::Watch, "pods", ""), false),
            (request(Verb::Update, "secrets", "default/a"), true),
            (Move::User(0), false),
            (Move::Actor(0), false),
            (Move::Answer(site("a", Verb::Get, "pods", "default/a")), true),
        ] {
            assert_eq!(are_independent(&write, &other), expected, "{other}");
            assert_eq!(are_independent(&other, &write), expected, "{other}");
        }
        let read = request(Verb::Get, "pods", "default/a");
        assert!(are_independent(&read, &read));
        let event = |process| Move::Event(site(process, Verb::Watch, "pods", ""), 1);
        assert!(!are_independent(&event("a"), &event("a")));
        assert!(are_independent(&event("a"), &event("b")));
    }

    /// Runs all orders of independent lines of moves; each line keeps its own order.
    fn orders(lines: &[Vec<Move>], max_preemptions: usize, shard: (usize, usize)) -> Vec<Vec<Move>> {
        let mut all = Vec::new();
        let mut systematic = Systematic::new(max_preemptions, shard);
        while let Some(mut course) = systematic.next() {
            let mut lines: Vec<VecDeque<Move>> =
                lines.iter().map(|line| line.iter().cloned().collect()).collect();
            let mut order = Vec::new();
            loop {
                lines.retain(|line| !line.is_empty());
                if lines.is_empty() {
                    break;
                }
                let moves: Vec<Move> = lines.iter().map(|line| line[0].clone()).collect();
                let chosen = course.schedule.choose(&moves);
                order.extend(lines[chosen].pop_front());
            }
            all.push(order);
            systematic.learn();
        }
        all
    }

    #[test]
    fn orders_that_come_to_the_same_are_tried_once() {
        let request = |key| Move::Request(site("a", Verb::Update, "pods", key));
        let apart = [vec![request("d/a")], vec![request("d/b")], vec![request("d/c")]];
        assert_eq!(orders(&apart, 2, (0, 1)).len(), 1);
        let together = [vec![Move::User(0)], vec![Move::Actor(0)], vec![Move::Actor(1)]];
        let all = orders(&together, 2, (0, 1));
        let mut different = all.clone();
        different.sort();
        different.dedup();
        // Three moves that all depend on each other have six orders, and each is at most two exchanges away.
        assert_eq!((all.len(), different.len()), (6, 6), "{all:?}");
        let parts: usize = (0..2).map(|index| orders(&together, 2, (index, 2)).len()).sum();
        assert_eq!(parts, 7, "the usual order is everybody's");
        assert_eq!(orders(&together, 0, (0, 1)).len(), 1);
    }
}

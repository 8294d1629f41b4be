use k8s_openapi::api::core::v1::ConfigMap;

use super::*;
use crate::watcher::{Event, effect::Frame};

mod model;

type Out = VecDeque<Output<ConfigMap, String>>;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(super) fn object(name: &str, uid: &str, version: u64) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.name = Some(name.to_owned());
    object.metadata.uid = Some(uid.to_owned());
    object.metadata.resource_version = Some(version.to_string());
    object
}

pub(super) fn plan() -> Plan {
    Plan {
        semantic: ListSemantic::MostRecent,
        strategy: InitialListStrategy::ListWatch,
        page_size: Some(500),
        watch_timeout: secs(290),
        idle_timeout: None,
        relist_interval: None,
    }
}

/// Delays without chance, that show how many failures they follow.
pub(super) fn delays() -> Delays {
    Box::new(|attempt| secs(1 << attempt.min(10)))
}

/// A machine with its clock and what it told, each line of which can be compared as text.
struct Bench {
    machine: Machine,
    now: Duration,
}

impl Bench {
    fn new(plan: Plan) -> Self {
        Self {
            machine: Machine::new(plan, delays()),
            now: secs(1000),
        }
    }

    /// What comes next, and what is told on the way to it.
    fn step(&mut self, input: Input<ConfigMap, String>) -> (Vec<String>, Effect) {
        let mut out = Out::new();
        self.machine.handle(self.now, input, &mut out);
        let told = std::iter::from_fn(|| Output::next(&mut out)).map(show);
        (told.collect(), self.effect())
    }

    #[track_caller]
    fn check(&mut self, input: Input<ConfigMap, String>, told: &[&str], next: Effect) {
        let (out, effect) = self.step(input);
        assert_eq!(out, told);
        assert_eq!(effect, next);
    }

    fn effect(&self) -> Effect {
        self.machine.effect(self.now)
    }

    /// Brings the machine to an open watch at version 10 with object `a` known.
    fn synced(plan: Plan) -> Self {
        let mut this = Self::new(plan);
        this.step(page(vec![object("a", "ua", 5)], None, "10"));
        this.check(Input::Opened, &[], read(&this, 295));
        this
    }
}

fn show(told: Result<Event<ConfigMap>, String>) -> String {
    match told {
        Ok(event) => event.to_string(),
        Err(error) => format!("failed: {error}"),
    }
}

fn page(items: Vec<ConfigMap>, token: Option<&str>, version: &str) -> Input<ConfigMap, String> {
    Input::Page {
        items: items.into_iter().map(Box::new).collect(),
        continue_token: token.map(str::to_owned),
        version: version.to_owned(),
    }
}

fn failure(class: Class) -> Failure<String> {
    Failure {
        class,
        retry_after: None,
        error: format!("{class:?}"),
    }
}

fn list(not_older_than: Option<&str>) -> Effect {
    Effect::List(List {
        continue_token: None,
        not_older_than: not_older_than.map(str::to_owned),
        limit: (not_older_than != Some("0")).then_some(500),
    })
}

fn more(token: &str) -> Effect {
    Effect::List(List {
        continue_token: Some(token.to_owned()),
        not_older_than: None,
        limit: Some(500),
    })
}

fn watch(version: &str) -> Effect {
    Effect::Watch(Watch {
        version: version.to_owned(),
        initial_events: false,
    })
}

fn streaming(version: &str) -> Effect {
    Effect::Watch(Watch {
        version: version.to_owned(),
        initial_events: true,
    })
}

fn read(bench: &Bench, after: u64) -> Effect {
    Effect::Read {
        until: bench.now + secs(after),
    }
}

fn wait(bench: &Bench, after: u64) -> Effect {
    Effect::Wait {
        until: bench.now + secs(after),
    }
}

fn added(object: ConfigMap) -> Input<ConfigMap, String> {
    Input::Frame(Frame::Added(object))
}

fn modified(object: ConfigMap) -> Input<ConfigMap, String> {
    Input::Frame(Frame::Modified(object))
}

fn deleted(object: ConfigMap) -> Input<ConfigMap, String> {
    Input::Frame(Frame::Deleted(object))
}

fn bookmark(version: &str, initial_end: bool) -> Input<ConfigMap, String> {
    Input::Frame(Frame::Bookmark {
        version: version.to_owned(),
        initial_end,
    })
}

fn error(class: Class) -> Input<ConfigMap, String> {
    Input::Frame(Frame::Error(failure(class)))
}

#[test]
fn all_pages_are_listed_and_the_watch_begins_at_the_first_ones_version() {
    let mut bench = Bench::new(plan());
    assert_eq!(bench.effect(), list(None));
    bench.check(
        page(vec![object("a", "ua", 5)], Some("t1"), "10"),
        &["Init", "InitApply(a)"],
        more("t1"),
    );
    bench.check(
        page(vec![object("b", "ub", 6)], Some("t2"), "10"),
        &["InitApply(b)"],
        more("t2"),
    );
    bench.check(page(vec![], Some("t3"), "10"), &[], more("t3"));
    bench.check(
        page(vec![object("c", "uc", 7)], Some(""), "10"),
        &["InitApply(c)", "InitDone"],
        watch("10"),
    );
}

#[test]
fn a_watch_that_ends_is_resumed_without_listing() {
    let mut bench = Bench::synced(plan());
    bench.step(modified(object("a", "ua", 11)));
    bench.check(Input::End, &[], watch("11"));
    bench.check(Input::Opened, &[], read(&bench, 295));
    bench.step(bookmark("50", false));
    bench.check(Input::End, &[], watch("50"));
    // An end at the server's timeout, with nothing said.
    bench.step(Input::Opened);
    bench.now += secs(290);
    bench.check(Input::End, &[], watch("50"));
}

#[test]
fn a_watch_that_opens_and_ends_at_once_is_not_a_storm() {
    let mut bench = Bench::synced(plan());
    for round in 0..6 {
        bench.check(Input::End, &[], wait(&bench, 1 << round));
        bench.now += secs(1 << round);
        if round < 5 {
            assert_eq!(bench.effect(), watch("10"));
            bench.step(Input::Opened);
        }
    }
    // It may have lost the version without saying so.
    assert_eq!(bench.effect(), list(None));
}

#[test]
fn repetitions_alone_are_no_progress() {
    let mut bench = Bench::synced(plan());
    bench.check(modified(object("a", "ua", 5)), &[], read(&bench, 295));
    bench.check(Input::End, &[], wait(&bench, 1));
}

#[test]
fn expiry_is_answered_by_a_list_at_once_and_told_to_nobody() {
    for (name, opened, input) in [
        ("in the stream", true, error(Class::Expired)),
        ("at connect", false, Input::OpenFailed(failure(Class::Expired))),
    ] {
        let mut bench = Bench::new(plan());
        bench.step(page(vec![], None, "10"));
        if opened {
            bench.step(Input::Opened);
        }
        let (told, next) = bench.step(input);
        assert_eq!((told, next), (vec![], list(None)), "{name}");
    }
}

#[test]
fn list_and_expiry_in_turn_are_not_a_storm() {
    let mut bench = Bench::synced(plan());
    bench.check(error(Class::Expired), &[], list(None));
    for round in 0..4 {
        bench.step(page(vec![], None, "20"));
        bench.step(Input::Opened);
        bench.check(error(Class::Expired), &[], wait(&bench, 2 << round));
        bench.now += secs(2 << round);
    }
    // A watch that gets somewhere ends it.
    bench.step(page(vec![], None, "20"));
    bench.step(Input::Opened);
    bench.step(bookmark("30", false));
    bench.check(error(Class::Expired), &[], list(None));
}

#[test]
fn lists_that_keep_expiring_are_spaced_out() {
    let mut bench = Bench::new(plan());
    bench.check(Input::ListFailed(failure(Class::Expired)), &[], list(None));
    for round in 0..4 {
        bench.check(
            Input::ListFailed(failure(Class::Expired)),
            &[],
            wait(&bench, 1 << round),
        );
        bench.now += secs(1 << round);
    }
}

#[test]
fn quiet_connections_that_are_cut_are_not_an_outage() {
    let mut bench = Bench::synced(plan());
    for _ in 0..10 {
        bench.now += secs(60);
        bench.check(Input::Broken(failure(Class::Passing)), &[], wait(&bench, 1));
        bench.now += secs(1);
        bench.step(Input::Opened);
    }
}

#[test]
fn an_outage_keeps_the_place_and_is_told_when_it_lasts() {
    let mut bench = Bench::synced(plan());
    bench.check(Input::Broken(failure(Class::Passing)), &[], wait(&bench, 1));
    for (round, told) in [
        (1, [].as_slice()),
        (2, &["failed: Passing"]),
        (3, &["failed: Passing"]),
    ] {
        bench.now += secs(100);
        assert_eq!(bench.effect(), watch("10"));
        bench.check(
            Input::OpenFailed(failure(Class::Passing)),
            told,
            wait(&bench, 1 << round),
        );
    }
    for _ in 0..20 {
        bench.now += secs(2000);
        assert_eq!(bench.effect(), watch("10"), "an outage is no reason to list");
        bench.step(Input::OpenFailed(failure(Class::Passing)));
    }
    // Success starts the delays again.
    bench.now += secs(2000);
    bench.step(Input::Opened);
    bench.step(bookmark("11", false));
    bench.check(Input::Broken(failure(Class::Passing)), &[], wait(&bench, 1));
}

#[test]
fn what_waiting_does_not_help_is_told_at_once() {
    let mut bench = Bench::new(plan());
    bench.check(
        Input::ListFailed(failure(Class::Standing)),
        &["failed: Standing"],
        wait(&bench, 1),
    );
    bench.now += secs(1);
    bench.step(page(vec![], None, "10"));
    bench.check(
        Input::OpenFailed(failure(Class::Standing)),
        &["failed: Standing"],
        wait(&bench, 1),
    );
    bench.now += secs(1);
    assert_eq!(bench.effect(), watch("10"));
}

#[test]
fn the_server_may_ask_for_more_time() {
    let mut bench = Bench::new(plan());
    let failure = Failure {
        retry_after: Some(secs(30)),
        ..failure(Class::Passing)
    };
    bench.check(Input::ListFailed(failure), &[], wait(&bench, 30));
}

#[test]
fn a_page_that_fails_is_asked_for_again() {
    let mut bench = Bench::new(plan());
    bench.step(page(vec![object("a", "ua", 5)], Some("t1"), "10"));
    bench.check(Input::ListFailed(failure(Class::Passing)), &[], wait(&bench, 1));
    bench.now += secs(1);
    assert_eq!(bench.effect(), more("t1"));
}

#[test]
fn a_page_that_expired_starts_the_list_again_and_then_without_pages() {
    let mut bench = Bench::new(plan());
    bench.step(page(vec![object("a", "ua", 5)], Some("t1"), "10"));
    bench.check(Input::ListFailed(failure(Class::Expired)), &[], list(None));
    bench.check(
        page(vec![object("a", "ua", 5)], Some("t2"), "20"),
        &["Init", "InitApply(a)"],
        more("t2"),
    );
    bench.check(Input::ListFailed(failure(Class::Expired)), &[], wait(&bench, 2));
    bench.now += secs(2);
    assert_eq!(bench.effect(), Effect::List(List::default()));
    bench.step(page(vec![], None, "30"));
    assert_eq!(bench.effect(), watch("30"));
}

#[test]
fn pages_that_are_always_refused_are_spaced_out_and_then_not_asked_for() {
    for class in [Class::Refused, Class::NotFound] {
        let mut bench = Bench::new(plan());
        for round in 0..6 {
            let whole = Effect::List(List::default());
            assert_eq!(bench.effect(), if round < 2 { list(None) } else { whole });
            // This server splits even what is asked for whole.
            bench.step(page(vec![object("a", "ua", 5)], Some("t"), "10"));
            let told = format!("failed: {class:?}");
            bench.check(
                Input::ListFailed(failure(class)),
                &[&told],
                wait(&bench, 1 << round),
            );
            bench.now += secs(1 << round);
        }
        // A list that is complete ends it.
        bench.step(page(vec![], None, "20"));
        assert_eq!(bench.effect(), watch("20"), "{class:?}");
    }
}

#[test]
fn a_kind_that_can_be_listed_but_is_not_found_by_watches_is_not_a_storm() {
    let mut bench = Bench::new(plan());
    for round in 0..6 {
        bench.step(page(vec![], None, "10"));
        bench.check(
            Input::OpenFailed(failure(Class::NotFound)),
            &["failed: NotFound"],
            wait(&bench, 1 << round),
        );
        bench.now += secs(1 << round);
        assert_eq!(bench.effect(), list(None));
    }
}

#[test]
fn any_age_is_good_enough_once() {
    let mut bench = Bench::new(Plan {
        semantic: ListSemantic::Any,
        ..plan()
    });
    assert_eq!(bench.effect(), list(Some("0")));
    bench.step(page(vec![], None, "10"));
    bench.step(Input::Opened);
    bench.step(bookmark("40", false));
    assert!(!bench.machine.vouched());
    bench.check(error(Class::Expired), &[], list(Some("40")));
    // A replica that is behind says so; after that the most recent data is asked for.
    bench.check(Input::ListFailed(failure(Class::TooNew)), &[], wait(&bench, 1));
    bench.now += secs(1);
    assert_eq!(bench.effect(), list(Some("40")));
    bench.step(Input::ListFailed(failure(Class::TooNew)));
    bench.now += secs(10);
    assert_eq!(bench.effect(), list(None));
    bench.step(page(vec![], Some("t"), "50"));
    assert!(!bench.machine.vouched(), "there is more of it");
    bench.step(page(vec![], None, "50"));
    assert!(bench.machine.vouched());
    // What is at least as new as what was seen is at least as new as that.
    bench.step(Input::Opened);
    bench.step(bookmark("60", false));
    bench.check(error(Class::Expired), &[], list(Some("60")));
    bench.step(page(vec![], None, "60"));
    assert!(bench.machine.vouched());
}

#[test]
fn a_set_is_vouched_for_if_it_was_asked_for_as_the_most_recent() {
    for (semantic, recent) in [(ListSemantic::MostRecent, true), (ListSemantic::Any, false)] {
        let plan = Plan { semantic, ..plan() };
        let mut listed = Bench::new(plan.clone());
        listed.step(page(vec![], None, "10"));
        assert_eq!(listed.machine.vouched(), recent);

        let mut streamed = Bench::new(Plan {
            strategy: InitialListStrategy::StreamingList,
            ..plan
        });
        streamed.step(Input::Opened);
        streamed.step(added(object("a", "ua", 7)));
        assert!(!streamed.machine.vouched(), "it is not complete");
        streamed.step(bookmark("10", true));
        assert_eq!(streamed.machine.vouched(), recent);
    }
}

#[test]
fn a_list_of_the_past_is_not_told() {
    let mut bench = Bench::synced(Plan {
        semantic: ListSemantic::Any,
        ..plan()
    });
    bench.step(bookmark("40", false));
    bench.check(error(Class::Expired), &[], list(Some("40")));
    bench.check(page(vec![object("a", "ua", 5)], None, "7"), &[], wait(&bench, 1));
    bench.now += secs(1);
    assert_eq!(bench.effect(), list(None));
    // The most recent data is believed even if it is older: etcd was restored from a backup.
    bench.check(
        page(vec![object("a", "ua", 5)], None, "7"),
        &["Init", "InitApply(a)", "InitDone"],
        watch("7"),
    );
    bench.step(Input::Opened);
    bench.check(modified(object("a", "ua", 8)), &["Apply(a)"], read(&bench, 295));
}

#[test]
fn events_of_the_past_are_not_told() {
    let mut bench = Bench::synced(plan());
    bench.check(modified(object("a", "ua", 12)), &["Apply(a)"], read(&bench, 295));
    bench.check(modified(object("a", "ua", 12)), &[], read(&bench, 295));
    bench.check(modified(object("a", "ua", 11)), &[], read(&bench, 295));
    bench.check(deleted(object("a", "ua", 13)), &["Delete(a)"], read(&bench, 295));
    bench.check(added(object("a", "ua", 11)), &[], read(&bench, 295));
    bench.check(added(object("a", "ua2", 14)), &["Apply(a)"], read(&bench, 295));
    bench.check(Input::End, &[], watch("14"));
}

#[test]
fn a_predecessor_that_is_told_again_does_not_displace_its_successor() {
    let mut bench = Bench::new(plan());
    bench.step(page(vec![object("a", "ua2", 9)], None, "10"));
    bench.step(Input::Opened);
    // The watch begins at a version before the list.
    bench.check(added(object("a", "ua", 7)), &[], read(&bench, 295));
    bench.check(deleted(object("a", "ua", 8)), &[], read(&bench, 295));
    bench.check(added(object("a", "ua2", 9)), &[], read(&bench, 295));
    bench.check(added(object("b", "ub", 11)), &["Apply(b)"], read(&bench, 295));
}

#[test]
fn versions_that_are_no_numbers_pass() {
    let mut bench = Bench::new(plan());
    bench.step(page(vec![], None, "abc"));
    bench.step(Input::Opened);
    let mut opaque = object("a", "ua", 0);
    for version in ["zz", "aa"] {
        opaque.metadata.resource_version = Some(version.to_owned());
        bench.check(modified(opaque.clone()), &["Apply(a)"], read(&bench, 295));
        assert_eq!(bench.step(Input::End).1, watch(version));
        bench.step(Input::Opened);
    }
}

#[test]
fn an_internal_error_is_retried_in_place_for_a_while() {
    let mut bench = Bench::synced(plan());
    for _ in 0..5 {
        bench.step(error(Class::Internal));
        bench.now += secs(1000);
        assert_eq!(bench.effect(), watch("10"));
        bench.step(Input::Opened);
    }
    bench.step(error(Class::Internal));
    bench.now += secs(1000);
    assert_eq!(bench.effect(), list(None));
}

#[test]
fn a_kind_that_is_gone_is_listed_when_it_is_back() {
    let mut bench = Bench::synced(plan());
    bench.step(bookmark("12", false));
    bench.step(Input::End);
    bench.check(
        Input::OpenFailed(failure(Class::NotFound)),
        &["failed: NotFound"],
        wait(&bench, 1),
    );
    bench.now += secs(1);
    bench.check(
        Input::ListFailed(failure(Class::NotFound)),
        &["failed: NotFound"],
        wait(&bench, 2),
    );
    bench.now += secs(2);
    assert_eq!(bench.effect(), list(None));
}

#[test]
fn a_frame_that_cannot_be_read_is_told_and_the_watch_goes_on() {
    let mut bench = Bench::synced(plan());
    bench.check(
        Input::Unreadable("odd".to_owned()),
        &["failed: odd"],
        read(&bench, 295),
    );
    bench.check(modified(object("a", "ua", 12)), &["Apply(a)"], read(&bench, 295));
}

#[test]
fn silence_is_given_up_after_the_timeout_or_when_asked_to() {
    let mut bench = Bench::synced(plan());
    bench.now += secs(295);
    bench.check(Input::Silent, &[], watch("10"));

    let mut bench = Bench::new(Plan {
        idle_timeout: Some(secs(90)),
        ..plan()
    });
    bench.step(page(vec![], None, "10"));
    bench.check(Input::Opened, &[], read(&bench, 90));
    bench.now += secs(60);
    bench.check(bookmark("11", false), &[], read(&bench, 90));
    bench.now += secs(90);
    bench.check(Input::Silent, &[], watch("11"));
}

mod streaming_lists {
    use super::*;

    fn plan() -> Plan {
        Plan {
            strategy: InitialListStrategy::StreamingList,
            ..super::plan()
        }
    }

    #[test]
    fn the_bookmark_completes_the_set_and_resuming_does_not_ask_for_it_again() {
        let mut bench = Bench::new(plan());
        assert_eq!(bench.effect(), streaming(""));
        bench.check(Input::Opened, &["Init"], read(&bench, 30));
        // Not in the order of versions, and no place to go on from.
        bench.check(added(object("b", "ub", 9)), &["InitApply(b)"], read(&bench, 30));
        bench.check(added(object("a", "ua", 5)), &["InitApply(a)"], read(&bench, 30));
        bench.check(bookmark("9", false), &[], read(&bench, 30));
        bench.check(bookmark("12", true), &["InitDone"], read(&bench, 295));
        bench.check(added(object("c", "uc", 13)), &["Apply(c)"], read(&bench, 295));
        bench.now += secs(290);
        bench.check(Input::End, &[], watch("13"));
    }

    #[test]
    fn a_set_that_breaks_off_is_told_again() {
        let mut bench = Bench::new(plan());
        bench.step(Input::Opened);
        bench.step(added(object("a", "ua", 5)));
        bench.now += secs(20);
        bench.check(Input::End, &[], wait(&bench, 1));
        bench.now += secs(1);
        assert_eq!(bench.effect(), streaming(""));
        bench.check(Input::Opened, &["Init"], read(&bench, 30));
    }

    #[test]
    fn a_set_that_breaks_off_is_followed_by_none_that_is_older() {
        let any_age = Plan {
            semantic: ListSemantic::Any,
            ..plan()
        };
        let mut bench = Bench::new(any_age);
        assert_eq!(bench.effect(), streaming("0"));
        bench.step(Input::Opened);
        for version in [5, 9, 7] {
            bench.step(added(object(
                &format!("o{version}"),
                &format!("u{version}"),
                version,
            )));
        }
        bench.step(error(Class::Passing));
        bench.now += secs(1);
        assert_eq!(bench.effect(), streaming("9"));
        bench.step(Input::Opened);
        bench.step(deleted(object("o5", "u5", 12)));
        bench.step(Input::End);
        bench.now += secs(2);
        assert_eq!(bench.effect(), streaming("12"));
    }

    #[test]
    fn a_server_that_cannot_is_listed() {
        for input in [Input::OpenFailed(failure(Class::Refused)), error(Class::Refused)] {
            let mut bench = Bench::new(plan());
            if matches!(input, Input::Frame(_)) {
                bench.step(Input::Opened);
            }
            bench.check(input, &[], list(None));
            bench.step(page(vec![], None, "10"));
            bench.step(Input::Opened);
            bench.check(error(Class::Expired), &[], list(None));
        }
    }

    #[test]
    fn a_server_that_ignores_the_request_is_listed() {
        let mut bench = Bench::new(plan());
        bench.check(Input::Opened, &["Init"], read(&bench, 30));
        bench.now += secs(30);
        bench.check(Input::Silent, &[], list(None));
        bench.check(page(vec![], None, "10"), &["Init", "InitDone"], watch("10"));
    }
}

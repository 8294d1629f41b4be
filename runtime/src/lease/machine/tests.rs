use super::*;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn wall() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn machine(identity: &str) -> Machine {
    let plan = Plan {
        identity: identity.to_owned(),
        lease_duration: secs(15),
        renew_deadline: secs(10),
        retry_period: secs(2),
    };
    Machine::new(plan, true)
}

fn lease(holder: &str, transitions: i32) -> Record {
    Record {
        holder: holder.to_owned(),
        duration_seconds: 15,
        acquired: Some(wall()),
        renewed: Some(wall()),
        transitions,
    }
}

fn read(holder: &str, version: &str) -> Input {
    Input::Read(Some((lease(holder, 3), version.to_owned())))
}

/// A write that begins and is done at once.
fn write(machine: &mut Machine, now: Duration, version: &str) {
    assert!(
        matches!(machine.effect(now, wall()), Effect::Write { .. }),
        "{machine:?}"
    );
    machine.asked(now);
    machine.handle(now, wall(), 0.0, Input::Written(version.to_owned()));
}

/// Leads since `now`.
fn leader(now: Duration) -> Machine {
    let mut machine = machine("a");
    machine.handle(now, wall(), 0.0, Input::Read(None));
    write(&mut machine, now, "1");
    machine
}

#[test]
fn a_lease_that_is_not_there_is_created() {
    let mut machine = machine("a");
    assert_eq!(machine.effect(secs(1), wall()), Effect::Read { until: secs(11) });
    machine.handle(secs(1), wall(), 0.0, Input::Read(None));
    assert_eq!(
        machine.effect(secs(1), wall()),
        Effect::Write {
            record: lease("a", 0),
            version: None,
            until: secs(11)
        }
    );
    write(&mut machine, secs(1), "1");
    assert_eq!(
        (machine.leads_until(secs(1)), machine.holder()),
        (Some(secs(11)), Some("a"))
    );
}

#[test]
fn a_renewal_goes_straight_to_the_known_version_and_counts_from_when_it_was_sent() {
    let mut machine = leader(secs(0));
    assert_eq!(machine.effect(secs(0), wall()), Effect::Wait { until: secs(2) });
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    assert!(matches!(
        machine.effect(secs(2), wall()),
        Effect::Write { version: Some(version), until, .. } if version == "1" && until == secs(10)
    ));
    machine.asked(secs(2));
    machine.handle(secs(9), wall(), 0.0, Input::Written("2".to_owned()));
    assert_eq!(machine.leads_until(secs(9)), Some(secs(12)));
}

#[test]
fn an_answer_that_comes_after_the_deadline_is_no_leadership() {
    let mut machine = machine("a");
    machine.handle(secs(0), wall(), 0.0, Input::Read(None));
    machine.asked(secs(0));
    machine.handle(secs(11), wall(), 0.0, Input::Written("1".to_owned()));
    assert_eq!(machine.leads_until(secs(11)), None);
}

#[test]
fn a_leader_that_cannot_renew_stops_before_anybody_may_take_over() {
    let mut machine = leader(secs(0));
    for now in [2, 4, 6, 8] {
        machine.handle(secs(now), wall(), 0.0, Input::Waited);
        machine.handle(secs(now), wall(), 0.0, Input::Failed);
    }
    assert_eq!(machine.effect(secs(8), wall()), Effect::Wait { until: secs(10) });
    assert_eq!(machine.leads_until(secs(9)), Some(secs(10)));
    assert_eq!(machine.leads_until(secs(10)), None);
}

#[test]
fn after_a_write_of_unknown_outcome_the_lease_is_read() {
    let mut machine = leader(secs(0));
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    machine.asked(secs(2));
    machine.handle(secs(3), wall(), 0.0, Input::Failed);
    machine.handle(secs(5), wall(), 0.0, Input::Waited);
    assert!(matches!(machine.effect(secs(5), wall()), Effect::Read { .. }));
    machine.handle(secs(5), wall(), 0.0, read("a", "2"));
    write(&mut machine, secs(5), "3");
    assert_eq!(machine.leads_until(secs(5)), Some(secs(15)));
}

#[test]
fn a_candidate_waits_for_the_whole_duration_after_it_saw_the_last_renewal() {
    let mut machine = machine("b");
    machine.handle(secs(100), wall(), 0.0, read("a", "1"));
    assert_eq!(
        machine.effect(secs(100), wall()),
        Effect::Wait { until: secs(102) }
    );
    // Renewed: the wait begins anew, whatever the times in the lease say.
    let renewed = Record {
        renewed: Some(wall() + secs(9)),
        ..lease("a", 3)
    };
    for now in (102..117).step_by(2) {
        machine.handle(secs(now), wall(), 0.0, Input::Waited);
        machine.handle(
            secs(now),
            wall(),
            0.0,
            Input::Read(Some((renewed.clone(), "2".to_owned()))),
        );
    }
    // Not a retry period later but when it expires.
    assert_eq!(
        machine.effect(secs(116), wall()),
        Effect::Wait { until: secs(117) }
    );
    machine.handle(secs(117), wall(), 0.0, Input::Waited);
    machine.handle(
        secs(117),
        wall(),
        0.0,
        Input::Read(Some((renewed, "2".to_owned()))),
    );
    assert!(matches!(
        machine.effect(secs(117), wall()),
        Effect::Write { record, version: Some(version), .. } if record.transitions == 4 && record.holder == "b" && version == "2"
    ));
}

#[test]
fn a_lease_that_was_deleted_under_its_holder_is_made_again_once_the_holder_must_have_stopped() {
    let mut machine = machine("b");
    machine.handle(secs(100), wall(), 0.0, read("a", "1"));
    for now in [102, 104, 106, 108, 110, 112, 114] {
        machine.handle(secs(now), wall(), 0.0, Input::Waited);
        machine.handle(secs(now), wall(), 0.0, Input::Read(None));
        let until = secs((now + 2).min(115));
        assert_eq!(machine.effect(secs(now), wall()), Effect::Wait { until });
    }
    machine.handle(secs(115), wall(), 0.0, Input::Waited);
    machine.handle(secs(115), wall(), 0.0, Input::Read(None));
    assert!(matches!(
        machine.effect(secs(115), wall()),
        Effect::Write { record, version: None, .. } if record.holder == "b"
    ));
    // Its holder need not wait, and neither does anybody where nobody held it.
    let mut holder = leader(secs(0));
    holder.handle(secs(2), wall(), 0.0, Input::Waited);
    holder.asked(secs(2));
    holder.handle(secs(2), wall(), 0.0, Input::Conflict);
    holder.handle(secs(2), wall(), 0.0, Input::Read(None));
    write(&mut holder, secs(2), "5");
    assert_eq!(holder.leads_until(secs(2)), Some(secs(12)));
    let mut released = self::machine("b");
    released.handle(
        secs(0),
        wall(),
        0.0,
        Input::Read(Some((lease("", 3), "1".to_owned()))),
    );
    released.handle(secs(2), wall(), 0.0, Input::Read(None));
    assert!(matches!(released.effect(secs(2), wall()), Effect::Write { .. }));
}

#[test]
fn whoever_loses_the_race_for_a_free_lease_looks_again_later() {
    let mut machine = machine("b");
    machine.handle(secs(0), wall(), 0.0, read("", "1"));
    machine.asked(secs(0));
    machine.handle(secs(0), wall(), 0.0, Input::Conflict);
    assert_eq!(machine.effect(secs(0), wall()), Effect::Wait { until: secs(2) });
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    machine.handle(secs(2), wall(), 0.0, read("a", "2"));
    assert_eq!(
        (machine.leads_until(secs(2)), machine.holder()),
        (None, Some("a"))
    );
}

#[test]
fn a_leader_that_finds_another_in_its_place_stops_at_once() {
    let mut machine = leader(secs(0));
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    machine.asked(secs(2));
    machine.handle(secs(2), wall(), 0.0, Input::Conflict);
    assert!(matches!(machine.effect(secs(2), wall()), Effect::Read { .. }));
    machine.handle(secs(2), wall(), 0.0, read("b", "7"));
    assert_eq!(machine.leads_until(secs(2)), None);
}

#[test]
fn a_lease_is_released_once_the_work_is_done_and_renewed_until_then() {
    let mut machine = leader(secs(0));
    machine.want(secs(1), false, false);
    assert_eq!(machine.effect(secs(1), wall()), Effect::Wait { until: secs(2) });
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    write(&mut machine, secs(2), "2");
    machine.want(secs(3), false, true);
    let Effect::Write { record, version, .. } = machine.effect(secs(3), wall()) else {
        panic!("{machine:?}")
    };
    assert_eq!(
        (
            record.holder.as_str(),
            record.duration_seconds,
            version.as_deref()
        ),
        ("", 1, Some("2"))
    );
    machine.asked(secs(3));
    machine.handle(secs(3), wall(), 0.0, Input::Written("3".to_owned()));
    assert_eq!(
        (machine.effect(secs(3), wall()), machine.leads_until(secs(3))),
        (Effect::Rest, None)
    );
    // And back.
    machine.want(secs(9), true, true);
    assert!(matches!(machine.effect(secs(9), wall()), Effect::Read { .. }));
}

#[test]
fn a_release_that_fails_is_left_to_expire() {
    for outcome in [Input::Conflict, Input::Failed] {
        let mut machine = leader(secs(0));
        machine.want(secs(1), false, true);
        machine.asked(secs(1));
        machine.handle(secs(1), wall(), 0.0, outcome);
        assert_eq!(machine.effect(secs(1), wall()), Effect::Rest);
    }
}

#[test]
fn a_release_ends_the_leadership_when_it_is_sent() {
    for outcome in [Input::Written("2".to_owned()), Input::Conflict, Input::Failed] {
        let mut machine = leader(secs(0));
        machine.want(secs(1), false, true);
        machine.asked(secs(1));
        assert_eq!(machine.leads_until(secs(1)), None, "the answer may never come");
        machine.handle(secs(2), wall(), 0.0, outcome);
        assert_eq!(machine.effect(secs(2), wall()), Effect::Rest);
    }
}

#[test]
fn waits_are_shortened_by_chance_never_lengthened() {
    let mut machine = machine("b");
    machine.handle(secs(0), wall(), 1.0, read("a", "1"));
    assert_eq!(
        machine.effect(secs(0), wall()),
        Effect::Wait {
            until: Duration::from_millis(1600)
        }
    );
}

#[test]
fn a_renewal_under_way_when_the_end_is_asked_for_is_no_release() {
    let mut machine = leader(secs(0));
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    machine.asked(secs(2));
    machine.want(secs(2), false, true);
    machine.handle(secs(3), wall(), 0.0, Input::Written("2".to_owned()));
    assert_eq!(machine.leads_until(secs(3)), Some(secs(12)));
    assert!(
        matches!(machine.effect(secs(3), wall()), Effect::Write { record, .. } if record.holder.is_empty())
    );
}

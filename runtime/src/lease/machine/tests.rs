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

/// A lease that this holder renewed, or that was released if it is empty.
fn lease(holder: &str, transitions: i32) -> Record {
    Record {
        holder: holder.to_owned(),
        duration_seconds: if holder.is_empty() { 1 } else { 15 },
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

/// The lease of nobody that takes the place of one that was deleted.
fn vacancy() -> Record {
    Record {
        holder: String::new(),
        acquired: None,
        ..lease("a", 3)
    }
}

/// What is written next.
#[track_caller]
fn written(machine: &Machine, now: Duration) -> (Record, Option<String>) {
    match machine.effect(now, wall()) {
        Effect::Write { record, version, .. } => (record, version),
        other => panic!("{other:?} of {machine:?}"),
    }
}

#[test]
fn a_lease_that_was_deleted_stays_vacant_until_its_leader_must_have_stopped() {
    let mut machine = machine("b");
    machine.handle(secs(100), wall(), 0.0, read("a", "1"));
    // Deleted, and once more, so that whoever leads may have made it again in between.
    for now in [102, 110] {
        machine.handle(secs(now), wall(), 0.0, Input::Waited);
        machine.handle(secs(now), wall(), 0.0, Input::Read(None));
        assert_eq!(written(&machine, secs(now)), (vacancy(), None));
        write(&mut machine, secs(now), "5");
        assert_eq!((machine.leads_until(secs(now)), machine.holder()), (None, None));
    }
    for now in [112, 114, 116, 118, 120, 122, 124] {
        let until = secs(now);
        assert_eq!(machine.effect(until, wall()), Effect::Wait { until });
        machine.handle(until, wall(), 0.0, Input::Waited);
        let unchanged = Input::Read(Some((vacancy(), "5".to_owned())));
        machine.handle(until, wall(), 0.0, unchanged);
    }
    assert_eq!(
        machine.effect(secs(124), wall()),
        Effect::Wait { until: secs(125) }
    );
    machine.handle(secs(125), wall(), 0.0, Input::Waited);
    machine.handle(
        secs(125),
        wall(),
        0.0,
        Input::Read(Some((vacancy(), "5".to_owned()))),
    );
    assert_eq!(
        written(&machine, secs(125)),
        (lease("b", 4), Some("5".to_owned()))
    );
}

#[test]
fn a_leader_makes_a_lease_that_was_deleted_again_and_takes_a_vacancy_back() {
    for (found, version) in [
        (Input::Read(None), None),
        (
            Input::Read(Some((vacancy(), "4".to_owned()))),
            Some("4".to_owned()),
        ),
    ] {
        let mut leader = leader(secs(0));
        leader.handle(secs(2), wall(), 0.0, Input::Waited);
        leader.asked(secs(2));
        leader.handle(secs(2), wall(), 0.0, Input::Conflict);
        leader.handle(secs(2), wall(), 0.0, found);
        let (record, replaces) = written(&leader, secs(2));
        assert_eq!((record.holder.as_str(), replaces), ("a", version));
        assert_eq!(leader.leads_until(secs(2)), Some(secs(10)), "it led all the time");
        write(&mut leader, secs(2), "5");
        assert_eq!(leader.leads_until(secs(2)), Some(secs(12)));
    }
}

#[test]
fn whoever_led_before_waits_as_others_do() {
    for found in [Input::Read(None), Input::Read(Some((vacancy(), "4".to_owned())))] {
        let mut machine = leader(secs(0));
        machine.handle(secs(2), wall(), 0.0, Input::Waited);
        machine.handle(secs(9), wall(), 0.0, Input::Failed);
        machine.handle(secs(11), wall(), 0.0, Input::Waited);
        machine.handle(secs(11), wall(), 0.0, found);
        if let Effect::Write { record, .. } = machine.effect(secs(11), wall()) {
            assert_eq!(record.holder, "");
            write(&mut machine, secs(11), "4");
        }
        assert_eq!(machine.effect(secs(11), wall()), Effect::Wait { until: secs(13) });
        assert_eq!(machine.leads_until(secs(11)), None);
    }
}

#[test]
fn a_lease_that_somebody_else_emptied_holds_as_before_and_a_released_one_is_free() {
    let mut machine = machine("b");
    machine.handle(
        secs(0),
        wall(),
        0.0,
        Input::Read(Some((vacancy(), "1".to_owned()))),
    );
    assert_eq!(machine.effect(secs(0), wall()), Effect::Wait { until: secs(2) });
    machine.handle(secs(2), wall(), 0.0, read("", "2"));
    assert_eq!(written(&machine, secs(2)), (lease("b", 4), Some("2".to_owned())));
}

#[test]
fn a_vacancy_holds_however_short_leases_are() {
    let mut machine = machine("b");
    machine.plan.lease_duration = secs(1);
    machine.handle(secs(0), wall(), 0.0, read("a", "1"));
    machine.handle(secs(2), wall(), 0.0, Input::Waited);
    machine.handle(secs(2), wall(), 0.0, Input::Read(None));
    let (vacancy, _) = written(&machine, secs(2));
    write(&mut machine, secs(2), "2");
    assert_eq!((machine.leads_until(secs(2)), machine.holder()), (None, None));
    for (now, free) in [(3, false), (4, true)] {
        machine.handle(secs(now), wall(), 0.0, Input::Waited);
        let unchanged = Input::Read(Some((vacancy.clone(), "2".to_owned())));
        machine.handle(secs(now), wall(), 0.0, unchanged);
        let writes = matches!(machine.effect(secs(now), wall()), Effect::Write { .. });
        assert_eq!(writes, free, "{machine:?}");
    }
}

#[test]
fn a_vacancy_that_could_not_be_made_is_no_leadership() {
    for outcome in [Input::Conflict, Input::Failed] {
        let mut machine = machine("b");
        machine.handle(secs(0), wall(), 0.0, read("a", "1"));
        machine.handle(secs(2), wall(), 0.0, Input::Waited);
        machine.handle(secs(2), wall(), 0.0, Input::Read(None));
        machine.asked(secs(2));
        machine.handle(secs(2), wall(), 0.0, outcome);
        assert_eq!(machine.effect(secs(2), wall()), Effect::Wait { until: secs(4) });
        machine.handle(secs(4), wall(), 0.0, Input::Waited);
        assert!(matches!(machine.effect(secs(4), wall()), Effect::Read { .. }));
        assert_eq!(machine.leads_until(secs(4)), None);
    }
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

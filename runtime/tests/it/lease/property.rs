//! Whatever happens to replicas, no object is ever worked on by two.

use super::*;

/// What happens to replicas.
#[derive(Clone, Debug)]
enum Misfortune {
    Pass(u64),
    Pause(usize),
    Resume(usize),
    Crash(usize),
    /// One is asked to end in good order.
    Stop(usize),
    Restart(usize),
    /// The wall clock of one jumps by so many seconds.
    Jump(usize, i64),
    Unreachable(usize),
    Silent(usize),
    /// This happens to the next so many writes of leases.
    Lease(Fault, usize),
    WatchesEnd,
}

/// What a renewal may meet: conflicts, lost answers, answers and requests that are late, a lease that somebody takes.
fn lease_fault() -> impl Strategy<Value = Fault> {
    let by = (0..20_000u64).prop_map(Duration::from_millis);
    prop_oneof![
        Just(CoordinationFault::LeaseConflict.into()),
        any::<bool>().prop_map(|applied| CoordinationFault::LeaseTimedOut { applied }.into()),
        Just(CoordinationFault::LeaseTaken { by: "stranger" }.into()),
        Just(TransportFault::LostAnswer.into()),
        Just(TransportFault::Abandoned.into()),
        Just(WriteFault::SentTwice.into()),
        by.clone().prop_map(|by| WriteFault::AnswerLate { by }.into()),
        by.prop_map(|by| WriteFault::Overtaken { by }.into()),
    ]
}

fn misfortune() -> impl Strategy<Value = Misfortune> {
    let who = 0..2usize;
    prop_oneof![
        6 => (1..20_000u64).prop_map(Misfortune::Pass),
        1 => who.clone().prop_map(Misfortune::Pause),
        2 => who.clone().prop_map(Misfortune::Resume),
        1 => who.clone().prop_map(Misfortune::Crash),
        1 => who.clone().prop_map(Misfortune::Stop),
        2 => who.clone().prop_map(Misfortune::Restart),
        1 => (who, -100_000..100_000i64).prop_map(|(who, secs)| Misfortune::Jump(who, secs)),
        1 => (1..6usize).prop_map(Misfortune::Unreachable),
        1 => (1..3usize).prop_map(Misfortune::Silent),
        3 => (lease_fault(), 1..4usize).prop_map(|(fault, times)| Misfortune::Lease(fault, times)),
        1 => Just(Misfortune::WatchesEnd),
    ]
}

async fn suffer(misfortunes: Vec<Misfortune>, by: By, takes: u64) {
    let cluster = cluster_with(4).await;
    let (env, runs) = (cluster.env().clone(), Arc::new(Runs::default()));
    runs.takes.store(takes, Ordering::SeqCst);
    let mut replicas = ["a", "b"].map(|name| Replica::start(&cluster, &runs, name, by));
    for misfortune in misfortunes {
        match misfortune {
            Misfortune::Pass(millis) => pass(&env, &mut replicas, millis).await,
            Misfortune::Pause(n) => replicas[n].pause(),
            Misfortune::Resume(n) => replicas[n].paused = false,
            Misfortune::Crash(n) => replicas[n].crash(),
            Misfortune::Stop(n) => {
                if let Some(stop) = replicas[n].stop.take() {
                    // One that crashed does not listen.
                    let _ = stop.send(());
                }
            }
            Misfortune::Restart(n) if replicas[n].work.is_none() => {
                replicas[n] = Replica::start(&cluster, &runs, ["a", "b"][n], by);
            }
            Misfortune::Restart(_) => {}
            Misfortune::Jump(n, secs) => replicas[n].offset_millis.store(secs * 1000, Ordering::SeqCst),
            Misfortune::Unreachable(times) => {
                cluster
                    .faults()
                    .inject(Rule::new(TransportFault::Refused).on("/leases").times(times));
            }
            Misfortune::Silent(times) => {
                cluster
                    .faults()
                    .inject(Rule::new(TransportFault::Silence).on("PUT").times(times));
            }
            Misfortune::Lease(fault, times) => {
                cluster
                    .faults()
                    .inject(Rule::new(fault).on("/leases").times(times));
            }
            Misfortune::WatchesEnd => {
                cluster
                    .faults()
                    .inject(Rule::new(WatchFault::Expired { after: 0 }).times(2));
            }
        }
    }
    // In the end somebody works, on everything.
    cluster.faults().clear();
    for (n, name) in ["a", "b"].into_iter().enumerate() {
        replicas[n].paused = false;
        // One that was asked to end does so first.
        if replicas[n].stop.is_none() {
            pass(&env, &mut replicas, 60_000).await;
        }
        if replicas[n].work.is_none() {
            replicas[n] = Replica::start(&cluster, &runs, name, by);
        }
    }
    pass(&env, &mut replicas, 60_000).await;
    let since = env.monotonic();
    pass(&env, &mut replicas, 40_000 + 10 * takes).await;
    for n in 0..4 {
        let (key, begun) = (format!("cm-{n}"), runs.begun.lock().unwrap());
        assert!(
            begun.iter().any(|(at, _, held)| *at >= since && *held == key),
            "nobody works on {key}"
        );
    }
    fail_over(&env, &runs, &mut replicas).await;
}

/// Whatever happened before, when one crashes the other is at work on all that it worked on in time.
async fn fail_over(env: &Env, runs: &Runs, replicas: &mut [Replica]) {
    let crashing = replicas
        .iter_mut()
        .find(|replica| replica.leadership.is_leader())
        .expect("somebody works, so somebody leads");
    let crashed_at = env.monotonic();
    crashing.crash();
    let crashed = crashing.name.clone();
    let last: BTreeMap<String, String> = {
        let begun = runs.begun.lock().unwrap();
        begun
            .iter()
            .map(|(_, who, key)| (key.clone(), who.clone()))
            .collect()
    };
    pass(env, replicas, u64::try_from((LEASE + RETRY).as_millis()).unwrap()).await;
    let begun = runs.begun.lock().unwrap();
    for (key, _) in last.iter().filter(|(_, who)| **who == crashed) {
        assert!(
            begun
                .iter()
                .any(|(at, who, held)| held == key && *at >= crashed_at && *who != crashed),
            "nobody took {key} over from {crashed} in time"
        );
    }
}

fn in_virtual_time(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test);
}

proptest! {
    #![proptest_config(crate::support::property(64))]

    #[test]
    fn no_object_is_ever_reconciled_by_two(
        misfortunes in prop::collection::vec(misfortune(), 0..25),
        shards in prop_oneof![Just(None), Just(Some(3usize))],
        takes in prop_oneof![Just(0u64), Just(700), Just(6_000), Just(30_000)],
    ) {
        in_virtual_time(suffer(misfortunes, shards.map_or(By::Election, By::Shards), takes));
    }
}

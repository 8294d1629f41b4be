//! Any script of changes and faults, through the whole of the client: once faults end, the cache equals the server and every deletion was seen.
//!
//! `SEATRIAL_CASES=10000 cargo test -p seatrial-runtime --test it model` tries more than the usual number of scripts, and
//! `SEATRIAL_SEED` others.

use proptest::prelude::*;
use seatrial_runtime::watcher::Config;
use seatrial_testkit::fault::{Fault, ReadFault, Rule, TransportFault, WatchFault};

use crate::{life::Life, support::property};

#[derive(Clone, Debug)]
enum Step {
    Create(u8),
    Touch(u8),
    Delete(u8),
    /// Another object under the same name.
    Replace(u8),
    /// The history is forgotten, as of a version that the watch has not seen.
    Compact,
    Fault(Fault, usize),
    /// Lists of any age, or watches, are answered by a replica that is stuck in the present.
    Stuck(bool, usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let name = 0..4u8;
    prop_oneof![
        4 => name.clone().prop_map(Step::Create),
        4 => name.clone().prop_map(Step::Touch),
        3 => name.clone().prop_map(Step::Delete),
        2 => name.prop_map(Step::Replace),
        2 => Just(Step::Compact),
        6 => (fault(), 1..4usize).prop_map(|(fault, times)| Step::Fault(fault, times)),
        1 => (any::<bool>(), 1..3usize).prop_map(|(watches, times)| Step::Stuck(watches, times)),
        5 => (0..400u64).prop_map(Step::Pass),
    ]
}

/// Every legal fault of sections C and E, and of A what a stream may meet.
fn fault() -> impl Strategy<Value = Fault> {
    let after = 0..4usize;
    let read = prop_oneof![
        Just(ReadFault::TooLargeVersion),
        Just(ReadFault::CacheNotReady),
        any::<bool>().prop_map(|with_token| ReadFault::ContinueExpired { with_token }),
        Just(ReadFault::NoRemainingCount),
        Just(ReadFault::EmptyPage),
        Just(ReadFault::LimitIgnored),
        Just(ReadFault::NullItems),
        Just(ReadFault::UnknownFields),
        Just(ReadFault::LeaderChanged),
        Just(ReadFault::NotServed),
    ];
    let code = prop_oneof![Just(401), Just(403), Just(404), Just(429), Just(500), Just(503)];
    let watch = prop_oneof![
        after.clone().prop_map(|after| WatchFault::End { after }),
        Just(WatchFault::Empty),
        after.clone().prop_map(|after| WatchFault::Expired { after }),
        Just(WatchFault::ExpiredAtConnect),
        after
            .clone()
            .prop_map(|after| WatchFault::TooLargeVersion { after }),
        after
            .clone()
            .prop_map(|after| WatchFault::InternalError { after }),
        after
            .clone()
            .prop_map(|after| WatchFault::TooManyRequests { after }),
        after.clone().prop_map(|after| WatchFault::BareError { after }),
        code.prop_map(|code| WatchFault::RefusedAtConnect { code }),
        Just(WatchFault::NoBookmarks),
        Just(WatchFault::StreamingListRefused { code: 422 }),
        Just(WatchFault::StreamingListIgnored),
        Just(WatchFault::Reversed),
        (1..20u64).prop_map(|by| WatchFault::ResumedEarlier { by }),
        Just(WatchFault::Retyped),
        after
            .clone()
            .prop_map(|after| WatchFault::UnknownDeleted { after }),
        after.clone().prop_map(|after| WatchFault::Stall { after }),
        after.prop_map(|after| WatchFault::ForeignKind { after }),
    ];
    let transport = prop_oneof![
        Just(TransportFault::Refused),
        (0..2000usize).prop_map(|after_bytes| TransportFault::Cut { after_bytes }),
        Just(TransportFault::Silence),
        (1..40usize).prop_map(|size| TransportFault::Rechunked { size }),
    ];
    prop_oneof![
        3 => read.prop_map(Fault::from),
        6 => watch.prop_map(Fault::from),
        2 => transport.prop_map(Fault::from),
    ]
}

fn config() -> impl Strategy<Value = Config> {
    let page_size = prop_oneof![Just(0u32), Just(1), Just(2)];
    (any::<bool>(), any::<bool>(), page_size, any::<bool>()).prop_map(
        |(any, streaming, page_size, bookmarks)| {
            let mut config = Config::default().page_size(page_size);
            if any {
                config = config.any_semantic();
            }
            if streaming {
                config = config.streaming_lists();
            }
            if bookmarks {
                config
            } else {
                config.disable_bookmarks()
            }
        },
    )
}

async fn live(config: Config, steps: Vec<Step>) {
    let mut life = Life::new(config);
    for step in steps {
        let exists = |n: u8| {
            life.cluster
                .server()
                .get("configmaps", "default", &format!("cm-{n}"))
                .is_some()
        };
        match step {
            Step::Create(n) if !exists(n) => life.create(&format!("cm-{n}")).await,
            Step::Touch(n) if exists(n) => {
                let value = life.cluster.server().revision().to_string();
                life.touch(&format!("cm-{n}"), &value).await;
            }
            Step::Delete(n) if exists(n) => life.delete(&format!("cm-{n}")).await,
            Step::Replace(n) if exists(n) => {
                life.delete(&format!("cm-{n}")).await;
                life.create(&format!("cm-{n}")).await;
            }
            Step::Create(_) | Step::Touch(_) | Step::Delete(_) | Step::Replace(_) => {}
            Step::Compact => {
                life.noise().await;
                life.cluster.server().compact();
            }
            Step::Fault(fault, times) => {
                life.cluster.faults().inject(Rule::new(fault).times(times));
            }
            Step::Stuck(watches, times) => {
                let replica = life.cluster.server().fork();
                let fault = if watches {
                    Fault::from(WatchFault::Replica(replica))
                } else {
                    Fault::from(ReadFault::Stale(replica))
                };
                life.cluster.faults().inject(Rule::new(fault).times(times));
            }
            Step::Pass(secs) => life.pass(secs).await,
        }
    }
    life.cluster.faults().clear();
    // Whoever is stuck finds out by the end of the watch, and may have to wait before another attempt.
    life.pass(700).await;
    life.agree();
    assert!(!life.health.is_stale() && life.health.is_synced());
}

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn after_faults_end_the_cache_equals_the_server_and_every_deletion_was_seen(
        config in config(),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(live(config, steps));
    }
}

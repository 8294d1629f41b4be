//! Any scenario of changes and faults, through the whole of the client: once faults end, the cache equals the server and every deletion was seen.
//!
//! `SEATRIAL_CASES=10000 cargo test -p seatrial-runtime --test it model` tries more than the usual number of scenarios, and
//! `SEATRIAL_SEED` others.

use k8s_openapi::api::core::v1::ConfigMap;
use proptest::prelude::*;
use seatrial_runtime::watcher::Config;
use seatrial_testkit::scenario::{Scenario, Subject, Trial};

use crate::support::property;

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

proptest! {
    #![proptest_config(property(256))]

    #[test]
    fn after_faults_end_the_cache_equals_the_server_and_every_deletion_was_seen(
        config in config(),
        scenario in any::<Scenario>(),
    ) {
        Trial::of_cache::<ConfigMap>(config, Subject::config_maps()).run(&scenario)?;
    }
}

#[test]
fn a_streaming_list_that_breaks_off_is_not_followed_by_an_older_one_of_another_replica() {
    let scenario: Scenario = "
    - create: 1
    - wait: 1s
    - create: 0
    - fault: {what: {watch: {bareError: {after: 1}}}, times: 2}
    - stuck: {reads: watches, times: 1}
    - compact
    - change: 0
    - wait: 2s
    "
    .parse()
    .unwrap();
    let config = Config::default()
        .any_semantic()
        .streaming_lists()
        .disable_bookmarks();
    Trial::of_cache::<ConfigMap>(config, Subject::config_maps())
        .run(&scenario)
        .unwrap();
}

//! How scenarios are drawn.

use std::time::Duration;

use proptest::{
    arbitrary::Arbitrary,
    collection::{SizeRange, vec},
    prelude::{BoxedStrategy, Just, Strategy, any},
    prop_oneof,
};

use super::{Reads, Scenario, Step};
use crate::fault::{Fault, FlowFault, ReadFault, TransportFault, WatchFault};

/// Objects of a scenario: few, so that much happens to each.
const OBJECTS: u8 = 4;

/// Scenarios of so many steps: all changes, interleaved with every legal fault of the catalogue that reads and watches may meet.
///
/// Smaller ones have fewer steps, fewer repetitions, and less time between them.
pub fn scenarios(steps: impl Into<SizeRange>) -> impl Strategy<Value = Scenario> {
    vec(step(), steps).prop_map(Scenario::new)
}

impl Arbitrary for Scenario {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        scenarios(0..40).boxed()
    }
}

fn step() -> impl Strategy<Value = Step> {
    let object = 0..OBJECTS;
    prop_oneof![
        4 => object.clone().prop_map(Step::Create),
        4 => object.clone().prop_map(Step::Change),
        3 => object.clone().prop_map(Step::Delete),
        2 => object.prop_map(Step::Replace),
        2 => Just(Step::Compact),
        6 => (fault(), 1..4usize).prop_map(|(what, times)| Step::Fault { what, times }),
        1 => (reads(), 1..3usize).prop_map(|(reads, times)| Step::Stuck { reads, times }),
        5 => (0..400u64).prop_map(|secs| Step::Wait(Duration::from_secs(secs))),
    ]
}

fn reads() -> impl Strategy<Value = Reads> {
    prop_oneof![Just(Reads::Lists), Just(Reads::Watches)]
}

/// What reads, watches and their connections may meet on a cluster that is well.
fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => read().prop_map(Fault::from),
        6 => watch().prop_map(Fault::from),
        2 => transport().prop_map(Fault::from),
        1 => flow().prop_map(Fault::from),
    ]
}

fn read() -> impl Strategy<Value = ReadFault> {
    prop_oneof![
        Just(ReadFault::TooLargeVersion),
        Just(ReadFault::CacheNotReady),
        any::<bool>().prop_map(|with_token| ReadFault::ContinueExpired { with_token }),
        Just(ReadFault::NoRemainingCount),
        Just(ReadFault::EmptyPage),
        Just(ReadFault::LimitIgnored),
        Just(ReadFault::NullItems),
        Just(ReadFault::UnknownFields),
        Just(ReadFault::LeaderChanged),
        Just(ReadFault::RequestTimedOut),
        Just(ReadFault::NotServed),
    ]
}

fn watch() -> impl Strategy<Value = WatchFault> {
    let after = || 0..4usize;
    let code = prop_oneof![
        Just(401u16),
        Just(403),
        Just(404),
        Just(429),
        Just(500),
        Just(503)
    ];
    let shape = prop_oneof![
        Just(WatchFault::Empty),
        Just(WatchFault::ExpiredAtConnect),
        Just(WatchFault::NoBookmarks),
        Just(WatchFault::StreamingListRefused { code: 422 }),
        Just(WatchFault::StreamingListIgnored),
        Just(WatchFault::Reversed),
        Just(WatchFault::Retyped),
        code.prop_map(|code| WatchFault::RefusedAtConnect { code }),
        (1..20u64).prop_map(|by| WatchFault::ResumedEarlier { by }),
        (1..60u64).prop_map(|secs| WatchFault::Late {
            by: Duration::from_secs(secs)
        }),
        (1..60u64).prop_map(|secs| WatchFault::TimesOut { secs }),
    ];
    let break_off = prop_oneof![
        after().prop_map(|after| WatchFault::End { after }),
        after().prop_map(|after| WatchFault::Expired { after }),
        after().prop_map(|after| WatchFault::TooLargeVersion { after }),
        after().prop_map(|after| WatchFault::InternalError { after }),
        after().prop_map(|after| WatchFault::TooManyRequests { after }),
        after().prop_map(|after| WatchFault::BareError { after }),
        after().prop_map(|after| WatchFault::InitialCut { after }),
        after().prop_map(|after| WatchFault::UnknownDeleted { after }),
        after().prop_map(|after| WatchFault::Stall { after }),
        after().prop_map(|after| WatchFault::ForeignKind { after }),
    ];
    prop_oneof![shape, break_off]
}

fn transport() -> impl Strategy<Value = TransportFault> {
    prop_oneof![
        Just(TransportFault::Refused),
        (0..2000usize).prop_map(|after_bytes| TransportFault::Cut { after_bytes }),
        Just(TransportFault::Silence),
        (1..40usize).prop_map(|size| TransportFault::Rechunked { size }),
    ]
}

fn flow() -> impl Strategy<Value = FlowFault> {
    prop_oneof![
        (0..30u64).prop_map(|retry_after| FlowFault::TooManyRequests { retry_after }),
        Just(FlowFault::ShuttingDown),
        (0..90u64).prop_map(|for_secs| FlowFault::CacheInitializing { for_secs }),
    ]
}

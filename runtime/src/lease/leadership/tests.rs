use std::convert::Infallible;

use futures::task::noop_waker_ref;
use k8s_openapi::{api::core::v1::ConfigMap, jiff::Timestamp};
use seatrial_client::{Api, api::DeleteParams};

use super::*;

const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A leadership of two slots, and a client of a server that answers after twelve seconds.
fn two_slots() -> (Leadership, Client) {
    let env = Env::seeded(1, Timestamp::UNIX_EPOCH);
    let clock = env.clone();
    let server = service_fn(move |_: Request<Body>| {
        let work = clock.sleep(secs(12));
        async move {
            work.await;
            let done = r#"{"apiVersion": "v1", "kind": "Status", "status": "Success"}"#;
            Ok::<_, Infallible>(Response::new(Body::from(done.as_bytes().to_vec())))
        }
    });
    let client = Client::new(server, "default").with_env(env.clone());
    (Leadership::new(env, 2), client)
}

/// An object of this slot.
fn of_slot(leadership: &Leadership, slot: usize) -> ObjectRef<ConfigMap> {
    let mut names = (0..).map(|n| ObjectRef::new(&format!("cm-{n}")));
    names.find(|object| leadership.slot_of(object) == slot).unwrap()
}

/// Sends a write of an object of the first slot, held for ten seconds, while `script` runs; whether it was done, and how long it took.
async fn write(
    fence: impl FnOnce(&Leadership, &Client) -> Client,
    script: impl AsyncFnOnce(&Leadership, Duration),
) -> (bool, u64) {
    let (leadership, client) = two_slots();
    let began = leadership.env.monotonic();
    leadership.set(0, Some(began + secs(10)), None);
    let api = Api::<ConfigMap>::default_namespaced(fence(&leadership, &client));
    let params = DeleteParams::default();
    let written = async {
        let done = api.delete("cm", &params).await.is_ok();
        (done, (leadership.env.monotonic() - began).as_secs())
    };
    futures::future::join(written, script(&leadership, began)).await.0
}

fn whole(leadership: &Leadership, client: &Client) -> Client {
    leadership.fence(client)
}

fn for_the_first(leadership: &Leadership, client: &Client) -> Client {
    leadership.fence_for(client, &of_slot(leadership, 0))
}

#[tokio::test(start_paused = true)]
async fn a_write_goes_on_while_its_slot_is_renewed_whatever_else_is_gained() {
    for fence in [whole, for_the_first] {
        let renewed = async |leadership: &Leadership, began: Duration| {
            leadership.env.sleep(secs(5)).await;
            leadership.set(1, Some(began + secs(15)), None);
            leadership.set(0, Some(began + secs(15)), None);
        };
        assert_eq!(write(fence, renewed).await, (true, 12));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_given_up_with_the_slots_that_it_began_in() {
    for fence in [whole, for_the_first] {
        for again in [None, Some(secs(15))] {
            let lost = async |leadership: &Leadership, began: Duration| {
                leadership.env.sleep(secs(5)).await;
                leadership.set(0, None, None);
                leadership.set(0, again.map(|end| began + end), None);
                leadership.set(1, Some(began + secs(15)), None);
            };
            assert_eq!(write(fence, lost).await, (false, 10), "again: {again:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn writes_of_an_object_need_its_shard_and_no_other() {
    let idle = async |_: &Leadership, _: Duration| {};
    let of_the_other =
        |leadership: &Leadership, client: &Client| leadership.fence_for(client, &of_slot(leadership, 1));
    assert_eq!(write(of_the_other, idle).await, (false, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_while_a_slot_was_on_its_way_out_is_made_up_for_if_it_stays() {
    let (leadership, _) = two_slots();
    let (object, other) = (of_slot(&leadership, 0), of_slot(&leadership, 1));
    let mut tenure = Tenure::new(leadership.clone());
    let cx = &mut Context::from_waker(noop_waker_ref());
    let now = leadership.env.monotonic();
    leadership.set(0, Some(now + secs(10)), None);
    assert_eq!(tenure.poll(cx), Poll::Ready(Turn::Gained(0)));
    assert_eq!(tenure.permit(&other).err(), Some(Refused::Elsewhere));
    // Nothing was asked for meanwhile.
    leadership.set_yielding(0, true);
    leadership.set_yielding(0, false);
    assert_eq!(tenure.poll(cx), Poll::Pending);
    leadership.set_yielding(0, true);
    assert_eq!(tenure.permit(&object).err(), Some(Refused::ForNow));
    assert_eq!(tenure.poll(cx), Poll::Pending);
    leadership.set_yielding(0, false);
    assert_eq!(tenure.poll(cx), Poll::Ready(Turn::Gained(0)));
    assert!(tenure.permit(&object).is_ok());
    assert_eq!(tenure.poll(cx), Poll::Pending);
    // It was over for a moment that nobody saw.
    leadership.env.sleep(secs(10)).await;
    assert_eq!(tenure.permit(&object).err(), Some(Refused::ForNow));
    leadership.set(0, Some(now + secs(30)), None);
    assert_eq!(tenure.poll(cx), Poll::Ready(Turn::Gained(0)));
    assert_eq!(tenure.poll(cx), Poll::Pending);
    // One that is lost owes nothing, and is gained but once.
    leadership.set_yielding(0, true);
    assert_eq!(tenure.permit(&object).err(), Some(Refused::ForNow));
    leadership.set(0, None, None);
    assert_eq!(tenure.poll(cx), Poll::Ready(Turn::Lost(0)));
    leadership.set(0, Some(now + secs(30)), None);
    assert_eq!(tenure.poll(cx), Poll::Ready(Turn::Gained(0)));
    assert_eq!(tenure.poll(cx), Poll::Pending);
}

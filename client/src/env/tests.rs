use std::future;

use super::*;

fn epoch() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn assert_future<F: Future + Send + Unpin + 'static>(_: &F) {}

#[tokio::test(start_paused = true)]
async fn a_seeded_clock_reads_its_epoch_plus_the_time_slept() {
    let env = Env::seeded(1, epoch());
    assert_eq!(env.now(), epoch());
    assert_eq!(env.monotonic(), Duration::ZERO);

    env.sleep(Duration::from_secs(90)).await;

    assert_eq!(env.now().to_string(), "2026-01-01T00:01:30Z");
    assert_eq!(env.monotonic(), Duration::from_secs(90));
}

#[test]
fn a_seeded_clock_made_outside_of_a_runtime_starts_with_its_first_reading() {
    let env = Env::seeded(1, epoch());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        env.sleep(Duration::from_secs(5)).await;
        assert_eq!(env.now().to_string(), "2026-01-01T00:00:05Z");
    });
}

#[tokio::test(start_paused = true)]
async fn a_seeded_clock_stands_still_at_the_end_of_time() {
    let env = Env::seeded(1, Timestamp::MAX);
    env.sleep(Duration::from_secs(1)).await;
    assert_eq!(env.now(), Timestamp::MAX);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_lets_the_future_win_at_its_deadline() {
    let env = Env::seeded(1, epoch());
    let second = Duration::from_secs(1);
    assert_eq!(env.timeout(second, future::ready(3)).await, Ok(3));
    assert_eq!(env.timeout(Duration::ZERO, future::ready(3)).await, Ok(3));
    assert!(env.timeout(second, future::pending::<()>()).await.is_err());
    assert_eq!(env.monotonic(), second);
}

#[test]
fn a_clock_of_ones_own_can_stand_in() {
    struct Fixed;
    impl Ambient for Fixed {
        fn now(&self) -> Timestamp {
            epoch()
        }
        fn monotonic(&self) -> Duration {
            Duration::from_secs(3)
        }
        fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(future::ready(()))
        }
        fn seed(&self) -> u64 {
            9
        }
    }
    let env = Env::new(Fixed);
    let sleep = env.sleep(Duration::MAX);
    assert_future(&sleep);
    assert_eq!(
        futures::executor::block_on(env.timeout(Duration::MAX, sleep)),
        Ok(())
    );
    assert_eq!((env.now(), env.monotonic()), (epoch(), Duration::from_secs(3)));
    assert_eq!(env.rng("a"), Env::seeded(9, epoch()).rng("a"));
}

#[tokio::test]
async fn the_system_clock_moves_and_its_seeds_differ() {
    let env = Env::system();
    let (wall, monotonic) = (env.now(), env.monotonic());
    env.sleep(Duration::from_millis(2)).await;
    assert!(env.monotonic() >= monotonic + Duration::from_millis(2));
    assert!(env.now() > wall);
    assert_ne!(env.rng("x"), Env::system().rng("x"));
}

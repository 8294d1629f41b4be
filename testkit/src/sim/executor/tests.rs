use std::{cell::Cell, rc::Rc};

use jiff::Timestamp;
use tokio::time::sleep;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn executor<F>(start: impl FnOnce() -> F + 'static) -> (Executor, Arc<Life>)
where
    F: Future<Output = ()> + 'static,
{
    let life = Arc::new(Life::new(0, Timestamp::UNIX_EPOCH, SECOND));
    (Executor::new(life.clone(), start), life)
}

#[test]
fn running_does_not_move_the_clock() {
    let (mut executor, life) = executor(|| async {
        tokio::task::yield_now().await;
        sleep(SECOND).await;
    });
    assert_eq!(executor.run(), Driven::Idle);
    assert_eq!(executor.run(), Driven::Idle);
    assert_eq!(life.now(), SECOND);
}

#[test]
fn a_step_moves_it_by_one_timer() {
    let woken = Rc::new(Cell::new(0));
    let count = woken.clone();
    let (mut executor, life) = executor(move || async move {
        loop {
            sleep(Duration::from_millis(10)).await;
            count.set(count.get() + 1);
        }
    });
    assert_eq!(executor.run(), Driven::Idle);
    let horizon = SECOND * 2;
    assert_eq!(executor.step(horizon), Driven::Idle);
    assert_eq!((woken.get(), life.now()), (1, SECOND + Duration::from_millis(10)));
    let mut steps = 1;
    while life.now() < horizon {
        assert_eq!(executor.step(horizon), Driven::Idle);
        steps += 1;
    }
    assert_eq!((woken.get(), life.now()), (100, horizon));
    assert!(steps <= 220, "{steps}");
}

#[test]
fn a_step_does_not_pass_its_horizon() {
    let (mut executor, life) = executor(|| sleep(SECOND * 3600));
    executor.run();
    while life.now() < SECOND * 11 {
        assert_eq!(executor.step(SECOND * 11), Driven::Idle);
    }
    assert_eq!(life.now(), SECOND * 11);
}

#[test]
fn spawned_tasks_count_and_go_with_the_process() {
    struct Told(Rc<Cell<bool>>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let dropped = Rc::new(Cell::new(false));
    let told = Told(dropped.clone());
    let (mut executor, life) = executor(move || async move {
        let _told = told;
        let task = tokio::spawn(async move {
            receiver.await.unwrap();
            tokio::task::yield_now().await;
        });
        task.await.unwrap();
        std::future::pending::<()>().await;
    });
    assert_eq!(executor.run(), Driven::Idle);
    sender.send(()).unwrap();
    assert_eq!(executor.run(), Driven::Idle);
    life.kill();
    executor.drop_whole();
    assert!(dropped.get());
    assert_eq!(executor.run(), Driven::Ended);
}

#[test]
fn ends_and_panics_are_told() {
    let (mut ended, _) = executor(|| async {});
    assert_eq!(ended.run(), Driven::Ended);
    let (mut panicked, _) = executor(|| async { panic!("out of {}", "luck") });
    assert_eq!(panicked.run(), Driven::Panicked("out of luck".to_owned()));
}

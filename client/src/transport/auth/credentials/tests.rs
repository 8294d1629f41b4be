use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Gives what the closure makes of the number of the call, after a second.
struct Scripted<F> {
    env: Env,
    calls: AtomicUsize,
    answer: F,
}

impl<F> Source for Scripted<F>
where
    F: Fn(usize) -> Result<Credential, AuthError> + Send + Sync + 'static,
{
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            self.env.sleep(Duration::from_secs(1)).await;
            (self.answer)(call)
        }
        .boxed()
    }
}

fn env() -> Env {
    Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap())
}

fn scripted<F>(env: &Env, answer: F) -> (Arc<Scripted<F>>, Arc<Credentials>)
where
    F: Fn(usize) -> Result<Credential, AuthError> + Send + Sync + 'static,
{
    let source = Arc::new(Scripted {
        env: env.clone(),
        calls: AtomicUsize::new(0),
        answer,
    });
    let credentials = Credentials::new(Arc::clone(&source) as Arc<dyn Source>, env.clone());
    (source, Arc::new(credentials))
}

fn calls<F>(source: &Scripted<F>) -> usize {
    source.calls.load(Ordering::Relaxed)
}

fn lasting(env: &Env, seconds: i64) -> Credential {
    Credential {
        expires: Some(env.now() + SignedDuration::from_secs(seconds)),
        ..Credential::default()
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_wait_share_one_renewal() {
    let env = env();
    let (source, credentials) = scripted(&env, |_| Ok(Credential::default()));
    let waiting = (0..50).map(|_| credentials.get(None));
    let held = futures::future::join_all(waiting).await;
    assert!(held.iter().all(|held| held.as_ref().unwrap().generation == 0));
    assert_eq!(calls(&source), 1);

    // So do many whose credentials were rejected, and one who comes late with the same rejection.
    let waiting = (0..50).map(|_| credentials.get(Some(0)));
    let held = futures::future::join_all(waiting).await;
    assert!(held.iter().all(|held| held.as_ref().unwrap().generation == 1));
    assert_eq!(credentials.get(Some(0)).await.unwrap().generation, 1);
    assert_eq!(calls(&source), 2);
}

#[tokio::test(start_paused = true)]
async fn many_who_wait_share_one_failure() {
    let env = env();
    let (source, credentials) = scripted(&env, |_| Err(AuthError::ExecPluginFailed));
    let waiting = (0..50).map(|_| credentials.get(None));
    assert!(
        futures::future::join_all(waiting)
            .await
            .iter()
            .all(Result::is_err)
    );
    assert_eq!(calls(&source), 1);
}

#[tokio::test(start_paused = true)]
async fn one_who_gives_up_does_not_spoil_the_renewal() {
    let env = env();
    let (source, credentials) = scripted(&env, |_| Ok(Credential::default()));
    let impatient = env.timeout(Duration::from_millis(500), credentials.get(None));
    let (gave_up, held) = futures::join!(impatient, credentials.get(None));
    assert!(gave_up.is_err());
    assert_eq!(held.unwrap().generation, 0);
    assert_eq!(calls(&source), 1);

    // When all give up, the next one goes on with the renewal.
    let impatient = env.timeout(Duration::from_millis(500), credentials.get(Some(0)));
    assert!(impatient.await.is_err());
    assert_eq!(credentials.get(Some(0)).await.unwrap().generation, 1);
    assert_eq!(calls(&source), 2);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_came_to_nothing_while_nobody_waited_is_tried_once_more() {
    let env = env();
    let clock = env.clone();
    // The first one is too late when it is heard, the second one fails.
    let (source, credentials) = scripted(&env, move |call| match call {
        0 => Ok(Credential {
            expires: Some("2026-01-01T00:30:00Z".parse().unwrap()),
            ..Credential::default()
        }),
        1 | 3 => Err(AuthError::ExecPluginFailed),
        _ => Ok(lasting(&clock, 3600)),
    });
    let give_up = async |rejected| {
        let impatient = env.timeout(Duration::from_millis(500), credentials.get(rejected));
        assert!(impatient.await.is_err());
        env.sleep(Duration::from_secs(3600)).await;
    };
    give_up(None).await;
    assert!(credentials.get(None).await.is_err(), "once more, and no oftener");
    assert_eq!(calls(&source), 2);
    assert_eq!(credentials.get(None).await.unwrap().generation, 1);
    give_up(Some(1)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 2);
    assert_eq!(calls(&source), 5);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_nobody_waits_for_ends_with_its_credentials() {
    let env = env();
    let (source, credentials) = scripted(&env, |_| Ok(Credential::default()));
    let impatient = env.timeout(Duration::from_millis(500), credentials.get(None));
    assert!(impatient.await.is_err());
    drop(credentials);
    assert_eq!(Arc::strong_count(&source), 1);
}

#[tokio::test(start_paused = true)]
async fn they_are_renewed_before_they_end() {
    let env = env();
    let clock = env.clone();
    let (source, credentials) = scripted(&env, move |_| Ok(lasting(&clock, 3600)));
    credentials.get(None).await.unwrap();
    env.sleep(Duration::from_secs(3600 - 61)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 0);
    env.sleep(Duration::from_secs(2)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 1);
    assert_eq!(calls(&source), 2);
}

#[tokio::test(start_paused = true)]
async fn a_short_life_leaves_most_of_itself() {
    let env = env();
    let clock = env.clone();
    let (source, credentials) = scripted(&env, move |_| Ok(lasting(&clock, 100)));
    credentials.get(None).await.unwrap();
    env.sleep(Duration::from_secs(89)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 0);
    env.sleep(Duration::from_secs(2)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 1);
    assert_eq!(calls(&source), 2);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_come_expired_do_not_make_a_storm() {
    let env = env();
    let clock = env.clone();
    let (source, credentials) = scripted(&env, move |_| Ok(lasting(&clock, -5)));
    for _ in 0..10 {
        credentials.get(None).await.unwrap();
    }
    assert_eq!(calls(&source), 1);
    env.sleep(Duration::from_secs(1)).await;
    credentials.get(None).await.unwrap();
    assert_eq!(calls(&source), 2);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_is_left_alone_while_the_old_ones_are_good() {
    let env = env();
    let clock = env.clone();
    let (source, credentials) = scripted(&env, move |call| match call {
        0 => Ok(lasting(&clock, 1000)),
        _ => Err(AuthError::ExecPluginFailed),
    });
    credentials.get(None).await.unwrap();
    env.sleep(Duration::from_secs(950)).await;
    for _ in 0..10 {
        assert_eq!(credentials.get(None).await.unwrap().generation, 0);
    }
    assert_eq!(calls(&source), 2);
    env.sleep(Duration::from_secs(10)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 0);
    assert_eq!(calls(&source), 3);
    // Rejected or ended they are not good.
    assert!(credentials.get(Some(0)).await.is_err());
    env.sleep(Duration::from_secs(60)).await;
    assert!(credentials.get(None).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn those_without_an_end_are_kept_until_they_are_rejected() {
    let env = env();
    let (source, credentials) = scripted(&env, |_| Ok(Credential::default()));
    credentials.get(None).await.unwrap();
    env.sleep(Duration::from_secs(365 * 86400)).await;
    assert_eq!(credentials.get(None).await.unwrap().generation, 0);
    assert_eq!(credentials.get(Some(0)).await.unwrap().generation, 1);
    assert_eq!(calls(&source), 2);
}

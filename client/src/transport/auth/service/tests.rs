//! What limits on time do to a client whose credentials take theirs.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use tower::ServiceBuilder;

use super::{
    super::{
        AuthError, AuthLayer, bearer,
        credentials::{Credential, Source},
    },
    *,
};
use crate::{
    Client,
    client::Body,
    env::Env,
    error::{Error, Outcome},
};

/// Gives a token after a while.
struct Slow {
    env: Env,
    takes: Duration,
    calls: AtomicUsize,
}

impl Source for Slow {
    fn obtain(self: Arc<Self>) -> BoxFuture<'static, Result<Credential, AuthError>> {
        async move {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            self.env.sleep(self.takes).await;
            Ok(Credential {
                header: bearer(&format!("token-{call}")).ok(),
                ..Credential::default()
            })
        }
        .boxed()
    }
}

/// A client whose credentials and whose server take this long, with a limit on the attempt.
fn client(credentials: u64, server: u64, limit: u64) -> (Client, Arc<Slow>) {
    let env = Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap());
    let source = Arc::new(Slow {
        env: env.clone(),
        takes: Duration::from_secs(credentials),
        calls: AtomicUsize::new(0),
    });
    let credentials = Credentials::new(Arc::clone(&source) as Arc<dyn Source>, env.clone());
    let auth = Auth::Renewed(Arc::new(credentials));
    let timers = env.clone();
    let service =
        ServiceBuilder::new()
            .layer(AuthLayer { auth })
            .service_fn(move |request: Request<Body>| {
                assert!(request.headers().contains_key(AUTHORIZATION));
                let answering = timers.sleep(Duration::from_secs(server));
                async move {
                    answering.await;
                    Ok::<_, Infallible>(Response::new(Body::from(b"ok".to_vec())))
                }
            });
    let client = Client::new(service, "default")
        .with_env(env)
        .with_request_timeout(Duration::from_secs(limit));
    (client, source)
}

async fn create(client: &Client) -> Result<String, Error> {
    let request = Request::post("/api/v1/namespaces").body(b"{}".to_vec());
    client.request_text(request.unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn the_wait_for_credentials_is_not_part_of_an_attempt() {
    // A plugin that asks a person takes its minutes.
    for wait in [6, 200] {
        let (client, source) = client(wait, 4, 5);
        assert_eq!(create(&client).await.unwrap(), "ok", "{wait} s");
        assert_eq!(source.calls.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_server_takes_is_limited_after_the_wait_too() {
    let (client, _) = client(6, 60, 5);
    let started = client.env().monotonic();
    let error = create(&client).await.unwrap_err();
    assert_eq!(client.env().monotonic() - started, Duration::from_secs(11));
    assert!(error.is_timeout());
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_ends_while_it_waits_was_not_sent_and_the_next_goes_on_with_the_wait() {
    let (client, source) = client(6, 0, 5);
    let client = client.with_deadline(Duration::from_secs(5));
    let error = create(&client).await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.outcome(), Outcome::NotApplied { retry_after: None });
    let started = client.env().monotonic();
    assert_eq!(create(&client).await.unwrap(), "ok");
    assert_eq!(client.env().monotonic() - started, Duration::from_secs(1));
    assert_eq!(source.calls.load(Ordering::Relaxed), 1);
}

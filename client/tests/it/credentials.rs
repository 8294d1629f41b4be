//! Credentials through the production stack, over a server in memory and on virtual time.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Request, Response};
use seatrial_client::{
    Client, Config, Env, Error,
    client::{Body, ClientBuilder},
    config::{KubeConfigOptions, Kubeconfig, MemoryHost},
};

use crate::support::{chain, json};

/// A server that accepts one token, which the test can change, and remembers which it was shown.
#[derive(Clone, Default)]
struct Door {
    accepts: Arc<Mutex<String>>,
    shown: Arc<Mutex<Vec<String>>>,
}

impl Door {
    fn accept(&self, token: &str) {
        *self.accepts.lock().unwrap() = format!("Bearer {token}");
    }

    fn shown(&self) -> Vec<String> {
        std::mem::take(&mut *self.shown.lock().unwrap())
    }

    fn client(&self, config: Config, env: &Env) -> Client {
        let door = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let token = request
                .headers()
                .get("authorization")
                .map_or("", |value| value.to_str().unwrap());
            door.shown.lock().unwrap().push(token.to_owned());
            let answer = if *token == **door.accepts.lock().unwrap() {
                Response::new(Body::from(b"ok".to_vec()))
            } else {
                json(
                    401,
                    &serde_json::json!({"kind": "Status", "code": 401, "reason": "Unauthorized", "message": "no"}),
                )
            };
            async move { Ok::<_, tower::BoxError>(answer) }
        });
        let builder = ClientBuilder::from_config(config).with_env(env.clone());
        builder.transport(service).unwrap().build()
    }
}

async fn get(client: &Client) -> Result<String, Error> {
    client
        .request_text(Request::get("/healthz").body(vec![]).unwrap())
        .await
}

fn env() -> Env {
    Env::seeded(1, "2026-01-01T00:00:00Z".parse().unwrap())
}

fn config(host: &MemoryHost, user: &str) -> Config {
    let kubeconfig = Kubeconfig::from_yaml(&format!(
        "current-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: 'http://server'}}}}]\nusers: [{{name: u, user: {user}}}]"
    ));
    Config::from_custom_kubeconfig_on(host.clone(), kubeconfig.unwrap(), &KubeConfigOptions::default())
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_token_file_is_read_again_from_time_to_time() {
    let (host, door, env) = (
        MemoryHost::new().with_file("/token", "one\n"),
        Door::default(),
        env(),
    );
    let client = door.client(config(&host, "{tokenFile: /token}"), &env);
    door.accept("one");
    assert_eq!(get(&client).await.unwrap(), "ok");
    host.write("/token", "two");
    env.sleep(Duration::from_secs(59)).await;
    assert_eq!(get(&client).await.unwrap(), "ok");
    door.accept("two");
    env.sleep(Duration::from_secs(2)).await;
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(door.shown(), ["Bearer one", "Bearer one", "Bearer two"]);

    // A file that is being replaced is no reason to forget the token.
    host.remove("/token");
    env.sleep(Duration::from_secs(61)).await;
    assert_eq!(get(&client).await.unwrap(), "ok");
}

#[tokio::test(start_paused = true)]
async fn b6_a_rejected_token_is_renewed_once_and_the_request_sent_once_more() {
    let (host, door, env) = (
        MemoryHost::new().with_file("/token", "one"),
        Door::default(),
        env(),
    );
    let client = door.client(config(&host, "{tokenFile: /token}"), &env);
    door.accept("two");
    host.write("/token", "one");
    assert!(get(&client).await.unwrap_err().is_unauthorized());
    assert_eq!(door.shown(), ["Bearer one", "Bearer one"], "once, and once more");
    host.write("/token", "two");
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(door.shown(), ["Bearer one", "Bearer two"]);
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(door.shown(), ["Bearer two"]);

    // A body is sent once more too.
    host.write("/token", "three");
    door.accept("three");
    let post = Request::post("/api/v1/namespaces").body(b"{}".to_vec()).unwrap();
    assert_eq!(client.request_text(post).await.unwrap(), "ok");
    assert_eq!(door.shown(), ["Bearer two", "Bearer three"]);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_token_that_is_rejected_is_not_tried_again() {
    let (door, env) = (Door::default(), env());
    let client = door.client(config(&MemoryHost::new(), "{token: fixed}"), &env);
    assert!(get(&client).await.unwrap_err().is_unauthorized());
    assert_eq!(door.shown(), ["Bearer fixed"]);
}

#[tokio::test(start_paused = true)]
async fn a_request_keeps_the_credentials_that_it_brings() {
    let (host, door, env) = (
        MemoryHost::new().with_file("/token", "file"),
        Door::default(),
        env(),
    );
    let client = door.client(config(&host, "{tokenFile: /token}"), &env);
    let request = Request::get("/healthz")
        .header("authorization", "Bearer own")
        .body(vec![])
        .unwrap();
    assert!(client.request_text(request).await.unwrap_err().is_unauthorized());
    assert_eq!(door.shown(), ["Bearer own"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_file_goes_before_a_token() {
    let (host, door, env) = (
        MemoryHost::new().with_file("/token", "file"),
        Door::default(),
        env(),
    );
    let client = door.client(config(&host, "{token: fixed, tokenFile: /token}"), &env);
    let _ = get(&client).await;
    assert_eq!(door.shown()[0], "Bearer file");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_token_is_an_error_that_names_the_file_and_shows_nothing() {
    let host = MemoryHost::new()
        .with_file("/empty", " \n")
        .with_file("/lines", "hunter2\nhunter3");
    let (door, env) = (Door::default(), env());
    let mut errors = String::new();
    for user in [
        "{tokenFile: /absent}",
        "{tokenFile: /empty}",
        "{tokenFile: /lines}",
    ] {
        let error = get(&door.client(config(&host, user), &env)).await.unwrap_err();
        errors += &chain(&error);
        errors += "\n";
    }
    assert!(!errors.contains("hunter"));
    assert!(door.shown().is_empty());
    insta::assert_snapshot!(errors, @r"
    the credentials cannot be used
      because: the token file /absent (`tokenFile`) cannot be used
      because: entity not found
    the credentials cannot be used
      because: the token file /empty (`tokenFile`) cannot be used
      because: it is empty
    the credentials cannot be used
      because: the token file /lines (`tokenFile`) cannot be used
      because: it is not one line of text
    ");
}

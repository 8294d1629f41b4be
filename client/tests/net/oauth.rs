//! The default credentials of an application, with a token endpoint and a metadata server of the test's own.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Response;
use seatrial_client::{
    Client, Config, Error,
    client::ClientBuilder,
    config::{KubeConfigOptions, Kubeconfig, MemoryHost},
};
use serde_json::{Value, json};
use tokio_rustls::rustls::{SignatureScheme, crypto::ring};

use crate::{
    connect::{chain, get},
    files::Clock,
    server::{Options, Server, text},
};

const KEY: &str = include_str!("fixtures/rsa.pem");
const PUBLIC_KEY: &[u8] = include_bytes!("fixtures/rsa.pub.der");
const FILE: &str = "/home/jane/.config/gcloud/application_default_credentials.json";

/// A client whose user has the auth provider `gcp` with these fields, on a host with this environment.
fn client(server: &Server, fields: &str, host: MemoryHost, clock: &Clock) -> Result<Client, Error> {
    let yaml = format!(
        "{{current-context: x, contexts: [{{name: x, context: {{cluster: c, user: u}}}}], clusters: [{{name: c, cluster: \
         {{server: 'http://{}'}}}}], users: [{{name: u, user: {{auth-provider: {{name: gcp, config: {{{fields}}}}}}}}}]}}",
        server.address
    );
    let kubeconfig = Kubeconfig::from_yaml(&yaml).unwrap();
    let config = Config::from_custom_kubeconfig_on(host, kubeconfig, &KubeConfigOptions::default()).unwrap();
    let builder = ClientBuilder::from_config(config).with_env(clock.env());
    Ok(builder.connect()?.with_retry(None).build())
}

/// A token endpoint, or a metadata server, that counts its tokens.
async fn issuer() -> Server {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let answer = move |_: &crate::server::Seen| {
        let count = 1 + count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let token =
            json!({"access_token": format!("token {count}"), "expires_in": 3600, "token_type": "Bearer"});
        text(200, &token.to_string())
    };
    Options::default().answer(answer).serve().await
}

fn service_account(issuer: &Server) -> Value {
    json!({
        "type": "service_account",
        "client_email": "robot@project.example",
        "private_key_id": "key 1",
        "private_key": KEY,
        "token_uri": format!("http://{}/token", issuer.address),
    })
}

fn form(body: &str) -> Vec<(String, String)> {
    let decode = |text| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    body.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

#[tokio::test]
async fn a_service_account_signs_for_its_tokens() {
    let (server, issuer, clock) = (Options::default().serve().await, issuer().await, Clock::default());
    let host = MemoryHost::new()
        .with_var("GOOGLE_APPLICATION_CREDENTIALS", "/robot.json")
        .with_file("/robot.json", service_account(&issuer).to_string());
    let client = client(
        &server,
        "scopes: 'https://scope/a, https://scope/b'",
        host,
        &clock,
    )
    .unwrap();
    let answers = futures::future::join_all((0..10).map(|_| get(&client))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(server.last().authorization(), "Bearer token 1");
    assert_eq!(issuer.count(), 1, "once for ten requests");

    let asked = issuer.last();
    assert_eq!(asked.uri, "/token");
    let form = form(&asked.body);
    assert_eq!(form[0].0, "grant_type");
    assert_eq!(form[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let [header, claims, signature] = form[1].1.split('.').collect::<Vec<_>>()[..] else {
        panic!("no JSON web token: {form:?}");
    };
    let decode = |part: &str| -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(
        decode(header),
        json!({"alg": "RS256", "typ": "JWT", "kid": "key 1"})
    );
    let issued = clock.now().as_second();
    assert_eq!(
        decode(claims),
        json!({
            "iss": "robot@project.example", "scope": "https://scope/a https://scope/b",
            "aud": format!("http://{}/token", issuer.address), "iat": issued, "exp": issued + 3600,
        })
    );
    let algorithms = ring::default_provider().signature_verification_algorithms;
    let (_, rs256) = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == SignatureScheme::RSA_PKCS1_SHA256)
        .unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    rs256[0]
        .verify_signature(PUBLIC_KEY, format!("{header}.{claims}").as_bytes(), &signature)
        .expect("signed by the key");

    // The next one is asked for before this one ends.
    clock.advance(3590);
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer token 2");
}

#[tokio::test]
async fn a_user_whom_gcloud_logged_in_refreshes() {
    let (server, issuer, clock) = (Options::default().serve().await, issuer().await, Clock::default());
    let file = json!({
        "type": "authorized_user", "client_id": "an id", "client_secret": "a secret", "refresh_token": "again",
        "token_uri": format!("http://{}/token", issuer.address),
    });
    let host = MemoryHost::new()
        .with_var("HOME", "/home/jane")
        .with_file(FILE, file.to_string());
    // The token in the kubeconfig comes first.
    let expiry = clock.now() + jiff::SignedDuration::from_secs(60);
    let client = client(
        &server,
        &format!("access-token: old, expiry: '{expiry}'"),
        host,
        &clock,
    )
    .unwrap();
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer old");
    clock.advance(61);
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer token 1");
    let expect = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "again"),
        ("client_id", "an id"),
        ("client_secret", "a secret"),
    ];
    let form = form(&issuer.last().body);
    assert!(
        form.iter().map(|(name, value)| (&**name, &**value)).eq(expect),
        "{form:?}"
    );
}

#[tokio::test]
async fn a_machine_is_asked_for_its_own_token() {
    let (server, issuer, clock) = (Options::default().serve().await, issuer().await, Clock::default());
    let host = MemoryHost::new()
        .with_var("HOME", "/home/jane")
        .with_var("HTTP_PROXY", "http://127.0.0.1:1")
        .with_var("GCE_METADATA_HOST", issuer.address.to_string());
    let config = "scopes: https://scope/a";
    let proxied = client(&server, config, host, &clock);
    // The server of the cluster is on this machine, so that no proxy is between.
    get(&proxied.unwrap()).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer token 1");
    let asked = issuer.last();
    assert_eq!(
        asked.uri,
        "/computeMetadata/v1/instance/service-accounts/default/token?scopes=https%3A%2F%2Fscope%2Fa"
    );
    assert_eq!(asked.headers["metadata-flavor"], "Google");
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_the_secrets() {
    let clock = Clock::default();
    let server = Options::default().serve().await;
    let refusing = Options::default()
        .answer(|_| {
            text(
                400,
                r#"{"error": "invalid_grant", "error_description": "hunter2"}"#,
            )
        })
        .serve()
        .await;
    let rubbish = Options::default()
        .answer(|_| text(200, r#"{"access_token": 7, "x": "hunter2"}"#))
        .serve()
        .await;
    let broken = Options::default()
        .answer(|_| {
            Response::builder()
                .status(500)
                .body(b"hunter2".to_vec().into())
                .unwrap()
        })
        .serve()
        .await;
    let with = |file: Value| {
        MemoryHost::new()
            .with_var("GOOGLE_APPLICATION_CREDENTIALS", "/robot.json")
            .with_file("/robot.json", file.to_string())
    };
    let edited = |name: &str, value: Value| {
        let mut file = service_account(&refusing);
        file[name] = value;
        with(file)
    };
    let hosts = [
        MemoryHost::new().with_var("GOOGLE_APPLICATION_CREDENTIALS", "/absent.json"),
        MemoryHost::new().with_var("GCE_METADATA_HOST", "127.0.0.1:1"),
        MemoryHost::new().with_var("GCE_METADATA_HOST", "no host"),
        with(json!("hunter2")),
        with(json!({"type": "external_account", "secret": "hunter2"})),
        with(json!({"type": "authorized_user", "refresh_token": "hunter2"})),
        edited("private_key", json!("hunter2")),
        edited(
            "private_key",
            json!("-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n"),
        ),
        edited(
            "private_key",
            json!("-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"),
        ),
        edited("token_uri", json!("not a URL")),
        edited("token_uri", json!("http://127.0.0.1:1/")),
        with(service_account(&refusing)),
        with(service_account(&rubbish)),
        with(service_account(&broken)),
    ];
    let mut errors = String::new();
    for host in hosts {
        let error = match client(&server, "", host, &clock) {
            Ok(client) => get(&client).await.unwrap_err(),
            Err(error) => error,
        };
        let shown = format!("{error:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("aHVudGVyMg"),
            "{shown}"
        );
        // What the system and the library of TLS say differs from one to the other.
        let told = chain(&error);
        let told = told
            .split_once("\n  because: ")
            .unwrap()
            .1
            .lines()
            .take(2)
            .collect::<Vec<_>>();
        errors += &format!("{}\n", told.join("\n"));
    }
    assert!(!errors.contains("hunter2"));
    assert_eq!(server.count(), 0);
    insta::assert_snapshot!(errors, @r#"
    the default credentials of the application cannot be used
      because: the credentials file /absent.json cannot be read
    the default credentials of the application cannot be used
      because: there are no default credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, gcloud has left no file, and the machine has no metadata server
    the default credentials of the application cannot be used
      because: `GCE_METADATA_HOST` is not a URL
    the default credentials of the application cannot be used
      because: the credentials file /robot.json is not JSON with a field `type`
    the default credentials of the application cannot be used
      because: the credentials file /robot.json is of the type `external_account`: use a service account's, or the credential plugin gke-gcloud-auth-plugin (`exec`)
    the default credentials of the application cannot be used
      because: the credentials file /robot.json is not JSON with a field `client_id`
    the default credentials of the application cannot be used
      because: the field `private_key` of the credentials file /robot.json cannot be read
    the default credentials of the application cannot be used
      because: the field `private_key` of the credentials file /robot.json is no key that signs by RSA
    the default credentials of the application cannot be used
      because: the field `private_key` of the credentials file /robot.json is no key that signs by RSA
    the default credentials of the application cannot be used
      because: `token_uri` is not a URL
    the default credentials of the application cannot be used
      because: the token endpoint did not answer
    the default credentials of the application cannot be used
      because: the token endpoint answered 400 Bad Request: invalid_grant
    the default credentials of the application cannot be used
      because: the answer of the token endpoint is no JSON object with an `access_token`
    the default credentials of the application cannot be used
      because: the token endpoint answered 500 Internal Server Error
    "#);
}

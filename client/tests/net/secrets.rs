//! No secret is printed: whatever a user's credentials are, neither `Debug`, nor the log, nor an error shows them, while
//! requests succeed, are refused, and cannot be sent.

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Request;
use seatrial_client::{
    Client, Config,
    client::{ClientBuilder, ConfigExt as _},
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{
    connect::{chain, get},
    files::Directory,
    pki::{Authority, data},
    server::{Options, text},
};

const SECRET: &str = "hunter2";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn told(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

fn kubeconfig(server: &str, cluster: &str, user: &str) -> Kubeconfig {
    Kubeconfig::from_yaml(&format!(
        "current-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: '{server}'{cluster}}}}}]\nusers: [{{name: u, user: {user}}}]"
    ))
    .unwrap()
}

#[tokio::test]
async fn no_credential_is_shown_by_debug_the_log_or_an_error() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With one subscriber alone, whether an event is of interest would be asked of the thread that meets it first, which
    // may be another test's.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let _told = tracing::subscriber::set_default(subscriber);

    let (authority, directory) = (Authority::new("CA"), Directory::new());
    let leaf = authority.client("jane");
    let key = data(&leaf.key);
    let token_file = directory.write("token", SECRET);
    let plugin = directory.script(
        "plugin",
        r#"echo '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "hunter2"}}'"#,
    );
    let credential = serde_json::json!({
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "status": {"clientCertificateData": leaf.certificate, "clientKeyData": leaf.key},
    });
    let credential = directory.write("credential", &credential.to_string());
    let certifier = directory.script("certifier", &format!("cat '{credential}'"));
    let rubbish = directory.script("rubbish", "echo 'token: [hunter2'; exit 1");
    let token_printer = directory.script("gcp", r#"echo '{"access_token": "hunter2"}'"#);
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(r#"{"exp": 99999999999}"#);
    let exec = |command: &str| {
        format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {command}, interactiveMode: Never, \
             env: [{{name: PASSWORD, value: hunter2}}]}}}}"
        )
    };
    let users = [
        "{token: hunter2}".to_owned(),
        "{username: jane, password: hunter2}".to_owned(),
        format!("{{tokenFile: {token_file}}}"),
        format!(
            "{{client-certificate-data: {}, client-key-data: {key}}}",
            data(&leaf.certificate)
        ),
        format!(
            "{{client-certificate: {}, client-key: {}}}",
            directory.write("jane.crt", &leaf.certificate),
            directory.write("jane.key", &leaf.key)
        ),
        exec(&plugin),
        exec(&certifier),
        exec(&rubbish),
        format!("{{auth-provider: {{name: gcp, config: {{cmd-path: {token_printer}}}}}}}"),
        "{auth-provider: {name: gcp, config: {access-token: hunter2}}}".to_owned(),
        format!(
            "{{auth-provider: {{name: oidc, config: {{id-token: hunter2.{claims}.hunter2, refresh-token: hunter2, \
             client-id: x, client-secret: hunter2, idp-issuer-url: 'http://127.0.0.1:1'}}}}}}"
        ),
        "{token: \"hunter2\\nhunter2\"}".to_owned(),
    ];
    // What is told of the server's answers, and of the headers that were sent, is none of them either.
    let accepting = Options::default().serve().await;
    let refusing = Options::default()
        .answer(|_| text(401, "you are not welcome"))
        .serve()
        .await;
    let mut shown = String::new();
    for user in users {
        for (server, cluster) in [
            (format!("http://{}", accepting.address), ""),
            (format!("http://{}", refusing.address), ""),
            ("http://127.0.0.1:1".to_owned(), ""),
            (format!("http://jane:hunter2@{}", accepting.address), ""),
            ("http://jane:hunter2@127.0.0.1:1".to_owned(), ""),
            (
                "https://127.0.0.1:1".to_owned(),
                ", proxy-url: 'http://jane:hunter2@127.0.0.1:1'",
            ),
        ] {
            let kubeconfig = kubeconfig(&server, cluster, &user);
            shown += &format!("{kubeconfig:?}\n");
            let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await;
            let mut config = config.unwrap();
            config.headers.push((
                http::HeaderName::from_static("x-secret"),
                http::HeaderValue::from_static(SECRET),
            ));
            config.default_retry = false;
            shown += &format!(
                "{config:?}\n{:?}\n{:?}\n",
                config.auth_layer(),
                config.extra_headers_layer()
            );
            let builder = ClientBuilder::from_config(config);
            shown += &format!("{builder:?}\n");
            let client = match builder.connect() {
                Ok(builder) => {
                    shown += &format!("{builder:?}\n");
                    builder.build()
                }
                Err(error) => {
                    shown += &format!("{error:?} {}\n", chain(&error));
                    continue;
                }
            };
            shown += &format!("{client:?}\n");
            for answer in [get(&client).await, post(&client).await] {
                if let Err(error) = answer {
                    shown += &format!("{error:?} {}\n", chain(&error));
                }
            }
        }
    }
    // The whole key would be enough, and so would a line of it.
    let line = leaf.key.lines().nth(1).unwrap();
    let basic = BASE64_STANDARD.encode("jane:hunter2");
    for (place, text) in [("Debug and errors", shown), ("the log", log.told())] {
        assert!(text.len() > 1000, "{place} is looked at");
        for secret in [SECRET, &basic, &key[..40], line] {
            if let Some(at) = text.find(secret) {
                panic!(
                    "{place} shows a secret: {}",
                    &text[at.saturating_sub(300)..at + secret.len()]
                );
            }
        }
    }
}

async fn post(client: &Client) -> Result<String, seatrial_client::Error> {
    let secret = format!(r#"{{"kind": "Secret", "data": {{"password": "{SECRET}"}}}}"#);
    let request = Request::post("/api/v1/namespaces/a/secrets")
        .body(secret.into_bytes())
        .unwrap();
    client.request_text(request).await
}

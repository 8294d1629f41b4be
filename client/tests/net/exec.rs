//! Credential plugins: real child processes.

use std::time::Duration;

use http::{Request, StatusCode};
use seatrial_client::{
    Client, Config, Error,
    client::{AuthError, ClientBuilder},
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{
    connect::{chain, config, get, within},
    files::{Clock, Directory},
    pki::{Authority, data},
    server::{Options, Server, text},
};

const V1: &str = "client.authentication.k8s.io/v1";

/// A server that lets in who shows one of these tokens.
async fn door(tokens: &'static [&'static str]) -> Server {
    let answer = move |seen: &crate::server::Seen| {
        let token = seen.authorization().trim_start_matches("Bearer ");
        if tokens.contains(&token) {
            text(200, "ok")
        } else {
            text(401, "no")
        }
    };
    Options::default().answer(answer).serve().await
}

async fn plugin(server: &Server, exec: &str) -> Config {
    config(
        &format!("{{server: 'http://{}'}}", server.address),
        &format!("{{exec: {exec}}}"),
    )
    .await
}

#[tokio::test]
async fn a_plugin_gives_a_token_and_is_asked_again_before_it_ends() {
    let (directory, server, clock) = (Directory::new(), door(&["t1", "t2"]).await, Clock::default());
    let ends = |seconds| clock.now() + jiff::SignedDuration::from_secs(seconds);
    let script = directory.script(
        "login",
        &format!(
            "cd '{}'\necho run >> runs\nn=$(wc -l < runs | tr -d ' ')\n\
             [ \"$n\" = 1 ] && end={} || end={}\n\
             echo \"{{\\\"apiVersion\\\":\\\"{V1}\\\",\\\"kind\\\":\\\"ExecCredential\\\",\
             \\\"status\\\":{{\\\"token\\\":\\\"t$n\\\",\\\"expirationTimestamp\\\":\\\"$end\\\"}}}}\"",
            directory.path("").display(),
            ends(3600),
            ends(7200),
        ),
    );
    let config = plugin(&server, &format!("{{apiVersion: {V1}, command: {script}}}")).await;
    let client = ClientBuilder::from_config(config)
        .with_env(clock.env())
        .connect()
        .unwrap()
        .build();
    let answers = futures::future::join_all((0..20).map(|_| get(&client))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap() == "ok"));
    assert_eq!(directory.lines("runs"), 1, "many requests, one run");
    clock.advance(3500);
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer t1");
    clock.advance(50);
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer t2");
    assert_eq!(directory.lines("runs"), 2);
}

#[tokio::test]
async fn a_plugin_is_asked_again_when_its_token_is_rejected() {
    let (directory, server) = (Directory::new(), door(&["new"]).await);
    directory.write("token", "old");
    let script = directory.script(
        "login",
        &format!(
            "cd '{}'\necho run >> runs\necho \"status: {{token: $(cat token)}}\"",
            directory.path("").display()
        ),
    );
    // YAML will do, and v1beta1 is what no version means.
    let client = Client::try_from(plugin(&server, &format!("{{command: {script}}}")).await).unwrap();
    assert!(get(&client).await.unwrap_err().is_unauthorized());
    assert_eq!(directory.lines("runs"), 2);
    directory.write("token", "new");
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(directory.lines("runs"), 3);
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(directory.lines("runs"), 3);
}

#[tokio::test]
async fn a_plugin_is_told_what_it_is_asked_for() {
    let (directory, server) = (Directory::new(), door(&["b"]).await);
    let script = directory.script(
        "login",
        &format!(
            "cd '{}'\nprintf %s \"$KUBERNETES_EXEC_INFO\" > info\nprintf %s \"$*\" > args\nprintf %s \"$A$PATH\" > env\n\
             echo \"{{status: {{token: $A}}}}\"",
            directory.path("").display()
        ),
    );
    let yaml = format!(
        "{{server: 'http://{}', tls-server-name: kubernetes, extensions: [{{name: {}, extension: {{audience: x}}}}]}}",
        server.address, "client.authentication.k8s.io/exec"
    );
    let exec = format!(
        "{{exec: {{apiVersion: {V1}, command: {script}, args: [--one, 'two words'], env: [{{name: A, value: b}}], \
         interactiveMode: Never, provideClusterInfo: true}}}}"
    );
    let client = Client::try_from(config(&yaml, &exec).await).unwrap();
    get(&client).await.unwrap();
    let read = |name: &str| std::fs::read_to_string(directory.path(name)).unwrap();
    let info: serde_json::Value = serde_json::from_str(&read("info")).unwrap();
    let expect = serde_json::json!({
        "apiVersion": V1,
        "kind": "ExecCredential",
        "spec": {
            "interactive": false,
            "cluster": {
                "server": format!("http://{}", server.address),
                "tls-server-name": "kubernetes",
                "config": {"audience": "x"},
            },
        },
    });
    assert_eq!(info, expect);
    assert_eq!(read("args"), "--one two words");
    assert!(
        read("env").len() > 1 && read("env").starts_with('b'),
        "the environment is added to"
    );
}

#[tokio::test]
async fn a_relative_command_starts_at_its_kubeconfig() {
    let (directory, server) = (Directory::new(), door(&["t"]).await);
    directory.script("login", "echo '{status: {token: t}}'");
    let path = directory.write(
        "config",
        &format!(
            "current-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{server: 'http://{}'}}}}]\n\
             users: [{{name: u, user: {{exec: {{command: ./login}}}}}}]",
            server.address
        ),
    );
    let kubeconfig = Kubeconfig::read_from(path).unwrap();
    let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .unwrap();
    assert_eq!(get(&Client::try_from(config).unwrap()).await.unwrap(), "ok");
}

/// A client certificate from a plugin is used for TLS, and when the server no longer takes it the next one is, on a
/// connection of its own.
#[tokio::test]
async fn a_plugin_gives_a_client_certificate_and_replaces_it() {
    let authority = Authority::new("the cluster's CA");
    let (first, second) = (authority.client("first"), authority.client("second"));
    let server = Options::default().only_for(&authority, &second).serve().await;
    let directory = Directory::new();
    let credential = |leaf: &crate::pki::Leaf| {
        serde_json::json!({
            "apiVersion": V1,
            "kind": "ExecCredential",
            // Without the last end of line, as some plugins print it.
            "status": {"clientCertificateData": leaf.certificate.trim_end(), "clientKeyData": leaf.key.trim_end()},
        })
        .to_string()
    };
    directory.write("credential", &credential(&first));
    let script = directory.script(
        "login",
        &format!("cat '{}'", directory.path("credential").display()),
    );
    let cluster = format!(
        "{{server: 'https://{}', certificate-authority-data: {}}}",
        server.address,
        data(&authority.pem)
    );
    let config = config(
        &cluster,
        &format!("{{exec: {{apiVersion: {V1}, command: {script}}}}}"),
    )
    .await;
    let client = Client::try_from(config).unwrap();
    assert!(get(&client).await.unwrap_err().is_unauthorized());
    assert_eq!(server.last().certificate, Some(first.der()));

    directory.write("credential", &credential(&second));
    assert_eq!(
        get(&client).await.unwrap(),
        "ok",
        "asked again, and sent once more"
    );
    assert_eq!(server.last().certificate, Some(second.der()));
    let connection = server.last().connection;
    assert!(connection > 0, "over another connection");
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(server.last().connection, connection);
}

#[tokio::test]
async fn a_plugin_that_hangs_is_killed_and_blocks_nobody() {
    let (directory, server) = (Directory::new(), door(&[]).await);
    let script = directory.script(
        "login",
        &format!(
            "cd '{}'\necho $$ > pid\nexec sleep 100",
            directory.path("").display()
        ),
    );
    let mut config = plugin(&server, &format!("{{command: {script}, interactiveMode: Never}}")).await;
    config.credential_timeout = Some(Duration::from_millis(500));
    let client = Client::try_from(config).unwrap();
    // The runtime has one thread, and goes on.
    let (error, ()) = futures::join!(
        within(Duration::from_secs(5), get(&client)),
        within(Duration::from_millis(450), async {
            for _ in 0..20 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
    );
    let error = error.unwrap_err();
    assert!(
        matches!(error, Error::Auth(AuthError::AuthExecTimeout { .. })),
        "{error:?}"
    );
    let pid = std::fs::read_to_string(directory.path("pid")).unwrap();
    for _ in 0..100 {
        // A zombie that is not reaped yet has no command line.
        let running =
            std::fs::read(format!("/proc/{}/cmdline", pid.trim())).is_ok_and(|line| !line.is_empty());
        if !running {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the plugin still runs");
}

#[tokio::test]
async fn a_plugin_that_fails_is_an_error_that_names_it_and_shows_nothing() {
    let (directory, server) = (Directory::new(), door(&[]).await);
    let path = directory.path("").display().to_string();
    let long = "x".repeat(2 << 20);
    directory.write("long", &long);
    let plugins = [
        (
            "exits",
            "echo hunter2; echo 'no such\tprofile' >&2; exit 3".to_owned(),
        ),
        ("dies", "kill -9 $$".to_owned()),
        ("rubbish", "echo 'hunter2: ['".to_owned()),
        ("words", "echo hunter2".to_owned()),
        ("list", "echo '{status: {token: [hunter2]}}'".to_owned()),
        ("empty", "true".to_owned()),
        ("bare", "echo '{kind: ExecCredential}'".to_owned()),
        ("nothing", "echo '{status: {}}'".to_owned()),
        (
            "half",
            "echo '{status: {clientCertificateData: hunter2}}'".to_owned(),
        ),
        (
            "broken",
            "echo '{status: {clientCertificateData: hunter2, clientKeyData: hunter2}}'".to_owned(),
        ),
        ("kind", "echo '{kind: Pod, status: {token: hunter2}}'".to_owned()),
        (
            "version",
            format!("echo '{{apiVersion: {V1}, status: {{token: hunter2}}}}'"),
        ),
        (
            "time",
            "echo '{status: {token: hunter2, expirationTimestamp: hunter2}}'".to_owned(),
        ),
        (
            "header",
            "printf '{\"status\": {\"token\": \"hunter2\\\\nx\"}}'".to_owned(),
        ),
        ("long", format!("cat '{}'", directory.path("long").display())),
    ];
    let mut errors = String::new();
    for (name, lines) in plugins {
        let script = directory.script(&format!("{name}.sh"), &lines);
        let config = plugin(
            &server,
            &format!("{{command: {script}, interactiveMode: Never, installHint: install it}}"),
        )
        .await;
        let error = get(&Client::try_from(config).unwrap()).await.unwrap_err();
        errors += &format!("{}\n", chain(&error));
    }
    for exec in [
        format!("{{command: {path}absent, installHint: 'get it from the shop'}}"),
        format!("{{command: {path}long}}"),
        "{command: ''}".to_owned(),
        "{command: x, apiVersion: client.authentication.k8s.io/v1alpha1}".to_owned(),
    ] {
        let config = plugin(&server, &exec).await;
        let error = match Client::try_from(config) {
            Ok(client) => get(&client).await.unwrap_err(),
            Err(error) => error,
        };
        errors += &format!("{}\n", chain(&error));
    }
    assert!(!errors.contains("hunter2"), "{errors}");
    assert_eq!(server.count(), 0);
    insta::assert_snapshot!(errors.replace(&path, "/plugins/"), @r"
    the credentials cannot be used
      because: the credential plugin `/plugins/exits.sh` (`exec.command`) failed: exit status: 3: no such profile
    the credentials cannot be used
      because: the credential plugin `/plugins/dies.sh` (`exec.command`) failed: signal: 9 (SIGKILL)
    the credentials cannot be used
      because: what the credential plugin `/plugins/rubbish.sh` (`exec.command`) printed is no ExecCredential
      because: line 1, column 10: this is not YAML, or not what belongs here
    the credentials cannot be used
      because: what the credential plugin `/plugins/words.sh` (`exec.command`) printed is no ExecCredential
      because: line 1, column 1: expected a map
    the credentials cannot be used
      because: what the credential plugin `/plugins/list.sh` (`exec.command`) printed is no ExecCredential
      because: line 1, column 18: status.token: expected a string
    the credentials cannot be used
      because: the credential plugin gave no credentials: its ExecCredential has no `status`
    the credentials cannot be used
      because: the credential plugin gave no credentials: its ExecCredential has no `status`
    the credentials cannot be used
      because: the credential plugin cannot be used: what `/plugins/nothing.sh` printed has neither a `token` nor a `clientCertificateData`
    the credentials cannot be used
      because: the credential plugin cannot be used: what `/plugins/half.sh` printed has a `clientCertificateData` and no `clientKeyData`
    the credentials cannot be used
      because: the credential plugin cannot be used: `/plugins/broken.sh` gave a client certificate that cannot be used: TLS cannot be set up: the client certificate is missing: client-certificate: there is no such PEM section
    the credentials cannot be used
      because: the credential plugin cannot be used: what `/plugins/kind.sh` printed is of another `kind` than ExecCredential
    the credentials cannot be used
      because: the credential plugin cannot be used: what `/plugins/version.sh` printed is of another `apiVersion` than client.authentication.k8s.io/v1beta1
    the credentials cannot be used
      because: the time at which the token ends (`expirationTimestamp` of a credential plugin, `expiry` of an auth provider) is not an RFC 3339 timestamp
      because: failed to parse four digit integer as year: invalid digit, expected 0-9 but got h
    the credentials cannot be used
      because: the bearer token cannot stand in a header
      because: what `/plugins/header.sh` printed: status.token
      because: failed to parse header value
    the credentials cannot be used
      because: the credential plugin cannot be used: `/plugins/long.sh` did not run to its end: it prints more than credentials
    the credentials cannot be used
      because: the credential plugin `/plugins/absent` (`exec.command`) could not be started: get it from the shop
      because: No such file or directory (os error 2)
    the credentials cannot be used
      because: the credential plugin `/plugins/long` (`exec.command`) could not be started
      because: Permission denied (os error 13)
    the credentials cannot be used
      because: `exec` has no `command`
    the credentials cannot be used
      because: the credential plugin cannot be used: `exec.apiVersion` is neither client.authentication.k8s.io/v1 nor …/v1beta1
    ");
}

#[tokio::test]
async fn a_plugin_must_know_the_cluster_if_it_is_to_be_told() {
    let mut config = Config::new("http://host".parse().unwrap());
    let exec = serde_json::json!({"command": "x", "provideClusterInfo": true});
    config.auth_info.exec = Some(serde_json::from_value(exec).unwrap());
    let error = Client::try_from(config).unwrap_err();
    assert!(matches!(error, Error::Auth(AuthError::ExecMissingClusterInfo)));
}

#[tokio::test]
async fn a_gcp_user_runs_a_command_once_its_token_has_ended() {
    let (directory, server, clock) = (Directory::new(), door(&["old", "new"]).await, Clock::default());
    let ends = |seconds| clock.now() + jiff::SignedDuration::from_secs(seconds);
    let script = directory.script(
        "gcloud",
        &format!(
            "echo '{{\"credential\": {{\"token\": \"new\", \"end\": \"{}\"}}, \"args\": \"'$*'\"}}'",
            ends(9000)
        ),
    );
    let user = format!(
        "{{auth-provider: {{name: gcp, config: {{access-token: old, expiry: '{}', cmd-path: {script}, \
         cmd-args: config helper, token-key: '{{.credential.token}}', expiry-key: '{{.credential.end}}'}}}}}}",
        ends(600)
    );
    let config = config(&format!("{{server: 'http://{}'}}", server.address), &user).await;
    let client = ClientBuilder::from_config(config)
        .with_env(clock.env())
        .connect()
        .unwrap()
        .build();
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer old");
    clock.advance(580);
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), "Bearer new");
}

#[tokio::test]
async fn an_unauthorized_body_is_the_servers() {
    let (directory, server) = (Directory::new(), door(&[]).await);
    let script = directory.script("login", "echo '{status: {token: t}}'");
    let client = Client::try_from(plugin(&server, &format!("{{command: {script}}}")).await).unwrap();
    let request = Request::get("/healthz")
        .body(seatrial_client::client::Body::empty())
        .unwrap();
    let response = client.send(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.into_body().collect_bytes().await.unwrap(), "no");
}

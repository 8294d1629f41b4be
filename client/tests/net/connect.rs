//! Plain and secure connections, in both versions of HTTP.

use std::time::Duration;

use http::{Request, Version};
use seatrial_client::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{
    pki::{Authority, data},
    server::{Options, Server, text},
};

/// The configuration of a kubeconfig with this cluster and this user, each a line of flow-style YAML.
pub(crate) async fn config(cluster: &str, user: &str) -> Config {
    let kubeconfig = Kubeconfig::from_yaml(&format!(
        "current-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {cluster}}}]\nusers: [{{name: u, user: {user}}}]"
    ))
    .unwrap();
    Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .unwrap()
}

pub(crate) async fn get(client: &Client) -> Result<String, seatrial_client::Error> {
    client
        .request_text(Request::get("/healthz").body(vec![]).unwrap())
        .await
}

/// What `future` comes to. It must do so before `limit`, which is a bound on hanging and not on speed.
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> F::Output {
    let in_time = tokio::time::timeout(limit, future).await;
    in_time.unwrap_or_else(|_| panic!("nothing came of it within {limit:?}"))
}

/// An error and its sources, one per line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text += &format!("\n  because: {source}");
        next = source.source();
    }
    text
}

async fn secure(h2: bool, name: &str) -> (Authority, Server) {
    let authority = Authority::new("the cluster's CA");
    let server = Options::default()
        .tls(&authority.server(&[name]), None, h2)
        .serve()
        .await;
    (authority, server)
}

#[tokio::test]
async fn without_tls() {
    let server = Options::default().serve().await;
    let config = config(&format!("{{server: '{}'}}", server.address), "{}").await;
    assert_eq!(config.cluster_url.scheme_str(), Some("http"));
    let client = Client::try_from(config).unwrap();
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert_eq!(server.last().version, Version::HTTP_11);
}

#[tokio::test]
async fn with_tls_the_server_chooses_the_version() {
    for (h2, version) in [(true, Version::HTTP_2), (false, Version::HTTP_11)] {
        let (authority, server) = secure(h2, "127.0.0.1").await;
        let cluster = format!(
            "{{server: 'https://{}', certificate-authority-data: {}}}",
            server.address,
            data(&authority.pem)
        );
        let client = Client::try_from(config(&cluster, "{}").await).unwrap();
        assert_eq!(get(&client).await.unwrap(), "ok");
        assert_eq!(get(&client).await.unwrap(), "ok");
        assert_eq!(server.last().version, version);
        assert_eq!(server.last().connection, 0, "the connection is used again");
    }
}

#[tokio::test]
async fn static_credentials_are_in_every_request() {
    let server = Options::default()
        .answer(|seen| match seen.authorization() {
            "Bearer t0k3n" | "Basic am9lOnMzY3IzdA==" => text(200, "ok"),
            _ => text(401, "no"),
        })
        .serve()
        .await;
    let cluster = format!("{{server: 'http://{}/prefix'}}", server.address);
    for (user, expect) in [
        ("{token: t0k3n}", Some("ok")),
        ("{username: joe, password: s3cr3t}", Some("ok")),
        // What is empty is not there, but for the password of a name.
        ("{username: '', password: '', token: t0k3n}", Some("ok")),
        ("{username: nobody}", None),
        ("{token: other}", None),
        ("{}", None),
        ("null", None),
    ] {
        let client = Client::try_from(config(&cluster, user).await).unwrap();
        assert_eq!(get(&client).await.ok().as_deref(), expect, "{user}");
    }
    assert_eq!(server.last().uri, "/prefix/healthz");
    assert_eq!(server.count(), 7);

    // A name and a password in the URL are for those who have nothing else.
    let cluster = format!("{{server: 'http://joe:s3cr%33t@{}/prefix'}}", server.address);
    for (user, expect) in [("{}", Some("ok")), ("{token: other}", None)] {
        let client = Client::try_from(config(&cluster, user).await).unwrap();
        assert_eq!(get(&client).await.ok().as_deref(), expect, "{user}");
    }
}

#[tokio::test]
async fn a_client_certificate_is_presented() {
    let authority = Authority::new("the cluster's CA");
    let server = Options::default()
        .tls(&authority.server(&["127.0.0.1"]), Some(&authority), true)
        .serve()
        .await;
    let leaf = authority.client("jane");
    let cluster = format!(
        "{{server: 'https://{}', certificate-authority-data: {}}}",
        server.address,
        data(&authority.pem)
    );
    let user = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        data(&leaf.certificate),
        data(&leaf.key)
    );
    let client = Client::try_from(config(&cluster, &user).await).unwrap();
    assert_eq!(get(&client).await.unwrap(), "ok");
    assert!(server.last().certificate.is_some());
}

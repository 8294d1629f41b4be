//! Certificates in files that are replaced while the client lives.

use seatrial_client::{
    Error,
    client::{Client, ClientBuilder},
};

use crate::{
    connect::{chain, config, get},
    files::{Clock, Directory},
    pki::{Authority, Leaf, data},
    server::{Options, Server},
};

/// A client whose certificate and key are the files `tls.crt` and `tls.key`, which hold those of `leaf` now.
async fn client_of_files(
    server: &Server,
    authority: &Authority,
    directory: &Directory,
    leaf: &Leaf,
    clock: &Clock,
) -> Client {
    let certificate = directory.write("tls.crt", &leaf.certificate);
    let key = directory.write("tls.key", &leaf.key);
    let cluster = format!(
        "{{server: 'https://{}', certificate-authority-data: {}}}",
        server.address,
        data(&authority.pem)
    );
    let config = config(
        &cluster,
        &format!("{{client-certificate: {certificate}, client-key: {key}}}"),
    )
    .await;
    ClientBuilder::from_config(config)
        .with_env(clock.env())
        .connect()
        .unwrap()
        .build()
}

#[tokio::test]
async fn a_client_certificate_in_files_is_replaced_in_place() {
    let (authority, directory, clock) = (
        Authority::new("the cluster's CA"),
        Directory::new(),
        Clock::default(),
    );
    let server = Options::default()
        .tls(&authority.server(&["127.0.0.1"]), Some(&authority), true)
        .serve()
        .await;
    let (first, second) = (authority.client("first"), authority.client("second"));
    let client = client_of_files(&server, &authority, &directory, &first, &clock).await;
    get(&client).await.unwrap();
    assert_eq!(server.last().certificate, Some(first.der()));

    // One of the two files is new: nothing changes, and nothing fails.
    directory.write("tls.crt", &second.certificate);
    clock.advance(61);
    get(&client).await.unwrap();
    assert_eq!(server.last().certificate, Some(first.der()));
    directory.write("tls.key", &second.key);
    get(&client).await.unwrap();
    assert_eq!(
        server.last().certificate,
        Some(first.der()),
        "files are not read for every request"
    );
    clock.advance(61);
    get(&client).await.unwrap();
    assert_eq!(server.last().certificate, Some(second.der()));
    assert_eq!(server.last().connection, 1);
}

#[tokio::test]
async fn a_certificate_that_is_rejected_is_looked_for_at_once() {
    let (authority, directory, clock) = (
        Authority::new("the cluster's CA"),
        Directory::new(),
        Clock::default(),
    );
    let (first, second) = (authority.client("first"), authority.client("second"));
    let server = Options::default().only_for(&authority, &second).serve().await;
    let client = client_of_files(&server, &authority, &directory, &first, &clock).await;
    assert!(get(&client).await.unwrap_err().is_unauthorized());
    directory.write("tls.crt", &second.certificate);
    directory.write("tls.key", &second.key);
    assert!(get(&client).await.unwrap_err().is_unauthorized());
    assert_eq!(get(&client).await.unwrap(), "ok");
}

/// The certificate of the server was signed by nobody who is trusted, in the words of either library.
fn is_distrusted(error: &Error) -> bool {
    let told = chain(error);
    ["UnknownIssuer", "certificate verify failed"]
        .iter()
        .any(|words| told.contains(words))
}

#[tokio::test]
async fn certificate_authorities_in_a_file_are_replaced_in_place() {
    let (old, new, directory, clock) = (
        Authority::new("old"),
        Authority::new("new"),
        Directory::new(),
        Clock::default(),
    );
    let file = directory.write("ca.crt", &old.pem);
    let of_old = Options::default()
        .tls(&old.server(&["127.0.0.1"]), None, true)
        .serve()
        .await;
    let of_new = Options::default()
        .tls(&new.server(&["127.0.0.1"]), None, true)
        .serve()
        .await;
    let client = async |server: &crate::server::Server| {
        let cluster = format!(
            "{{server: 'https://{}', certificate-authority: {file}}}",
            server.address
        );
        let config = config(&cluster, "{}").await;
        #[cfg(feature = "rustls-tls")]
        drop(seatrial_client::client::ConfigExt::rustls_https_connector(&config).unwrap());
        ClientBuilder::from_config(config)
            .with_env(clock.env())
            .connect()
            .unwrap()
            .build()
    };
    let (to_old, to_new) = (client(&of_old).await, client(&of_new).await);
    get(&to_old).await.unwrap();
    assert!(is_distrusted(&get(&to_new).await.unwrap_err()));

    directory.write("ca.crt", "half of a file");
    get(&to_old).await.unwrap();
    directory.write("ca.crt", &new.pem);
    get(&to_new).await.unwrap();
    clock.advance(61);
    assert!(
        is_distrusted(&get(&to_old).await.unwrap_err()),
        "trust has moved on"
    );
    // Both at once, as during a rotation.
    directory.write("ca.crt", &format!("{}{}", old.pem, new.pem));
    clock.advance(61);
    get(&to_old).await.unwrap();
    get(&to_new).await.unwrap();
}

#[tokio::test]
async fn the_name_of_the_server_is_checked_unless_told_otherwise() {
    let authority = Authority::new("the cluster's CA");
    let server = Options::default()
        .tls(&authority.server(&["kubernetes", "10.0.0.1"]), None, true)
        .serve()
        .await;
    let other = Authority::new("other");
    let cluster = |authority: &Authority, more: &str| {
        format!(
            "{{server: 'https://{}', certificate-authority-data: {}, {more}}}",
            server.address,
            data(&authority.pem)
        )
    };
    for (cluster, works) in [
        (cluster(&authority, "tls-server-name: kubernetes"), true),
        (cluster(&authority, "tls-server-name: 10.0.0.1"), true),
        (cluster(&authority, "tls-server-name: other"), false),
        (cluster(&authority, "tls-server-name: ''"), false),
        (cluster(&other, "tls-server-name: kubernetes"), false),
        (cluster(&other, "insecure-skip-tls-verify: true"), true),
        (
            format!(
                "{{server: 'https://{}', tls-server-name: kubernetes}}",
                server.address
            ),
            false,
        ),
    ] {
        let client = Client::try_from(config(&cluster, "{}").await).unwrap();
        assert_eq!(get(&client).await.is_ok(), works, "{cluster}");
    }
}

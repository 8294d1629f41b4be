//! What is wrong with a configuration is told when a client is made of it, by file and field.

use std::time::Duration;

use seatrial_client::{Client, Config, Error, config::KubeConfigOptions, config::SystemHost};

use crate::{
    connect::{chain, config, get, within},
    files::Directory,
    pki::{Authority, data},
    server::Options,
};

async fn from_file(directory: &Directory, user: &str) -> Config {
    from_file_of(directory, "{server: 'https://127.0.0.1:1'}", user).await
}

async fn from_file_of(directory: &Directory, cluster: &str, user: &str) -> Config {
    let path = directory.write(
        "config",
        &format!(
            "current-context: x\ncontexts: [{{name: x, context: {{cluster: c, user: joe}}}}]\n\
             clusters: [{{name: c, cluster: {cluster}}}]\nusers: [{{name: joe, user: {user}}}]"
        ),
    );
    let host = Pinned(path);
    Config::from_kubeconfig_on(host, &KubeConfigOptions::default())
        .await
        .unwrap()
}

/// The machine, but for its `KUBECONFIG`.
struct Pinned(String);

impl seatrial_client::config::Host for Pinned {
    fn var(&self, name: &str) -> Option<std::ffi::OsString> {
        (name == "KUBECONFIG").then(|| self.0.clone().into())
    }

    fn read(&self, path: &std::path::Path) -> std::io::Result<Vec<u8>> {
        SystemHost.read(path)
    }

    fn current_dir(&self) -> std::io::Result<std::path::PathBuf> {
        SystemHost.current_dir()
    }
}

#[tokio::test]
async fn client_certificates_that_cannot_be_used() {
    let (authority, directory) = (Authority::new("CA"), Directory::new());
    let (jane, joe) = (authority.client("jane"), authority.client("joe"));
    let (certificate, key) = (data(&jane.certificate), data(&jane.key));
    directory.write("jane.crt", &jane.certificate);
    directory.write("jane.key", &jane.key);
    directory.write("joe.key", &joe.key);
    directory.write("rubbish", "hunter2");
    directory.write("cut", jane.certificate.split_at(200).0);
    let broken = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
    let unknown = "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n";
    let mut errors = String::new();
    for user in [
        "{client-certificate: absent.crt, client-key: jane.key}".to_owned(),
        "{client-certificate: jane.crt, client-key: absent.key}".to_owned(),
        "{client-certificate: jane.crt}".to_owned(),
        "{client-key: jane.key}".to_owned(),
        "{client-certificate: rubbish, client-key: jane.key}".to_owned(),
        "{client-certificate: cut, client-key: jane.key}".to_owned(),
        "{client-certificate: jane.crt, client-key: rubbish}".to_owned(),
        "{client-certificate: jane.crt, client-key: joe.key}".to_owned(),
        format!("{{client-certificate-data: 'hunter2!', client-key-data: {key}}}"),
        format!("{{client-certificate-data: {certificate}, client-key-data: 'hunter2!'}}"),
        format!(
            "{{client-certificate-data: {certificate}, client-key-data: {}}}",
            data(broken)
        ),
        format!(
            "{{client-certificate-data: {certificate}, client-key-data: {}}}",
            data(unknown)
        ),
        format!(
            "{{client-certificate-data: {certificate}, client-key-data: {}}}",
            data(&joe.key)
        ),
    ] {
        let error = Client::try_from(from_file(&directory, &user).await).unwrap_err();
        errors += &format!("{}\n", chain(&error));
    }
    assert!(!errors.contains("hunter2"), "{errors}");
    let path = directory.path("").display().to_string();
    // The rest is in the words of the library.
    if !cfg!(feature = "rustls-tls") {
        return;
    }
    insta::assert_snapshot!(errors.replace(&path, "/home/joe/"), @r"
    the kubeconfig cannot be used
      because: the client certificate cannot be read
      because: /home/joe/config: user `joe`: client-certificate
      because: the file /home/joe/absent.crt cannot be read
      because: No such file or directory (os error 2)
    the kubeconfig cannot be used
      because: the key of the client certificate cannot be read
      because: /home/joe/config: user `joe`: client-key
      because: the file /home/joe/absent.key cannot be read
      because: No such file or directory (os error 2)
    the kubeconfig cannot be used
      because: the key of the client certificate cannot be read
      because: /home/joe/config: user `joe`: client-key
      because: there is neither data nor a file
    the kubeconfig cannot be used
      because: the client certificate cannot be read
      because: /home/joe/config: user `joe`: client-certificate
      because: there is neither data nor a file
    TLS cannot be set up
      because: the client certificate is missing
      because: /home/joe/config: user `joe`: client-certificate
      because: there is no such PEM section
    TLS cannot be set up
      because: the client certificate is not the PEM that it should be
      because: /home/joe/config: user `joe`: client-certificate
      because: a PEM section is cut short
    TLS cannot be set up
      because: the private key of the client certificate is missing
      because: /home/joe/config: user `joe`: client-key
      because: there is no such PEM section
    TLS cannot be set up
      because: the private key cannot be used with the client certificate
      because: /home/joe/config: user `joe`: client-key
      because: keys may not be consistent: KeyMismatch
    the kubeconfig cannot be used
      because: the client certificate cannot be read
      because: /home/joe/config: user `joe`: client-certificate-data
      because: it is not base64
    the kubeconfig cannot be used
      because: the key of the client certificate cannot be read
      because: /home/joe/config: user `joe`: client-key-data
      because: it is not base64
    TLS cannot be set up
      because: the private key is of an unknown kind
      because: /home/joe/config: user `joe`: client-key-data
      because: unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA
    TLS cannot be set up
      because: the private key is of an unknown kind
      because: /home/joe/config: user `joe`: client-key-data
      because: unexpected error: failed to parse private key as RSA, ECDSA, or EdDSA
    TLS cannot be set up
      because: the private key cannot be used with the client certificate
      because: /home/joe/config: user `joe`: client-key-data
      because: keys may not be consistent: KeyMismatch
    ");
}

#[tokio::test]
async fn certificate_authorities_that_cannot_be_used() {
    let directory = Directory::new();
    let mut config = Config::new("https://127.0.0.1:1".parse().unwrap());
    let mut errors = String::new();
    config.root_cert_file = Some(directory.path("absent"));
    errors += &format!("{}\n", chain(&Client::try_from(config.clone()).unwrap_err()));
    config.root_cert_file = Some(directory.write("rubbish", "hunter2").into());
    errors += &format!("{}\n", chain(&Client::try_from(config.clone()).unwrap_err()));
    config.root_cert_file = None;
    config.root_cert = Some(vec![b"hunter2".to_vec()]);
    errors += &format!("{}\n", chain(&Client::try_from(config.clone()).unwrap_err()));
    config.root_cert = None;
    config.tls_server_name = Some("not a name".to_owned());
    errors += &format!("{}\n", chain(&Client::try_from(config.clone()).unwrap_err()));
    // PEM that holds no certificate, and a name that is none, in a kubeconfig.
    let rubbish = data("-----BEGIN CERTIFICATE-----\naHVudGVyMg==\n-----END CERTIFICATE-----\n");
    for field in [
        format!("certificate-authority-data: {rubbish}"),
        "tls-server-name: 'not a name'".to_owned(),
    ] {
        let config = from_file_of(
            &directory,
            &format!("{{server: 'https://127.0.0.1:1', {field}}}"),
            "{}",
        )
        .await;
        errors += &format!("{}\n", chain(&Client::try_from(config).unwrap_err()));
    }
    let path = directory.path("").display().to_string();
    // The rest is in the words of the library.
    if !cfg!(feature = "rustls-tls") {
        return;
    }
    insta::assert_snapshot!(errors.replace(&path, "/home/joe/"), @r"
    TLS cannot be set up
      because: the certificate authorities cannot be trusted
      because: /home/joe/absent: the certificate authority
      because: No such file or directory (os error 2)
    TLS cannot be set up
      because: the certificate authorities cannot be trusted
      because: /home/joe/rubbish: the certificate authority
      because: there is no such PEM section
    TLS cannot be set up
      because: the certificate authorities cannot be trusted
      because: certificate-authority-data
      because: invalid peer certificate: BadEncoding
    TLS cannot be set up
      because: the name of the server is neither a DNS name nor an IP address
      because: tls-server-name
      because: invalid dns name
    TLS cannot be set up
      because: the certificate authorities cannot be trusted
      because: /home/joe/config: cluster `c`: certificate-authority-data
      because: invalid peer certificate: BadEncoding
    TLS cannot be set up
      because: the name of the server is neither a DNS name nor an IP address
      because: /home/joe/config: cluster `c`: tls-server-name
      because: invalid dns name
    ");
}

#[tokio::test]
async fn what_cannot_stand_in_a_header() {
    let directory = Directory::new();
    let mut errors = String::new();
    for user in [
        r#"{token: "hunter2\nx"}"#,
        r#"{as: "hunter2\nx"}"#,
        r#"{as: jane, as-uid: "hunter2\nx"}"#,
        r#"{as: jane, as-groups: [a, "hunter2\nx"]}"#,
        r#"{as: jane, as-user-extra: {"a key": ["hunter2\nx"]}}"#,
    ] {
        let config = from_file_of(&directory, "{server: 'http://host'}", user).await;
        let error = Client::try_from(config).unwrap_err();
        errors += &format!("{}\n", chain(&error));
    }
    assert!(!errors.contains("hunter2"), "{errors}");
    let path = directory.path("").display().to_string();
    insta::assert_snapshot!(errors.replace(&path, "/home/joe/"), @r"
    the credentials cannot be used
      because: the bearer token cannot stand in a header
      because: /home/joe/config: user `joe`: token
      because: failed to parse header value
    the credentials cannot be used
      because: whom to act as cannot stand in a header
      because: /home/joe/config: user `joe`: as
      because: failed to parse header value
    the credentials cannot be used
      because: whom to act as cannot stand in a header
      because: /home/joe/config: user `joe`: as-uid
      because: failed to parse header value
    the credentials cannot be used
      because: whom to act as cannot stand in a header
      because: /home/joe/config: user `joe`: as-groups
      because: failed to parse header value
    the credentials cannot be used
      because: whom to act as cannot stand in a header
      because: /home/joe/config: user `joe`: as-user-extra
      because: failed to parse header value
    ");
}

#[tokio::test]
async fn a_server_that_is_not_there_was_not_asked() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for (server, what) in [
        (format!("http://{address}"), "refused"),
        ("http://host.invalid".to_owned(), "dns"),
    ] {
        let mut config = config(&format!("{{server: '{server}'}}"), "{}").await;
        config.default_retry = false;
        let error = get(&Client::try_from(config).unwrap()).await.unwrap_err();
        assert!(chain(&error).to_lowercase().contains(what), "{}", chain(&error));
        assert!(matches!(
            error.outcome(),
            seatrial_client::error::Outcome::NotApplied { .. }
        ));
    }
}

#[tokio::test]
async fn a_server_that_does_not_take_part_in_tls_is_given_up() {
    // It accepts the connection, and says nothing.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut config = config(&format!("{{server: 'https://{address}'}}"), "{}").await;
    config.connect_timeout = Some(Duration::from_millis(300));
    config.default_retry = false;
    let client = Client::try_from(config).unwrap();
    let error = within(Duration::from_secs(5), get(&client)).await.unwrap_err();
    assert!(error.is_timeout(), "{}", chain(&error));
    // A post would not have been applied either.
    assert!(
        chain(&error).contains("connecting took longer than 0.3 s"),
        "{}",
        chain(&error)
    );
}

#[tokio::test]
async fn a_url_without_a_server_is_told() {
    for url in ["ftp://host", "host:1"] {
        let config = Config::new(url.parse().unwrap());
        assert!(
            matches!(Client::try_from(config).unwrap_err(), Error::TlsRequired),
            "{url}"
        );
    }
    let server = Options::default().serve().await;
    let config = Config::new(format!("http://{}", server.address).parse().unwrap());
    get(&Client::try_from(config).unwrap()).await.unwrap();
}

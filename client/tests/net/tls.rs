//! Which library does TLS, and with what cryptography.

#[cfg(all(feature = "rustls-tls", not(any(feature = "ring", feature = "aws-lc-rs"))))]
#[tokio::test]
async fn without_a_provider_of_cryptography_there_is_an_error_and_no_panic() {
    let config = crate::connect::config("{server: 'https://host'}", "{}").await;
    let error = seatrial_client::Client::try_from(config).unwrap_err();
    insta::assert_snapshot!(crate::connect::chain(&error), @r"
    TLS cannot be set up
      because: there is no provider of cryptography: enable the feature `ring` or `aws-lc-rs`
    ");
}

#[cfg(not(any(feature = "rustls-tls", feature = "openssl-tls")))]
#[tokio::test]
async fn without_a_library_for_tls_a_url_that_needs_it_is_refused() {
    let config = crate::connect::config("{server: 'https://host'}", "{}").await;
    let error = seatrial_client::Client::try_from(config).unwrap_err();
    assert!(matches!(error, seatrial_client::Error::TlsRequired), "{error}");
}

/// With rustls in the build as well, a program's own stack may still stand on OpenSSL.
#[cfg(feature = "openssl-tls")]
#[tokio::test]
async fn a_connector_of_openssl_trusts_names_and_identifies_as_the_configuration_says() {
    use http::Request;
    use seatrial_client::client::{Body, ClientBuilder, ConfigExt};
    use tower::ServiceExt as _;

    use crate::{
        connect::{chain, config, get},
        pki::{Authority, data},
        server::Options,
    };

    let authority = Authority::new("the cluster's CA");
    let server = Options::default()
        .tls(&authority.server(&["kubernetes.example"]), Some(&authority), true)
        .serve()
        .await;
    let leaf = authority.client("jane");
    let user = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        data(&leaf.certificate),
        data(&leaf.key)
    );
    for (name, trusted, expect) in [
        ("tls-server-name: kubernetes.example", &authority, true),
        ("tls-server-name: other.example", &authority, false),
        ("x: y", &authority, false),
        (
            "tls-server-name: kubernetes.example",
            &Authority::new("other"),
            false,
        ),
        ("insecure-skip-tls-verify: true", &Authority::new("other"), true),
    ] {
        let cluster = format!(
            "{{server: 'https://{}', certificate-authority-data: {}, {name}}}",
            server.address,
            data(&trusted.pem)
        );
        let config = config(&cluster, &user).await;
        let connector = config.openssl_https_connector().unwrap();
        let executor = hyper_util::rt::TokioExecutor::new();
        let service = hyper_util::client::legacy::Client::builder(executor).build::<_, Body>(connector);
        let base = config.base_uri_layer();
        let client = ClientBuilder::stack("default")
            .transport(service.map_request(|request: Request<Body>| request))
            .with_layer(&base)
            .with_retry(None)
            .build();
        match get(&client).await {
            Ok(answer) => assert!(expect && answer == "ok", "{name}"),
            Err(error) => assert!(!expect, "{name}: {}", chain(&error)),
        }
        if expect {
            assert_eq!(server.last().certificate, Some(leaf.der()), "{name}");
        }
    }
}

//! OpenID Connect, with an issuer of the test's own.

use std::sync::{Arc, Mutex};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use seatrial_client::{Client, client::ClientBuilder};

use crate::{
    connect::{chain, config, get},
    files::Clock,
    pki::{Authority, data},
    server::{Options, Server, text},
};

fn token(name: &str, ends: jiff::Timestamp) -> String {
    let part = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = part(serde_json::json!({"sub": name, "exp": ends.as_second()}));
    format!("{}.{claims}.signature", part(serde_json::json!({"alg": "none"})))
}

/// An issuer over TLS that gives these ID tokens, one after the other.
async fn issuer(authority: &Authority, mut tokens: Vec<String>, methods: &'static [&'static str]) -> Server {
    tokens.reverse();
    let tokens = Mutex::new(tokens);
    let address = Arc::new(Mutex::new(String::new()));
    let own = Arc::clone(&address);
    let answer = move |seen: &crate::server::Seen| {
        let body = if seen.uri.ends_with("/realm/.well-known/openid-configuration") {
            let mut body = serde_json::json!({"token_endpoint": format!("{}/token", own.lock().unwrap())});
            if !methods.is_empty() {
                body["token_endpoint_auth_methods_supported"] = methods.into();
            }
            body
        } else if let Some(token) = tokens.lock().unwrap().pop() {
            serde_json::json!({"id_token": token, "refresh_token": "second refresh"})
        } else {
            return text(400, r#"{"error": "invalid_grant"}"#);
        };
        text(200, &body.to_string())
    };
    let server = Options::default()
        .tls(&authority.server(&["127.0.0.1"]), None, false)
        .answer(answer)
        .serve()
        .await;
    *address.lock().unwrap() = format!("https://{}", server.address);
    server
}

fn user(issuer: &Server, authority: &Authority, fields: &str) -> String {
    format!(
        "{{auth-provider: {{name: oidc, config: {{client-id: the client, idp-issuer-url: 'https://{}/realm', \
         idp-certificate-authority-data: {}, {fields}}}}}}}",
        issuer.address,
        data(&authority.pem)
    )
}

#[tokio::test]
async fn a_token_is_refreshed_before_it_ends_and_when_it_is_rejected() {
    let (authority, clock, server) = (
        Authority::new("issuer"),
        Clock::default(),
        Options::default().serve().await,
    );
    let ends = |seconds| clock.now() + jiff::SignedDuration::from_secs(seconds);
    let (first, second, third) = (
        token("1", ends(600)),
        token("2", ends(1200)),
        token("3", ends(9000)),
    );
    let issuer = issuer(&authority, vec![second.clone(), third.clone()], &[]).await;
    let fields = format!("id-token: {first}, refresh-token: 'first refresh', client-secret: 'a secret'");
    let cluster = format!("{{server: 'http://{}'}}", server.address);
    let config = config(&cluster, &user(&issuer, &authority, &fields)).await;
    let client = ClientBuilder::from_config(config)
        .with_env(clock.env())
        .connect()
        .unwrap()
        .build();

    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), format!("Bearer {first}"));
    assert_eq!(issuer.count(), 0);
    clock.advance(550);
    let answers = futures::future::join_all((0..10).map(|_| get(&client))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(server.last().authorization(), format!("Bearer {second}"));
    assert_eq!(issuer.count(), 2, "once for ten requests");
    let asked = issuer.last();
    assert_eq!(asked.uri, "/token");
    assert_eq!(asked.authorization(), "Basic dGhlJTIwY2xpZW50OmElMjBzZWNyZXQ=");
    assert_eq!(
        asked.body,
        "grant_type=refresh_token&refresh_token=first%20refresh"
    );

    clock.advance(600);
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), format!("Bearer {third}"));
    assert_eq!(
        issuer.last().body,
        "grant_type=refresh_token&refresh_token=second%20refresh"
    );
}

#[tokio::test]
async fn an_issuer_that_wants_the_secret_in_the_form_gets_it_there() {
    let (authority, clock, server) = (
        Authority::new("issuer"),
        Clock::default(),
        Options::default().serve().await,
    );
    let next = token("1", clock.now() + jiff::SignedDuration::from_secs(600));
    let issuer = issuer(&authority, vec![next.clone()], &["client_secret_post"]).await;
    let cluster = format!("{{server: 'http://{}'}}", server.address);
    let config = config(
        &cluster,
        &user(&issuer, &authority, "refresh-token: r, client-secret: s"),
    )
    .await;
    let client = ClientBuilder::from_config(config)
        .with_env(clock.env())
        .connect()
        .unwrap()
        .build();
    get(&client).await.unwrap();
    assert_eq!(server.last().authorization(), format!("Bearer {next}"));
    let form = "grant_type=refresh_token&refresh_token=r&client_id=the%20client&client_secret=s";
    assert_eq!(issuer.last().body, form);
}

#[tokio::test]
async fn what_goes_wrong_is_told_without_the_tokens() {
    let (authority, server) = (Authority::new("issuer"), Options::default().serve().await);
    let refusing = issuer(&authority, vec![], &[]).await;
    let odd = issuer(&authority, vec!["hunter2".to_owned()], &[]).await;
    let broken = Options::default()
        .answer(|_| text(200, "<html>hunter2</html>"))
        .serve()
        .await;
    let down = Options::default().answer(|_| text(503, "hunter2")).serve().await;
    let plain =
        |fields: &str| format!("{{auth-provider: {{name: oidc, config: {{client-id: c, {fields}}}}}}}");
    let at = |server: &Server| {
        plain(&format!(
            "refresh-token: hunter2, idp-issuer-url: 'http://{}'",
            server.address
        ))
    };
    let unreachable = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let users = [
        user(&refusing, &authority, "refresh-token: hunter2"),
        user(&odd, &authority, "refresh-token: hunter2"),
        // Another authority than the one that signed the issuer's certificate.
        user(&odd, &Authority::new("other"), "refresh-token: hunter2"),
        at(&broken),
        at(&down),
        plain(&format!(
            "refresh-token: hunter2, idp-issuer-url: '{unreachable}'"
        )),
        plain("refresh-token: hunter2"),
        plain("refresh-token: hunter2, idp-issuer-url: ' '"),
        plain("id-token: hunter2"),
        plain("id-token: a.!.b"),
        plain("id-token: a.aHVudGVyMg.b"),
        plain("refresh-token: hunter2, idp-issuer-url: 'http://x', idp-certificate-authority-data: hunter2!"),
        plain("x: y"),
        "{auth-provider: {name: azure, config: {access-token: hunter2}}}".to_owned(),
    ];
    let mut errors = String::new();
    for user in users {
        let config = config(&format!("{{server: 'http://{}'}}", server.address), &user).await;
        let error = match Client::try_from(config) {
            Ok(client) => get(&client).await.unwrap_err(),
            Err(error) => error,
        };
        errors += &format!("{}\n", chain(&error));
    }
    assert!(!errors.contains("hunter2"), "{errors}");
    assert_eq!(server.count(), 0);
    // The rest is in the words of the library.
    if !cfg!(feature = "rustls-tls") {
        return;
    }
    insta::assert_snapshot!(errors, @r"
    the credentials cannot be used
      because: OpenID Connect failed
      because: the issuer gave no new token
      because: the issuer refuses the client or its refresh token: log in anew
    the credentials cannot be used
      because: OpenID Connect failed
      because: the `id-token` is no JSON web token
      because: it does not have three parts
    the credentials cannot be used
      because: OpenID Connect failed
      because: the issuer gave no new token
      because: the issuer did not answer
      because: the request was not sent
      because: the connection could not be made
      because: invalid peer certificate: UnknownIssuer
    the credentials cannot be used
      because: OpenID Connect failed
      because: the issuer gave no new token
      because: what the issuer says of itself is no JSON object with a `token_endpoint`
    the credentials cannot be used
      because: OpenID Connect failed
      because: the issuer gave no new token
      because: the issuer answered 503 Service Unavailable
    the credentials cannot be used
      because: OpenID Connect failed
      because: the issuer gave no new token
      because: the issuer did not answer
      because: the request was not sent
      because: client error (Connect)
      because: tcp connect error
      because: Connection refused (os error 111)
    the credentials cannot be used
      because: OpenID Connect failed
      because: the auth provider cannot refresh its token
      because: the field `idp-issuer-url` is missing
    the credentials cannot be used
      because: OpenID Connect failed
      because: the issuer gave no new token
      because: `idp-issuer-url` is not a URL
    the credentials cannot be used
      because: OpenID Connect failed
      because: the `id-token` is no JSON web token
      because: it does not have three parts
    the credentials cannot be used
      because: OpenID Connect failed
      because: the `id-token` is no JSON web token
      because: its claims are not base64url
    the credentials cannot be used
      because: OpenID Connect failed
      because: the `id-token` is no JSON web token
      because: its claims are not a JSON object with a number `exp`
    the credentials cannot be used
      because: OpenID Connect failed
      because: the auth provider cannot refresh its token
      because: `idp-certificate-authority-data` cannot be used
      because: it is not base64
    the credentials cannot be used
      because: OpenID Connect failed
      because: there is no `id-token`
    the credentials cannot be used
      because: the auth provider `azure` cannot be used: use a credential plugin (`exec`) instead
    ");
}

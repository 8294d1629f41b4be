#![cfg(unix)]
//! The production connections against servers on the loopback device: TLS, credentials, proxies, and what goes wrong.
#![expect(
    clippy::disallowed_methods,
    reason = "real sockets and processes take real time"
)]

mod files;
mod pki;
mod server;

mod bad;
mod connect;
mod exec;
mod oauth;
mod oidc;
mod proxy;
mod rotation;
mod secrets;
mod tls;
mod trouble;

//! The production connections against servers on the loopback device: TLS, credentials, proxies, and what goes wrong.

mod pki;
mod server;

mod connect;

//! `NO_PROXY`: which hosts are reached without the proxy.
//!
//! The rules are those of Go's `httpproxy`, which kubectl follows.
//!
//! # Source
//!
//! <https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>

use std::net::IpAddr;

use http::Uri;

/// Whether `target` is reached directly: it is this machine, or an entry of the comma-separated list matches it.
///
/// An entry is `*` (all), an address, a range in CIDR notation, a name (which means the name and what is below it), or a
/// name with a leading `.` or `*.` (what is below it alone). All but `*` and a range can end in a port. Entries that are
/// none of these match nothing.
pub(super) fn is_direct(no_proxy: &str, target: &Uri) -> bool {
    let Some(host) = target.host() else {
        return false;
    };
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_ascii_lowercase();
    let port = target
        .port_u16()
        .unwrap_or(if target.scheme_str() == Some("https") {
            443
        } else {
            80
        });
    let address = host.parse().ok().map(|address: IpAddr| address.to_canonical());
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return true;
    }
    let entries = no_proxy.split(',').map(|entry| entry.trim().to_ascii_lowercase());
    entries
        .filter(|entry| !entry.is_empty())
        .any(|entry| matches(&entry, &host, address, port))
}

fn matches(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = range(entry) {
        return address.is_some_and(|address| is_within(address, network, bits));
    }
    let Some((entry, entry_port)) = split_port(entry) else {
        return false;
    };
    if entry_port.is_some_and(|entry_port| entry_port != port) {
        return false;
    }
    if let Ok(entry) = entry.parse::<IpAddr>() {
        return address == Some(entry.to_canonical());
    }
    if address.is_some() {
        return false;
    }
    let (domain, itself) = match entry.strip_prefix("*.").or_else(|| entry.strip_prefix('.')) {
        Some(domain) => (domain, false),
        None => (entry, true),
    };
    match host.strip_suffix(domain) {
        Some("") => itself && !domain.is_empty(),
        Some(below) => !domain.is_empty() && below.ends_with('.'),
        None => false,
    }
}

fn range(entry: &str) -> Option<(IpAddr, u32)> {
    let (network, bits) = entry.split_once('/')?;
    let network: IpAddr = network.parse().ok()?;
    let bits = bits.parse().ok()?;
    (bits <= if network.is_ipv4() { 32 } else { 128 }).then_some((network, bits))
}

fn is_within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (address.to_bits() ^ network.to_bits())
                .checked_shr(32 - bits)
                .unwrap_or(0)
                == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            (address.to_bits() ^ network.to_bits())
                .checked_shr(128 - bits)
                .unwrap_or(0)
                == 0
        }
        _ => false,
    }
}

/// An entry without its port and without the brackets of an IPv6 address; `None` if it has neither form.
fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = entry.strip_prefix('[') {
        let (address, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((address, self::port(port)?)),
            None => rest.is_empty().then_some((address, None)),
        };
    }
    match entry.split_once(':') {
        // More than one colon: an IPv6 address.
        Some((_, rest)) if rest.contains(':') => Some((entry, None)),
        Some((host, port)) if !host.is_empty() => Some((host, self::port(port)?)),
        Some(_) => None,
        None => Some((entry, None)),
    }
}

/// The port after a colon, where nothing is any port; `None` if it is no number.
fn port(text: &str) -> Option<Option<u16>> {
    if text.is_empty() {
        return Some(None);
    }
    text.parse().ok().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row: the list, the targets that are direct, the targets that are not.
    #[test]
    fn the_rules_of_go() {
        type Row<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);
        let rows: &[Row<'_>] = &[
            (
                "",
                &[
                    "https://localhost",
                    "http://LOCALHOST:8080",
                    "https://127.0.0.1:6443",
                    "https://127.9.9.9",
                    "https://[::1]:6443",
                ],
                &["https://example.com", "https://10.0.0.1"],
            ),
            ("*", &["https://example.com", "https://10.0.0.1:6443"], &[]),
            (
                "example.com",
                &[
                    "https://example.com",
                    "https://example.com:6443",
                    "https://a.example.com",
                    "https://a.b.EXAMPLE.com",
                ],
                &["https://anexample.com", "https://example.org", "https://com"],
            ),
            (
                ".example.com",
                &["https://a.example.com", "https://a.b.example.com:1"],
                &["https://example.com", "https://aexample.com"],
            ),
            (
                "*.example.com",
                &["https://a.example.com"],
                &["https://example.com"],
            ),
            ("Example.COM", &["https://example.com"], &[]),
            (
                "example.com:6443",
                &["https://example.com:6443", "https://a.example.com:6443"],
                &["https://example.com", "https://example.com:443"],
            ),
            (
                "example.com:443",
                &["https://example.com", "https://example.com:443"],
                &["http://example.com", "https://example.com:6443"],
            ),
            (
                "example.com:80",
                &["http://example.com"],
                &["https://example.com"],
            ),
            (
                ".example.com:443",
                &["https://a.example.com"],
                &["https://example.com", "https://a.example.com:1"],
            ),
            (
                "10.0.0.1",
                &["https://10.0.0.1", "https://10.0.0.1:6443"],
                &["https://10.0.0.2", "https://10.0.0.10"],
            ),
            (
                "10.0.0.1:6443",
                &["https://10.0.0.1:6443"],
                &["https://10.0.0.1", "https://10.0.0.1:443"],
            ),
            (
                "10.0.0.0/8",
                &["https://10.0.0.1", "https://10.255.1.2:6443"],
                &["https://11.0.0.1", "https://example.com"],
            ),
            ("10.0.0.128/25", &["https://10.0.0.200"], &["https://10.0.0.100"]),
            (
                "0.0.0.0/0",
                &["https://10.0.0.1"],
                &["https://example.com", "https://[fd00::1]"],
            ),
            ("10.0.0.1/32", &["https://10.0.0.1"], &["https://10.0.0.2"]),
            (
                "fd00::/8",
                &["https://[fd00::1]:6443", "https://[fdff::1]"],
                &["https://[fe00::1]", "https://10.0.0.1"],
            ),
            ("::/0", &["https://[fd00::1]"], &["https://10.0.0.1"]),
            (
                "fd00::1",
                &["https://[fd00::1]", "https://[fd00:0::1]:6443"],
                &["https://[fd00::2]"],
            ),
            ("[fd00::1]", &["https://[fd00::1]:6443"], &[]),
            (
                "[fd00::1]:6443",
                &["https://[fd00::1]:6443"],
                &["https://[fd00::1]"],
            ),
            (
                "::ffff:10.0.0.1",
                &["https://10.0.0.1", "https://[::ffff:10.0.0.1]"],
                &[],
            ),
            (
                "a.com, b.com ,,c.com,",
                &["https://a.com", "https://b.com", "https://c.com"],
                &["https://d.com"],
            ),
            // After a colon, nothing is any port.
            (
                "a.com:,.b.com:,10.0.0.1:,[fd00::1]:",
                &[
                    "https://a.com:6443",
                    "https://x.b.com",
                    "https://10.0.0.1:6443",
                    "https://[fd00::1]",
                ],
                &["https://b.com", "https://10.0.0.2"],
            ),
            // None of these is an entry, and none is an error.
            (
                ":6443,10.0.0.0/33,10.0.0.0/x,a.com:x,[fd00::1,[fd00::1]x,.,*.,http://b.com",
                &[],
                &[
                    "https://a.com",
                    "https://10.0.0.1:6443",
                    "https://[fd00::1]",
                    "https://b.com",
                    "https://c.com.",
                ],
            ),
            // A range is a range of addresses, and an address is no suffix.
            ("0.1", &[], &["https://10.0.0.1"]),
            (
                "svc,cluster.local",
                &[
                    "https://kubernetes.default.svc",
                    "https://kubernetes.default.svc.cluster.local",
                ],
                &["https://kubernetes"],
            ),
        ];
        for (no_proxy, direct, proxied) in rows {
            for (targets, expect) in [(direct, true), (proxied, false)] {
                for target in *targets {
                    let uri: Uri = target.parse().unwrap();
                    assert_eq!(
                        is_direct(no_proxy, &uri),
                        expect,
                        "NO_PROXY={no_proxy} and {target}"
                    );
                }
            }
        }
    }
}

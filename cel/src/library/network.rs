//! Addresses and networks.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Opaque, Site, new, opaque, text};
use crate::value::{Failure, Out, Value};

/// A network: an address and how many of its bits name the network.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cidr {
    pub(crate) address: IpAddr,
    pub(crate) bits: u8,
}

/// The bytes of an address.
pub(super) fn bytes(ip: IpAddr) -> u64 {
    if ip.is_ipv4() { 4 } else { 16 }
}

fn parse_ip(s: &str) -> Result<IpAddr, String> {
    let failed = |why: &str| format!("IP Address {s:?} parse error during conversion from string: {why}");
    if s.contains('%') && s.contains(':') {
        return Err(format!("IP address {s:?} with zone value is not allowed"));
    }
    let ip: IpAddr = s
        .parse()
        .map_err(|_| failed(&format!("ParseAddr({s:?}): {}", why_no_ip(s))))?;
    match ip {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => {
            Err(format!("IPv4-mapped IPv6 address {s:?} is not allowed"))
        }
        ip => Ok(ip),
    }
}

/// What Go's `netip` says of a text that is no address.
fn why_no_ip(s: &str) -> String {
    match s.chars().find(|c| matches!(c, '.' | ':' | '%')) {
        Some('.') => {
            let mut fields = 0;
            let mut digits = String::new();
            for (i, c) in s.char_indices() {
                match c {
                    '0'..='9' => {
                        if digits == "0" {
                            return "IPv4 field has octet with leading zero".into();
                        }
                        digits.push(c);
                        if digits.parse::<u32>().is_ok_and(|n| n > 255) {
                            return "IPv4 field has value >255".into();
                        }
                    }
                    '.' => {
                        if digits.is_empty() || i + 1 == s.len() {
                            return format!("IPv4 field must have at least one digit (at {:?})", &s[i..]);
                        }
                        if fields == 3 {
                            return "IPv4 address too long".into();
                        }
                        fields += 1;
                        digits.clear();
                    }
                    _ => return format!("unexpected character (at {:?})", &s[i..]),
                }
            }
            "IPv4 address too short".into()
        }
        Some('%') => "missing IPv6 address".into(),
        _ => "unable to parse IP".into(),
    }
}

fn parse_cidr(s: &str) -> Result<Cidr, String> {
    let failed = |why: &str| {
        format!("network address parse error during conversion from string: netip.ParsePrefix({s:?}): {why}")
    };
    let Some((address, bits)) = s.rsplit_once('/') else {
        return Err(failed("no '/'"));
    };
    let ip: IpAddr = address
        .parse()
        .map_err(|_| failed(&format!("ParseAddr({address:?}): {}", why_no_ip(address))))?;
    let most = if ip.is_ipv4() { 32 } else { 128 };
    let plain = !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit());
    if !plain || (bits.len() > 1 && bits.starts_with('0')) {
        return Err(failed(&format!("bad bits after slash: {bits:?}")));
    }
    let bits = bits
        .parse()
        .ok()
        .filter(|b| *b <= most)
        .ok_or_else(|| failed("prefix length out of range"))?;
    Ok(Cidr { address: ip, bits })
}

fn given_ip(args: &[Value<'_>], i: usize) -> Result<IpAddr, Failure> {
    match opaque(args, i)? {
        Opaque::Ip(ip) => Ok(*ip),
        _ => Err(Failure::no_such_overload()),
    }
}

fn given_cidr<'v>(args: &'v [Value<'_>], i: usize) -> Result<&'v Cidr, Failure> {
    match opaque(args, i)? {
        Opaque::Cidr(cidr) => Ok(cidr),
        _ => Err(Failure::no_such_overload()),
    }
}

pub(super) fn ip<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    if let Value::Opaque(_) = &args[0] {
        return Ok(new(Opaque::Ip(given_cidr(args, 0)?.address)));
    }
    parse_ip(text(args, 0)?)
        .map(|ip| new(Opaque::Ip(ip)))
        .map_err(Failure::new)
}

pub(super) fn is_ip<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(parse_ip(text(args, 0)?).is_ok()))
}

pub(super) fn is_canonical<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let s = text(args, 0)?;
    let ip = parse_ip(s).map_err(Failure::new)?;
    Ok(Value::Bool(ip.to_string() == s))
}

pub(super) fn family<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Int(if given_ip(args, 0)?.is_ipv4() { 4 } else { 6 }))
}

pub(super) fn is_unspecified<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(given_ip(args, 0)?.is_unspecified()))
}

pub(super) fn is_loopback<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(given_ip(args, 0)?.is_loopback()))
}

pub(super) fn is_link_local_multicast<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(match given_ip(args, 0)? {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    }))
}

fn link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

pub(super) fn is_link_local_unicast<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(link_local(given_ip(args, 0)?)))
}

pub(super) fn is_global_unicast<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let ip = given_ip(args, 0)?;
    let special = ip.is_unspecified()
        || ip.is_loopback()
        || ip.is_multicast()
        || link_local(ip)
        || ip == IpAddr::V4(Ipv4Addr::BROADCAST);
    Ok(Value::Bool(!special))
}

pub(super) fn cidr<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    parse_cidr(text(args, 0)?)
        .map(|cidr| new(Opaque::Cidr(cidr)))
        .map_err(Failure::new)
}

pub(super) fn is_cidr<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Bool(parse_cidr(text(args, 0)?).is_ok()))
}

fn mask(cidr: &Cidr) -> IpAddr {
    match cidr.address {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(cidr.bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(ip.to_bits() & mask))
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(cidr.bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & mask))
        }
    }
}

fn holds(cidr: &Cidr, ip: IpAddr) -> bool {
    let same = cidr.address.is_ipv4() == ip.is_ipv4();
    same && mask(cidr)
        == mask(&Cidr {
            address: ip,
            bits: cidr.bits,
        })
}

pub(super) fn contains_ip<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let cidr = given_cidr(args, 0)?;
    let ip = match &args[1] {
        Value::String(s) => parse_ip(s).map_err(Failure::new)?,
        _ => given_ip(args, 1)?,
    };
    Ok(Value::Bool(holds(cidr, ip)))
}

pub(super) fn contains_cidr<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let cidr = given_cidr(args, 0)?;
    let parsed;
    let inner = match &args[1] {
        Value::String(s) => {
            parsed = parse_cidr(s).map_err(Failure::new)?;
            &parsed
        }
        _ => given_cidr(args, 1)?,
    };
    Ok(Value::Bool(cidr.bits <= inner.bits && holds(cidr, inner.address)))
}

pub(super) fn prefix_length<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    Ok(Value::Int(given_cidr(args, 0)?.bits.into()))
}

pub(super) fn masked<'a>(_: &Site<'_>, args: &[Value<'a>]) -> Out<'a> {
    let cidr = given_cidr(args, 0)?;
    Ok(new(Opaque::Cidr(Cidr {
        address: mask(cidr),
        bits: cidr.bits,
    })))
}

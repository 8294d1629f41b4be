//! Names and addresses that a pod is given.

use super::super::check::{Check, items, object, strings};
use super::super::fields::{Fields, text};
use crate::registry::names;

const POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

pub(super) fn dns_policy(check: &mut Check, spec: &Fields, path: &str) {
    check.one_of(spec, path, "dnsPolicy", &POLICIES);
}

pub(super) fn dns_config(check: &mut Check, spec: &Fields, path: &str) {
    let path = format!("{path}.dnsConfig");
    let config = object(spec, "dnsConfig");
    if text(spec, "dnsPolicy") == "None" {
        let Some(config) = config else {
            return check.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        };
        if strings(config, "nameservers").is_empty() {
            let why = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            return check.required(format!("{path}.nameservers"), why);
        }
    }
    let Some(config) = config else { return };
    let servers = strings(config, "nameservers");
    if servers.len() > 3 {
        let why = "must not have more than 3 nameservers";
        check.invalid(format!("{path}.nameservers"), servers.clone(), why);
    }
    for (i, ip) in servers.iter().enumerate() {
        check.ip(&format!("{path}.nameservers[{i}]"), ip);
    }
    let searches = strings(config, "searches");
    if searches.len() > 32 {
        let why = "must not have more than 32 search paths";
        check.invalid(format!("{path}.searches"), searches.clone(), why);
    }
    for (i, search) in searches.iter().enumerate() {
        let name = search.strip_suffix('.').unwrap_or(search).replace('_', "-");
        if *search != "." {
            check.each(&format!("{path}.searches[{i}]"), search, names::subdomain(&name));
        }
    }
    for (i, option) in items(config, "options").enumerate() {
        if text(option, "name").is_empty() {
            check.required(format!("{path}.options[{i}]"), "must not be empty");
        }
    }
}

pub(super) fn host_aliases(check: &mut Check, spec: &Fields, path: &str) {
    for (i, alias) in items(spec, "hostAliases").enumerate() {
        let path = format!("{path}.hostAliases[{i}]");
        check.ip(&format!("{path}.ip"), text(alias, "ip"));
        for (j, name) in strings(alias, "hostnames").into_iter().enumerate() {
            check.each(&format!("{path}.hostnames[{j}]"), name, names::subdomain(name));
        }
    }
}

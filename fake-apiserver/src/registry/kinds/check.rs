//! Collecting what is wrong with an object, in the words that the server's validation shares between kinds.

use std::net::IpAddr;

use serde_json::Value;

use super::fields::{Fields, int, text};
use crate::{
    registry::names,
    schema::quantity::Quantity,
    status::{FieldError, FieldErrorKind},
};

const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
const PORT_RANGE: &str = "must be between 1 and 65535, inclusive";
const PERCENT: &str = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
const IP: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/// The errors found so far.
#[derive(Debug, Default)]
pub(in crate::registry) struct Check {
    errors: Vec<FieldError>,
}

// === impl Check ===

impl Check {
    pub(in crate::registry) fn done(self) -> Vec<FieldError> {
        self.errors
    }

    pub(in crate::registry) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    pub(in crate::registry) fn extend(&mut self, errors: impl IntoIterator<Item = FieldError>) {
        self.errors.extend(errors);
    }

    pub(in crate::registry) fn required(&mut self, field: impl Into<String>, why: &str) {
        self.errors.push(FieldError::required(field, why));
    }

    pub(in crate::registry) fn invalid(
        &mut self,
        field: impl Into<String>,
        value: impl Into<Value>,
        why: impl Into<String>,
    ) {
        self.errors.push(FieldError::invalid(field, value, why));
    }

    /// An invalid value that is printed already.
    pub(in crate::registry) fn invalid_printed(
        &mut self,
        field: impl Into<String>,
        printed: String,
        why: &str,
    ) {
        let error = FieldError::of(FieldErrorKind::Invalid, field, Some(printed), why);
        self.errors.push(error);
    }

    /// One error for each thing that is wrong with a text.
    pub(in crate::registry) fn each(&mut self, field: &str, value: &str, wrong: Vec<String>) {
        let errors = wrong.into_iter();
        self.errors
            .extend(errors.map(|why| FieldError::invalid(field, value, why)));
    }

    pub(in crate::registry) fn duplicate(&mut self, field: impl Into<String>, value: impl Into<Value>) {
        self.errors.push(FieldError::duplicate(field, value));
    }

    /// A value that stands twice and is printed already.
    pub(in crate::registry) fn duplicate_printed(
        &mut self,
        field: impl Into<String>,
        printed: String,
        why: &str,
    ) {
        let error = FieldError::of(FieldErrorKind::Duplicate, field, Some(printed), why);
        self.errors.push(error);
    }

    pub(in crate::registry) fn forbidden(&mut self, field: impl Into<String>, why: impl Into<String>) {
        self.errors.push(FieldError::forbidden(field, why));
    }

    pub(in crate::registry) fn not_found(&mut self, field: impl Into<String>, value: &str) {
        self.errors.push(FieldError::not_found(field, value));
    }

    pub(in crate::registry) fn not_supported(
        &mut self,
        field: impl Into<String>,
        value: impl Into<Value>,
        supported: &[&str],
    ) {
        self.errors
            .push(FieldError::not_supported(field, value, supported));
    }

    /// A text that is one of a few; an absent one is missed.
    pub(in crate::registry) fn one_of(
        &mut self,
        fields: &Fields,
        path: &str,
        name: &str,
        supported: &[&str],
    ) {
        match text(fields, name) {
            "" => self.required(format!("{path}.{name}"), ""),
            value if supported.contains(&value) => {}
            value => self.not_supported(format!("{path}.{name}"), value, supported),
        }
    }

    /// A text that is one of a few, where it is given.
    pub(in crate::registry) fn maybe_one_of(
        &mut self,
        fields: &Fields,
        path: &str,
        name: &str,
        supported: &[&str],
    ) {
        if fields.contains_key(name) && !supported.contains(&text(fields, name)) {
            self.not_supported(format!("{path}.{name}"), text(fields, name), supported);
        }
    }

    /// A number of at least zero, where it is given.
    pub(in crate::registry) fn not_negative(&mut self, fields: &Fields, path: &str, name: &str) {
        if let Some(number) = int(fields, name).filter(|n| *n < 0) {
            self.invalid(format!("{path}.{name}"), number, NOT_NEGATIVE);
        }
    }

    /// A text that must be there.
    pub(in crate::registry) fn present(&mut self, fields: &Fields, path: &str, name: &str) {
        if text(fields, name).is_empty() {
            self.required(format!("{path}.{name}"), "");
        }
    }

    /// A number of a port.
    pub(in crate::registry) fn port(&mut self, field: impl Into<String>, number: i64) {
        if !(1..=65535).contains(&number) {
            self.invalid(field, number, PORT_RANGE);
        }
    }

    /// A port by number or by name.
    pub(in crate::registry) fn port_or_name(&mut self, field: &str, port: &Value) {
        match port {
            Value::String(name) => self.each(field, name, port_name(name)),
            other => self.port(field, other.as_i64().unwrap_or(0)),
        }
    }

    /// A count or a percentage of at least zero; whether it is well-formed.
    pub(in crate::registry) fn count_or_percent(&mut self, field: &str, value: &Value) -> bool {
        match value {
            Value::String(text) if percent(text).is_none() => {
                self.invalid(field, text.as_str(), PERCENT);
                false
            }
            Value::Number(n) if n.as_i64().is_some_and(|n| n < 0) => {
                self.invalid(field, value.clone(), NOT_NEGATIVE);
                false
            }
            _ => true,
        }
    }

    /// A percentage of at most a hundred.
    pub(in crate::registry) fn at_most_all(&mut self, field: &str, value: &Value) {
        if value.as_str().and_then(percent).is_some_and(|n| n > 100) {
            self.invalid(field, value.clone(), "must not be greater than 100%");
        }
    }

    /// An address.
    pub(in crate::registry) fn ip(&mut self, field: &str, value: &str) {
        if let Some(why) = ip_error(value) {
            self.invalid(field, value, why);
        }
    }

    /// A network.
    pub(in crate::registry) fn cidr(&mut self, field: &str, value: &str) {
        if cidr(value).is_none() {
            let why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
            self.invalid(field, value, why);
        }
    }

    /// A map of labels, or of what labels may be compared with.
    pub(in crate::registry) fn labels(&mut self, field: &str, labels: Option<&Value>) {
        self.errors
            .extend(crate::registry::meta::label_errors(field, labels));
    }

    /// A label selector; one that is absent is fine.
    pub(in crate::registry) fn label_selector(&mut self, field: &str, selector: Option<&Value>) {
        let Some(selector) = selector.and_then(Value::as_object) else {
            return;
        };
        self.labels(&format!("{field}.matchLabels"), selector.get("matchLabels"));
        for (i, term) in items(selector, "matchExpressions").enumerate() {
            self.requirement(&format!("{field}.matchExpressions[{i}]"), term);
        }
    }

    fn requirement(&mut self, path: &str, term: &Fields) {
        let values = strings(term, "values");
        match text(term, "operator") {
            "In" | "NotIn" if values.is_empty() => self.required(
                format!("{path}.values"),
                "must be specified when `operator` is 'In' or 'NotIn'",
            ),
            "In" | "NotIn" => {}
            "Exists" | "DoesNotExist" if !values.is_empty() => self.forbidden(
                format!("{path}.values"),
                "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
            ),
            "Exists" | "DoesNotExist" => {}
            operator => self.invalid(
                format!("{path}.operator"),
                operator,
                "not a valid selector operator",
            ),
        }
        let key = text(term, "key");
        self.each(&format!("{path}.key"), key, names::qualified_name(key));
        for (i, value) in values.iter().enumerate() {
            self.each(&format!("{path}.values[{i}]"), value, names::label_value(value));
        }
    }
}

/// The structs of a list.
pub(in crate::registry) fn items<'f>(fields: &'f Fields, name: &str) -> impl Iterator<Item = &'f Fields> {
    let list = fields.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_object)
}

/// The texts of a list.
pub(in crate::registry) fn strings<'f>(fields: &'f Fields, name: &str) -> Vec<&'f str> {
    let list = fields.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The struct in a field.
pub(in crate::registry) fn object<'f>(fields: &'f Fields, name: &str) -> Option<&'f Fields> {
    fields.get(name).and_then(Value::as_object)
}

/// The struct in a field, or an empty one.
pub(in crate::registry) fn part<'f>(fields: &'f Fields, name: &str) -> &'f Fields {
    object(fields, name).unwrap_or(crate::registry::meta::empty())
}

/// Whether a field holds `true`.
pub(in crate::registry) fn flag(fields: &Fields, name: &str) -> bool {
    fields.get(name) == Some(&Value::Bool(true))
}

/// A label selector as Go prints it: the labels before the expressions.
pub(in crate::registry) fn print_selector(selector: Option<&Value>) -> String {
    let Some(selector) = selector.and_then(Value::as_object) else {
        return "null".to_owned();
    };
    let parts = ["matchLabels", "matchExpressions"].iter();
    let parts: Vec<String> = parts
        .filter_map(|name| Some(format!("\"{name}\":{}", selector.get(*name)?)))
        .collect();
    format!("{{{}}}", parts.join(","))
}

/// The number of a percentage.
pub(in crate::registry) fn percent(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%')?;
    let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    good.then(|| digits.parse().unwrap_or(i64::MAX))
}

/// An amount in a field.
pub(in crate::registry) fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => Quantity::parse(text).ok(),
        Value::Number(number) => Quantity::parse(&number.to_string()).ok(),
        _ => None,
    }
}

/// What is wrong with the name of a port.
pub(in crate::registry) fn port_name(name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if name.len() > 15 {
        wrong.push("must be no more than 15 characters");
    }
    let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if name.is_empty() || !name.bytes().all(known) {
        wrong.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.bytes().any(|b| b.is_ascii_lowercase()) {
        wrong.push("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        wrong.push("must not contain consecutive hyphens");
    }
    if name.starts_with('-') || name.ends_with('-') {
        wrong.push("must not begin or end with a hyphen");
    }
    wrong.into_iter().map(str::to_owned).collect()
}

/// What is wrong with an address.
pub(in crate::registry) fn ip_error(value: &str) -> Option<&'static str> {
    match value.parse::<IpAddr>() {
        Ok(IpAddr::V6(ip)) if ip.to_ipv4_mapped().is_some() => {
            Some("must not be an IPv4-mapped IPv6 address")
        }
        Ok(_) => None,
        Err(_) => {
            // Older servers read what has leading zeros, so the words differ.
            let octets: Vec<&str> = value.split('.').collect();
            let sloppy = octets.len() == 4
                && octets.iter().all(|o| {
                    !o.is_empty() && o.bytes().all(|b| b.is_ascii_digit()) && {
                        let digits = o.trim_start_matches('0');
                        digits.is_empty() || digits.parse::<u8>().is_ok()
                    }
                });
            Some(if sloppy { "must not have leading 0s" } else { IP })
        }
    }
}

/// A network and the length of its prefix.
pub(in crate::registry) fn cidr(value: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = value.split_once('/')?;
    let (address, length) = (address.parse::<IpAddr>().ok()?, length.parse::<u8>().ok()?);
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn selectors_print_labels_first() {
        let selector =
            json!({"matchExpressions": [{"key": "a", "operator": "Exists"}], "matchLabels": {"b": "c"}});
        assert_eq!(
            print_selector(Some(&selector)),
            r#"{"matchLabels":{"b":"c"},"matchExpressions":[{"key":"a","operator":"Exists"}]}"#
        );
        assert_eq!(print_selector(None), "null");
    }

    #[test]
    fn addresses_are_refused_in_the_servers_words() {
        assert_eq!(ip_error("10.0.0.1"), None);
        assert_eq!(ip_error("010.0.0.1"), Some("must not have leading 0s"));
        assert_eq!(
            ip_error("::ffff:1.2.3.4"),
            Some("must not be an IPv4-mapped IPv6 address")
        );
        assert_eq!(ip_error("x"), Some(IP));
    }

    #[test]
    fn port_names_are_short_lower_case_words() {
        assert!(port_name("http-1").is_empty());
        assert_eq!(port_name("123"), ["must contain at least one letter (a-z)"]);
        assert_eq!(
            port_name("way-too-long-a-name"),
            ["must be no more than 15 characters"]
        );
    }

    #[test]
    fn counts_and_percentages() {
        let check = |value: Value| {
            let mut check = Check::default();
            check.count_or_percent("f", &value);
            check.at_most_all("f", &value);
            check.done().len()
        };
        assert_eq!(
            [json!(1), json!("50%"), json!(-1), json!("10"), json!("101%")].map(check),
            [0, 0, 1, 1, 1]
        );
    }
}

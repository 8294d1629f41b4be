//! The rules for names: what the apiserver accepts and what a Rust type can be called.

use syn::{Ident, LitStr};

/// The plural that English makes of a kind.
///
/// The client guesses plurals of dynamic kinds by the same rule.
pub(crate) fn plural(kind: &str) -> String {
    let word = kind.to_lowercase();
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| word.ends_with(end));
    let consonant_y = word.strip_suffix('y').filter(|stem| {
        stem.chars()
            .next_back()
            .is_some_and(|last| !"aeiou".contains(last))
    });
    match consonant_y {
        Some(stem) => format!("{stem}ies"),
        None if word == "endpoints" => word,
        None if hisses => word + "es",
        None => word + "s",
    }
}

/// A label of RFC 1035, which versions, resource names and (in lower case) kinds are.
pub(crate) fn is_label(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A subdomain of RFC 1123, which groups are.
pub(crate) fn is_subdomain(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|part| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        })
}

/// The name as that of a type.
pub(crate) fn as_type(name: &LitStr) -> syn::Result<Ident> {
    name.parse().map_err(|_| {
        syn::Error::new(
            name.span(),
            format_args!(
                "`{}` is no name for the root type; give it one with `root = \"...\"`",
                name.value()
            ),
        )
    })
}

/// A simple JSON path: `.spec.replicas`.
pub(crate) fn json_path(path: LitStr) -> syn::Result<LitStr> {
    if path.value().starts_with('.') {
        Ok(path)
    } else {
        Err(syn::Error::new(
            path.span(),
            "a path starts with a dot, such as `.spec.replicas`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_follow_english() {
        for (kind, expected) in [
            ("Foo", "foos"),
            ("Proxy", "proxies"),
            ("Gateway", "gateways"),
            ("Mutex", "mutexes"),
            ("Class", "classes"),
            ("Patch", "patches"),
            ("Endpoints", "endpoints"),
        ] {
            assert_eq!(plural(kind), expected);
        }
    }

    #[test]
    fn names_as_the_server_takes_them() {
        assert!(is_label("v1alpha1") && is_label("foo-bars"));
        assert!(!is_label("1v") && !is_label("Foo") && !is_label("a-") && !is_label(""));
        assert!(is_subdomain("a-1.example.com") && is_subdomain("0.b"));
        assert!(!is_subdomain("a..b") && !is_subdomain("A.b") && !is_subdomain("-a.b"));
    }
}

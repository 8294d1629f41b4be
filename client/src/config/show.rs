//! `Debug` for types that hold secrets.

use std::fmt;

/// Stands where a secret would.
#[derive(Clone, Copy)]
pub(crate) struct Hidden;

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// A URL without the password that it may carry.
///
/// What stands before the last `@` of the authority goes, whether or not the rest is a URL.
pub(crate) fn without_userinfo(url: &str) -> String {
    let (scheme, rest) = match url.find("://") {
        Some(at) => url.split_at(at + 3),
        None => ("", url),
    };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..authority].rfind('@') {
        Some(at) => format!("{scheme}[hidden]@{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

/// Implements `Debug` for a struct field by field.
///
/// Behind a field's name stands how it is shown: `shown` as it is, `hidden` by whether it is there, `keys` by the keys
/// of the map, `url` without userinfo.
macro_rules! debug_without_secrets {
    ($type:ident { $($field:ident: $how:ident),* $(,)? }) => {
        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                // Names every field, so that a new one cannot be forgotten.
                let Self { $($field),* } = self;
                f.debug_struct(stringify!($type))
                    $(.field(stringify!($field), &debug_without_secrets!(@ $how $field)))*
                    .finish()
            }
        }
    };
    (@ shown $field:ident) => { $field };
    (@ hidden $field:ident) => { $field.as_ref().map(|_| $crate::config::show::Hidden) };
    (@ keys $field:ident) => {{
        let mut keys: Vec<_> = $field.keys().collect();
        keys.sort_unstable();
        keys
    }};
    (@ url $field:ident) => { $field.as_deref().map($crate::config::show::without_userinfo) };
}
pub(crate) use debug_without_secrets;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn userinfo_goes_from_whatever_looks_like_a_url() {
        for (url, shown) in [
            ("https://u:p@proxy:8080/x", "https://[hidden]@proxy:8080/x"),
            ("u:p@proxy", "[hidden]@proxy"),
            ("socks5://a@b@c", "socks5://[hidden]@c"),
            ("https://proxy/a@b", "https://proxy/a@b"),
            ("https://proxy?a@b", "https://proxy?a@b"),
            ("", ""),
        ] {
            assert_eq!(without_userinfo(url), shown);
        }
    }
}

//! A name and a password in a URL.
//!
//! # Source
//!
//! RFC 3986, section 3.2.1

use http::{Uri, uri::Authority};

/// The name and the password in a URL.
pub(super) fn userinfo(url: &Uri) -> Option<(String, String)> {
    let (userinfo, _) = url.authority()?.as_str().rsplit_once('@')?;
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decode = |text| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8_lossy()
            .into_owned()
    };
    Some((decode(user), decode(password)))
}

/// The URL without the password that it may carry.
pub(super) fn without_userinfo(url: &Uri) -> Uri {
    let authority = url.authority().map(Authority::as_str).unwrap_or_default();
    let Some((_, host)) = authority.rsplit_once('@') else {
        return url.clone();
    };
    let mut parts = url.clone().into_parts();
    parts.authority = host.parse().ok();
    // The parts were those of a URL; without them there is nothing to show.
    Uri::from_parts(parts).unwrap_or_default()
}

//! The proxy that the environment names.

use http::{Uri, uri::InvalidUri};

use super::{FieldError, Host, no_proxy};

/// The URL of a proxy. Without a scheme it is an HTTP proxy.
pub(super) fn parse(url: &str) -> Result<Uri, InvalidUri> {
    let url = url.trim();
    if url.contains("://") {
        url.parse()
    } else {
        format!("http://{url}").parse()
    }
}

/// The proxy for `target`, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, each also in lower case.
///
/// A proxy of a kind that this build does not speak is left out with a warning, because variables like these are set for
/// all programs of a machine.
pub(crate) fn from_env(host: &dyn Host, target: &Uri) -> Result<Option<Uri>, FieldError<InvalidUri>> {
    let names = match target.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        // A server that runs this as a CGI script sets HTTP_PROXY from a header of the request.
        _ if host.text_var("REQUEST_METHOD").is_some() => return Ok(None),
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let Some((name, url)) = first(host, names) else {
        return Ok(None);
    };
    let (_, exceptions) = first(host, ["NO_PROXY", "no_proxy"]).unwrap_or_default();
    if no_proxy::is_direct(&exceptions, target) {
        return Ok(None);
    }
    let proxy = parse(&url).map_err(|error| {
        let field = format!("the environment variable {name}");
        FieldError::new(None, field, error)
    })?;
    match missing_feature(&proxy) {
        None => Ok(Some(proxy)),
        Some(feature) => {
            tracing::warn!(
                variable = name,
                feature,
                "ignoring a proxy that this build cannot use"
            );
            Ok(None)
        }
    }
}

/// The feature that is missing to speak to `proxy`.
pub(crate) fn missing_feature(proxy: &Uri) -> Option<&'static str> {
    match proxy.scheme_str() {
        Some("http" | "https") if !cfg!(feature = "http-proxy") => Some("http-proxy"),
        Some("socks5" | "socks5h") if !cfg!(feature = "socks5") => Some("socks5"),
        _ => None,
    }
}

fn first(host: &dyn Host, names: [&'static str; 2]) -> Option<(&'static str, String)> {
    names
        .into_iter()
        .find_map(|name| Some((name, host.text_var(name)?)))
}

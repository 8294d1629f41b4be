//! What a server says beside its answer: the `Warning` headers.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::HeaderMap;

/// More warnings than this are not kept; the oldest go first.
const KEPT_MAX: usize = 1_000;

/// One warning of a server: a deprecated version, an unknown field, a value that will not be allowed any more.
///
/// # Source
///
/// <https://kubernetes.io/blog/2020/09/03/warnings/> and RFC 7234, section 5.5.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// 299 for all warnings of Kubernetes.
    pub code: u16,
    /// Who warns; `-` if it does not say.
    pub agent: String,
    /// What it warns of.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The warnings that came with the answers of one client, or of several.
///
/// A clone is another handle on the same warnings. Without a collection, a client tells them to `tracing`.
///
/// ```
/// use seatrial_client::{Client, client::Warnings};
///
/// async fn quietly(client: &Client) {
///     let warnings = Warnings::default();
///     let client = client.clone().with_warnings(warnings.clone());
///     // … calls on `client` …
///     # let _ = client;
///     for warning in warnings.take() {
///         println!("{warning}");
///     }
/// }
/// ```
#[derive(Clone, Default)]
pub struct Warnings {
    kept: Arc<Mutex<VecDeque<Warning>>>,
}

impl Warnings {
    /// The warnings since the last time, in the order in which they came; of more than 1,000 the last.
    pub fn take(&self) -> Vec<Warning> {
        self.lock().drain(..).collect()
    }

    fn add(&self, warning: Warning) {
        let mut kept = self.lock();
        if kept.len() == KEPT_MAX {
            kept.pop_front();
        }
        kept.push_back(warning);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Warning>> {
        // Every change is made in one step, so that a panic elsewhere leaves nothing half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Warnings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter()).finish()
    }
}

/// Hands the warnings of an answer to whoever collects them.
pub(super) fn collect(headers: &HeaderMap, collection: Option<&Warnings>) {
    for value in headers.get_all(http::header::WARNING) {
        let value = String::from_utf8_lossy(value.as_bytes());
        for warning in Parser(&value) {
            match collection {
                Some(collection) => collection.add(warning),
                None => tracing::warn!(code = warning.code, "the server warns: {}", warning.text),
            }
        }
    }
}

/// The warnings in one header, which may hold several; ends where the text makes no sense.
struct Parser<'a>(&'a str);

impl Iterator for Parser<'_> {
    type Item = Warning;

    fn next(&mut self) -> Option<Warning> {
        let rest = self.0.trim_start_matches([' ', '\t', ',']);
        let (code, rest) = rest.split_once(' ')?;
        let (agent, rest) = rest.trim_start().split_once(' ')?;
        let (text, rest) = quoted(rest.trim_start())?;
        // A date may follow, quoted as well.
        let rest = rest.trim_start();
        self.0 = if rest.starts_with('"') {
            quoted(rest)?.1
        } else {
            rest
        };
        Some(Warning {
            code: code.parse().ok().filter(|code| *code < 1_000)?,
            agent: agent.to_owned(),
            text,
        })
    }
}

/// A quoted text, unescaped, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix('"')?;
    let mut unescaped = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((unescaped, &text[at + 1..])),
            '\\' => unescaped.push(chars.next()?.1),
            _ => unescaped.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expect: &[(u16, &str, &str)]) {
        let found: Vec<_> = Parser(header).collect();
        let found: Vec<_> = found
            .iter()
            .map(|warning| (warning.code, warning.agent.as_str(), warning.text.as_str()))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn warnings_are_read() {
        check(r#"299 - "use apps/v1""#, &[(299, "-", "use apps/v1")]);
        check(
            r#"299 - "unknown field \"spec.x\"", 199 proxy:80 "a, b" "Thu, 01 Jan 2026 00:00:00 GMT" , 299 - "ä\\""#,
            &[
                (299, "-", r#"unknown field "spec.x""#),
                (199, "proxy:80", "a, b"),
                (299, "-", r"ä\"),
            ],
        );
    }

    #[test]
    fn what_is_no_warning_is_left_out() {
        for header in [
            "",
            "299",
            "299 -",
            "299 - text",
            r#"299 - "open"#,
            r#"x - "a""#,
            r#"299 - "\"#,
        ] {
            check(header, &[]);
        }
        check(r#"299 - "a" garbage"#, &[(299, "-", "a")]);
    }

    #[test]
    fn the_last_warnings_are_kept() {
        let warnings = Warnings::default();
        let mut headers = HeaderMap::new();
        for i in 0..=KEPT_MAX {
            headers.insert(http::header::WARNING, format!("299 - \"{i}\"").parse().unwrap());
            collect(&headers, Some(&warnings));
        }
        let taken = warnings.take();
        assert_eq!((taken.len(), taken[0].text.as_str()), (KEPT_MAX, "1"));
        assert!(warnings.take().is_empty());
    }
}

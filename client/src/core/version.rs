//! API versions and how stable they are.

use std::{cmp::Reverse, convert::Infallible, str::FromStr};

/// A version of an API, read by the naming rules of Kubernetes.
///
/// It has no order of its own, because there are two: by stability first ([`Self::priority`], what `kubectl` and discovery do) and by age first
/// ([`Self::generation`]).
///
/// # Source
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// `v1`
    Stable(u32),
    /// `v1beta1`; the second number may be missing.
    Beta(u32, Option<u32>),
    /// `v1alpha1`; the second number may be missing.
    Alpha(u32, Option<u32>),
    /// Any other text.
    Nonconformant(String),
}

// === impl Version ===

impl Version {
    /// Reads a version; text that follows no rule is [`Version::Nonconformant`].
    pub fn parse(text: &str) -> Version {
        conformant(text).unwrap_or_else(|| Version::Nonconformant(text.to_owned()))
    }

    /// A key that orders by stability, then by number: `v1beta1 < v1 < v2`, and every version that follows the rules after all that do not.
    pub fn priority(&self) -> impl Ord + use<> {
        let (major, minor) = self.numbers();
        (self.stability(), major, minor, self.name())
    }

    /// A key that orders by number, then by stability: `v1 < v2alpha1 < v2`.
    pub fn generation(&self) -> impl Ord + use<> {
        let (major, minor) = self.numbers();
        (self.stability() > 0, major, self.stability(), minor, self.name())
    }

    fn stability(&self) -> u8 {
        match self {
            Version::Stable(_) => 3,
            Version::Beta(..) => 2,
            Version::Alpha(..) => 1,
            Version::Nonconformant(_) => 0,
        }
    }

    fn numbers(&self) -> (u32, Option<u32>) {
        match *self {
            Version::Stable(major) => (major, None),
            Version::Beta(major, minor) | Version::Alpha(major, minor) => (major, minor),
            Version::Nonconformant(_) => (0, None),
        }
    }

    /// Names that follow no rule are listed alphabetically, the first being the best.
    fn name(&self) -> Option<Reverse<String>> {
        match self {
            Version::Nonconformant(name) => Some(Reverse(name.clone())),
            _ => None,
        }
    }
}

impl FromStr for Version {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::parse(text))
    }
}

fn conformant(text: &str) -> Option<Version> {
    let (major, rest) = number(text.strip_prefix('v')?)?;
    if rest.is_empty() {
        return Some(Version::Stable(major));
    }
    let (stage, rest): (fn(u32, Option<u32>) -> Version, _) = match rest.strip_prefix("beta") {
        Some(rest) => (Version::Beta, rest),
        None => (Version::Alpha, rest.strip_prefix("alpha")?),
    };
    if rest.is_empty() {
        return Some(stage(major, None));
    }
    let (minor, rest) = number(rest)?;
    rest.is_empty().then(|| stage(major, Some(minor)))
}

/// Splits a leading positive number off.
fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.starts_with('0') {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_parse() {
        for (text, expect) in [
            ("v1", Version::Stable(1)),
            ("v10", Version::Stable(10)),
            ("v1beta2", Version::Beta(1, Some(2))),
            ("v3alpha", Version::Alpha(3, None)),
        ] {
            assert_eq!(Version::parse(text), expect);
        }
        for text in [
            "",
            "v",
            "1",
            "v0",
            "v01",
            "v1beta0",
            "v1gamma1",
            "v1beta1x",
            "v1-1",
            "v99999999999",
        ] {
            assert_eq!(Version::parse(text), Version::Nonconformant(text.to_owned()));
        }
    }

    /// The order is that of the example in the documentation.
    #[test]
    fn priority_is_stability_first() {
        let expect = [
            "v10",
            "v2",
            "v1",
            "v11beta2",
            "v10beta3",
            "v3beta1",
            "v12alpha1",
            "v11alpha2",
            "foo1",
            "foo10",
        ];
        let mut sorted = expect;
        sorted.reverse();
        sorted.sort_by_key(|text| Reverse(Version::parse(text).priority()));
        assert_eq!(sorted, expect);
    }

    #[test]
    fn generation_is_age_first() {
        let mut versions = ["v1", "v2", "v2alpha1", "v2beta1", "other", "v10alpha1"];
        versions.sort_by_key(|text| Reverse(Version::parse(text).generation()));
        assert_eq!(
            versions,
            ["v10alpha1", "v2", "v2beta1", "v2alpha1", "v1", "other"]
        );
    }
}

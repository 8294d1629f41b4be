//! What a request asks for, read off its first line.

use http::{Method, Uri};
use seatrial_client::{Resource, core::Verb};
use serde_json::Value;

/// Which of the things that are alike are meant: some are passed over, then some are taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turns {
    pub(crate) skip: usize,
    pub(crate) times: usize,
}

// === impl Turns ===

impl Turns {
    /// Whether this one is taken; it counts.
    pub(crate) fn take(&mut self) -> bool {
        if self.times == 0 {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}

impl Default for Turns {
    /// All of them.
    fn default() -> Self {
        Self {
            skip: 0,
            times: usize::MAX,
        }
    }
}

/// What a request is about, read off its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) group: &'a str,
    pub(crate) version: &'a str,
    pub(crate) namespace: Option<&'a str>,
    pub(crate) resource: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) subresource: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Self {
        let mut parts = uri.path().split('/').filter(|part| !part.is_empty());
        let group = match parts.next() {
            Some("api") => "",
            Some("apis") => parts.next().unwrap_or_default(),
            _ => return Self::default(),
        };
        let version = parts.next().unwrap_or_default();
        let mut rest = parts.clone();
        let namespace = match (rest.next(), rest.next(), rest.next()) {
            // `/namespaces/a/status` and `/namespaces/a/finalize` are of the namespace itself.
            (Some("namespaces"), Some(name), Some(resource))
                if resource != "status" && resource != "finalize" =>
            {
                parts.nth(1);
                Some(name)
            }
            _ => None,
        };
        Self {
            group,
            version,
            namespace,
            resource: parts.next().unwrap_or_default(),
            name: parts.next(),
            subresource: parts.next(),
        }
    }

    /// What a request by `method` does to this; what is no resource is read like an object.
    pub(crate) fn verb(&self, method: &Method, watches: bool) -> Verb {
        match *method {
            Method::POST => Verb::Create,
            Method::PUT => Verb::Update,
            Method::PATCH => Verb::Patch,
            Method::DELETE if self.is_collection() => Verb::DeleteCollection,
            Method::DELETE => Verb::Delete,
            _ if watches => Verb::Watch,
            _ if self.is_collection() => Verb::List,
            _ => Verb::Get,
        }
    }

    fn is_collection(&self) -> bool {
        !self.resource.is_empty() && self.name.is_none()
    }

    /// Whether this is one object, or a subresource of it.
    pub(crate) fn is_object(&self) -> bool {
        self.name.is_some()
    }

    /// The resource with its group: `deployments.apps`.
    pub(crate) fn qualified(&self) -> String {
        qualified(self.resource, self.group)
    }

    /// The same with the subresource: `deployments.apps/status`.
    pub(crate) fn with_subresource(&self) -> String {
        match self.subresource {
            Some(subresource) => format!("{}/{subresource}", self.qualified()),
            None => self.qualified(),
        }
    }

    /// Whether this is of a resource, given with its group: `deployments.apps` or, for that subresource alone, `deployments.apps/status`.
    pub(crate) fn is_of(&self, resource: &str) -> bool {
        self.qualified() == resource || self.with_subresource() == resource
    }

    /// The object's name, from the path or from the body of a create.
    pub(crate) fn name_or_in(&self, body: &[u8]) -> Option<String> {
        self.name.map(str::to_owned).or_else(|| {
            let body: Value = serde_json::from_slice(body).ok()?;
            body.pointer("/metadata/name")?.as_str().map(str::to_owned)
        })
    }

    /// The path of the collection.
    pub(crate) fn collection(&self) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        match self.namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{}", self.resource),
            None => format!("{root}/{}", self.resource),
        }
    }

    /// The path of the object, without subresource; nothing for a collection.
    pub(crate) fn object(&self) -> Option<String> {
        let name = self.name?;
        Some(format!("{}/{name}", self.collection()))
    }
}

/// The value of a parameter, as it stands in the query.
pub(crate) fn param<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    let query = uri.query()?;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Whether the query asks to follow a collection.
pub(crate) fn watches(uri: &Uri) -> bool {
    matches!(param(uri, "watch"), Some("true" | "1"))
}

/// The name of a resource with its group, if that has a name: `deployments.apps`.
pub(crate) fn qualified(plural: &str, group: &str) -> String {
    if group.is_empty() {
        plural.to_owned()
    } else {
        format!("{plural}.{group}")
    }
}

/// The resource of a type with its group, as [`Target::is_of`] takes it.
pub(crate) fn resource_of<K>() -> String
where
    K: Resource<DynamicType = ()>,
{
    qualified(&K::plural(&()), &K::group(&()))
}

/// A value of a query, in which the client writes some characters as `%` and two digits.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match (first, code.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                out.push(b' ');
                rest = tail;
            }
            (other, _) => {
                out.push(*other);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_broken_ones_kept() {
        assert_eq!(decoded("a%2Fb+c%"), "a/b c%");
        assert_eq!(decoded("%zz%C3%A4"), "%zzä");
    }

    #[test]
    fn some_are_passed_over_and_then_some_are_taken() {
        let mut turns = Turns { skip: 2, times: 1 };
        let taken: Vec<bool> = (0..5).map(|_| turns.take()).collect();
        assert_eq!(taken, [false, false, true, false, false]);
        assert!((0..5).all(|_| Turns::default().take()));
    }
}

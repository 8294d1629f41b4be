//! Where a webhook is: a URL, or a service of the cluster.

use serde_json::Value;

use crate::storage::Store;

/// A webhook's `clientConfig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientConfig {
    Url(String),
    Service {
        namespace: String,
        name: String,
        path: String,
        port: i64,
    },
}

// === impl ClientConfig ===

impl ClientConfig {
    /// Reads a validated `clientConfig`.
    pub(crate) fn new(config: &Value) -> Self {
        let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
        if let Some(url) = config["url"].as_str() {
            return Self::Url(url.to_owned());
        }
        let service = &config["service"];
        Self::Service {
            namespace: text(&service["namespace"]),
            name: text(&service["name"]),
            path: text(&service["path"]),
            port: service["port"].as_i64().unwrap_or(443),
        }
    }

    /// The URL that is called.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::Service {
                namespace,
                name,
                path,
                port,
            } => {
                let slash = if path.is_empty() || path.starts_with('/') {
                    ""
                } else {
                    "/"
                };
                format!("https://{name}.{namespace}.svc:{port}{slash}{path}")
            }
        }
    }

    /// Why the webhook cannot be found in the cluster; `None` where it can.
    pub(crate) fn unresolved(&self, store: &Store) -> Option<String> {
        let Self::Service {
            namespace,
            name,
            port,
            ..
        } = self
        else {
            return None;
        };
        let Some(service) = store.get("services", &format!("{namespace}/{name}")) else {
            return Some(format!("service {} not found", crate::status::go_quote(name)));
        };
        let ports = service.value()["spec"]["ports"].as_array();
        let found = ports.into_iter().flatten().any(|p| p["port"] == *port);
        (!found).then(|| {
            format!(
                "no service port {port} found for service {}",
                crate::status::go_quote(name)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_has_an_address_in_the_cluster() {
        let config =
            ClientConfig::new(&json!({"service": {"namespace": "ns", "name": "hook", "path": "/convert"}}));
        assert_eq!(config.url(), "https://hook.ns.svc:443/convert");
        assert_eq!(
            config.unresolved(&Store::new(1)).unwrap(),
            "service \"hook\" not found"
        );
    }
}

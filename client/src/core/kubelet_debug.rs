//! Requests to a kubelet itself, past the apiserver, for debugging.

use super::{
    path::{Query, push_segment},
    request::{Error, Method, Request, build, check_name, port_list, push_command},
    subresource::{AttachParams, LogParams},
};

/// Which pod of the kubelet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubeletDebugParams<'a> {
    /// The name of the pod.
    pub name: &'a str,
    /// The namespace of the pod.
    pub namespace: &'a str,
    /// The UID of the pod, to be sure that it is the one.
    pub pod_uid: Option<&'a str>,
}

// === impl KubeletDebugParams ===

impl KubeletDebugParams<'_> {
    fn path(&self, endpoint: &str, with_uid: bool) -> Result<String, Error> {
        let mut path = format!("/{endpoint}");
        let uid = self.pod_uid.filter(|_| with_uid);
        for (what, segment) in [("namespace", self.namespace), ("name", self.name)] {
            check_name(what, segment)?;
            push_segment(&mut path, segment);
        }
        if let Some(uid) = uid {
            check_name("pod UID", uid)?;
            push_segment(&mut path, uid);
        }
        Ok(path)
    }

    fn container_path(&self, endpoint: &str, container: &str, with_uid: bool) -> Result<String, Error> {
        let mut path = self.path(endpoint, with_uid)?;
        check_name("container", container)?;
        push_segment(&mut path, container);
        Ok(path)
    }
}

// === impl Request ===

impl Request {
    /// Attaches to a running container.
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold and streams that do not go together.
    pub fn kubelet_node_attach(
        kubelet_debug_params: &KubeletDebugParams<'_>,
        container: &str,
        ap: &AttachParams,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        ap.validate()?;
        let path = kubelet_debug_params.container_path("attach", container, true)?;
        let mut query = Query::default();
        ap.populate_kubelet(&mut query);
        build(Method::GET, query.onto(path), None, Vec::new())
    }

    /// Runs a command in a container.
    ///
    /// # Errors
    /// As [`Self::kubelet_node_attach`], and for an empty command.
    pub fn kubelet_node_exec<I, T>(
        kubelet_debug_params: &KubeletDebugParams<'_>,
        container: &str,
        command: I,
        ap: &AttachParams,
    ) -> Result<http::Request<Vec<u8>>, Error>
    where
        I: IntoIterator<Item = T> + std::fmt::Debug,
        T: Into<String>,
    {
        ap.validate()?;
        let path = kubelet_debug_params.container_path("exec", container, true)?;
        let mut query = Query::default();
        ap.populate_kubelet(&mut query);
        push_command(&mut query, command)?;
        build(Method::GET, query.onto(path), None, Vec::new())
    }

    /// Forwards ports of the pod.
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold, and no ports or the same twice.
    pub fn kubelet_node_portforward(
        kubelet_debug_params: &KubeletDebugParams<'_>,
        ports: &[u16],
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let path = kubelet_debug_params.path("portForward", true)?;
        let mut query = Query::default();
        query.push("port", &port_list(ports)?);
        build(Method::GET, query.onto(path), None, Vec::new())
    }

    /// Reads a container's log.
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold and options that the kubelet would refuse.
    pub fn kubelet_node_logs(
        kubelet_debug_params: &KubeletDebugParams<'_>,
        container: &str,
        lp: &LogParams,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let path = kubelet_debug_params.container_path("containerLogs", container, false)?;
        let mut query = Query::default();
        // The container stands in the path.
        LogParams {
            container: None,
            ..lp.clone()
        }
        .populate(&mut query)?;
        build(Method::GET, query.onto(path), None, Vec::new())
    }
}

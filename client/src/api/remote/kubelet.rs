//! Programs reached through a kubelet itself, past the apiserver, for debugging.

use std::fmt::Debug;

use futures::AsyncBufRead;

use super::{AttachedProcess, Portforwarder, exec::connecting};
use crate::{
    api::{AttachParams, LogParams, Request},
    client::Client,
    core::kubelet_debug::KubeletDebugParams,
    error::Result,
};

/// # A kubelet's debug endpoints
///
/// For a client whose server is a kubelet. The errors are those of the same calls on an [`Api`](crate::Api).
impl Client {
    /// Attaches to the process of a container.
    ///
    /// # Errors
    ///
    /// As [`Client::connect`].
    pub async fn kubelet_node_attach(
        &self,
        kubelet_params: &KubeletDebugParams<'_>,
        container: &str,
        ap: &AttachParams,
    ) -> Result<AttachedProcess> {
        let request = Request::kubelet_node_attach(kubelet_params, container, ap)?;
        self.kubelet_process(request, ap).await
    }

    /// Runs a command in a container.
    ///
    /// # Errors
    ///
    /// As [`Client::connect`].
    pub async fn kubelet_node_exec<I, T>(
        &self,
        kubelet_params: &KubeletDebugParams<'_>,
        container: &str,
        command: I,
        ap: &AttachParams,
    ) -> Result<AttachedProcess>
    where
        I: IntoIterator<Item = T> + Debug,
        T: Into<String>,
    {
        let request = Request::kubelet_node_exec(kubelet_params, container, command, ap)?;
        self.kubelet_process(request, ap).await
    }

    /// Opens a connection to each of these ports of a pod.
    ///
    /// # Errors
    ///
    /// As [`Client::connect`].
    pub async fn kubelet_node_portforward(
        &self,
        kubelet_params: &KubeletDebugParams<'_>,
        ports: &[u16],
    ) -> Result<Portforwarder> {
        let request = Request::kubelet_node_portforward(kubelet_params, ports)?;
        let target = connecting(&request);
        let connection = self.connect(request).await?;
        Ok(Portforwarder::new(connection, target, self.env().clone(), ports))
    }

    /// The logs of a container, as they are written.
    ///
    /// # Errors
    ///
    /// As [`Client::request_stream`].
    pub async fn kubelet_node_logs(
        &self,
        kubelet_params: &KubeletDebugParams<'_>,
        container: &str,
        lp: &LogParams,
    ) -> Result<impl AsyncBufRead + use<>> {
        self.request_stream(Request::kubelet_node_logs(kubelet_params, container, lp)?)
            .await
    }

    async fn kubelet_process(
        &self,
        request: http::Request<Vec<u8>>,
        ap: &AttachParams,
    ) -> Result<AttachedProcess> {
        let target = connecting(&request);
        let connection = self.connect(request).await?;
        Ok(AttachedProcess::new(connection, target, self.env().clone(), ap))
    }
}

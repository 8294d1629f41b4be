//! Requests for what is served under an object.

use serde::Serialize;
use serde_json::json;

use super::{Error, JSON, Method, Request, build, json_request, patch_request, port_list, push_command};
use crate::core::{
    params::{DeleteParams, Patch, PatchParams, PostParams},
    path::Query,
    subresource::{AttachParams, EvictParams, LogParams},
};

/// The annotation by which a workload's pods are replaced.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The body of an eviction.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Eviction<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: EvictionMeta<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delete_options: Option<&'a DeleteParams>,
}

#[derive(Serialize)]
struct EvictionMeta<'a> {
    name: &'a str,
}

impl Request {
    /// Reads a subresource.
    ///
    /// # Shape
    /// `GET /apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale`
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold.
    pub fn get_subresource(
        &self,
        subresource_name: &str,
        name: &str,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        build(
            Method::GET,
            self.under(name, subresource_name)?,
            Some(&JSON),
            Vec::new(),
        )
    }

    /// Posts to a subresource.
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold and a field manager that the server would refuse.
    pub fn create_subresource(
        &self,
        subresource_name: &str,
        name: &str,
        pp: &PostParams,
        data: Vec<u8>,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        pp.populate(&mut query)?;
        json_request(
            Method::POST,
            query.onto(self.under(name, subresource_name)?),
            data,
        )
    }

    /// Changes a subresource.
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold and options that do not go with the kind of patch.
    pub fn patch_subresource<P: Serialize>(
        &self,
        subresource_name: &str,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        patch_request(self.under(name, subresource_name)?, pp, patch, &JSON)
    }

    /// Replaces a subresource.
    ///
    /// # Errors
    /// [`Error::Validation`] for names that no path can hold and a field manager that the server would refuse.
    pub fn replace_subresource(
        &self,
        subresource_name: &str,
        name: &str,
        pp: &PostParams,
        data: Vec<u8>,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        pp.populate(&mut query)?;
        json_request(Method::PUT, query.onto(self.under(name, subresource_name)?), data)
    }

    /// Evicts a pod.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have and a field manager that the server would refuse.
    pub fn evict(&self, name: &str, ep: &EvictParams) -> Result<http::Request<Vec<u8>>, Error> {
        let path = self.under(name, "eviction")?;
        let mut query = Query::default();
        ep.post_options.populate(&mut query)?;
        let eviction = Eviction {
            api_version: "policy/v1",
            kind: "Eviction",
            metadata: EvictionMeta { name },
            delete_options: ep.delete_options.as_ref(),
        };
        let body = serde_json::to_vec(&eviction).map_err(Error::SerializeBody)?;
        json_request(Method::POST, query.onto(path), body)
    }

    /// Reads a container's log.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have and options that the server would refuse.
    pub fn logs(&self, name: &str, lp: &LogParams) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        lp.populate(&mut query)?;
        build(
            Method::GET,
            query.onto(self.under(name, "log")?),
            None,
            Vec::new(),
        )
    }

    /// Attaches to a running container; the answer is an upgrade to a websocket.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have and streams that do not go together.
    pub fn attach(&self, name: &str, ap: &AttachParams) -> Result<http::Request<Vec<u8>>, Error> {
        ap.validate()?;
        let mut query = Query::default();
        ap.populate(&mut query);
        build(
            Method::GET,
            query.onto(self.under(name, "attach")?),
            None,
            Vec::new(),
        )
    }

    /// Runs a command in a container; the answer is an upgrade to a websocket.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have, streams that do not go together and an empty command.
    pub fn exec<I, T>(
        &self,
        name: &str,
        command: I,
        ap: &AttachParams,
    ) -> Result<http::Request<Vec<u8>>, Error>
    where
        I: IntoIterator<Item = T>,
        T: Into<String>,
    {
        ap.validate()?;
        let mut query = Query::default();
        ap.populate(&mut query);
        push_command(&mut query, command)?;
        build(
            Method::GET,
            query.onto(self.under(name, "exec")?),
            None,
            Vec::new(),
        )
    }

    /// Forwards ports of a pod; the answer is an upgrade to a websocket.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have, and no ports or the same twice.
    pub fn portforward(&self, name: &str, ports: &[u16]) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        query.push("ports", &port_list(ports)?);
        build(
            Method::GET,
            query.onto(self.under(name, "portforward")?),
            None,
            Vec::new(),
        )
    }

    /// Keeps new pods off a node.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have.
    pub fn cordon(&self, name: &str) -> Result<http::Request<Vec<u8>>, Error> {
        self.set_unschedulable(name, true)
    }

    /// Lets new pods onto a node again.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have.
    pub fn uncordon(&self, name: &str) -> Result<http::Request<Vec<u8>>, Error> {
        self.set_unschedulable(name, false)
    }

    /// Replaces a workload's pods step by step, by a change of its pod template.
    ///
    /// The time is the change: it has to differ from the last one's. The caller gives it, because nothing here reads a clock.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have.
    pub fn restart_at(&self, name: &str, now: jiff::Timestamp) -> Result<http::Request<Vec<u8>>, Error> {
        let mut annotations = serde_json::Map::new();
        annotations.insert(RESTARTED_AT.to_owned(), now.to_string().into());
        let patch = json!({"spec": {"template": {"metadata": {"annotations": annotations}}}});
        self.patch(name, &PatchParams::default(), &Patch::Merge(patch))
    }

    fn set_unschedulable(&self, name: &str, unschedulable: bool) -> Result<http::Request<Vec<u8>>, Error> {
        let patch = Patch::Strategic(json!({"spec": {"unschedulable": unschedulable}}));
        self.patch(name, &PatchParams::default(), &patch)
    }
}

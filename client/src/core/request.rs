//! A verb, a place and its options, turned into an HTTP request.
//!
//! Options are checked here, before anything is sent: what the server would refuse anyhow is refused with fewer round trips and a better word.

mod subresource;

#[cfg(test)]
mod tests;

pub(super) use http::Method;
use http::{
    HeaderValue,
    header::{ACCEPT, CONTENT_TYPE},
    uri::InvalidUri,
};
use serde::Serialize;

use super::{
    params::{DeleteParams, GetParams, ListParams, Patch, PatchParams, PostParams, WatchParams},
    path::{self, Query},
};

/// The request could not be built; nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The parts do not make an HTTP request.
    #[error("failed to build request")]
    BuildRequest(#[source] http::Error),
    /// The body could not be written as JSON.
    #[error("failed to serialize body")]
    SerializeBody(#[source] serde_json::Error),
    /// The server would refuse it.
    #[error("failed to validate request: {0}")]
    Validation(String),
}

/// Builds the requests for one collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The path of the collection, from [`Resource::url_path`](super::Resource::url_path).
    pub url_path: String,
}

/// The format of the answer that is asked for. Values of headers are checked where they are made: these by the compiler.
static JSON: HeaderValue = HeaderValue::from_static("application/json");
static JSON_METADATA: HeaderValue =
    HeaderValue::from_static("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
static JSON_METADATA_LIST: HeaderValue =
    HeaderValue::from_static("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");

// === impl Request ===

impl Request {
    /// Builds requests for the collection at the path.
    pub fn new<S: Into<String>>(url_path: S) -> Self {
        Self {
            url_path: url_path.into(),
        }
    }

    /// Reads the collection.
    ///
    /// # Shape
    /// `GET /api/v1/namespaces/{namespace}/pods?limit=500`
    ///
    /// # Errors
    /// [`Error::Validation`] for a version match without a version.
    pub fn list(&self, lp: &ListParams) -> Result<http::Request<Vec<u8>>, Error> {
        self.list_as(lp, &JSON)
    }

    /// Reads the metadata of the collection's objects.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub fn list_metadata(&self, lp: &ListParams) -> Result<http::Request<Vec<u8>>, Error> {
        self.list_as(lp, &JSON_METADATA_LIST)
    }

    /// Follows the changes of the collection from a resource version on.
    ///
    /// # Shape
    /// `GET /api/v1/pods?watch=true&timeoutSeconds=290&allowWatchBookmarks=true&resourceVersion=7`
    ///
    /// # Errors
    /// [`Error::Validation`] for an empty version (unless initial events are asked for) and a timeout of 295 seconds or more.
    pub fn watch(&self, wp: &WatchParams, ver: &str) -> Result<http::Request<Vec<u8>>, Error> {
        self.watch_as(wp, ver, &JSON)
    }

    /// Follows the metadata of the collection's objects.
    ///
    /// # Errors
    /// As [`Self::watch`].
    pub fn watch_metadata(&self, wp: &WatchParams, ver: &str) -> Result<http::Request<Vec<u8>>, Error> {
        self.watch_as(wp, ver, &JSON_METADATA)
    }

    /// Reads one object.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have, the empty one for example: it would read the collection.
    pub fn get(&self, name: &str, gp: &GetParams) -> Result<http::Request<Vec<u8>>, Error> {
        self.get_as(name, gp, &JSON)
    }

    /// Reads the metadata of one object.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn get_metadata(&self, name: &str, gp: &GetParams) -> Result<http::Request<Vec<u8>>, Error> {
        self.get_as(name, gp, &JSON_METADATA)
    }

    /// Creates an object from its JSON.
    ///
    /// # Errors
    /// [`Error::Validation`] for a field manager that the server would refuse.
    pub fn create(&self, pp: &PostParams, data: Vec<u8>) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        pp.populate(&mut query)?;
        json_request(Method::POST, query.onto(self.collection()?), data)
    }

    /// Replaces an object by its JSON, if its resource version is still the one in the JSON.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have and a field manager that the server would refuse.
    pub fn replace(
        &self,
        name: &str,
        pp: &PostParams,
        data: Vec<u8>,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        pp.populate(&mut query)?;
        json_request(Method::PUT, query.onto(self.object(name)?), data)
    }

    /// Changes an object.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have, and for options that do not go with the kind of patch.
    pub fn patch<P: Serialize>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        patch_request(self.object(name)?, pp, patch, &JSON)
    }

    /// Changes an object and reads its metadata.
    ///
    /// # Errors
    /// As [`Self::patch`].
    pub fn patch_metadata<P: Serialize>(
        &self,
        name: &str,
        pp: &PatchParams,
        patch: &Patch<P>,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        patch_request(self.object(name)?, pp, patch, &JSON_METADATA)
    }

    /// Deletes an object.
    ///
    /// # Errors
    /// [`Error::Validation`] for a name that no object can have, the empty one for example: it would delete the collection.
    pub fn delete(&self, name: &str, dp: &DeleteParams) -> Result<http::Request<Vec<u8>>, Error> {
        json_request(Method::DELETE, self.object(name)?, dp.body()?)
    }

    /// Deletes the objects that a list with these options would show.
    ///
    /// # Errors
    /// [`Error::Validation`] for a version match without a version.
    pub fn delete_collection(
        &self,
        dp: &DeleteParams,
        lp: &ListParams,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        lp.populate(&mut query)?;
        json_request(Method::DELETE, query.onto(self.collection()?), dp.body()?)
    }

    fn list_as(&self, lp: &ListParams, accept: &HeaderValue) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        lp.populate(&mut query)?;
        build(
            Method::GET,
            query.onto(self.collection()?),
            Some(accept),
            Vec::new(),
        )
    }

    fn watch_as(
        &self,
        wp: &WatchParams,
        ver: &str,
        accept: &HeaderValue,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        wp.populate(ver, &mut query)?;
        build(
            Method::GET,
            query.onto(self.collection()?),
            Some(accept),
            Vec::new(),
        )
    }

    fn get_as(
        &self,
        name: &str,
        gp: &GetParams,
        accept: &HeaderValue,
    ) -> Result<http::Request<Vec<u8>>, Error> {
        let mut query = Query::default();
        gp.populate(&mut query);
        build(
            Method::GET,
            query.onto(self.object(name)?),
            Some(accept),
            Vec::new(),
        )
    }

    /// The path of the collection, checked: it was put together from names that nobody could refuse there.
    fn collection(&self) -> Result<String, Error> {
        self.collection_with_room(0)
    }

    /// The same with room for so many bytes behind it.
    fn collection_with_room(&self, room: usize) -> Result<String, Error> {
        if let Some(fault) = path::collection_fault(&self.url_path) {
            return Err(Error::Validation(format!("path {:?} {fault}", self.url_path)));
        }
        let mut path = String::with_capacity(self.url_path.len() + room);
        path.push_str(&self.url_path);
        Ok(path)
    }

    fn object(&self, name: &str) -> Result<String, Error> {
        check_name("name", name)?;
        // Room for exactly the slash and a name without escapes, as most names are: `Uri` takes the text over as it is then.
        let mut path = self.collection_with_room(1 + name.len())?;
        path::push_segment(&mut path, name);
        Ok(path)
    }

    fn under(&self, name: &str, subresource: &str) -> Result<String, Error> {
        let mut path = self.object(name)?;
        // Proxied paths go on below the subresource: `proxy/a/b`.
        for segment in subresource.split('/') {
            check_name("subresource", segment)?;
            path::push_segment(&mut path, segment);
        }
        Ok(path)
    }
}

/// # Errors
/// [`Error::Validation`] for text that cannot stand as one segment of a path.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), Error> {
    match path::segment_fault(name) {
        Some(fault) => Err(Error::Validation(format!("{what} {name:?} {fault}"))),
        None => Ok(()),
    }
}

/// More ports than this have no streams of their own: the number of a stream is one byte, each port has two, and the
/// last is taken.
const PORTS_MAX: usize = 127;

/// # Errors
/// [`Error::Validation`] for no ports, for too many and for the same port twice.
pub(super) fn port_list(ports: &[u16]) -> Result<String, Error> {
    if ports.is_empty() {
        return Err(Error::Validation("ports cannot be empty".to_owned()));
    }
    if ports.len() > PORTS_MAX {
        return Err(Error::Validation(format!(
            "at most {PORTS_MAX} ports go over one connection, found {}",
            ports.len()
        )));
    }
    for (i, port) in ports.iter().enumerate() {
        if ports[..i].contains(port) {
            return Err(Error::Validation(format!(
                "ports must be unique, found {port} twice"
            )));
        }
    }
    Ok(ports.iter().map(u16::to_string).collect::<Vec<_>>().join(","))
}

/// The words of a command, in their order.
///
/// # Errors
/// [`Error::Validation`] if there is none.
pub(super) fn push_command<T: Into<String>>(
    query: &mut Query,
    command: impl IntoIterator<Item = T>,
) -> Result<(), Error> {
    let mut words = command.into_iter().peekable();
    if words.peek().is_none() {
        return Err(Error::Validation("command cannot be empty".to_owned()));
    }
    for word in words {
        query.push("command", &word.into());
    }
    Ok(())
}

pub(super) fn build(
    method: Method,
    uri: String,
    accept: Option<&HeaderValue>,
    body: Vec<u8>,
) -> Result<http::Request<Vec<u8>>, Error> {
    assemble(method, uri, accept, None, body)
}

/// A request with a JSON body and a JSON answer.
fn json_request(method: Method, uri: String, body: Vec<u8>) -> Result<http::Request<Vec<u8>>, Error> {
    assemble(method, uri, Some(&JSON), Some(&JSON), body)
}

fn patch_request<P: Serialize>(
    path: String,
    pp: &PatchParams,
    patch: &Patch<P>,
    accept: &HeaderValue,
) -> Result<http::Request<Vec<u8>>, Error> {
    let mut query = Query::default();
    pp.populate(patch, &mut query)?;
    assemble(
        Method::PATCH,
        query.onto(path),
        Some(accept),
        Some(&HeaderValue::from_static(patch.content_type())),
        patch.body()?,
    )
}

/// Puts a request together in place: a builder would move it with each part, and copy the texts of headers, which are all known here.
fn assemble(
    method: Method,
    uri: String,
    accept: Option<&HeaderValue>,
    content_type: Option<&HeaderValue>,
    body: Vec<u8>,
) -> Result<http::Request<Vec<u8>>, Error> {
    let mut request = http::Request::new(body);
    *request.uri_mut() = uri
        .try_into()
        .map_err(|error: InvalidUri| Error::BuildRequest(error.into()))?;
    *request.method_mut() = method;
    for (name, value) in [(ACCEPT, accept), (CONTENT_TYPE, content_type)] {
        if let Some(value) = value {
            request.headers_mut().insert(name, value.clone());
        }
    }
    Ok(request)
}

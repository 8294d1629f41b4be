//! The functions that expressions may call: what they take and give, and what they do.
//!
//! The functions are those of a Kubernetes 1.36 server: the language's own, the extended strings, lists, sets, two-variable
//! comprehensions and optionals of cel-go, and Kubernetes' lists, regex, url, ip, cidr, quantity, semver, format and
//! authorizer.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/>

mod authz;
mod convert;
mod declared;
mod format;
mod lists;
mod network;
mod operators;
mod optional;
mod printf;
mod quantity;
mod regexes;
mod semver;
mod sets;
mod strings;
mod times;
mod url;

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

pub(crate) use authz::{Access, Topic};
pub use authz::{Attributes, Authorizer, Decision, Subject};
pub(crate) use format::Format;
pub(crate) use network::Cidr;
pub(crate) use quantity::Quantity;
pub(crate) use regexes::compile as compile_pattern;
pub(crate) use semver::Semver;
pub(crate) use url::Url;

use crate::types::Type;
use crate::value::{Failure, Out, Value};

/// One form of a function.
#[derive(Debug)]
pub(crate) struct Overload {
    pub(crate) id: &'static str,
    /// Whether it is called on its first argument.
    pub(crate) member: bool,
    /// What it takes; variables are numbered from 0.
    pub(crate) args: Vec<Type>,
    pub(crate) result: Type,
    /// How many type variables it has.
    pub(crate) vars: u32,
}

/// A function with all of its forms.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    pub(crate) overloads: Vec<Overload>,
    pub(crate) run: Run,
}

/// Computes a function of its arguments, the one that it is called on first.
pub(crate) type Run = for<'a> fn(&Site<'_>, &[Value<'a>]) -> Out<'a>;

/// What a place of the program knows beforehand.
#[derive(Debug, Default)]
pub(crate) struct Site<'s> {
    /// The pattern, where it is a literal.
    pub(crate) pattern: Option<&'s Regex>,
}

/// The function of a name.
pub(crate) fn function(name: &str) -> Option<&'static Function> {
    static ALL: LazyLock<HashMap<&'static str, Function>> = LazyLock::new(declared::all);
    ALL.get(name)
}

/// The type that a name stands for where it is used as a value, such as `int`.
pub(crate) fn type_name(name: &str) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "null_type" => Type::Null,
        "list" => Type::list(Type::Dyn),
        "map" => Type::map(Type::Dyn, Type::Dyn),
        "type" => Type::of_type(Type::Dyn),
        "google.protobuf.Timestamp" => Type::Timestamp,
        "google.protobuf.Duration" => Type::Duration,
        "optional_type" => Type::optional(Type::Dyn),
        other => Type::Opaque(declared::opaque(other)?),
    })
}

/// A value of one of Kubernetes' own types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Opaque {
    Ip(std::net::IpAddr),
    Cidr(Cidr),
    Url(Url),
    Quantity(Quantity),
    Semver(Semver),
    Format(&'static Format),
    Access(Access),
}

impl Opaque {
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Ip(_) => "net.IP",
            Self::Cidr(_) => "net.CIDR",
            Self::Url(_) => "kubernetes.URL",
            Self::Quantity(_) => "kubernetes.Quantity",
            Self::Semver(_) => "kubernetes.Semver",
            Self::Format(_) => "kubernetes.NamedFormat",
            Self::Access(access) => access.type_name(),
        }
    }

    /// Addresses cost by their bytes.
    pub(crate) fn cost_size(&self) -> u64 {
        match self {
            Self::Ip(ip) => network::bytes(*ip),
            Self::Cidr(cidr) => network::bytes(cidr.address),
            _ => 1,
        }
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => write!(f, "{ip}"),
            Self::Cidr(cidr) => write!(f, "{}/{}", cidr.address, cidr.bits),
            Self::Url(url) => write!(f, "{}", url.text),
            other => f.write_str(other.type_name()),
        }
    }
}

// What the libraries' functions look at their arguments with.

fn text<'v>(args: &'v [Value<'_>], i: usize) -> Result<&'v str, Failure> {
    match args.get(i) {
        Some(Value::String(s)) => Ok(s),
        _ => Err(Failure::no_such_overload()),
    }
}

fn int(args: &[Value<'_>], i: usize) -> Result<i64, Failure> {
    match args.get(i) {
        Some(Value::Int(n)) => Ok(*n),
        _ => Err(Failure::no_such_overload()),
    }
}

fn flag(args: &[Value<'_>], i: usize) -> Result<bool, Failure> {
    match args.get(i) {
        Some(Value::Bool(b)) => Ok(*b),
        _ => Err(Failure::no_such_overload()),
    }
}

fn list<'v, 'a>(args: &'v [Value<'a>], i: usize) -> Result<&'v crate::value::List<'a>, Failure> {
    match args.get(i) {
        Some(Value::List(l)) => Ok(l),
        _ => Err(Failure::no_such_overload()),
    }
}

fn opaque<'v>(args: &'v [Value<'_>], i: usize) -> Result<&'v Opaque, Failure> {
    match args.get(i) {
        Some(Value::Opaque(o)) => Ok(o),
        _ => Err(Failure::no_such_overload()),
    }
}

fn new<'a>(opaque: Opaque) -> Value<'a> {
    Value::Opaque(std::rc::Rc::new(opaque))
}

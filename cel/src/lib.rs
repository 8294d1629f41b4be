//! Kubernetes' dialect of the [Common Expression Language](https://cel.dev): parser, type checker, cost estimation,
//! evaluation, and the validation rules of structural schemas, with the messages of a Kubernetes 1.36 server.
//!
//! [`Program`] is one expression: compiled once, run often. [`rules`] are those of a schema (`x-kubernetes-validations`).
//!
//! ```
//! use seatrial_cel::{Program, Variables};
//! use serde_json::json;
//!
//! let vars = Variables::new().json("object");
//! let program = Program::compile("object.replicas <= 3 && 'x' in object.names", &vars)?;
//! let object = json!({"replicas": 2, "names": ["x"]});
//! assert_eq!(program.run(&[&object])?.as_bool(), Some(true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Source
//! <https://kubernetes.io/docs/reference/using-api/cel/>, <https://github.com/google/cel-spec/blob/master/doc/langdef.md>

mod check;
mod cost;
mod library;
mod names;
mod plan;
mod program;
pub mod rules;
mod run;
mod schema;
mod source;
mod stack;
mod syntax;
mod time;
mod types;
mod value;

pub use library::{Attributes, Authorizer, Decision, Subject};
pub use program::{Activation, Answer, Input, Program, RunError, Variables};
pub use source::{Issue, Issues};
pub use value::Failure;

//! CustomResourceDefinitions and the resources that they define.
//!
//! Every function here is pure: objects go in as JSON, objects, errors and tables come out. In the order of a request:
//!
//! - a definition is written: [`definition::default`] fills it in, [`definition::prepare_create`] or
//!   [`definition::prepare_update`] resets what the server owns, [`validation::create`] or [`validation::update`] judges
//!   it, [`definition::warnings`] has remarks, [`definition::begin_deletion`] marks it before its first removal;
//! - after the write: [`naming::step`] accepts names and establishes the definition, looking at its neighbours;
//! - then: [`catalog`] makes the discovery table of all established definitions, [`CustomType::new`] compiles a version;
//! - an object is written: [`CustomType::decode`] reads a body (defaults, pruning, field validation),
//!   [`CustomType::validate`] judges it, [`CustomType::validate_status`] its status alone, [`CustomType::schema`] is what
//!   patches and applies walk beside it;
//! - an object is read: [`CustomType::fill`] gives it the defaults of the version that it was stored in,
//!   [`CustomType::prune`] takes what the version asked for does not know, and `conversion` is spoken with a webhook that
//!   stands between the two.
//!
//! Rules written in CEL are `seatrial_cel`'s to compile and run; the errors that come of it are made here.

mod approval;
mod compile;
pub(crate) mod conversion;
mod custom;
pub mod definition;
mod embedded;
mod format;
mod go_value;
mod list_type;
pub mod naming;
mod openapi;
mod pattern;
mod props;
mod prune;
mod rules;
mod scale;
mod structural;
pub mod validation;
mod value;

pub use custom::{CustomType, NoVersion, catalog};
pub use rules::Judgement;
pub use scale::Scale;

//! From text to tree: tokens, grammar and macros.

pub(crate) mod ast;
mod expand;
mod lexer;
mod literal;
mod parser;
mod token_set;

pub(crate) use parser::{Parsed, parse};

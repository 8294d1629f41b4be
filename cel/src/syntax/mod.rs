//! From text to tree: tokens, grammar and macros.

pub(crate) mod ast;
mod expand;
mod lexer;
mod literal;
mod parser;

pub(crate) use parser::{Parsed, parse};

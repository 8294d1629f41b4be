//! The tree of an expression, macros already expanded.

use std::sync::Arc;

/// Names a node; places, types and sizes are kept by it.
pub(crate) type Id = u32;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Expr {
    pub(crate) id: Id,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Literal(Literal),
    /// A name; a leading dot is part of it.
    Ident(String),
    Select(Box<Select>),
    Call(Box<Call>),
    List(Vec<Element>),
    Map(Vec<Entry>),
    /// A message; the dialect has none, so that the checker refuses every one.
    Struct(String, Vec<Expr>),
    Fold(Box<Fold>),
    /// Where the grammar gave up.
    Broken,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Arc<str>),
    Bytes(Arc<[u8]>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Select {
    pub(crate) operand: Expr,
    pub(crate) field: String,
    /// Whether the question is if the field is there (`has`).
    pub(crate) test: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) target: Option<Expr>,
    pub(crate) function: String,
    pub(crate) args: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    pub(crate) value: Expr,
    /// Whether the element is left out where its value is an empty optional.
    pub(crate) optional: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: Id,
    pub(crate) key: Expr,
    pub(crate) value: Expr,
    pub(crate) optional: bool,
}

/// A loop over a list or map that folds its items into one value; every macro but `has` becomes one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fold {
    pub(crate) range: Expr,
    pub(crate) vars: Vec<String>,
    pub(crate) accu: String,
    pub(crate) init: Expr,
    pub(crate) condition: Expr,
    pub(crate) step: Expr,
    pub(crate) result: Expr,
}

impl Expr {
    pub(crate) fn new(id: Id, kind: Kind) -> Self {
        Self { id, kind }
    }

    /// Calls `f` for the parts of this node, in the order in which they stand.
    pub(crate) fn each_part<'e>(&'e self, f: &mut impl FnMut(&'e Self)) {
        match &self.kind {
            Kind::Literal(_) | Kind::Ident(_) | Kind::Broken => {}
            Kind::Select(s) => f(&s.operand),
            Kind::Call(c) => c.target.iter().chain(&c.args).for_each(f),
            Kind::List(elements) => elements.iter().for_each(|e| f(&e.value)),
            Kind::Map(entries) => {
                for entry in entries {
                    f(&entry.key);
                    f(&entry.value);
                }
            }
            Kind::Struct(_, values) => values.iter().for_each(f),
            Kind::Fold(fold) => {
                for part in [&fold.range, &fold.init, &fold.condition, &fold.step, &fold.result] {
                    f(part);
                }
            }
        }
    }

    /// Whether a name is used anywhere in the expression, outside of loops that declare it themselves.
    pub(crate) fn uses(&self, name: &str) -> bool {
        let mut found = false;
        match &self.kind {
            Kind::Ident(n) => return n == name,
            Kind::Fold(fold) if fold.vars.iter().any(|v| v == name) => return fold.range.uses(name),
            _ => self.each_part(&mut |part| found |= part.uses(name)),
        }
        found
    }
}

/// The names of operators, as the tree and messages have them.
pub(crate) mod operator {
    pub(crate) const CONDITIONAL: &str = "_?_:_";
    pub(crate) const AND: &str = "_&&_";
    pub(crate) const OR: &str = "_||_";
    pub(crate) const NOT: &str = "!_";
    pub(crate) const NEGATE: &str = "-_";
    pub(crate) const EQUALS: &str = "_==_";
    pub(crate) const NOT_EQUALS: &str = "_!=_";
    pub(crate) const LESS: &str = "_<_";
    pub(crate) const LESS_EQUALS: &str = "_<=_";
    pub(crate) const GREATER: &str = "_>_";
    pub(crate) const GREATER_EQUALS: &str = "_>=_";
    pub(crate) const IN: &str = "@in";
    pub(crate) const ADD: &str = "_+_";
    pub(crate) const SUBTRACT: &str = "_-_";
    pub(crate) const MULTIPLY: &str = "_*_";
    pub(crate) const DIVIDE: &str = "_/_";
    pub(crate) const MODULO: &str = "_%_";
    pub(crate) const INDEX: &str = "_[_]";
    pub(crate) const OPTIONAL_INDEX: &str = "_[?_]";
    pub(crate) const OPTIONAL_SELECT: &str = "_?._";
    pub(crate) const NOT_STRICTLY_FALSE: &str = "@not_strictly_false";
    pub(crate) const MAP_INSERT: &str = "cel.@mapInsert";
}

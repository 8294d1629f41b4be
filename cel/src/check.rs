//! Type checking: every node gets a type, every call the forms of its function that fit.
//!
//! # Source
//! <https://github.com/google/cel-spec/blob/master/doc/langdef.md#type-checking>

use std::collections::HashMap;

use crate::library::{self, Function, Overload, compile_pattern};
use crate::source::{Issue, Source};
use crate::stack::deeper;
use crate::syntax::Parsed;
use crate::syntax::ast::{Call, Element, Entry, Expr, Fold, Id, Kind, Literal, Select, operator};
use crate::time;
use crate::types::{Substitution, Type};

/// A checked expression.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) root: Expr,
    types: Vec<Type>,
    overloads: HashMap<Id, Vec<&'static Overload>>,
}

impl Checked {
    pub(crate) fn type_of(&self, id: Id) -> &Type {
        self.types.get(id as usize).unwrap_or(&Type::Dyn)
    }

    /// The forms of a call's function that fit its arguments; several where types are known at run time only.
    pub(crate) fn overloads(&self, id: Id) -> &[&'static Overload] {
        self.overloads.get(&id).map_or(&[], Vec::as_slice)
    }
}

/// Checks an expression against the types of its variables.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(source: &Source, parsed: Parsed, vars: &[(&str, Type)]) -> Result<Checked, Vec<Issue>> {
    let mut checker = Checker {
        source,
        types: vec![Type::Dyn; parsed.places.len()],
        places: parsed.places,
        overloads: HashMap::new(),
        known: Substitution::default(),
        scope: vars.iter().map(|(n, t)| ((*n).to_owned(), t.clone())).collect(),
        issues: Vec::new(),
    };
    let mut root = parsed.root;
    checker.expr(&mut root);
    if checker.issues.is_empty() {
        checker.literals(&root);
    }
    if !checker.issues.is_empty() {
        return Err(checker.issues);
    }
    let known = checker.known;
    Ok(Checked {
        root,
        types: checker.types.iter().map(|t| known.resolve(t, true)).collect(),
        overloads: checker.overloads,
    })
}

struct Checker<'s> {
    source: &'s Source,
    places: Vec<usize>,
    types: Vec<Type>,
    overloads: HashMap<Id, Vec<&'static Overload>>,
    known: Substitution,
    /// Variables, innermost last.
    scope: Vec<(String, Type)>,
    issues: Vec<Issue>,
}

impl Checker<'_> {
    fn expr(&mut self, e: &mut Expr) -> Type {
        let t = match &mut e.kind {
            Kind::Literal(value) => literal(value),
            Kind::Ident(name) => {
                let found = self.lookup(name);
                match found {
                    Some(t) => t,
                    None => {
                        let name = name.clone();
                        self.undeclared(e.id, &name)
                    }
                }
            }
            Kind::Select(_) => deeper(|| self.select(e)),
            Kind::Call(_) => deeper(|| self.call(e)),
            Kind::List(elements) => deeper(|| self.list(elements)),
            Kind::Map(entries) => deeper(|| self.map(entries)),
            Kind::Struct(name, values) => {
                for value in values {
                    self.expr(value);
                }
                let name = name.clone();
                self.undeclared(e.id, &name)
            }
            Kind::Fold(fold) => deeper(|| self.fold(fold)),
            Kind::Broken => Type::Error,
        };
        if let Some(slot) = self.types.get_mut(e.id as usize) {
            *slot = t.clone();
        }
        t
    }

    fn lookup(&self, name: &str) -> Option<Type> {
        let plain = name.strip_prefix('.').unwrap_or(name);
        let var = self.scope.iter().rev().find(|(n, _)| n == plain);
        var.map(|(_, t)| t.clone())
            .or_else(|| library::type_name(plain).map(Type::of_type))
    }

    fn select(&mut self, e: &mut Expr) -> Type {
        let whole = qualified(e);
        let Kind::Select(select) = &mut e.kind else {
            return Type::Error;
        };
        // Dots may be part of a name.
        if let Some(name) = whole
            && let Some(t) = self.lookup(&name)
        {
            e.kind = Kind::Ident(name);
            return t;
        }
        let Select {
            operand, field, test, ..
        } = &mut **select;
        let (field, test) = (field.clone(), *test);
        let t = self.field(e.id, operand, &field, false);
        if test { Type::Bool } else { t }
    }

    /// The type of a field of an operand.
    fn field(&mut self, at: Id, operand: &mut Expr, field: &str, optional: bool) -> Type {
        let t = self.expr(operand);
        let (t, was_optional) = unwrap(self.known.resolve(&t, false));
        let result = match &t {
            Type::Map(_, value) => (**value).clone(),
            Type::Object(object) => match object.fields.get(field) {
                Some(t) => t.clone(),
                None => self.complain(at, format!("undefined field '{field}'")),
            },
            Type::Var(_) => {
                self.known.assign(&Type::Dyn, &t);
                Type::Dyn
            }
            t if t.is_dyn() => Type::Dyn,
            t => {
                self.complain(at, format!("type '{t}' does not support field selection"));
                Type::Dyn
            }
        };
        if was_optional || optional {
            Type::optional(result)
        } else {
            result
        }
    }

    fn call(&mut self, e: &mut Expr) -> Type {
        let id = e.id;
        let Kind::Call(call) = &mut e.kind else {
            return Type::Error;
        };
        if call.function == operator::OPTIONAL_SELECT {
            return self.optional_select(id, call);
        }
        let mut args: Vec<Type> = call.args.iter_mut().map(|arg| self.expr(arg)).collect();
        let Some(target) = &mut call.target else {
            return match library::function(&call.function) {
                Some(function) => self.resolve(id, function, &args, false),
                None => {
                    let name = call.function.clone();
                    self.undeclared(id, &name)
                }
            };
        };
        // What looks like a method may be a function with dots in its name.
        if let Some(prefix) = qualified(target)
            && let Some(function) = library::function(&format!("{prefix}.{}", call.function))
        {
            call.target = None;
            function.name.clone_into(&mut call.function);
            return self.resolve(id, function, &args, false);
        }
        args.insert(0, self.expr(target));
        match library::function(&call.function) {
            Some(function) => self.resolve(id, function, &args, true),
            None => {
                let name = call.function.clone();
                self.undeclared(id, &name)
            }
        }
    }

    fn optional_select(&mut self, id: Id, call: &mut Call) -> Type {
        let [operand, field] = &mut call.args[..] else {
            return Type::Error;
        };
        let Kind::Literal(Literal::String(name)) = &field.kind else {
            return self.complain(id, "unsupported optional field selection".to_owned());
        };
        let name = name.to_string();
        self.types[field.id as usize] = Type::String;
        self.field(id, operand, &name, true)
    }

    /// The type of a call, from the forms of its function that fit.
    fn resolve(&mut self, id: Id, function: &'static Function, args: &[Type], member: bool) -> Type {
        let mut result: Option<Type> = None;
        let mut fitting = Vec::new();
        for overload in &function.overloads {
            if overload.member != member || overload.args.len() != args.len() {
                continue;
            }
            let before = self.known.mark();
            let fresh: Vec<Type> = (0..overload.vars).map(|_| self.known.fresh()).collect();
            let fits = overload.args.iter().zip(args).all(|(want, have)| {
                let want = Substitution::instantiate(want, &fresh);
                self.known.assign(&want, have)
            });
            if !fits {
                self.known.undo(before);
                continue;
            }
            fitting.push(overload);
            let this = self
                .known
                .resolve(&Substitution::instantiate(&overload.result, &fresh), false);
            result = Some(match result {
                None => this,
                Some(one) if one.is_dyn() || one == this => one,
                Some(_) => Type::Dyn,
            });
        }
        match result {
            Some(result) => {
                self.overloads.insert(id, fitting);
                result
            }
            None => {
                let shown: Vec<String> = args
                    .iter()
                    .map(|t| self.known.resolve(t, true).to_string())
                    .collect();
                let shown = match shown.split_first() {
                    Some((target, rest)) if member => format!("{target}.({})", rest.join(", ")),
                    _ => format!("({})", shown.join(", ")),
                };
                let name = function.name;
                let why = format!("found no matching overload for '{name}' applied to '{shown}'");
                self.complain(id, why)
            }
        }
    }

    fn list(&mut self, elements: &mut [Element]) -> Type {
        let mut all = None;
        for element in elements {
            let t = self.expr(&mut element.value);
            let t = self.opened(element.value.id, t, element.optional);
            all = Some(self.join(element.value.id, all, t));
        }
        Type::list(all.unwrap_or_else(|| self.known.fresh()))
    }

    fn map(&mut self, entries: &mut [Entry]) -> Type {
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            let key = self.expr(&mut entry.key);
            keys = Some(self.join(entry.key.id, keys, key));
            let value = self.expr(&mut entry.value);
            let value = self.opened(entry.value.id, value, entry.optional);
            values = Some(self.join(entry.value.id, values, value));
        }
        let key = keys.unwrap_or_else(|| self.known.fresh());
        Type::map(key, values.unwrap_or_else(|| self.known.fresh()))
    }

    /// The type inside an optional, where one is wanted.
    fn opened(&mut self, at: Id, t: Type, optional: bool) -> Type {
        if !optional {
            return t;
        }
        let (inner, was_optional) = unwrap(self.known.resolve(&t, false));
        if !was_optional && !inner.is_dyn() {
            self.mismatch(at, &Type::optional(inner.clone()), &inner);
        }
        inner
    }

    /// Literals hold values of one type.
    fn join(&mut self, at: Id, before: Option<Type>, now: Type) -> Type {
        let Some(before) = before else { return now };
        if self.known.assign(&before, &now) {
            if now.is_dyn() { now } else { before }
        } else {
            self.mismatch(at, &before, &now)
        }
    }

    fn fold(&mut self, fold: &mut Fold) -> Type {
        let range = self.expr(&mut fold.range);
        let accu = self.expr(&mut fold.init);
        let range = self.known.resolve(&range, false);
        let (first, second) = match &range {
            Type::List(item) if fold.vars.len() > 1 => (Type::Int, (**item).clone()),
            Type::List(item) => ((**item).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Var(_) | Type::Dyn | Type::Error => {
                self.known.assign(&Type::Dyn, &range);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let why = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                let error = self.complain(fold.range.id, why);
                (error.clone(), error)
            }
        };
        let depth = self.scope.len();
        self.scope.push((fold.accu.clone(), accu.clone()));
        let inner = self.scope.len();
        self.scope.extend(fold.vars.iter().cloned().zip([first, second]));
        let condition = self.expr(&mut fold.condition);
        self.wanted(fold.condition.id, &Type::Bool, &condition);
        let step = self.expr(&mut fold.step);
        self.wanted(fold.step.id, &accu, &step);
        self.scope.truncate(inner);
        let result = self.expr(&mut fold.result);
        self.scope.truncate(depth);
        self.known.resolve(&result, false)
    }

    fn wanted(&mut self, at: Id, want: &Type, have: &Type) {
        if !self.known.assign(want, have) {
            self.mismatch(at, want, have);
        }
    }

    fn mismatch(&mut self, at: Id, want: &Type, have: &Type) -> Type {
        let (want, have) = (self.known.resolve(want, true), self.known.resolve(have, true));
        self.complain(at, format!("expected type '{want}' but found '{have}'"))
    }

    fn undeclared(&mut self, at: Id, name: &str) -> Type {
        self.complain(at, format!("undeclared reference to '{name}' (in container '')"))
    }

    fn complain(&mut self, at: Id, why: String) -> Type {
        let place = self.places.get(at as usize).copied().unwrap_or(0);
        self.issues.push(self.source.issue(place, why));
        Type::Error
    }

    /// Literals that a function will refuse are refused now.
    fn literals(&mut self, e: &Expr) {
        if let Kind::Call(call) = &e.kind {
            let first = call.args.first();
            let arg = match call.function.as_str() {
                "matches" => call.args.last(),
                _ => first,
            };
            if let Some(arg) = arg
                && let Kind::Literal(Literal::String(s)) = &arg.kind
            {
                let good = match call.function.as_str() {
                    "duration" => time::parse_duration(s).is_some(),
                    "timestamp" => time::parse_time(s).is_some(),
                    "matches" => compile_pattern(s).is_ok(),
                    _ => true,
                };
                if !good {
                    self.complain(arg.id, format!("invalid {} argument", call.function));
                }
            }
        }
        let mut parts = Vec::new();
        e.each_part(&mut |part| parts.push(part));
        for part in parts {
            deeper(|| self.literals(part));
        }
    }
}

/// The name with dots that an expression may be.
fn qualified(e: &Expr) -> Option<String> {
    match &e.kind {
        Kind::Ident(name) => Some(name.clone()),
        Kind::Select(select) if !select.test => {
            Some(format!("{}.{}", qualified(&select.operand)?, select.field))
        }
        _ => None,
    }
}

fn unwrap(t: Type) -> (Type, bool) {
    match t {
        Type::Optional(inner) => ((*inner).clone(), true),
        t => (t, false),
    }
}

fn literal(value: &Literal) -> Type {
    match value {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Uint(_) => Type::Uint,
        Literal::Double(_) => Type::Double,
        Literal::String(_) => Type::String,
        Literal::Bytes(_) => Type::Bytes,
    }
}

//! The types that the checker reasons with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A type; variables stand for types that inference finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// The type of what was refused already.
    Error,
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    /// The type of types.
    Meta(Arc<Type>),
    List(Arc<Type>),
    Map(Arc<Type>, Arc<Type>),
    Optional(Arc<Type>),
    /// A type of a library, by name.
    Opaque(&'static str),
    Object(Arc<ObjectType>),
    Var(u32),
}

/// An object with declared fields.
#[derive(Debug)]
pub(crate) struct ObjectType {
    pub(crate) name: String,
    /// Fields by the name by which expressions call them.
    pub(crate) fields: BTreeMap<String, Type>,
}

impl PartialEq for ObjectType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ObjectType {}

impl Type {
    pub(crate) fn list(item: Self) -> Self {
        Self::List(Arc::new(item))
    }

    pub(crate) fn map(key: Self, value: Self) -> Self {
        Self::Map(Arc::new(key), Arc::new(value))
    }

    pub(crate) fn optional(inner: Self) -> Self {
        Self::Optional(Arc::new(inner))
    }

    pub(crate) fn of_type(inner: Self) -> Self {
        Self::Meta(Arc::new(inner))
    }

    pub(crate) fn is_dyn(&self) -> bool {
        matches!(self, Self::Dyn | Self::Error)
    }

    /// Whether values have a size of their own.
    pub(crate) fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Bool | Self::Int | Self::Uint | Self::Double | Self::Timestamp | Self::Duration
        )
    }

    /// The name that values of the type print as their type.
    pub(crate) fn runtime_name(&self) -> &str {
        match self {
            Self::Error => "error",
            Self::Dyn | Self::Var(_) => "dyn",
            Self::Null => "null_type",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Timestamp => "google.protobuf.Timestamp",
            Self::Duration => "google.protobuf.Duration",
            Self::Meta(_) => "type",
            Self::List(_) => "list",
            Self::Map(..) => "map",
            Self::Optional(_) => "optional_type",
            Self::Opaque(name) => name,
            Self::Object(o) => &o.name,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("!error!"),
            Self::Null => f.write_str("null"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::Meta(inner) => match &**inner {
                Self::Dyn => f.write_str("type"),
                inner => write!(f, "type({inner})"),
            },
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Optional(inner) => write!(f, "optional_type({inner})"),
            other => f.write_str(other.runtime_name()),
        }
    }
}

/// What inference knows of type variables.
#[derive(Debug, Default)]
pub(crate) struct Substitution {
    vars: Vec<Option<Type>>,
    /// What variables stood for before each change, so that attempts can be undone.
    trail: Vec<(u32, Option<Type>)>,
}

/// A moment to which inference can go back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

impl Substitution {
    /// A type variable that nothing is known of.
    pub(crate) fn fresh(&mut self) -> Type {
        self.vars.push(None);
        Type::Var(u32::try_from(self.vars.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.trail.len())
    }

    /// Forgets what was learnt since a moment.
    pub(crate) fn undo(&mut self, to: Mark) {
        while self.trail.len() > to.0 {
            if let Some((var, before)) = self.trail.pop() {
                self.vars[var as usize] = before;
            }
        }
    }

    fn set(&mut self, var: u32, to: Type) {
        let before = self.vars[var as usize].replace(to);
        self.trail.push((var, before));
    }

    fn known(&self, var: u32) -> Option<&Type> {
        self.vars.get(var as usize).and_then(Option::as_ref)
    }

    /// The type with its own variables, numbered from 0, replaced by fresh ones.
    pub(crate) fn instantiate(t: &Type, fresh: &[Type]) -> Type {
        match t {
            Type::Var(v) => fresh.get(*v as usize).cloned().unwrap_or(Type::Dyn),
            Type::List(item) => Type::list(Self::instantiate(item, fresh)),
            Type::Map(k, v) => Type::map(Self::instantiate(k, fresh), Self::instantiate(v, fresh)),
            Type::Optional(inner) => Type::optional(Self::instantiate(inner, fresh)),
            Type::Meta(inner) => Type::of_type(Self::instantiate(inner, fresh)),
            other => other.clone(),
        }
    }

    /// The type with everything that is known put in; what is unknown is `dyn` if `finally`.
    pub(crate) fn resolve(&self, t: &Type, finally: bool) -> Type {
        match t {
            Type::Var(v) => match self.known(*v) {
                Some(known) => self.resolve(known, finally),
                None if finally => Type::Dyn,
                None => t.clone(),
            },
            Type::List(item) => Type::list(self.resolve(item, finally)),
            Type::Map(k, v) => Type::map(self.resolve(k, finally), self.resolve(v, finally)),
            Type::Optional(inner) => Type::optional(self.resolve(inner, finally)),
            Type::Meta(inner) => Type::of_type(self.resolve(inner, finally)),
            other => other.clone(),
        }
    }

    /// Whether a value of type `from` may stand where `to` is wanted; learns what that says of variables.
    ///
    /// On failure what was learnt is forgotten.
    pub(crate) fn assign(&mut self, to: &Type, from: &Type) -> bool {
        let before = self.mark();
        let good = self.unify(to, from);
        if !good {
            self.undo(before);
        }
        good
    }

    fn unify(&mut self, to: &Type, from: &Type) -> bool {
        match (to, from) {
            (Type::Var(a), Type::Var(b)) if a == b => true,
            (Type::Var(v), _) => {
                if let Some(known) = self.known(*v).cloned() {
                    // A variable takes on the more general type, if there is one.
                    if !self.unify(&known, from) {
                        return false;
                    }
                    self.widen(*v, &known, from);
                    return true;
                }
                self.bind(*v, from)
            }
            (_, Type::Var(v)) => match self.known(*v).cloned() {
                Some(known) => self.unify(to, &known),
                None => self.bind(*v, to),
            },
            (a, b) if a.is_dyn() || b.is_dyn() => true,
            // Absent values of message-like types are null.
            (
                Type::Object(_) | Type::Opaque(_) | Type::Timestamp | Type::Duration | Type::Optional(_),
                Type::Null,
            )
            | (
                Type::Null,
                Type::Object(_) | Type::Opaque(_) | Type::Timestamp | Type::Duration | Type::Optional(_),
            ) => true,
            (Type::List(a), Type::List(b)) | (Type::Optional(a), Type::Optional(b)) => self.unify(a, b),
            (Type::Meta(_), Type::Meta(_)) => true,
            (Type::Map(ak, av), Type::Map(bk, bv)) => self.unify(ak, bk) && self.unify(av, bv),
            (a, b) => a == b,
        }
    }

    fn widen(&mut self, var: u32, known: &Type, from: &Type) {
        if from.is_dyn() && !known.is_dyn() {
            self.set(var, Type::Dyn);
        }
    }

    fn bind(&mut self, var: u32, to: &Type) -> bool {
        let to = self.resolve(to, false);
        if to == Type::Var(var) {
            return true;
        }
        if mentions(&to, var) {
            return false;
        }
        self.set(var, to);
        true
    }
}

fn mentions(t: &Type, var: u32) -> bool {
    match t {
        Type::Var(v) => *v == var,
        Type::List(a) | Type::Optional(a) | Type::Meta(a) => mentions(a, var),
        Type::Map(k, v) => mentions(k, var) || mentions(v, var),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_take_what_they_meet_and_forget_on_failure() {
        let mut s = Substitution::default();
        let t = s.fresh();
        assert!(s.assign(&Type::list(t.clone()), &Type::list(Type::Int)));
        assert_eq!(s.resolve(&t, true), Type::Int);
        assert!(!s.assign(&t, &Type::String));
        assert!(s.assign(&t, &Type::Dyn));
        let u = s.fresh();
        assert!(!s.assign(
            &Type::map(u.clone(), u.clone()),
            &Type::map(Type::Int, Type::String)
        ));
        assert_eq!(s.resolve(&u, false), u);
        assert_eq!(s.resolve(&u, true), Type::Dyn);
    }
}

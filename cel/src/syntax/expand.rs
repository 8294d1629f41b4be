//! Macros: calls that stand for larger expressions.
//!
//! # Source
//! <https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros>, and the two-variable and optional macros of
//! <https://pkg.go.dev/github.com/google/cel-go/ext> and <https://pkg.go.dev/github.com/google/cel-go/cel#OptionalTypes>.

use super::ast::{Call, Element, Expr, Fold, Id, Kind, Literal, Select, operator};

/// What became of a call.
pub(super) enum Expansion {
    /// It is no macro.
    None(Call),
    Done(Expr),
    /// It is a macro that cannot be used so; the node to point at, and why.
    Refused(Id, &'static str),
}

/// Where folds keep their result; no program can write the name.
const ACCU: &str = "@result";

/// What is being sorted, which is looked at twice.
const SORTED: &str = "@__sortBy_input__";

type Ids<'i> = dyn FnMut(Option<Id>) -> Id + 'i;

/// Expands a call if it is a macro. `id` makes a node's id at the macro's place, or at that of another node.
pub(super) fn macros(call: Call, id: &mut Ids<'_>) -> Expansion {
    let Call {
        target,
        function,
        mut args,
    } = call;
    let count = args.len();
    let Some(target) = target else {
        if function != "has" || count != 1 {
            return Expansion::None(Call {
                target,
                function,
                args,
            });
        }
        let at = args[0].id;
        return match args.remove(0).kind {
            Kind::Select(select) if !select.test => {
                let select = Select {
                    test: true,
                    ..*select
                };
                Expansion::Done(Expr::new(id(None), Kind::Select(Box::new(select))))
            }
            _ => Expansion::Refused(at, "invalid argument to has() macro"),
        };
    };
    let vars = match (function.as_str(), count) {
        ("all" | "exists" | "exists_one" | "existsOne" | "filter" | "map", 2)
        | ("map", 3)
        | ("optMap" | "optFlatMap", 2) => 1,
        ("sortBy", 2) => {
            return sort_by(target, args, id);
        }
        ("all" | "exists" | "exists_one" | "existsOne", 3)
        | ("transformList" | "transformMap" | "transformMapEntry", 3 | 4) => 2,
        _ => {
            return Expansion::None(Call {
                target: Some(target),
                function,
                args,
            });
        }
    };
    let optional = function.starts_with("opt");
    let mut names: Vec<String> = Vec::with_capacity(vars);
    for arg in &args[..vars] {
        match &arg.kind {
            Kind::Ident(name) if !name.starts_with('.') => {
                if name == ACCU || name == "__result__" {
                    return Expansion::Refused(arg.id, "iteration variable overwrites accumulator variable");
                }
                if names.contains(name) {
                    return Expansion::Refused(arg.id, "duplicate variable name");
                }
                names.push(name.clone());
            }
            _ if optional => {
                let why = match function.as_str() {
                    "optMap" => "optMap() variable name must be a simple identifier",
                    _ => "optFlatMap() variable name must be a simple identifier",
                };
                return Expansion::Refused(arg.id, why);
            }
            _ if matches!(function.as_str(), "map" | "filter") => {
                return Expansion::Refused(arg.id, "argument is not an identifier");
            }
            _ => return Expansion::Refused(arg.id, "argument must be a simple name"),
        }
    }
    args.drain(..vars);
    let mut build = Build { id };
    Expansion::Done(if optional {
        build.optional(target, names, args.remove(0), function == "optFlatMap")
    } else {
        build.fold(&function, target, names, args)
    })
}

/// `target.sortBy(v, key)`: the target, ordered by the keys that its items come to.
fn sort_by(target: Expr, mut args: Vec<Expr>, id: &mut Ids<'_>) -> Expansion {
    if !matches!(
        target.kind,
        Kind::Ident(_) | Kind::Select(_) | Kind::Call(_) | Kind::List(_) | Kind::Fold(_)
    ) {
        let why =
            "sortBy can only be applied to a list, identifier, comprehension, call or select expression";
        return Expansion::Refused(target.id, why);
    }
    let key = args.pop();
    let (Some(key), Some(Kind::Ident(name))) = (key, args.first().map(|var| &var.kind)) else {
        let at = args.first().map_or(target.id, |var| var.id);
        return Expansion::Refused(at, "sortBy variable name must be a simple identifier");
    };
    let mut build = Build { id };
    let input = build.node(Kind::Ident(SORTED.to_owned()));
    let keys = build.fold("map", input.clone(), vec![name.clone()], vec![key]);
    let sorted = build.method(input, "@sortByAssociatedKeys", vec![keys]);
    Expansion::Done(build.bind(SORTED.to_owned(), target, sorted))
}

struct Build<'b, 'i> {
    id: &'b mut Ids<'i>,
}

impl Build<'_, '_> {
    fn fold(&mut self, function: &str, range: Expr, vars: Vec<String>, mut args: Vec<Expr>) -> Expr {
        // With two arguments the first filters.
        let value = args.pop().unwrap_or_else(|| Expr::new(0, Kind::Broken));
        let filter = args.pop();
        let (init, condition, step, result);
        match function {
            "all" => {
                init = self.literal(Literal::Bool(true));
                let accu = self.accu();
                condition = self.call(operator::NOT_STRICTLY_FALSE, vec![accu]);
                let accu = self.accu();
                step = self.call(operator::AND, vec![accu, value]);
                result = self.accu();
            }
            "exists" => {
                init = self.literal(Literal::Bool(false));
                let accu = self.accu();
                let not = self.call(operator::NOT, vec![accu]);
                condition = self.call(operator::NOT_STRICTLY_FALSE, vec![not]);
                let accu = self.accu();
                step = self.call(operator::OR, vec![accu, value]);
                result = self.accu();
            }
            "exists_one" | "existsOne" => {
                init = self.literal(Literal::Int(0));
                condition = self.literal(Literal::Bool(true));
                let (accu, one) = (self.accu(), self.literal(Literal::Int(1)));
                let more = self.call(operator::ADD, vec![accu, one]);
                step = self.only_if(value, more);
                let (accu, one) = (self.accu(), self.literal(Literal::Int(1)));
                result = self.call(operator::EQUALS, vec![accu, one]);
            }
            "transformMap" | "transformMapEntry" => {
                init = self.node(Kind::Map(Vec::new()));
                condition = self.literal(Literal::Bool(true));
                let accu = self.accu();
                let args = if function == "transformMap" {
                    let key = self.node(Kind::Ident(vars[0].clone()));
                    vec![accu, key, value]
                } else {
                    vec![accu, value]
                };
                let inserted = self.call(operator::MAP_INSERT, args);
                step = self.filtered(filter, inserted);
                result = self.accu();
            }
            // `map`, `filter` and `transformList` all make lists.
            _ => {
                init = self.node(Kind::List(Vec::new()));
                condition = self.literal(Literal::Bool(true));
                let (filter, value) = if function == "filter" {
                    let item = self.node(Kind::Ident(vars[0].clone()));
                    (Some(value), item)
                } else {
                    (filter, value)
                };
                let accu = self.accu();
                let one = self.node(Kind::List(vec![Element {
                    value,
                    optional: false,
                }]));
                let longer = self.call(operator::ADD, vec![accu, one]);
                step = self.filtered(filter, longer);
                result = self.accu();
            }
        }
        self.node(Kind::Fold(Box::new(Fold {
            range,
            vars,
            accu: ACCU.to_owned(),
            init,
            condition,
            step,
            result,
        })))
    }

    /// `target.hasValue() ? optional.of(value with the variable bound) : optional.none()`, or without the inner optional.
    fn optional(&mut self, target: Expr, vars: Vec<String>, value: Expr, flat: bool) -> Expr {
        let has = self.method(target.clone(), "hasValue", Vec::new());
        let bound = self.method(target, "value", Vec::new());
        let name = vars.into_iter().next().unwrap_or_default();
        let fold = self.bind(name, bound, value);
        let some = if flat {
            fold
        } else {
            self.call("optional.of", vec![fold])
        };
        let none = self.call("optional.none", Vec::new());
        self.call(operator::CONDITIONAL, vec![has, some, none])
    }

    /// `body` with a name for a value: a loop over nothing whose accumulator has that name.
    fn bind(&mut self, name: String, value: Expr, body: Expr) -> Expr {
        let range = self.node(Kind::List(Vec::new()));
        let condition = self.literal(Literal::Bool(false));
        let step = self.node(Kind::Ident(name.clone()));
        self.node(Kind::Fold(Box::new(Fold {
            range,
            vars: vec!["#unused".to_owned()],
            accu: name,
            init: value,
            condition,
            step,
            result: body,
        })))
    }

    fn filtered(&mut self, filter: Option<Expr>, then: Expr) -> Expr {
        match filter {
            Some(filter) => self.only_if(filter, then),
            None => then,
        }
    }

    fn only_if(&mut self, condition: Expr, then: Expr) -> Expr {
        let accu = self.accu();
        self.call(operator::CONDITIONAL, vec![condition, then, accu])
    }

    fn accu(&mut self) -> Expr {
        self.node(Kind::Ident(ACCU.to_owned()))
    }

    fn literal(&mut self, value: Literal) -> Expr {
        self.node(Kind::Literal(value))
    }

    fn call(&mut self, function: &str, args: Vec<Expr>) -> Expr {
        let function = function.to_owned();
        self.node(Kind::Call(Box::new(Call {
            target: None,
            function,
            args,
        })))
    }

    fn method(&mut self, target: Expr, function: &str, args: Vec<Expr>) -> Expr {
        let function = function.to_owned();
        self.node(Kind::Call(Box::new(Call {
            target: Some(target),
            function,
            args,
        })))
    }

    fn node(&mut self, kind: Kind) -> Expr {
        Expr::new((self.id)(None), kind)
    }
}

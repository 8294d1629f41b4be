//! From the checked tree to a program: variables become slots, functions pointers, patterns automata.

use regex::Regex;

use crate::check::Checked;
use crate::cost::runtime::CallCost;
use crate::library::{self, Run, compile_pattern};
use crate::stack::deeper;
use crate::syntax::ast::{Call, Expr, Fold, Kind, Literal, operator};
use crate::types::Type;

/// A step of a program.
#[derive(Debug)]
pub(crate) enum Node {
    Const(Literal),
    /// A list of literals, made anew each time but free of cost.
    ConstList(Vec<Literal>),
    Type(Type),
    /// A variable, by its slot.
    Var(usize),
    Select(Box<Select>),
    /// Whether a field is there.
    Has(Box<Select>),
    /// A field if it is there.
    OptionalSelect(Box<Select>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    /// What its operand is unless that is false; failures count as true.
    NotStrictlyFalse(Box<Node>),
    /// Whether a value is among literals.
    Among(Box<Node>, Vec<Literal>),
    /// An optional's value, or another value if it has none; `true` if the result is an optional too.
    OrValue(Box<[Node; 2]>, bool),
    /// The list in a slot with one item more.
    Append(usize, Box<Node>),
    /// The map in a slot with more entries.
    Insert(usize, Vec<Node>),
    Call(Box<Invoke>),
    List(Vec<(Node, bool)>),
    Map(Vec<(Node, Node, bool)>),
    Fold(Box<Loop>),
}

#[derive(Debug)]
pub(crate) struct Select {
    pub(crate) operand: Node,
    pub(crate) field: Box<str>,
}

#[derive(Debug)]
pub(crate) struct Invoke {
    pub(crate) run: Run,
    pub(crate) args: Vec<Node>,
    /// The pattern, where it is a literal.
    pub(crate) pattern: Option<Regex>,
    pub(crate) cost: CallCost,
}

/// A loop. Its accumulator and variables take the slots from `base` on.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) range: Node,
    pub(crate) init: Node,
    pub(crate) condition: Node,
    pub(crate) step: Node,
    pub(crate) result: Node,
    pub(crate) base: usize,
    pub(crate) two: bool,
    /// Whether the loop goes on whatever the accumulator is, so that a failure decides it.
    pub(crate) unconditional: bool,
}

/// Plans a checked expression whose variables are given in the first slots.
pub(crate) fn plan(checked: &Checked, vars: &[&str]) -> Node {
    let mut planner = Planner {
        checked,
        slots: vars.iter().map(|v| (*v).to_owned()).collect(),
    };
    planner.node(&checked.root)
}

struct Planner<'c> {
    checked: &'c Checked,
    /// The variable in each slot.
    slots: Vec<String>,
}

impl Planner<'_> {
    fn node(&mut self, e: &Expr) -> Node {
        deeper(|| self.level(e))
    }

    fn level(&mut self, e: &Expr) -> Node {
        match &e.kind {
            Kind::Literal(value) => Node::Const(value.clone()),
            Kind::Ident(name) => {
                let name = name.strip_prefix('.').unwrap_or(name);
                match self.slots.iter().rposition(|s| s == name) {
                    Some(slot) => Node::Var(slot),
                    None => Node::Type(library::type_name(name).unwrap_or(Type::Dyn)),
                }
            }
            Kind::Select(select) => {
                let node = Box::new(Select {
                    operand: self.node(&select.operand),
                    field: select.field.as_str().into(),
                });
                if select.test {
                    Node::Has(node)
                } else {
                    Node::Select(node)
                }
            }
            Kind::Call(call) => self.call(e, call),
            Kind::List(elements) => {
                let literals: Option<Vec<Literal>> = elements
                    .iter()
                    .map(|e| match &e.value.kind {
                        Kind::Literal(value) if !e.optional => Some(value.clone()),
                        _ => None,
                    })
                    .collect();
                match literals {
                    Some(literals) if !literals.is_empty() => Node::ConstList(literals),
                    _ => Node::List(
                        elements
                            .iter()
                            .map(|e| (self.node(&e.value), e.optional))
                            .collect(),
                    ),
                }
            }
            Kind::Map(entries) => Node::Map(
                entries
                    .iter()
                    .map(|e| (self.node(&e.key), self.node(&e.value), e.optional))
                    .collect(),
            ),
            Kind::Fold(fold) => self.fold(fold),
            // The checker refuses these.
            Kind::Struct(..) | Kind::Broken => Node::Const(Literal::Null),
        }
    }

    fn call(&mut self, e: &Expr, call: &Call) -> Node {
        let mut args: Vec<Node> = call
            .target
            .iter()
            .chain(&call.args)
            .map(|arg| self.node(arg))
            .collect();
        if let Some(simple) = simple(call, &mut args) {
            return simple;
        }
        let literal = call.args.iter().find_map(|arg| match &arg.kind {
            Kind::Literal(Literal::String(s)) => Some(s),
            _ => None,
        });
        let pattern = match call.function.as_str() {
            // Only the last argument is the pattern; a literal before it is the text.
            "matches" | "find" | "findAll" => literal
                .filter(|_| {
                    !matches!(call.args.first().map(|a| &a.kind), Some(Kind::Literal(_)))
                        || call.target.is_some()
                })
                .and_then(|s| compile_pattern(s).ok()),
            _ => None,
        };
        let overloads = self.checked.overloads(e.id);
        let Some(function) = library::function(&call.function) else {
            return Node::Const(Literal::Null);
        };
        Node::Call(Box::new(Invoke {
            run: function.run,
            args,
            pattern,
            cost: CallCost::of(&call.function, overloads),
        }))
    }

    fn fold(&mut self, fold: &Fold) -> Node {
        let range = self.node(&fold.range);
        let init = self.node(&fold.init);
        let base = self.slots.len();
        self.slots.push(fold.accu.clone());
        self.slots.extend(fold.vars.iter().cloned());
        let condition = self.node(&fold.condition);
        let step = accumulate(self.node(&fold.step), base);
        self.slots.truncate(base + 1);
        let result = self.node(&fold.result);
        self.slots.truncate(base);
        Node::Fold(Box::new(Loop {
            range,
            init,
            unconditional: matches!(condition, Node::Const(_)),
            condition,
            step,
            result,
            base,
            two: fold.vars.len() > 1,
        }))
    }
}

fn two(args: &mut Vec<Node>) -> Option<Box<[Node; 2]>> {
    std::mem::take(args).try_into().ok().map(Box::new)
}

/// What is more than a call of a function: it looks at its arguments only as far as needed.
fn simple(call: &Call, args: &mut Vec<Node>) -> Option<Node> {
    match call.function.as_str() {
        operator::AND => two(args).map(Node::And),
        operator::OR => two(args).map(Node::Or),
        operator::CONDITIONAL => {
            let parts: [Node; 3] = std::mem::take(args).try_into().ok()?;
            Some(Node::If(Box::new(parts)))
        }
        operator::NOT_STRICTLY_FALSE => args.pop().map(|arg| Node::NotStrictlyFalse(Box::new(arg))),
        operator::OPTIONAL_SELECT => {
            let Some(Node::Const(Literal::String(field))) = args.pop() else {
                return None;
            };
            let operand = args.pop()?;
            Some(Node::OptionalSelect(Box::new(Select {
                operand,
                field: (*field).into(),
            })))
        }
        operator::IN if matches!(args[..], [_, Node::ConstList(_)]) => {
            let Some(Node::ConstList(literals)) = args.pop() else {
                return None;
            };
            let value = args.pop()?;
            Some(Node::Among(Box::new(value), literals))
        }
        "or" => two(args).map(|pair| Node::OrValue(pair, true)),
        "orValue" => two(args).map(|pair| Node::OrValue(pair, false)),
        _ => None,
    }
}

/// A step that makes the accumulator longer, so that it grows in place.
fn accumulate(step: Node, slot: usize) -> Node {
    match step {
        Node::If(parts) => {
            let [condition, yes, no] = *parts;
            Node::If(Box::new([condition, accumulate(yes, slot), no]))
        }
        Node::Call(mut call) if matches!(call.args.first(), Some(Node::Var(s)) if *s == slot) => {
            match (call.cost, call.args.as_mut_slice()) {
                (CallCost::Insert, _) => {
                    call.args.remove(0);
                    Node::Insert(slot, call.args)
                }
                (CallCost::AddList, [_, Node::List(items)]) if items.len() == 1 && !items[0].1 => {
                    match items.pop() {
                        Some((item, _)) => Node::Append(slot, Box::new(item)),
                        None => Node::Call(call),
                    }
                }
                _ => Node::Call(call),
            }
        }
        // A list of one literal is still a list that grows.
        other => other,
    }
}

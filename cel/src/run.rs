//! Runs programs, counting what they cost.

use std::cell::RefCell;
use std::rc::Rc;

use smallvec::SmallVec;

use crate::cost::runtime;
use crate::library::Site;
use crate::plan::{Invoke, Loop, Node, Select};
use crate::stack::deeper;
use crate::syntax::ast::Literal;
use crate::value::{Entries, Failure, List, Map, Out, Text, Value};

/// A run in progress.
pub(crate) struct Machine<'a> {
    /// The values of variables. Accumulators of loops may have failed.
    slots: SmallVec<[Out<'a>; 8]>,
    /// The variables among them that are expressions, which are computed when they are asked for; most runs have none.
    later: Vec<Option<Rc<Later<'a>>>>,
    cost: u64,
    cost_max: u64,
}

/// A variable that is an expression over the variables before it, computed once at most.
#[derive(Debug)]
pub(crate) struct Later<'a> {
    pub(crate) name: &'a str,
    pub(crate) node: &'a Node,
    pub(crate) before: Vec<Slot<'a>>,
    pub(crate) value: RefCell<Option<Out<'a>>>,
}

/// What a variable holds.
#[derive(Debug, Clone)]
pub(crate) enum Slot<'a> {
    Ready(Value<'a>),
    Later(Rc<Later<'a>>),
}

impl<'a> Machine<'a> {
    pub(crate) fn new(vars: impl IntoIterator<Item = Value<'a>>, cost_max: u64) -> Self {
        Self {
            slots: vars.into_iter().map(Ok).collect(),
            later: Vec::new(),
            cost: 0,
            cost_max,
        }
    }

    /// As [`new`](Self::new), where variables may be expressions themselves.
    pub(crate) fn with_slots(slots: &[Slot<'a>], cost_max: u64) -> Self {
        let value = |slot: &Slot<'a>| match slot {
            Slot::Ready(value) => Ok(value.clone()),
            Slot::Later(_) => Ok(Value::Null),
        };
        let later = |slot: &Slot<'a>| match slot {
            Slot::Ready(_) => None,
            Slot::Later(later) => Some(later.clone()),
        };
        Self {
            slots: slots.iter().map(value).collect(),
            later: slots.iter().map(later).collect(),
            cost: 0,
            cost_max,
        }
    }

    /// The value of a variable that is an expression.
    fn compute(&mut self, later: &Later<'a>) -> Out<'a> {
        if let Some(value) = &*later.value.borrow() {
            return value.clone();
        }
        let mut machine = Machine::with_slots(&later.before, self.cost_max.saturating_sub(self.cost));
        let value = deeper(|| machine.run(later.node));
        self.cost = self.cost.saturating_add(machine.cost);
        let value = value.map_err(|failure| {
            if failure.cancelled {
                return failure;
            }
            Failure::new(format!(
                "composited variable \"{}\" fails to evaluate: {failure}",
                later.name
            ))
        });
        *later.value.borrow_mut() = Some(value.clone());
        value
    }

    /// What was spent.
    pub(crate) fn cost(&self) -> u64 {
        self.cost
    }

    fn spend(&mut self, cost: u64) -> Result<(), Failure> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > self.cost_max {
            return Err(Failure::cancelled());
        }
        Ok(())
    }

    pub(crate) fn run(&mut self, node: &'a Node) -> Out<'a> {
        match node {
            Node::Const(value) => Ok(literal(value)),
            Node::ConstList(values) => Ok(Value::list(values.iter().map(literal).collect())),
            Node::Type(t) => {
                self.spend(1)?;
                Ok(Value::Type(t.clone()))
            }
            Node::Var(slot) => {
                self.spend(1)?;
                if let Some(Some(later)) = self.later.get(*slot) {
                    let later = later.clone();
                    return self.compute(&later);
                }
                self.slots[*slot].clone()
            }
            Node::Select(select) => deeper(|| self.select(select)),
            Node::Has(select) => deeper(|| self.has(select)),
            Node::OptionalSelect(select) => deeper(|| self.optional_select(select)),
            Node::And(pair) => deeper(|| self.logical(pair, false)),
            Node::Or(pair) => deeper(|| self.logical(pair, true)),
            Node::If(parts) => match deeper(|| self.run(&parts[0]))? {
                Value::Bool(true) => deeper(|| self.run(&parts[1])),
                Value::Bool(false) => deeper(|| self.run(&parts[2])),
                _ => Err(Failure::no_such_overload()),
            },
            Node::NotStrictlyFalse(operand) => {
                let value = self.run(operand);
                self.spend(1)?;
                match value {
                    Err(failure) if failure.cancelled => Err(failure),
                    Ok(Value::Bool(false)) => Ok(Value::Bool(false)),
                    _ => Ok(Value::Bool(true)),
                }
            }
            Node::Among(value, literals) => {
                let value = self.run(value)?;
                Ok(Value::Bool(literals.iter().any(|l| same(&value, l))))
            }
            Node::OrValue(pair, keep) => deeper(|| self.or_value(pair, *keep)),
            Node::Append(slot, item) => deeper(|| self.append(*slot, item)),
            Node::Insert(slot, args) => deeper(|| self.insert(*slot, args)),
            Node::Call(call) => deeper(|| self.call(call)),
            Node::List(elements) => deeper(|| self.list(elements)),
            Node::Map(entries) => deeper(|| self.map(entries)),
            Node::Fold(fold) => deeper(|| self.fold(fold)),
        }
    }

    #[inline(never)]
    fn select(&mut self, select: &'a Select) -> Out<'a> {
        let operand = self.run(&select.operand)?;
        self.spend(1)?;
        match operand {
            Value::Optional(Some(inner)) => Ok(inner
                .field(&select.field)?
                .map_or(Value::Optional(None), Value::some)),
            Value::Optional(None) => Ok(Value::Optional(None)),
            operand => operand
                .field(&select.field)?
                .ok_or_else(|| Failure::new(format!("no such key: {}", select.field))),
        }
    }

    #[inline(never)]
    fn has(&mut self, select: &'a Select) -> Out<'a> {
        let operand = self.run(&select.operand)?;
        Ok(Value::Bool(match operand {
            Value::Optional(Some(inner)) => inner.field(&select.field)?.is_some(),
            Value::Optional(None) => false,
            operand => operand.field(&select.field)?.is_some(),
        }))
    }

    #[inline(never)]
    fn optional_select(&mut self, select: &'a Select) -> Out<'a> {
        let operand = self.run(&select.operand)?;
        self.spend(1)?;
        let found = match operand {
            Value::Optional(None) => None,
            Value::Optional(Some(inner)) => inner.field(&select.field)?,
            operand => operand.field(&select.field)?,
        };
        Ok(found.map_or(Value::Optional(None), Value::some))
    }

    /// Either side decides with the value `decisive`; only then a failure of the other does not matter.
    #[inline(never)]
    fn logical(&mut self, pair: &'a [Node; 2], decisive: bool) -> Out<'a> {
        let left = self.run(&pair[0]);
        match &left {
            Ok(Value::Bool(b)) if *b == decisive => return left,
            Err(failure) if failure.cancelled => return left,
            _ => {}
        }
        let right = self.run(&pair[1]);
        match (&left, &right) {
            (_, Ok(Value::Bool(b))) if *b == decisive => right,
            (_, Err(failure)) if failure.cancelled => right,
            (Err(_), _) => left,
            (Ok(Value::Bool(_)), Ok(Value::Bool(_)) | Err(_)) => right,
            _ => Err(Failure::no_such_overload()),
        }
    }

    #[inline(never)]
    fn or_value(&mut self, pair: &'a [Node; 2], keep: bool) -> Out<'a> {
        let optional = self.run(&pair[0])?;
        self.spend(1)?;
        match optional {
            Value::Optional(Some(_)) if keep => Ok(optional),
            Value::Optional(Some(inner)) => Ok((*inner).clone()),
            Value::Optional(None) => self.run(&pair[1]),
            _ => Err(Failure::no_such_overload()),
        }
    }

    /// Takes a value out of its slot, so that nobody else holds it.
    fn take(&mut self, slot: usize) -> Out<'a> {
        std::mem::replace(&mut self.slots[slot], Ok(Value::Null))
    }

    #[inline(never)]
    fn append(&mut self, slot: usize, item: &'a Node) -> Out<'a> {
        let item = self.run(item)?;
        // The variable, the list of one item and the sum.
        self.spend(1 + runtime::LIST + 1)?;
        match self.take(slot)? {
            Value::List(List::Owned(mut items)) => {
                Rc::make_mut(&mut items).push(item);
                Ok(Value::List(List::Owned(items)))
            }
            _ => Err(Failure::no_such_overload()),
        }
    }

    #[inline(never)]
    fn insert(&mut self, slot: usize, args: &'a [Node]) -> Out<'a> {
        let mut values = args
            .iter()
            .map(|arg| self.run(arg))
            .collect::<Result<SmallVec<[_; 2]>, _>>()?;
        self.spend(1 + 1)?;
        let Value::Map(Map::Owned(mut entries)) = self.take(slot)? else {
            return Err(Failure::no_such_overload());
        };
        let into = Rc::make_mut(&mut entries);
        match (values.pop(), values.pop()) {
            (Some(value), Some(key)) => add(into, key, value)?,
            (Some(Value::Map(more)), None) => {
                for key in more.keys() {
                    let value = more
                        .get(&key)
                        .unwrap_or_else(|| Err(Failure::no_such_overload()))?;
                    add(into, key, value)?;
                }
            }
            _ => return Err(Failure::no_such_overload()),
        }
        Ok(Value::Map(Map::Owned(entries)))
    }

    #[inline(never)]
    fn call(&mut self, call: &'a Invoke) -> Out<'a> {
        let mut args: SmallVec<[Value<'a>; 3]> = SmallVec::new();
        for arg in &call.args {
            args.push(self.run(arg)?);
        }
        let site = Site {
            pattern: call.pattern.as_ref(),
        };
        // What would cost too much is not even begun; costs that depend on the result are counted behind.
        if let Some(cost) = call.cost.before(&args) {
            self.spend(cost)?;
            return (call.run)(&site, &args);
        }
        let value = (call.run)(&site, &args)?;
        self.spend(call.cost.after(&args, &value))?;
        Ok(value)
    }

    #[inline(never)]
    fn list(&mut self, elements: &'a [(Node, bool)]) -> Out<'a> {
        let mut items = Vec::with_capacity(elements.len());
        for (node, optional) in elements {
            match (self.run(node)?, optional) {
                (Value::Optional(None), true) => {}
                (Value::Optional(Some(inner)), true) => items.push((*inner).clone()),
                (_, true) => return Err(Failure::no_such_overload()),
                (value, false) => items.push(value),
            }
        }
        self.spend(runtime::LIST)?;
        Ok(Value::list(items))
    }

    #[inline(never)]
    fn map(&mut self, nodes: &'a [(Node, Node, bool)]) -> Out<'a> {
        let mut entries = Entries::new();
        for (key, value, optional) in nodes {
            let key = self.run(key)?;
            let value = match (self.run(value)?, optional) {
                (Value::Optional(None), true) => continue,
                (Value::Optional(Some(inner)), true) => (*inner).clone(),
                (_, true) => return Err(Failure::no_such_overload()),
                (value, false) => value,
            };
            let name = key.key().ok_or_else(|| {
                Failure::new(format!("unsupported key type: {}", key.type_of().runtime_name()))
            })?;
            // The later of two entries with one key counts.
            entries.insert(name, (key, value));
        }
        self.spend(runtime::MAP)?;
        Ok(Value::Map(Map::Owned(Rc::new(entries))))
    }

    #[inline(never)]
    fn fold(&mut self, fold: &'a Loop) -> Out<'a> {
        let range = self.run(&fold.range)?;
        let init = self.run(&fold.init);
        debug_assert!(self.slots.len() >= fold.base, "slots are planned");
        self.slots.truncate(fold.base);
        self.slots.push(init);
        let done = match range {
            Value::List(list) => self.over_list(fold, &list),
            Value::Map(map) => self.over_map(fold, &map),
            _ => Err(Failure::no_such_overload()),
        };
        self.slots.truncate(fold.base + 1);
        let out = done.and_then(|()| self.run(&fold.result));
        self.slots.truncate(fold.base);
        out
    }

    fn over_list(&mut self, fold: &'a Loop, list: &List<'a>) -> Result<(), Failure> {
        for i in 0..list.len() {
            let item = list.get(i).unwrap_or(Ok(Value::Null));
            let going = if fold.two {
                self.turn(fold, [Ok(Value::Int(i64::try_from(i).unwrap_or(i64::MAX))), item])?
            } else {
                self.turn(fold, [item])?
            };
            if !going {
                break;
            }
        }
        Ok(())
    }

    fn over_map(&mut self, fold: &'a Loop, map: &Map<'a>) -> Result<(), Failure> {
        for key in map.keys() {
            let going = if fold.two {
                let Some(value) = map.get(&key) else { continue };
                self.turn(fold, [Ok(key), value])?
            } else {
                self.turn(fold, [Ok(key)])?
            };
            if !going {
                break;
            }
        }
        Ok(())
    }

    /// One turn of a loop; whether there was one.
    fn turn<const N: usize>(&mut self, fold: &'a Loop, vars: [Out<'a>; N]) -> Result<bool, Failure> {
        self.slots.truncate(fold.base + 1);
        self.slots.extend(vars);
        match self.run(&fold.condition)? {
            Value::Bool(true) => {}
            Value::Bool(false) => return Ok(false),
            _ => return Err(Failure::no_such_overload()),
        }
        let step = self.run(&fold.step);
        match step {
            Err(failure) if failure.cancelled || fold.unconditional => Err(failure),
            step => {
                self.slots[fold.base] = step;
                Ok(true)
            }
        }
    }
}

fn add<'a>(entries: &mut Entries<'a>, key: Value<'a>, value: Value<'a>) -> Result<(), Failure> {
    let name = key.key().ok_or_else(|| Failure::new("unsupported key type"))?;
    if entries.contains_key(&name) {
        return Err(Failure::new(format!(
            "insert failed: key {} already exists",
            key.shown()
        )));
    }
    entries.insert(name, (key, value));
    Ok(())
}

pub(crate) fn literal(value: &Literal) -> Value<'_> {
    match value {
        Literal::Null => Value::Null,
        Literal::Bool(b) => Value::Bool(*b),
        Literal::Int(i) => Value::Int(*i),
        Literal::Uint(u) => Value::Uint(*u),
        Literal::Double(d) => Value::Double(*d),
        Literal::String(s) => Value::String(Text::Borrowed(s)),
        Literal::Bytes(b) => Value::Bytes(Rc::from(&**b)),
    }
}

fn same(value: &Value<'_>, l: &Literal) -> bool {
    match (value, l) {
        (Value::String(a), Literal::String(b)) => **a == **b,
        (value, l) => value.equals(&literal(l)),
    }
}

//! What an expression may cost at most, and at least.

use std::collections::HashMap;

use super::runtime::{LIST, MAP};
use super::{CHECK, FORMAT_PATTERN, PATTERN, TRAVERSAL, scaled};
use crate::check::Checked;
use crate::library::Overload;
use crate::schema::Schema;
use crate::stack::deeper;
use crate::syntax::ast::{Call, Expr, Fold, Id, Kind, Literal};
use crate::types::Type;

/// From the least to the most; both saturate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) min: u64,
    pub(crate) max: u64,
}

impl Range {
    const ZERO: Self = Self::of(0);
    const UNKNOWN: Self = Self {
        min: 0,
        max: u64::MAX,
    };

    const fn of(n: u64) -> Self {
        Self { min: n, max: n }
    }

    fn add(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_add(other.min),
            max: self.max.saturating_add(other.max),
        }
    }

    fn times(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_mul(other.min),
            max: self.max.saturating_mul(other.max),
        }
    }

    fn scaled(self, factor: f64) -> Self {
        Self {
            min: scaled(self.min, factor),
            max: scaled(self.max, factor),
        }
    }

    fn either(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

/// Estimates a checked expression whose variables have the shape of a schema.
pub(crate) fn estimate(checked: &Checked, schema: &Schema) -> Range {
    let mut estimator = Estimator {
        checked,
        schema,
        paths: HashMap::new(),
        sizes: HashMap::new(),
        ranges: Vec::new(),
    };
    estimator.cost(&checked.root)
}

type Path = Vec<String>;

struct Estimator<'c> {
    checked: &'c Checked,
    schema: &'c Schema,
    /// How a node's value is reached from its variable.
    paths: HashMap<Id, Path>,
    /// The sizes of values that were made.
    sizes: HashMap<Id, Range>,
    /// What the variables of loops in progress go through, by name; and their step of the path.
    ranges: Vec<(String, Id, &'static str)>,
}

impl Estimator<'_> {
    fn cost(&mut self, e: &Expr) -> Range {
        deeper(|| self.level(e))
    }

    fn level(&mut self, e: &Expr) -> Range {
        match &e.kind {
            Kind::Literal(_) | Kind::Struct(..) | Kind::Broken => Range::ZERO,
            Kind::Ident(name) => {
                let looped = self.ranges.iter().rev().find(|(n, ..)| n == name);
                let path = match looped {
                    Some((_, range, step)) => self.below(*range, step),
                    None => vec![name.clone()],
                };
                self.paths.insert(e.id, path);
                Range::of(1)
            }
            Kind::Select(select) => {
                let operand = self.cost(&select.operand);
                if select.test {
                    return operand;
                }
                let path = self.below(select.operand.id, &select.field);
                self.paths.insert(e.id, path);
                match self.checked.type_of(select.operand.id) {
                    Type::Map(..) | Type::Object(_) | Type::Var(_) => operand.add(Range::of(1)),
                    _ => operand,
                }
            }
            Kind::Call(call) => self.call(e, call),
            Kind::List(elements) => elements
                .iter()
                .fold(Range::of(LIST), |sum, e| sum.add(self.cost(&e.value))),
            Kind::Map(entries) => entries.iter().fold(Range::of(MAP), |sum, e| {
                sum.add(self.cost(&e.key)).add(self.cost(&e.value))
            }),
            Kind::Fold(fold) => self.fold(e, fold),
        }
    }

    /// The path one step below that of a node.
    fn below(&self, id: Id, step: &str) -> Path {
        let mut path = self.paths.get(&id).cloned().unwrap_or_default();
        path.push(step.to_owned());
        path
    }

    fn fold(&mut self, e: &Expr, fold: &Fold) -> Range {
        let range = self.cost(&fold.range);
        let init = self.cost(&fold.init);
        let depth = self.ranges.len();
        let steps: [&'static str; 2] = match (self.checked.type_of(fold.range.id), fold.vars.len()) {
            (Type::List(_), 1) => ["@items", ""],
            (Type::List(_), _) => ["@indices", "@items"],
            _ => ["@keys", "@values"],
        };
        for (var, step) in fold.vars.iter().zip(steps) {
            self.ranges.push((var.clone(), fold.range.id, step));
        }
        let turn = self.cost(&fold.condition).add(self.cost(&fold.step));
        self.ranges.truncate(depth);
        let result = self.cost(&fold.result);
        let count = self.size(&fold.range);
        if matches!(fold.init.kind, Kind::List(_) | Kind::Map(_)) {
            self.sizes.insert(e.id, count);
        }
        range.add(init).add(result).add(count.times(turn))
    }

    fn call(&mut self, e: &Expr, call: &Call) -> Range {
        let target = call.target.as_ref().map_or(Range::ZERO, |t| self.cost(t));
        let args: Vec<Range> = call.args.iter().map(|arg| self.cost(arg)).collect();
        let (mut own, mut size): (Option<Range>, Option<Range>) = (None, None);
        for overload in self.checked.overloads(e.id) {
            let (cost, made) = self.form(e, call, overload, &args);
            own = Some(own.map_or(cost, |o| o.either(cost)));
            size = match (size, made) {
                (Some(a), Some(b)) => Some(a.either(b)),
                (a, b) => a.or(b),
            };
            let step = match overload.id {
                "index_list" => "@items",
                "index_map" => "@values",
                _ => continue,
            };
            if let Some(of) = call.args.first() {
                let path = self.below(of.id, step);
                self.paths.insert(e.id, path);
            }
        }
        if let Some(size) = size {
            self.sizes.insert(e.id, size);
        }
        let own = own.unwrap_or_else(|| args.iter().fold(Range::of(1), |sum, a| sum.add(*a)));
        target.add(own)
    }

    /// What one form of a function costs with its arguments, and the size of what it makes.
    fn form(&self, e: &Expr, call: &Call, form: &Overload, costs: &[Range]) -> (Range, Option<Range>) {
        let args: Vec<&Expr> = call.target.iter().chain(&call.args).collect();
        let size = |i: usize| args.get(i).map_or(Range::ZERO, |arg| self.size(arg));
        let sum = costs.iter().fold(Range::ZERO, |sum, c| sum.add(*c));
        let plain = |own: Range| (own.add(sum), None);
        let made = |own: Range, size: Range| (own.add(sum), Some(size));
        match form.id {
            "logical_and" | "logical_or" => {
                let (left, right) = (costs[0], costs[1]);
                let max = left.add(right).max;
                return (Range { min: left.min, max }, None);
            }
            "conditional" => {
                let cost = costs[0].add(costs[1].either(costs[2]));
                return (cost, Some(size(1).either(size(2))));
            }
            "string_to_bytes" => {
                let s = size(0);
                let longest = s.max.saturating_mul(4);
                return made(
                    s.scaled(TRAVERSAL),
                    Range {
                        min: s.min,
                        max: longest,
                    },
                );
            }
            "bytes_to_string" => {
                let s = size(0);
                return made(
                    s.scaled(TRAVERSAL),
                    Range {
                        min: s.min / 4,
                        max: s.max,
                    },
                );
            }
            "strings_quote" => {
                let s = size(0);
                let quoted = Range {
                    min: s.min.saturating_add(2),
                    max: s.max.saturating_mul(2).saturating_add(2),
                };
                return made(s.scaled(TRAVERSAL), quoted);
            }
            "string_format" => return plain(size(0).scaled(TRAVERSAL)),
            "starts_with_string" | "ends_with_string" => return plain(size(1).scaled(TRAVERSAL)),
            "in_list" => return plain(size(1)),
            "contains_string" => return plain(size(0).scaled(TRAVERSAL).times(size(1).scaled(TRAVERSAL))),
            "add_list" => return made(Range::of(1), size(0).add(size(1))),
            "add_string" | "add_bytes" => {
                let both = size(0).add(size(1));
                return made(both.scaled(TRAVERSAL), both);
            }
            "equals"
            | "not_equals"
            | "less_string"
            | "less_equals_string"
            | "greater_string"
            | "greater_equals_string"
            | "less_bytes"
            | "less_equals_bytes"
            | "greater_bytes"
            | "greater_equals_bytes" => {
                let max = size(0).max.min(size(1).max);
                return plain(
                    Range {
                        min: u64::from(max > 0),
                        max,
                    }
                    .scaled(TRAVERSAL),
                );
            }
            _ => {}
        }
        match call.function.as_str() {
            "matches" | "find" | "findAll" => {
                let text = size(0).add(Range::of(1)).scaled(TRAVERSAL);
                let own = text.times(size(1).scaled(PATTERN));
                if call.function == "matches" {
                    plain(own)
                } else {
                    made(
                        own,
                        Range {
                            min: 0,
                            max: size(0).max,
                        },
                    )
                }
            }
            "check" => plain(Range::of(CHECK)),
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => {
                let target = args[0];
                let own = match self.checked.type_of(target.id) {
                    Type::List(item) => {
                        let mut each = Range::of(1);
                        if matches!(**item, Type::String | Type::Bytes) {
                            each = each.add(self.item_size(target).scaled(TRAVERSAL));
                        }
                        size(0).times(each)
                    }
                    _ => size(0).scaled(TRAVERSAL),
                };
                plain(own)
            }
            "url" | "lowerAscii" | "upperAscii" | "substring" | "trim" => {
                made(size(0).scaled(TRAVERSAL), size(0))
            }
            "replace" => made(
                size(0).scaled(2.0 * TRAVERSAL),
                replaced(size(0), size(1), size(2)),
            ),
            "split" => {
                let mut most = size(0).max;
                if let Some(Kind::Literal(Literal::Int(limit))) = call.args.get(1).map(|a| &a.kind) {
                    most = u64::try_from(*limit).unwrap_or(most);
                }
                made(size(0).scaled(2.0 * TRAVERSAL), Range { min: 0, max: most })
            }
            "join" => {
                let list = size(0);
                let mut whole = list.times(self.item_size(args[0]));
                if args.len() > 1 {
                    let between = Range {
                        min: list.min.saturating_sub(1),
                        max: list.max.saturating_sub(1),
                    };
                    whole = whole.add(size(1).times(between));
                }
                made(whole.scaled(TRAVERSAL), whole)
            }
            "ip" if form.id == "cidr_ip" => plain(Range::of(1)),
            "cidr" | "isIP" | "isCIDR" | "ip" | "ip.isCanonical" | "quantity" | "isQuantity" | "semver"
            | "isSemver" | "isURL" => plain(size(0).scaled(TRAVERSAL)),
            "containsIP" | "containsCIDR" => {
                // Addresses are compared byte by byte, 4 to 16 of them on either side.
                let mut own = Range { min: 4, max: 16 }
                    .add(Range { min: 4, max: 16 })
                    .scaled(TRAVERSAL);
                if form.id.ends_with("_string") {
                    own = own.add(size(1).scaled(TRAVERSAL));
                }
                plain(own)
            }
            "validate" => {
                let text = size(1).add(Range::of(1)).scaled(TRAVERSAL);
                plain(text.times(Range::of(FORMAT_PATTERN).scaled(PATTERN)))
            }
            _ => {
                debug_assert!(e.id != Id::MAX, "ids are dense");
                plain(Range::of(1))
            }
        }
    }

    fn size(&self, e: &Expr) -> Range {
        if let Some(size) = self.sizes.get(&e.id) {
            return *size;
        }
        match &e.kind {
            Kind::Literal(Literal::String(s)) => return Range::of(s.chars().count() as u64),
            Kind::Literal(Literal::Bytes(b)) => return Range::of(b.len() as u64),
            Kind::Literal(_) => return Range::of(1),
            Kind::List(elements) => return Range::of(elements.len() as u64),
            Kind::Map(entries) => return Range::of(entries.len() as u64),
            _ => {}
        }
        if let Some(path) = self.paths.get(&e.id)
            && let Some(size) = self.declared(path)
        {
            return size;
        }
        if self.checked.type_of(e.id).is_scalar() {
            Range::of(1)
        } else {
            Range::UNKNOWN
        }
    }

    /// The size that the schema allows at a path.
    fn declared(&self, path: &[String]) -> Option<Range> {
        let mut at = self.schema;
        for step in path.get(1..)? {
            at = at.child(step)?;
        }
        Some(Range {
            min: 0,
            max: at.elements_max,
        })
    }

    /// The size of a list's items.
    fn item_size(&self, list: &Expr) -> Range {
        if let Kind::List(elements) = &list.kind {
            let sizes = elements.iter().map(|e| self.size(&e.value));
            return sizes.reduce(Range::either).unwrap_or(Range::ZERO);
        }
        let path = self.below(list.id, "@items");
        self.declared(&path)
            .filter(|_| path.len() > 1)
            .unwrap_or(Range::UNKNOWN)
    }
}

/// The size of a text in which one text is replaced by another.
fn replaced(whole: Range, old: Range, new: Range) -> Range {
    let max = if old.min == 0 {
        // Nothing is found between all characters.
        whole
            .max
            .saturating_add(1)
            .saturating_mul(new.max)
            .saturating_add(whole.max)
    } else if new.max <= old.min {
        whole.max
    } else {
        whole.max.div_ceil(old.min).saturating_mul(new.max)
    };
    let min = if old.max == 0 {
        whole
            .min
            .saturating_add(1)
            .saturating_mul(new.min)
            .saturating_add(whole.min)
    } else if old.max <= new.min {
        whole.min
    } else {
        whole.min.div_ceil(old.max).saturating_mul(new.min)
    };
    Range { min, max }
}

//! What calls really cost.

use super::{CHECK, FORMAT_PATTERN, PATTERN, TRAVERSAL, scaled};
use crate::library::Overload;
use crate::value::Value;

/// Making a list.
pub(crate) const LIST: u64 = 10;
/// Making a map.
pub(crate) const MAP: u64 = 30;

/// The rule by which a call is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallCost {
    /// One, whatever it looks at.
    One,
    /// One; the call concatenates lists.
    AddList,
    /// One; the call adds entries to a map.
    Insert,
    /// A traversal of the first or the second argument.
    First,
    Second,
    /// A traversal of the first argument and of what is made of it.
    FirstTwice,
    /// A traversal of what is made, twice.
    Result,
    /// The number of items of the second argument.
    Items,
    /// A traversal of the shorter argument.
    Shorter,
    /// A traversal of both arguments.
    Both,
    /// A traversal of the first for each of the second.
    Contains,
    /// A traversal of the first for each state of a pattern.
    Pattern,
    /// A traversal of all items.
    Deep,
    Check,
    Format,
    /// Comparing addresses, and reading the second first where it is a text.
    Network,
}

impl CallCost {
    /// The rule of a function and of the only form that fits; several are charged as one step.
    pub(crate) fn of(function: &str, overloads: &[&'static Overload]) -> Self {
        let id = match overloads {
            [one] => one.id,
            _ => "",
        };
        match function {
            "_==_" | "_!=_" => return Self::Shorter,
            "cel.@mapInsert" => return Self::Insert,
            "isSorted" | "sum" | "max" | "min" | "indexOf" | "lastIndexOf" => return Self::Deep,
            "url" | "isURL" | "lowerAscii" | "upperAscii" | "substring" | "trim" | "cidr" | "isIP"
            | "isCIDR" | "ip.isCanonical" | "quantity" | "isQuantity" | "semver" | "isSemver" => {
                return Self::First;
            }
            "ip" if id != "cidr_ip" => return Self::First,
            "replace" | "split" => return Self::FirstTwice,
            "join" => return Self::Result,
            "find" | "findAll" | "matches" => return Self::Pattern,
            "check" => return Self::Check,
            "validate" => return Self::Format,
            "containsIP" | "containsCIDR" => return Self::Network,
            _ => {}
        }
        match id {
            "starts_with_string" | "ends_with_string" => Self::Second,
            "in_list" => Self::Items,
            "less_string"
            | "less_equals_string"
            | "greater_string"
            | "greater_equals_string"
            | "less_bytes"
            | "less_equals_bytes"
            | "greater_bytes"
            | "greater_equals_bytes" => Self::Shorter,
            "add_string" | "add_bytes" => Self::Both,
            "add_list" => Self::AddList,
            "contains_string" => Self::Contains,
            "string_format" | "string_to_bytes" | "bytes_to_string" | "strings_quote" => Self::First,
            _ => Self::One,
        }
    }

    /// What the call costs, as far as its arguments say so.
    pub(crate) fn before(self, args: &[Value<'_>]) -> Option<u64> {
        let size = |i: usize| args.get(i).map_or(0, Value::cost_size);
        Some(match self {
            Self::One | Self::AddList | Self::Insert => 1,
            Self::First => scaled(size(0), TRAVERSAL),
            Self::Second => scaled(size(1), TRAVERSAL),
            Self::FirstTwice => scaled(size(0), 2.0 * TRAVERSAL),
            Self::Result => return None,
            Self::Items => size(1),
            Self::Shorter => scaled(size(0).min(size(1)), TRAVERSAL),
            Self::Both => scaled(size(0).saturating_add(size(1)), TRAVERSAL),
            Self::Contains => scaled(size(0), TRAVERSAL).saturating_mul(scaled(size(1), TRAVERSAL)),
            Self::Pattern => {
                scaled(size(0).saturating_add(1), TRAVERSAL).saturating_mul(scaled(size(1), PATTERN))
            }
            Self::Deep => args.first().map_or(0, traversal),
            Self::Check => CHECK,
            Self::Format => {
                scaled(size(1).saturating_add(1), TRAVERSAL).saturating_mul(scaled(FORMAT_PATTERN, PATTERN))
            }
            Self::Network => {
                let parsing = match args.get(1) {
                    Some(Value::String(_)) => scaled(size(1), TRAVERSAL),
                    _ => 0,
                };
                scaled(size(0).saturating_add(size(1)), TRAVERSAL).saturating_add(parsing)
            }
        })
    }

    /// What the call costs by its result.
    pub(crate) fn after(self, _: &[Value<'_>], result: &Value<'_>) -> u64 {
        scaled(result.cost_size(), 2.0 * TRAVERSAL)
    }
}

fn traversal(value: &Value<'_>) -> u64 {
    match value {
        Value::String(_) | Value::Bytes(_) => scaled(value.cost_size(), TRAVERSAL),
        Value::List(list) => list.iter().flatten().map(|v| traversal(&v)).sum(),
        _ => 1,
    }
}

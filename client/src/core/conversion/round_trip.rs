//! Whether objects survive the way to another version and back.

use std::fmt;

use serde_json::{Value, json};

use super::hub::{ConvertError, Version};
use crate::core::schema::sample;

/// How many values are drawn for each that is wanted: a schema cannot say all that a type asks for (a pattern, say).
const DRAWS: u32 = 16;

/// An object that did not come back as it went.
#[derive(Debug)]
#[non_exhaustive]
pub struct RoundTripError {
    /// The object's `apiVersion`.
    pub api_version: String,
    /// The name of the version that it was taken to and back from.
    pub through: String,
    /// The object, as its type writes it.
    pub object: Value,
    /// What went wrong.
    pub why: Loss,
}

/// What went wrong on a way to another version and back.
#[derive(Debug)]
#[non_exhaustive]
pub enum Loss {
    /// A field came back changed.
    Changed {
        /// Its path, `.spec.color`.
        path: String,
        /// Before; null if it was not there.
        before: Value,
        /// After; null if it is gone.
        after: Value,
    },
    /// A conversion failed.
    Failed(ConvertError),
    /// No value that was drawn from the schema fits the type, so that nothing was shown.
    NothingDrawn,
}

/// Draws objects of `version` and sends each on its way.
pub(super) fn check<H>(
    version: &Version<H>,
    through: &str,
    cases: u32,
    trip: impl Fn(Value) -> Result<Value, ConvertError>,
) -> Result<(), Box<RoundTripError>> {
    let failed = |object: Value, why| {
        Err(Box::new(RoundTripError {
            api_version: version.api_version.clone(),
            through: through.to_owned(),
            object,
            why,
        }))
    };
    let (kind, schema) = described(version);
    let mut draw = source();
    let mut left = cases;
    for _ in 0..cases.saturating_mul(DRAWS) {
        if left == 0 {
            break;
        }
        let mut object = sample(&schema, &mut draw);
        object["apiVersion"] = version.api_version.clone().into();
        object["kind"] = kind.clone().into();
        object["metadata"] = json!({"name": "a", "labels": {"b": "c"}});
        let Ok(before) = (version.read)(object) else {
            continue;
        };
        left -= 1;
        match trip(before.clone()) {
            Err(error) => return failed(before, Loss::Failed(error)),
            Ok(after) => {
                if let Some((path, one, other)) = difference(&before, &after, String::new()) {
                    return failed(
                        before,
                        Loss::Changed {
                            path,
                            before: one,
                            after: other,
                        },
                    );
                }
            }
        }
    }
    if left == cases && cases > 0 {
        return failed(Value::Null, Loss::NothingDrawn);
    }
    Ok(())
}

/// The kind and the schema of a version.
fn described<H>(version: &Version<H>) -> (String, Value) {
    let crd = (version.definition)();
    let schema = crd
        .spec
        .versions
        .into_iter()
        .next()
        .and_then(|version| version.schema);
    let schema = schema.and_then(|schema| serde_json::to_value(schema.open_api_v3_schema).ok());
    (crd.spec.names.kind, schema.unwrap_or_default())
}

/// SplitMix64 from a fixed seed, so that a failure is the same at every run.
fn source() -> impl FnMut(u64) -> u64 {
    let mut state = 0_u64;
    move |bound| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

/// The first place at which two values differ, and what is there.
fn difference(one: &Value, other: &Value, path: String) -> Option<(String, Value, Value)> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let missing = b.keys().filter(|key| !a.contains_key(*key));
            a.keys().chain(missing).find_map(|key| {
                let (one, other) = (
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                );
                difference(one, other, format!("{path}.{key}"))
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(at, (one, other))| difference(one, other, format!("{path}[{at}]"))),
        _ => (one != other).then(|| (path, one.clone(), other.clone())),
    }
}

// === impl RoundTripError ===

impl fmt::Display for RoundTripError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            api_version,
            through,
            object,
            why,
        } = self;
        match why {
            Loss::Changed { path, before, after } => {
                write!(
                    f,
                    "{path} of {api_version} is {before} and comes back from {through} as {after}: {object}"
                )
            }
            Loss::Failed(_) => write!(
                f,
                "an object of {api_version} cannot go to {through} and back: {object}"
            ),
            Loss::NothingDrawn => {
                write!(
                    f,
                    "no value drawn from the schema of {api_version} fits its type; check with values of your own"
                )
            }
        }
    }
}

impl std::error::Error for RoundTripError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.why {
            Loss::Failed(error) => Some(error),
            _ => None,
        }
    }
}

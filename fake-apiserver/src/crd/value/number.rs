//! Ranges, steps and formats of numbers.

use serde_json::Number;

use super::Place;
use crate::crd::props::Props;
use crate::status::{FieldError, go_float};

/// What is wrong with a number; `kind` is the first type of the schema.
pub(super) fn validate(n: &Number, schema: &Props, kind: &str, place: Place<'_>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let int = n.as_i64();
    let float = n.as_f64().unwrap_or(0.0);
    let in_range = |errors: &mut Vec<FieldError>, int: Option<i64>, float: f64, what: &str| {
        let fits = fits(int, float, kind, schema.known_format());
        if !fits {
            let of = match schema.known_format() {
                "" => "(default format)".to_owned(),
                format => format!("with format {format}"),
            };
            errors.push(place.bare(format!(
                "{what} value must be of type {kind} {of} in {}",
                place.name()
            )));
        }
        fits
    };
    let mut errors_of = Vec::new();
    in_range(&mut errors, int, float, "Checked");
    let error = |why: String| {
        FieldError::invalid(
            place.field(),
            n.clone(),
            format!("{} in body {why}", place.name()),
        )
    };
    if let Some(step) = schema.multiple_of {
        let native = in_range(&mut errors_of, whole(step), step, "MultipleOf");
        let (holds, shown) = match int.filter(|_| native) {
            Some(i) if step as i64 != 0 => (i % (step as i64) == 0, (step as i64).to_string()),
            _ => {
                let steps = if step < 1.0 {
                    1.0 / step * float
                } else {
                    float / step
                };
                (is_whole(steps), go_float(step))
            }
        };
        if !holds {
            errors_of.push(error(format!("should be a multiple of {shown}")));
        }
    }
    if let Some(max) = schema.maximum {
        let native = in_range(&mut errors_of, whole(max), max, "Maximum boundary");
        let exclusive = schema.exclusive_maximum;
        let int = int.filter(|_| native);
        let over = match int {
            Some(i) => i > max as i64 || (exclusive && i == max as i64),
            None => float > max || (exclusive && float == max),
        };
        if over {
            let shown = int.map_or_else(|| go_float(max), |_| (max as i64).to_string());
            let or_equal = if exclusive { "" } else { " or equal to" };
            errors_of.push(error(format!("should be less than{or_equal} {shown}")));
        }
    }
    if let Some(min) = schema.minimum {
        let native = in_range(&mut errors_of, whole(min), min, "Minimum boundary");
        let exclusive = schema.exclusive_minimum;
        let int = int.filter(|_| native);
        let under = match int {
            Some(i) => i < min as i64 || (exclusive && i == min as i64),
            None => float < min || (exclusive && float == min),
        };
        if under {
            let shown = int.map_or_else(|| go_float(min), |_| (min as i64).to_string());
            let or_equal = if exclusive { "" } else { " or equal to" };
            errors_of.push(error(format!("should be greater than{or_equal} {shown}")));
        }
    }
    errors.extend(errors_of);
    errors
}

/// Whether a number can be stored in the schema's type and format.
fn fits(int: Option<i64>, float: f64, kind: &str, format: &str) -> bool {
    match (kind, format) {
        ("integer", "int32") => int.is_some_and(|i| i32::try_from(i).is_ok()),
        ("integer", "uint32") => int.is_some_and(|i| u32::try_from(i).is_ok()),
        ("integer", "uint64") => is_whole(float) && (0.0..18_446_744_073_709_551_616.0).contains(&float),
        ("integer", _) => int.is_some(),
        (_, "float" | "float32") => float.abs() <= f64::from(f32::MAX),
        _ => true,
    }
}

fn whole(x: f64) -> Option<i64> {
    (is_whole(x) && x.abs() < 9_223_372_036_854_775_808.0).then_some(x as i64)
}

fn is_whole(x: f64) -> bool {
    // Dividing leaves errors in the last places, which do not count.
    (x - x.round()).abs() < 1e-9
}

//! What is large in specifications: numbers and lists.

use serde_json::Value;

use super::Workload;
use crate::sim::Op;

/// Workloads in which the so-manieth number or list that is larger than it must be is smaller, the smallest first; none where there is no
/// such place.
pub(super) fn smaller(workload: &Workload, place: usize) -> Option<Vec<Workload>> {
    let mut probe = workload.clone();
    let large = nth(&mut probe, place)?.clone();
    let sizes = match &large {
        Value::Array(items) => vec![
            Value::Array(items[..1].to_vec()),
            Value::Array(items[..items.len().div_ceil(2)].to_vec()),
        ],
        number => {
            let number = number.as_u64().unwrap_or_default();
            vec![1.into(), (number / 2).into()]
        }
    };
    let smaller = sizes.into_iter().filter(|size| *size != large).map(|size| {
        let mut workload = workload.clone();
        if let Some(value) = nth(&mut workload, place) {
            *value = size;
        }
        workload
    });
    Some(smaller.collect())
}

/// The so-manieth large value of a workload.
fn nth(workload: &mut Workload, place: usize) -> Option<&mut Value> {
    let applied = workload.script.iter_mut().filter_map(|op| match op {
        Op::Apply(object) | Op::Patch { patch: object, .. } => Some(object),
        _ => None,
    });
    let mut left = place;
    for object in workload.given.iter_mut().chain(applied) {
        if let Some(spec) = object.get_mut("spec")
            && let Some(found) = find(spec, &mut left)
        {
            return Some(found);
        }
    }
    None
}

fn find<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    let is_large = match value {
        Value::Array(items) => items.len() > 1,
        Value::Number(number) => number.as_u64().is_some_and(|number| number > 1),
        _ => false,
    };
    if is_large {
        if *left == 0 {
            return Some(value);
        }
        *left -= 1;
    }
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| find(item, left)),
        Value::Object(fields) => fields.values_mut().find_map(|field| find(field, left)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_lists_get_smaller_one_at_a_time() {
        let workload = Workload {
            given: vec![
                json!({"metadata": {"generation": 5}, "spec": {"ports": [80, 443, 8080], "replicas": 7, "on": true}}),
            ],
            ..Workload::default()
        };
        let specs = |place| -> Vec<Value> {
            let smaller = smaller(&workload, place).into_iter().flatten();
            smaller.map(|w| w.given[0]["spec"].clone()).collect()
        };
        assert_eq!(
            specs(0),
            [
                json!({"ports": [80], "replicas": 7, "on": true}),
                json!({"ports": [80, 443], "replicas": 7, "on": true})
            ]
        );
        assert_eq!(specs(1)[0]["ports"], json!([1, 443, 8080]));
        assert_eq!(specs(4)[0]["replicas"], 1);
        assert_eq!(specs(4)[1]["replicas"], 3);
        assert!(smaller(&workload, 5).is_none());
    }
}

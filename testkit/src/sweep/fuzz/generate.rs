//! Values of an OpenAPI schema, its edges more often than its middle.

use seatrial_client::env::Rng;
use serde_json::{Map, Value, json};

/// Makes values up.
pub(super) struct Generator<'a> {
    rng: &'a mut Rng,
}

/// The most items of a list or a map whose schema sets no limit.
const ITEMS_MAX: u64 = 3;

/// The largest number whose schema sets no limit: counts of things, mostly.
const NUMBER_MAX: i64 = 5;

/// Words for strings that may be anything: what names, labels and images look like, and what nobody thinks of.
const WORDS: [&str; 6] = ["a", "web", "web-1", "x.y/z", "0", "nginx:1.27"];

// === impl Generator ===

impl<'a> Generator<'a> {
    pub(super) fn new(rng: &'a mut Rng) -> Self {
        Self { rng }
    }

    /// A value that the schema's types and limits admit; its rules and patterns may say more.
    pub(super) fn value(&mut self, schema: &Value) -> Value {
        if schema["nullable"] == true && self.rng.chance(0.1) {
            return Value::Null;
        }
        if let Some(values) = schema["enum"].as_array().filter(|values| !values.is_empty()) {
            return self.one(values).clone();
        }
        if schema["default"] != Value::Null && self.rng.chance(0.2) {
            return schema["default"].clone();
        }
        if schema["x-kubernetes-int-or-string"] == true {
            return match self.rng.below(3) {
                0 => json!(format!("{}%", self.rng.below(101))),
                _ => json!(self.rng.below(10)),
            };
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("array") => self.array(schema),
            Some("boolean") => json!(self.rng.chance(0.5)),
            Some("integer") => self.integer(schema).map_or(json!(0), Value::from),
            Some("number") => match self.integer(schema) {
                Some(whole) => json!(whole),
                None => schema["minimum"].clone(),
            },
            Some("string") => json!(self.string(schema)),
            // Anything at all.
            _ => json!({}),
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let mut fields = Map::new();
        let required: Vec<&str> = strings(&schema["required"]).collect();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&&**name) || self.rng.chance(0.6) {
                let value = self.value(schema);
                fields.insert(name.clone(), value);
            }
        }
        let more = &schema["additionalProperties"];
        if more.is_object() {
            let least = schema["minProperties"].as_u64().unwrap_or_default();
            let most = schema["maxProperties"].as_u64().unwrap_or(least + ITEMS_MAX);
            for nth in 0..self.between(least, most) {
                let value = self.value(more);
                fields.insert(format!("key-{nth}"), value);
            }
        }
        Value::Object(fields)
    }

    fn array(&mut self, schema: &Value) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or_default();
        let most = schema["maxItems"]
            .as_u64()
            .unwrap_or(least + ITEMS_MAX)
            .min(least + ITEMS_MAX);
        let keys: Vec<&str> = strings(&schema["x-kubernetes-list-map-keys"]).collect();
        let is_set = schema["x-kubernetes-list-type"] == "set" || schema["uniqueItems"] == true;
        let mut items: Vec<Value> = Vec::new();
        for _ in 0..self.between(least, most) {
            let item = self.value(&schema["items"]);
            let is_twin =
                |other: &Value| !keys.is_empty() && keys.iter().all(|key| other[*key] == item[*key]);
            if (is_set && items.contains(&item)) || items.iter().any(is_twin) {
                continue;
            }
            items.push(item);
        }
        Value::Array(items)
    }

    /// Within the limits, one of them in every third case; none where there is no whole number between them.
    fn integer(&mut self, schema: &Value) -> Option<i64> {
        let step = schema["multipleOf"].as_i64().unwrap_or(1).max(1);
        let bound = |name: &str, round: fn(f64) -> f64| {
            let number = &schema[name];
            // A limit of a size that only floating point has is none for what is made up here.
            number
                .as_i64()
                .or_else(|| number.as_f64().map(|limit| round(limit) as i64))
        };
        let (low, high) = (bound("minimum", f64::ceil), bound("maximum", f64::floor));
        let beyond = |name: &str| i64::from(schema[name] == true);
        let low = low.map_or_else(
            || high.unwrap_or(0).min(0),
            |low| low.saturating_add(beyond("exclusiveMinimum")),
        );
        let high = high.map_or_else(
            || low.saturating_add(NUMBER_MAX * step),
            |high| high.saturating_sub(beyond("exclusiveMaximum")),
        );
        let (first, last) = (low.checked_add(step - 1)?.div_euclid(step), high.div_euclid(step));
        let span = u64::try_from(last.checked_sub(first)?).ok()?;
        let place = match self.rng.below(6) {
            0 => 0,
            1 => span,
            // Large numbers take as long as they are, so that most are small.
            _ => self.rng.below(span.min(NUMBER_MAX.unsigned_abs()) + 1),
        };
        Some((first + i64::try_from(place).ok()?) * step)
    }

    fn string(&mut self, schema: &Value) -> String {
        match schema["format"].as_str() {
            Some("date-time") => return "2026-01-01T00:00:00Z".to_owned(),
            Some("date") => return "2026-01-01".to_owned(),
            Some("duration") => return format!("{}s", self.rng.below(90)),
            Some("byte") => return "YQ==".to_owned(),
            Some("ipv4" | "ip") => return "10.0.0.1".to_owned(),
            Some("ipv6") => return "fd00::1".to_owned(),
            Some("cidr") => return "10.0.0.0/8".to_owned(),
            Some("uuid") => return "0b9e2c1e-7d3c-4e55-9a53-3d1f2b7c8a90".to_owned(),
            Some("uri") => return "https://example.com/".to_owned(),
            Some("email") => return "a@example.com".to_owned(),
            Some("hostname") => return "example.com".to_owned(),
            _ => {}
        }
        let least = usize::try_from(schema["minLength"].as_u64().unwrap_or_default()).unwrap_or_default();
        let most = schema["maxLength"]
            .as_u64()
            .map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
        let mut text = match self.rng.below(8) {
            0 => String::new(),
            _ => (*self.one(&WORDS)).to_owned(),
        };
        while text.len() < least {
            text.push('a');
        }
        text.truncate(most);
        text
    }

    fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.rng.below(most.saturating_sub(least) + 1)
    }

    fn one<'b, T>(&mut self, items: &'b [T]) -> &'b T {
        // Below the length of a slice, which is not empty.
        &items[self.rng.below(items.len() as u64) as usize]
    }
}

/// The strings of a list in a schema; none where there is no such list.
pub(super) fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_to_types_and_limits() {
        let schema = json!({
            "type": "object",
            "required": ["replicas", "mode", "tags"],
            "properties": {
                "replicas": {"type": "integer", "minimum": 2, "maximum": 8, "multipleOf": 2},
                "mode": {"type": "string", "enum": ["fast", "safe"]},
                "tags": {"type": "array", "minItems": 0, "maxItems": 2, "x-kubernetes-list-type": "set", "items": {"type": "string"}},
                "name": {"type": "string", "minLength": 2, "maxLength": 3},
                "port": {"x-kubernetes-int-or-string": true},
                "labels": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "hint": {"type": "string", "nullable": true},
            },
        });
        let mut rng = Rng::new(7);
        let (mut sizes, mut left_out) = (std::collections::BTreeSet::new(), 0);
        for _ in 0..300 {
            let value = Generator::new(&mut rng).value(&schema);
            let replicas = value["replicas"].as_i64().unwrap();
            assert!((2..=8).contains(&replicas) && replicas % 2 == 0, "{value}");
            sizes.insert(replicas);
            assert!(["fast", "safe"].contains(&value["mode"].as_str().unwrap()));
            let tags = value["tags"].as_array().unwrap();
            assert!(
                tags.len() < 2 || (tags.len() == 2 && tags[0] != tags[1]),
                "{value}"
            );
            match value.get("name") {
                Some(name) => assert!((2..=3).contains(&name.as_str().unwrap().len()), "{value}"),
                None => left_out += 1,
            }
        }
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [2, 4, 6, 8]);
        assert!((60..200).contains(&left_out), "{left_out}");
    }
}

//! How the scalars of a kubeconfig are read and written.

use std::{collections::BTreeMap, fmt};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::StringMap;

/// A text that may be absent, null, or written as a number or a boolean: `token: 12345` is a token for kubectl too.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Text>::deserialize(deserializer)?.map(|text| text.0))
}

/// As [`optional`], and empty if there is none.
pub(super) fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(optional(deserializer)?.unwrap_or_default())
}

/// As [`optional`], for a secret.
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(optional(deserializer)?.map(SecretString::from))
}

/// A flag that may be null.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A list that may be null.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A map that may be null.
pub(super) fn map<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StringMap<String>, D::Error> {
    let map: Option<StringMap<Option<Text>>> = Option::deserialize(deserializer)?;
    let mut texts = StringMap::new();
    for (key, text) in map.into_iter().flatten().collect::<BTreeMap<_, _>>() {
        texts.insert(key, text.map(|text| text.0).unwrap_or_default());
    }
    Ok(texts)
}

/// Writes a secret as it is: a kubeconfig that is written is meant to be read again.
#[expect(clippy::ref_option, reason = "serde's signature")]
pub(super) fn exposed<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(ExposeSecret::expose_secret)
        .serialize(serializer)
}

/// Writes a map in the order of its keys.
pub(super) fn sorted<S, V>(map: &StringMap<V>, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    V: Serialize,
{
    map.iter().collect::<BTreeMap<_, _>>().serialize(serializer)
}

/// As [`sorted`], for a map that may be absent.
#[expect(clippy::ref_option, reason = "serde's signature")]
pub(super) fn sorted_optional<S, V>(map: &Option<StringMap<V>>, serializer: S) -> Result<S::Ok, S::Error>
where
    S: Serializer,
    V: Serialize,
{
    map.as_ref()
        .map(|map| map.iter().collect::<BTreeMap<_, _>>())
        .serialize(serializer)
}

/// As [`sorted`], for a list of maps that may be absent.
#[expect(clippy::ref_option, reason = "serde's signature")]
pub(super) fn sorted_maps<S: Serializer>(
    maps: &Option<Vec<StringMap<String>>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    maps.as_ref()
        .map(|maps| {
            maps.iter()
                .map(|map| map.iter().collect::<BTreeMap<_, _>>())
                .collect::<Vec<_>>()
        })
        .serialize(serializer)
}

/// Bytes that are base64 in the file.
pub(super) mod base64 {
    use ::base64::{Engine, prelude::BASE64_STANDARD};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bytes
            .as_ref()
            .map(|bytes| BASE64_STANDARD.encode(bytes))
            .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        // Without the decoder's error, which quotes the input.
        let decoded = BASE64_STANDARD
            .decode(text)
            .map_err(|_| de::Error::custom("expected base64"))?;
        Ok(Some(decoded))
    }
}

struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not `deserialize_any`: the text `0123` would come back as a number, without its zero.
        deserializer.deserialize_string(TextVisitor)
    }
}

struct TextVisitor;

impl de::Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text(text))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
}

//! Objects without their `metadata.managedFields`, which are passed over while the rest is decoded.
//!
//! A parser hands an object out member by member. What stands in between here asks for the keys of the object and of its metadata itself, passes those on that
//! are wanted, and has the parser pass over the value of the one that is not. So nothing is built for it, and nothing is read twice.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, IntoDeserializer, MapAccess,
    SeqAccess, Visitor,
    value::{BorrowedStrDeserializer, StringDeserializer},
};

/// A value that is decoded as an object without managed fields.
pub(super) struct Lean<T>(pub(super) T);

/// Which object is decoded: what it is in.
#[derive(Clone, Copy)]
enum Place {
    Object,
    Metadata,
}

/// A deserializer, a visitor, a map or a seed at such a place.
struct At<T> {
    place: Place,
    inner: T,
}

// === impl Lean ===

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lean<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let deserializer = At {
            place: Place::Object,
            inner: deserializer,
        };
        T::deserialize(deserializer).map(Self)
    }
}

// === The deserializer ===

/// Passes a call on with a visitor that knows its place.
macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let Self { place, inner } = self;
            inner.$method($($argument,)* At { place, inner: visitor })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for At<D> {
    type Error = D::Error;

    forward! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64()
        deserialize_char() deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_option()
        deserialize_unit() deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str) deserialize_seq()
        deserialize_tuple(len: usize) deserialize_tuple_struct(name: &'static str, len: usize) deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) deserialize_identifier() deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

// === The visitor ===

/// Passes a value on that is no object.
macro_rules! pass {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: serde::de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for At<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    pass! {
        visit_bool(bool) visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128) visit_u8(u8) visit_u16(u16)
        visit_u32(u32) visit_u64(u64) visit_u128(u128) visit_f32(f32) visit_f64(f64) visit_char(char) visit_str(&str)
        visit_borrowed_str(&'de str) visit_string(String) visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let Self { place, inner } = self;
        inner.visit_some(At {
            place,
            inner: deserializer,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let Self { place, inner } = self;
        inner.visit_newtype_struct(At {
            place,
            inner: deserializer,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let Self { place, inner } = self;
        inner.visit_map(Members {
            place,
            is_metadata: false,
            map,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(list)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(data)
    }
}

// === The members of an object ===

struct Members<A> {
    place: Place,
    /// The value that comes next is the object's metadata.
    is_metadata: bool,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<Key<'de>>()? {
            match self.place {
                Place::Metadata if key.is("managedFields") => {
                    let IgnoredAny = self.map.next_value()?;
                }
                place => {
                    self.is_metadata = matches!(place, Place::Object) && key.is("metadata");
                    return match key {
                        Key::Plain(key) => seed.deserialize(BorrowedStrDeserializer::new(key)),
                        Key::Unescaped(key) => {
                            let key: StringDeserializer<A::Error> = key.into_deserializer();
                            seed.deserialize(key)
                        }
                    }
                    .map(Some);
                }
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        if self.is_metadata {
            let place = Place::Metadata;
            self.map.next_value_seed(At { place, inner: seed })
        } else {
            self.map.next_value_seed(seed)
        }
    }

    fn size_hint(&self) -> Option<usize> {
        // One of the members may be passed over.
        None
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for At<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let Self { place, inner } = self;
        inner.deserialize(At {
            place,
            inner: deserializer,
        })
    }
}

/// A key as the parser hands it out.
enum Key<'de> {
    Plain(&'de str),
    Unescaped(String),
}

impl Key<'_> {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Plain(key) => *key == name,
            Self::Unescaped(key) => key == name,
        }
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key::Plain(key))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key::Unescaped(key.to_owned()))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use serde_json::Value;

    use super::*;
    use crate::core::{DynamicObject, PartialObjectMeta};

    fn lean<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
        serde_json::from_str::<Lean<T>>(text).map(|Lean(value)| value)
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(
            lean::<Value>(text).unwrap(),
            serde_json::from_str::<Value>(expect).unwrap()
        );
    }

    #[test]
    fn managed_fields_of_the_metadata_are_passed_over() {
        check(
            r#"{"metadata":{"managedFields":[{"a":","}]}}"#,
            r#"{"metadata":{}}"#,
        );
        check(
            r#"{"kind":"X","metadata":{"name":"a","managedFields":[],"uid":"u"},"spec":{"managedFields":1}}"#,
            r#"{"kind":"X","metadata":{"name":"a","uid":"u"},"spec":{"managedFields":1}}"#,
        );
        check(
            r#"{"metadata":{ "managedFields":[] , "name":"a"}}"#,
            r#"{"metadata":{"name":"a"}}"#,
        );
        check(
            r#"{"metadat\u0061":{"managed\u0046ields":null,"n\u0061me":"\u0061"}}"#,
            r#"{"metadata":{"name":"a"}}"#,
        );
    }

    #[test]
    fn others_stay() {
        for text in [
            r#"{"metadata":{"name":"a"}}"#,
            r#"{"managedFields":[],"other":{"metadata":{"managedFields":[]}}}"#,
            r#"{"metadata":null}"#,
            r#"{"metadata":[{"managedFields":1}]}"#,
            r#"[{"metadata":{"managedFields":1}}]"#,
            "12",
            "null",
            "\"metadata\"",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn every_kind_of_type_is_decoded() {
        let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","managedFields":[{"manager":"m"}],"labels":{"b":"c"}},"spec":{"containers":[]}}"#;
        let mut pod: Pod = serde_json::from_str(text).unwrap();
        pod.metadata.managed_fields = None;
        assert_eq!(lean::<Pod>(text).unwrap(), pod);
        assert_eq!(lean::<Box<Option<Pod>>>(text).unwrap().unwrap(), pod);
        assert_eq!(lean::<DynamicObject>(text).unwrap().metadata, pod.metadata);
        assert_eq!(
            lean::<PartialObjectMeta<Pod>>(text).unwrap().metadata,
            pod.metadata
        );
    }

    #[test]
    fn what_is_no_json_is_an_error_wherever_it_stands() {
        for text in [
            r#"{"metadata":{"managedFields":[tru]}}"#,
            r#"{"metadata":{"managedFields":[}}"#,
            r#"{"metadata":{"managedFields"}}"#,
            r#"{"metadata":{"managedFields":[],}}"#,
            "{\"metadata\":{",
            "",
        ] {
            assert!(
                lean::<Value>(text).is_err() && lean::<ConfigMap>(text).is_err(),
                "{text}"
            );
        }
    }
}

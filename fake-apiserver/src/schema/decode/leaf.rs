//! Leaves: scalars and the strings that stand for something else.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::{Decoder, Stop, type_name};
use crate::schema::json::{Token, number};
use crate::schema::quantity::{Quantity, QuantityError};
use crate::schema::time::{self, Layout};
use crate::schema::{Field, NodeId, Scalar, Schema};

/// Go's decoder does not look at the bits that padding leaves over.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

impl<'s> Decoder<'s, '_> {
    pub(super) fn scalar(
        &mut self,
        schema: &'s Schema,
        node: NodeId,
        scalar: Scalar,
        field: Option<&'s Field>,
        token: Token,
    ) -> Result<Option<Value>, Stop> {
        let value = match (scalar, token) {
            (Scalar::String | Scalar::IntOrString | Scalar::Duration, Token::String) => {
                Value::String(self.reader.string()?.into_owned())
            }
            (Scalar::Int32 | Scalar::IntOrString, Token::Number) => {
                return self.integer(schema, node, field, i64::from(i32::MIN)..=i64::from(i32::MAX));
            }
            (Scalar::Int64, Token::Number) => return self.integer(schema, node, field, i64::MIN..=i64::MAX),
            (Scalar::Float, Token::Number) => {
                let text = self.reader.number()?;
                let Some(value) = number(text) else {
                    self.wrong(&format!("number {text}"), "float64");
                    return Ok(None);
                };
                value
            }
            (Scalar::Bool, Token::Bool) => self.reader.boolean()?.into(),
            (Scalar::Bytes, Token::String) => {
                let text = self.reader.string()?;
                match bytes(&text) {
                    Ok(canonical) => canonical.into(),
                    Err(at) => {
                        self.mismatch
                            .get_or_insert_with(|| format!("illegal base64 data at input byte {at}"));
                        return Ok(None);
                    }
                }
            }
            (Scalar::Time | Scalar::MicroTime, Token::String) => {
                let layout = if scalar == Scalar::Time {
                    Layout::Seconds
                } else {
                    Layout::Micro
                };
                let text = self.reader.string()?;
                let time = time::parse(&text, layout).map_err(Stop::Value)?;
                time::print(time, layout).map_or(Value::Null, Value::String)
            }
            (Scalar::Quantity, Token::String) => {
                let text = self.reader.string()?;
                quantity(text.trim())?
            }
            (Scalar::Quantity, Token::Number) => quantity(self.reader.number()?)?,
            (Scalar::Quantity, _) => return Err(Stop::Value(QuantityError::Format.to_string())),
            // Types that read themselves end the decoding where others only note the error.
            (Scalar::Time | Scalar::MicroTime | Scalar::IntOrString, _) => {
                self.mismatch = None;
                self.wrong(token.name(), &type_name(schema, node, field));
                return Err(Stop::Value(self.mismatch.take().unwrap_or_default()));
            }
            _ => {
                self.wrong(token.name(), &type_name(schema, node, field));
                self.reader.skip(self.path.len())?;
                return Ok(None);
            }
        };
        Ok(Some(value))
    }

    fn integer(
        &mut self,
        schema: &'s Schema,
        node: NodeId,
        field: Option<&'s Field>,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<Value>, Stop> {
        let text = self.reader.number()?;
        match text.parse().ok().filter(|n| range.contains(n)) {
            Some(n) => Ok(Some(n.into())),
            None => {
                self.wrong(&format!("number {text}"), &type_name(schema, node, field));
                Ok(None)
            }
        }
    }
}

fn quantity(text: &str) -> Result<Value, Stop> {
    match Quantity::parse(text) {
        Ok(q) => Ok(q.to_string().into()),
        Err(e) => Err(Stop::Value(e.to_string())),
    }
}

/// Base64 in its canonical form, or the place of the first byte that cannot stand where it stands.
fn bytes(text: &str) -> Result<String, usize> {
    let bare: Cow<'_, str> = if text.contains(['\r', '\n']) {
        text.replace(['\r', '\n'], "").into()
    } else {
        text.into()
    };
    match BASE64.decode(bare.as_bytes()) {
        Ok(data) => Ok(BASE64.encode(data)),
        Err(_) => Err(illegal(text.as_bytes())),
    }
}

/// Go's place of the error: the offending byte, or the start of a group that ends too early.
fn illegal(text: &[u8]) -> usize {
    let blank = |b: u8| b == b'\r' || b == b'\n';
    let (mut group, mut ended) = (0, false);
    for (i, b) in text.iter().enumerate() {
        let valid = b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        match b {
            _ if blank(*b) => {}
            _ if ended => return i,
            _ if valid => group = (group + 1) % 4,
            b'=' if group == 3 => (group, ended) = (0, true),
            // Two padding characters, nothing between them but line ends.
            b'=' if group == 2 => {
                let next = text[i + 1..].iter().position(|b| !blank(*b)).map(|n| i + 1 + n);
                match next {
                    None => return text.len(),
                    Some(n) if text[n] != b'=' => return n,
                    Some(n) => {
                        let after = text[n + 1..].iter().position(|b| !blank(*b));
                        return after.map_or(text.len(), |a| n + 1 + a);
                    }
                }
            }
            _ => return i,
        }
    }
    text.len().saturating_sub(group)
}

//! The hash that Deployments name their ReplicaSets by.
//!
//! It is the FNV-1a hash of the template as a Go struct, printed with its types and without regard to methods, in an
//! alphabet without vowels. A struct prints as `(type){Field:(type)value …}`; types are left out where a list, a map or a
//! pointer has said them. The controller reads Deployments from protobuf, where what is empty is not there.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label>,
//! <https://pkg.go.dev/github.com/davecgh/go-spew/spew>

use std::fmt::{self, Write};

use serde_json::Value;

use crate::schema::go_types::{Field, Kind, fields};

/// The hash of a Deployment's template, after so many collisions of names.
pub(super) fn template_hash(template: &Value, collisions: Option<u32>) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut hash = Fnv(0x811c_9dc5);
    // Writing to a hash does not fail.
    let _ = hash.write_str("(v1.PodTemplateSpec)");
    let _ = print_struct(&mut hash, "PodTemplateSpec", template);
    if let Some(n) = collisions {
        hash.add(&u64::from(n).to_le_bytes());
    }
    let digits = hash.0.to_string().into_bytes();
    digits
        .into_iter()
        .map(|digit| char::from(ALPHABET[usize::from(digit) % ALPHABET.len()]))
        .collect()
}

struct Fnv(u32);

// === impl Fnv ===

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}

fn print_struct(out: &mut impl Write, name: &str, value: &Value) -> fmt::Result {
    out.write_char('{')?;
    for (i, field) in fields(name).unwrap_or_default().iter().enumerate() {
        out.write_str(if i == 0 { "" } else { " " })?;
        let value = field.json.map_or(value, |json| &value[json]);
        print_field(out, field, value)?;
    }
    out.write_char('}')
}

fn print_field(out: &mut impl Write, field: &Field, value: &Value) -> fmt::Result {
    write!(
        out,
        "{}:({}{})",
        field.name,
        if field.kind == Kind::Pointer { "*" } else { "" },
        field.go_type
    )?;
    match (field.kind, value) {
        (Kind::Plain, value) => print_plain(out, field.of, value),
        (Kind::List, Value::Array(items)) if !items.is_empty() => {
            out.write_char('[')?;
            for (i, item) in items.iter().enumerate() {
                out.write_str(if i == 0 { "" } else { " " })?;
                print_plain(out, field.of, item)?;
            }
            out.write_char(']')
        }
        (Kind::Map, Value::Object(entries)) if !entries.is_empty() => {
            let of = if field.of == "ResourceList" {
                "resource.Quantity"
            } else {
                "string"
            };
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_unstable_by_key(|(key, _)| *key);
            out.write_str("map[")?;
            for (i, (key, item)) in sorted.into_iter().enumerate() {
                write!(out, "{}{key}:", if i == 0 { "" } else { " " })?;
                print_plain(out, of, item)?;
            }
            out.write_char(']')
        }
        (Kind::Pointer, value) if !value.is_null() => print_plain(out, field.of, value),
        _ => out.write_str("<nil>"),
    }
}

fn print_plain(out: &mut impl Write, of: &str, value: &Value) -> fmt::Result {
    match of {
        "bool" => write!(out, "{}", value.as_bool().unwrap_or(false)),
        "int32" | "int64" => write!(out, "{}", value.as_i64().unwrap_or(0)),
        // Nobody gives a template a time of creation, and the server sets none.
        "Time" => out.write_str("{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"),
        "intstr.IntOrString" => {
            let text = value.as_str();
            let (kind, number) = (i32::from(text.is_some()), value.as_i64().unwrap_or(0));
            let text = text.unwrap_or("");
            write!(
                out,
                "{{Type:(intstr.Type){kind} IntVal:(int32){number} StrVal:(string){text}}}"
            )
        }
        "resource.Quantity" => print_quantity(out, value.as_str().unwrap_or("0")),
        name if fields(name).is_some() => print_struct(out, name, value),
        _ => out.write_str(value.as_str().unwrap_or("")),
    }
}

/// A quantity in its canonical form, as it is after it was read.
///
/// Its text is kept where a look at it shows that it is canonical, which spares writing it again. Amounts that might not
/// fit a machine word are held as integers of any size.
fn print_quantity(out: &mut impl Write, text: &str) -> fmt::Result {
    let (digits, suffix) = text.split_at(
        text.find(|c: char| !(c.is_ascii_digit() || c == '-'))
            .unwrap_or(text.len()),
    );
    let amount: i64 = digits.parse().unwrap_or(0);
    let power = |suffixes: &str| {
        suffixes
            .find(suffix)
            .map_or(0, |at| i32::try_from(at).unwrap_or(0))
    };
    let (format, scale) = match (suffix, suffix.strip_prefix('e')) {
        _ if text == "0" => ("", 0),
        (_, Some(exponent)) => ("DecimalExponent", exponent.parse().unwrap_or(0)),
        (s, _) if s.ends_with('i') => ("BinarySI", (1 + power("KiMiGiTiPiEi") / 2) * 10),
        ("n", _) => ("DecimalSI", -9),
        ("u", _) => ("DecimalSI", -6),
        ("m", _) => ("DecimalSI", -3),
        ("", _) => ("DecimalSI", 0),
        _ => ("DecimalSI", (1 + power("kMGTPE")) * 3),
    };
    let length = i32::try_from(digits.trim_start_matches('-').len()).unwrap_or(i32::MAX);
    // Whether digits and a power of two surely fit, ten bits being counted as three digits.
    let fits = if format == "BinarySI" {
        length + scale * 3 / 10 < 15
    } else {
        length <= 18
    };
    let kept = match format {
        "BinarySI" => amount & 7 != 0,
        "" => true,
        _ => scale % 3 == 0 && !digits.ends_with("000"),
    };
    let kept = if kept && fits { text } else { "" };
    let binary = format == "BinarySI";
    if fits {
        let (value, scale) = if binary {
            (amount << scale, 0)
        } else {
            (amount, scale)
        };
        write!(
            out,
            "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} \
             d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}}"
        )?;
    } else {
        let (value, scale) = match (binary, u128::from(amount.unsigned_abs())) {
            (true, n) => (n << scale, 0),
            (false, n) => (n, -scale),
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the words of the integer, lowest first"
        )]
        let (low, high) = (value as u64, (value >> 64) as u64);
        let words = if high == 0 {
            low.to_string()
        } else {
            format!("{low} {high}")
        };
        write!(
            out,
            "{{i:(resource.int64Amount){{value:(int64)0 scale:(resource.Scale)0}} \
             d:(resource.infDecAmount){{Dec:(*inf.Dec){{unscaled:(big.Int){{neg:(bool){} abs:(big.nat)[{words}]}} \
             scale:(inf.Scale){scale}}}}}",
            amount < 0
        )?;
    }
    write!(out, " s:(string){kept} Format:(resource.Format){format}}}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn minimal() -> Value {
        json!({
            "metadata": {"creationTimestamp": null, "labels": {"app": "x"}},
            "spec": {
                "containers": [{
                    "name": "c", "image": "i", "resources": {}, "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File", "imagePullPolicy": "Always",
                }],
                "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                "securityContext": {}, "schedulerName": "default-scheduler",
            },
        })
    }

    #[test]
    fn a_template_has_the_hash_that_clusters_give_it() {
        assert_eq!(template_hash(&minimal(), None), "5ddf699f9d");
        assert_ne!(
            template_hash(&minimal(), Some(1)),
            template_hash(&minimal(), None)
        );
        assert_ne!(
            template_hash(&minimal(), Some(0)),
            template_hash(&minimal(), None)
        );
    }

    #[track_caller]
    fn check(name: &str, value: &Value, printed: &str) {
        let mut out = String::new();
        print_plain(&mut out, name, value).unwrap();
        assert_eq!(out, printed);
    }

    #[test]
    fn structs_print_as_go_prints_them() {
        check(
            "EnvVarSource",
            &json!({"configMapKeyRef": {"name": "m", "key": "k", "optional": false}}),
            "{FieldRef:(*v1.ObjectFieldSelector)<nil> ResourceFieldRef:(*v1.ResourceFieldSelector)<nil> \
             ConfigMapKeyRef:(*v1.ConfigMapKeySelector){LocalObjectReference:(v1.LocalObjectReference){Name:(string)m} \
             Key:(string)k Optional:(*bool)false} SecretKeyRef:(*v1.SecretKeySelector)<nil> \
             FileKeyRef:(*v1.FileKeySelector)<nil>}",
        );
        check(
            "HTTPGetAction",
            &json!({"port": "web", "httpHeaders": [{"name": "a", "value": "b"}, {"name": "c", "value": ""}]}),
            "{Path:(string) Port:(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)web} \
             Host:(string) Scheme:(v1.URIScheme) HTTPHeaders:([]v1.HTTPHeader)[{Name:(string)a Value:(string)b} \
             {Name:(string)c Value:(string)}]}",
        );
        check(
            "Capabilities",
            &json!({"add": ["A", "B"], "drop": []}),
            "{Add:([]v1.Capability)[A B] Drop:([]v1.Capability)<nil>}",
        );
        check(
            "HostPathVolumeSource",
            &json!({"path": "/x", "type": ""}),
            "{Path:(string)/x Type:(*v1.HostPathType)}",
        );
    }

    #[test]
    fn quantities_print_as_they_are_held() {
        let held = |value: &str, scale: i32, kept: &str, format: &str| {
            format!(
                "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} \
                 d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){kept} Format:(resource.Format){format}}}"
            )
        };
        for (text, value, scale, kept, format) in [
            ("0", "0", 0, "0", ""),
            ("100m", "100", -3, "100m", "DecimalSI"),
            ("2", "2", 0, "2", "DecimalSI"),
            ("5G", "5", 9, "5G", "DecimalSI"),
            ("70Mi", "73400320", 0, "70Mi", "BinarySI"),
            ("512Mi", "536870912", 0, "", "BinarySI"),
            ("1Gi", "1073741824", 0, "1Gi", "BinarySI"),
            ("2e3", "2", 3, "2e3", "DecimalExponent"),
        ] {
            check(
                "resource.Quantity",
                &json!(text),
                &held(value, scale, kept, format),
            );
        }
        check(
            "resource.Quantity",
            &json!("100Ti"),
            "{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} d:(resource.infDecAmount)\
             {Dec:(*inf.Dec){unscaled:(big.Int){neg:(bool)false abs:(big.nat)[109951162777600]} scale:(inf.Scale)0}} \
             s:(string) Format:(resource.Format)BinarySI}",
        );
        check(
            "ResourceRequirements",
            &json!({"limits": {"memory": "1", "cpu": "1"}}),
            &format!(
                "{{Limits:(v1.ResourceList)map[cpu:{} memory:{}] Requests:(v1.ResourceList)<nil> \
                 Claims:([]v1.ResourceClaim)<nil>}}",
                held("1", 0, "1", "DecimalSI"),
                held("1", 0, "1", "DecimalSI")
            ),
        );
    }
}

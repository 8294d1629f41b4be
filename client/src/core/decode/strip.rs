//! Cuts `metadata.managedFields` out of an object's text, so that it is never decoded.

use serde::de::IgnoredAny;

use super::{members::Members, scan::leading_space};

/// The text of the object before and after the member; `None` if there is no such member, or the text is not well formed.
pub(super) fn managed_fields(object: &[u8]) -> Option<[&[u8]; 2]> {
    let metadata = Members::of(object)?
        .find(|member| member.key == "metadata")?
        .value;
    let member = Members::of(&object[metadata.clone()])?.find(|member| member.key == "managedFields")?;
    let (mut start, mut end) = (metadata.start + member.start, metadata.start + member.value.end);
    // Passed over, but not without a look: text that is no JSON is left in, for the parser to name the fault.
    serde_json::from_slice::<IgnoredAny>(&object[metadata.start + member.value.start..end]).ok()?;
    // One of the commas beside it goes with it.
    let space = leading_space(&object[end..]);
    if object.get(end + space) == Some(&b',') {
        end += space + 1;
    } else if let Some(comma) = object[..start].iter().rposition(|b| !b.is_ascii_whitespace())
        && object[comma] == b','
    {
        start = comma;
    }
    Some([&object[..start], &object[end..]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(object: &str, expect: Option<&str>) {
        let stripped = managed_fields(object.as_bytes()).map(|parts| parts.concat());
        assert_eq!(
            stripped.map(|text| String::from_utf8(text).unwrap()).as_deref(),
            expect
        );
    }

    #[test]
    fn managed_fields_are_cut_out() {
        check(
            r#"{"metadata":{"managedFields":[{"a":","}]}}"#,
            Some(r#"{"metadata":{}}"#),
        );
        check(
            r#"{"kind":"X","metadata":{"name":"a","managedFields":[],"uid":"u"},"spec":{"managedFields":1}}"#,
            Some(r#"{"kind":"X","metadata":{"name":"a","uid":"u"},"spec":{"managedFields":1}}"#),
        );
        check(
            r#"{"metadata":{"name":"a" , "managedFields":[] }}"#,
            Some(r#"{"metadata":{"name":"a"  }}"#),
        );
        check(
            r#"{"metadata":{ "managedFields":[] , "name":"a"}}"#,
            Some(r#"{"metadata":{  "name":"a"}}"#),
        );
    }

    #[test]
    fn other_texts_stay() {
        for text in [
            r#"{"metadata":{"name":"a"}}"#,
            r#"{"managedFields":[]}"#,
            r#"{"metadata":null}"#,
            "[]",
            "",
            "{\"metadata\":{",
            r#"{"metadata":{"managedFields":[tru]}}"#,
        ] {
            check(text, None);
        }
    }
}

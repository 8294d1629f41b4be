//! Fields and texts that differ between two runs, or between two objects that are otherwise the same, for no reason of anybody's.

/// Whether a field of the metadata says nothing about what an object is: it differs although the object is the same, or is the same made anew.
pub(crate) fn is_incidental(field: &str) -> bool {
    matches!(
        field,
        "uid" | "resourceVersion" | "creationTimestamp" | "managedFields" | "generation" | "selfLink"
    )
}

/// Whether a text is a UID.
pub(crate) fn is_uid(text: &str) -> bool {
    let parts = text.split('-').map(str::len);
    text.len() == 36 && parts.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Whether a text is a time of RFC 3339.
pub(crate) fn is_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 20
        && bytes[4] == b'-'
        && bytes[0].is_ascii_digit()
        && text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_and_times_are_told_from_other_texts() {
        assert!(is_uid("6e9f3a52-0c1d-4f7b-9a8e-1b2c3d4e5f60"));
        assert!(!is_uid("6e9f3a52-0c1d-4f7b-9a8e"));
        assert!(!is_uid("xe9f3a52-0c1d-4f7b-9a8e-1b2c3d4e5f60"));
        for time in [
            "2026-01-31T10:00:00Z",
            "2026-01-31T10:00:00.000001Z",
            "2026-01-31T10:00:00+02:00",
        ] {
            assert!(is_time(time), "{time}");
        }
        assert!(!is_time("2026-01-31"));
        assert!(!is_time("1.36.0-with-a-long-suffix"));
    }
}

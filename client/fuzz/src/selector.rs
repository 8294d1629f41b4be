//! Label and field selectors as text.
//!
//! The input is a label selector in one line and a field selector in the next.

use std::fmt::Display;
use std::str::FromStr;

use seatrial_client::core::{Selector, fields::FieldSelector};

/// Reads the selectors: what is read prints as text that reads as the same.
pub fn run(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let (labels, fields) = text.split_once('\n').unwrap_or((text, ""));
    check::<Selector>(labels);
    check::<FieldSelector>(fields);
}

fn check<T: FromStr + Display>(text: &str) {
    let Ok(selector) = text.parse::<T>() else { return };
    let printed = selector.to_string();
    match printed.parse::<T>() {
        Ok(again) => assert_eq!(again.to_string(), printed, "{text:?}"),
        Err(_) => panic!("{text:?} prints as {printed:?}, which is no selector"),
    }
}

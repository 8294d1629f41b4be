//! Expressions and rules.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_cel_fuzz::expression::run(input));

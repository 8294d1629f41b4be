//! Schemas of definitions, and objects of them.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_fake_apiserver_fuzz::definition::run(input));

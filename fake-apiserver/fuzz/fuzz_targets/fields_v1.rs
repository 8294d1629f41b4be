//! `FieldsV1`.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_fake_apiserver_fuzz::fields_v1::run(input));

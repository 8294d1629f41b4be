//! JSON patches.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_fake_apiserver_fuzz::json_patch::run(input));

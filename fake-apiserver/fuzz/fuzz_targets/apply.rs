//! Server-side apply.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_fake_apiserver_fuzz::apply::run(input));

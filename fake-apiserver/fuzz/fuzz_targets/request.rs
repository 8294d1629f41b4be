//! Requests as bytes: method, path, headers and body.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_fake_apiserver_fuzz::request::run(input));

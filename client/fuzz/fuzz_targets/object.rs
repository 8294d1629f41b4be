//! Single objects.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_client_fuzz::object::run(input));

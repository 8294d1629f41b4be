//! Watch streams.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| seatrial_client_fuzz::watch::run(input));

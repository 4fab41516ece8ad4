#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| ottla_fuzz::message(data));

// Changed bytes hardly ever become another valid message, so some inputs begin anew at one.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = ottla_fuzz::begin_anew(&mut data[..max_size], seed).unwrap_or(size);
    fuzzer_mutate(data, size, max_size)
});

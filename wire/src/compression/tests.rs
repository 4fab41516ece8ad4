#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

#[test]
fn what_is_compressed_is_read_back() {
    for codec in Compression::ALL {
        for bytes in [0, 1, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 1 << 20] {
            let input: Vec<u8> = (0..bytes).map(|at: u32| (at / 7 % 251) as u8).collect();
            let mut out = Vec::new();
            compress(codec, None, &input, &mut out).unwrap();
            assert!(decompress(codec, &out, &Limits::default()).unwrap() == input, "{codec} {bytes}");
        }
    }
}

//! The levels that Kafka has for its codecs.

use std::ops::RangeInclusive;

use super::error::CompressError;
use crate::record::Compression;

/// gzip's own number for "what you think best".
const GZIP_DEFAULT: i32 = -1;
const GZIP: RangeInclusive<i32> = 1..=9;
const LZ4: RangeInclusive<i32> = 1..=17;
/// From the negated largest block, which is how the C library bounds it.
const ZSTD: RangeInclusive<i32> = -131_072..=22;

/// Whether Kafka takes `level` for `codec` (`compression.gzip.level`, `compression.lz4.level`, `compression.zstd.level`; KIP-390).
///
/// | codec | levels | default |
/// | --- | --- | --- |
/// | gzip | 1 to 9, and -1 for the default | 6 |
/// | lz4 | 1 to 17 | 9, the fast compressor |
/// | zstd | -131072 to 22; 0 stands for the default | 3; written in Rust 1, which makes records as small |
///
/// # Errors
///
/// When the codec has no such level, or none at all.
pub fn check_level(codec: Compression, level: Option<i32>) -> Result<(), CompressError> {
    let Some(level) = level else { return Ok(()) };
    let is_known = match codec {
        Compression::None | Compression::Snappy => return Err(CompressError::Levelless(codec)),
        Compression::Gzip => level == GZIP_DEFAULT || GZIP.contains(&level),
        Compression::Lz4 => LZ4.contains(&level),
        Compression::Zstd => ZSTD.contains(&level),
    };
    if is_known { Ok(()) } else { Err(CompressError::Level { codec, level }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kafkas_levels_are_taken_and_their_neighbours_refused() {
        let edges: [(Compression, &[i32], &[i32]); 3] = [
            (Compression::Gzip, &[-1, 1, 9], &[-2, 0, 10]),
            (Compression::Lz4, &[1, 9, 17], &[-1, 0, 18]),
            (Compression::Zstd, &[-131_072, 0, 22], &[-131_073, 23]),
        ];
        for (codec, taken, refused) in edges {
            for level in taken {
                assert_eq!(check_level(codec, Some(*level)), Ok(()));
            }
            for level in refused {
                let error = CompressError::Level { codec, level: *level };
                assert_eq!(check_level(codec, Some(*level)), Err(error));
            }
        }
    }

    #[test]
    fn a_codec_without_levels_takes_none() {
        for codec in [Compression::None, Compression::Snappy] {
            assert_eq!(check_level(codec, None), Ok(()));
            assert_eq!(check_level(codec, Some(1)), Err(CompressError::Levelless(codec)));
        }
    }
}

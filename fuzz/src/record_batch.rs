//! Batches of magic 2: as they are, with their checksums repaired, as one whose length is repaired too, and with the records put into its codec.

use ottla_wire::record::{Compression, compressed, next_batch};

use super::records::{LIMITS, assert_same_records, each_batch};
use super::repair;

/// The low byte of the attributes, and the bits of it that name the codec.
const ATTRIBUTES: usize = 22;
const CODEC: u8 = 0x07;

/// Batches are read without a panic and within the bounds; what is read can be written, stamped and compressed, and reads the same again.
pub fn record_batch(data: &[u8]) {
    for form in repair::forms(data) {
        each_batch(form);
    }
    compressed_by_its_codec(data);
}

/// Records, whatever they are, are those that come out of a codec into which they were put: a fuzzer that changes compressed bytes hardly ever gets
/// to the records.
fn compressed_by_its_codec(data: &[u8]) {
    let mut plain = data.to_vec();
    let Some(attributes) = plain.get_mut(ATTRIBUTES) else { return };
    let Some(codec) = Compression::ALL.get(usize::from(*attributes & CODEC)) else { return };
    *attributes &= !CODEC;
    let Some(plain) = repair::as_one(plain) else { return };
    let Ok(Some(plain)) = next_batch(&mut plain.into()) else { return };
    // A message of magic 0 or 1 names its codec elsewhere.
    if plain.compression() != Compression::None {
        return;
    }
    let batch = compressed(plain.clone(), *codec, None).expect("records of no more bytes than an input has");
    each_batch(batch.to_bytes());
    let batch = batch.decompress(&LIMITS).expect("what was compressed can be read");
    assert_same_records(&batch, &plain);
}

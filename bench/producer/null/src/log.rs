//! What a partition would have, had it a log.

use std::collections::HashMap;

use ottla_wire::ErrorCode;
use ottla_wire::record::Batch;

/// One partition.
#[derive(Debug, Default)]
pub(crate) struct Partition {
    pub(crate) high_watermark: i64,
    producers: HashMap<i64, Producer>,
}

/// What was last written by a producer with an id.
#[derive(Clone, Copy, Debug)]
struct Producer {
    epoch: i16,
    next_sequence: i32,
}

impl Partition {
    /// Counts the records of a batch and says the offset of the first.
    ///
    /// # Errors
    /// When it does not follow what its producer wrote before.
    pub(crate) fn append(&mut self, batch: &Batch) -> Result<i64, ErrorCode> {
        if batch.producer_id() >= 0 {
            self.follow(batch)?;
        }
        let base_offset = self.high_watermark;
        self.high_watermark += i64::from(batch.record_count());
        Ok(base_offset)
    }

    fn follow(&mut self, batch: &Batch) -> Result<(), ErrorCode> {
        let (epoch, sequence) = (batch.producer_epoch(), batch.base_sequence());
        let known = self.producers.get(&batch.producer_id()).filter(|producer| producer.epoch == epoch);
        // An id, or an epoch of it, begins at 0.
        if known.map_or(0, |producer| producer.next_sequence) != sequence {
            return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        let next_sequence = batch.last_sequence().checked_add(1).unwrap_or(0);
        self.producers.insert(batch.producer_id(), Producer { epoch, next_sequence });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp, next_batch};

    use super::*;

    fn batch(stamp: ProducerStamp, records: i64) -> Batch {
        let mut writer = BatchWriter::new(0);
        for index in 0..records {
            writer.append(&NewRecord::new(index, None, Some(b"value"))).unwrap();
        }
        next_batch(&mut writer.finish(stamp)).unwrap().unwrap()
    }

    fn stamped(epoch: i16, base_sequence: i32, records: i64) -> Batch {
        batch(ProducerStamp { producer_id: 7, producer_epoch: epoch, base_sequence, ..ProducerStamp::NONE }, records)
    }

    #[test]
    fn records_are_counted() {
        let mut partition = Partition::default();
        assert_eq!(partition.append(&batch(ProducerStamp::NONE, 3)), Ok(0));
        assert_eq!(partition.append(&batch(ProducerStamp::NONE, 2)), Ok(3));
        assert_eq!(partition.high_watermark, 5);
    }

    #[test]
    fn a_batch_that_comes_twice_or_too_early_is_refused_and_not_counted() {
        let mut partition = Partition::default();
        assert_eq!(partition.append(&stamped(0, 0, 3)), Ok(0));
        for sequence in [0, 2, 4] {
            assert_eq!(partition.append(&stamped(0, sequence, 3)), Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER));
        }
        assert_eq!(partition.append(&stamped(0, 3, 1)), Ok(3));
        assert_eq!(partition.high_watermark, 4);
    }

    #[test]
    fn an_epoch_begins_anew() {
        let mut partition = Partition::default();
        assert_eq!(partition.append(&stamped(0, 0, 3)), Ok(0));
        assert_eq!(partition.append(&stamped(1, 0, 3)), Ok(3));
    }
}

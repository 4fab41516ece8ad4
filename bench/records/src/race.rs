//! One row of the table: everybody who can, at the same work on the same records.

use std::hint::black_box;

use anyhow::{Context, ensure};
use bytes::Bytes;

use crate::absent::Absent;
use crate::bound;
use crate::codec::Codec;
use crate::contender::{Contender, Encoder, Output};
use crate::measure::{Lane, Timing, interleaved};
use crate::visit::Checksum;
use crate::workload::{RECORDS, Workload};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Encode,
    Decode,
}

impl Work {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::Decode => "decode",
        }
    }
}

/// How one of them did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish {
    pub(crate) name: &'static str,
    pub(crate) timing: Timing,
    /// The bytes of the batch that it made.
    pub(crate) size_bytes: Option<usize>,
}

/// A row.
pub(crate) struct Race<'a> {
    pub(crate) work: Work,
    pub(crate) codec: Codec,
    pub(crate) workload: &'a Workload,
    /// Everybody who ran: ours, the peers, the bounds.
    pub(crate) finishes: Vec<Finish>,
    /// Who should have run and could not, and why.
    pub(crate) faults: Vec<String>,
}

impl<'a> Race<'a> {
    /// Lets everybody run who can.
    pub(crate) fn run(work: Work, codec: Codec, workload: &'a Workload, absent: &[Absent]) -> anyhow::Result<Self> {
        let reference = Reference::new(workload, codec)?;
        let mut field = Field {
            work,
            codec,
            workload,
            reference: &reference,
            lanes: Vec::new(),
            sizes: Vec::new(),
            faults: Vec::new(),
        };
        for contender in Contender::ALL {
            let listed = absent.iter().find(|absent| absent.covers(contender.name, work, codec));
            field.admit(contender, listed);
        }
        field.lanes.extend(bound::lanes(work, codec, workload, &reference.plain, &reference.compressed));
        field.run()
    }

    pub(crate) fn finish(&self, name: &str) -> Option<&Finish> {
        self.finishes.iter().find(|finish| finish.name == name)
    }

    pub(crate) fn name(&self) -> String {
        name(self.work, self.codec, self.workload)
    }
}

/// What a row is called.
pub(crate) fn name(work: Work, codec: Codec, workload: &Workload) -> String {
    format!("{} {codec} {}", work.name(), workload.name)
}

/// What all must read and write.
struct Reference {
    /// Uncompressed, as ours encodes it.
    plain: Bytes,
    /// The same records in the codec of the race, as ours encodes them.
    compressed: Bytes,
    checksum: Checksum,
}

impl Reference {
    fn new(workload: &Workload, codec: Codec) -> anyhow::Result<Self> {
        let plain = encoded(Contender::OURS.encoder, workload, Codec::None)?.context("ours has no encoder")?;
        let compressed = encoded(Contender::OURS.encoder, workload, codec)?.context("ours has no codec")?;
        let checksum = (Contender::OURS.checksum)(&plain)?;
        ensure!(checksum.records == RECORDS as u64, "ours reads {} records of {RECORDS}", checksum.records);
        Ok(Self { plain, compressed, checksum })
    }

    /// Whether `batch` holds the records of the race, as `read` reads it.
    fn verify(&self, read: fn(&Bytes) -> anyhow::Result<Checksum>, batch: &Bytes) -> anyhow::Result<()> {
        let checksum = read(batch)?;
        ensure!(checksum == self.checksum, "read {checksum:x?} where ours reads {:x?}", self.checksum);
        Ok(())
    }
}

/// One batch; none when the encoder cannot.
fn encoded(
    encoder: fn(&Workload, Codec) -> Option<Encoder>,
    workload: &Workload,
    codec: Codec,
) -> anyhow::Result<Option<Bytes>> {
    let Some(mut encoder) = encoder(workload, codec) else { return Ok(None) };
    let mut out = Output::default();
    encoder(&mut out)?;
    Ok(Some(Bytes::copy_from_slice(out.batch())))
}

/// The lanes of a race while they fill.
struct Field<'r, 'a: 'r> {
    work: Work,
    codec: Codec,
    workload: &'a Workload,
    reference: &'r Reference,
    lanes: Vec<Lane<'r>>,
    sizes: Vec<(&'static str, usize)>,
    faults: Vec<String>,
}

impl<'r, 'a> Field<'r, 'a> {
    /// Gives the contender a lane, once it has shown that it does the work right; else it must be listed.
    fn admit(&mut self, contender: Contender, listed: Option<&Absent>) {
        let lane = match self.work {
            Work::Encode => self.encode_lane(contender),
            Work::Decode => self.decode_lane(contender),
        };
        let name = contender.name;
        match (lane, listed) {
            (Ok(Some(lane)), None) => self.lanes.push(lane),
            (Ok(Some(_)), Some(_)) => self.faults.push(format!("{name} runs, and is listed as absent")),
            (Ok(None) | Err(_), Some(_)) => {}
            (Ok(None), None) => self.faults.push(format!("{name} is absent, and not listed")),
            (Err(error), None) => self.faults.push(format!("{name} is unusable, and not listed: {error:#}")),
        }
    }

    fn encode_lane(&mut self, contender: Contender) -> anyhow::Result<Option<Lane<'r>>> {
        let Some(batch) = encoded(contender.encoder, self.workload, self.codec)? else { return Ok(None) };
        self.reference.verify(Contender::OURS.checksum, &batch)?;
        self.sizes.push((contender.name, batch.len()));
        let Some(mut encoder) = (contender.encoder)(self.workload, self.codec) else { return Ok(None) };
        let mut out = Output::default();
        let run = move || {
            encoder(&mut out)?;
            black_box(out.batch());
            Ok(())
        };
        Ok(Some(Lane { name: contender.name, run: Box::new(run) }))
    }

    fn decode_lane(&self, contender: Contender) -> anyhow::Result<Option<Lane<'r>>> {
        if !(contender.decodes)(self.codec) {
            return Ok(None);
        }
        let batch = &self.reference.compressed;
        self.reference.verify(contender.checksum, batch)?;
        let expected = (Contender::OURS.tally)(&self.reference.plain)?;
        let run = move || {
            let tally = (contender.tally)(black_box(batch))?;
            ensure!(tally == expected, "read {tally:?}, not {expected:?}");
            Ok(())
        };
        Ok(Some(Lane { name: contender.name, run: Box::new(run) }))
    }

    fn run(mut self) -> anyhow::Result<Race<'a>> {
        let timings = interleaved(&mut self.lanes)?;
        let size_of = |name| self.sizes.iter().find(|(of, _)| *of == name).map(|(_, size)| *size);
        let finish =
            |(lane, timing): (&Lane<'_>, Timing)| Finish { name: lane.name, timing, size_bytes: size_of(lane.name) };
        let finishes = self.lanes.iter().zip(timings).map(finish).collect();
        Ok(Race { work: self.work, codec: self.codec, workload: self.workload, finishes, faults: self.faults })
    }
}

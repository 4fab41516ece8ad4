//! What is done with each record that is decoded: little in a measured loop, everything once to see that all contenders read the same.

/// Sees the records of a batch, each followed by its headers.
pub(crate) trait Visit {
    fn record(&mut self, offset: i64, timestamp: i64, key: Option<&[u8]>, value: Option<&[u8]>);

    fn header(&mut self, key: &[u8], value: Option<&[u8]>);
}

/// The cheapest use of a record that needs all of it: its numbers, the lengths of its fields, and a byte of each value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) records: u64,
    pub(crate) sum: u64,
}

impl Tally {
    #[inline]
    fn add(&mut self, amount: u64) {
        self.sum = self.sum.wrapping_add(amount);
    }
}

impl Visit for Tally {
    #[inline]
    fn record(&mut self, offset: i64, timestamp: i64, key: Option<&[u8]>, value: Option<&[u8]>) {
        self.records += 1;
        self.add(offset.wrapping_add(timestamp).cast_unsigned());
        self.add(key.map_or(0, <[u8]>::len) as u64);
        let value = value.unwrap_or_default();
        self.add(value.len() as u64 + u64::from(value.last().copied().unwrap_or_default()));
    }

    #[inline]
    fn header(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.add((key.len() + value.map_or(0, <[u8]>::len)) as u64);
    }
}

/// A hash of every byte of every record (FNV-1a of 64 bits), and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checksum {
    pub(crate) records: u64,
    hash: u64,
}

impl Default for Checksum {
    fn default() -> Self {
        Self { records: 0, hash: 0xcbf2_9ce4_8422_2325 }
    }
}

impl Checksum {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// Null and empty are told apart.
    fn field(&mut self, field: Option<&[u8]>) {
        self.bytes(&field.map_or(-1, |bytes| bytes.len() as i64).to_be_bytes());
        self.bytes(field.unwrap_or_default());
    }
}

impl Visit for Checksum {
    fn record(&mut self, offset: i64, timestamp: i64, key: Option<&[u8]>, value: Option<&[u8]>) {
        self.records += 1;
        self.bytes(&offset.to_be_bytes());
        self.bytes(&timestamp.to_be_bytes());
        self.field(key);
        self.field(value);
    }

    fn header(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.field(Some(key));
        self.field(value);
    }
}

//! Which versions of a message have one layout, so that what codes one of them codes the others. Kafka raises a version also where only the meaning of
//! a value is new.

use super::layout::{Field, Kind, Message, Struct};
use crate::api::VersionRange;

impl Message {
    /// The versions that something can code which codes these: after them come those that have the layout of the last. One that is still being worked
    /// on is none of them.
    #[must_use]
    pub const fn codable(&self, coded: VersionRange) -> VersionRange {
        let offered = if self.latest_unstable { self.versions.max.saturating_sub(1) } else { self.versions.max };
        let mut codable = coded.intersect(self.versions);
        while codable.max < offered && self.is_alike(coded.max, codable.max.saturating_add(1)) {
            codable.max = codable.max.saturating_add(1);
        }
        codable
    }

    /// Whether a message of one version has the layout of another.
    const fn is_alike(&self, one: i16, other: i16) -> bool {
        self.flexible.contains(one) == self.flexible.contains(other) && self.body.is_alike(one, other)
    }
}

impl Struct {
    const fn is_alike(&self, one: i16, other: i16) -> bool {
        let mut fields = self.fields;
        while let [field, rest @ ..] = fields {
            if !field.is_alike(one, other) {
                return false;
            }
            fields = rest;
        }
        true
    }
}

impl Field {
    const fn is_alike(&self, one: i16, other: i16) -> bool {
        if self.versions.contains(one) != self.versions.contains(other) {
            return false;
        }
        !self.versions.contains(one)
            || self.nullable.contains(one) == self.nullable.contains(other)
                && self.in_place(one) == self.in_place(other)
                && self.kind.is_alike(one, other)
    }
}

impl Kind {
    const fn is_alike(self, one: i16, other: i16) -> bool {
        match self {
            Self::Struct(layout) => layout.is_alike(one, other),
            Self::Array(element) => element.is_alike(one, other),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiKey;
    use crate::schema::{Direction, layout};

    #[test]
    fn a_version_that_changes_no_field_is_coded_as_the_one_before_it() {
        let codable = |api, direction, max| layout(api, direction).codable(VersionRange::new(1, max));
        assert_eq!(codable(ApiKey::ListOffsets, Direction::Request, 10), VersionRange::new(1, 11));
        assert_eq!(codable(ApiKey::ListOffsets, Direction::Response, 10), VersionRange::new(1, 11));
        assert_eq!(codable(ApiKey::ListOffsets, Direction::Request, 9), VersionRange::new(1, 9));
        assert_eq!(codable(ApiKey::DescribeLogDirs, Direction::Response, 4), VersionRange::new(1, 4));
    }

    #[test]
    fn a_version_that_is_still_being_worked_on_is_not_coded() {
        let request = layout(ApiKey::InitProducerId, Direction::Request);
        assert_eq!(request.codable(VersionRange::new(0, 5)), VersionRange::new(0, 5));
    }
}

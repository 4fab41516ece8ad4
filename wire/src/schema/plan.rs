//! The steps of a walk, laid out by the compiler for each run of versions at which a struct has the same fields.
//!
//! The walk reads the fields of one struct thousands of times; which fields the version has, and which of them can be passed over together, is the
//! same each time.

// The compiler runs all of the arithmetic here, and does not build what overflows.
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::layout::{Field, Kind, Struct};

/// The versions that a schema may speak of; a later one does not compile.
const VERSIONS_END: i16 = 64;

/// The steps of a struct from one version on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Epoch {
    from: i16,
    steps: &'static [Step],
}

/// One field that is not of a fixed size, or all the neighbours that are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Bytes that may be anything.
    Fixed { bytes: usize },
    /// UTF-8 behind its length.
    Text { field: Named },
    /// UTF-8 behind two bytes of length at any version.
    ClassicText { field: Named },
    /// Bytes behind their length.
    Bytes { field: Named },
    /// Elements of a fixed size, on the wire and in memory, behind their count.
    FixedElements { field: Named, bytes: usize },
    /// Structs behind their count.
    Structs { field: Named, layout: &'static Struct },
    /// Other elements behind their count.
    Elements { field: Named, element: &'static Kind },
    /// A struct in place.
    Struct { field: Named, layout: &'static Struct },
}

/// What the walk has to know of a field beside its kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) nullable: bool,
}

impl Struct {
    /// The steps of the fields in place at `version`.
    pub(super) const fn steps(&self, version: i16) -> &'static [Step] {
        let mut epochs = self.epochs;
        // Most peers speak late versions.
        while let [earlier @ .., epoch] = epochs {
            if epoch.from <= version {
                return epoch.steps;
            }
            epochs = earlier;
        }
        &[]
    }
}

impl Step {
    /// The step over a value of `kind`.
    pub(super) const fn over(kind: Kind, field: Named) -> Self {
        if let Some(bytes) = kind.fixed_bytes() {
            return Self::Fixed { bytes };
        }
        match kind {
            Kind::String => Self::Text { field },
            Kind::ClassicString => Self::ClassicText { field },
            Kind::Struct(layout) => Self::Struct { field, layout },
            Kind::Array(Kind::Struct(layout)) => Self::Structs { field, layout },
            Kind::Array(element) => match element.fixed_bytes() {
                Some(bytes) => Self::FixedElements { field, bytes },
                None => Self::Elements { field, element },
            },
            _ => Self::Bytes { field },
        }
    }
}

impl Field {
    /// The step over this field at `version`.
    pub(super) const fn step(&self, version: i16) -> Step {
        Step::over(self.kind, Named { name: self.name, nullable: self.nullable.contains(version) })
    }
}

/// How many epochs a struct of these fields has.
pub(super) const fn epochs_count(fields: &[Field]) -> usize {
    let mut count: usize = 0;
    let mut version = 0;
    while version < VERSIONS_END {
        if begins(fields, version) {
            count += 1;
        }
        version += 1;
    }
    count
}

/// How many steps all the epochs have together.
pub(super) const fn steps_count(fields: &[Field]) -> usize {
    let mut count: usize = 0;
    let mut version = 0;
    while version < VERSIONS_END {
        if begins(fields, version) {
            count += lay(fields, version, &mut []);
        }
        version += 1;
    }
    count
}

/// The steps of all the epochs, one epoch after the other.
pub(super) const fn steps<const COUNT: usize>(fields: &[Field]) -> [Step; COUNT] {
    let mut steps = [Step::Fixed { bytes: 0 }; COUNT];
    let mut at = 0;
    let mut version = 0;
    while version < VERSIONS_END {
        if begins(fields, version) {
            at += lay(fields, version, steps.split_at_mut(at).1);
        }
        version += 1;
    }
    steps
}

/// The epochs, and which of the `steps` are theirs.
pub(super) const fn epochs<const COUNT: usize>(fields: &[Field], mut steps: &'static [Step]) -> [Epoch; COUNT] {
    let mut epochs = [Epoch { from: 0, steps: &[] }; COUNT];
    let mut at = 0;
    let mut version = 0;
    while version < VERSIONS_END {
        if begins(fields, version) {
            let (its, rest) = steps.split_at(lay(fields, version, &mut []));
            epochs[at] = Epoch { from: version, steps: its };
            at += 1;
            steps = rest;
        }
        version += 1;
    }
    epochs
}

/// Whether the fields in place are others at `version` than at the one before.
const fn begins(mut fields: &[Field], version: i16) -> bool {
    while let [field, rest @ ..] = fields {
        let (now, before) = (field.in_place(version), field.in_place(version - 1));
        let nullable_now = now && field.nullable.contains(version);
        let nullable_before = before && field.nullable.contains(version - 1);
        if now != before || nullable_now != nullable_before {
            return true;
        }
        fields = rest;
    }
    false
}

/// Lays the steps over the fields in place at `version` into as much of `out` as there is, and counts them.
const fn lay(mut fields: &[Field], version: i16, out: &mut [Step]) -> usize {
    let mut count = 0;
    let mut fixed: usize = 0;
    while let [field, rest @ ..] = fields {
        fields = rest;
        if !field.in_place(version) {
            continue;
        }
        if let Some(bytes) = field.kind.fixed_bytes() {
            fixed += bytes;
            continue;
        }
        if fixed > 0 {
            count = put(out, count, Step::Fixed { bytes: fixed });
            fixed = 0;
        }
        count = put(out, count, field.step(version));
    }
    if fixed > 0 { put(out, count, Step::Fixed { bytes: fixed }) } else { count }
}

const fn put(out: &mut [Step], at: usize, step: Step) -> usize {
    if at < out.len() {
        out[at] = step;
    }
    at + 1
}

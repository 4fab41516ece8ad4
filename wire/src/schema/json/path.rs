//! Where in a message something is: `topics[2].partitions[0].index`.

use std::fmt;

/// A place, as a chain that ends at the message itself; it costs nothing until it is printed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'a> {
    Message(&'a str),
    Field(&'a Self, &'a str),
    Element(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(name) => f.write_str(name),
            Self::Field(Self::Message(_), name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

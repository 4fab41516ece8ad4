//! What a struct is said to take in memory, held against the generated structs.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::super::*;

/// The most that a bound may be above the struct's true size.
const LOOSE_BY: f64 = 1.5;

macro_rules! sizes {
    ($($module:ident: $($struct:ident),+;)+) => {
        /// The size in memory of each generated struct, by message.
        pub(super) const SIZES: &[&[(&str, usize)]] = &[
            $(&[$((stringify!($struct), size_of::<crate::message::$module::$struct>()),)+],)+
        ];
    };
}

mod sizes;

/// The structs of a message, each once, in the order of first mention.
fn structs(message: &'static Message) -> Vec<&'static Struct> {
    fn visit(layout: &'static Struct, found: &mut Vec<&'static Struct>) {
        if found.iter().any(|seen| std::ptr::eq(*seen, layout)) {
            return;
        }
        found.push(layout);
        for field in layout.fields {
            if let Kind::Struct(inner) | Kind::Array(&Kind::Struct(inner)) = field.kind {
                visit(inner, found);
            }
        }
    }
    let mut found = Vec::new();
    visit(&message.body, &mut found);
    found
}

#[test]
fn no_generated_struct_takes_more_than_its_bound_and_no_bound_is_loose() {
    let mut checked = 0;
    for sizes in sizes::SIZES {
        let (name, _) = sizes[0];
        let message = super::super::message(name).unwrap();
        let structs = structs(message);
        // The bound counts a map of unknown tagged fields, which the structs of a message that is never flexible do not have.
        let map = if message.flexible.is_empty() { size_of::<BTreeMap<i32, Bytes>>() } else { 0 };
        assert_eq!(structs.len(), sizes.len(), "{name}");
        for (layout, (part, truth)) in structs.iter().zip(*sizes) {
            let bound = layout.memory_bytes;
            assert!(bound >= *truth, "{name}: {part} takes {truth} bytes, above {bound}");
            assert!(
                bound as f64 <= LOOSE_BY * (truth + map) as f64,
                "{name}: {part} takes {truth} bytes, far below {bound}"
            );
            checked += 1;
        }
    }
    assert!(checked > 400, "{checked} structs");
}

#[test]
fn every_generated_message_is_among_the_structs() {
    for generated in generated::ALL {
        let its = sizes::SIZES.iter().find(|sizes| sizes[0].0 == generated.message.name).unwrap();
        assert_eq!(its[0].1, generated.memory_bytes, "{}", generated.message.name);
    }
}

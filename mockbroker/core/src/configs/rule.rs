//! Which values a config may have: the text that Java reads as one of its type, and the rule beyond that.

use super::Kind;

/// Which values a config may have beyond those of its type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    Any,
    AtLeast(i64),
    Within(i64, i64),
    WithinDouble(f64, f64),
    /// Within, or -1 for the codec's own default.
    Level(i64, i64),
    NonEmpty,
    OneOf(&'static [&'static str]),
    OneOfIgnoringCase(&'static [&'static str]),
    /// A list without duplicates; of some of these, where there are any.
    Items {
        may_be_empty: bool,
        of: &'static [&'static str],
    },
    /// `*`, or `partition:broker` pairs.
    Replicas,
    /// Where a share group begins: `earliest`, `latest` or `by_duration:` and a duration of ISO 8601.
    ShareReset,
}

/// A value of this type as Kafka tells it, if the text is one.
pub(super) fn parse(kind: Kind, text: &str) -> Option<String> {
    let text = text.trim();
    match kind {
        Kind::Boolean => {
            let lower = text.to_ascii_lowercase();
            matches!(lower.as_str(), "true" | "false").then_some(lower)
        }
        Kind::Int => text.parse::<i32>().ok().map(|number| number.to_string()),
        Kind::Short => text.parse::<i16>().ok().map(|number| number.to_string()),
        Kind::Long => text.parse::<i64>().ok().map(|number| number.to_string()),
        Kind::Double => java_double(text).map(as_java_writes),
        Kind::List => Some(items(text).collect::<Vec<_>>().join(",")),
        Kind::String | Kind::Class | Kind::Password => Some(text.to_owned()),
    }
}

impl Rule {
    /// Whether a value that [`parse`] took may be the config's.
    pub(super) fn allows(self, value: &str) -> bool {
        let number = || value.parse::<i64>().ok();
        match self {
            Self::Any => true,
            Self::AtLeast(min) => number().is_some_and(|number| number >= min),
            Self::Within(min, max) => number().is_some_and(|number| (min..=max).contains(&number)),
            Self::WithinDouble(min, max) => {
                java_double(value).is_some_and(|number| number.is_nan() || (min..=max).contains(&number))
            }
            Self::Level(min, max) => number().is_some_and(|number| number == -1 || (min..=max).contains(&number)),
            Self::NonEmpty => !value.is_empty(),
            Self::OneOf(known) => known.contains(&value),
            Self::OneOfIgnoringCase(known) => known.iter().any(|one| one.eq_ignore_ascii_case(value)),
            Self::Items { may_be_empty, of } => are_items(value, may_be_empty, of),
            Self::Replicas => matches!(value, "" | "*") || items(value).all(is_replica),
            Self::ShareReset => matches!(value, "earliest" | "latest") || is_by_duration(value),
        }
    }

    /// Which values those are, to end the sentence `it must be ..`.
    pub(super) fn expected(self, kind: Kind) -> String {
        let list = |of: &[&str]| of.join(", ");
        match self {
            Self::Any => match kind {
                Kind::Boolean => "true or false".to_owned(),
                Kind::Int => "a number of 32 bits".to_owned(),
                Kind::Short => "a number of 16 bits".to_owned(),
                Kind::Long => "a number of 64 bits".to_owned(),
                Kind::Double => "a number".to_owned(),
                Kind::String | Kind::List | Kind::Class | Kind::Password => "text".to_owned(),
            },
            Self::AtLeast(min) => format!("a number of at least {min}"),
            Self::Within(min, max) => format!("a number from {min} to {max}"),
            Self::WithinDouble(min, max) => format!("a number from {min} to {max}"),
            Self::Level(min, max) => format!("a number from {min} to {max}, or -1"),
            Self::NonEmpty => "text that is not empty".to_owned(),
            Self::OneOf(known) | Self::OneOfIgnoringCase(known) => format!("one of {}", list(known)),
            Self::Items { of: [], .. } => "a list without duplicates and empty items".to_owned(),
            Self::Items { of, .. } => format!("a list of some of {}", list(of)),
            Self::Replicas => "*, or a list of partition:broker".to_owned(),
            Self::ShareReset => "earliest, latest or by_duration: and a duration such as PT1H".to_owned(),
        }
    }
}

/// The items of a list; none of the empty one.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(move |_| !text.is_empty())
}

fn are_items(list: &str, may_be_empty: bool, of: &[&str]) -> bool {
    let all: Vec<&str> = items(list).collect();
    let are_unique =
        all.iter().enumerate().all(|(at, item)| !all.iter().skip(at.saturating_add(1)).any(|other| other == item));
    let are_known = all.iter().all(|item| !item.is_empty() && (of.is_empty() || of.contains(item)));
    (may_be_empty || !all.is_empty()) && are_unique && are_known
}

/// A number as Java reads it: it may end in the letter of its type, and `NaN`, which is in every range, is one.
fn java_double(text: &str) -> Option<f64> {
    let is_number = |text: &str| text.starts_with(|first: char| matches!(first, '0'..='9' | '.' | '+' | '-'));
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    (text == "NaN" || is_number(text)).then(|| text.parse().ok()).flatten()
}

/// Numbers of at least this and below the other are written without an exponent.
const PLAIN: std::ops::Range<f64> = 1e-3..1e7;

/// A number as Java writes it.
fn as_java_writes(number: f64) -> String {
    if number.is_nan() || number.is_infinite() {
        let name = if number.is_nan() { "NaN" } else { "Infinity" };
        return if number < 0.0 { format!("-{name}") } else { name.to_owned() };
    }
    if number == 0.0 || PLAIN.contains(&number.abs()) {
        return format!("{number:?}");
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

fn is_replica(pair: &str) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    pair.split_once(':').is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
}

/// Whether this is `by_duration:` and a duration as Java reads it: days, and after a `T` hours, minutes and seconds, each part at most once.
fn is_by_duration(text: &str) -> bool {
    let Some(duration) = text.strip_prefix("by_duration:") else { return false };
    let upper = duration.to_ascii_uppercase();
    let Some(parts) = upper.strip_prefix('P') else { return false };
    let (days, time) = parts.split_once('T').map_or((parts, None), |(days, time)| (days, Some(time)));
    let date = are_parts(days, "D");
    match time {
        Some(time) => (days.is_empty() || date) && are_parts(time, "HMS"),
        None => date,
    }
}

/// Whether these are numbers, each followed by one of the units, which come in their order.
fn are_parts(text: &str, units: &str) -> bool {
    let mut left = units;
    let mut rest = text;
    while let Some(end) = rest.find(|letter: char| letter.is_ascii_alphabetic()) {
        let Some((number, after)) = rest.split_at_checked(end) else { return false };
        let Some(unit) = after.chars().next() else { return false };
        let is_number = !number.is_empty()
            && (number.parse::<u64>().is_ok()
                || (unit == 'S' && number.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0)));
        let Some(at) = left.find(unit).filter(|_| is_number) else { return false };
        left = left.get(at.saturating_add(1)..).unwrap_or_default();
        rest = after.get(1..).unwrap_or_default();
    }
    rest.is_empty() && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_writes_them() {
        for (number, text) in [
            (0.5, "0.5"),
            (1.0, "1.0"),
            (0.0, "0.0"),
            (1e-4, "1.0E-4"),
            (12_345_678.0, "1.2345678E7"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::INFINITY, "Infinity"),
        ] {
            assert_eq!(as_java_writes(number), text);
        }
    }

    #[test]
    fn a_share_group_begins_at_an_end_or_some_time_ago() {
        for good in ["earliest", "latest", "by_duration:P1D", "by_duration:PT1H30M", "by_duration:P2DT0.5S"] {
            assert!(Rule::ShareReset.allows(good), "{good}");
        }
        for bad in ["none", "by_duration:", "by_duration:P", "by_duration:1H", "by_duration:PT1M1H", "by_duration:PTM"]
        {
            assert!(!Rule::ShareReset.allows(bad), "{bad}");
        }
    }
}

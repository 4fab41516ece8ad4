//! The events of `examples/data/events.jsonl`.

/// Two thousand clicks, views and purchases, one JSON object a line.
const EVENTS: &str = include_str!("../data/events.jsonl");

/// One event: the line as it is sent, and who caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The user, who is the key of the record.
    pub user_id: &'a str,
    /// The whole line, which is the value of the record.
    pub json: &'a str,
}

/// A line that is no event.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is no event")]
pub struct EventError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub source: serde_json::Error,
}

/// The fields of an event that are looked at here.
#[derive(serde::Deserialize)]
struct Fields<'a> {
    user_id: &'a str,
}

/// The events, in the order of the file.
///
/// # Errors
/// At the first line that is no event.
pub fn events() -> Result<Vec<Event<'static>>, EventError> {
    let event = |(index, json): (usize, &'static str)| {
        let fields: Fields<'static> =
            serde_json::from_str(json).map_err(|source| EventError { line: index + 1, source })?;
        Ok(Event { user_id: fields.user_id, json })
    };
    EVENTS.lines().enumerate().map(event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_two_thousand_events_of_many_users() {
        let events = events().unwrap_or_default();
        assert_eq!(events.len(), 2000);
        let users: std::collections::BTreeSet<_> = events.iter().map(|event| event.user_id).collect();
        assert!(users.len() > 100, "{} users", users.len());
    }
}

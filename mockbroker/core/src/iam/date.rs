//! The two forms of a time in a signature: `yyyymmddThhmmssZ`, and `yyyymmdd` in the scope.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The `yyyymmdd` of a `yyyymmddThhmmssZ`.
pub(super) fn day(date: &str) -> Option<&str> {
    date.split_once('T').map(|(day, _)| day)
}

/// The time that `yyyymmddThhmmssZ` says, in UTC; `None` where it says none.
pub(super) fn parse(date: &str) -> Option<SystemTime> {
    let (day, time) = date.strip_suffix('Z')?.split_once('T')?;
    let ([year, month, day], [hour, minute, second]) =
        (numbers(day, [0..4, 4..6, 6..8])?, numbers(time, [0..2, 2..4, 4..6])?);
    let in_calendar =
        year >= EPOCH_YEAR && (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
    if !in_calendar || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days: u64 = (EPOCH_YEAR..year)
        .flat_map(|year| (1..=12).map(move |month| days_of_month(year, month)))
        .chain((1..month).map(|month| days_of_month(year, month)))
        .chain([day.saturating_sub(1)])
        .sum();
    let seconds = [days.saturating_mul(86_400), hour.saturating_mul(3_600), minute.saturating_mul(60), second];
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds.into_iter().sum()))
}

const EPOCH_YEAR: u64 = 1970;

/// The numbers that stand in `text` at `places`, which cover all of it.
fn numbers(text: &str, places: [std::ops::Range<usize>; 3]) -> Option<[u64; 3]> {
    let [.., last] = &places;
    if text.len() != last.end || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let [first, second, third] = places.map(|place| text.get(place)?.parse().ok());
    Some([first?, second?, third?])
}

fn days_of_month(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_seconds_since_the_epoch_over_leap_years_and_centuries() {
        for (date, seconds) in [
            ("19700101T000000Z", 0),
            ("20000229T235959Z", 951_868_799),
            ("20260102T030405Z", 1_767_323_045),
            ("21000301T000000Z", 4_107_542_400),
            ("99991231T235959Z", 253_402_300_799),
        ] {
            assert_eq!(parse(date), Some(UNIX_EPOCH + Duration::from_secs(seconds)), "{date}");
        }
    }

    #[test]
    fn what_no_calendar_knows_is_no_date() {
        for text in [
            "",
            "Z",
            "TZ",
            "20260102T030405",
            "20260102030405Z",
            "20260002T030405Z",
            "20261302T030405Z",
            "20260100T030405Z",
            "20260229T030405Z",
            "21000229T030405Z",
            "20260102T240000Z",
            "20260102T036005Z",
            "20260102T030460Z",
            "19691231T235959Z",
            "2026010aT030405Z",
            "+0260102T030405Z",
            "020260102T03040Z",
            "2026010é030405Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

//! The findings as lines of NAME, VERDICT and WHY, with tabs between.
//!
//! A step that both brokers answer alike passes under its name. Each place in which they differ fails under the name of the step at the versions that
//! differ, and the path. A known difference may have `*` in its name for any text, and then stands for all that it fits. One that no difference fits
//! passes, so that whoever holds the lines against the list sees that it is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use crate::run::Finding;

/// The names of the known differences: `NAME: REASON` or `NAME @BROKER: REASON` on each line.
pub(crate) fn names(known: &str) -> Vec<&str> {
    let lines = known.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name.split_once(" @").map_or(name, |(name, _)| name))
        .collect()
}

/// Writes the verdicts.
pub(crate) fn write(findings: &[Finding], known: &[&str], out: &mut impl Write) -> io::Result<()> {
    let mut gone: BTreeSet<&str> = known.iter().copied().collect();
    for finding in findings {
        if finding.differences.is_empty() {
            writeln!(out, "{}\tpass\t", named(finding, &finding.versions))?;
        }
        for (path, (versions, [right, other])) in by_path(finding) {
            let name = format!("{} at {path}", named(finding, &versions));
            let known = known.iter().find(|known| fits(known, &name));
            gone.retain(|name| known != Some(name));
            writeln!(out, "{}\tfail\tat {path}, not {right} but {other}", known.copied().unwrap_or(&name))?;
        }
    }
    for name in gone {
        writeln!(out, "{name}\tpass\t")?;
    }
    out.flush()
}

fn named(finding: &Finding, versions: &[i16]) -> String {
    let Finding { api, what, .. } = finding;
    let separator = if what.is_empty() { "" } else { ", " };
    format!("{api} v{}{separator}{what}", ranges(versions))
}

/// Per path the versions that differ there, and what the brokers say at the first of them.
fn by_path(finding: &Finding) -> BTreeMap<&str, (Vec<i16>, &[String; 2])> {
    let mut by_path = BTreeMap::new();
    for (version, difference) in &finding.differences {
        let (versions, _) = by_path.entry(difference.path.as_str()).or_insert_with(|| (Vec::new(), &difference.said));
        versions.push(*version);
    }
    by_path
}

/// `0-3+5` for 0, 1, 2, 3 and 5.
fn ranges(versions: &[i16]) -> String {
    let mut ranges: Vec<(i16, i16)> = Vec::new();
    for version in versions {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *version => *last = *version,
            _ => ranges.push((*version, *version)),
        }
    }
    let told =
        ranges.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    told.collect::<Vec<_>>().join("+")
}

/// Whether `name` is `pattern`, with any text in the place of each `*`.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            let starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            starts.filter_map(|at| rest.get(at..)).any(|rest| fits(after, rest))
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ottla_wire::ApiKey;

    use super::*;
    use crate::compare::Difference;

    fn told(findings: &[Finding], known: &str) -> String {
        let mut out = Vec::new();
        write(findings, &names(known), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn finding(differing: &[i16]) -> Finding {
        let difference = Difference { path: "$.x[a]".to_owned(), said: ["1".to_owned(), "2".to_owned()] };
        let differences = differing.iter().map(|version| (*version, difference.clone())).collect();
        Finding { api: ApiKey::Fetch, what: "of one".to_owned(), versions: vec![4, 5, 6, 7], differences }
    }

    #[test]
    fn a_difference_is_told_once_with_its_versions_and_agreement_with_all() {
        assert_eq!(told(&[finding(&[])], ""), "Fetch v4-7, of one\tpass\t\n");
        assert_eq!(told(&[finding(&[4, 6, 7])], ""), "Fetch v4+6-7, of one at $.x[a]\tfail\tat $.x[a], not 1 but 2\n");
    }

    #[test]
    fn a_known_difference_is_told_under_the_name_that_it_is_known_by_and_passes_when_it_is_gone() {
        let known = "# why\nFetch v4, of one at $.x[*]: so it is\n";
        assert_eq!(told(&[finding(&[4])], known), "Fetch v4, of one at $.x[*]\tfail\tat $.x[a], not 1 but 2\n");
        let told = told(&[finding(&[4, 5])], known);
        assert!(
            told.contains("Fetch v4-5, of one at $.x[a]\tfail") && told.contains("Fetch v4, of one at $.x[*]\tpass")
        );
    }

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(fits("a*c", "abbc") && fits("*", "") && fits("a*", "a") && fits("*b*", "abc"));
        assert!(!fits("a*c", "abd") && !fits("a", "ab"));
    }
}

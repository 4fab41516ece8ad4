//! `ssl.principal.mapping.rules` (KIP-371): from the subject of a client's certificate to the name of its principal.

use std::borrow::Cow;
use std::fmt;

use regex::{Captures, Regex};

/// The rules of a cluster. Without any, as with `DEFAULT`, a client is called by the whole subject of its certificate.
#[derive(Clone, Debug)]
pub struct PrincipalMapping(Vec<Rule>);

/// Text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule:?} is no rule of ssl.principal.mapping.rules: {reason}")]
pub struct InvalidRule {
    /// The rule.
    pub rule: String,
    /// What is wrong with it.
    pub reason: String,
}

#[derive(Clone, Debug)]
enum Rule {
    Default,
    Replace(Replacement),
}

/// `RULE:<pattern>/<replacement>/`, and `L` or `U` where the letters' case is to change.
#[derive(Clone, Debug)]
struct Replacement {
    pattern: Regex,
    /// The pattern from the beginning to the end of the subject, where alone a rule applies.
    whole: Regex,
    replacement: String,
    case: Case,
}

#[derive(Clone, Copy, Debug)]
enum Case {
    Kept,
    Lower,
    Upper,
}

impl Default for PrincipalMapping {
    fn default() -> Self {
        Self(vec![Rule::Default])
    }
}

impl PrincipalMapping {
    /// Reads rules, which commas separate: `RULE:^CN=(.*?),OU=.*$/$1/L, DEFAULT`. The first that applies holds.
    ///
    /// # Errors
    /// When one of them is no rule.
    pub fn parse(rules: &str) -> Result<Self, InvalidRule> {
        let mut parsed = Vec::new();
        let mut rest = rules.trim();
        while !rest.is_empty() {
            let (rule, after) = take_rule(rest)?;
            parsed.extend(rule);
            rest = after;
        }
        Ok(Self(parsed))
    }

    /// The name that the first rule which applies gives to a subject.
    #[must_use]
    pub fn name(&self, subject: &str) -> Option<String> {
        self.0.iter().find_map(|rule| match rule {
            Rule::Default => Some(subject.to_owned()),
            Rule::Replace(replacement) => replacement.apply(subject),
        })
    }
}

/// The first of some rules, which may be empty, and what stands after it.
fn take_rule(text: &str) -> Result<(Option<Rule>, &str), InvalidRule> {
    let invalid = |reason: &dyn fmt::Display| {
        let rule = text.split(',').next().unwrap_or_default().trim_end().to_owned();
        InvalidRule { rule, reason: reason.to_string() }
    };
    let (rule, rest) = if let Some(rest) = text.strip_prefix("DEFAULT") {
        (Some(Rule::Default), rest)
    } else if let Some(rest) = text.strip_prefix("RULE:") {
        let parts = until_slash(rest).and_then(|(pattern, rest)| Some((pattern, until_slash(rest)?)));
        let (pattern, (replacement, rest)) = parts.ok_or_else(|| invalid(&"it is not RULE:pattern/replacement/"))?;
        let (case, rest) = Case::take(rest);
        let rule = Replacement::new(pattern, replacement, case).map_err(|error| invalid(&error))?;
        (Some(Rule::Replace(rule)), rest)
    } else {
        (None, text)
    };
    match rest.trim_start() {
        "" => Ok((rule, "")),
        rest => match rest.strip_prefix(',') {
            Some(rest) => Ok((rule, rest.trim_start())),
            None => Err(invalid(&"more stands before the comma than a rule has")),
        },
    }
}

/// The text before the next slash that has no backslash before it, and the text after that slash.
fn until_slash(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    let end = text.find(|character| match character {
        _ if is_escaped => {
            is_escaped = false;
            false
        }
        '\\' => {
            is_escaped = true;
            false
        }
        character => character == '/',
    })?;
    Some((text.get(..end)?, text.get(end..)?.strip_prefix('/')?))
}

impl Case {
    fn take(text: &str) -> (Self, &str) {
        if let Some(rest) = text.strip_prefix('L') {
            (Self::Lower, rest)
        } else if let Some(rest) = text.strip_prefix('U') {
            (Self::Upper, rest)
        } else {
            (Self::Kept, text)
        }
    }
}

impl Replacement {
    fn new(pattern: &str, replacement: &str, case: Case) -> Result<Self, regex::Error> {
        let whole = Regex::new(&format!(r"\A(?:{pattern})\z"))?;
        Ok(Self { pattern: Regex::new(pattern)?, whole, replacement: replacement.to_owned(), case })
    }

    fn apply(&self, subject: &str) -> Option<String> {
        if !self.whole.is_match(subject) {
            return None;
        }
        let name = self.replaced(subject);
        Some(match self.case {
            Case::Kept => name,
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
        })
    }

    /// Every match replaced, as Java does it: an empty match may follow at once on one that is not empty.
    fn replaced(&self, subject: &str) -> String {
        let mut out = String::new();
        let (mut copied, mut from) = (0, 0);
        while let Some(found) = self.pattern.captures_at(subject, from) {
            let at = found.get_match();
            out.push_str(subject.get(copied..at.start()).unwrap_or_default());
            out.push_str(&self.expanded(&found));
            copied = at.end();
            let next = subject.get(copied..).and_then(|rest| rest.chars().next());
            from = match next {
                Some(character) if at.is_empty() => copied.saturating_add(character.len_utf8()),
                None if at.is_empty() => break,
                _ => copied,
            };
        }
        out.push_str(subject.get(copied..).unwrap_or_default());
        out
    }

    /// The replacement with `$n` as the text of group n. A backslash makes what follows it plain text, and so does a group that there is not.
    fn expanded(&self, found: &Captures<'_>) -> String {
        let mut out = String::new();
        let mut rest = self.replacement.as_str();
        while let Some(at) = rest.find(['\\', '$']) {
            let (before, marked) = rest.split_at(at);
            out.push_str(before);
            let mut after = marked.chars();
            let marker = after.next();
            let (text, following) = match (marker, group(after.as_str(), found.len())) {
                (Some('$'), Some((group, following))) => {
                    (found.get(group).map_or(Cow::default(), |group| group.as_str().into()), following)
                }
                (Some('$'), None) => ("$".into(), after.as_str()),
                _ => (after.next().map(String::from).unwrap_or_default().into(), after.as_str()),
            };
            out.push_str(&text);
            rest = following;
        }
        out.push_str(rest);
        out
    }
}

/// The group whose number stands first in a text, with as many of its digits as name one of `groups`, and the text after them.
fn group(text: &str, groups: usize) -> Option<(usize, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=digits).rev().find_map(|end| {
        let (number, rest) = text.split_at_checked(end)?;
        let number = number.parse().ok().filter(|number| *number < groups)?;
        Some((number, rest))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn name(rules: &str, subject: &str) -> Option<String> {
        PrincipalMapping::parse(rules).unwrap().name(subject)
    }

    #[test]
    fn without_a_rule_of_its_own_a_client_is_called_by_its_whole_subject() {
        assert_eq!(PrincipalMapping::default().name("CN=app,OU=x").as_deref(), Some("CN=app,OU=x"));
        assert_eq!(name("DEFAULT", "CN=app").as_deref(), Some("CN=app"));
    }

    #[test]
    fn the_first_rule_that_fits_the_whole_subject_holds() {
        // Apache Kafka's SslPrincipalMapperTest.testSslPrincipalMapper has these rules and subjects.
        let rules = "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L, RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L, \
                     RULE:^cn=(.*?),ou=(.*?),dc=(.*?),dc=(.*?)$/$1@$2/U, RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U, DEFAULT";
        for (subject, expected) in [
            ("CN=Duke,OU=ServiceUsers,O=Org,C=US", "duke"),
            ("CN=Duke,OU=SME,O=mycp,L=Fulton,ST=MD,C=US", "duke@sme"),
            ("cn=duke,ou=sme,dc=mycp,dc=com", "DUKE@SME"),
            ("cN=duke,OU=JavaSoft,O=Sun Microsystems", "DUKE"),
            ("OU=JavaSoft,O=Sun Microsystems,C=US", "OU=JavaSoft,O=Sun Microsystems,C=US"),
        ] {
            assert_eq!(name(rules, subject).as_deref(), Some(expected));
        }
        assert_eq!(name("RULE:^CN=(.*)$/$1/", "OU=x"), None);
        assert_eq!(name("RULE:CN/x/", "CN=app"), None, "a part of the subject is not enough");
    }

    #[test]
    fn a_comma_or_an_escaped_slash_does_not_end_a_pattern() {
        assert_eq!(name(r"RULE:^CN=(.*),OU=a\/b$/$1\/c/,DEFAULT", "CN=app,OU=a/b").as_deref(), Some("app/c"));
        assert_eq!(name(",, RULE:^CN=(.*)$/$1/ ,", "CN=app").as_deref(), Some("app"), "empty rules are passed over");
    }

    #[test]
    fn a_group_that_there_is_not_is_plain_text() {
        for (replacement, expected) in [
            ("$1@$4", "app@$4"),
            ("$12", "app2"),
            ("$0", "CN=app"),
            (r"\$1", "$1"),
            ("a$", "a$"),
            ("$x", "$x"),
            ("", ""),
        ] {
            let rule = format!("RULE:^CN=(.*)$/{replacement}/");
            assert_eq!(name(&rule, "CN=app").as_deref(), Some(expected), "{replacement}");
        }
    }

    #[test]
    fn each_match_is_replaced_and_the_empty_one_at_the_end_is_one() {
        assert_eq!(name("RULE:.*/x/", "CN=app").as_deref(), Some("xx"));
        assert_eq!(name("RULE:^.*$/x/", "CN=app").as_deref(), Some("x"));
        assert_eq!(name("RULE:^.*$/é/U", "CN=ü").as_deref(), Some("É"));
    }

    #[test]
    fn what_is_no_rule_is_named() {
        for (rules, rule) in [
            ("FOO", "FOO"),
            ("DEFAULT, RULE:a", "RULE:a"),
            ("RULE:a/b", "RULE:a/b"),
            ("RULE:a/b/X, DEFAULT", "RULE:a/b/X"),
            ("RULE:(/b/", "RULE:(/b/"),
            ("DEFAULTS", "DEFAULTS"),
        ] {
            assert_eq!(PrincipalMapping::parse(rules).unwrap_err().rule, rule);
        }
    }
}

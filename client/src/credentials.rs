//! AWS credentials: given, or from the environment as its owner reads it.

use std::time::{Duration, SystemTime};

pub use aws_credential_types::Credentials;
pub use aws_credential_types::provider::ProvideCredentials;

/// The environment's names for credentials, as AWS's own tools use them.
const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// When the credentials end, as `aws configure export-credentials --format env` says it.
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// What AWS's SDKs would follow to credentials elsewhere, and this version of ottla does not.
const ELSEWHERE: &[&str] = &[
    "AWS_PROFILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/// What names the provider in the `Debug` output of the credentials.
const PROVIDER: &str = "ottla";

/// Credentials that stay as they are: those of an IAM user, or temporary ones with their session token.
///
/// Temporary ones end: where they can, give a [`ProvideCredentials`] that brings new ones.
#[must_use]
pub fn fixed(
    access_key_id: impl Into<String>,
    secret_access_key: impl Into<String>,
    session_token: Option<String>,
) -> Credentials {
    Credentials::new(access_key_id, secret_access_key, session_token, None, PROVIDER)
}

/// The credentials that stand in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones, `AWS_SESSION_TOKEN`.
///
/// Where `AWS_CREDENTIAL_EXPIRATION` has a time in UTC, they end then, and ottla tells expired ones from wrong ones, which MSK does not.
///
/// ottla reads no environment by itself; this is the one place that looks names up, by what it is given:
///
/// ```no_run
/// let credentials = ottla::credentials::from_env(|name| std::env::var(name).ok())?;
/// # Ok::<(), ottla::credentials::EnvironmentError>(())
/// ```
///
/// # Errors
/// When a key is missing or empty. Where the environment points to credentials elsewhere (a profile, a web identity, a container), the error
/// names the variables that do, and the command that turns them into the three above.
pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Credentials, EnvironmentError> {
    let required = |name: &'static str| match variable(name) {
        Some(value) if value.trim().is_empty() => Err(EnvironmentError::Empty { variable: name }),
        Some(value) => Ok(value.trim().to_owned()),
        None => Err(EnvironmentError::Missing {
            variable: name,
            elsewhere: ELSEWHERE.iter().copied().filter(|name| variable(name).is_some()).collect(),
        }),
    };
    let access_key_id = required(ACCESS_KEY_ID)?;
    let secret_access_key = required(SECRET_ACCESS_KEY)?;
    let session_token = variable(SESSION_TOKEN).map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
    let expiry = variable(EXPIRATION).and_then(|text| utc(text.trim()));
    Ok(Credentials::new(access_key_id, secret_access_key, session_token, expiry, "environment"))
}

/// A time of RFC 3339 in UTC, `2026-11-21T12:34:56Z` or with `+00:00`, to the second; nothing where it is another text.
fn utc(text: &str) -> Option<SystemTime> {
    let (date, time) = text.split_once('T')?;
    let time = time.strip_suffix('Z').or_else(|| time.strip_suffix("+00:00"))?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time.split('.').next()?, ':')?;
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !in_range || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // Years that begin in March put the leap day last, so that 153 days are five months.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    let seconds = (days - DAYS_BEFORE_1970) * 86_400 + hour * 3_600 + minute * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// The days from 1 March of the year 0 to 1 January 1970.
const DAYS_BEFORE_1970: u64 = 719_468;

fn numbers(text: &str, separator: char) -> Option<[u64; 3]> {
    let parts: Vec<u64> = text.split(separator).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// Why there are no credentials in the environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// A variable is not set.
    #[error("{variable} is not set{}", advice(elsewhere))]
    Missing {
        /// The variable.
        variable: &'static str,
        /// The variables that are set and point to credentials elsewhere.
        elsewhere: Vec<&'static str>,
    },
    /// A variable is set, and empty.
    #[error("{variable} is set to nothing")]
    Empty {
        /// The variable.
        variable: &'static str,
    },
}

fn advice(elsewhere: &[&str]) -> String {
    if elsewhere.is_empty() {
        return format!("; set {ACCESS_KEY_ID}, {SECRET_ACCESS_KEY} and, for temporary credentials, {SESSION_TOKEN}");
    }
    let (names, verb) = (elsewhere.join(", "), if elsewhere.len() == 1 { "is" } else { "are" });
    format!(
        "; {names} {verb} set, which this version of ottla does not follow: \
         run `eval \"$(aws configure export-credentials --format env)\"` first"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn the_three_variables_make_credentials() {
        let set = &[(ACCESS_KEY_ID, "AKID"), (SECRET_ACCESS_KEY, "hush"), (SESSION_TOKEN, "token")];
        let found = from_env(environment(set));
        let parts = found.map(|it| (it.access_key_id().to_owned(), it.session_token().map(str::to_owned)));
        assert_eq!(parts, Ok(("AKID".to_owned(), Some("token".to_owned()))));
    }

    #[test]
    fn the_end_of_exported_credentials_is_kept() {
        let ends =
            |text: &str| utc(text).and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()).map(|it| it.as_secs());
        assert_eq!(ends("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(ends("2000-02-29T23:59:59+00:00"), Some(951_868_799));
        assert_eq!(ends("2026-11-21T12:34:56.789Z"), Some(1_795_264_496));
        for text in ["", "tomorrow", "2026-11-21", "2026-11-21T12:34:56+02:00", "2026-13-01T00:00:00Z", "1-1-1T1:1:1Z"]
        {
            assert_eq!(ends(text), None, "{text}");
        }
        let set = &[(ACCESS_KEY_ID, "AKID"), (SECRET_ACCESS_KEY, "hush"), (EXPIRATION, "2026-11-21T12:34:56+00:00")];
        let expiry = from_env(environment(set)).map(|found| found.expiry());
        assert_eq!(expiry, Ok(utc("2026-11-21T12:34:56Z")));
    }

    #[test]
    fn a_pointer_to_credentials_elsewhere_is_named_with_the_way_out() {
        let error = from_env(environment(&[("AWS_PROFILE", "dev"), ("AWS_ROLE_ARN", "arn")])).err();
        let elsewhere = vec!["AWS_PROFILE", "AWS_ROLE_ARN"];
        assert_eq!(error, Some(EnvironmentError::Missing { variable: ACCESS_KEY_ID, elsewhere }));
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            text.contains("AWS_PROFILE") && text.contains("aws configure export-credentials --format env"),
            "{text}"
        );
    }

    #[test]
    fn an_empty_variable_is_not_taken_for_a_key() {
        let set = &[(ACCESS_KEY_ID, "AKID"), (SECRET_ACCESS_KEY, "  ")];
        assert_eq!(from_env(environment(set)).err(), Some(EnvironmentError::Empty { variable: SECRET_ACCESS_KEY }));
    }

    #[test]
    fn debug_never_shows_a_secret() {
        let shown = format!("{:?}", fixed("AKID", "s3cret-key", Some("s3cret-token".to_owned())));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

//! AWS credentials: given, or from the environment as its owner reads it.

pub use aws_credential_types::Credentials;
pub use aws_credential_types::provider::ProvideCredentials;

/// The environment's names for credentials, as AWS's own tools use them.
const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

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
    Ok(Credentials::new(access_key_id, secret_access_key, session_token, None, "environment"))
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

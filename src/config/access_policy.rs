//! The settings that restrict who may have images made.

use super::reader::Reader;
use super::secret::Secret;
use crate::error::Error;

/// The shortest token, in characters: a shorter one is soon guessed.
const SHORTEST_TOKEN: usize = 8;
/// The shortest signing key, in characters. It is guessed without asking the service: one signed link tells if a guess
/// is right.
const SHORTEST_SIGNING_KEY: usize = 16;

/// Tokens, a key for signed URLs and a list of sites. Without any of them, everyone may have images made.
#[derive(Debug, Clone, Default)]
pub struct AccessPolicy {
    /// `ACCESS_TOKENS`.
    pub tokens: Vec<Secret>,
    /// `URL_SIGNING_KEY`.
    pub signing_key: Option<Secret>,
    /// `ALLOWED_REFERERS`, in lower case.
    pub referers: Vec<String>,
    /// The problem, if one of the three is malformed. It refuses every caller without a token: ignoring a malformed
    /// setting could open a deployment that was meant to be closed.
    pub(super) problem: Option<Error>,
}

impl AccessPolicy {
    /// Reads the three settings.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            tokens: tokens(reader),
            signing_key: signing_key(reader),
            referers: reader.hosts("ALLOWED_REFERERS"),
            problem: None,
        }
    }

    /// True if everyone may have images made.
    pub fn is_open(&self) -> bool {
        self.problem.is_none() && self.tokens.is_empty() && self.signing_key.is_none() && self.referers.is_empty()
    }

    /// Checks that the settings are valid. The error lists all problems.
    ///
    /// # Errors
    /// 500 `misconfigured`.
    pub fn check(&self) -> Result<(), Error> {
        self.problem.clone().map_or(Ok(()), Err)
    }
}

/// The tokens. A short one is a problem, and opens nothing.
fn tokens(reader: &mut Reader<'_>) -> Vec<Secret> {
    let mut tokens = reader.secrets("ACCESS_TOKENS");
    let count = tokens.len();
    tokens.retain(|token| token.expose().chars().count() >= SHORTEST_TOKEN);
    if tokens.len() < count {
        reader.problem("ACCESS_TOKENS", "takes tokens of at least 8 characters");
    }
    tokens
}

/// The signing key. A short one is a problem, and opens nothing.
fn signing_key(reader: &mut Reader<'_>) -> Option<Secret> {
    let long = |text: &str| Some(Secret::new(text)).filter(|_| text.chars().count() >= SHORTEST_SIGNING_KEY);
    reader.parsed("URL_SIGNING_KEY", "takes at least 16 characters", long)
}

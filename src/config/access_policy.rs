//! The settings that restrict who may have images made.

use super::reader::Reader;
use super::secret::Secret;
use super::token::{self, Token};
use crate::error::Error;

/// The shortest signing key, in characters. It is guessed without asking the service: one signed link tells if a guess
/// is right.
const SHORTEST_SIGNING_KEY: usize = 16;

/// Tokens, a key for signed URLs and a list of sites. Without any of these three, everyone may have images made.
#[derive(Debug, Clone, Default)]
pub struct AccessPolicy {
    /// `ACCESS_TOKENS`.
    pub tokens: Vec<Token>,
    /// `ANONYMOUS_PER_DAY`: new images a day (UTC) of all callers together who have no token; `None`: no limit.
    pub anonymous_per_day: Option<u32>,
    /// `URL_SIGNING_KEY`.
    pub signing_key: Option<Secret>,
    /// `ALLOWED_REFERERS`, in lower case.
    pub referers: Vec<String>,
    /// The problem, if one of them is malformed. It refuses every caller without a token: ignoring a malformed
    /// setting could open a deployment that was meant to be closed.
    pub(super) problem: Option<Error>,
}

impl AccessPolicy {
    /// Reads the settings.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            tokens: token::read(reader),
            anonymous_per_day: reader.parsed("ANONYMOUS_PER_DAY", "takes a whole number from 1", |text| {
                text.parse().ok().filter(|images| *images > 0)
            }),
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

/// The signing key. A short one is a problem, and opens nothing.
fn signing_key(reader: &mut Reader<'_>) -> Option<Secret> {
    let long = |text: &str| Some(Secret::new(text)).filter(|_| text.chars().count() >= SHORTEST_SIGNING_KEY);
    reader.parsed("URL_SIGNING_KEY", "takes at least 16 characters", long)
}

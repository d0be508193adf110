//! The settings that restrict who may have images made.

use super::reader::Reader;
use super::secret::Secret;
use crate::error::Error;

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
            tokens: reader.secrets("ACCESS_TOKENS"),
            signing_key: reader.value("URL_SIGNING_KEY").map(Secret::new),
            referers: reader.hosts("ALLOWED_REFERERS"),
            problem: None,
        }
    }

    /// True if everyone may have images made.
    pub fn is_open(&self) -> bool {
        self.tokens.is_empty() && self.signing_key.is_none() && self.referers.is_empty()
    }

    /// Checks that the settings are valid. The error lists all problems.
    ///
    /// # Errors
    /// 500 `misconfigured`.
    pub fn check(&self) -> Result<(), Error> {
        self.problem.clone().map_or(Ok(()), Err)
    }
}

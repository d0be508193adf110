//! The failures of upstreams, by what they mean.

use serde::{Deserialize, Serialize};

/// A failure of an upstream, by what it is about and what is done about it.
///
/// There is one variant for each reaction; `upstream::classify` maps the vendors' statuses, codes and texts to these.
/// Texts are the upstream's own, cleaned and truncated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// About this request: it refuses this prompt or these parameters, and would do so again.
    #[error("the request was refused: {0}")]
    Rejected(String),
    /// About this model there: it no longer has it.
    #[error("the model is gone: {0}")]
    ModelGone(String),
    /// About the key as a whole: it is wrong, expired or blocked.
    #[error("the key is invalid")]
    KeyInvalid,
    /// About this key for this model: balance, payment, real name, permission, quota.
    #[error("the key is refused for this model: {0}")]
    ModelRefused(String),
    /// A 403 for no known reason: two keys that say it alike mean the request, unlike ones mean nothing.
    #[error("it was forbidden: {0}")]
    Forbidden(String),
    /// About this key for this model, for now: it is over a rate limit or a quota of a period.
    #[error("the key is cooling down")]
    KeyBusy {
        /// The upstream's hint about when to come back.
        cooling: Cooling,
    },
    /// About the address: a 404 or 405 that names no model.
    #[error("there is nothing at its address")]
    UnknownAddress,
    /// About our settings: an account or a path that the vendor does not know.
    #[error("the settings are wrong: {0}")]
    Misconfigured(String),
    /// A failure of its own, or an unreadable response. Another try may succeed.
    #[error("{0}")]
    Transient(String),
    /// It made the image, but returned an address that must not be fetched. Each further try would be paid for as well.
    #[error("{0}")]
    Unfetchable(String),
    /// It did not answer in time.
    #[error("no answer in time")]
    TimedOut,
}

impl UpstreamError {
    /// The code, which the owner reads.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "prompt_rejected",
            Self::ModelGone(_) => "model_gone",
            Self::KeyInvalid => "key_invalid",
            Self::ModelRefused(_) => "key_refused",
            Self::Forbidden(_) => "forbidden",
            Self::KeyBusy { .. } => "rate_limited",
            Self::UnknownAddress => "unknown_address",
            Self::Misconfigured(_) => "misconfigured",
            Self::Transient(_) => "upstream_error",
            Self::Unfetchable(_) => "unfetchable",
            Self::TimedOut => "upstream_timeout",
        }
    }

    /// The same failure with its text, which came from the upstream, passed through `map`.
    #[must_use]
    pub fn map_text(mut self, map: impl Fn(&str) -> String) -> Self {
        match &mut self {
            Self::Rejected(text)
            | Self::ModelGone(text)
            | Self::ModelRefused(text)
            | Self::Forbidden(text)
            | Self::Misconfigured(text)
            | Self::Transient(text)
            | Self::Unfetchable(text) => *text = map(text),
            Self::KeyInvalid | Self::KeyBusy { .. } | Self::UnknownAddress | Self::TimedOut => {}
        }
        self
    }
}

/// An upstream's hint about when a key can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cooling {
    /// After this many milliseconds (`Retry-After`).
    For(u64),
    /// A limit by the minute (RPM, IPM, TPM), with no time given.
    MinuteLimit,
    /// A limit by the day (RPD, IPD, TPD): until midnight in China (UTC+8).
    DayLimit,
    /// A limit by the day of Workers AI: until 00:00 UTC.
    UtcDayLimit,
    /// Until a time that the upstream names, in unix milliseconds.
    Until(u64),
    /// Too many requests, without further detail.
    Unspecified,
}

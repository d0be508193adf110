//! The failures of upstreams, by what they mean.

use serde::{Deserialize, Serialize};

/// A failure of an upstream, by what is done about it.
///
/// There is one variant for each reaction; `upstream::classify` maps the vendors' statuses, codes and texts to these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// It refused this prompt or these parameters, and would do so again. Holds its own text.
    #[error("the request was refused: {0}")]
    Rejected(String),
    /// It no longer has this model: the next model is tried.
    #[error("the model is gone: {0}")]
    ModelGone(String),
    /// It refuses this key (wrong, unverified, out of credit): the key is set aside.
    #[error("the key was refused")]
    KeyRefused,
    /// This key is over a rate limit.
    #[error("the key is cooling down")]
    KeyBusy {
        /// The upstream's hint about when to come back.
        cooling: Cooling,
    },
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
    /// The same failure with its text, which came from the upstream, passed through `map`.
    #[must_use]
    pub fn map_text(self, map: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Rejected(text) => Self::Rejected(map(&text)),
            Self::ModelGone(text) => Self::ModelGone(map(&text)),
            Self::Transient(text) => Self::Transient(map(&text)),
            Self::Unfetchable(text) => Self::Unfetchable(map(&text)),
            other @ (Self::KeyRefused | Self::KeyBusy { .. } | Self::TimedOut) => other,
        }
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
    /// A limit by the day (RPD, IPD, TPD): until the day turns in China.
    DayLimit,
    /// A limit by the day that is reset at midnight UTC (Workers AI).
    UtcDayLimit,
    /// Until this time, in unix milliseconds, which the upstream named.
    Until(u64),
    /// Too many requests, without further detail.
    Unspecified,
}

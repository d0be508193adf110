//! What an upstream's failure means.

use serde::{Deserialize, Serialize};

/// What an upstream's failure means, and so what is done about it.
///
/// One variant for each thing that is acted on; `upstream::classify` maps the vendors' statuses, codes and texts to these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// It refused this prompt or these parameters, and would again: its own text.
    #[error("the request was refused: {0}")]
    Rejected(String),
    /// It no longer has this model: ask for the next one.
    #[error("the model is gone: {0}")]
    ModelGone(String),
    /// It refuses this key (wrong, unverified, spent): set it aside.
    #[error("the key was refused")]
    KeyRefused,
    /// This key is asked too often, for now.
    #[error("the key is cooling down")]
    KeyBusy {
        /// What it said about when to come back.
        cooling: Cooling,
    },
    /// A failure of its own, or an answer that cannot be read. Another try may succeed.
    #[error("{0}")]
    Transient(String),
    /// It drew the image, and has it at an address that is not fetched: it would be paid for each time.
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

/// What an upstream said about when a key can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cooling {
    /// After this many milliseconds (`Retry-After`).
    For(u64),
    /// A limit by the minute (RPM, IPM, TPM), with no time given.
    MinuteLimit,
    /// A limit by the day (RPD, IPD, TPD): until the day turns in China.
    DayLimit,
    /// Too many requests, and nothing more.
    Unspecified,
}

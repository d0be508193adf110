//! What an upstream's failure means.

use serde_json::Value;

use crate::json::{self, Json, serde_by_json};

/// What an upstream's failure means, and so what is done about it.
///
/// One variant for each thing that is acted on; the formats in [`crate::upstream`] map the
/// vendors' statuses, codes and words to these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// It refused this prompt or these parameters, and would again: its words.
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
    /// Bad luck: a failure of its own, an answer that cannot be read. Another try may do better.
    #[error("{0}")]
    Luck(String),
    /// It drew the image, and has it at an address that is not fetched: it would be paid for each time.
    #[error("{0}")]
    Unfetchable(String),
    /// It did not answer in time.
    #[error("no answer in time")]
    TimedOut,
}

/// What an upstream said about when a key can be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Json for Cooling {
    fn to_json(&self) -> Value {
        match self {
            Self::For(ms) => json::variant("for", ms.to_json()),
            Self::MinuteLimit => "minute_limit".into(),
            Self::DayLimit => "day_limit".into(),
            Self::Unspecified => "unspecified".into(),
        }
    }

    fn from_json(json: &Value) -> Option<Self> {
        match json::read_variant(json)? {
            ("for", ms) => u64::from_json(ms).map(Self::For),
            ("minute_limit", _) => Some(Self::MinuteLimit),
            ("day_limit", _) => Some(Self::DayLimit),
            ("unspecified", _) => Some(Self::Unspecified),
            _ => None,
        }
    }
}

serde_by_json!(Cooling);

//! The messages by which the key ring counts: what generations came to, quotas, and what the owner asks for.

use serde::{Deserialize, Serialize};

use crate::domain::account::Account;
use crate::error::ErrorKind;

/// The id of a granted picture of a quota, drawn at random by whoever asks for it.
pub type GrantId = u64;

/// A request for one picture of an account's quota, before anything is spent on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaRequest {
    /// The id of the grant. A repeated request with the same id is the same request.
    pub grant: GrantId,
    /// The account, with its quota.
    pub account: Account,
    /// The time after which it is given back by itself, in milliseconds: its holder is dead.
    pub lasts_ms: u64,
}

/// The admission of a generation. It passes on to the one that stands in for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    /// The picture of the account's quota that was granted for it.
    pub grant: Option<GrantId>,
    /// The time of the admission, in unix milliseconds.
    pub since_ms: u64,
    /// The picture as which the generation was counted already: one that could not be fetched.
    pub counted: Option<MadeCount>,
}

/// A generation that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The name of the account that it was for.
    #[serde(rename = "a")]
    pub account: String,
    /// Its grant of the account's quota: used up by a picture, otherwise given back.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// What it came to.
    #[serde(rename = "r")]
    pub result: EndResult,
    /// The picture that it was counted as before: one that could not be fetched.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<MadeCount>,
}

/// What a generation came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndResult {
    /// A picture.
    Made(MadeCount),
    /// An error.
    Failed(ErrorKind),
    /// Nothing that is counted: another generation's picture was there.
    Nothing,
}

/// A picture, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeCount {
    /// The model that drew it.
    #[serde(rename = "m")]
    pub model: String,
    /// True if its prompt could not be rewritten.
    #[serde(rename = "f", default, skip_serializing_if = "std::ops::Not::not")]
    pub fell_back: bool,
    /// The whole of its making, waiting included, in milliseconds.
    #[serde(rename = "t")]
    pub took_ms: u64,
}

/// The answer to the owner's question about keys and days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingStats {
    /// The slots, in the order of the request.
    pub keys: Vec<KeyStats>,
    /// The last seven days, the newest first.
    pub days: Vec<DayStats>,
}

/// A key, as the owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStats {
    /// Its state, for the models that it was used for.
    pub state: KeyState,
    /// Its state for each model of the request; `None` for one that its endpoint does not have.
    pub models: Vec<Option<KeyState>>,
    /// The pictures of this day (UTC).
    pub today: u32,
    /// The pictures of the last minute.
    pub minute: u32,
    /// The code of its last failure, and the time of it in unix milliseconds.
    pub last_error: Option<(String, u64)>,
}

/// The state of a key. Times are unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Usable now, or in flight.
    Ready,
    /// Cooling down until then.
    Cooling(u64),
    /// Set aside until then, because its upstream refused it.
    Refused(u64),
    /// The endpoint does not have the model; it is asked again then.
    Gone(u64),
}

impl KeyState {
    /// The name, as the owner sees it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Cooling(_) => "cooling",
            Self::Refused(_) => "refused",
            Self::Gone(_) => "gone",
        }
    }
}

/// A number for each name.
pub type Counts = Vec<(String, u32)>;

/// A day's counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayStats {
    /// The day (UTC), in days since 1970.
    pub day: u64,
    /// The pictures.
    pub made: u32,
    /// The generations that failed, by the code of their error.
    pub failed: Counts,
    /// The pictures whose prompt could not be rewritten.
    pub fallbacks: u32,
    /// The pictures by model.
    pub models: Counts,
    /// The pictures by account.
    pub accounts: Counts,
    /// The time that half of the pictures took at most, and the one for 95 of 100, in milliseconds; `None` without any.
    pub percentiles_ms: Option<(u64, u64)>,
    /// The number of times that the store refused a write.
    pub unstored: u32,
}

//! The messages by which the key ring counts: quotas, and what generations came to.

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
    pub account: String,
    /// Its grant of the account's quota: used up by a picture, otherwise given back.
    pub grant: Option<GrantId>,
    /// The picture that it was counted as before: one that could not be fetched.
    pub instead_of: Option<MadeCount>,
    /// What it came to.
    pub result: EndResult,
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
    pub model: String,
    /// True if its prompt could not be rewritten.
    pub fell_back: bool,
    /// Its making until the image API's answer, waiting included, in milliseconds.
    pub took_ms: u64,
}

/// What a generation has come to if its last request for a key brings none. The ring counts it then, without being told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IfRefused {
    /// The error where every key is refused.
    pub refused: ErrorKind,
    /// The error where a key could be had later.
    pub busy: ErrorKind,
    /// The error where the models are gone.
    pub gone: ErrorKind,
    /// The end, where there is nothing to wait for.
    pub ended: Ended,
}

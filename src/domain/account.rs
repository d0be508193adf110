//! Who an image is made for, as the counts and the quotas name it.

use serde::{Deserialize, Serialize};

/// The name of all callers together who have no token.
pub const ANONYMOUS: &str = "anonymous";

/// A token's holder, or all callers without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The token's name in the settings; [`ANONYMOUS`].
    pub name: String,
    /// The maximum number of new images a day (UTC).
    pub per_day: Option<u32>,
}

impl Account {
    /// The account of callers without a token.
    pub fn anonymous(per_day: Option<u32>) -> Self {
        Self { name: ANONYMOUS.to_owned(), per_day }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self::anonymous(None)
    }
}

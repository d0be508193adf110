//! The ring as it is stored between two lives of its object.

use serde::{Deserialize, Serialize};

use super::gone_models::GoneModels;
use super::slots::Slots;
use crate::ports::lease::LeaseId;
use crate::ports::object_call::{from_json, to_json};

/// The version of the stored form; another one is not read.
const VERSION: u32 = 2;
/// The highest name of a lease: JavaScript keeps whole numbers exactly up to here.
const MAX_NAME: u64 = 1 << 53;

/// All that is worth keeping. Those who wait are not: callers ask again under their ticket.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RingState {
    pub(super) slots: Slots,
    pub(super) gone: GoneModels,
    /// The last name given to a lease.
    pub(super) last_lease: LeaseId,
    /// How many leases were handed out: a slot's part of it tells whose turn it is.
    pub(super) turns: u64,
}

/// The stored form.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    version: u32,
    ring: T,
}

impl RingState {
    /// The state that [`RingState::to_json`] wrote. What cannot be read, or is of another version,
    /// gives a fresh one: the keys are then learned about anew.
    pub(super) fn from_json(json: &str) -> Self {
        let stored: Option<Stored<Self>> = from_json(json);
        let stored = stored.filter(|stored| stored.version == VERSION && stored.ring.last_lease <= MAX_NAME);
        stored.map(|stored| stored.ring).unwrap_or_default()
    }

    /// The state as JSON.
    pub(super) fn to_json(&self) -> String {
        to_json(&Stored { version: VERSION, ring: self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_gives_a_fresh_ring() {
        let fresh = RingState::default().to_json();
        let other = fresh.replace("\"version\":2", "\"version\":1");
        let worn_out = fresh.replace("\"last_lease\":0", "\"last_lease\":9007199254740993");
        assert!(other != fresh && worn_out != fresh);
        for json in ["", "null", "{}", "{\"version\":2}", &other, &worn_out, &fresh] {
            assert_eq!(RingState::from_json(json).to_json(), fresh, "{json}");
        }
    }
}

//! The ring's persistent state, which survives a restart of its object.

use serde::{Deserialize, Serialize};

use super::gone_models::GoneModels;
use super::slots::Slots;
use crate::ports::lease::LeaseId;
use crate::ports::object_call::{from_json, to_json};

/// The version of the stored form; other versions are ignored.
const VERSION: u32 = 2;
/// The highest lease id: JavaScript represents whole numbers exactly up to here.
const MAX_NAME: u64 = 1 << 53;

/// The persistent state. Waiting callers are not part of it: they ask again with the same ticket.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RingState {
    pub(super) slots: Slots,
    pub(super) gone: GoneModels,
    /// The id of the last lease.
    pub(super) last_lease: LeaseId,
    /// The number of leases granted so far; a slot's own copy of it gives the order of the rotation.
    pub(super) turns: u64,
}

/// The stored form.
#[derive(Serialize, Deserialize)]
struct Stored<T> {
    version: u32,
    ring: T,
}

impl RingState {
    /// Restores the state that [`RingState::to_json`] wrote. A state that cannot be read, or is of another version, is
    /// replaced by an empty one: rates and cool-downs are then learned again.
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
    fn unreadable_state_gives_an_empty_ring() {
        let fresh = RingState::default().to_json();
        let other = fresh.replace("\"version\":2", "\"version\":1");
        let worn_out = fresh.replace("\"last_lease\":0", "\"last_lease\":9007199254740993");
        assert!(other != fresh && worn_out != fresh);
        for json in ["", "null", "{}", "{\"version\":2}", &other, &worn_out, &fresh] {
            assert_eq!(RingState::from_json(json).to_json(), fresh, "{json}");
        }
    }
}

//! The ring's persistent state, which survives a restart of its object.

use serde::{Deserialize, Serialize};

use super::call_length::CallLength;
use super::gone_models::GoneModels;
use super::names::{NameReader, NameWriter};
use super::slot::SlotState;
use super::slots::Slots;
use super::stats::Stats;
use super::stored_form::{Base, StoredSlot};
use crate::ports::lease::{LeaseId, SlotId};
use crate::ports::object_call::{from_json, to_json};

/// The version of the stored form; other versions are ignored.
const VERSION: u32 = 3;
/// The highest lease id: JavaScript represents whole numbers exactly up to here.
const MAX_NAME: u64 = 1 << 53;

/// The persistent state. Waiting callers are not part of it: they ask again with the same ticket.
#[derive(Debug, Default)]
pub(super) struct RingState {
    pub(super) slots: Slots,
    pub(super) gone: GoneModels,
    pub(super) stats: Stats,
    /// The id of the last lease.
    pub(super) last_lease: LeaseId,
    /// The number of leases granted so far; a slot's own copy of it gives the order of the rotation.
    pub(super) turns: u64,
    pub(super) call_length: CallLength,
    /// The time up to which the state was brought, in unix milliseconds.
    pub(super) now_ms: u64,
}

/// The stored form: names once each, times relative to `now_ms`. It is written at each lease and each report.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(rename = "v")]
    version: u32,
    #[serde(rename = "t")]
    now_ms: u64,
    #[serde(rename = "l")]
    last_lease: LeaseId,
    #[serde(rename = "n")]
    turns: u64,
    #[serde(rename = "c")]
    call_ms: u64,
    #[serde(rename = "x")]
    names: Vec<String>,
    #[serde(rename = "k")]
    slots: Vec<(SlotId, StoredSlot)>,
    #[serde(rename = "g")]
    gone: Vec<String>,
    #[serde(rename = "d", default)]
    days: Vec<String>,
    #[serde(rename = "q", default)]
    grants: Vec<String>,
}

impl RingState {
    /// Restores the state that [`RingState::to_json`] wrote. A state that cannot be read, or is of another version, is
    /// replaced by an empty one: rates and cool-downs are then learned again.
    pub(super) fn from_json(json: &str) -> Self {
        from_json(json).and_then(Self::from_stored).unwrap_or_default()
    }

    fn from_stored(stored: Stored) -> Option<Self> {
        let Stored { version, now_ms, last_lease, turns, call_ms, names, slots, gone, days, grants } = stored;
        if version != VERSION || last_lease > MAX_NAME {
            return None;
        }
        let base = Base { now_ms, lease: last_lease, turns };
        let names = NameReader::new(names);
        let slot = |(id, stored)| Some((id, SlotState::from_stored(stored, base, &names)?));
        Some(Self {
            slots: slots.into_iter().map(slot).collect::<Option<_>>()?,
            gone: GoneModels::from_stored(&gone, now_ms, &names)?,
            // The rotation goes on without them.
            stats: Stats::from_stored(&days, &grants, now_ms, &names).unwrap_or_default(),
            last_lease,
            turns,
            call_length: CallLength::new(call_ms),
            now_ms,
        })
    }

    /// The state as JSON.
    pub(super) fn to_json(&self) -> String {
        let Self { now_ms, last_lease, turns, .. } = *self;
        let base = Base { now_ms, lease: last_lease, turns };
        let mut names = NameWriter::default();
        let slot = |(id, slot): (&SlotId, &SlotState)| (id.clone(), slot.to_stored(base, &mut names));
        let slots = self.slots.iter().map(slot).collect();
        let gone = self.gone.to_stored(now_ms, &mut names);
        let (days, grants) = self.stats.to_stored(now_ms, &mut names);
        let (call_ms, names) = (self.call_length.ms(), names.into_names());
        to_json(&Stored { version: VERSION, now_ms, last_lease, turns, call_ms, names, slots, gone, days, grants })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_from_before_anything_was_counted_still_loads() {
        let old = r#"{"v":3,"t":1780272007000,"l":1780272006000,"n":4,"c":4750,"x":["endpoint","m","n"],"k":[["a",["0 -rs 0  0 1|1::::+-5eg.4mo",[["4","0 -rs n5c 1"]]]],["b",["0 -rs -2|1:17zc::1,253go:.-5eg",[]]],["c",["0 -rs -1 2548g   ?|1::::.-5eg",[]]]],"g":["0 2 255s0"]}"#;
        let state = RingState::from_json(old);
        assert_eq!((state.last_lease, state.turns, state.slots.in_flight()), (1_780_272_006_000, 4, 1));
        let invalid = state.slots.get(&"c".to_owned()).map(|slot| (slot.invalid_until_ms, slot.last_error.clone()));
        assert_eq!(invalid, Some((1_780_275_605_000, None)));
        assert_eq!(state.stats, Stats::default());
        let again = RingState::from_json(&state.to_json());
        assert_eq!((again.slots, again.gone), (state.slots, state.gone));
    }

    #[test]
    fn counts_that_cannot_be_read_leave_the_rotation_as_it_was() {
        let old =
            r#"{"v":3,"t":0,"l":7,"n":7,"c":4750,"x":["endpoint"],"k":[["a",["0 0 0",[]]]],"g":[],"d":["x"],"q":[]}"#;
        let state = RingState::from_json(old);
        assert_eq!((state.turns, state.slots.get(&"a".to_owned()).is_some(), state.stats), (7, true, Stats::default()));
    }

    #[test]
    fn unreadable_state_gives_an_empty_ring() {
        let fresh = RingState::default().to_json();
        let other = fresh.replace("\"v\":3", "\"v\":2");
        let worn_out = fresh.replace("\"l\":0", "\"l\":9007199254740993");
        let nameless = fresh.replace("\"k\":[]", r#""k":[["a",["0 0 0",[]]]]"#);
        assert!(other != fresh && worn_out != fresh && nameless != fresh);
        for json in ["", "null", "{}", "{\"v\":3}", &other, &worn_out, &nameless, &fresh] {
            assert_eq!(RingState::from_json(json).to_json(), fresh, "{json}");
        }
        let version_2 = r#"{"version":2,"ring":{"slots":{},"gone":[],"last_lease":7,"turns":7}}"#;
        assert_eq!(RingState::from_json(version_2).to_json(), fresh);
    }
}

//! All slots that the ring knows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::limits::MAX_SLOTS;
use super::slot::SlotState;
use crate::ports::lease::{Slot, SlotId, Snapshot};

/// Each slot's state, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slots(BTreeMap<SlotId, SlotState>);

impl Slots {
    pub(super) fn get(&self, id: &SlotId) -> Option<&SlotState> {
        self.0.get(id)
    }

    pub(super) fn get_mut(&mut self, id: &SlotId) -> Option<&mut SlotState> {
        self.0.get_mut(id)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&SlotId, &mut SlotState)> {
        self.0.iter_mut()
    }

    /// Takes up the slots that a request names at `now_ms`. Where that makes too many, those go
    /// that were not named for longest, and those first of which there is nothing to remember.
    pub(super) fn register(&mut self, now_ms: u64, named: &[Slot]) {
        for Slot { id, endpoint } in named.iter().take(MAX_SLOTS) {
            self.0.entry(id.clone()).or_default().register(now_ms, endpoint);
        }
        while self.0.len() > MAX_SLOTS {
            let least = self.0.iter().min_by_key(|(_, slot)| {
                let rests = slot.ready_at_ms() > now_ms;
                (slot.in_flight() > 0, rests, slot.named_ms)
            });
            let Some(id) = least.map(|(id, _)| id.clone()) else { break };
            self.0.remove(&id);
        }
    }

    /// Brings every slot up to `now_ms`, and forgets those that are no longer of use.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        self.0.retain(|_, slot| {
            slot.advance_to(now_ms);
            slot.is_worth_keeping(now_ms)
        });
    }

    /// How many leases are out.
    pub(super) fn in_flight(&self) -> usize {
        self.0.values().map(SlotState::in_flight).sum()
    }

    /// When the first lease comes back by itself, in unix milliseconds.
    pub(super) fn next_end_ms(&self) -> Option<u64> {
        self.0.values().filter_map(SlotState::next_end_ms).min()
    }

    /// How these stand at `now_ms`; one that is not known is ready.
    pub(super) fn snapshot(&self, now_ms: u64, named: &[Slot]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (at, Slot { id, .. }) in named.iter().enumerate() {
            if named.iter().take(at).any(|before| before.id == *id) {
                continue;
            }
            match self.get(id) {
                Some(slot) if slot.is_refused(now_ms) => snapshot.disabled += 1,
                Some(slot) if slot.is_cooling(now_ms) => snapshot.cooling += 1,
                _ => snapshot.ready += 1,
            }
        }
        snapshot
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cooling;
    use crate::key_ring::slot::Lease;
    use crate::ports::lease::LeaseOutcome;

    fn named(ids: impl IntoIterator<Item = usize>) -> Vec<Slot> {
        ids.into_iter().map(|id| Slot { id: format!("{id:05}"), endpoint: "e".to_owned() }).collect()
    }

    fn lease(end_ms: u64) -> Lease {
        Lease { id: 1, ticket: "t".to_owned(), start_ms: 0, end_ms, learns: true }
    }

    fn hand_out(slots: &mut Slots, id: &str, end_ms: u64) {
        let slot = slots.get_mut(&id.to_owned());
        assert!(slot.map(|slot| slot.lease(1, lease(end_ms))).is_some());
    }

    fn give_back(slots: &mut Slots, id: &str, outcome: LeaseOutcome) {
        let slot = slots.get_mut(&id.to_owned());
        assert!(slot.map(|slot| slot.give_back(0, 1, outcome)).is_some());
    }

    #[test]
    fn of_too_many_slots_those_stay_that_are_out_or_rest_or_were_named_last() {
        let mut slots = Slots::default();
        slots.register(0, &named(0..3));
        hand_out(&mut slots, "00000", 1_000_000);
        hand_out(&mut slots, "00001", 1_000_000);
        give_back(&mut slots, "00001", LeaseOutcome::Cooling(Cooling::DayLimit));
        for (now, first) in [(1, 1_000), (2, 2_000), (3, 3_000), (4, 4_000)] {
            slots.register(now, &named(first..first + 300));
        }
        assert_eq!(slots.0.len(), MAX_SLOTS);
        let known = |id: &str| slots.get(&id.to_owned()).is_some();
        assert!(known("00000") && known("00001") && known("04000") && known("04299"));
        assert!(!known("00002") && !known("02000"));
    }

    #[test]
    fn a_slot_that_nobody_named_for_25_hours_is_forgotten_unless_it_is_out() {
        let hour = 3_600_000;
        let mut slots = Slots::default();
        slots.register(0, &named(0..2));
        hand_out(&mut slots, "00000", 27 * hour);
        slots.advance_to(25 * hour);
        assert_eq!(slots.0.len(), 2);
        slots.advance_to(25 * hour + 1);
        assert_eq!(slots.0.keys().collect::<Vec<_>>(), ["00000"]);
    }

    #[test]
    fn a_snapshot_counts_each_slot_once_and_unknown_ones_as_ready() {
        let mut slots = Slots::default();
        slots.register(0, &named(0..3));
        hand_out(&mut slots, "00000", 1_000);
        give_back(&mut slots, "00000", LeaseOutcome::Refused);
        hand_out(&mut slots, "00001", 1_000);
        give_back(&mut slots, "00001", LeaseOutcome::Cooling(Cooling::Unspecified));
        let all = [named(0..5), named(0..5)].concat();
        let expected = |ready, cooling, disabled| Snapshot { ready, cooling, disabled };
        assert_eq!(slots.snapshot(59_999, &all), expected(3, 1, 1));
        assert_eq!(slots.snapshot(60_000, &all), expected(4, 0, 1));
        assert_eq!(slots.snapshot(3_600_000, &all), expected(5, 0, 0));
    }
}

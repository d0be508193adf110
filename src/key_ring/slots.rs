//! All slots that the ring knows.

use std::collections::BTreeMap;

use super::limits::MAX_SLOTS;
use super::slot::SlotState;
use super::wish::Wish;
use crate::ports::lease::SlotId;

/// Each slot's state, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

    pub(super) fn iter(&self) -> impl Iterator<Item = (&SlotId, &SlotState)> {
        self.0.iter()
    }

    /// Adds the slots that a caller names at `now_ms`. If that makes too many, those are removed that were not named for
    /// the longest time, and first those about which nothing needs to be remembered.
    pub(super) fn register(&mut self, now_ms: u64, wish: &Wish) {
        for slot in &wish.slots {
            let known = self.0.entry(slot.id.clone()).or_default();
            known.register(now_ms, &slot.endpoint, |name| wish.has_name(slot, name));
        }
        while self.0.len() > MAX_SLOTS {
            let least = self.0.iter().min_by_key(|(_, slot)| (slot.in_flight() > 0, slot.rests(now_ms), slot.named_ms));
            let Some(id) = least.map(|(id, _)| id.clone()) else { break };
            self.0.remove(&id);
        }
    }

    /// Brings every slot up to `now_ms`, and removes those that are no longer of use.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        self.0.retain(|_, slot| {
            slot.advance_to(now_ms);
            slot.is_worth_keeping(now_ms)
        });
    }

    /// The number of active leases.
    pub(super) fn in_flight(&self) -> usize {
        self.0.values().map(SlotState::in_flight).sum()
    }

    /// The time at which the first lease expires, in unix milliseconds.
    pub(super) fn next_end_ms(&self) -> Option<u64> {
        self.0.values().filter_map(SlotState::next_end_ms).min()
    }
}

impl FromIterator<(SlotId, SlotState)> for Slots {
    fn from_iter<T: IntoIterator<Item = (SlotId, SlotState)>>(slots: T) -> Self {
        Self(slots.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;

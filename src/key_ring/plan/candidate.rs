//! A slot that a caller may get.

use super::Now;
use crate::key_ring::model_choice::Draw;
use crate::key_ring::slots::Slots;
use crate::key_ring::waiter::Waiter;
use crate::ports::lease::Priority;

/// A slot that a caller may get. Times are unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    /// Its position in the caller's list.
    pub(super) slot: usize,
    pub(super) priority: Priority,
    /// The ring's count of leases when it was last granted.
    pub(super) turn: u64,
    /// The earliest start, if a call in flight comes back by then and no earlier caller takes it.
    pub(super) at_ms: u64,
    /// The likely start.
    pub(super) expected_ms: u64,
    /// True if `at_ms` can be promised.
    pub(super) is_sure: bool,
    /// True if only time stands between it and its next call.
    pub(super) is_idle: bool,
    pub(super) is_refused: bool,
}

impl Candidate {
    /// Its order by time, then by priority, then by least recent use, then by the settings.
    pub(super) fn by_time(&self) -> (u64, Priority, u64, usize) {
        (self.at_ms, self.priority, self.turn, self.slot)
    }
}

/// The slots that the caller may get.
pub(super) fn candidates(projected: &Slots, waiter: &Waiter, draw: &Draw, now: Now) -> Vec<Candidate> {
    let candidate = |at: &usize| {
        let slot = waiter.slots.get(*at)?;
        let terms = waiter.terms(slot, draw.model)?;
        let state = projected.get(&slot.id)?;
        let at_ms = state.soonest_ms(now.ms, &terms);
        let has_rate = slot.per_minute.is_some();
        let expected_ms = if has_rate { at_ms } else { state.expected_ms(now.ms, at_ms, now.call_ms) };
        let is_idle = has_rate || state.in_flight() == 0;
        // A reservation keeps a key without a set rate from being used meanwhile, for another model too.
        let may_start = has_rate || at_ms <= now.ms || waiter.has_one_model(slot);
        Some(Candidate {
            slot: *at,
            priority: slot.priority,
            turn: state.turn,
            at_ms,
            expected_ms,
            is_sure: is_idle && may_start && expected_ms == at_ms,
            is_idle,
            is_refused: state.is_refused(now.ms, terms.name),
        })
    };
    draw.slots.iter().filter_map(candidate).collect()
}

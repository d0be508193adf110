//! A slot that a caller may get.

use super::slots::Slots;
use super::wish::Wish;
use crate::ports::lease::Priority;

/// The time, and the usual length of a call, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) ms: u64,
    pub(super) call_ms: u64,
}

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
    /// The slot at `slot` of the caller's list, for the model at `model`.
    pub(super) fn new(projected: &Slots, wish: &Wish, model: usize, slot: usize, now: Now) -> Option<Self> {
        let named = wish.slots.get(slot)?;
        let terms = wish.terms(named, model)?;
        let state = projected.get(&named.id)?;
        let at_ms = state.soonest_ms(now.ms, &terms);
        let is_doubtful = state.is_doubtful(terms.name);
        // With a set rate, many calls may be in flight at once; but one alone tries what was refused.
        let is_wide = named.per_minute.is_some() && !is_doubtful;
        let is_idle = match named.per_minute {
            Some(_) => is_wide || !state.is_tried(terms.name),
            None => state.in_flight() == 0,
        };
        let is_at_once = is_idle && named.per_minute.is_some();
        let expected_ms = if is_at_once { at_ms } else { state.expected_ms(now.ms, at_ms, now.call_ms) };
        // A reservation keeps a key without a set rate from being used meanwhile, for another model and by an earlier
        // caller too.
        let may_reserve = is_wide || !is_doubtful && !state.is_claimed() && wish.has_one_model(named);
        Some(Self {
            slot,
            priority: named.priority,
            turn: state.turn,
            at_ms,
            expected_ms,
            is_sure: is_idle && expected_ms == at_ms && (may_reserve || at_ms <= now.ms),
            is_idle,
            is_refused: state.is_refused(now.ms, terms.name),
        })
    }

    /// Its order by time, then by priority, then by least recent use, then by the settings.
    pub(super) fn by_time(&self) -> (u64, Priority, u64, usize) {
        (self.at_ms, self.priority, self.turn, self.slot)
    }
}

//! A lease of a slot.

use std::rc::Rc;

use super::limits::USUAL_CALL_MS;
use crate::ports::lease::LeaseId;

/// A lease of a slot. Times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) id: LeaseId,
    pub(super) ticket: String,
    /// Our name of its model.
    pub(super) model: Rc<str>,
    /// The endpoint's own name of its model.
    pub(super) name: Rc<str>,
    /// The time from which its holder may call.
    pub(super) start_ms: u64,
    /// The time at which it expires.
    pub(super) end_ms: u64,
    /// True if no rate is set for the slot: it is then in use until this lease ends, and a refusal of this call teaches
    /// the rate.
    pub(super) learns: bool,
}

impl Lease {
    /// The time by which it will most likely be returned, if calls take `call_ms`.
    pub(super) fn back_by_ms(&self, now_ms: u64, call_ms: u64) -> u64 {
        let likely = [call_ms, USUAL_CALL_MS].map(|length| self.start_ms.saturating_add(length));
        let back = likely.into_iter().find(|back_ms| *back_ms > now_ms);
        back.map_or(self.end_ms, |back_ms| back_ms.min(self.end_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_expected_back_after_the_mean_then_soon_and_by_its_end_at_the_latest() {
        let (model, end_ms) = (Rc::from("m"), 60_000);
        let lease =
            Lease { id: 1, ticket: String::new(), name: Rc::clone(&model), model, start_ms: 0, end_ms, learns: true };
        for (now, expected) in [(0, 5_000), (4_999, 5_000), (5_000, USUAL_CALL_MS), (USUAL_CALL_MS, 60_000)] {
            assert_eq!(lease.back_by_ms(now, 5_000), expected, "at {now}");
        }
        assert_eq!(lease.back_by_ms(0, u64::MAX), 60_000);
    }
}

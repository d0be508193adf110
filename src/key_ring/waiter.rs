//! A caller that has no reply yet.

use std::rc::Rc;

use super::limits::{MAX_AHEAD_MS, PATIENCE_MS};
use super::wish::Wish;
use crate::ports::lease::LeaseRequest;
use crate::ports::tally::IfRefused;

/// A request without a reply yet. Times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiter {
    pub(super) ticket: String,
    pub(super) arrived_ms: u64,
    pub(super) deadline_ms: u64,
    /// The duration of its lease, in milliseconds.
    pub(super) lease_ms: u64,
    /// The time at which it must be reconsidered.
    pub(super) wake_ms: u64,
    /// What its generation has come to if it is refused.
    pub(super) if_refused: Option<IfRefused>,
    pub(super) wish: Rc<Wish>,
}

impl Waiter {
    /// A request that arrived at `now_ms`, with its times and sizes brought within bounds.
    pub(super) fn new(now_ms: u64, request: LeaseRequest) -> Self {
        let LeaseRequest { ticket, arrived_ms, deadline_ms, lease_ms, if_refused, .. } = request;
        let LeaseRequest { models, names, slots, excluded, may_stand_in, .. } = request;
        let deadline_ms = deadline_ms.min(now_ms.saturating_add(MAX_AHEAD_MS));
        Self {
            ticket,
            arrived_ms: arrived_ms.min(now_ms),
            deadline_ms,
            lease_ms: lease_ms.clamp(1, MAX_AHEAD_MS),
            wake_ms: deadline_ms,
            if_refused,
            wish: Rc::new(Wish::new(models, names, slots, &excluded, may_stand_in)),
        }
    }

    /// The time until which it waits for a key, before a slot of the last priority is used.
    pub(super) fn patience_ms(&self) -> u64 {
        self.arrived_ms.saturating_add(PATIENCE_MS).min(self.deadline_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_ring::testing::{request, slots};

    #[test]
    fn arrival_wait_and_lease_times_are_brought_within_bounds() {
        let request = LeaseRequest {
            arrived_ms: 5_000,
            deadline_ms: u64::MAX,
            lease_ms: u64::MAX,
            ..request("a", 0, &slots(&["k"]), &["m"])
        };
        let waiter = Waiter::new(1_000, request);
        assert_eq!(waiter.arrived_ms, 1_000);
        assert_eq!(waiter.deadline_ms, 1_000 + MAX_AHEAD_MS);
        assert_eq!(waiter.lease_ms, MAX_AHEAD_MS);
    }
}

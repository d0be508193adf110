//! The waiting callers, in the order of arrival.

use super::limits::{MAX_AHEAD_MS, MAX_SLOTS, MAX_WAITERS};
use crate::ports::lease::{LeaseRequest, SlotId};

/// A request without a reply yet. Times are unix milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiter {
    pub(super) ticket: String,
    pub(super) arrived_ms: u64,
    pub(super) deadline_ms: u64,
    /// The duration of its lease, in milliseconds.
    pub(super) lease_ms: u64,
    pub(super) per_minute: Option<u32>,
    /// The time at which it must be reconsidered.
    pub(super) wake_ms: u64,
    /// The acceptable slots, in the order of the settings.
    pub(super) slots: Vec<SlotId>,
}

impl Waiter {
    /// A request that arrived at `now_ms`, with its times and sizes brought within bounds.
    pub(super) fn new(now_ms: u64, request: LeaseRequest) -> Self {
        let named = request.slots.into_iter().take(MAX_SLOTS).map(|slot| slot.id);
        let deadline_ms = request.deadline_ms.min(now_ms.saturating_add(MAX_AHEAD_MS));
        Self {
            ticket: request.ticket,
            arrived_ms: request.arrived_ms.min(now_ms),
            deadline_ms,
            lease_ms: request.lease_ms.clamp(1, MAX_AHEAD_MS),
            per_minute: request.per_minute,
            wake_ms: deadline_ms,
            slots: named.filter(|id| !request.excluded.contains(id)).collect(),
        }
    }

    pub(super) fn can_use(&self, slot: &SlotId) -> bool {
        self.slots.contains(slot)
    }
}

/// The waiting callers, first come first.
#[derive(Debug, Default)]
pub(super) struct Queue(Vec<Waiter>);

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MAX_WAITERS
    }

    /// Adds a caller behind those that arrived no later; one that is here already keeps its place.
    pub(super) fn push(&mut self, mut waiter: Waiter) {
        let queued = self.0.iter_mut().find(|queued| queued.ticket == waiter.ticket);
        if let Some(queued) = queued.filter(|queued| queued.arrived_ms <= waiter.arrived_ms) {
            waiter.arrived_ms = queued.arrived_ms;
            *queued = waiter;
            return;
        }
        self.remove(&waiter.ticket);
        let at = self.0.partition_point(|queued| queued.arrived_ms <= waiter.arrived_ms);
        self.0.insert(at, waiter);
    }

    /// Removes a caller.
    pub(super) fn remove(&mut self, ticket: &str) -> Option<Waiter> {
        let at = self.0.iter().position(|waiter| waiter.ticket == ticket)?;
        Some(self.0.remove(at))
    }

    /// Removes all callers and returns them in order.
    pub(super) fn take(&mut self) -> Vec<Waiter> {
        std::mem::take(&mut self.0)
    }

    /// The time at which the next caller must be reconsidered, in unix milliseconds.
    pub(super) fn next_wake_ms(&self) -> Option<u64> {
        self.0.iter().map(|waiter| waiter.wake_ms).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiter(ticket: &str, arrived_ms: u64) -> Waiter {
        let request = LeaseRequest {
            ticket: ticket.to_owned(),
            arrived_ms,
            deadline_ms: u64::MAX,
            lease_ms: u64::MAX,
            slots: Vec::new(),
            excluded: Vec::new(),
            per_minute: None,
        };
        Waiter::new(1_000, request)
    }

    fn order(queue: &mut Queue) -> String {
        queue.take().into_iter().map(|waiter| waiter.ticket).collect()
    }

    #[test]
    fn the_first_caller_is_in_front_and_a_repeated_request_keeps_its_place() {
        let mut queue = Queue::default();
        for (ticket, arrived) in [("c", 30), ("a", 10), ("d", 30), ("b", 20), ("c", 30), ("b", 25)] {
            queue.push(waiter(ticket, arrived));
        }
        assert_eq!(order(&mut queue), "abcd");
    }

    #[test]
    fn a_caller_that_arrived_earlier_moves_forward() {
        let mut queue = Queue::default();
        for (ticket, arrived) in [("a", 10), ("b", 20), ("b", 5)] {
            queue.push(waiter(ticket, arrived));
        }
        assert_eq!(order(&mut queue), "ba");
    }

    #[test]
    fn arrival_wait_and_lease_times_are_brought_within_bounds() {
        let waiter = waiter("a", 5_000);
        assert_eq!(waiter.arrived_ms, 1_000);
        assert_eq!(waiter.deadline_ms, 1_000 + MAX_AHEAD_MS);
        assert_eq!(waiter.lease_ms, MAX_AHEAD_MS);
    }
}

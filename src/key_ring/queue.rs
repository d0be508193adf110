//! The waiting callers, in the order of arrival.

use std::rc::Rc;

use super::limits::MAX_WAITERS;
use super::waiter::Waiter;

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
        if let Some(same) = self.0.iter().find(|queued| queued.wish == waiter.wish) {
            waiter.wish = Rc::clone(&same.wish);
        }
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

    /// Puts a caller back at the end, in the order of [`Queue::take`].
    pub(super) fn push_last(&mut self, waiter: Waiter) {
        self.0.push(waiter);
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

    /// The number of callers before this one, and the time at which its turn is likely to come, in unix milliseconds.
    pub(super) fn place(&self, ticket: &str) -> Option<(usize, Option<u64>)> {
        let at = self.0.iter().position(|waiter| waiter.ticket == ticket)?;
        Some((at, self.0.get(at)?.ready_at_ms))
    }

    /// The time at which the next caller must be reconsidered, in unix milliseconds.
    pub(super) fn next_wake_ms(&self) -> Option<u64> {
        self.0.iter().map(|waiter| waiter.wake_ms).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_ring::testing::request;

    fn waiter(ticket: &str, arrived_ms: u64) -> Waiter {
        Waiter::new(1_000, request(ticket, arrived_ms, &[], &[]))
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
}

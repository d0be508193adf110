//! Serving the waiting callers.

use std::rc::Rc;

use super::candidate::Now;
use super::lease::Lease;
use super::limits::MAX_LEASES;
use super::model_choice::ModelChoice;
use super::plan::{Step, next_step, refusal};
use super::projection::Projection;
use super::waiter::Waiter;
use super::wish::Wish;
use super::{KeyRing, Woken};
use crate::ports::lease::LeaseReply;

/// The highest lease id that is derived from the clock; the range above it is larger than the number of leases ever
/// granted.
const MAX_CLOCK_NAME: u64 = 1 << 52;

impl KeyRing {
    /// Serves the waiting callers in the order of arrival, as far as possible.
    pub(super) fn dispatch(&mut self, now_ms: u64) -> Vec<Woken> {
        let mut woken = Vec::new();
        let mut goes_on = !self.queue.is_empty();
        while goes_on {
            goes_on = self.dispatch_until_a_day_changes(now_ms, &mut woken);
        }
        woken
    }

    /// Serves the waiting callers in their order. True if it stopped at a grant that may have used up a slot's day: that
    /// may change the choice of a model for callers before it.
    fn dispatch_until_a_day_changes(&mut self, now_ms: u64, woken: &mut Vec<Woken>) -> bool {
        let mut goes_on = false;
        let now = Now { ms: now_ms, call_ms: self.state.call_length.ms() };
        let mut projection = Projection::new(self.state.slots.clone(), now);
        let mut refused = Vec::new();
        let mut waiters = self.queue.take().into_iter();
        while let Some(mut waiter) = waiters.next() {
            let reply = match projection.choice(&self.state.gone, &waiter.wish) {
                ModelChoice::Draw(draw) => match next_step(&mut projection, &waiter, draw.model) {
                    Step::Grant { slot, start_ms } if self.state.slots.in_flight() < MAX_LEASES => {
                        if waiter.wish.has_day_limit(slot) {
                            waiters.by_ref().for_each(|waiter| self.queue.push_last(waiter));
                            goes_on = !self.queue.is_empty();
                        }
                        self.grant(now_ms, &waiter, (slot, draw.model), start_ms, &mut projection)
                    }
                    Step::Hold { wake_ms } if !self.queue.is_full() => {
                        waiter.wake_ms = wake_ms;
                        self.queue.push_last(waiter);
                        continue;
                    }
                    Step::Grant { .. } | Step::Hold { .. } | Step::Refuse => {
                        refused.push((waiter, draw));
                        continue;
                    }
                },
                ModelChoice::StandIn(model) => stand_in(&waiter.wish, model),
                ModelChoice::Gone => LeaseReply::Gone,
            };
            self.count_refusal(now_ms, &waiter, &reply);
            woken.push((waiter.ticket, reply));
        }
        // If they came back, they would wait behind all that are in the queue now.
        woken.extend(refused.into_iter().map(|(waiter, draw)| {
            let reply = refusal(&projection, &waiter, &draw);
            self.count_refusal(now_ms, &waiter, &reply);
            (waiter.ticket, reply)
        }));
        goes_on
    }

    /// Counts the generation of a caller that gets no key, where it told what that means.
    fn count_refusal(&mut self, now_ms: u64, waiter: &Waiter, reply: &LeaseReply) {
        let ended = waiter.if_refused.as_ref().and_then(|if_refused| if_refused.by(reply));
        if let Some(ended) = ended {
            self.state.stats.count(now_ms, &ended);
        }
    }

    /// Grants a slot for a model, at their positions in the caller's lists, from `start_ms` on, both in the state and in
    /// the projection.
    fn grant(
        &mut self,
        now_ms: u64,
        waiter: &Waiter,
        (slot, model): (usize, usize),
        start_ms: u64,
        projection: &mut Projection,
    ) -> LeaseReply {
        let wish = &waiter.wish;
        let names = wish.slots.get(slot).and_then(|slot| Some((slot, wish.name(slot, model)?)));
        let (Some((slot, name)), Some(model)) = (names, wish.models.get(model)) else {
            return LeaseReply::Gone;
        };
        // Ids continue from the clock, so that a ring that lost its state does not reuse one.
        let unused = self.state.last_lease.saturating_add(1);
        self.state.last_lease = unused.max(now_ms.min(MAX_CLOCK_NAME));
        self.state.turns = self.state.turns.saturating_add(1);
        let lease = Lease {
            id: self.state.last_lease,
            ticket: waiter.ticket.clone(),
            model: Rc::clone(model),
            name: Rc::clone(name),
            start_ms,
            end_ms: start_ms.saturating_add(waiter.lease_ms),
            learns: slot.per_minute.is_none(),
        };
        projection.grant(&slot.id, self.state.turns, lease.clone());
        if let Some(taken) = self.state.slots.get_mut(&slot.id) {
            taken.lease(self.state.turns, lease);
        }
        let (id, model) = (slot.id.clone(), model.as_ref().to_owned());
        LeaseReply::Granted { lease: self.state.last_lease, slot: id, model, start_at_ms: start_ms }
    }
}

/// The reply that another model is available.
fn stand_in(wish: &Wish, model: usize) -> LeaseReply {
    let model = wish.models.get(model).map(|model| model.as_ref().to_owned());
    model.map_or(LeaseReply::Gone, |model| LeaseReply::StandIn { model })
}

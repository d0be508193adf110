//! Checks the ring's behaviour against the model.

use free_flux_api::ports::lease::{LeaseReply, LeaseRequest};

use super::harness::{Harness, Held, LEASE_MS, can_use};
use super::model::{Out, SlotModel};

impl Harness {
    /// The slots that the request could get now.
    pub(super) fn ready(&self, request: &LeaseRequest) -> Vec<String> {
        let now = self.now;
        let in_time = now <= request.deadline_ms;
        let ready = self.slots.iter().filter(|(id, slot)| can_use(request, id) && slot.is_ready(now, self.per_minute));
        ready.map(|(id, _)| id.clone()).filter(|_| in_time).collect()
    }

    /// Receives replies, in the order of arrival.
    pub(super) fn receive(&mut self, mut woken: Vec<(String, LeaseReply)>) {
        let arrived = |ticket: &String| {
            self.waiting.iter().find(|waiter| waiter.ticket == *ticket).map(|waiter| waiter.arrived_ms)
        };
        woken.sort_by_key(|(ticket, _)| arrived(ticket));
        for (ticket, answer) in woken {
            let Some(at) = self.waiting.iter().position(|waiter| waiter.ticket == ticket) else {
                assert_eq!(answer, LeaseReply::Queued, "{ticket} did not wait");
                continue;
            };
            match answer {
                LeaseReply::Queued => {}
                LeaseReply::Granted { lease, slot, start_at_ms, .. } => {
                    let request = self.waiting.remove(at);
                    self.granted_to(request, lease, slot, start_at_ms);
                }
                LeaseReply::Exhausted { retry_at_ms, all_refused } => {
                    let request = self.waiting.remove(at);
                    self.exhausted(&request, retry_at_ms, all_refused);
                }
            }
        }
    }

    fn granted_to(&mut self, request: LeaseRequest, lease: u64, id: String, start: u64) {
        let (now, setting) = (self.now, self.per_minute);
        assert!(can_use(&request, &id), "{id} was not asked for");
        assert!((now..=request.deadline_ms).contains(&start), "from {start}, for {request:?} at {now}");
        // An earlier caller that could use the slot may be passed over only if a key of its own is ready as soon.
        let other = |earlier: &LeaseRequest| {
            let mut others = self.slots.iter().filter(|(other, _)| **other != id && can_use(earlier, other));
            others.any(|(_, slot)| !slot.is_out(now) && slot.soonest(now, setting) <= start)
        };
        let overtaken = |earlier: &&LeaseRequest| {
            let first = earlier.arrived_ms < request.arrived_ms && start <= earlier.deadline_ms;
            first && can_use(earlier, &id) && !other(earlier)
        };
        let overtaken = self.waiting.iter().find(overtaken);
        assert_eq!(overtaken, None, "overtaken for {id} by {request:?}");
        if start == now {
            let last = |id: &String| self.slots.get(id).map(|slot| slot.last);
            let first = self.ready(&request).into_iter().min_by_key(last);
            assert_eq!(first.as_ref().and_then(last), last(&id), "out of turn, {first:?} rested longer than {id}");
        }
        self.granted += 1;
        let Some(slot) = self.slots.get_mut(&id) else {
            return;
        };
        assert!(slot.out.iter().all(|out| out.lease != lease), "lease {lease} was given twice");
        assert!(start >= slot.cool_until.max(slot.refused_until), "{id} rests");
        assert!(setting.is_some() || !slot.is_out(now), "{id} is in flight");
        assert!(slot.rate(now, setting).is_none_or(|rate| slot.fits(start, rate)), "{id} past its rate");
        slot.last = self.granted;
        slot.starts.push(start);
        slot.out.push(Out { lease, start, end: start + LEASE_MS });
        self.held.push(Held { request, lease, slot: id, start });
    }

    fn exhausted(&self, request: &LeaseRequest, retry_at: Option<u64>, all_refused: bool) {
        let (now, setting) = (self.now, self.per_minute);
        let usable = || self.slots.iter().filter(|(id, _)| can_use(request, id)).map(|(_, slot)| slot);
        let refused = |slot: &&SlotModel| slot.refused_until > now;
        assert_eq!(all_refused, usable().count() > 0 && usable().all(|slot| refused(&slot)));
        let soonest =
            usable().filter(|slot| all_refused || !refused(slot)).map(|slot| slot.soonest(now, setting)).min();
        assert_eq!(retry_at.is_some(), soonest.is_some());
        if setting.is_some() {
            assert_eq!(retry_at, soonest);
        }
        // A key in flight may come back now, and the callers in the queue come first.
        assert!(retry_at >= soonest, "{retry_at:?} is before {soonest:?}");
        let in_vain = retry_at.is_none_or(|at| at > request.deadline_ms) || now >= request.deadline_ms;
        assert!(in_vain, "sent away until {retry_at:?} at {now}: {request:?}");
    }

    /// No caller waits for a key that is ready, or past its deadline.
    pub(super) fn check(&self) {
        for waiter in &self.waiting {
            assert!(self.now < waiter.deadline_ms, "{waiter:?} waits at {}", self.now);
            assert_eq!(self.ready(waiter), Vec::<String>::new(), "are ready for {waiter:?}");
        }
        let wake = self.ring.next_wake_ms();
        assert_eq!(wake.is_some(), !self.waiting.is_empty());
        assert!(self.ring.to_json().len() < 20_000);
    }

    /// All callers crash; once every lease and every cool-down is over, every key is available again.
    pub(super) fn check_the_end(mut self) {
        self.pass(25 * 3_600_000 + 400_000);
        assert!(self.waiting.is_empty());
        self.named.clone_from(&self.all);
        self.slots.values_mut().for_each(|slot| slot.last = 0);
        for _ in 0..self.all.len() {
            let before = self.held.len();
            self.ask(0, 0);
            assert_eq!(self.held.len(), before + 1);
        }
    }
}

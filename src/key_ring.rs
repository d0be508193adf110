//! The rotation of keys: it decides which caller may use which key, and from which time.
//!
//! This is a pure state machine. Time is passed in as unix milliseconds, replies are returned as values; sleeping,
//! storing and waking are done by [`service`]. It identifies a key by a hash and keeps to these rules:
//!
//! - The least recently used key comes first, among equals the first in the settings. A slot of the first priority comes
//!   before all if it is available at once, one of the last where no other is within two seconds.
//! - Cool-downs, refusals and rates belong to a key with a model. Only an invalid key is unavailable for every model.
//! - A key is not granted before its cool-down ends, nor beyond its limits by the minute and by the day. The limit by the
//!   minute is set (`KEY_IMAGES_PER_MINUTE`) or was learned from a refusal.
//! - Without a set rate, a key has one call in flight at a time, so that learning its limit costs one call. So has any
//!   key for a model that was refused, until an image is made: an hour later, one call finds out.
//! - No caller is overtaken by a later one that could use the same keys.
//! - A caller that cannot be served in time is refused at once, and a lease whose holder never reports expires by
//!   itself.
//! - A model that no endpoint has is passed over. One that is unavailable everywhere for long is passed over for a
//!   caller that named no model ([`model_choice`]).
//!
//! If a caller's start time is known, it gets a reservation, i.e. a lease that starts later, and sleeps by itself. It
//! is queued here while a key in flight may come back sooner than any known time, and where a reservation would keep a
//! key without a set rate from being used meanwhile for another model. A reservation is not updated when more becomes
//! known. If one is returned unused, the next caller gets its time. If a key with reservations must cool down (possible
//! only with a set rate), their holders find out by a refusal of their own.
//!
//! After a restart the ring does not know if the holders of its leases died as well. Leases that keep others from using
//! a key then last a few seconds more, unless their holders ask again: at worst that costs one refused call.

mod call_length;
mod candidate;
mod claims;
pub mod client;
mod cool_down;
mod counts;
mod dispatch;
mod gone_models;
mod grants;
mod histogram;
mod lease;
mod limits;
mod model_choice;
mod names;
mod number;
mod pair;
mod plan;
mod projection;
mod queue;
pub mod service;
mod slot;
mod slots;
mod state;
mod stats;
mod stored_form;
mod stored_slot;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod view;
mod waiter;
mod window;
mod wish;

use std::rc::Rc;

use self::queue::Queue;
use self::state::RingState;
use self::waiter::Waiter;
use crate::ports::lease::{GoneCause, LeaseOutcome, LeaseReply, LeaseRequest, Report};
use crate::ports::tally::QuotaRequest;

/// A reply to a waiting caller, with its ticket.
pub type Woken = (String, LeaseReply);

/// The ring: every slot, its leases, and the waiting callers.
///
/// All times are unix milliseconds. The clock may go backwards: existing restrictions then stay in force, but for no
/// longer than if they had been imposed now.
#[derive(Debug, Default)]
pub struct KeyRing {
    state: RingState,
    queue: Queue,
    /// True if the state was restored, and no time has passed since.
    is_restored: bool,
}

impl KeyRing {
    /// An empty ring.
    pub fn new() -> Self {
        Self::default()
    }

    /// Restores the ring that [`KeyRing::to_json`] wrote; an empty ring if the JSON cannot be read.
    pub fn from_json(json: &str) -> Self {
        Self { state: RingState::from_json(json), queue: Queue::default(), is_restored: true }
    }

    /// The persistent part of the ring, as JSON.
    pub fn to_json(&self) -> String {
        self.state.to_json()
    }

    /// Requests a key at `now_ms`. Returns the caller's own reply, and the replies to waiting callers that are now due.
    ///
    /// After [`LeaseReply::Queued`], a later call returns the reply under the ticket. A ticket that holds a lease gets
    /// the same lease again, unless its start is in the future and it is no longer acceptable.
    pub fn lease(&mut self, now_ms: u64, request: LeaseRequest) -> (LeaseReply, Vec<Woken>) {
        self.advance_to(now_ms);
        let waiter = Waiter::new(now_ms, request);
        self.state.slots.register(now_ms, &waiter.wish);
        if let Some(answer) = self.held_by(now_ms, &waiter) {
            return (answer, self.dispatch(now_ms));
        }
        let ticket = waiter.ticket.clone();
        self.queue.push(waiter);
        let mut woken = self.dispatch(now_ms);
        let index = woken.iter().position(|(name, _)| *name == ticket);
        let reply = index.map_or(LeaseReply::Queued, |at| woken.remove(at).1);
        (reply, woken)
    }

    /// Takes a key back at `now_ms` and returns the replies to waiting callers. A lease that is not active (expired, or
    /// already returned) changes nothing; models that are gone are recorded in any case, and what ended is counted.
    pub fn report(&mut self, now_ms: u64, report: Report) -> Vec<Woken> {
        if let Some(lease) = report.lease {
            let holder = self.state.slots.iter_mut().map(|(_, slot)| slot).find(|slot| slot.holds(lease));
            if let Some(slot) = holder {
                if let Some(took_ms) = slot.give_back(now_ms, lease, report.outcome) {
                    self.state.call_length.add(took_ms);
                }
                if let Some(code) = &report.failure {
                    slot.note_failure(now_ms, code);
                }
            }
        }
        self.state.stats.advance_to(now_ms);
        if let Some(ended) = &report.ended {
            self.state.stats.count(now_ms, ended);
        }
        if report.unstored {
            self.state.stats.count_unstored(now_ms);
        }
        self.state.gone.add(now_ms, report.gone);
        self.tick(now_ms)
    }

    /// Advances the time to `now_ms` and returns the replies that are due.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Woken> {
        self.advance_to(now_ms);
        self.dispatch(now_ms)
    }

    /// The time at which [`KeyRing::tick`] must be called if nothing else happens before, in unix milliseconds; `None`
    /// if no caller waits.
    pub fn next_wake_ms(&self) -> Option<u64> {
        let wake = self.queue.next_wake_ms()?;
        Some(self.state.slots.next_end_ms().map_or(wake, |end| end.min(wake)))
    }

    /// Cancels a request whose caller has gone without receiving its reply: its place in the queue, or the lease it was
    /// granted, is released as if it had never asked. Returns the replies to waiting callers.
    pub fn cancel(&mut self, now_ms: u64, ticket: &str) -> Vec<Woken> {
        self.queue.remove(ticket);
        for (_, slot) in self.state.slots.iter_mut() {
            slot.give_back_ticket(now_ms, ticket, LeaseOutcome::Unused);
        }
        self.tick(now_ms)
    }

    /// Grants a picture of an account's quota at `now_ms`. False if the account has had its pictures of the day.
    pub fn acquire(&mut self, now_ms: u64, request: &QuotaRequest) -> bool {
        self.advance_to(now_ms);
        self.state.stats.grant(now_ms, request)
    }

    /// Brings the state up to `now_ms`: expired leases are taken back, outdated information is dropped.
    fn advance_to(&mut self, now_ms: u64) {
        if std::mem::take(&mut self.is_restored) {
            self.state.slots.iter_mut().for_each(|(_, slot)| slot.shorten_leases(now_ms));
        }
        self.state.now_ms = now_ms;
        self.state.slots.advance_to(now_ms);
        self.state.gone.advance_to(now_ms);
        self.state.stats.advance_to(now_ms);
    }

    /// The ticket's active lease, if it is still acceptable; otherwise (its key was excluded, its model is gone, or it
    /// cools down beyond the lease's start) the lease is returned.
    fn held_by(&mut self, now_ms: u64, waiter: &Waiter) -> Option<LeaseReply> {
        let ticket = &waiter.ticket;
        let mut slots = self.state.slots.iter_mut();
        let (id, slot) = slots.find(|(_, slot)| slot.lease_of(ticket).is_some())?;
        let lease = slot.lease_of(ticket)?;
        let (lease_id, model, start_ms) = (lease.id, Rc::clone(&lease.model), lease.start_ms);
        let started = start_ms <= now_ms;
        let is_gone = self.state.gone.cause(now_ms, &slot.endpoint, &lease.name) == Some(GoneCause::NoSuchModel);
        let is_ready = started || slot.ready_at_ms(&lease.name) <= start_ms;
        if waiter.wish.accepts(id, &model, &lease.name) && is_ready && !is_gone {
            slot.renew(now_ms, ticket, waiter.lease_ms);
            let model = model.as_ref().to_owned();
            return Some(LeaseReply::Granted { lease: lease_id, slot: id.clone(), model, start_at_ms: start_ms });
        }
        let outcome = if started { LeaseOutcome::Failed } else { LeaseOutcome::Unused };
        slot.give_back_ticket(now_ms, ticket, outcome);
        None
    }
}

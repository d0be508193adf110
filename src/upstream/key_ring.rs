//! The rotation of keys: who may call which upstream with which key, and from when.
//!
//! A state machine and nothing else. Time comes in as unix milliseconds, answers go out as
//! values; sleeping, storing and waking are its keeper's. It knows a key by a hash and keeps to
//! these rules:
//!
//! - the key that was handed out longest ago comes first, among equals the first of the settings;
//! - a key is not handed out before its upstream wants it again, nor past its rate, whether that
//!   is set (`KEY_IMAGES_PER_MINUTE`) or was learned from a refusal;
//! - without a set rate a key has one call in flight, so that one call is lost to learn its limit;
//! - nobody is overtaken by a caller who came later and could use the same keys;
//! - who cannot be served in time is told so at once, and a lease whose holder is never heard of
//!   again comes back by itself.
//!
//! A caller whose time is known gets a reservation, a lease that starts later, and sleeps by
//! itself. It is held here only while a key in flight may come back sooner than any known time.
//! What is known can change after a reservation was made: one that is given back unused frees a
//! time that the next caller gets, and a key that is told to rest may have reservations out (with
//! a set rate only), whose holders then learn of it by a refusal of their own.

mod cool_down;
mod gone_models;
mod plan;
mod queue;
mod saved;
mod slot;
mod slots;
#[cfg(test)]
mod tests;
mod window;

use self::gone_models::GoneModels;
use self::plan::Step;
use self::queue::{Queue, Waiter};
use self::slot::Lease;
use self::slots::Slots;
use crate::ports::lease::{LeaseAnswer, LeaseId, LeaseOutcome, LeaseRequest, Report, Slot, SlotId, Snapshot};

/// An answer to somebody who waited, with the ticket it is for.
pub type Woken = (String, LeaseAnswer);

/// The furthest ahead a key is promised, and the longest it is held, in milliseconds: longer than
/// the longest `GENERATION_TIMEOUT`. A start further ahead was written by a clock that was since
/// set back.
const MAX_AHEAD_MS: u64 = 6 * 60 * 1_000;
/// Leases that are out at once, so that the ring's state stays small enough to be stored.
const MAX_LEASES: usize = 1_024;

/// The ring: every slot, its leases, and who waits for one.
///
/// All times are unix milliseconds. They may go backwards: what was known then stays in force, but
/// for no longer than it could have been made to now.
#[derive(Debug, Default)]
pub struct KeyRing {
    slots: Slots,
    gone: GoneModels,
    /// The last name given to a lease.
    last_lease: LeaseId,
    /// How many leases were handed out: a slot's part of it tells whose turn it is.
    turns: u64,
    queue: Queue,
}

impl KeyRing {
    /// A ring that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a key at `now_ms`: the caller's own answer, and answers to others that came due.
    ///
    /// After [`LeaseAnswer::Queued`] the answer follows under the ticket, from whichever call
    /// brings it about. A ticket that holds a lease gets the same again, unless its time has yet
    /// to come and it will no longer do.
    pub fn lease(&mut self, now_ms: u64, request: LeaseRequest) -> (LeaseAnswer, Vec<Woken>) {
        self.settle(now_ms);
        self.slots.name(now_ms, &request.slots);
        let waiter = Waiter::new(now_ms, request);
        if let Some(answer) = self.held_by(now_ms, &waiter) {
            return (answer, self.dispatch(now_ms));
        }
        let ticket = waiter.ticket.clone();
        self.queue.push(waiter);
        let mut woken = self.dispatch(now_ms);
        let own = woken.iter().position(|(name, _)| *name == ticket);
        let answer = own.map_or(LeaseAnswer::Queued, |at| woken.remove(at).1);
        (answer, woken)
    }

    /// Takes a key back at `now_ms`: answers to those who waited for it. A lease that is not out
    /// (it expired, or was given back before) changes nothing.
    pub fn report(&mut self, now_ms: u64, report: Report) -> Vec<Woken> {
        let holder = self.slots.iter_mut().map(|(_, slot)| slot).find(|slot| slot.holds(report.lease));
        if let Some(slot) = holder {
            slot.give_back(now_ms, report.lease, report.outcome);
            self.gone.add(now_ms, &slot.endpoint, report.gone_models);
        }
        self.tick(now_ms)
    }

    /// Lets time pass: answers that came due by `now_ms`.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Woken> {
        self.settle(now_ms);
        self.dispatch(now_ms)
    }

    /// When [`KeyRing::tick`] has something to do if nothing else happens before, in unix
    /// milliseconds; `None` while nobody waits.
    pub fn next_wake_ms(&self) -> Option<u64> {
        let wake = self.queue.next_wake_ms()?;
        Some(self.slots.next_end_ms().map_or(wake, |end| end.min(wake)))
    }

    /// The caller of `ticket` is gone without having heard its answer: its place, or the lease it
    /// was granted, is given back as if it had never asked. Answers to those who waited behind.
    pub fn forget(&mut self, now_ms: u64, ticket: &str) -> Vec<Woken> {
        self.queue.remove(ticket);
        for (_, slot) in self.slots.iter_mut() {
            slot.give_back_ticket(now_ms, ticket, LeaseOutcome::Unused);
        }
        self.tick(now_ms)
    }

    /// How the named slots stand at `now_ms`; one the ring has not heard of is ready.
    pub fn snapshot(&self, now_ms: u64, slots: &[Slot]) -> Snapshot {
        self.slots.snapshot(now_ms, slots)
    }

    /// Brings everything up to `now_ms`: leases that ended come back, what is past is forgotten.
    fn settle(&mut self, now_ms: u64) {
        self.slots.settle(now_ms);
        self.gone.settle(now_ms);
    }

    /// The lease that the ticket holds already, if it will still do; one that will not (its key is
    /// no longer wanted, or rests beyond the start) is given back.
    fn held_by(&mut self, now_ms: u64, waiter: &Waiter) -> Option<LeaseAnswer> {
        let ticket = &waiter.ticket;
        let mut slots = self.slots.iter_mut();
        let (id, slot) = slots.find(|(_, slot)| slot.lease_of(ticket).is_some())?;
        let lease = slot.lease_of(ticket)?;
        let started = lease.start_ms <= now_ms;
        if waiter.can_use(id) && (started || slot.ready_at_ms() <= lease.start_ms) {
            return Some(LeaseAnswer::Granted {
                lease: lease.id,
                slot: id.clone(),
                start_at_ms: lease.start_ms,
                gone_models: self.gone.of(now_ms, &slot.endpoint),
            });
        }
        let outcome = if started { LeaseOutcome::Failed } else { LeaseOutcome::Unused };
        slot.give_back_ticket(now_ms, ticket, outcome);
        None
    }

    /// Gives out what can be given, in the order of arrival.
    fn dispatch(&mut self, now_ms: u64) -> Vec<Woken> {
        let mut woken = Vec::new();
        if self.queue.is_empty() {
            return woken;
        }
        // What is taken, and what those who stay in the queue claim on top of it.
        let mut sketch = self.slots.clone();
        for mut waiter in self.queue.take() {
            let step = plan::next_step(&mut sketch, &waiter, now_ms);
            let answer = match step {
                Step::Grant { slot, start_ms } if self.slots.in_flight() < MAX_LEASES => {
                    self.grant(now_ms, &waiter, slot, start_ms, &mut sketch)
                }
                Step::Hold { wake_ms, .. } if !self.queue.is_full() => {
                    waiter.wake_ms = wake_ms;
                    self.queue.push(waiter);
                    continue;
                }
                Step::Grant { start_ms: at, .. } | Step::Hold { soonest_ms: at, .. } => {
                    LeaseAnswer::Exhausted { retry_at_ms: Some(at), all_refused: false }
                }
                Step::Refuse { retry_at_ms, all_refused } => LeaseAnswer::Exhausted { retry_at_ms, all_refused },
            };
            woken.push((waiter.ticket, answer));
        }
        woken
    }

    /// Hands `slot` to `waiter` from `start_ms` on, here and in the sketch of what is taken.
    fn grant(&mut self, now_ms: u64, waiter: &Waiter, slot: SlotId, start_ms: u64, sketch: &mut Slots) -> LeaseAnswer {
        // Names go on from the clock, so that a ring that lost its state gives none a second time.
        let unused = self.last_lease.saturating_add(1);
        self.last_lease = unused.max(now_ms.min(saved::MAX_CLOCK_NAME));
        self.turns = self.turns.saturating_add(1);
        let lease = Lease {
            id: self.last_lease,
            ticket: waiter.ticket.clone(),
            start_ms,
            end_ms: start_ms.saturating_add(waiter.lease_ms),
            learns: waiter.per_minute.is_none(),
        };
        if let Some(planned) = sketch.get_mut(&slot) {
            planned.lease(self.turns, lease.clone());
        }
        let mut gone_models = Vec::new();
        if let Some(taken) = self.slots.get_mut(&slot) {
            taken.lease(self.turns, lease);
            gone_models = self.gone.of(now_ms, &taken.endpoint);
        }
        LeaseAnswer::Granted { lease: self.last_lease, slot, start_at_ms: start_ms, gone_models }
    }
}

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

pub mod client;
mod cool_down;
mod gone_models;
mod limits;
mod plan;
mod queue;
pub mod service;
mod slot;
mod slots;
mod state;
#[cfg(test)]
mod tests;
mod window;

use self::limits::MAX_LEASES;
use self::plan::Step;
use self::queue::{Queue, Waiter};
use self::slot::Lease;
use self::slots::Slots;
use self::state::RingState;
use crate::ports::lease::{LeaseOutcome, LeaseReply, LeaseRequest, Report, Slot, SlotId, Snapshot};

/// An answer to somebody who waited, with the ticket it is for.
pub type Woken = (String, LeaseReply);

/// The highest name of a lease that the clock may set: it leaves more names than are ever given out.
const MAX_CLOCK_NAME: u64 = 1 << 52;

/// The ring: every slot, its leases, and who waits for one.
///
/// All times are unix milliseconds. They may go backwards: what was known then stays in force, but
/// for no longer than it could have been made to now.
#[derive(Debug, Default)]
pub struct KeyRing {
    state: RingState,
    queue: Queue,
}

impl KeyRing {
    /// A ring that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The ring that [`KeyRing::to_json`] wrote; a fresh one where that cannot be read.
    pub fn from_json(json: &str) -> Self {
        Self { state: RingState::from_json(json), queue: Queue::default() }
    }

    /// All that is worth keeping, as JSON.
    pub fn to_json(&self) -> String {
        self.state.to_json()
    }

    /// Asks for a key at `now_ms`: the caller's own answer, and answers to others that came due.
    ///
    /// After [`LeaseReply::Queued`] the answer follows under the ticket, from whichever call
    /// brings it about. A ticket that holds a lease gets the same again, unless its time has yet
    /// to come and it will no longer do.
    pub fn lease(&mut self, now_ms: u64, request: LeaseRequest) -> (LeaseReply, Vec<Woken>) {
        self.advance_to(now_ms);
        self.state.slots.register(now_ms, &request.slots);
        let waiter = Waiter::new(now_ms, request);
        if let Some(answer) = self.held_by(now_ms, &waiter) {
            return (answer, self.dispatch(now_ms));
        }
        let ticket = waiter.ticket.clone();
        self.queue.push(waiter);
        let mut woken = self.dispatch(now_ms);
        let own = woken.iter().position(|(name, _)| *name == ticket);
        let answer = own.map_or(LeaseReply::Queued, |at| woken.remove(at).1);
        (answer, woken)
    }

    /// Takes a key back at `now_ms`: answers to those who waited for it. A lease that is not out
    /// (it expired, or was given back before) changes nothing.
    pub fn report(&mut self, now_ms: u64, report: Report) -> Vec<Woken> {
        let holder = self.state.slots.iter_mut().map(|(_, slot)| slot).find(|slot| slot.holds(report.lease));
        if let Some(slot) = holder {
            slot.give_back(now_ms, report.lease, report.outcome);
            self.state.gone.add(now_ms, &slot.endpoint, report.gone_models);
        }
        self.tick(now_ms)
    }

    /// Lets time pass: answers that came due by `now_ms`.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Woken> {
        self.advance_to(now_ms);
        self.dispatch(now_ms)
    }

    /// When [`KeyRing::tick`] has something to do if nothing else happens before, in unix
    /// milliseconds; `None` while nobody waits.
    pub fn next_wake_ms(&self) -> Option<u64> {
        let wake = self.queue.next_wake_ms()?;
        Some(self.state.slots.next_end_ms().map_or(wake, |end| end.min(wake)))
    }

    /// The caller of `ticket` is gone without having heard its answer: its place, or the lease it
    /// was granted, is given back as if it had never asked. Answers to those who waited behind.
    pub fn cancel(&mut self, now_ms: u64, ticket: &str) -> Vec<Woken> {
        self.queue.remove(ticket);
        for (_, slot) in self.state.slots.iter_mut() {
            slot.give_back_ticket(now_ms, ticket, LeaseOutcome::Unused);
        }
        self.tick(now_ms)
    }

    /// How the named slots stand at `now_ms`; one the ring has not heard of is ready.
    pub fn snapshot(&self, now_ms: u64, slots: &[Slot]) -> Snapshot {
        self.state.slots.snapshot(now_ms, slots)
    }

    /// Brings everything up to `now_ms`: leases that ended come back, what is past is forgotten.
    fn advance_to(&mut self, now_ms: u64) {
        self.state.slots.advance_to(now_ms);
        self.state.gone.advance_to(now_ms);
    }

    /// The lease that the ticket holds already, if it will still do; one that will not (its key is
    /// no longer wanted, or rests beyond the start) is given back.
    fn held_by(&mut self, now_ms: u64, waiter: &Waiter) -> Option<LeaseReply> {
        let ticket = &waiter.ticket;
        let mut slots = self.state.slots.iter_mut();
        let (id, slot) = slots.find(|(_, slot)| slot.lease_of(ticket).is_some())?;
        let lease = slot.lease_of(ticket)?;
        let started = lease.start_ms <= now_ms;
        if waiter.can_use(id) && (started || slot.ready_at_ms() <= lease.start_ms) {
            return Some(LeaseReply::Granted {
                lease: lease.id,
                slot: id.clone(),
                start_at_ms: lease.start_ms,
                gone_models: self.state.gone.of(now_ms, &slot.endpoint),
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
        let mut projected = self.state.slots.clone();
        for mut waiter in self.queue.take() {
            let step = plan::next_step(&mut projected, &waiter, now_ms);
            let answer = match step {
                Step::Grant { slot, start_ms } if self.state.slots.in_flight() < MAX_LEASES => {
                    self.grant(now_ms, &waiter, slot, start_ms, &mut projected)
                }
                Step::Hold { wake_ms, .. } if !self.queue.is_full() => {
                    waiter.wake_ms = wake_ms;
                    self.queue.push(waiter);
                    continue;
                }
                Step::Grant { start_ms: at, .. } | Step::Hold { soonest_ms: at, .. } => {
                    LeaseReply::Exhausted { retry_at_ms: Some(at), all_refused: false }
                }
                Step::Refuse { retry_at_ms, all_refused } => LeaseReply::Exhausted { retry_at_ms, all_refused },
            };
            woken.push((waiter.ticket, answer));
        }
        woken
    }

    /// Hands `slot` to `waiter` from `start_ms` on, here and in the sketch of what is taken.
    fn grant(
        &mut self,
        now_ms: u64,
        waiter: &Waiter,
        slot: SlotId,
        start_ms: u64,
        projected: &mut Slots,
    ) -> LeaseReply {
        // Names go on from the clock, so that a ring that lost its state gives none a second time.
        let unused = self.state.last_lease.saturating_add(1);
        self.state.last_lease = unused.max(now_ms.min(MAX_CLOCK_NAME));
        self.state.turns = self.state.turns.saturating_add(1);
        let lease = Lease {
            id: self.state.last_lease,
            ticket: waiter.ticket.clone(),
            start_ms,
            end_ms: start_ms.saturating_add(waiter.lease_ms),
            learns: waiter.per_minute.is_none(),
        };
        if let Some(planned) = projected.get_mut(&slot) {
            planned.lease(self.state.turns, lease.clone());
        }
        let mut gone_models = Vec::new();
        if let Some(taken) = self.state.slots.get_mut(&slot) {
            taken.lease(self.state.turns, lease);
            gone_models = self.state.gone.of(now_ms, &taken.endpoint);
        }
        LeaseReply::Granted { lease: self.state.last_lease, slot, start_at_ms: start_ms, gone_models }
    }
}

//! The ring and its callers, with the steps of a schedule.

use std::collections::BTreeMap;

use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{LeaseOutcome, LeaseReply, LeaseRequest, Report, Slot};
use proptest::sample::Index;

use super::model::SlotModel;

const START_MS: u64 = 1_763_800_000_000;
/// The maximum duration of a lease, in milliseconds.
pub(super) const LEASE_MS: u64 = 45_000;

/// A key that a caller holds.
pub(super) struct Held {
    pub(super) request: LeaseRequest,
    pub(super) lease: u64,
    pub(super) slot: String,
    pub(super) start: u64,
}

pub(super) struct Harness {
    pub(super) ring: KeyRing,
    pub(super) now: u64,
    pub(super) per_minute: Option<u32>,
    pub(super) all: Vec<Slot>,
    pub(super) named: Vec<Slot>,
    pub(super) slots: BTreeMap<String, SlotModel>,
    pub(super) waiting: Vec<LeaseRequest>,
    pub(super) held: Vec<Held>,
    pub(super) asked: usize,
    pub(super) granted: usize,
}

/// True if the request accepts this slot.
pub(super) fn can_use(request: &LeaseRequest, slot: &str) -> bool {
    request.slots.iter().any(|named| named.id == slot) && !request.excluded.iter().any(|id| id == slot)
}

fn pick<T>(of: &[T], index: Index) -> Option<&T> {
    of.get(index.index(of.len().max(1)))
}

impl Harness {
    pub(super) fn new(keys: usize, per_minute: Option<u32>) -> Self {
        let all: Vec<_> =
            (0..keys).map(|id| Slot { id: format!("slot-{id}"), endpoint: format!("at-{}", id % 2) }).collect();
        Self {
            ring: KeyRing::new(),
            now: START_MS,
            per_minute,
            named: all.clone(),
            slots: all.iter().map(|slot| (slot.id.clone(), SlotModel::default())).collect(),
            all,
            waiting: Vec::new(),
            held: Vec::new(),
            asked: 0,
            granted: 0,
        }
    }

    pub(super) fn ask(&mut self, excluded: u8, patience_ms: u64) {
        self.asked += 1;
        let chosen = |at: &usize| excluded >> (at % 8) & 1 == 1;
        let excluded = self.all.iter().enumerate().filter(|(at, _)| chosen(at)).map(|(_, slot)| slot.id.clone());
        self.send(LeaseRequest {
            ticket: format!("ticket-{}", self.asked),
            arrived_ms: self.now,
            deadline_ms: self.now + patience_ms,
            lease_ms: LEASE_MS,
            slots: self.named.clone(),
            excluded: excluded.collect(),
            per_minute: self.per_minute,
        });
    }

    /// Sends a request, and checks the reply against the model.
    fn send(&mut self, request: LeaseRequest) {
        let ready = self.ready(&request);
        let alone = self.waiting.is_empty();
        let (answer, mut woken) = self.ring.lease(self.now, request.clone());
        if alone && !ready.is_empty() {
            let now = matches!(&answer, LeaseReply::Granted { start_at_ms, .. } if *start_at_ms == self.now);
            assert!(now, "{ready:?} are ready, and the answer is {answer:?}");
        }
        self.waiting.retain(|other| other.ticket != request.ticket);
        woken.push((request.ticket.clone(), answer));
        self.waiting.push(request);
        self.receive(woken);
    }

    pub(super) fn ask_again(&mut self, index: Index) {
        if let Some(waiter) = pick(&self.waiting, index).cloned() {
            let (answer, woken) = self.ring.lease(self.now, waiter);
            assert_eq!((answer, woken), (LeaseReply::Queued, Vec::new()));
            return;
        }
        let Some(held) = pick(&self.held, index) else {
            return;
        };
        let Some(slot) = self.slots.get(&held.slot) else {
            return;
        };
        let out = slot.out.iter().any(|out| out.lease == held.lease && self.now < out.end);
        let rests = slot.cool_until.max(slot.refused_until) > held.start && held.start > self.now;
        if out && !rests {
            let (answer, _) = self.ring.lease(self.now, held.request.clone());
            let same = matches!(&answer, LeaseReply::Granted { lease, .. } if *lease == held.lease);
            assert!(same, "lease {} is held, and the answer is {answer:?}", held.lease);
        }
    }

    pub(super) fn report(&mut self, index: Index, outcome: LeaseOutcome) {
        let Some((lease, slot, start)) =
            pick(&self.held, index).map(|held| (held.lease, held.slot.clone(), held.start))
        else {
            return;
        };
        // A caller that sleeps until its start can only return the key unused.
        let outcome = if start > self.now { LeaseOutcome::Unused } else { outcome };
        self.held.retain(|held| held.lease != lease);
        if let Some(slot) = self.slots.get_mut(&slot) {
            slot.give_back(self.now, lease, outcome, self.per_minute);
        }
        let woken = self.ring.report(self.now, Report { lease, outcome, gone_models: Vec::new() });
        self.receive(woken);
    }

    pub(super) fn die(&mut self, index: Index) {
        if let Some(lease) = pick(&self.held, index).map(|held| held.lease) {
            self.held.retain(|held| held.lease != lease);
        }
    }

    pub(super) fn cancel(&mut self, index: Index) {
        if let Some(ticket) = pick(&self.waiting, index).map(|waiter| waiter.ticket.clone()) {
            self.waiting.retain(|waiter| waiter.ticket != ticket);
            let woken = self.ring.cancel(self.now, &ticket);
            self.receive(woken);
        } else if let Some((ticket, lease, slot)) =
            pick(&self.held, index).map(|held| (held.request.ticket.clone(), held.lease, held.slot.clone()))
        {
            self.held.retain(|held| held.lease != lease);
            if let Some(slot) = self.slots.get_mut(&slot) {
                slot.give_back(self.now, lease, LeaseOutcome::Unused, self.per_minute);
            }
            let woken = self.ring.cancel(self.now, &ticket);
            self.receive(woken);
        }
    }

    pub(super) fn change_keys(&mut self, bits: u8) {
        let chosen = self.all.iter().enumerate().filter(|(at, _)| bits >> (at % 8) & 1 == 1);
        self.named = chosen.map(|(_, slot)| slot.clone()).collect();
    }

    pub(super) fn restart(&mut self, backwards: bool) {
        let json = self.ring.to_json();
        self.ring = KeyRing::from_json(&json);
        assert_eq!(self.ring.to_json(), json);
        let mut again = std::mem::take(&mut self.waiting);
        if backwards {
            again.reverse();
        }
        for request in again {
            self.send(request);
        }
    }

    pub(super) fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(wake) = self.ring.next_wake_ms().filter(|wake| *wake <= until) {
            assert!(wake > self.now, "woken at {wake}, and it is {}", self.now);
            self.now = wake;
            let woken = self.ring.tick(self.now);
            self.receive(woken);
            self.check();
        }
        self.now = until;
        let woken = self.ring.tick(self.now);
        self.receive(woken);
    }
}

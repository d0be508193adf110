//! The ring and its callers, with the steps of a schedule.

use std::collections::BTreeMap;

use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{
    GoneCause, GoneModel, LeaseOutcome, LeaseReply, LeaseRequest, Priority, Report, Slot,
};
use proptest::sample::Index;

use super::model::{HOUR_MS, MINUTE_MS, SlotModel};

pub(super) const START_MS: u64 = 1_763_800_000_000;
/// The maximum duration of a lease, in milliseconds.
pub(super) const LEASE_MS: u64 = 45_000;
/// Our names of the models.
pub(super) const MODELS: [&str; 2] = ["m", "n"];

/// The deployment of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Setup {
    pub(super) keys: usize,
    /// The set rate, of every key or of every second one.
    pub(super) per_minute: Option<u32>,
    pub(super) is_mixed: bool,
    pub(super) per_day: Option<u32>,
    /// One model, or two, of which every second endpoint has only the first.
    pub(super) has_two_models: bool,
    /// Two bits for each slot.
    pub(super) priorities: u16,
}

/// A key that a caller holds.
pub(super) struct Held {
    pub(super) request: LeaseRequest,
    pub(super) lease: u64,
    pub(super) slot: String,
    pub(super) model: String,
    pub(super) start: u64,
}

pub(super) struct Harness {
    pub(super) ring: KeyRing,
    pub(super) now: u64,
    pub(super) setup: Setup,
    pub(super) all: Vec<Slot>,
    pub(super) named: Vec<Slot>,
    pub(super) slots: BTreeMap<String, SlotModel>,
    /// Endpoint, our name of the model, cause, end.
    pub(super) gone: Vec<(String, String, GoneCause, u64)>,
    pub(super) waiting: Vec<LeaseRequest>,
    pub(super) held: Vec<Held>,
    pub(super) asked: usize,
    pub(super) granted: usize,
}

pub(super) fn pick<T>(of: &[T], index: Index) -> Option<&T> {
    of.get(index.index(of.len().max(1)))
}

/// The slots of a deployment.
fn slots_of(setup: &Setup) -> Vec<Slot> {
    let slot = |id: usize| Slot {
        id: format!("slot-{id}"),
        endpoint: format!("at-{}", id % 2),
        names: id % 2,
        priority: match setup.priorities >> (2 * (id % 8)) & 3 {
            1 => Priority::First,
            2 => Priority::Last,
            _ => Priority::Normal,
        },
        per_minute: setup.per_minute.filter(|_| !setup.is_mixed || id % 2 == 1),
        per_day: setup.per_day.filter(|_| id.is_multiple_of(3)),
    };
    (0..setup.keys).map(slot).collect()
}

/// An endpoint's own name of a model.
pub(super) fn own_name(endpoint: usize, model: &str) -> Option<String> {
    (endpoint == 0 || model == MODELS[0]).then(|| format!("{model}-{endpoint}"))
}

impl Harness {
    pub(super) fn new(setup: Setup) -> Self {
        let all = slots_of(&setup);
        let state = |slot: &Slot| SlotModel { rate: slot.per_minute, per_day: slot.per_day, ..SlotModel::default() };
        Self {
            ring: KeyRing::new(),
            now: START_MS,
            setup,
            named: all.clone(),
            slots: all.iter().map(|slot| (slot.id.clone(), state(slot))).collect(),
            all,
            gone: Vec::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            asked: 0,
            granted: 0,
        }
    }

    /// A caller asks: the bits choose the excluded slots, and the models.
    pub(super) fn ask(&mut self, excluded: u8, models: u8, patience_ms: u64) {
        self.asked += 1;
        let mut ours: Vec<_> = MODELS.iter().take(if self.setup.has_two_models { 2 } else { 1 }).copied().collect();
        if models & 1 == 1 {
            ours.reverse();
        }
        if models & 6 == 6 {
            ours.truncate(1);
        }
        let chosen = |at: &usize| excluded >> (at % 8) & 1 == 1;
        let excluded = self.all.iter().enumerate().filter(|(at, _)| chosen(at));
        let pairs = excluded.flat_map(|(_, slot)| ours.iter().map(|model| (slot.id.clone(), (*model).to_owned())));
        self.send(LeaseRequest {
            ticket: format!("ticket-{}", self.asked),
            arrived_ms: self.now,
            deadline_ms: self.now + patience_ms,
            lease_ms: LEASE_MS,
            excluded: pairs.collect(),
            names: [0, 1].map(|at| ours.iter().map(|model| own_name(at, model)).collect()).to_vec(),
            models: ours.into_iter().map(str::to_owned).collect(),
            slots: self.named.clone(),
            may_stand_in: models & 8 == 8,
            if_refused: None,
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
        let Some(held) = pick(&self.held, index) else { return };
        let (now, start) = (self.now, held.start);
        let is_gone = self.cause(&held.slot, &held.model) == Some(GoneCause::NoSuchModel);
        let Some(slot) = self.slots.get_mut(&held.slot) else { return };
        let rests = start > now && slot.ready_at(&held.model) > start;
        let out = slot.out.iter_mut().find(|out| out.lease == held.lease && now < out.end);
        if let Some(out) = out.filter(|_| !rests && !is_gone) {
            out.end = out.end.max(start.max(now) + LEASE_MS);
            let (answer, woken) = self.ring.lease(now, held.request.clone());
            let same = matches!(&answer, LeaseReply::Granted { lease, .. } if *lease == held.lease);
            assert!(same, "lease {} is held, and the answer is {answer:?}", held.lease);
            self.receive(woken);
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
            slot.give_back(self.now, lease, outcome);
        }
        let woken =
            self.ring.report(self.now, Report { lease: Some(lease), outcome, gone: Vec::new(), ..Report::default() });
        self.receive(woken);
    }

    /// A caller that gave its key back before reports that an endpoint does not have a model.
    pub(super) fn report_gone(&mut self, endpoint: usize, model: usize, cause: GoneCause) {
        let model = MODELS[model];
        let Some(name) = own_name(endpoint, model) else { return };
        let endpoint = format!("at-{endpoint}");
        let lasts_ms = if cause == GoneCause::NoSuchModel { HOUR_MS } else { 10 * MINUTE_MS };
        self.gone.push((endpoint.clone(), model.to_owned(), cause, self.now + lasts_ms));
        let gone = vec![GoneModel { endpoint, model: name, cause }];
        let woken =
            self.ring.report(self.now, Report { lease: None, outcome: LeaseOutcome::Made, gone, ..Report::default() });
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
                slot.give_back(self.now, lease, LeaseOutcome::Unused);
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
        assert_eq!(self.ring.tick(self.now), Vec::new());
        self.slots.values_mut().for_each(|slot| slot.restart(self.now));
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

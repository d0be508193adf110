//! Checks the ring's behaviour against the model.

use free_flux_api::ports::lease::{GoneCause, LeaseReply, LeaseRequest, Priority, Slot};

use super::harness::{Harness, Held, LEASE_MS, own_name};
use super::model::{Out, SlotModel};

/// The expected choice of a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    Draw(String, Vec<String>),
    StandIn(String),
    Gone,
}

impl Harness {
    /// The reason for which a slot's endpoint does not have the model.
    pub(super) fn cause(&self, slot: &str, model: &str) -> Option<GoneCause> {
        let slot = self.all.iter().find(|known| known.id == slot)?;
        let is_meant =
            |gone: &&(String, String, GoneCause, u64)| gone.0 == slot.endpoint && gone.1 == model && gone.3 > self.now;
        let mut causes = self.gone.iter().filter(is_meant).map(|gone| gone.2);
        let last = causes.clone().next_back();
        causes.find(|cause| *cause == GoneCause::NoSuchModel).or(last)
    }

    /// The model that the request gets now, and its slots.
    pub(super) fn choice(&self, request: &LeaseRequest) -> Choice {
        let holders = |model: &&String| -> Vec<&Slot> {
            let named = request.slots.iter().filter(|slot| own_name(slot.names, model).is_some());
            named.filter(|slot| self.cause(&slot.id, model) != Some(GoneCause::NoSuchModel)).collect()
        };
        let can_draw = |slot: &Slot, model: &str| {
            let rests = self.slots.get(&slot.id).is_some_and(|state| state.rests_long(self.now, model));
            self.cause(&slot.id, model).is_none() && !rests
        };
        let is_open = |slot: &str, model: &str| !request.excluded.iter().any(|pair| pair.0 == slot && pair.1 == model);
        let Some(first) = request.models.iter().find(|model| !holders(model).is_empty()) else {
            return if request.slots.is_empty() { Choice::Draw(String::new(), Vec::new()) } else { Choice::Gone };
        };
        let any = holders(&first).iter().any(|slot| can_draw(slot, first));
        let mut later = request.models.iter().skip_while(|model| *model != first).skip(1);
        let other =
            later.find(|model| holders(model).iter().any(|slot| can_draw(slot, model) && is_open(&slot.id, model)));
        if let Some(other) = other.filter(|_| !any && request.may_stand_in) {
            return Choice::StandIn(other.clone());
        }
        let mut slots = holders(&first);
        slots.retain(|slot| is_open(&slot.id, first) && !(any && self.cause(&slot.id, first).is_some()));
        Choice::Draw(first.clone(), slots.into_iter().map(|slot| slot.id.clone()).collect())
    }

    /// The model of the request, and the states of its slots.
    fn usable(&self, request: &LeaseRequest) -> (String, Vec<(&Slot, &SlotModel)>) {
        let Choice::Draw(model, ids) = self.choice(request) else { return (String::new(), Vec::new()) };
        let slot = |id: &String| Some((self.all.iter().find(|slot| slot.id == *id)?, self.slots.get(id)?));
        (model, ids.iter().filter_map(slot).collect())
    }

    /// The slots that the request could get now. Those of the last priority are not meant while another may be
    /// available within two seconds of its arrival.
    pub(super) fn ready(&self, request: &LeaseRequest) -> Vec<String> {
        let (now, (model, usable)) = (self.now, self.usable(request));
        let patience = (request.arrived_ms + 2_000).min(request.deadline_ms);
        let is_early =
            |slot: &Slot, state: &SlotModel| slot.priority != Priority::Last && state.soonest(now, &model) <= patience;
        let is_patient = now < patience && usable.iter().any(|(slot, state)| is_early(slot, state));
        let ready = usable
            .iter()
            .filter(|(slot, state)| state.is_ready(now, &model) && !(is_patient && slot.priority == Priority::Last));
        ready.map(|(slot, _)| slot.id.clone()).filter(|_| now <= request.deadline_ms).collect()
    }

    /// Receives replies, grants in the order in which they were made.
    pub(super) fn receive(&mut self, mut woken: Vec<(String, LeaseReply)>) {
        let arrived = |ticket: &String| {
            self.waiting.iter().find(|waiter| waiter.ticket == *ticket).map(|waiter| waiter.arrived_ms)
        };
        woken.sort_by_key(|(ticket, reply)| match reply {
            LeaseReply::Granted { lease, .. } => (*lease, None),
            _ => (0, arrived(ticket)),
        });
        // Those who came later may have used up a day before.
        let mut stand_ins = Vec::new();
        for (ticket, answer) in woken {
            let Some(at) = self.waiting.iter().position(|waiter| waiter.ticket == ticket) else {
                assert!(matches!(answer, LeaseReply::Queued(_)), "{ticket} did not wait");
                continue;
            };
            if matches!(answer, LeaseReply::Queued(_)) {
                continue;
            }
            let request = self.waiting.remove(at);
            match answer {
                LeaseReply::Queued(_) => {}
                LeaseReply::Granted { lease, slot, model, start_at_ms, .. } => {
                    self.granted_to(
                        request,
                        Out { lease, model, start: start_at_ms, end: start_at_ms + LEASE_MS },
                        slot,
                    );
                }
                LeaseReply::Exhausted { retry_at_ms, all_refused } => {
                    self.exhausted(&request, retry_at_ms, all_refused);
                }
                LeaseReply::StandIn { model } => {
                    let expected = Choice::StandIn(model);
                    if self.choice(&request) != expected {
                        stand_ins.push((request, expected));
                    }
                }
                LeaseReply::Gone => assert_eq!(self.choice(&request), Choice::Gone),
            }
        }
        for (request, expected) in stand_ins {
            assert_eq!(self.choice(&request), expected);
        }
    }

    fn granted_to(&mut self, request: LeaseRequest, out: Out, id: String) {
        let (now, start, lease) = (self.now, out.start, out.lease);
        let (model, usable) = self.usable(&request);
        assert_eq!(model, out.model, "another model for {request:?}");
        assert!(usable.iter().any(|(slot, _)| slot.id == id), "{id} was not asked for");
        assert!((now..=request.deadline_ms).contains(&start), "from {start}, for {request:?} at {now}");
        let overtaken = self.waiting.iter().find(|earlier| self.is_overtaken(earlier, &request, &id, start));
        assert_eq!(overtaken, None, "overtaken for {id} by {request:?}");
        if start == now {
            self.check_turn(&request, &id);
        }
        self.granted += 1;
        let number = self.granted;
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.grant(now, number, out);
        self.held.push(Held { request, lease, slot: id, model, start });
    }

    /// An earlier caller that could use the slot may be passed over only if a key of its own is ready as soon, or it can
    /// still start as soon.
    fn is_overtaken(&self, earlier: &LeaseRequest, later: &LeaseRequest, id: &str, start: u64) -> bool {
        let (now, (model, usable)) = (self.now, self.usable(earlier));
        let Some((slot, state)) = usable.iter().find(|(slot, _)| slot.id == id) else { return false };
        let is_first = earlier.arrived_ms < later.arrived_ms && start <= earlier.deadline_ms;
        let is_patient = slot.priority == Priority::Last && now < earlier.arrived_ms + 2_000;
        let has_other = usable
            .iter()
            .any(|(other, state)| other.id != id && state.is_free(now, &model) && state.soonest(now, &model) <= start);
        // With a set rate the ring leaves the earlier caller a place of its own.
        is_first && !is_patient && !has_other && state.rate.is_none() && state.soonest(now, &model) <= start
    }

    /// The slot that is granted now is of the first priority, and the least recently used of that.
    fn check_turn(&self, request: &LeaseRequest, id: &str) {
        let priority = |id: &str| self.all.iter().find(|slot| slot.id == id).map(|slot| slot.priority);
        let last = |id: &String| self.slots.get(id).map(|slot| slot.last);
        // A key that an earlier caller waits for is not granted.
        let open = |id: &&String| !self.waiting.iter().any(|other| self.comes_before(other, request, id));
        let ready = self.ready(request);
        let first = ready.iter().filter(open).min_by_key(|id| (priority(id), last(id)));
        let order = |id: &String| (priority(id), last(id));
        assert!(first.is_none_or(|first| order(first) >= order(&id.to_owned())), "{first:?} comes before {id}");
    }

    /// True if `other` waits for the slot as well, came first, and may start later: it wants another model, or the slot
    /// is of the last priority.
    fn comes_before(&self, other: &LeaseRequest, request: &LeaseRequest, id: &str) -> bool {
        let (model, usable) = self.usable(other);
        let is_later = |slot: &Slot| slot.priority == Priority::Last || self.usable(request).0 != model;
        let is_first = other.ticket != request.ticket && other.arrived_ms <= request.arrived_ms;
        is_first && usable.iter().any(|(slot, _)| slot.id == id && is_later(slot))
    }

    fn exhausted(&self, request: &LeaseRequest, retry_at: Option<u64>, all_refused: bool) {
        let (now, (model, usable)) = (self.now, self.usable(request));
        assert!(matches!(self.choice(request), Choice::Draw(..)), "refused, not told of {:?}", self.choice(request));
        let refused = |slot: &SlotModel| slot.is_refused(now, &model);
        assert_eq!(all_refused, !usable.is_empty() && usable.iter().all(|(_, slot)| refused(slot)));
        let welcome = usable.iter().filter(|(_, slot)| all_refused || !refused(slot));
        let soonest = welcome.map(|(_, slot)| slot.soonest(now, &model)).min();
        assert_eq!(retry_at.is_some(), soonest.is_some());
        let is_wide = |slot: &SlotModel| slot.rate.is_some() && !slot.is_doubtful(&model);
        if self.waiting.is_empty() && usable.iter().all(|(_, slot)| is_wide(slot)) {
            assert_eq!(retry_at, soonest);
        }
        // A key in flight may come back now, and the callers in the queue come first.
        assert!(retry_at >= soonest, "{retry_at:?} is before {soonest:?}");
        let in_vain = retry_at.is_none_or(|at| at > request.deadline_ms) || now >= request.deadline_ms;
        assert!(in_vain, "sent away until {retry_at:?} at {now}: {request:?}");
    }

    /// No caller waits for a key that is ready, or past its deadline, or for a model that it will not get.
    pub(super) fn check(&self) {
        for waiter in &self.waiting {
            assert!(self.now < waiter.deadline_ms, "{waiter:?} waits at {}", self.now);
            assert!(matches!(self.choice(waiter), Choice::Draw(..)), "{waiter:?} waits");
            let mut ready = self.ready(waiter);
            ready.retain(|id| !self.waiting.iter().any(|other| self.comes_before(other, waiter, id)));
            assert_eq!(ready, Vec::<String>::new(), "are ready for {waiter:?}");
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
        self.slots.values_mut().for_each(SlotModel::forget);
        for _ in 0..self.all.len() {
            let before = self.held.len();
            self.ask(0, 0, 0);
            assert_eq!(self.held.len(), before + 1);
        }
    }
}

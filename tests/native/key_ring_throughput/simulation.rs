//! The ring, an upstream that enforces its limit, and more callers than the keys can serve.

use std::collections::BTreeSet;

use free_flux_api::error::Cooling;
use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{LeaseOutcome, LeaseReply, LeaseRequest, Priority, Report, Slot};

use super::upstream::{MINUTE_MS, RATE, Upstream};

const START_MS: u64 = 1_763_800_000_000;
/// The number of callers per image that the keys can give.
const LOAD: u64 = 2;
/// The number of simultaneous callers at the beginning, per key.
const CROWD: usize = 3;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrives(usize),
    Calls { caller: usize, lease: u64, key: String },
    Hears { caller: usize, lease: u64, made: bool },
    Ticks,
}

/// The history of a caller, in the order of arrival. Times are milliseconds.
#[derive(Default)]
struct Caller {
    arrived: u64,
    model: usize,
    tries: usize,
    /// True if it has asked and has no reply yet.
    waits: bool,
    first_start: Option<u64>,
    start: Option<u64>,
    exhausted: bool,
}

/// One run.
pub(super) struct Run {
    ring: KeyRing,
    now: u64,
    events: BTreeSet<(u64, usize, Event)>,
    scheduled: usize,
    callers: Vec<Caller>,
    slots: Vec<Slot>,
    models: usize,
    end: u64,
    pub(super) upstream: Upstream,
    /// The number of images of each model.
    pub(super) images: Vec<usize>,
    pub(super) overtaken: usize,
}

impl Run {
    /// A run of some minutes before its first event, with callers who want one of `models` models each.
    pub(super) fn new(keys: usize, per_minute: Option<u32>, models: usize, minutes: usize, seed: u64) -> Self {
        let slot = |id| Slot {
            id: format!("slot-{id}"),
            endpoint: "endpoint".to_owned(),
            names: 0,
            priority: Priority::Normal,
            per_minute,
            per_day: None,
        };
        let mut run = Self {
            ring: KeyRing::new(),
            now: START_MS,
            events: BTreeSet::new(),
            scheduled: 0,
            callers: Vec::new(),
            slots: (0..keys).map(slot).collect(),
            models,
            end: START_MS + MINUTE_MS * u64::try_from(minutes).unwrap_or(0),
            upstream: Upstream::new(seed),
            images: vec![0; models],
            overtaken: 0,
        };
        let keys = keys * models;
        let a_minute = u64::try_from(keys * RATE).unwrap_or(1) * LOAD;
        let mut at = START_MS;
        while at < run.end {
            run.at(at, Event::Arrives(run.callers.len()));
            let model = usize::try_from(run.upstream.dice.below(u64::try_from(models).unwrap_or(1))).unwrap_or(0);
            run.callers.push(Caller { arrived: at, model, ..Caller::default() });
            let crowd = run.callers.len() < CROWD * keys;
            at += 1 + u64::from(!crowd) * run.upstream.dice.below(2 * MINUTE_MS / a_minute);
        }
        run
    }

    fn at(&mut self, at: u64, event: Event) {
        // One tick per time is enough, however often the ring asks for it.
        self.scheduled += usize::from(event != Event::Ticks);
        let order = if event == Event::Ticks { 0 } else { self.scheduled };
        self.events.insert((at, order, event));
    }

    /// The run after its last minute.
    pub(super) fn finish(mut self) -> Self {
        while let Some((at, _, event)) = self.events.pop_first() {
            if at >= self.end {
                break;
            }
            self.now = at;
            match event {
                Event::Arrives(caller) => self.ask(caller),
                Event::Calls { caller, lease, key } => self.call(caller, lease, &key),
                Event::Hears { caller, lease, made } => self.hear(caller, lease, made),
                Event::Ticks => {
                    let woken = self.ring.tick(at);
                    self.wake(woken);
                }
            }
            if let Some(wake) = self.ring.next_wake_ms() {
                assert!(wake > at, "the ring wants to be woken at {wake}, and it is {at}");
                self.at(wake, Event::Ticks);
            }
        }
        self
    }

    fn ask(&mut self, caller: usize) {
        let Some(it) = self.callers.get_mut(caller) else {
            return;
        };
        it.tries += 1;
        it.waits = true;
        // The one that is wanted, then the others.
        let models: Vec<_> = (0..self.models).map(|at| format!("model-{}", (it.model + at) % self.models)).collect();
        let request = LeaseRequest {
            ticket: format!("{caller}.{}", it.tries),
            arrived_ms: it.arrived,
            deadline_ms: it.arrived + MINUTE_MS,
            lease_ms: MINUTE_MS,
            names: vec![models.iter().cloned().map(Some).collect()],
            models,
            slots: self.slots.clone(),
            excluded: Vec::new(),
            may_stand_in: false,
            if_refused: None,
        };
        let ticket = request.ticket.clone();
        let (answer, mut woken) = self.ring.lease(self.now, request);
        woken.push((ticket, answer));
        self.wake(woken);
    }

    fn wake(&mut self, woken: Vec<(String, LeaseReply)>) {
        for (ticket, answer) in woken {
            let Some(caller) = ticket.split('.').next().and_then(|id| id.parse().ok()) else {
                continue;
            };
            match answer {
                LeaseReply::Queued => {}
                LeaseReply::StandIn { .. } | LeaseReply::Gone => panic!("nothing is gone"),
                LeaseReply::Granted { lease, slot, model, start_at_ms } => {
                    self.count_the_overtaken(caller, start_at_ms);
                    self.at(start_at_ms, Event::Calls { caller, lease, key: format!("{slot} {model}") });
                }
                LeaseReply::Exhausted { retry_at_ms, all_refused } => {
                    assert!(!all_refused && retry_at_ms.is_some());
                    let Some(it) = self.callers.get_mut(caller) else {
                        continue;
                    };
                    it.waits = false;
                    it.exhausted = true;
                }
            }
        }
    }

    /// Counts earlier callers that keep waiting, were refused although this start would have been in time, or must
    /// start later.
    fn count_the_overtaken(&mut self, caller: usize, start: u64) {
        let Some(it) = self.callers.get_mut(caller) else {
            return;
        };
        assert!(start >= self.now && start <= it.arrived + MINUTE_MS);
        let first = it.first_start.is_none();
        it.waits = false;
        it.start = Some(start);
        it.first_start.get_or_insert(start);
        let model = it.model;
        self.overtaken += self
            .callers
            .iter()
            .take(caller)
            .filter(|earlier| earlier.model == model)
            .filter(|earlier| {
                let in_time = start <= earlier.arrived + MINUTE_MS;
                in_time && (earlier.waits || earlier.exhausted)
                    || first && earlier.first_start.is_some_and(|theirs| theirs > start)
            })
            .count();
    }

    fn call(&mut self, caller: usize, lease: u64, key: &str) {
        let (made, took) = self.upstream.answer(self.now, key);
        self.at(self.now + took, Event::Hears { caller, lease, made });
    }

    fn hear(&mut self, caller: usize, lease: u64, made: bool) {
        let model = self.callers.get(caller).map_or(0, |it| it.model);
        self.images.iter_mut().skip(model).take(1).for_each(|images| *images += usize::from(made));
        let outcome = if made { LeaseOutcome::Made } else { LeaseOutcome::Cooling(Cooling::MinuteLimit) };
        let woken =
            self.ring.report(self.now, Report { lease: Some(lease), outcome, gone: Vec::new(), ..Report::default() });
        self.wake(woken);
        if !made {
            self.ask(caller);
        }
    }

    /// The waiting times of the callers that got a key, in milliseconds, ascending.
    pub(super) fn waits(&self) -> Vec<u64> {
        let mut waits: Vec<_> = self.callers.iter().filter_map(|caller| Some(caller.start? - caller.arrived)).collect();
        waits.sort_unstable();
        waits
    }

    /// The number of callers that were refused.
    pub(super) fn turned_away(&self) -> usize {
        self.callers.iter().filter(|caller| caller.exhausted).count()
    }
}

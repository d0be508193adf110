//! Models that are refused or gone, over hours of simulated time, and the size of what the ring remembers.

use std::collections::{BTreeMap, BTreeSet};

use free_flux_api::error::Cooling;
use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{
    GoneCause, GoneModel, LeaseOutcome, LeaseReply, LeaseRequest, Priority, Report, Slot,
};

const START_MS: u64 = 1_763_800_000_000;
const HOUR_MS: u64 = 3_600_000;

fn slots(keys: usize, per_minute: Option<u32>) -> Vec<Slot> {
    let slot = |id| Slot {
        id: format!("slot-{id:07}"),
        endpoint: format!("endpoint-{}", id % 2),
        names: 0,
        priority: Priority::Normal,
        per_minute,
        per_day: None,
    };
    (0..keys).map(slot).collect()
}

fn request(ticket: &str, now: u64, slots: &[Slot], models: &[&str]) -> LeaseRequest {
    LeaseRequest {
        ticket: ticket.to_owned(),
        arrived_ms: now,
        deadline_ms: now + 60_000,
        lease_ms: 60_000,
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        names: vec![models.iter().map(|model| Some((*model).to_owned())).collect()],
        slots: slots.to_vec(),
        excluded: Vec::new(),
        may_stand_in: false,
        if_refused: None,
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Asks(usize),
    Hears { caller: usize, lease: u64, slot: String, model: String },
    Ticks,
}

/// A request a second of which one in ten names the model `refused`, whose every key the upstream refuses.
#[derive(Default)]
struct Hours {
    ring: KeyRing,
    events: BTreeSet<(u64, usize, Event)>,
    number: usize,
    slots: Vec<Slot>,
    excluded: BTreeMap<usize, Vec<(String, String)>>,
    arrived: BTreeMap<usize, u64>,
    /// The times of the refusals of each key.
    refused: BTreeMap<String, Vec<u64>>,
    made: usize,
    stood_in: usize,
    told: usize,
}

impl Hours {
    fn at(&mut self, at: u64, event: Event) {
        self.number += usize::from(event != Event::Ticks);
        let order = if event == Event::Ticks { 0 } else { self.number };
        self.events.insert((at, order, event));
    }

    /// Callers by their number: one in ten names the refused model, one in ten would take any.
    fn models(caller: usize) -> [&'static str; 2] {
        if caller % 10 == 3 || caller % 10 == 7 { ["refused", "other"] } else { ["other", "refused"] }
    }

    fn ask(&mut self, now: u64, caller: usize) {
        let arrived_ms = *self.arrived.entry(caller).or_insert(now);
        let request = LeaseRequest {
            arrived_ms,
            deadline_ms: arrived_ms + 60_000,
            excluded: self.excluded.get(&caller).cloned().unwrap_or_default(),
            may_stand_in: caller % 10 == 7,
            ..request(&caller.to_string(), now, &self.slots, &Self::models(caller))
        };
        let (answer, mut woken) = self.ring.lease(now, request);
        woken.push((caller.to_string(), answer));
        self.hear(now, woken);
    }

    fn hear(&mut self, now: u64, woken: Vec<(String, LeaseReply)>) {
        for (ticket, answer) in woken {
            let caller: usize = ticket.parse().unwrap_or(0);
            let wants_refused = Self::models(caller)[0] == "refused";
            match answer {
                LeaseReply::Queued => {}
                LeaseReply::Granted { lease, slot, model, start_at_ms } => {
                    let takes = if model == "refused" { 900 } else { 2_000 + (caller as u64 * 7_919) % 6_000 };
                    self.at(start_at_ms + takes, Event::Hears { caller, lease, slot, model });
                }
                LeaseReply::StandIn { model } => {
                    assert_eq!((model.as_str(), caller % 10), ("other", 7));
                    self.stood_in += 1;
                }
                LeaseReply::Exhausted { retry_at_ms, .. } => {
                    assert!(wants_refused, "a request for another model fails at {now}");
                    let is_true = retry_at_ms.is_none_or(|at| (now..=now + HOUR_MS).contains(&at));
                    assert!(is_true, "{caller} is told {retry_at_ms:?} at {now}");
                    self.told += 1;
                }
                LeaseReply::Gone => panic!("nothing is gone"),
            }
        }
    }

    fn run(mut self, hours: u64) -> Self {
        for caller in 0..3_600 * hours {
            self.at(START_MS + caller * 1_000, Event::Asks(usize::try_from(caller).unwrap_or(0)));
        }
        while let Some((now, _, event)) = self.events.pop_first() {
            match event {
                Event::Asks(caller) => self.ask(now, caller),
                Event::Hears { caller, lease, slot, model } => {
                    let refuses = model == "refused";
                    let outcome = if refuses { LeaseOutcome::Refused } else { LeaseOutcome::Made };
                    self.made += usize::from(!refuses);
                    let woken = self
                        .ring
                        .report(now, Report { lease: Some(lease), outcome, gone: Vec::new(), ..Report::default() });
                    self.hear(now, woken);
                    if refuses {
                        self.refused.entry(slot.clone()).or_default().push(now);
                        self.excluded.entry(caller).or_default().push((slot, model));
                        self.ask(now, caller);
                    }
                }
                Event::Ticks => {
                    let woken = self.ring.tick(now);
                    self.hear(now, woken);
                }
            }
            if let Some(wake) = self.ring.next_wake_ms() {
                self.at(wake, Event::Ticks);
            }
        }
        self
    }
}

#[test]
fn a_refused_model_is_asked_once_an_hour_for_each_key_and_no_request_for_another_fails() {
    for per_minute in [None, Some(60)] {
        let run = Hours { slots: slots(8, per_minute), ..Hours::default() }.run(3);
        assert_eq!(run.refused.len(), 8);
        for times in run.refused.values() {
            // With a set rate, some calls may be under way before the first refusal is heard of.
            let known = if per_minute.is_some() { START_MS + 30_000 } else { START_MS };
            let mut gaps = times.windows(2).filter(|pair| pair[1] > known).map(|pair| pair[1] - pair[0]);
            assert!(times.len() >= 3 && gaps.all(|gap| gap >= HOUR_MS), "{times:?}");
        }
        assert_eq!(run.made, 3 * 3_600 * 8 / 10);
        assert!(run.told >= 3 * 360 - 3 && run.stood_in >= 3 * 360 - 40, "{} {}", run.told, run.stood_in);
    }
}

#[test]
fn a_model_that_is_gone_everywhere_costs_one_call_an_hour_at_each_address() {
    let mut ring = KeyRing::new();
    let slots = slots(6, None);
    let mut calls = Vec::new();
    for number in 0..200_u64 {
        let mut now = START_MS + number * 36_000;
        loop {
            let (reply, _) = ring.lease(now, request("t", now, &slots, &["gone", "other"]));
            let LeaseReply::Granted { lease, slot, model, .. } = reply else { panic!("{reply:?}") };
            let endpoint = slots.iter().find(|known| known.id == slot).map(|slot| slot.endpoint.clone());
            let endpoint = endpoint.unwrap_or_default();
            let is_gone = model == "gone";
            let gone = GoneModel { endpoint: endpoint.clone(), model, cause: GoneCause::NoSuchModel };
            let outcome = if is_gone { LeaseOutcome::Failed } else { LeaseOutcome::Made };
            now += 1_000;
            let gone = Some(gone).filter(|_| is_gone).into_iter().collect();
            ring.report(now, Report { lease: Some(lease), outcome, gone, ..Report::default() });
            if !is_gone {
                break;
            }
            calls.push((endpoint, now));
        }
    }
    for endpoint in ["endpoint-0", "endpoint-1"] {
        let times: Vec<_> = calls.iter().filter(|call| call.0 == endpoint).map(|call| call.1).collect();
        assert_eq!(times.len(), 2, "in two hours: {times:?}");
        assert!(times[1] - times[0] >= HOUR_MS);
    }
}

#[test]
fn fifty_keys_with_eight_models_each_fit_into_twenty_kilobytes() {
    let models: Vec<_> = (0..8).map(|model| format!("@cf/a-vendor-of-models/model-number-{model}")).collect();
    let slots = slots(50, None);
    let mut ring = KeyRing::new();
    let mut now = START_MS;
    let round = |ring: &mut KeyRing, now: u64, model: &str, outcome: Option<LeaseOutcome>| {
        for key in &slots {
            let ticket = format!("{model:0>30}{}", key.id);
            let (reply, _) = ring.lease(now, request(&ticket[..32], now, std::slice::from_ref(key), &[model]));
            let LeaseReply::Granted { lease, .. } = reply else { panic!("{reply:?}") };
            if let Some(outcome) = outcome {
                ring.report(now, Report { lease: Some(lease), outcome, gone: Vec::new(), ..Report::default() });
            }
        }
    };
    // Each pair is taught its rate, draws two pictures in the last minute, and some are refused.
    for outcome in [LeaseOutcome::Cooling(Cooling::MinuteLimit), LeaseOutcome::Made, LeaseOutcome::Made] {
        for model in &models {
            round(&mut ring, now, model, Some(outcome));
            now += 700;
        }
        now += if outcome == LeaseOutcome::Made { 61_000 - 5_600 } else { 60_000 };
    }
    let busy = ring.to_json().len();
    for model in &models {
        round(&mut ring, now, model, Some(LeaseOutcome::Cooling(Cooling::DayLimit)));
        now += 700;
    }
    round(&mut ring, now, "one-more", None);
    let all = ring.to_json();
    assert!(all.len() < 20_000 && busy < 20_000, "{busy} and {} bytes", all.len());
    assert!(all.matches(':').count() >= 400, "every pair is remembered");
    assert_eq!(KeyRing::from_json(&all).to_json(), all);
}

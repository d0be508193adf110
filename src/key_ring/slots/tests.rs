//! The slots that are remembered, and their counts.

use std::rc::Rc;

use super::*;
use crate::error::Cooling;
use crate::key_ring::KeyRing;
use crate::key_ring::lease::Lease;
use crate::key_ring::testing::{request, slots};
use crate::key_ring::waiter::Waiter;
use crate::ports::lease::{LeaseOutcome, Slot, Snapshot};

const HOUR: u64 = 3_600_000;

fn named(ids: impl IntoIterator<Item = usize>) -> Vec<Slot> {
    let ids: Vec<_> = ids.into_iter().map(|id| format!("{id:05}")).collect();
    slots(&ids.iter().map(String::as_str).collect::<Vec<_>>())
}

fn register(slots: &mut Slots, now: u64, named: &[Slot]) {
    slots.register(now, &Waiter::new(now, request("t", now, named, &["m"])).wish);
}

fn lease(slots: &mut Slots, id: &str, model: &str, end_ms: u64) {
    let (model, name) = (Rc::from(model), Rc::from(model));
    let lease = Lease { id: 1, ticket: "t".to_owned(), model, name, start_ms: 0, end_ms, learns: true };
    let slot = slots.get_mut(&id.to_owned());
    assert!(slot.map(|slot| slot.lease(1, lease)).is_some());
}

fn end(slots: &mut Slots, id: &str, model: &str, outcome: LeaseOutcome) {
    lease(slots, id, model, 1_000_000);
    let slot = slots.get_mut(&id.to_owned());
    assert!(slot.map(|slot| slot.give_back(0, 1, outcome)).is_some());
}

#[test]
fn of_too_many_slots_those_stay_that_are_out_or_rest_or_were_named_last() {
    let mut slots = Slots::default();
    register(&mut slots, 0, &named(0..3));
    lease(&mut slots, "00000", "m", 1_000_000);
    end(&mut slots, "00001", "m", LeaseOutcome::Cooling(Cooling::DayLimit));
    for (now, first) in [(1, 1_000), (2, 2_000), (3, 3_000), (4, 4_000)] {
        register(&mut slots, now, &named(first..first + 300));
    }
    assert_eq!(slots.0.len(), MAX_SLOTS);
    let known = |id: &str| slots.get(&id.to_owned()).is_some();
    assert!(known("00000") && known("00001") && known("04000") && known("04299"));
    assert!(!known("00002") && !known("02000"));
}

#[test]
fn a_slot_that_nobody_named_for_25_hours_is_forgotten_unless_it_is_out() {
    let mut slots = Slots::default();
    register(&mut slots, 0, &named(0..2));
    lease(&mut slots, "00000", "m", 27 * HOUR);
    slots.advance_to(25 * HOUR);
    assert_eq!(slots.0.len(), 2);
    slots.advance_to(25 * HOUR + 1);
    assert_eq!(slots.0.keys().collect::<Vec<_>>(), ["00000"]);
}

#[test]
fn a_snapshot_counts_each_slot_once_by_the_models_that_it_was_used_for() {
    let mut slots = Slots::default();
    register(&mut slots, 0, &named(0..5));
    let cooling = LeaseOutcome::Cooling(Cooling::Unspecified);
    end(&mut slots, "00000", "m", LeaseOutcome::Refused);
    end(&mut slots, "00001", "m", LeaseOutcome::Refused);
    end(&mut slots, "00001", "n", cooling);
    end(&mut slots, "00002", "m", cooling);
    end(&mut slots, "00002", "n", LeaseOutcome::Made);
    end(&mut slots, "00003", "m", LeaseOutcome::KeyInvalid);
    let mut all = [named(0..6), named(0..6)].concat();
    all[4].per_day = Some(0);
    let expected = |ready, cooling, disabled| Snapshot { ready, cooling, disabled };
    // In turn: refused; refused or cooling; cooling for one; invalid; its day used up; unknown.
    let mut ring = KeyRing::new();
    ring.state.slots = slots;
    assert_eq!(ring.snapshot(59_999, &all), expected(2, 2, 2));
    assert_eq!(ring.snapshot(60_000, &all), expected(3, 1, 2));
    assert_eq!(ring.snapshot(HOUR, &all), expected(5, 1, 0));
}

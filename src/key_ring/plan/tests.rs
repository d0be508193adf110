//! One caller's next step.

use std::rc::Rc;

use super::*;
use crate::error::Cooling;
use crate::key_ring::candidate::Now;
use crate::key_ring::gone_models::GoneModels;
use crate::key_ring::lease::Lease;
use crate::key_ring::slots::Slots;
use crate::key_ring::testing::{request, slots};
use crate::ports::lease::{LeaseOutcome, Slot};

const CALL_MS: u64 = 5_000;

/// A caller that arrived at `arrived_ms`.
fn waiter(arrived_ms: u64, named: &[Slot]) -> Waiter {
    Waiter::new(arrived_ms, request("t", arrived_ms, named, &["m", "n"]))
}

/// A caller that wants the other model.
fn other_waiter(arrived_ms: u64, named: &[Slot]) -> Waiter {
    Waiter::new(arrived_ms, request("t", arrived_ms, named, &["n", "m"]))
}

fn at(now_ms: u64, slots: &Slots) -> Projection {
    Projection::new(slots.clone(), Now { ms: now_ms, call_ms: CALL_MS })
}

fn step(projection: &mut Projection, waiter: &Waiter) -> Step {
    projection.choice(&GoneModels::default(), &waiter.wish);
    next_step(projection, waiter, 0)
}

fn draw() -> Draw {
    Draw { model: 0, slots: vec![0] }
}

fn lease(id: u64, model: &str, start_ms: u64) -> Lease {
    let (model, name) = (Rc::from(model), Rc::from(model));
    Lease { id, ticket: String::new(), model, name, start_ms, end_ms: start_ms + 60_000, learns: true }
}

fn registered(named: &[Slot]) -> Slots {
    let mut slots = Slots::default();
    slots.register(0, &waiter(0, named).wish);
    slots
}

/// Gives every slot a learned rate of two a minute for the model `m`.
fn teach(slots: &mut Slots) {
    let minute = LeaseOutcome::Cooling(Cooling::MinuteLimit);
    for (_, slot) in slots.iter_mut() {
        for (id, outcome) in [(1, LeaseOutcome::Made), (2, LeaseOutcome::Made), (3, minute)] {
            slot.lease(id, lease(id, "m", id));
            slot.give_back(id, id, outcome);
        }
    }
}

fn start(slots: &mut Slots, id: &str, start_ms: u64) {
    let slot = slots.get_mut(&id.to_owned());
    assert!(slot.map(|slot| slot.lease(4, lease(4, "m", start_ms))).is_some());
}

#[test]
fn a_caller_behind_a_call_that_will_return_is_expected_to_take_its_place() {
    let named = slots(&["a"]);
    let mut slots = registered(&named);
    teach(&mut slots);
    start(&mut slots, "a", 100_000);
    let mut projection = at(100_000, &slots);
    let (first, second) = (waiter(100_000, &named), waiter(100_000, &named));
    assert_eq!(step(&mut projection, &first), Step::Hold { wake_ms: 160_000, ready_at_ms: Some(105_000) });
    assert_eq!(step(&mut projection, &second), Step::Refuse);
    let refusal = refusal(&projection, &second, &draw());
    assert_eq!(refusal, LeaseReply::Exhausted { retry_at_ms: Some(161_000), all_refused: false });
}

#[test]
fn a_caller_whose_deadline_may_come_first_leaves_its_place_to_the_next() {
    let named = slots(&["a"]);
    let mut slots = registered(&named);
    teach(&mut slots);
    start(&mut slots, "a", 100_000);
    let mut projection = at(100_000, &slots);
    for waiter in [waiter(55_000, &named), waiter(100_000, &named)] {
        let step = step(&mut projection, &waiter);
        assert!(matches!(step, Step::Hold { .. }), "{step:?}");
    }
}

#[test]
fn a_key_that_an_earlier_caller_waits_for_is_used_for_another_model_meanwhile_if_there_is_time() {
    let named = slots(&["a"]);
    let cases = [
        (120_000, Step::Grant { slot: 0, start_ms: 120_000 }),
        (155_000, Step::Hold { wake_ms: 215_000, ready_at_ms: Some(166_000) }),
    ];
    for (now_ms, expected) in cases {
        let mut slots = registered(&named);
        teach(&mut slots);
        for start_ms in [100_000, 101_000] {
            start(&mut slots, "a", start_ms);
            slots.get_mut(&"a".to_owned()).map(|slot| slot.give_back(start_ms, 4, LeaseOutcome::Made));
        }
        let mut projection = at(now_ms, &slots);
        assert_eq!(
            step(&mut projection, &waiter(now_ms, &named)),
            Step::Hold { wake_ms: 161_000, ready_at_ms: Some(161_000) }
        );
        assert_eq!(step(&mut projection, &other_waiter(now_ms, &named)), expected);
    }
}

#[test]
fn a_claim_is_seen_by_those_who_want_the_same_and_by_those_who_want_something_else() {
    let named = slots(&["a"]);
    let mut slots = registered(&named);
    start(&mut slots, "a", 0);
    let mut projection = at(0, &slots);
    let (first, other) = (waiter(0, &named), other_waiter(0, &named));
    let expected = |projection: &mut Projection, waiter: &Waiter| {
        projection.choice(&GoneModels::default(), &waiter.wish);
        projection.candidates(&waiter.wish).iter().map(|one| one.expected_ms).collect::<Vec<_>>()
    };
    assert_eq!((expected(&mut projection, &first), expected(&mut projection, &other)), (vec![5_000], vec![5_000]));
    step(&mut projection, &first);
    assert_eq!((expected(&mut projection, &first), expected(&mut projection, &other)), (vec![10_000], vec![10_000]));
}

#[test]
fn a_slot_of_the_first_priority_comes_before_all_that_are_ready_and_one_of_the_last_after_all() {
    let mut named = slots(&["last", "a", "first"]);
    (named[0].priority, named[2].priority) = (Priority::Last, Priority::First);
    let mut slots = registered(&named);
    for (order, slot) in [("first", 2), ("a", 1), ("last", 0)] {
        let step = step(&mut at(2_000, &slots), &waiter(0, &named));
        assert_eq!(step, Step::Grant { slot, start_ms: 2_000 }, "{order}");
        start(&mut slots, order, 2_000);
    }
}

/// A key, and a slot of the last priority.
fn key_and_last() -> Vec<Slot> {
    let mut named = slots(&["a", "last"]);
    named[1].priority = Priority::Last;
    named
}

#[test]
fn a_slot_of_the_last_priority_waits_two_seconds_for_a_key_in_flight() {
    let named = key_and_last();
    let mut slots = registered(&named);
    assert_eq!(step(&mut at(0, &slots), &waiter(0, &named)), Step::Grant { slot: 0, start_ms: 0 });
    start(&mut slots, "a", 0);
    let early = step(&mut at(1_500, &slots), &waiter(1_000, &named));
    assert_eq!(early, Step::Hold { wake_ms: 3_000, ready_at_ms: Some(3_000) });
    let late = step(&mut at(3_000, &slots), &waiter(1_000, &named));
    assert_eq!(late, Step::Grant { slot: 1, start_ms: 3_000 });
    // Its deadline may come first.
    let short = Waiter { deadline_ms: 2_500, ..waiter(1_000, &named) };
    assert_eq!(step(&mut at(1_500, &slots), &short), Step::Hold { wake_ms: 2_500, ready_at_ms: Some(2_500) });
    assert_eq!(step(&mut at(2_500, &slots), &short), Step::Grant { slot: 1, start_ms: 2_500 });
    // It may be in flight as well.
    start(&mut slots, "last", 0);
    assert_eq!(
        step(&mut at(1_500, &slots), &waiter(1_000, &named)),
        Step::Hold { wake_ms: 3_000, ready_at_ms: Some(5_000) }
    );
    assert_eq!(
        step(&mut at(3_000, &slots), &waiter(1_000, &named)),
        Step::Hold { wake_ms: 61_000, ready_at_ms: Some(5_000) }
    );
}

#[test]
fn a_slot_of_the_last_priority_does_not_wait_for_a_key_that_rests() {
    let named = key_and_last();
    let mut slots = registered(&named);
    start(&mut slots, "a", 0);
    let slot = slots.get_mut(&"a".to_owned());
    let cooling = LeaseOutcome::Cooling(Cooling::For(5_000));
    assert!(slot.map(|slot| slot.give_back(0, 4, cooling)).is_some());
    assert_eq!(step(&mut at(0, &slots), &waiter(0, &named)), Step::Grant { slot: 1, start_ms: 0 });
}

#[test]
fn what_was_refused_is_tried_by_one_call_whatever_the_set_rate() {
    let mut named = slots(&["a"]);
    named[0].per_minute = Some(60);
    let mut slots = registered(&named);
    let end = |slots: &mut Slots, now_ms: u64, outcome| {
        let slot = slots.get_mut(&"a".to_owned());
        assert!(slot.map(|slot| slot.give_back(now_ms, 4, outcome)).is_some());
    };
    start(&mut slots, "a", 0);
    end(&mut slots, 0, LeaseOutcome::Refused);
    let hour = 3_600_000;
    let granted = Step::Grant { slot: 0, start_ms: hour };
    let early = step(&mut at(hour - 1_000, &slots), &waiter(hour - 1_000, &named));
    assert_eq!(early, Step::Hold { wake_ms: hour, ready_at_ms: Some(hour) }, "nothing is promised");
    assert_eq!(step(&mut at(hour, &slots), &waiter(hour, &named)), granted);
    start(&mut slots, "a", hour);
    assert_eq!(
        step(&mut at(hour, &slots), &waiter(hour, &named)),
        Step::Hold { wake_ms: hour + 60_000, ready_at_ms: Some(hour + 5_000) }
    );
    assert_eq!(step(&mut at(hour, &slots), &other_waiter(hour, &named)), granted, "another model is not concerned");
    end(&mut slots, hour, LeaseOutcome::Made);
    start(&mut slots, "a", hour);
    assert_eq!(step(&mut at(hour, &slots), &waiter(hour, &named)), granted);
}

#[test]
fn unlisted_slots_are_not_granted() {
    let named = slots(&["a"]);
    let (mut projection, waiter) = (at(0, &Slots::default()), waiter(0, &named));
    assert_eq!(step(&mut projection, &waiter), Step::Refuse);
    let refusal = refusal(&projection, &waiter, &draw());
    assert_eq!(refusal, LeaseReply::Exhausted { retry_at_ms: None, all_refused: false });
}

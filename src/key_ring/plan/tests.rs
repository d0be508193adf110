//! One caller's next step.

use std::rc::Rc;

use super::*;
use crate::error::Cooling;
use crate::key_ring::lease::Lease;
use crate::key_ring::testing::{request, slots};
use crate::ports::lease::{LeaseOutcome, Slot};

const CALL_MS: u64 = 5_000;

fn now(ms: u64) -> Now {
    Now { ms, call_ms: CALL_MS }
}

/// A caller that arrived at `arrived_ms`.
fn waiter(arrived_ms: u64, named: &[Slot]) -> Waiter {
    Waiter::new(arrived_ms, request("t", arrived_ms, named, &["m", "n"]))
}

fn draw(model: usize, slots: usize) -> Draw {
    Draw { model, slots: (0..slots).collect() }
}

fn lease(id: u64, model: &str, start_ms: u64) -> Lease {
    let (model, name) = (Rc::from(model), Rc::from(model));
    Lease { id, ticket: String::new(), model, name, start_ms, end_ms: start_ms + 60_000, learns: true }
}

fn registered(named: &[Slot]) -> Slots {
    let mut slots = Slots::default();
    slots.register(0, &waiter(0, named));
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
    let mut projected = registered(&named);
    teach(&mut projected);
    start(&mut projected, "a", 100_000);
    let first = next_step(&mut projected, &waiter(100_000, &named), &draw(0, 1), now(100_000));
    assert_eq!(first, Step::Hold { wake_ms: 160_000 });
    let second = waiter(100_000, &named);
    assert_eq!(next_step(&mut projected, &second, &draw(0, 1), now(100_000)), Step::Refuse);
    let refusal = refusal(&projected, &second, &draw(0, 1), now(100_000));
    assert_eq!(refusal, LeaseReply::Exhausted { retry_at_ms: Some(161_000), all_refused: false });
}

#[test]
fn a_caller_whose_deadline_may_come_first_leaves_its_place_to_the_next() {
    let named = slots(&["a"]);
    let mut projected = registered(&named);
    teach(&mut projected);
    start(&mut projected, "a", 100_000);
    for waiter in [waiter(44_000, &named), waiter(100_000, &named)] {
        let step = next_step(&mut projected, &waiter, &draw(0, 1), now(100_000));
        assert!(matches!(step, Step::Hold { .. }), "{step:?}");
    }
}

#[test]
fn a_key_that_an_earlier_caller_waits_for_is_used_for_another_model_meanwhile_if_there_is_time() {
    let named = slots(&["a"]);
    for (now_ms, step) in
        [(120_000, Step::Grant { slot: 0, start_ms: 120_000 }), (155_000, Step::Hold { wake_ms: 215_000 })]
    {
        let mut projected = registered(&named);
        teach(&mut projected);
        for start_ms in [100_000, 101_000] {
            start(&mut projected, "a", start_ms);
            projected.get_mut(&"a".to_owned()).map(|slot| slot.give_back(start_ms, 4, LeaseOutcome::Made));
        }
        let earlier = next_step(&mut projected, &waiter(now_ms, &named), &draw(0, 1), now(now_ms));
        assert_eq!(earlier, Step::Hold { wake_ms: 161_000 });
        assert_eq!(next_step(&mut projected, &waiter(now_ms, &named), &draw(1, 1), now(now_ms)), step);
    }
}

#[test]
fn a_slot_of_the_first_priority_comes_before_all_that_are_ready_and_one_of_the_last_after_all() {
    let mut named = slots(&["last", "a", "first"]);
    (named[0].priority, named[2].priority) = (Priority::Last, Priority::First);
    let mut projected = registered(&named);
    for (order, slot) in [("first", 2), ("a", 1), ("last", 0)] {
        let step = next_step(&mut projected, &waiter(0, &named), &draw(0, 3), now(2_000));
        assert_eq!(step, Step::Grant { slot, start_ms: 2_000 }, "{order}");
        start(&mut projected, order, 2_000);
    }
}

#[test]
fn a_slot_of_the_last_priority_waits_two_seconds_for_a_key_in_flight_and_for_no_other() {
    let mut named = slots(&["a", "last"]);
    named[1].priority = Priority::Last;
    let step = |projected: &Slots, arrived_ms: u64, now_ms: u64| {
        next_step(&mut projected.clone(), &waiter(arrived_ms, &named), &draw(0, 2), now(now_ms))
    };
    let mut projected = registered(&named);
    start(&mut projected, "a", 0);
    assert_eq!(step(&projected, 1_000, 1_500), Step::Hold { wake_ms: 3_000 });
    assert_eq!(step(&projected, 1_000, 3_000), Step::Grant { slot: 1, start_ms: 3_000 });
    // A call in flight that cannot be followed by another soon is not waited for, nor is a key that cools down.
    let mut projected = registered(&named);
    teach(&mut projected);
    assert_eq!(step(&projected, 2_000, 2_500), Step::Hold { wake_ms: 61_002 }, "both cool down");
    assert_eq!(step(&registered(&named), 0, 0), Step::Grant { slot: 0, start_ms: 0 });
    let mut projected = registered(&named);
    start(&mut projected, "a", 0);
    let slot = projected.get_mut(&"a".to_owned());
    let cooling = LeaseOutcome::Cooling(Cooling::For(5_000));
    assert!(slot.map(|slot| slot.give_back(0, 4, cooling)).is_some());
    assert_eq!(step(&projected, 0, 0), Step::Grant { slot: 1, start_ms: 0 });
    // The deadline may come first.
    start(&mut projected, "last", 0);
    let mut short = waiter(5_000, &named);
    short.deadline_ms = 6_500;
    start(&mut projected, "a", 5_000);
    let step = next_step(&mut projected, &short, &draw(0, 2), now(5_000));
    assert_eq!(step, Step::Hold { wake_ms: 6_500 });
}

#[test]
fn unlisted_slots_are_not_granted() {
    let named = slots(&["a"]);
    let step = next_step(&mut Slots::default(), &waiter(0, &named), &draw(0, 1), now(0));
    assert_eq!(step, Step::Refuse);
    let refusal = refusal(&Slots::default(), &waiter(0, &named), &draw(0, 1), now(0));
    assert_eq!(refusal, LeaseReply::Exhausted { retry_at_ms: None, all_refused: false });
}

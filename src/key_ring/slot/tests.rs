//! One slot's leases, its cool-down and its rate.

use super::*;
use crate::key_ring::limits::MINUTE_MS;

fn out(slot: &mut SlotState, id: LeaseId, start_ms: u64) {
    let lease = Lease { id, ticket: id.to_string(), start_ms, end_ms: start_ms + MINUTE_MS, learns: true };
    slot.lease(id, lease);
}

/// A slot after calls with these starts and outcomes.
fn after(calls: &[(u64, LeaseOutcome)]) -> SlotState {
    let mut slot = SlotState::default();
    for (id, (start, outcome)) in (1..).zip(calls) {
        out(&mut slot, id, *start);
        slot.give_back(start + 1_000, id, *outcome);
    }
    slot
}

const MINUTE_LIMIT: LeaseOutcome = LeaseOutcome::Cooling(Cooling::MinuteLimit);

#[test]
fn each_response_has_the_meaning_in_the_table() {
    let day = 16 * HOUR_MS;
    let cases = [
        (LeaseOutcome::Made, 1_000),
        (LeaseOutcome::Failed, 1_000),
        (LeaseOutcome::Unused, 1_000),
        (LeaseOutcome::Cooling(Cooling::For(7_000)), 8_000),
        (LeaseOutcome::Cooling(Cooling::Unspecified), 61_000),
        (LeaseOutcome::Cooling(Cooling::DayLimit), day),
        (MINUTE_LIMIT, 61_000),
        (LeaseOutcome::Refused, HOUR_MS + 1_000),
    ];
    for (outcome, ready) in cases {
        let slot = after(&[(0, outcome)]);
        assert_eq!(slot.soonest_ms(1_000, None), ready, "{outcome:?}");
        assert_eq!(slot.is_refused(1_000), outcome == LeaseOutcome::Refused);
    }
}

#[test]
fn a_rest_is_never_shortened_by_a_later_smaller_one() {
    let slot =
        after(&[(0, LeaseOutcome::Cooling(Cooling::For(90_000))), (2_000, LeaseOutcome::Cooling(Cooling::For(5_000)))]);
    assert_eq!(slot.ready_at_ms(), 91_000);
}

#[test]
fn a_minute_limit_teaches_the_rate_and_it_is_kept_to_for_an_hour() {
    let mut slot = after(&[(0, LeaseOutcome::Made), (5_000, LeaseOutcome::Made), (10_000, MINUTE_LIMIT)]);
    slot.advance_to(71_000);
    out(&mut slot, 8, 71_000);
    slot.give_back(75_000, 8, LeaseOutcome::Made);
    out(&mut slot, 9, 75_000);
    slot.give_back(79_000, 9, LeaseOutcome::Made);
    assert_eq!(slot.soonest_ms(79_000, None), 71_000 + 61_000);
    assert_eq!(slot.soonest_ms(79_000, Some(3)), 79_000, "a set rate comes first");
    let last = 11_000 + HOUR_MS - 1;
    out(&mut slot, 10, last - 1);
    slot.give_back(last, 10, LeaseOutcome::Made);
    out(&mut slot, 11, last - 1);
    slot.give_back(last, 11, LeaseOutcome::Made);
    assert!(slot.soonest_ms(last, None) > last);
    slot.advance_to(last + 1);
    assert_eq!(slot.soonest_ms(last + 1, None), last + 1);
}

#[test]
fn the_rate_that_is_taught_is_at_least_one_and_knows_calls_from_before_a_slow_refusal() {
    let rate = |slot: &SlotState| slot.learned.map(|learned| learned.per_minute);
    assert_eq!(rate(&after(&[(0, MINUTE_LIMIT)])), Some(1));
    let mut slot = after(&[(0, LeaseOutcome::Made), (5_000, LeaseOutcome::Made)]);
    out(&mut slot, 3, 40_000);
    slot.advance_to(90_000);
    slot.give_back(90_000, 3, MINUTE_LIMIT);
    assert_eq!(rate(&slot), Some(2));
}

#[test]
fn with_a_set_rate_a_refusal_teaches_nothing() {
    let mut slot = SlotState::default();
    out(&mut slot, 1, 0);
    slot.leases.iter_mut().for_each(|lease| lease.learns = false);
    slot.give_back(1_000, 1, MINUTE_LIMIT);
    assert_eq!((slot.learned, slot.ready_at_ms()), (None, 61_000));
}

#[test]
fn a_call_in_flight_is_counted_on_to_come_back_soon_and_by_its_end_at_the_latest() {
    let mut slot = SlotState::default();
    assert_eq!(slot.back_by_ms(0), None);
    out(&mut slot, 1, 0);
    assert_eq!(slot.back_by_ms(5_000), Some(USUAL_CALL_MS));
    assert_eq!(slot.back_by_ms(USUAL_CALL_MS), Some(MINUTE_MS));
    slot.advance_to(MINUTE_MS - 1);
    assert_eq!(slot.in_flight(), 1);
    slot.advance_to(MINUTE_MS);
    assert_eq!((slot.in_flight(), slot.back_by_ms(MINUTE_MS)), (0, None));
}

#[test]
fn after_the_clock_was_set_back_nothing_stays_for_longer_than_it_could_have_been_meant_to() {
    let far = 1_000_000 * HOUR_MS;
    let mut slot = SlotState::default();
    slot.register(far, &String::new());
    out(&mut slot, 1, far);
    slot.give_back(far, 1, LeaseOutcome::Refused);
    out(&mut slot, 2, far);
    slot.give_back(far, 2, MINUTE_LIMIT);
    out(&mut slot, 3, far);
    slot.advance_to(1_000);
    assert_eq!((slot.in_flight(), slot.named_ms, slot.learned), (0, 1_000, None));
    assert_eq!(slot.refused_until_ms, 1_000 + HOUR_MS);
    assert_eq!(slot.cool_until_ms, 1_000 + MAX_COOL_MS);
    assert_eq!(slot.starts, Window::default());
}

//! One slot's leases, its day, its pairs and its stored form.

use super::*;
use crate::error::Cooling;
use crate::key_ring::limits::MINUTE_MS;
use crate::key_ring::names::{NameReader, NameWriter};
use crate::key_ring::stored_form::Base;
use crate::key_ring::view::KeyState;

fn out(slot: &mut SlotState, id: LeaseId, model: &str, start_ms: u64) {
    let (model, name) = (Rc::from(model), Rc::from(model));
    let end_ms = start_ms + MINUTE_MS;
    slot.lease(id, Lease { id, ticket: id.to_string(), model, name, start_ms, end_ms, learns: true });
}

/// A slot after a call for the model `m` with this outcome, from 0 to 1 s.
fn after(outcome: LeaseOutcome) -> SlotState {
    let mut slot = SlotState::default();
    out(&mut slot, 1, "m", 0);
    slot.give_back(1_000, 1, outcome);
    slot
}

fn terms(name: &str) -> Terms<'_> {
    Terms { name, per_minute: None, per_day: None }
}

#[test]
fn each_response_has_the_meaning_in_the_table() {
    let day = 16 * HOUR_MS;
    let cases = [
        (LeaseOutcome::Made, 1_000, 1_000),
        (LeaseOutcome::Failed, 1_000, 1_000),
        (LeaseOutcome::Unused, 1_000, 1_000),
        (LeaseOutcome::Cooling(Cooling::For(7_000)), 8_000, 1_000),
        (LeaseOutcome::Cooling(Cooling::Unspecified), 61_000, 1_000),
        (LeaseOutcome::Cooling(Cooling::DayLimit), day, 1_000),
        (LeaseOutcome::Cooling(Cooling::UtcDayLimit), DAY_MS, 1_000),
        (LeaseOutcome::Cooling(Cooling::MinuteLimit), 61_000, 1_000),
        (LeaseOutcome::Refused, HOUR_MS + 1_000, 1_000),
        (LeaseOutcome::KeyInvalid, HOUR_MS + 1_000, HOUR_MS + 1_000),
    ];
    for (outcome, this, other) in cases {
        let slot = after(outcome);
        let soonest = ["m", "other"].map(|name| slot.soonest_ms(1_000, &terms(name)));
        assert_eq!(soonest, [this, other], "{outcome:?}");
        let refused = ["m", "other"].map(|name| slot.is_refused(1_000, name));
        let (pair, key) = (outcome == LeaseOutcome::Refused, outcome == LeaseOutcome::KeyInvalid);
        assert_eq!(refused, [pair || key, key], "{outcome:?}");
    }
}

#[test]
fn a_rate_belongs_to_a_model_and_knows_calls_from_before_a_slow_refusal() {
    let mut slot = SlotState::default();
    for (id, model, start) in [(1, "m", 0), (2, "n", 2_000), (3, "m", 5_000), (4, "n", 6_000), (5, "n", 7_000)] {
        out(&mut slot, id, model, start);
        slot.give_back(start + 1_000, id, LeaseOutcome::Made);
    }
    out(&mut slot, 6, "m", 40_000);
    slot.advance_to(90_000);
    slot.give_back(90_000, 6, LeaseOutcome::Cooling(Cooling::MinuteLimit));
    out(&mut slot, 7, "m", 150_000);
    out(&mut slot, 8, "m", 150_000);
    assert_eq!(slot.soonest_ms(150_000, &terms("m")), 211_000, "two a minute");
    assert_eq!(slot.soonest_ms(150_000, &terms("n")), 150_000);
}

#[test]
fn the_pictures_and_the_leases_of_a_day_use_it_up_until_midnight() {
    let limit = |per_day| Terms { per_day: Some(per_day), ..terms("m") };
    let evening = DAY_MS - 10_000;
    let mut slot = SlotState::default();
    out(&mut slot, 1, "m", evening);
    assert_eq!(slot.soonest_ms(evening, &limit(1)), DAY_MS, "in flight");
    slot.give_back(evening, 1, LeaseOutcome::Failed);
    assert_eq!(slot.soonest_ms(evening, &limit(1)), evening, "it made none");
    for id in [2, 3] {
        out(&mut slot, id, "n", evening);
        slot.give_back(evening, id, LeaseOutcome::Made);
    }
    assert_eq!([1, 2, 3].map(|limit_| slot.soonest_ms(evening, &limit(limit_))), [DAY_MS, DAY_MS, evening]);
    assert!(!slot.rests_long(evening, &limit(2)), "it is back in ten seconds");
    assert!(slot.rests_long(evening - MINUTE_MS, &limit(2)));
    assert_eq!(slot.state(evening, Some(2)), KeyState::Cooling(DAY_MS));
    // A call from before midnight that ends after it is of the day before.
    out(&mut slot, 4, "m", evening);
    slot.advance_to(DAY_MS);
    slot.give_back(DAY_MS, 4, LeaseOutcome::Made);
    assert_eq!(slot.soonest_ms(DAY_MS, &limit(1)), DAY_MS);
    assert_eq!(slot.soonest_ms(DAY_MS, &limit(0)), 2 * DAY_MS);
}

#[test]
fn a_call_is_likely_after_the_one_in_flight_and_between_the_claims() {
    let mut slot = SlotState::default();
    assert_eq!(slot.expected_ms(0, 0, 5_000), 0);
    slot.claim(9_000, 5_000);
    assert_eq!(slot.expected_ms(0, 0, 7_000), 14_000);
    assert_eq!(slot.expected_ms(0, 0, 6_000), 0);
    out(&mut slot, 1, "m", 0);
    assert_eq!(slot.expected_ms(0, 0, 4_000), 14_000);
}

#[test]
fn leases_end_soon_after_a_restart_unless_their_holders_ask_again() {
    let mut slot = SlotState::default();
    (1..4).for_each(|id| out(&mut slot, id, "m", 0));
    slot.leases[2].learns = false;
    slot.shorten_leases(10_000);
    slot.renew(11_000, "2", 30_000);
    assert_eq!(slot.leases.iter().map(|lease| lease.end_ms).collect::<Vec<_>>(), [13_000, 41_000, 60_000]);
}

#[test]
fn a_call_that_was_made_to_its_end_has_a_length() {
    let length = |outcome| {
        let mut slot = SlotState::default();
        out(&mut slot, 1, "m", 2_000);
        slot.give_back(5_000, 1, outcome)
    };
    assert_eq!([LeaseOutcome::Made, LeaseOutcome::Failed].map(length), [Some(3_000); 2]);
    assert_eq!([LeaseOutcome::Unused, LeaseOutcome::Refused].map(length), [None; 2]);
    assert_eq!(SlotState::default().give_back(0, 1, LeaseOutcome::Made), None);
}

#[test]
fn after_the_clock_was_set_back_nothing_stays_for_longer_than_it_could_have_been_meant_to() {
    let far = 1_000_000 * HOUR_MS;
    let mut slot = SlotState::default();
    slot.register(far, &String::new(), |_| true);
    let cooling = LeaseOutcome::Cooling(Cooling::MinuteLimit);
    for (id, outcome) in [(1, LeaseOutcome::Made), (2, cooling), (3, LeaseOutcome::KeyInvalid)] {
        out(&mut slot, id, "m", far);
        slot.give_back(far, id, outcome);
    }
    out(&mut slot, 4, "m", far);
    slot.advance_to(1_000);
    assert_eq!((slot.in_flight(), slot.named_ms, slot.made), (0, 1_000, 0));
    assert_eq!(slot.invalid_until_ms, 1_000 + HOUR_MS);
    assert_eq!(slot.ready_at_ms("m"), 1_000 + MAX_COOL_MS);
}

#[test]
fn models_that_are_no_longer_listed_are_forgotten_once_they_are_idle_and_of_too_many_one_goes() {
    let mut slot = after(LeaseOutcome::Refused);
    out(&mut slot, 2, "n", 0);
    slot.give_back(0, 2, LeaseOutcome::Made);
    let endpoint = String::new();
    slot.advance_to(2 * MINUTE_MS);
    slot.register(2 * MINUTE_MS, &endpoint, |name| name == "n");
    assert_eq!(slot.pairs.len(), 2);
    slot.register(2 * MINUTE_MS, &endpoint, |_| false);
    assert_eq!(slot.pairs.keys().map(AsRef::as_ref).collect::<Vec<_>>(), ["m"]);
    for id in 0..100 {
        out(&mut slot, 100 + id, &format!("{id}"), 0);
    }
    assert_eq!(slot.pairs.len(), MAX_MODELS);
    assert!(slot.is_refused(2_000, "m"));
}

#[test]
fn it_is_the_same_again_after_it_was_stored() {
    let mut slot = after(LeaseOutcome::Made);
    slot.register(2_000, &"endpoint".to_owned(), |_| true);
    out(&mut slot, 2, "n", 3_000);
    slot.give_back(4_000, 2, LeaseOutcome::KeyInvalid);
    out(&mut slot, 3, "o", 3_000);
    slot.lease(9, Lease { id: 4, name: Rc::from("own"), learns: false, ..slot.leases[0].clone() });
    for (now_ms, lease, turns) in [(0, 0, 0), (5_000, 4, 9), (u64::MAX, u64::MAX, u64::MAX)] {
        let base = Base { now_ms, lease, turns };
        let mut names = NameWriter::default();
        let stored = slot.to_stored(base, &mut names);
        let names = NameReader::new(names.into_names());
        assert_eq!(SlotState::from_stored(stored, base, &names), Some(slot.clone()));
        let broken = ["", "0", "0 0", "9 0 0", "0 0 0 x!", "0 0 0|9", "0 0 0|0:x?"];
        for text in broken {
            assert_eq!(SlotState::from_stored((text.to_owned(), Vec::new()), base, &names), None, "{text}");
        }
        for lease in ["", "0 0", "0 0 0 99", "0 0 0 0 99"] {
            let stored = ("0 0 0".to_owned(), vec![("t".to_owned(), lease.to_owned())]);
            assert_eq!(SlotState::from_stored(stored, base, &names), None, "{lease}");
        }
    }
}

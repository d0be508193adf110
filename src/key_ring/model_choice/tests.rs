//! The model that a caller gets.

use std::rc::Rc;

use super::*;
use crate::error::Cooling;
use crate::key_ring::lease::Lease;
use crate::key_ring::limits::LONG_REST_MS;
use crate::key_ring::testing::{request, slots};
use crate::key_ring::waiter::Waiter;
use crate::ports::lease::{GoneModel, LeaseOutcome, LeaseRequest};

const NOW: u64 = 1_000_000;
const HARD: GoneCause = GoneCause::NoSuchModel;
const SOFT: GoneCause = GoneCause::Unfetchable;
const LONG: LeaseOutcome = LeaseOutcome::Cooling(Cooling::For(LONG_REST_MS + 1));
const MINUTE: LeaseOutcome = LeaseOutcome::Cooling(Cooling::MinuteLimit);

/// Keys `a` and `b` at the endpoints `A` and `B`, both with the models `m` and `n`.
fn asked(may_stand_in: bool) -> LeaseRequest {
    let mut named = slots(&["a", "b"]);
    for slot in &mut named {
        slot.endpoint = slot.id.to_uppercase();
    }
    LeaseRequest { may_stand_in, ..request("t", NOW, &named, &["m", "n"]) }
}

/// The choice in brief, after these outcomes and reports of gone models: `m ab` is the model m by a or b.
fn brief(request: LeaseRequest, ends: &[(&str, &str, LeaseOutcome)], gone: &[(&str, &str, GoneCause)]) -> String {
    let wish = Waiter::new(NOW, request).wish;
    let mut slots = Slots::default();
    slots.register(NOW, &wish);
    for (id, model, outcome) in ends {
        let (model, name) = (Rc::from(*model), Rc::from(*model));
        let lease = Lease { id: 1, ticket: String::new(), model, name, start_ms: NOW, end_ms: NOW + 1, learns: true };
        let slot = slots.get_mut(&(*id).to_owned());
        if let Some(slot) = slot {
            slot.lease(1, lease.clone());
            slot.give_back(NOW, 1, *outcome);
        }
    }
    let mut list = GoneModels::default();
    for (endpoint, model, cause) in gone {
        list.add(NOW, vec![GoneModel { endpoint: (*endpoint).into(), model: (*model).into(), cause: *cause }]);
    }
    match choose(&slots, &list, &wish, NOW) {
        ModelChoice::Draw(draw) => {
            let ids = draw.slots.iter().map(|at| wish.slots[*at].id.as_str()).collect::<String>();
            format!("{} {ids}", wish.models.get(draw.model).map_or("nothing", AsRef::as_ref))
        }
        ModelChoice::StandIn(model) => format!("stands in: {}", wish.models[model]),
        ModelChoice::Gone => "gone".to_owned(),
    }
}

#[test]
fn the_first_model_that_an_endpoint_still_has_is_drawn_there() {
    for may in [false, true] {
        assert_eq!(brief(asked(may), &[], &[]), "m ab");
        assert_eq!(brief(asked(may), &[], &[("A", "m", HARD)]), "m b");
        assert_eq!(brief(asked(may), &[], &[("A", "m", HARD), ("B", "m", HARD)]), "n ab");
        let all = [("A", "m", HARD), ("B", "m", HARD), ("A", "n", HARD), ("B", "n", HARD)];
        assert_eq!(brief(asked(may), &[], &all), "gone");
    }
}

#[test]
fn a_model_that_rests_everywhere_for_long_is_stood_in_for_where_that_may_be() {
    for outcome in [LONG, LeaseOutcome::Refused] {
        let ends = [("a", "m", outcome), ("b", "m", outcome)];
        assert_eq!(brief(asked(true), &ends, &[]), "stands in: n");
        assert_eq!(brief(asked(false), &ends, &[]), "m ab");
        assert_eq!(brief(asked(true), &ends[..1], &[]), "m ab");
        let all = [ends[0], ends[1], ("a", "n", outcome), ("b", "n", LeaseOutcome::KeyInvalid)];
        assert_eq!(brief(asked(true), &all, &[]), "m ab", "nor can the other be had");
    }
    let invalid = ["a", "b"].map(|id| (id, "m", LeaseOutcome::KeyInvalid));
    assert_eq!(brief(asked(true), &invalid, &[]), "m ab");
    let minute = ["a", "b"].map(|id| (id, "m", MINUTE));
    assert_eq!(brief(asked(true), &minute, &[]), "m ab", "a minute is no reason");
    let mut used_up = asked(true);
    for slot in &mut used_up.slots {
        slot.per_day = Some(0);
    }
    assert_eq!(brief(used_up, &[], &[]), "m ab", "a day is that of all models");
}

#[test]
fn images_that_cannot_be_fetched_are_avoided_where_another_endpoint_or_model_is_there() {
    for may in [false, true] {
        assert_eq!(brief(asked(may), &[], &[("A", "m", SOFT)]), "m b");
    }
    let both = [("A", "m", SOFT), ("B", "m", SOFT)];
    assert_eq!(brief(asked(true), &[], &both), "stands in: n");
    assert_eq!(brief(asked(false), &[], &both), "m ab");
    let all = [both[0], both[1], ("A", "n", SOFT), ("B", "n", HARD)];
    assert_eq!(brief(asked(true), &[], &all), "m ab");
    // The other endpoint is of no use now, and the one with such images may be better than nothing.
    assert_eq!(brief(asked(false), &[("b", "m", LONG)], &both[..1]), "m ab");
    assert_eq!(brief(asked(true), &[("b", "m", LONG)], &both[..1]), "stands in: n");
}

#[test]
fn what_is_excluded_this_time_is_no_reason_for_another_model() {
    let excluded = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(slot, model)| ((*slot).to_owned(), (*model).to_owned()));
        LeaseRequest { excluded: pairs.collect(), ..asked(true) }
    };
    assert_eq!(brief(excluded(&[("a", "m")]), &[], &[]), "m b");
    assert_eq!(brief(excluded(&[("a", "m"), ("b", "m")]), &[], &[]), "m ");
    let refused = ["a", "b"].map(|id| (id, "m", LeaseOutcome::Refused));
    assert_eq!(brief(excluded(&[("a", "n"), ("b", "n")]), &refused, &[]), "m ab");
}

#[test]
fn a_request_that_asks_for_nothing_gets_nothing_and_for_unknown_models_they_are_gone() {
    assert_eq!(brief(LeaseRequest { slots: Vec::new(), ..asked(true) }, &[], &[]), "m ");
    assert_eq!(brief(LeaseRequest { models: Vec::new(), ..asked(true) }, &[], &[]), "nothing ");
    assert_eq!(brief(LeaseRequest { names: Vec::new(), ..asked(true) }, &[], &[]), "gone");
}

//! The next step for one waiting caller, given the claims of those before it.

use super::queue::Waiter;
use super::slot::SlotState;
use super::slots::Slots;
use crate::ports::lease::SlotId;

/// The next step for a caller. Times are unix milliseconds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Grant this slot, from `start_ms` on.
    Grant { slot: SlotId, start_ms: u64 },
    /// Keep the caller waiting until a slot is returned, which would allow a call at `soonest_ms` if that happened now,
    /// or until `wake_ms`.
    Hold { soonest_ms: u64, wake_ms: u64 },
    /// Refuse it: no slot is available in time.
    Refuse { retry_at_ms: Option<u64>, all_refused: bool },
}

/// An acceptable slot: ordered by time, then by least recent use, then by the order of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Choice<'a> {
    at_ms: u64,
    turn: u64,
    order: usize,
    id: &'a SlotId,
}

/// The next step for `waiter` at `now_ms`. `projected` is the slots with the claims of those before it. If it is kept
/// waiting, its own claims are added.
pub(super) fn next_step(projected: &mut Slots, waiter: &Waiter, now_ms: u64) -> Step {
    // The best slot with a known time, and the best that may be returned sooner than known.
    let mut free: Option<Choice<'_>> = None;
    let mut busy: Option<Choice<'_>> = None;
    for (order, id) in waiter.slots.iter().enumerate() {
        let Some(slot) = projected.get(id) else { continue };
        let choice = Choice { at_ms: slot.soonest_ms(now_ms, waiter.per_minute), turn: slot.turn, order, id };
        let known = waiter.per_minute.is_some() || slot.back_by_ms(now_ms).is_none();
        let best = if known { &mut free } else { &mut busy };
        *best = Some(best.map_or(choice, |best| best.min(choice)));
    }
    let deadline_ms = waiter.deadline_ms;
    match (free, busy) {
        // A slot in flight cannot be ready before this one.
        (Some(free), busy) if free.at_ms <= deadline_ms && busy.is_none_or(|busy| free.at_ms <= busy.at_ms) => {
            Step::Grant { slot: free.id.clone(), start_ms: free.at_ms }
        }
        (free, Some(busy)) if busy.at_ms <= deadline_ms && now_ms < deadline_ms => {
            if let Some(slot) = projected.get_mut(busy.id) {
                let back_by_ms = slot.back_by_ms(now_ms).unwrap_or(now_ms).max(busy.at_ms);
                slot.claim(busy.at_ms, back_by_ms, back_by_ms <= deadline_ms);
            }
            // If the free slot's time comes first, the caller takes that one.
            let other = free.filter(|free| free.at_ms <= deadline_ms);
            if let Some((at_ms, Some(slot))) = other.map(|other| (other.at_ms, projected.get_mut(other.id))) {
                slot.claim(at_ms, at_ms, false);
            }
            Step::Hold { soonest_ms: busy.at_ms, wake_ms: other.map_or(deadline_ms, |other| other.at_ms) }
        }
        _ => refuse(projected, waiter, now_ms),
    }
}

/// The refusal, with the time of the soonest slot that is not set aside, otherwise of the soonest of all.
fn refuse(projected: &Slots, waiter: &Waiter, now_ms: u64) -> Step {
    let soonest = |refused: bool| {
        let slots = waiter.slots.iter().filter_map(|id| projected.get(id));
        slots
            .filter(|slot: &&SlotState| slot.is_refused(now_ms) == refused)
            .map(|slot| slot.soonest_ms(now_ms, waiter.per_minute))
            .min()
    };
    let (welcome, refused) = (soonest(false), soonest(true));
    Step::Refuse { retry_at_ms: welcome.or(refused), all_refused: welcome.is_none() && refused.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cooling;
    use crate::key_ring::slot::Lease;
    use crate::ports::lease::{LeaseOutcome, LeaseRequest, Slot};

    fn waiter(now_ms: u64, slots: &[&str]) -> Waiter {
        let slot = |id: &&str| Slot { id: (*id).to_owned(), endpoint: String::new() };
        let request = LeaseRequest {
            ticket: String::new(),
            arrived_ms: now_ms,
            deadline_ms: now_ms + 60_000,
            lease_ms: 60_000,
            slots: slots.iter().map(slot).collect(),
            excluded: Vec::new(),
            per_minute: None,
        };
        Waiter::new(now_ms, request)
    }

    fn lease(id: u64, start_ms: u64) -> Lease {
        Lease { id, ticket: String::new(), start_ms, end_ms: start_ms + 60_000, learns: true }
    }

    /// A slot with a learned rate of two a minute, and a call in flight since 100 s.
    fn one_in_flight() -> Slots {
        let minute = LeaseOutcome::Cooling(Cooling::MinuteLimit);
        let outcomes = [(1, LeaseOutcome::Made), (2, LeaseOutcome::Made), (3, minute)];
        let mut slots = Slots::default();
        let named = waiter(0, &["a"]).slots;
        let named = named.into_iter().map(|id| Slot { id, endpoint: String::new() });
        slots.register(0, &named.collect::<Vec<_>>());
        for (_, slot) in slots.iter_mut() {
            for (id, outcome) in outcomes {
                slot.lease(id, lease(id, id));
                slot.give_back(id, id, outcome);
            }
            slot.lease(4, lease(4, 100_000));
        }
        slots
    }

    #[test]
    fn a_caller_behind_a_call_that_will_return_is_expected_to_take_its_place() {
        let mut projected = one_in_flight();
        let first = next_step(&mut projected, &waiter(100_000, &["a"]), 100_000);
        assert_eq!(first, Step::Hold { soonest_ms: 100_000, wake_ms: 160_000 });
        let second = next_step(&mut projected, &waiter(100_000, &["a"]), 100_000);
        assert_eq!(second, Step::Refuse { retry_at_ms: Some(161_000), all_refused: false });
    }

    #[test]
    fn a_caller_whose_deadline_may_come_first_leaves_its_place_to_the_next() {
        let mut projected = one_in_flight();
        let early = waiter(55_000, &["a"]);
        for waiter in [early, waiter(100_000, &["a"])] {
            let step = next_step(&mut projected, &waiter, 100_000);
            assert!(matches!(step, Step::Hold { soonest_ms: 100_000, .. }), "{step:?}");
        }
    }

    #[test]
    fn unlisted_slots_are_not_granted() {
        let step = next_step(&mut Slots::default(), &waiter(0, &["a"]), 0);
        assert_eq!(step, Step::Refuse { retry_at_ms: None, all_refused: false });
    }
}

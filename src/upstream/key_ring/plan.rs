//! What to do with one caller, given what those before it take.

use super::queue::Waiter;
use super::slot::SlotState;
use super::slots::Slots;
use crate::ports::lease::SlotId;

/// What to do with a caller. Times are unix milliseconds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Hand it this slot, from then on.
    Grant { slot: SlotId, start_ms: u64 },
    /// Keep it until a slot comes back, which allows a call at `soonest_ms` if that is at once, or
    /// until `wake_ms`.
    Hold { soonest_ms: u64, wake_ms: u64 },
    /// Tell it that no slot comes in time.
    Refuse { retry_at_ms: Option<u64>, all_refused: bool },
}

/// A slot that will do: ordered by when, then by who was handed out longest ago, then by the
/// settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Choice<'a> {
    at_ms: u64,
    turn: u64,
    order: usize,
    id: &'a SlotId,
}

/// What to do with `waiter` at `now_ms`, where `sketch` is the slots with what those before it
/// have claimed. If it is held, its own claims are added.
pub(super) fn next_step(sketch: &mut Slots, waiter: &Waiter, now_ms: u64) -> Step {
    // The best of those whose time is known, and of those that may come back sooner than known.
    let mut free: Option<Choice<'_>> = None;
    let mut busy: Option<Choice<'_>> = None;
    for (order, id) in waiter.slots.iter().enumerate() {
        let Some(slot) = sketch.get(id) else { continue };
        let choice = Choice { at_ms: slot.soonest_ms(now_ms, waiter.per_minute), turn: slot.turn, order, id };
        let known = waiter.per_minute.is_some() || slot.back_by_ms(now_ms).is_none();
        let best = if known { &mut free } else { &mut busy };
        *best = Some(best.map_or(choice, |best| best.min(choice)));
    }
    let deadline_ms = waiter.deadline_ms;
    match (free, busy) {
        // What is in flight cannot be ready before this one is.
        (Some(free), busy) if free.at_ms <= deadline_ms && busy.is_none_or(|busy| free.at_ms <= busy.at_ms) => {
            Step::Grant { slot: free.id.clone(), start_ms: free.at_ms }
        }
        (free, Some(busy)) if busy.at_ms <= deadline_ms && now_ms < deadline_ms => {
            if let Some(slot) = sketch.get_mut(busy.id) {
                let back_by_ms = slot.back_by_ms(now_ms).unwrap_or(now_ms).max(busy.at_ms);
                slot.claim(busy.at_ms, back_by_ms, back_by_ms <= deadline_ms);
            }
            // If this one's time comes first, it takes this one.
            let other = free.filter(|free| free.at_ms <= deadline_ms);
            if let Some((at_ms, Some(slot))) = other.map(|other| (other.at_ms, sketch.get_mut(other.id))) {
                slot.claim(at_ms, at_ms, false);
            }
            Step::Hold { soonest_ms: busy.at_ms, wake_ms: other.map_or(deadline_ms, |other| other.at_ms) }
        }
        _ => refuse(sketch, waiter, now_ms),
    }
}

/// The refusal: back when the soonest slot is that is not set aside, or else the soonest of all.
fn refuse(sketch: &Slots, waiter: &Waiter, now_ms: u64) -> Step {
    let soonest = |refused: bool| {
        let slots = waiter.slots.iter().filter_map(|id| sketch.get(id));
        slots
            .filter(|slot: &&SlotState| slot.is_refused(now_ms) == refused)
            .map(|slot| slot.soonest_ms(now_ms, waiter.per_minute))
            .min()
    };
    let (welcome, refused) = (soonest(false), soonest(true));
    Step::Refuse { retry_at_ms: welcome.or(refused), all_refused: welcome.is_none() && refused.is_some() }
}

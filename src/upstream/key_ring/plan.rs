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
    /// Keep it until a slot comes back, or until `wake_ms`.
    Hold { soonest_ms: u64, wake_ms: u64 },
    /// Tell it that no slot comes in time.
    Refuse {
        retry_at_ms: Option<u64>,
        all_refused: bool,
    },
}

/// A slot that will do: ordered by when, then by who rested longest, then by the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Choice<'a> {
    at_ms: u64,
    turn: u64,
    order: usize,
    id: &'a SlotId,
}

/// What to do with `waiter` at `now_ms`, where `sketch` is the slots with what those before it
/// have claimed. If it is held, its own claim is added.
pub(super) fn next_step(sketch: &mut Slots, waiter: &Waiter, now_ms: u64) -> Step {
    let mut free: Option<Choice<'_>> = None;
    let mut busy: Option<Choice<'_>> = None;
    for (order, id) in waiter.slots.iter().enumerate() {
        let Some(slot) = sketch.get(id) else { continue };
        let choice = Choice {
            at_ms: slot.soonest_ms(now_ms, waiter.per_minute),
            turn: slot.turn,
            order,
            id,
        };
        let best = if waiter.per_minute.is_none() && slot.is_busy() {
            &mut busy
        } else {
            &mut free
        };
        *best = Some(best.map_or(choice, |best| best.min(choice)));
    }
    let soonest_ms = free.iter().chain(&busy).map(|choice| choice.at_ms).min();
    match (free, busy) {
        // No slot in flight can be back before this one is ready: its time is known.
        (Some(free), busy)
            if free.at_ms <= waiter.deadline_ms
                && busy.is_none_or(|busy| free.at_ms <= busy.at_ms) =>
        {
            Step::Grant {
                slot: free.id.clone(),
                start_ms: free.at_ms,
            }
        }
        (free, Some(busy)) if busy.at_ms <= waiter.deadline_ms && now_ms < waiter.deadline_ms => {
            if let Some(slot) = sketch.get_mut(busy.id) {
                slot.claim(Some(busy.at_ms));
            }
            if let Some(slot) = free.and_then(|free| sketch.get_mut(free.id)) {
                slot.claim(None);
            }
            let wake_ms = free
                .map_or(u64::MAX, |free| free.at_ms)
                .min(waiter.deadline_ms);
            Step::Hold {
                soonest_ms: busy.at_ms,
                wake_ms,
            }
        }
        _ => refuse(sketch, waiter, now_ms, soonest_ms),
    }
}

/// The refusal: back when the soonest slot is that is not set aside, or else the soonest of all.
fn refuse(sketch: &Slots, waiter: &Waiter, now_ms: u64, soonest_ms: Option<u64>) -> Step {
    let welcome = |slot: &&SlotState| !slot.is_refused(now_ms);
    let known = || waiter.slots.iter().filter_map(|id| sketch.get(id));
    let retry = known()
        .filter(welcome)
        .map(|slot| slot.soonest_ms(now_ms, waiter.per_minute))
        .min();
    Step::Refuse {
        retry_at_ms: retry.or(soonest_ms),
        all_refused: retry.is_none() && soonest_ms.is_some(),
    }
}

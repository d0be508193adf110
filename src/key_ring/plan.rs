//! The next step for one waiting caller, given the claims of those before it.

#[cfg(test)]
mod tests;

use super::candidate::Candidate;
use super::limits::USUAL_CALL_MS;
use super::model_choice::Draw;
use super::projection::Projection;
use super::waiter::Waiter;
use crate::ports::lease::{LeaseReply, Priority};

/// The next step for a caller. Times are unix milliseconds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Grant the slot at this position of the caller's list, from `start_ms` on.
    Grant { slot: usize, start_ms: u64 },
    /// Keep the caller waiting until a slot is returned, or until `wake_ms`. Its turn is likely to come at `ready_at_ms`.
    Hold { wake_ms: u64, ready_at_ms: Option<u64> },
    /// Refuse it: no slot is available in time.
    Refuse,
}

/// The next step for `waiter`, which gets the model at `model` of its wish. `projection` has the claims of those before
/// it. If it is kept waiting, its own claims are added.
pub(super) fn next_step(projection: &mut Projection, waiter: &Waiter, model: usize) -> Step {
    let now = projection.now;
    let mut open = projection.candidates(&waiter.wish);
    // Slots of the last priority wait with the caller while another may be available in time.
    let patience_ms = waiter.patience_ms();
    let is_early = |candidate: &Candidate| candidate.priority != Priority::Last && candidate.at_ms <= patience_ms;
    let is_patient = now.ms < patience_ms && open.iter().any(is_early);
    let last: Vec<_> = open.extract_if(.., |one| is_patient && one.priority == Priority::Last).collect();

    let best = |sure: bool| open.iter().filter(|one| one.is_sure == sure).min_by_key(|one| one.by_time());
    let deadline_ms = waiter.deadline_ms;
    match (best(true), best(false)) {
        // A slot that is not sure cannot be ready before this one.
        (Some(sure), other) if sure.at_ms <= deadline_ms && other.is_none_or(|other| sure.at_ms <= other.at_ms) => {
            Step::Grant { slot: sure.slot, start_ms: sure.at_ms }
        }
        (_, Some(other)) if other.at_ms <= deadline_ms && now.ms < deadline_ms => {
            let wait_ms = if last.is_empty() { deadline_ms } else { patience_ms };
            open.extend(last.into_iter().map(|one| Candidate { at_ms: one.at_ms.max(patience_ms), ..one }));
            open.retain(|one| one.at_ms <= deadline_ms);
            let ready_at_ms = claim(projection, waiter, model, &open);
            let known = open.iter().filter(|one| one.is_idle && one.at_ms > now.ms).map(|one| one.at_ms);
            Step::Hold { wake_ms: known.fold(wait_ms, u64::min), ready_at_ms }
        }
        _ => Step::Refuse,
    }
}

/// Adds the claims of a caller that waits: on the slot that it will most likely get, and if its time is unknown, on the
/// first with a known time, which the caller takes if that comes first. The result is the likely time of its turn, if that
/// is before its deadline.
fn claim(projection: &mut Projection, waiter: &Waiter, model: usize, open: &[Candidate]) -> Option<u64> {
    let (wish, call_ms) = (&waiter.wish, projection.now.call_ms);
    let by_likelihood = |one: &&Candidate| (one.expected_ms, one.by_time());
    let likely = open.iter().min_by_key(by_likelihood);
    let is_known = |one: &&Candidate| one.is_idle && likely.is_some_and(|likely| !likely.is_idle);
    let known = open.iter().filter(is_known).min_by_key(by_likelihood);
    for (candidate, is_likely) in [(likely, true), (known, false)] {
        let Some(one) = candidate.filter(|one| one.expected_ms <= waiter.deadline_ms) else { continue };
        let Some(slot) = wish.slots.get(one.slot) else { continue };
        let Some(name) = wish.name(slot, model) else { continue };
        // Later callers are refused because of starts, and those must not come to nothing. With a set rate only a start
        // keeps them from taking the slot.
        let is_exact = one.is_idle && one.expected_ms == one.at_ms && wish.has_one_model(slot);
        let slack_ms = if is_exact { 0 } else { USUAL_CALL_MS };
        let is_certain = one.expected_ms.saturating_add(slack_ms) <= waiter.deadline_ms;
        let is_start = slot.per_minute.is_some() || is_likely && is_certain;
        projection.claim(&slot.id, |state| {
            state.claim(one.expected_ms.max(one.at_ms), call_ms);
            if is_start {
                state.claim_start(name, one.at_ms);
            }
        });
    }
    likely.map(|one| one.expected_ms.max(one.at_ms)).filter(|ready_ms| *ready_ms <= waiter.deadline_ms)
}

/// The refusal, with the time at which the caller could be served behind those that wait: by a slot that is not set
/// aside, otherwise by any.
pub(super) fn refusal(projection: &Projection, waiter: &Waiter, draw: &Draw) -> LeaseReply {
    let all = projection.fresh_candidates(&waiter.wish, draw);
    let soonest = |refused: bool| {
        let slots = all.iter().filter(|one| one.is_refused == refused);
        slots.map(|one| one.expected_ms).min()
    };
    let (welcome, refused) = (soonest(false), soonest(true));
    LeaseReply::Exhausted { retry_at_ms: welcome.or(refused), all_refused: welcome.is_none() && refused.is_some() }
}

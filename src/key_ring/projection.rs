//! The slots as they will be: the granted leases, plus the claims of callers that stay in the queue.

use std::rc::Rc;

use super::candidate::{Candidate, Now};
use super::gone_models::GoneModels;
use super::lease::Lease;
use super::model_choice::{Draw, ModelChoice, choose};
use super::slot::SlotState;
use super::slots::Slots;
use super::wish::Wish;
use crate::ports::lease::SlotId;

/// The slots, and what they mean to each wish. Many callers wait for the same: it is worked out once for all of them,
/// and again for the slot that one of them claims.
pub(super) struct Projection {
    slots: Slots,
    pub(super) now: Now,
    views: Vec<View>,
}

/// What the slots mean to a wish.
struct View {
    wish: Rc<Wish>,
    choice: ModelChoice,
    candidates: Vec<Candidate>,
}

impl Projection {
    /// A projection of these slots, before any claim.
    pub(super) fn new(slots: Slots, now: Now) -> Self {
        Self { slots, now, views: Vec::new() }
    }

    /// The model that a caller with this wish gets.
    pub(super) fn choice(&mut self, gone: &GoneModels, wish: &Rc<Wish>) -> ModelChoice {
        if let Some(view) = self.view(wish) {
            return view.choice.clone();
        }
        let choice = choose(&self.slots, gone, wish, self.now.ms);
        let candidates = match &choice {
            ModelChoice::Draw(draw) => self.fresh_candidates(wish, draw),
            ModelChoice::StandIn(_) | ModelChoice::Gone => Vec::new(),
        };
        self.views.push(View { wish: Rc::clone(wish), choice: choice.clone(), candidates });
        choice
    }

    /// The slots that a caller with this wish may get, after [`Projection::choice`].
    pub(super) fn candidates(&self, wish: &Rc<Wish>) -> Vec<Candidate> {
        self.view(wish).map_or_else(Vec::new, |view| view.candidates.clone())
    }

    /// The slots that a caller who wants `draw` may get.
    pub(super) fn fresh_candidates(&self, wish: &Wish, draw: &Draw) -> Vec<Candidate> {
        let candidate = |slot: &usize| Candidate::new(&self.slots, wish, draw.model, *slot, self.now);
        draw.slots.iter().filter_map(candidate).collect()
    }

    fn view(&self, wish: &Rc<Wish>) -> Option<&View> {
        self.views.iter().find(|view| Rc::ptr_eq(&view.wish, wish))
    }

    /// Changes a slot by a claim.
    pub(super) fn claim(&mut self, id: &SlotId, change: impl FnOnce(&mut SlotState)) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        change(slot);
        for View { wish, choice, candidates } in &mut self.views {
            let ModelChoice::Draw(draw) = choice else { continue };
            for one in candidates {
                if wish.slots.get(one.slot).is_some_and(|slot| slot.id == *id) {
                    *one = Candidate::new(&self.slots, wish, draw.model, one.slot, self.now).unwrap_or(*one);
                }
            }
        }
    }

    /// Adds a granted lease.
    pub(super) fn grant(&mut self, id: &SlotId, turn: u64, lease: Lease) {
        if let Some(slot) = self.slots.get_mut(id) {
            slot.lease(turn, lease);
        }
        // It may have used up a day, which may change the choice of a model.
        self.views.clear();
    }
}

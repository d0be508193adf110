//! The models and slots that a caller asks for.

use std::rc::Rc;

use super::limits::{MAX_MODELS, MAX_NAME, MAX_SLOTS};
use super::slot::Terms;
use crate::ports::lease::{Slot, SlotId};

/// The models and slots that a caller asks for. Most callers that wait ask for the same, and share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// Our names of the models: the requested one first.
    pub(super) models: Vec<Rc<str>>,
    /// The endpoints' own names of the models.
    names: Vec<Vec<Option<Rc<str>>>>,
    /// The slots, in the order of the settings.
    pub(super) slots: Vec<Slot>,
    /// For each slot a bit for each model that it is not to be used for.
    excluded: Vec<u32>,
    /// True if another model may be given in place of the requested one.
    pub(super) may_stand_in: bool,
}

impl Wish {
    /// A wish whose sizes are brought within bounds.
    pub(super) fn new(
        models: Vec<String>,
        names: Vec<Vec<Option<String>>>,
        mut slots: Vec<Slot>,
        excluded: &[(SlotId, String)],
        may_stand_in: bool,
    ) -> Self {
        slots.truncate(MAX_SLOTS);
        let name = |name: Option<String>| name.filter(|name| name.len() <= MAX_NAME).map(Rc::from);
        let row = |row: Vec<Option<String>>| row.into_iter().take(MAX_MODELS).map(name).collect();
        let mut wish = Self {
            models: models.into_iter().take(MAX_MODELS).map(Rc::from).collect(),
            names: names.into_iter().take(MAX_SLOTS).map(row).collect(),
            excluded: vec![0; slots.len()],
            slots,
            may_stand_in,
        };
        for (slot, model) in excluded {
            wish.exclude(slot, model);
        }
        wish
    }

    fn exclude(&mut self, id: &SlotId, model: &str) {
        let models = self.models.iter().enumerate().filter(|(_, known)| ***known == *model);
        let bits = models.fold(0, |bits, (at, _)| bits | bit(at));
        for (slot, excluded) in self.slots.iter().zip(&mut self.excluded) {
            if slot.id == *id {
                *excluded |= bits;
            }
        }
    }

    /// True if the slot at `slot` is not to be used for the model at `model`, this time.
    pub(super) fn is_excluded(&self, slot: usize, model: usize) -> bool {
        self.excluded.get(slot).is_some_and(|bits| bits & bit(model) != 0)
    }

    /// True if the slot at `slot` has a limit by the day.
    pub(super) fn has_day_limit(&self, slot: usize) -> bool {
        self.slots.get(slot).is_some_and(|slot| slot.per_day.is_some())
    }

    /// The endpoint's own name of the model at `model`; `None` if the slot's endpoint does not have it.
    pub(super) fn name(&self, slot: &Slot, model: usize) -> Option<&Rc<str>> {
        self.names.get(slot.names)?.get(model).filter(|_| model < self.models.len())?.as_ref()
    }

    /// True if `name` is the endpoint's own name of one of the models.
    pub(super) fn has_name(&self, slot: &Slot, name: &str) -> bool {
        (0..self.models.len()).any(|model| self.name(slot, model).is_some_and(|known| **known == *name))
    }

    /// True if the slot's endpoint has no more than one of the models.
    pub(super) fn has_one_model(&self, slot: &Slot) -> bool {
        (0..self.models.len()).filter(|model| self.name(slot, *model).is_some()).count() <= 1
    }

    /// The terms of using a slot for the model at `model`.
    pub(super) fn terms(&self, slot: &Slot, model: usize) -> Option<Terms<'_>> {
        let name = self.name(slot, model)?;
        Some(Terms { name, per_minute: slot.per_minute, per_day: slot.per_day })
    }

    /// True if it accepts the slot `id` for `model` under the endpoint's own `name`.
    pub(super) fn accepts(&self, id: &SlotId, model: &str, name: &str) -> bool {
        let slot = self.slots.iter().enumerate().find(|(_, slot)| slot.id == *id);
        let model = self.models.iter().position(|known| **known == *model);
        slot.zip(model).is_some_and(|((slot_at, slot), model)| {
            let is_named = self.name(slot, model).is_some_and(|known| **known == *name);
            is_named && !self.is_excluded(slot_at, model)
        })
    }
}

fn bit(model: usize) -> u32 {
    u32::try_from(model).ok().and_then(|model| 1_u32.checked_shl(model)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_ring::testing::slots;

    #[test]
    fn names_that_are_missing_or_too_long_and_rows_that_do_not_exist_are_no_models() {
        let mut slots = slots(&["k", "l"]);
        slots[1].names = 7;
        let names = vec![vec![Some("M".to_owned()), Some("x".repeat(MAX_NAME + 1))]];
        let excluded = [("l".to_owned(), "n".to_owned()), ("x".to_owned(), "m".to_owned())];
        let wish = Wish::new(["m", "n", "o"].map(str::to_owned).to_vec(), names, slots, &excluded, true);
        let names = |slot: usize| [0, 1, 2].map(|model| wish.name(&wish.slots[slot], model).is_some());
        assert_eq!((names(0), names(1)), ([true, false, false], [false; 3]));
        let excluded = |slot| [0, 1, 2, 99].map(|model| wish.is_excluded(slot, model));
        assert_eq!((excluded(0), excluded(1)), ([false; 4], [false, true, false, false]));
        assert!(wish.accepts(&"k".to_owned(), "m", "M") && !wish.accepts(&"l".to_owned(), "m", "M"));
    }
}

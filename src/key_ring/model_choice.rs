//! The model that a caller gets: the requested one, unless it cannot be had.

use super::gone_models::GoneModels;
use super::slots::Slots;
use super::wish::Wish;
use crate::ports::lease::GoneCause;

/// The choice for a caller. Models and slots are positions in its lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ModelChoice {
    /// This model, with one of these slots.
    Draw(Draw),
    /// Another model in place of the first that is not gone.
    StandIn(usize),
    /// No slot has any of the models any more.
    Gone,
}

/// A model, and the slots that may draw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draw {
    pub(super) model: usize,
    pub(super) slots: Vec<usize>,
}

/// A slot whose endpoint has the model.
struct Holder {
    slot: usize,
    /// True if the model's images could not be fetched from there.
    is_unfetchable: bool,
    /// True if it is unavailable for a long time.
    rests: bool,
}

impl Holder {
    fn can_draw(&self) -> bool {
        !self.is_unfetchable && !self.rests
    }
}

/// Chooses the model for `wish` at `now_ms`: the first that some endpoint has. It is passed over only for a caller
/// that named no model, where all of its slots rest for long or gave images that could not be fetched, and a later
/// model can be drawn.
pub(super) fn choose(slots: &Slots, gone: &GoneModels, wish: &Wish, now_ms: u64) -> ModelChoice {
    let holders_of = |model: usize| holders(slots, gone, wish, model, now_ms);
    let mut models = (0..wish.models.len()).map(|model| (model, holders_of(model)));
    let Some((model, mut holders)) = models.find(|(_, holders)| !holders.is_empty()) else {
        // A request without slots, or without models, asks for nothing.
        let asks = !wish.slots.is_empty() && !wish.models.is_empty();
        return if asks { ModelChoice::Gone } else { ModelChoice::Draw(Draw { model: 0, slots: Vec::new() }) };
    };
    let can_draw = holders.iter().any(Holder::can_draw);
    if !can_draw && wish.may_stand_in {
        let is_open = |model: usize, holder: &Holder| holder.can_draw() && !wish.is_excluded(holder.slot, model);
        let other = models.find(|(model, holders)| holders.iter().any(|holder| is_open(*model, holder)));
        if let Some((model, _)) = other {
            return ModelChoice::StandIn(model);
        }
    }
    holders.retain(|holder| !(can_draw && holder.is_unfetchable));
    let open = holders.iter().map(|holder| holder.slot).filter(|slot| !wish.is_excluded(*slot, model));
    ModelChoice::Draw(Draw { model, slots: open.collect() })
}

/// The slots whose endpoints have the model.
fn holders(slots: &Slots, gone: &GoneModels, wish: &Wish, model: usize, now_ms: u64) -> Vec<Holder> {
    let holder = |(at, slot)| {
        let terms = wish.terms(slot, model)?;
        let cause = gone.cause(now_ms, &slot.endpoint, terms.name);
        let known = slots.get(&slot.id);
        let holder = Holder {
            slot: at,
            is_unfetchable: cause == Some(GoneCause::Unfetchable),
            rests: known.is_some_and(|known| known.rests_long(now_ms, &terms)),
        };
        Some(holder).filter(|_| cause != Some(GoneCause::NoSuchModel))
    };
    wish.slots.iter().enumerate().filter_map(holder).collect()
}

#[cfg(test)]
mod tests;

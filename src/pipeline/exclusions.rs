//! What is left out for the rest of one request, and why.

use crate::config::Endpoint;
use crate::ports::lease::{EndpointId, Slot, SlotId};

/// The same refusal of one address for one model is heard from so many keys at most.
const MAX_REFUSALS: usize = 3;

/// Addresses, models and keys that are not asked again for this image. Models are by our names.
#[derive(Debug, Default)]
pub(super) struct Exclusions {
    /// Addresses that refuse the request, or are no address.
    endpoints: Vec<EndpointId>,
    /// Models that an address does not have any more.
    gone: Vec<(EndpointId, String)>,
    /// Models given up at an address for a reason that may pass: refused to its keys, or images that cannot be fetched.
    passing: Vec<(EndpointId, String)>,
    /// Models that an address refused to a key, once for each.
    refusals: Vec<(EndpointId, String)>,
    /// Models whose last image from an address could not be fetched.
    unfetchable: Vec<(EndpointId, String)>,
    /// Keys that are to rest where the ring could not be told: for a model, or for all.
    unreported: Vec<(SlotId, Option<String>)>,
    /// Texts with which an address forbade a call.
    forbidden: Vec<(EndpointId, String)>,
}

impl Exclusions {
    /// True if `slot` is not asked for `model`.
    pub(super) fn covers(&self, slot: &Slot, model: &str) -> bool {
        let is_unreported =
            |(known, of): &(SlotId, Option<String>)| *known == slot.id && of.as_deref().is_none_or(|of| of == model);
        self.endpoints.contains(&slot.endpoint)
            || contains(&self.gone, &slot.endpoint, model)
            || contains(&self.passing, &slot.endpoint, model)
            || self.unreported.iter().any(is_unreported)
    }

    /// True if `model` was given up somewhere for a reason that may pass.
    pub(super) fn has_passing(&self, model: &str) -> bool {
        self.passing.iter().any(|(_, known)| known == model)
    }

    /// True if a key is to rest for `model`, and the ring does not know.
    pub(super) fn is_unreported(&self, model: &str) -> bool {
        self.unreported.iter().any(|(_, known)| known.as_deref() == Some(model))
    }

    /// The address is not asked again at all.
    pub(super) fn endpoint(&mut self, endpoint: &Endpoint) {
        self.endpoints.push(endpoint.endpoint_id());
    }

    /// The address does not have the model any more.
    pub(super) fn model_gone(&mut self, endpoint: &Endpoint, model: &str) {
        self.gone.push((endpoint.endpoint_id(), model.to_owned()));
    }

    /// The address refused the model to one of its keys. After a few of them it is not asked for it again.
    pub(super) fn refused(&mut self, endpoint: &Endpoint, model: &str) {
        let here = (endpoint.endpoint_id(), model.to_owned());
        self.refusals.push(here.clone());
        if self.refusals.iter().filter(|known| **known == here).count() >= MAX_REFUSALS {
            self.passing.push(here);
        }
    }

    /// An image of the model could not be fetched. True if it was the second in a row: the model is then given up there.
    pub(super) fn unfetchable(&mut self, endpoint: &Endpoint, model: &str) -> bool {
        let here = (endpoint.endpoint_id(), model.to_owned());
        let is_second = self.unfetchable.contains(&here);
        if is_second {
            self.passing.push(here);
        } else {
            self.unfetchable.push(here);
        }
        is_second
    }

    /// The key is to rest, for `model` or for all, and the ring does not know.
    pub(super) fn unreported(&mut self, slot: SlotId, model: Option<&str>) {
        self.unreported.push((slot, model.map(str::to_owned)));
    }

    /// Notes the text of a 403. True if the address gave the same before.
    pub(super) fn heard_before(&mut self, endpoint: &EndpointId, text: &str) -> bool {
        let known = contains(&self.forbidden, endpoint, text);
        self.forbidden.push((endpoint.clone(), text.to_owned()));
        known
    }
}

fn contains(pairs: &[(EndpointId, String)], endpoint: &EndpointId, text: &str) -> bool {
    pairs.iter().any(|pair| pair.0 == *endpoint && pair.1 == text)
}

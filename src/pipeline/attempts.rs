//! What the attempts at one image have shown so far, and what follows for the next. Pure: [`super::key_rotation`] does
//! the asking and the waiting.

use super::exclusions::Exclusions;
use super::final_error::Exhaustion;
use crate::config::Endpoint;
use crate::error::UpstreamError;
use crate::ports::lease::{GoneCause, GoneModel, LeaseOutcome, Slot, SlotId};

/// Calls for one image at most. A call costs up to six of the free plan's 50 subrequests (lease, call, report, three
/// fetches of the image), and the chat APIs, the store and a stand-in's maker need up to eight.
const MAX_CALLS: usize = 7;

/// The attempts at one image.
pub struct Attempts<'a> {
    candidates: Vec<Candidate<'a>>,
    /// The requested model, then those that stand in for it, in the order of the settings.
    models: Vec<&'a str>,
    /// True if the caller named no model.
    may_stand_in: bool,
    exclusions: Exclusions,
    /// (slot, model) pairs whose failure in this round may pass.
    failed_once: Vec<(SlotId, String)>,
    second_round: bool,
    calls: usize,
    rejection: Option<String>,
    last: Option<UpstreamError>,
}

/// An endpoint with its slot. The slot's ids are hashes, which are worked out once.
struct Candidate<'a> {
    endpoint: &'a Endpoint,
    slot: Slot,
}

/// What a failure means for the key ring.
pub struct Verdict {
    /// The outcome of the lease.
    pub outcome: LeaseOutcome,
    /// A model that can no longer be had at the endpoint.
    pub gone: Vec<GoneModel>,
}

impl<'a> Attempts<'a> {
    /// No attempt yet at an image of `models`, the requested one first; `per_minute` is `KEY_IMAGES_PER_MINUTE`.
    pub fn new(endpoints: &'a [Endpoint], models: Vec<&'a str>, may_stand_in: bool, per_minute: Option<u32>) -> Self {
        let candidate = |endpoint| Candidate { endpoint, slot: Slot::new(endpoint, 0, per_minute) };
        Self {
            candidates: endpoints.iter().map(candidate).collect(),
            models,
            may_stand_in,
            exclusions: Exclusions::default(),
            failed_once: Vec::new(),
            second_round: false,
            calls: 0,
            rejection: None,
            last: None,
        }
    }

    /// The models that the ring may choose from. Where the requested one was given up for a reason that may pass, none
    /// takes its place under its id.
    pub fn models(&self) -> &[&'a str] {
        let rests = |model: &str| self.exclusions.is_unreported(model) && !self.is_open(model);
        let gives_up = |model: &str| self.exclusions.has_passing(model) || rests(model);
        let is_given_up = self.requested().is_some_and(gives_up);
        let only_requested = is_given_up || self.rejection.is_some();
        if only_requested { self.models.get(..1).unwrap_or_default() } else { &self.models }
    }

    /// The slots that may still be used, and their endpoints' own names for [`Attempts::models`].
    pub fn slots(&self) -> (Vec<Slot>, Vec<Vec<Option<String>>>) {
        let mut names: Vec<Vec<Option<String>>> = Vec::new();
        let mut slots = Vec::new();
        let models = self.models();
        for candidate in &self.candidates {
            let row: Vec<_> = models.iter().map(|model| self.name_at(candidate, model)).collect();
            if row.iter().all(Option::is_none) {
                continue;
            }
            let at = names.iter().position(|known| *known == row).unwrap_or_else(|| {
                names.push(row);
                names.len() - 1
            });
            slots.push(Slot { names: at, ..candidate.slot.clone() });
        }
        (slots, names)
    }

    /// The (slot, model) pairs that are left out in this round.
    pub fn excluded(&self) -> &[(SlotId, String)] {
        &self.failed_once
    }

    /// The (slot, model) pairs that are left in this round, for the first model that has any.
    pub fn open(&self) -> Vec<(SlotId, &'a str)> {
        let of_model = |model: &&'a str| -> Vec<(SlotId, &'a str)> {
            let having = self.candidates.iter().filter(|candidate| self.name_at(candidate, model).is_some());
            let pairs = having.map(|candidate| (candidate.slot.id.clone(), *model));
            pairs
                .filter(|(slot, model)| !self.failed_once.iter().any(|pair| pair.0 == *slot && pair.1 == *model))
                .collect()
        };
        self.models().iter().map(of_model).find(|pairs| !pairs.is_empty()).unwrap_or_default()
    }

    /// True once a call was made.
    pub fn has_begun(&self) -> bool {
        self.calls > 0
    }

    /// True once the number of calls is used up.
    pub fn is_spent(&self) -> bool {
        self.calls >= MAX_CALLS
    }

    /// The endpoint and the model of the next call; `None` for a slot that is not in the settings any more.
    pub fn begin(&mut self, slot: &SlotId, model: &str) -> Option<(&'a Endpoint, &'a str)> {
        let endpoint = self.candidates.iter().find(|known| known.slot.id == *slot)?.endpoint;
        let model = self.models.iter().copied().find(|known| *known == model)?;
        self.calls += 1;
        Some((endpoint, model))
    }

    /// The model that is to stand in for the requested one under an id of its own: where that was given up everywhere
    /// for a reason that may pass, and the caller named none.
    pub fn stand_in(&self) -> Option<&'a str> {
        let requested = self.requested()?;
        let is_given_up = self.exclusions.has_passing(requested) && !self.is_open(requested);
        if !self.may_stand_in || self.rejection.is_some() || !is_given_up {
            return None;
        }
        self.models.iter().copied().skip(1).find(|model| self.is_open(model))
    }

    /// Notes the failure of a call to `endpoint` for `model`. The failure's text holds no secret.
    pub fn failed(&mut self, endpoint: &Endpoint, model: &str, failure: UpstreamError) -> Verdict {
        let failure = self.judged(endpoint, failure);
        let mut gone = Vec::new();
        let outcome = match &failure {
            UpstreamError::KeyInvalid => LeaseOutcome::KeyInvalid,
            UpstreamError::KeyBusy { cooling } => LeaseOutcome::Cooling(*cooling),
            UpstreamError::ModelRefused(_) => {
                self.exclusions.refused(endpoint, model);
                LeaseOutcome::Refused
            }
            UpstreamError::ModelGone(_) => {
                self.exclusions.model_gone(endpoint, model);
                gone.extend(gone_model(endpoint, model, GoneCause::NoSuchModel));
                LeaseOutcome::Failed
            }
            UpstreamError::Unfetchable(_) if self.exclusions.unfetchable(endpoint, model) => {
                gone.extend(gone_model(endpoint, model, GoneCause::Unfetchable));
                LeaseOutcome::Failed
            }
            UpstreamError::Rejected(message) => {
                self.exclusions.endpoint(endpoint);
                self.rejection.get_or_insert_with(|| message.clone());
                LeaseOutcome::Failed
            }
            UpstreamError::Misconfigured(_) => {
                self.exclusions.endpoint(endpoint);
                LeaseOutcome::Failed
            }
            UpstreamError::Unfetchable(_)
            | UpstreamError::Forbidden(_)
            | UpstreamError::UnknownAddress
            | UpstreamError::Transient(_)
            | UpstreamError::TimedOut => {
                self.failed_once.push((endpoint.slot_id(), model.to_owned()));
                LeaseOutcome::Failed
            }
        };
        self.last = Some(failure);
        Verdict { outcome, gone }
    }

    /// The ring did not hear of a failure after which it would have withheld the key.
    pub fn report_failed(&mut self, endpoint: &Endpoint, model: &str, outcome: LeaseOutcome) {
        self.exclusions.unreported(endpoint.slot_id(), (outcome != LeaseOutcome::KeyInvalid).then_some(model));
    }

    /// True once an address rejected the request.
    pub fn was_rejected(&self) -> bool {
        self.rejection.is_some()
    }

    /// True if pairs that failed once may be given their second chance.
    pub fn may_start_second_round(&self) -> bool {
        !self.second_round && !self.failed_once.is_empty()
    }

    /// Gives the pairs that failed once their second chance.
    pub fn start_second_round(&mut self) {
        self.second_round = true;
        self.failed_once.clear();
    }

    /// The error for the caller when there is no further attempt.
    pub fn final_error(&self, why: &Exhaustion) -> crate::error::Error {
        why.error(self.rejection.as_deref(), self.last.as_ref())
    }

    fn requested(&self) -> Option<&'a str> {
        self.models.first().copied()
    }

    /// True if an endpoint has `model`, and is not excluded for it.
    fn is_open(&self, model: &str) -> bool {
        self.candidates.iter().any(|candidate| self.name_at(candidate, model).is_some())
    }

    /// The endpoint's own name for `model`, unless it is excluded.
    fn name_at(&self, candidate: &Candidate<'_>, model: &str) -> Option<String> {
        let Candidate { endpoint, slot } = candidate;
        endpoint.name_of(model).filter(|_| !self.exclusions.covers(slot, model)).map(str::to_owned)
    }

    /// A 403 that tells nothing by its text is about the request where two keys of one address, or its only key, get the
    /// same; about nothing in particular where they get different ones.
    fn judged(&mut self, endpoint: &Endpoint, failure: UpstreamError) -> UpstreamError {
        let UpstreamError::Forbidden(text) = failure else { return failure };
        let here = endpoint.endpoint_id();
        let is_only_key = self.candidates.iter().filter(|other| other.slot.endpoint == here).count() == 1;
        if is_only_key || self.exclusions.heard_before(&here, &text) {
            UpstreamError::Rejected(text)
        } else {
            UpstreamError::Forbidden(text)
        }
    }
}

fn gone_model(endpoint: &Endpoint, model: &str, cause: GoneCause) -> Option<GoneModel> {
    let model = endpoint.name_of(model)?.to_owned();
    Some(GoneModel { endpoint: endpoint.endpoint_id(), model, cause })
}

#[cfg(test)]
mod tests;

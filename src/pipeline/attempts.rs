//! What the attempts at one image have shown so far, and what follows for the next. Pure: [`super::key_rotation`] does
//! the asking and the waiting.

use crate::config::Endpoint;
use crate::domain::hops::loop_detected;
use crate::error::{Cooling, Error, UpstreamError};
use crate::ports::lease::{EndpointId, LeaseOutcome, SlotId};

/// Calls for one image at most. A call costs up to six of the free plan's 50 subrequests (lease, call, report, three
/// fetches of the image), and the chat API, the store and a stand-in's maker need up to six.
const MAX_CALLS: usize = 7;
/// When a key is back, in milliseconds, that its upstream wants to rest without a time, and of which the ring does not
/// say.
const UNSAID_MS: u64 = 60_000;

/// The attempts at one image.
pub struct Attempts<'a> {
    /// The endpoints that take the model.
    endpoints: Vec<&'a Endpoint>,
    /// The model that was asked for, then those that stand in for it.
    models: Vec<&'a str>,
    /// Slots whose failure in this round may pass.
    failed_once: Vec<SlotId>,
    /// Slots that are to rest or be set aside, where the ring could not be told.
    untold: Vec<SlotId>,
    /// Addresses that refuse this request, have none of its models, or give images that cannot be fetched.
    out: Vec<EndpointId>,
    /// Addresses that gave such an image once.
    unfetchable_once: Vec<EndpointId>,
    /// Models that an address said it no longer has, by its own names.
    gone: Vec<(EndpointId, String)>,
    second_round: bool,
    calls: usize,
    rejection: Option<String>,
    last: Option<UpstreamError>,
}

/// What a failure means for the key ring.
pub struct Verdict {
    /// How the call with the key went.
    pub outcome: LeaseOutcome,
    /// Models that the endpoint said it no longer has, by its own names.
    pub gone_models: Vec<String>,
}

/// Why no further attempt is made, as far as the key ring and the clock know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exhaustion {
    /// In how many milliseconds the soonest key is back; `None` where that is not the reason.
    pub retry_ms: Option<u64>,
    /// Whether every key is set aside.
    pub all_refused: bool,
    /// Whether the deadline has passed.
    pub is_late: bool,
    /// Whether the request may be one of our own that came back.
    pub is_impatient: bool,
}

impl<'a> Attempts<'a> {
    /// No attempt yet at an image of `models`, the one that was asked for first.
    pub fn new(endpoints: Vec<&'a Endpoint>, models: Vec<&'a str>) -> Self {
        Self {
            endpoints,
            models,
            failed_once: Vec::new(),
            untold: Vec::new(),
            out: Vec::new(),
            unfetchable_once: Vec::new(),
            gone: Vec::new(),
            second_round: false,
            calls: 0,
            rejection: None,
            last: None,
        }
    }

    /// The endpoints that may still be asked.
    pub fn usable(&self) -> impl Iterator<Item = &'a Endpoint> {
        let is_out = |endpoint: &Endpoint| {
            self.out.contains(&endpoint.endpoint_id()) || self.untold.contains(&endpoint.slot_id())
        };
        self.endpoints.iter().copied().filter(move |endpoint| !is_out(endpoint))
    }

    /// Those of them that will not do in this round.
    pub fn excluded(&self) -> &[SlotId] {
        &self.failed_once
    }

    /// The slots that will do in this round.
    pub fn open(&self) -> Vec<SlotId> {
        self.usable().map(Endpoint::slot_id).filter(|slot| !self.failed_once.contains(slot)).collect()
    }

    /// Whether a call was made already.
    pub fn has_begun(&self) -> bool {
        self.calls > 0
    }

    /// Whether there were as many calls as there may be.
    pub fn is_spent(&self) -> bool {
        self.calls >= MAX_CALLS
    }

    /// The endpoint and the model of the next call, which is made with `slot`; `gone_models` are what its endpoint no
    /// longer has. `None` where there is nothing to ask it for.
    pub fn begin(&mut self, slot: &SlotId, mut gone_models: Vec<String>) -> Option<(&'a Endpoint, &'a str)> {
        let endpoint = self.endpoints.iter().copied().find(|known| known.slot_id() == *slot)?;
        let here = endpoint.endpoint_id();
        gone_models.extend(self.gone.iter().filter(|gone| gone.0 == here).map(|gone| gone.1.clone()));
        let is_there = |name| !gone_models.iter().any(|gone| gone == name);
        let model = self.models.iter().copied().find(|model| endpoint.name_of(model).is_some_and(is_there));
        if model.is_some() {
            self.calls += 1;
        } else {
            self.last = Some(UpstreamError::ModelGone(String::new()));
            self.out.push(here);
        }
        model.map(|model| (endpoint, model))
    }

    /// Takes in how the call of `endpoint` for `model` failed. No secret is in the failure's text.
    pub fn failed(&mut self, endpoint: &Endpoint, model: &str, failure: UpstreamError) -> Verdict {
        let mut gone_models = Vec::new();
        let outcome = match &failure {
            UpstreamError::Rejected(message) => {
                self.out.push(endpoint.endpoint_id());
                self.rejection.get_or_insert_with(|| message.clone());
                LeaseOutcome::Failed
            }
            UpstreamError::ModelGone(_) => {
                gone_models.extend(endpoint.name_of(model).map(str::to_owned));
                self.gone.extend(gone_models.iter().map(|name| (endpoint.endpoint_id(), name.clone())));
                LeaseOutcome::Failed
            }
            UpstreamError::Unfetchable(_) => {
                let here = endpoint.endpoint_id();
                if self.unfetchable_once.contains(&here) {
                    self.out.push(here);
                } else {
                    self.unfetchable_once.push(here);
                    self.failed_once.push(endpoint.slot_id());
                }
                LeaseOutcome::Failed
            }
            UpstreamError::KeyRefused => LeaseOutcome::Refused,
            UpstreamError::KeyBusy { cooling } => LeaseOutcome::Cooling(*cooling),
            UpstreamError::Transient(_) | UpstreamError::TimedOut => {
                self.failed_once.push(endpoint.slot_id());
                LeaseOutcome::Failed
            }
        };
        self.last = Some(failure);
        Verdict { outcome, gone_models }
    }

    /// The ring could not be told of a failure that it would have kept `slot` back for.
    pub fn ring_not_told(&mut self, slot: SlotId) {
        self.untold.push(slot);
    }

    /// Whether keys that failed once may be given their second chance.
    pub fn may_start_second_round(&self) -> bool {
        !self.second_round && !self.failed_once.is_empty()
    }

    /// Gives the keys that failed once their second chance.
    pub fn start_second_round(&mut self) {
        self.second_round = true;
        self.failed_once.clear();
    }

    /// What to tell the caller when there is no further attempt.
    pub fn final_error(&self, why: Exhaustion) -> Error {
        match (&self.rejection, why.retry_ms, &self.last) {
            (Some(message), _, _) => Error::prompt_rejected(message),
            (None, _, _) if why.all_refused => Error::upstream(
                "Every image API key was refused by its upstream. The owner of this service has to look at the keys.",
            ),
            (None, Some(_), _) if why.is_impatient => loop_detected(),
            (None, Some(ms), _) => Error::keys_exhausted(whole_seconds(ms)),
            (None, None, Some(UpstreamError::KeyBusy { cooling })) => {
                Error::keys_exhausted(whole_seconds(if let Cooling::For(ms) = cooling { *ms } else { UNSAID_MS }))
            }
            (None, None, Some(UpstreamError::ModelGone(_))) => {
                Error::upstream("No image API has any of the models any more.")
            }
            (None, None, Some(UpstreamError::KeyRefused)) => {
                Error::upstream("The last image API key that was tried was refused by its upstream.")
            }
            (None, None, Some(UpstreamError::Transient(message) | UpstreamError::Unfetchable(message)))
                if !why.is_late =>
            {
                Error::upstream(format!("The image API failed: {message}."))
            }
            (None, None, _) => Error::upstream_timeout(),
        }
    }
}

/// Milliseconds as whole seconds, rounded up, at least one.
fn whole_seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000).max(1)
}

#[cfg(test)]
mod tests;

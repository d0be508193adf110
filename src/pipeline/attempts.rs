//! The state of the attempts at one image, and the decisions about the next one. Pure: [`super::key_rotation`] does the
//! I/O.

use crate::config::Endpoint;
use crate::domain::hops::loop_detected;
use crate::error::{Cooling, Error, UpstreamError};
use crate::ports::lease::{EndpointId, GoneCause, GoneModel, LeaseOutcome, SlotId};

/// The maximum number of calls for one image. A call costs up to six of the free plan's 50 subrequests (lease, call,
/// report, three fetches of the image), and the chat API, the store and a stand-in's maker need up to six.
const MAX_CALLS: usize = 7;
/// The assumed cool-down, in milliseconds, of a rate-limited key for which neither the upstream nor the ring gives a
/// time.
const DEFAULT_COOL_DOWN_MS: u64 = 60_000;

/// The attempts at one image.
pub struct Attempts<'a> {
    /// The endpoints that accept the model.
    endpoints: Vec<&'a Endpoint>,
    /// The requested model, then its substitutes.
    models: Vec<&'a str>,
    /// Slots with a transient failure in this round.
    failed_once: Vec<SlotId>,
    /// Slots that must cool down or be set aside, if the ring could not be informed.
    unreported: Vec<SlotId>,
    /// Endpoints that refuse this request, have none of its models, or repeatedly return unfetchable images.
    excluded_endpoints: Vec<EndpointId>,
    /// Endpoints that returned an unfetchable image once.
    unfetchable_once: Vec<EndpointId>,
    /// Models that an endpoint reported as gone, by its own names.
    reported_gone: Vec<(EndpointId, String)>,
    second_round: bool,
    calls: usize,
    rejection: Option<String>,
    last: Option<UpstreamError>,
}

/// The consequence of a failure for the key ring.
pub struct Verdict {
    /// The outcome of the call with the key.
    pub outcome: LeaseOutcome,
    /// Models that the endpoint reported as gone.
    pub gone: Vec<GoneModel>,
}

/// The reason for making no further attempt, as far as the key ring and the clock know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Exhaustion {
    /// The milliseconds until the soonest key is available; `None` if that is not the reason.
    pub retry_ms: Option<u64>,
    /// True if every key is set aside.
    pub all_refused: bool,
    /// True if the deadline has passed.
    pub is_late: bool,
    /// True if the request may be one of our own that came back.
    pub is_impatient: bool,
}

impl<'a> Attempts<'a> {
    /// The state before the first attempt. `models` starts with the requested one.
    pub fn new(endpoints: Vec<&'a Endpoint>, models: Vec<&'a str>) -> Self {
        Self {
            endpoints,
            models,
            failed_once: Vec::new(),
            unreported: Vec::new(),
            excluded_endpoints: Vec::new(),
            unfetchable_once: Vec::new(),
            reported_gone: Vec::new(),
            second_round: false,
            calls: 0,
            rejection: None,
            last: None,
        }
    }

    /// The endpoints that may still be called.
    pub fn usable(&self) -> impl Iterator<Item = &'a Endpoint> {
        let is_out = |endpoint: &Endpoint| {
            self.excluded_endpoints.contains(&endpoint.endpoint_id()) || self.unreported.contains(&endpoint.slot_id())
        };
        self.endpoints.iter().copied().filter(move |endpoint| !is_out(endpoint))
    }

    /// The slots that are excluded in this round.
    pub fn excluded(&self) -> &[SlotId] {
        &self.failed_once
    }

    /// The slots that may be used in this round.
    pub fn open(&self) -> Vec<SlotId> {
        self.usable().map(Endpoint::slot_id).filter(|slot| !self.failed_once.contains(slot)).collect()
    }

    /// The requested model, then its substitutes.
    pub fn models(&self) -> &[&'a str] {
        &self.models
    }

    /// True if a call has been made.
    pub fn has_begun(&self) -> bool {
        self.calls > 0
    }

    /// True if the maximum number of calls has been made.
    pub fn is_spent(&self) -> bool {
        self.calls >= MAX_CALLS
    }

    /// Begins the next call, with `slot`, and returns its endpoint and its model: `granted`, or the first that is not
    /// known to be gone. `None` if it has none of the models.
    pub fn begin(&mut self, slot: &SlotId, granted: Option<&str>) -> Option<(&'a Endpoint, &'a str)> {
        let endpoint = self.endpoints.iter().copied().find(|known| known.slot_id() == *slot)?;
        let endpoint_id = endpoint.endpoint_id();
        let is_gone = |name: &str| self.reported_gone.iter().any(|gone| gone.0 == endpoint_id && gone.1 == name);
        let is_available = |model: &str| endpoint.name_of(model).is_some_and(|name| !is_gone(name));
        let models = || self.models.iter().copied();
        let model = models().find(|model| granted.map_or_else(|| is_available(model), |granted| granted == *model));
        if model.is_some() {
            self.calls += 1;
        } else {
            self.last = Some(UpstreamError::ModelGone(String::new()));
            self.excluded_endpoints.push(endpoint_id);
        }
        model.map(|model| (endpoint, model))
    }

    /// Records the failure of a call to `endpoint` for `model`. The failure's text must be redacted.
    pub fn failed(&mut self, endpoint: &Endpoint, model: &str, failure: UpstreamError) -> Verdict {
        let mut gone = Vec::new();
        let outcome = match &failure {
            UpstreamError::Rejected(message) => {
                self.excluded_endpoints.push(endpoint.endpoint_id());
                self.rejection.get_or_insert_with(|| message.clone());
                LeaseOutcome::Failed
            }
            UpstreamError::ModelGone(_) => {
                let endpoint_id = endpoint.endpoint_id();
                let name = endpoint.name_of(model).unwrap_or_default().to_owned();
                self.reported_gone.push((endpoint_id.clone(), name.clone()));
                gone.push(GoneModel { endpoint: endpoint_id, model: name, cause: GoneCause::NoSuchModel });
                LeaseOutcome::Failed
            }
            UpstreamError::Unfetchable(_) => {
                let endpoint_id = endpoint.endpoint_id();
                if self.unfetchable_once.contains(&endpoint_id) {
                    self.excluded_endpoints.push(endpoint_id);
                } else {
                    self.unfetchable_once.push(endpoint_id);
                    self.failed_once.push(endpoint.slot_id());
                }
                LeaseOutcome::Failed
            }
            UpstreamError::KeyRefused => LeaseOutcome::KeyInvalid,
            UpstreamError::KeyBusy { cooling } => LeaseOutcome::Cooling(*cooling),
            UpstreamError::Transient(_) | UpstreamError::TimedOut => {
                self.failed_once.push(endpoint.slot_id());
                LeaseOutcome::Failed
            }
        };
        self.last = Some(failure);
        Verdict { outcome, gone }
    }

    /// Records that no endpoint has any of the models.
    pub fn all_gone(&mut self) {
        self.last = Some(UpstreamError::ModelGone(String::new()));
    }

    /// Records that the ring could not be informed of a failure after which it would have withheld `slot`.
    pub fn report_failed(&mut self, slot: SlotId) {
        self.unreported.push(slot);
    }

    /// True if keys that failed once may be tried again.
    pub fn may_start_second_round(&self) -> bool {
        !self.second_round && !self.failed_once.is_empty()
    }

    /// Starts the second round: keys that failed once may be tried again.
    pub fn start_second_round(&mut self) {
        self.second_round = true;
        self.failed_once.clear();
    }

    /// The error for the caller when there is no further attempt.
    pub fn final_error(&self, why: Exhaustion) -> Error {
        match (&self.rejection, why.retry_ms, &self.last) {
            (Some(message), _, _) => Error::prompt_rejected(message),
            (None, _, _) if why.all_refused => Error::upstream(
                "Every image API key was refused by its upstream. The owner of this service has to look at the keys.",
            ),
            (None, Some(_), _) if why.is_impatient => loop_detected(),
            (None, Some(ms), _) => Error::keys_exhausted(whole_seconds(ms)),
            (None, None, Some(UpstreamError::KeyBusy { cooling })) => {
                Error::keys_exhausted(whole_seconds(if let Cooling::For(ms) = cooling {
                    *ms
                } else {
                    DEFAULT_COOL_DOWN_MS
                }))
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

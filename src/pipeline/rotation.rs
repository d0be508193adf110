//! Which key is asked next, and what a failure means for the ones after it.

mod verdict;

use std::cell::Cell;

pub use self::verdict::circle;
use super::deadline::Deadline;
use crate::config::{Config, Endpoint};
use crate::domain::ImageRequest;
use crate::error::{Error, UpstreamError};
use crate::ports::lease::{EndpointId, LeaseId, SlotId};
use crate::ports::{LeaseAnswer, LeaseOutcome, LeaseRequest, Outside, Report};

/// Calls for one image at most. A call costs up to six of the free plan's 50 subrequests (lease, call, report, three
/// fetches of the image), and the chat API, the store and a stand-in's maker need up to six.
const MAX_CALLS: usize = 7;
/// The pause before the second round, in milliseconds, and what chance adds to it.
const PAUSE_MS: u64 = 250;
/// How much longer than a call may take its key is held, in milliseconds: a report that comes after the lease is not
/// heard.
const LEASE_SLACK_MS: u64 = 5_000;
/// How long the first round waits for a key while others could be tried once more.
const PATIENCE_MS: u64 = 1_500;

/// A request that came through this many deployments may be one of our own that came back. It waits for nothing that
/// another request holds, which may be waiting for it: neither for a generation under way nor, for long, for a key.
pub const IMPATIENT_HOPS: u8 = 2;

/// A key's turn.
pub struct Turn<'a> {
    /// Whom to ask, with which key.
    pub endpoint: &'a Endpoint,
    /// Which model to ask for, by our name.
    pub model: String,
    slot: SlotId,
    /// `None` where the ring could not be reached, or the key was given back.
    lease: Cell<Option<LeaseId>>,
}

/// The keys' turns for one image.
pub struct Rotation<'a> {
    outside: &'a Outside,
    config: &'a Config,
    deadline: &'a Deadline,
    /// The endpoints that take the model.
    endpoints: Vec<&'a Endpoint>,
    /// The model that was asked for, then those that stand in for it.
    models: Vec<&'a str>,
    /// The image's id: there is one generation of it at a time. One that died and is begun again is
    /// handed the key that the dead one held.
    ticket: String,
    /// When this image's turn began to be waited for.
    arrived_ms: u64,
    /// Whether the request may be one of our own that came back.
    returned: bool,
    /// Keys that had bad luck in this round.
    unlucky: Vec<SlotId>,
    /// Keys that are to rest or be set aside, where the ring could not be told.
    untold: Vec<SlotId>,
    /// Addresses that refuse this request, have none of its models, or give images where none is fetched.
    out: Vec<EndpointId>,
    /// Addresses that gave such an image once.
    misled: Vec<EndpointId>,
    /// Models that an address said it no longer has, by its own names.
    gone: Vec<(EndpointId, String)>,
    second_round: bool,
    calls: usize,
    rejection: Option<String>,
    last: Option<UpstreamError>,
}

impl<'a> Rotation<'a> {
    /// The turns for `request`.
    ///
    /// # Errors
    /// [`Error::Misconfigured`] where no endpoint takes its model.
    pub fn new(
        outside: &'a Outside,
        config: &'a Config,
        request: &'a ImageRequest,
        hops: u8,
        deadline: &'a Deadline,
    ) -> Result<Self, Error> {
        let endpoints: Vec<_> =
            config.endpoints.iter().filter(|endpoint| endpoint.name_of(&request.model).is_some()).collect();
        if endpoints.is_empty() {
            return Err(Error::Misconfigured(format!(
                "No endpoint takes the model {}: add it to an entry of IMAGE_ENDPOINTS, or take it out of IMAGE_MODELS.",
                request.model
            )));
        }
        let stand_ins = config.models.iter().map(String::as_str).filter(|model| *model != request.model);
        Ok(Self {
            outside,
            config,
            deadline,
            endpoints,
            models: std::iter::once(request.model.as_str()).chain(stand_ins).collect(),
            ticket: request.id().to_string(),
            arrived_ms: outside.clock.now_ms(),
            returned: hops >= IMPATIENT_HOPS,
            unlucky: Vec::new(),
            untold: Vec::new(),
            out: Vec::new(),
            misled: Vec::new(),
            gone: Vec::new(),
            second_round: false,
            calls: 0,
            rejection: None,
            last: None,
        })
    }

    /// The next key's turn, waited for while the deadline allows.
    pub async fn next(&mut self) -> Result<Turn<'a>, Error> {
        loop {
            let too_late = self.calls > 0 && self.outside.clock.now_ms() > self.deadline.last_call_ms();
            if too_late || self.deadline.left_ms() == 0 || self.calls >= MAX_CALLS {
                return Err(self.verdict(None, false));
            }
            let answer = self.lease().await;
            let (lease, slot, mut gone_models) = match answer {
                None if self.deadline.left_ms() == 0 => return Err(self.verdict(None, false)),
                None => match self.pick_by_chance() {
                    Some(slot) => (None, slot, Vec::new()),
                    None if self.start_second_round().await => continue,
                    None => return Err(self.verdict(None, false)),
                },
                Some(LeaseAnswer::Granted { lease, slot, start_at_ms, gone_models }) => {
                    let wait = start_at_ms.saturating_sub(self.outside.clock.now_ms());
                    if wait > 0 && !self.deadline.sleep(wait).await {
                        self.report(Some(lease), LeaseOutcome::Unused, Vec::new()).await;
                        return Err(self.verdict(None, false));
                    }
                    (Some(lease), slot, gone_models)
                }
                Some(_) if self.start_second_round().await => continue,
                Some(LeaseAnswer::Exhausted { retry_at_ms, all_refused }) => {
                    return Err(self.verdict(retry_at_ms, all_refused));
                }
                Some(LeaseAnswer::Queued) => return Err(self.verdict(None, false)),
            };
            let Some(endpoint) = self.endpoints.iter().copied().find(|known| known.slot_id() == slot) else {
                self.report(lease, LeaseOutcome::Unused, Vec::new()).await;
                continue;
            };
            let here = endpoint.endpoint_id();
            gone_models.extend(self.gone.iter().filter(|gone| gone.0 == here).map(|gone| gone.1.clone()));
            let is_there = |name| !gone_models.iter().any(|gone| gone == name);
            let model = self.models.iter().find(|model| endpoint.name_of(model).is_some_and(is_there));
            let Some(model) = model else {
                self.report(lease, LeaseOutcome::Unused, Vec::new()).await;
                self.last = Some(UpstreamError::ModelGone(String::new()));
                self.out.push(here);
                continue;
            };
            self.calls += 1;
            return Ok(Turn { endpoint, model: (*model).to_owned(), slot, lease: Cell::new(lease) });
        }
    }

    /// Gives a key back that gave an image.
    pub async fn made(&self, turn: &Turn<'_>) {
        self.report(turn.lease.take(), LeaseOutcome::Made, Vec::new()).await;
    }

    /// Gives a key back that failed, and remembers what that means for the next turns.
    pub async fn failed(&mut self, turn: &Turn<'_>, failure: UpstreamError) {
        let mut gone = Vec::new();
        let outcome = match &failure {
            UpstreamError::Rejected(message) => {
                self.out.push(turn.endpoint.endpoint_id());
                self.rejection.get_or_insert_with(|| self.config.redactor().scrub(message));
                LeaseOutcome::Failed
            }
            UpstreamError::ModelGone(_) => {
                gone.extend(turn.endpoint.name_of(&turn.model).map(str::to_owned));
                self.gone.extend(gone.iter().map(|name| (turn.endpoint.endpoint_id(), name.clone())));
                LeaseOutcome::Failed
            }
            UpstreamError::Unfetchable(_) => {
                let here = turn.endpoint.endpoint_id();
                if self.misled.contains(&here) {
                    self.out.push(here);
                } else {
                    self.misled.push(here);
                    self.unlucky.push(turn.slot.clone());
                }
                LeaseOutcome::Failed
            }
            UpstreamError::KeyRefused => LeaseOutcome::Refused,
            UpstreamError::KeyBusy { cooling } => LeaseOutcome::Cooling(*cooling),
            UpstreamError::Luck(_) | UpstreamError::TimedOut => {
                self.unlucky.push(turn.slot.clone());
                LeaseOutcome::Failed
            }
        };
        let message = self.config.redactor().scrub(&failure.to_string());
        self.outside.log.warn(&format!("image call to {}: {message}", host_of(turn.endpoint)));
        self.last = Some(failure);
        let told = self.report(turn.lease.take(), outcome, gone).await;
        if !told && matches!(outcome, LeaseOutcome::Refused | LeaseOutcome::Cooling(_)) {
            self.untold.push(turn.slot.clone());
        }
    }

    fn may_start_second_round(&self) -> bool {
        !self.second_round && !self.unlucky.is_empty()
    }

    /// After a short pause, gives the keys that had bad luck their second chance.
    async fn start_second_round(&mut self) -> bool {
        let may = self.may_start_second_round();
        if may {
            self.second_round = true;
            self.unlucky.clear();
            self.deadline.sleep(PAUSE_MS + self.outside.random.next_u64() % PAUSE_MS).await;
        }
        may
    }

    /// Asks the ring for a key; `None` where it cannot be reached.
    async fn lease(&self) -> Option<LeaseAnswer> {
        if self.usable().all(|endpoint| self.unlucky.contains(&endpoint.slot_id())) {
            // No key is left to be asked for.
            return Some(LeaseAnswer::Exhausted { retry_at_ms: None, all_refused: false });
        }
        let now_ms = self.outside.clock.now_ms();
        let mut deadline_ms = self.deadline.last_call_ms().max(now_ms);
        if self.returned || self.may_start_second_round() {
            deadline_ms = deadline_ms.min(now_ms + PATIENCE_MS);
        }
        let request = LeaseRequest {
            ticket: self.ticket.clone(),
            arrived_ms: self.arrived_ms,
            deadline_ms,
            lease_ms: self.deadline.call_share_ms().saturating_add(LEASE_SLACK_MS),
            slots: self.usable().map(Endpoint::slot).collect(),
            excluded: self.unlucky.clone(),
            per_minute: self.config.key_images_per_minute,
        };
        match self.outside.key_ring.lease(request).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                self.outside.log.warn(&format!("the key ring cannot be reached: {error}"));
                None
            }
        }
    }

    fn usable(&self) -> impl Iterator<Item = &'a Endpoint> {
        let is_out = |endpoint: &Endpoint| {
            self.out.contains(&endpoint.endpoint_id()) || self.untold.contains(&endpoint.slot_id())
        };
        self.endpoints.iter().copied().filter(move |endpoint| !is_out(endpoint))
    }

    /// A key to use while the ring cannot be reached: an image matters more than the keys' order.
    fn pick_by_chance(&self) -> Option<SlotId> {
        let left: Vec<_> = self.usable().map(Endpoint::slot_id).filter(|slot| !self.unlucky.contains(slot)).collect();
        let count = u64::try_from(left.len()).ok().filter(|count| *count > 0)?;
        let at = usize::try_from(self.outside.random.next_u64() % count).ok()?;
        left.into_iter().nth(at)
    }

    /// Gives a key back. Says whether the ring heard it.
    async fn report(&self, lease: Option<LeaseId>, outcome: LeaseOutcome, gone_models: Vec<String>) -> bool {
        let Some(lease) = lease else { return false };
        let told = self.outside.key_ring.report(Report { lease, outcome, gone_models }).await;
        if let Err(error) = &told {
            // The ring frees the key by itself when the lease expires.
            self.outside.log.warn(&format!("a key could not be given back: {error}"));
        }
        told.is_ok()
    }
}

/// The host of an endpoint, for the log.
fn host_of(endpoint: &Endpoint) -> &str {
    endpoint.url.host_str().unwrap_or_default()
}

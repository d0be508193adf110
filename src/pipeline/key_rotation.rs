//! Key after key for one image: leased from the ring, waited for, and given back.

mod reports;

use std::cell::Cell;

use super::attempts::{Attempts, Verdict};
use super::final_error::Exhaustion;
use super::job::Job;
use crate::config::Endpoint;
use crate::error::{Error, UpstreamError};
use crate::ports::lease::{LeaseId, LeaseOutcome, LeaseReply, LeaseRequest, Report, SlotId};

/// The pause before the second round, in milliseconds, and the most that is added at random.
const PAUSE_MS: u64 = 250;
/// A key is held for this much longer than a call may take, in milliseconds: a report that comes after the lease is
/// not heard.
const LEASE_SLACK_MS: u64 = 5_000;
/// The first round waits this long for a key while others could be tried once more, and so does a request that may be
/// one of our own that came back, in milliseconds.
const PATIENCE_MS: u64 = 1_500;

/// One call to be made.
pub struct Attempt<'a> {
    /// The address and the key.
    pub endpoint: &'a Endpoint,
    /// The model to ask for, by our name.
    pub model: &'a str,
    /// `None` where the ring could not be reached, or the key was given back.
    lease: Cell<Option<LeaseId>>,
}

/// Why there is no further attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It is over: the error for the caller.
    Failed(Error),
    /// This model is to stand in for the requested one.
    StandIn(String),
}

/// A key that may be used from a moment on.
struct Leased {
    lease: Option<LeaseId>,
    slot: SlotId,
    model: String,
    start_at_ms: u64,
}

/// Why there is no key.
enum NoLease {
    Exhausted(Exhaustion),
    StandIn(String),
}

/// The rotation of keys for one image.
pub struct KeyRotation<'a> {
    job: &'a Job<'a>,
    attempts: Attempts<'a>,
    /// The image's id: there is one generation of it at a time. One that died and is begun again is
    /// handed the key that the dead one held.
    ticket: String,
    /// When a key for this image began to be waited for, in unix milliseconds.
    arrived_ms: u64,
    /// True unless the ring could not be reached the last time.
    is_reachable: Cell<bool>,
}

impl<'a> KeyRotation<'a> {
    /// The rotation for a job.
    ///
    /// # Errors
    /// 500 where no endpoint has any of the models.
    pub fn new(job: &'a Job<'a>) -> Result<Self, Error> {
        let requested = job.request.model.as_str();
        let attempts = Attempts::new(
            &job.config.endpoints,
            job.config.models_from(requested),
            job.may_stand_in,
            job.config.key_images_per_minute,
        );
        if attempts.open().is_empty() {
            return Err(Error::misconfigured(format!(
                "No endpoint has the model {requested}: add it to an entry of IMAGE_ENDPOINTS, or take it out of \
                 IMAGE_MODELS.",
            )));
        }
        let (ticket, arrived_ms) = (job.request.id().to_string(), job.ports.clock.now_ms());
        Ok(Self { job, attempts, ticket, arrived_ms, is_reachable: Cell::new(true) })
    }

    /// The next attempt, its key waited for while the deadline allows.
    ///
    /// # Errors
    /// There is no further attempt.
    pub async fn next(&mut self) -> Result<Attempt<'a>, Stop> {
        loop {
            match self.over() {
                Some(Stop::Failed(_)) => return Err(self.end(None, Exhaustion::default()).await),
                Some(stand_in) => return Err(stand_in),
                None => {}
            }
            let leased = match self.lease().await {
                Ok(leased) => leased,
                Err(NoLease::StandIn(model)) => return Err(Stop::StandIn(model)),
                Err(NoLease::Exhausted(_)) if self.start_second_round().await => continue,
                Err(NoLease::Exhausted(why)) => return Err(self.end(None, why).await),
            };
            if !self.wait_until(leased.start_at_ms).await {
                return Err(self.end(leased.lease, Exhaustion::default()).await);
            }
            match self.attempts.begin(&leased.slot, &leased.model) {
                Some((endpoint, model)) => return Ok(Attempt { endpoint, model, lease: Cell::new(leased.lease) }),
                None => drop(self.report(Report { lease: leased.lease, ..Report::default() }).await),
            }
        }
    }

    /// Gives a key back that gave an image, which `model` drew.
    pub async fn succeeded(&self, attempt: &Attempt<'_>, model: &str) {
        let ended = self.job.tally.made(model, self.job.request.mode.is_fallback(), self.now_ms());
        let (lease, ended) = (attempt.lease.take(), Some(ended));
        self.report(Report { lease, outcome: LeaseOutcome::Made, ended, ..Report::default() }).await;
    }

    /// Gives a key back that failed, and remembers what that means for the next attempts.
    pub async fn failed(&mut self, attempt: &Attempt<'_>, failure: UpstreamError) {
        let endpoint = attempt.endpoint;
        let redactor = endpoint.redactor();
        let failure = failure.map_text(|text| redactor.scrub(text));
        self.job.warn(&format!("the call to {}: {failure}", endpoint.host()));
        let (lease, code) = (attempt.lease.take(), Some(failure.code().to_owned()));
        let Verdict { outcome, gone } = self.attempts.failed(endpoint, attempt.model, failure);
        let ended = match self.over() {
            Some(Stop::Failed(error)) => self.job.tally.failed(error.kind),
            _ => None,
        };
        let told = self.report(Report { lease, outcome, gone, failure: code, ended, ..Report::default() }).await;
        let is_to_rest = matches!(outcome, LeaseOutcome::Refused | LeaseOutcome::KeyInvalid | LeaseOutcome::Cooling(_));
        if !told && is_to_rest {
            self.attempts.report_failed(endpoint, attempt.model, outcome);
        }
    }

    /// Why there is no further attempt, as far as it is known without the ring.
    fn over(&self) -> Option<Stop> {
        if let Some(model) = self.attempts.stand_in() {
            return Some(Stop::StandIn(model.to_owned()));
        }
        let is_empty = self.attempts.open().is_empty() && !self.attempts.may_start_second_round();
        (is_empty || self.is_over()).then(|| Stop::Failed(self.final_error(Exhaustion::default())))
    }

    /// True where there is no time for another call that could be of use, or there were enough.
    fn is_over(&self) -> bool {
        let too_late = self.attempts.has_begun() && self.now_ms() > self.job.deadline.last_call_ms();
        too_late || self.job.deadline.left_ms() == 0 || self.attempts.is_spent()
    }

    /// A key from the ring; where that cannot be reached, one at random: an image matters more than the keys' order.
    async fn lease(&self) -> Result<Leased, NoLease> {
        let open = self.attempts.open();
        if open.is_empty() {
            return Err(NoLease::Exhausted(Exhaustion::default()));
        }
        let request = self.lease_request();
        let if_refused = request.if_refused.clone();
        let reply = self.job.ports.key_ring.lease(request).await;
        let ended = if_refused.and_then(|if_refused| if_refused.by(reply.as_ref().ok()?));
        if let Some(ended) = ended {
            self.job.tally.set_counted(ended);
        }
        match reply {
            Ok(LeaseReply::Granted { lease, slot, model, start_at_ms }) => {
                Ok(Leased { lease: Some(lease), slot, model, start_at_ms })
            }
            Ok(LeaseReply::StandIn { model }) => Err(NoLease::StandIn(model)),
            Ok(LeaseReply::Gone) => Err(NoLease::Exhausted(Exhaustion { all_gone: true, ..Exhaustion::default() })),
            Ok(LeaseReply::Exhausted { retry_at_ms, all_refused }) => {
                let retry_ms = retry_at_ms.map(|at_ms| at_ms.saturating_sub(self.now_ms()));
                Err(NoLease::Exhausted(Exhaustion { retry_ms, all_refused, ..Exhaustion::default() }))
            }
            Ok(LeaseReply::Queued) => Err(NoLease::Exhausted(Exhaustion::default())),
            Err(error) => {
                self.is_reachable.set(false);
                self.job.warn(&format!("the key ring cannot be reached: {error}"));
                self.pick(open).ok_or_else(|| NoLease::Exhausted(Exhaustion::default()))
            }
        }
    }

    fn lease_request(&self) -> LeaseRequest {
        let now_ms = self.now_ms();
        let mut deadline_ms = self.job.deadline.last_call_ms().max(now_ms);
        if self.job.hops.is_impatient() || self.attempts.may_start_second_round() {
            deadline_ms = deadline_ms.min(now_ms + PATIENCE_MS);
        }
        let (slots, names) = self.attempts.slots();
        LeaseRequest {
            ticket: self.ticket.clone(),
            arrived_ms: self.arrived_ms,
            deadline_ms,
            lease_ms: self.job.deadline.call_share_ms().saturating_add(LEASE_SLACK_MS),
            models: self.attempts.models().iter().map(|model| (*model).to_owned()).collect(),
            names,
            slots,
            excluded: self.attempts.excluded().to_vec(),
            may_stand_in: self.job.may_stand_in && !self.attempts.was_rejected(),
            if_refused: self.if_refused(),
        }
    }

    /// Sleeps until a key may be used. True if there is time left then.
    async fn wait_until(&self, start_at_ms: u64) -> bool {
        let wait_ms = start_at_ms.saturating_sub(self.now_ms());
        wait_ms == 0 || self.job.deadline.sleep(wait_ms).await
    }

    /// After a short pause, gives the keys that failed once their second chance, where they had none.
    async fn start_second_round(&mut self) -> bool {
        let may = self.attempts.may_start_second_round();
        if may {
            self.attempts.start_second_round();
            self.job.deadline.sleep(PAUSE_MS + self.job.ports.random.next_u64() % PAUSE_MS).await;
        }
        may
    }

    /// A pair at random, while there is time.
    fn pick(&self, pairs: Vec<(SlotId, &str)>) -> Option<Leased> {
        let count = u64::try_from(pairs.len()).ok().filter(|count| *count > 0 && self.job.deadline.left_ms() > 0)?;
        let at = usize::try_from(self.job.ports.random.next_u64() % count).ok()?;
        let (slot, model) = pairs.into_iter().nth(at)?;
        Some(Leased { lease: None, slot, model: model.to_owned(), start_at_ms: 0 })
    }

    fn final_error(&self, why: Exhaustion) -> Error {
        let is_late = self.job.deadline.left_ms() == 0;
        let is_impatient = self.job.hops.is_impatient();
        self.attempts.final_error(&Exhaustion { is_late, is_impatient, ..why })
    }

    fn now_ms(&self) -> u64 {
        self.job.ports.clock.now_ms()
    }
}

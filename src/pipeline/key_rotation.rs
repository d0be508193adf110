//! The keys for one image, one after the other: leased from the ring, awaited, and returned.

use std::cell::Cell;

use super::attempts::{Attempts, Exhaustion, Verdict};
use super::job::Job;
use crate::config::Endpoint;
use crate::error::{Error, UpstreamError};
use crate::ports::lease::{GoneModel, LeaseId, LeaseOutcome, LeaseReply, LeaseRequest, Report, Slot, SlotId};

/// The pause before the second round, in milliseconds, and the maximum random addition.
const PAUSE_MS: u64 = 250;
/// The margin of a lease over the time limit of its call, in milliseconds: a report after the lease expired is ignored.
const LEASE_SLACK_MS: u64 = 5_000;
/// The time for which the first round waits for a key while others could be tried again, and for which a request waits
/// that may be one of our own that came back, in milliseconds.
const PATIENCE_MS: u64 = 1_500;

/// One call to be made.
pub struct Attempt<'a> {
    /// The endpoint, with its key.
    pub endpoint: &'a Endpoint,
    /// The model to request, by our name.
    pub model: &'a str,
    /// `None` if the ring could not be reached, or the key was returned.
    lease: Cell<Option<LeaseId>>,
}

/// A key that may be used from a given time.
struct Leased {
    lease: Option<LeaseId>,
    slot: SlotId,
    start_at_ms: u64,
    /// By our name; `None` if the ring could not be reached.
    model: Option<String>,
}

/// The rotation of keys for one image.
pub struct KeyRotation<'a> {
    job: &'a Job<'a>,
    attempts: Attempts<'a>,
    /// The image's id, which has one generation at a time. A generation that is restarted after a crash gets the same
    /// key again.
    ticket: String,
    /// The time at which this image began to wait for a key, in unix milliseconds.
    arrived_ms: u64,
}

impl<'a> KeyRotation<'a> {
    /// The rotation for a job.
    ///
    /// # Errors
    /// 500 if no endpoint accepts its model.
    pub fn new(job: &'a Job<'a>) -> Result<Self, Error> {
        let requested = job.request.model.as_str();
        let endpoints: Vec<_> =
            job.config.endpoints.iter().filter(|endpoint| endpoint.name_of(requested).is_some()).collect();
        if endpoints.is_empty() {
            return Err(Error::misconfigured(format!(
                "No endpoint takes the model {requested}: add it to an entry of IMAGE_ENDPOINTS, or take it out of \
                 IMAGE_MODELS.",
            )));
        }
        let stand_ins = job.config.models.iter().map(String::as_str).filter(|model| *model != requested);
        Ok(Self {
            job,
            attempts: Attempts::new(endpoints, std::iter::once(requested).chain(stand_ins).collect()),
            ticket: job.request.id().to_string(),
            arrived_ms: job.ports.clock.now_ms(),
        })
    }

    /// The next attempt, once its key may be used, within the deadline.
    ///
    /// # Errors
    /// The error for the caller, if there is no further attempt.
    pub async fn next(&mut self) -> Result<Attempt<'a>, Error> {
        loop {
            if self.is_over() {
                return Err(self.final_error(Exhaustion::default()));
            }
            let leased = match self.lease().await {
                Ok(leased) => leased,
                Err(_) if self.start_second_round().await => continue,
                Err(exhausted) => return Err(self.final_error(exhausted)),
            };
            if !self.wait_until(leased.start_at_ms).await {
                self.report(leased.lease, LeaseOutcome::Unused, Vec::new()).await;
                return Err(self.final_error(Exhaustion::default()));
            }
            match self.attempts.begin(&leased.slot, leased.model.as_deref()) {
                Some((endpoint, model)) => return Ok(Attempt { endpoint, model, lease: Cell::new(leased.lease) }),
                None => drop(self.report(leased.lease, LeaseOutcome::Unused, Vec::new()).await),
            }
        }
    }

    /// Returns a key that gave an image.
    pub async fn succeeded(&self, attempt: &Attempt<'_>) {
        self.report(attempt.lease.take(), LeaseOutcome::Made, Vec::new()).await;
    }

    /// Returns a key that failed, and records the failure for the next attempts.
    pub async fn failed(&mut self, attempt: &Attempt<'_>, failure: UpstreamError) {
        let endpoint = attempt.endpoint;
        let redactor = self.job.config.redactor();
        let failure = failure.map_text(|text| redactor.scrub(text));
        self.job.warn(&format!("the call to {}: {failure}", endpoint.url.host_str().unwrap_or_default()));
        let Verdict { outcome, gone } = self.attempts.failed(endpoint, attempt.model, failure);
        let reported = self.report(attempt.lease.take(), outcome, gone).await;
        if !reported && matches!(outcome, LeaseOutcome::KeyInvalid | LeaseOutcome::Cooling(_)) {
            self.attempts.report_failed(endpoint.slot_id());
        }
    }

    /// True if there is no time for another useful call, or the maximum number has been made.
    fn is_over(&self) -> bool {
        let too_late = self.attempts.has_begun() && self.now_ms() > self.job.deadline.last_call_ms();
        too_late || self.job.deadline.left_ms() == 0 || self.attempts.is_spent()
    }

    /// A key from the ring; if the ring cannot be reached, a random one: an image matters more than the keys' order.
    async fn lease(&mut self) -> Result<Leased, Exhaustion> {
        let open = self.attempts.open();
        if open.is_empty() {
            return Err(Exhaustion::default());
        }
        match self.job.ports.key_ring.lease(self.lease_request()).await {
            Ok(LeaseReply::Granted { lease, slot, model, start_at_ms }) => {
                Ok(Leased { lease: Some(lease), slot, start_at_ms, model: Some(model) })
            }
            Ok(LeaseReply::Exhausted { retry_at_ms, all_refused }) => {
                let retry_ms = retry_at_ms.map(|at_ms| at_ms.saturating_sub(self.now_ms()));
                Err(Exhaustion { retry_ms, all_refused, ..Exhaustion::default() })
            }
            Ok(LeaseReply::Gone) => {
                self.attempts.all_gone();
                Err(Exhaustion::default())
            }
            Ok(LeaseReply::Queued | LeaseReply::StandIn { .. }) => Err(Exhaustion::default()),
            Err(error) => {
                self.job.warn(&format!("the key ring cannot be reached: {error}"));
                let in_time = self.job.deadline.left_ms() > 0;
                let slot = self.pick(open).filter(|_| in_time).ok_or_else(Exhaustion::default)?;
                Ok(Leased { lease: None, slot, start_at_ms: 0, model: None })
            }
        }
    }

    fn lease_request(&self) -> LeaseRequest {
        let now_ms = self.now_ms();
        let mut deadline_ms = self.job.deadline.last_call_ms().max(now_ms);
        if self.job.hops.is_impatient() || self.attempts.may_start_second_round() {
            deadline_ms = deadline_ms.min(now_ms + PATIENCE_MS);
        }
        let models = self.attempts.models();
        let usable: Vec<_> = self.attempts.usable().collect();
        let row =
            |endpoint: &&Endpoint| models.iter().map(|model| endpoint.name_of(model).map(str::to_owned)).collect();
        let per_minute = self.job.config.key_images_per_minute;
        let slot = |(names, endpoint): (usize, &&Endpoint)| Slot { names, per_minute, ..Slot::from(*endpoint) };
        let excluded = self.attempts.excluded().iter();
        LeaseRequest {
            ticket: self.ticket.clone(),
            arrived_ms: self.arrived_ms,
            deadline_ms,
            lease_ms: self.job.deadline.call_share_ms().saturating_add(LEASE_SLACK_MS),
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            names: usable.iter().map(row).collect(),
            slots: usable.iter().enumerate().map(slot).collect(),
            excluded: excluded.flat_map(|id| models.iter().map(|model| (id.clone(), (*model).to_owned()))).collect(),
            may_stand_in: false,
        }
    }

    /// Sleeps until a key may be used. Returns true if time remains then.
    async fn wait_until(&self, start_at_ms: u64) -> bool {
        let wait_ms = start_at_ms.saturating_sub(self.now_ms());
        wait_ms == 0 || self.job.deadline.sleep(wait_ms).await
    }

    /// After a short pause, starts the second round, in which keys that failed once are tried again. Returns false if
    /// there was one already.
    async fn start_second_round(&mut self) -> bool {
        let may_start = self.attempts.may_start_second_round();
        if may_start {
            self.attempts.start_second_round();
            self.job.deadline.sleep(PAUSE_MS + self.job.ports.random.next_u64() % PAUSE_MS).await;
        }
        may_start
    }

    fn pick(&self, slots: Vec<SlotId>) -> Option<SlotId> {
        let count = u64::try_from(slots.len()).ok().filter(|count| *count > 0)?;
        let at = usize::try_from(self.job.ports.random.next_u64() % count).ok()?;
        slots.into_iter().nth(at)
    }

    /// Returns a key. True if the ring received the report.
    async fn report(&self, lease: Option<LeaseId>, outcome: LeaseOutcome, gone: Vec<GoneModel>) -> bool {
        if lease.is_none() {
            return false;
        }
        let reported = self.job.ports.key_ring.report(Report { lease, outcome, gone }).await;
        if let Err(error) = &reported {
            // The lease expires by itself.
            self.job.warn(&format!("a key could not be given back: {error}"));
        }
        reported.is_ok()
    }

    fn final_error(&self, why: Exhaustion) -> Error {
        let is_late = self.job.deadline.left_ms() == 0;
        self.attempts.final_error(Exhaustion { is_late, is_impatient: self.job.hops.is_impatient(), ..why })
    }

    fn now_ms(&self) -> u64 {
        self.job.ports.clock.now_ms()
    }
}

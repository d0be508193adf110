//! What the ring is told: the outcomes of leases, and what the generation came to.

use super::{KeyRotation, Stop};
use crate::pipeline::final_error::Exhaustion;
use crate::ports::lease::{LeaseId, Report};
use crate::ports::tally::{Ended, IfRefused};

impl KeyRotation<'_> {
    /// Gives a key back, or says what was learned after it was given back. True if the ring heard it. Only a quota is
    /// worth asking a ring that could not be reached.
    pub(super) async fn report(&self, report: Report) -> bool {
        let counts = |ended: &Ended| self.is_reachable.get() || ended.grant.is_some();
        if report.lease.is_none() && report.gone.is_empty() && !report.ended.as_ref().is_some_and(counts) {
            return false;
        }
        let ended = report.ended.clone();
        let told = self.job.ports.key_ring.report(report).await;
        self.is_reachable.set(told.is_ok());
        match &told {
            Ok(()) => {
                if let Some(ended) = ended {
                    self.job.tally.set_counted(ended);
                }
            }
            // The ring frees the key by itself when the lease expires.
            Err(error) => self.job.warn(&format!("a key could not be given back: {error}")),
        }
        told.is_ok()
    }

    /// The failure of it all. The ring counts it, unless it did so with the last attempt, or with its last refusal.
    pub(super) async fn end(&self, lease: Option<LeaseId>, why: Exhaustion) -> Stop {
        let error = self.final_error(why);
        let ended = self.job.tally.failed(error.kind);
        self.report(Report { lease, ended, ..Report::default() }).await;
        Stop::Failed(error)
    }

    /// What it has come to if no key is had, where nothing is tried after that.
    pub(super) fn if_refused(&self) -> Option<IfRefused> {
        if self.attempts.may_start_second_round() {
            return None;
        }
        let kind = |why: Exhaustion| self.final_error(why).kind;
        Some(IfRefused {
            ended: self.job.tally.failed(kind(Exhaustion::default()))?,
            refused: kind(Exhaustion { all_refused: true, ..Exhaustion::default() }),
            busy: kind(Exhaustion { retry_ms: Some(0), ..Exhaustion::default() }),
            gone: kind(Exhaustion { all_gone: true, ..Exhaustion::default() }),
        })
    }
}

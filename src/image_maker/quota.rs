//! Quotas: a picture of the caller's day is granted before anything is spent, and given back where none is made.

use std::rc::Rc;

use super::Maker;
use crate::domain::ImageRequest;
use crate::domain::account::Account;
use crate::error::Error;
use crate::ports::lease::Report;
use crate::ports::maker::MakerRequest;
use crate::ports::tally::{Admitted, EndResult, Ended, QuotaRequest};

/// A grant whose holder died is given back so long after the image's own time limit, in milliseconds.
const SLACK_MS: u64 = 15_000;
/// The `Retry-After` where the key ring cannot be reached, in seconds.
const RING_RETRY_SECONDS: u64 = 5;
/// The length of a day, in seconds.
const DAY_SECONDS: u64 = 86_400;

impl Maker {
    /// Admits a generation for `request`, unless that was done for the image that this one stands in for. What would
    /// stop it at once anyway takes no picture of the quota, and a demo picture is nobody's.
    ///
    /// # Errors
    /// 429 if the caller has had its pictures of the day; 503 if the key ring, which counts them, cannot be reached.
    pub(super) async fn admit(&self, request: &MakerRequest, image: &ImageRequest) -> Result<Admitted, Error> {
        if let Some(admitted) = &request.admitted {
            return Ok(admitted.clone());
        }
        let now_ms = self.ports.clock.now_ms();
        if request.per_day.is_none() || image.demo {
            return Ok(Admitted { since_ms: now_ms, ..Admitted::default() });
        }
        self.config.check_can_make()?;
        request.hops.check()?;
        let grant = self.ports.random.next_u64();
        let lasts_ms = self.config.generation_timeout_ms.saturating_add(SLACK_MS);
        let account = Account { name: request.account.clone(), per_day: request.per_day };
        let quota = QuotaRequest { grant, account, lasts_ms };
        match self.ports.key_ring.acquire(quota).await {
            Ok(true) => Ok(Admitted { grant: Some(grant), since_ms: now_ms, counted: None }),
            Ok(false) => Err(Error::quota_exceeded(DAY_SECONDS - now_ms / 1_000 % DAY_SECONDS)),
            Err(error) => {
                self.ports.log.warn(&format!("image {}: its caller's quota cannot be asked for: {error}", request.id));
                Err(Error::keys_exhausted(RING_RETRY_SECONDS))
            }
        }
    }

    /// Takes back what was granted for a request that started no generation.
    pub(super) fn give_back_unused(&self, request: &MakerRequest) {
        self.give_back(&request.account, request.admitted.clone());
    }

    /// Takes back what was granted and counted for a request that made no picture. Nobody waits for that.
    pub(super) fn give_back(&self, account: &str, admitted: Option<Admitted>) {
        let Some(Admitted { grant, counted, .. }) = admitted else { return };
        if grant.is_none() && counted.is_none() {
            return;
        }
        let ended = Ended { account: account.to_owned(), grant, result: EndResult::Nothing, instead_of: counted };
        let ring = Rc::clone(&self.ports.key_ring);
        self.background.keep_alive(Box::pin(async move {
            // It is given back by itself if the ring cannot be reached.
            drop(ring.report(Report { ended: Some(ended), ..Report::default() }).await);
        }));
    }
}

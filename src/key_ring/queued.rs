//! The reply to a caller that waits: its place, whenever that has changed, and at last the key.

use std::rc::Rc;

use futures_channel::oneshot::Receiver;
use futures_util::future::LocalBoxFuture;

use super::service::KeyRingService;
use crate::http::{Live, Segment};
use crate::ports::lease::{LeaseReply, PLACE_INTERVAL_MS, Place};
use crate::ports::object_call::{line, to_json};

/// A caller that waits.
pub(super) struct Queued {
    service: Rc<KeyRingService>,
    ticket: String,
    /// Brings the reply; `None` after it.
    receiver: Option<Receiver<LeaseReply>>,
    /// The place that was told last, and the time of that in unix milliseconds.
    told: Option<(Place, u64)>,
}

impl Queued {
    /// The caller with this ticket, whose reply `receiver` brings.
    pub(super) fn new(service: Rc<KeyRingService>, ticket: String, receiver: Receiver<LeaseReply>) -> Self {
        Self { service, ticket, receiver: Some(receiver), told: None }
    }

    /// The place to be told now. Otherwise the time until which one is held back, in unix milliseconds.
    fn news(&mut self) -> Result<Place, u64> {
        let now_ms = self.service.now_ms();
        let place = self.service.place(&self.ticket).ok_or(u64::MAX)?;
        match self.told {
            Some((told, _)) if told == place => return Err(u64::MAX),
            Some((_, told_ms)) if told_ms + PLACE_INTERVAL_MS > now_ms => return Err(told_ms + PLACE_INTERVAL_MS),
            _ => self.told = Some((place, now_ms)),
        }
        Ok(place)
    }

    async fn next_reply(&mut self) -> Option<LeaseReply> {
        loop {
            let until_ms = match self.news() {
                Ok(place) => return Some(LeaseReply::Queued(place)),
                Err(until_ms) => until_ms,
            };
            let most_ms = until_ms.saturating_sub(self.service.now_ms());
            if let Some(reply) = self.service.wait(self.receiver.as_mut()?, most_ms).await {
                self.receiver = None;
                return Some(reply);
            }
        }
    }
}

impl Live for Queued {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        Box::pin(async {
            self.receiver.as_ref()?;
            let reply = self.next_reply().await?;
            Some(vec![line(&to_json(&reply))])
        })
    }
}

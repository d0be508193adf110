//! The key ring's client: there is one object per deployment, found by its name.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use crate::ports::lease::{LeaseReply, LeaseRequest, Report, RingRequest, Slot, Snapshot};
use crate::ports::object_call::{GRACE_MS, ObjectNamespace, call, from_json, to_json};
use crate::ports::tally::QuotaRequest;
use crate::ports::{Clock, KeyRing, StoreError};

/// The name of the object.
pub const NAME: &str = "key-ring";

/// A client of the deployment's key ring.
pub struct KeyRingClient {
    objects: Option<Rc<dyn ObjectNamespace>>,
    clock: Rc<dyn Clock>,
}

impl KeyRingClient {
    /// A client of this namespace; `None` if the binding is missing.
    pub fn new(objects: Option<Rc<dyn ObjectNamespace>>, clock: Rc<dyn Clock>) -> Self {
        Self { objects, clock }
    }

    async fn ask<T: DeserializeOwned>(&self, request: RingRequest, timeout_ms: u64) -> Result<T, StoreError> {
        from_json(&self.send(request, timeout_ms).await?).ok_or_else(unreadable)
    }

    async fn send(&self, request: RingRequest, timeout_ms: u64) -> Result<String, StoreError> {
        let objects = self.objects.as_ref().ok_or_else(|| StoreError("the binding KEY_RING is missing".into()))?;
        Ok(call(&*self.clock, &**objects, NAME, &to_json(&request), timeout_ms).await?.head)
    }
}

fn unreadable() -> StoreError {
    StoreError("an answer that cannot be read".into())
}

impl KeyRing for KeyRingClient {
    fn lease(&self, request: LeaseRequest) -> LocalBoxFuture<'_, Result<LeaseReply, StoreError>> {
        let timeout_ms = request.deadline_ms.saturating_sub(self.clock.now_ms()).saturating_add(GRACE_MS);
        Box::pin(self.ask(RingRequest::Lease(request), timeout_ms))
    }

    fn report(&self, report: Report) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.ask(RingRequest::Report(report), GRACE_MS))
    }

    fn snapshot(&self, slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<Snapshot, StoreError>> {
        Box::pin(self.ask(RingRequest::Snapshot(slots), GRACE_MS))
    }

    fn acquire(&self, request: QuotaRequest) -> LocalBoxFuture<'_, Result<bool, StoreError>> {
        Box::pin(self.ask(RingRequest::Acquire(request), GRACE_MS))
    }

    fn stats(&self, slots: Vec<Slot>) -> LocalBoxFuture<'_, Result<serde_json::Value, StoreError>> {
        Box::pin(async {
            let head = self.send(RingRequest::Stats(slots), GRACE_MS).await?;
            serde_json::from_str(&head).map_err(|_| unreadable())
        })
    }
}

//! The messages to the key ring's object, and its replies: one JSON object each, and for a caller in line one for each place
//! before it.

use std::rc::Rc;

use super::queued::Queued;
use super::service::KeyRingService;
use crate::ports::StoreError;
use crate::ports::lease::RingRequest;
use crate::ports::object_call::{ObjectReply, from_json, to_json};

/// Handles `message`, the JSON of a [`RingRequest`].
pub async fn handle(service: &Rc<KeyRingService>, message: &str) -> Result<ObjectReply, StoreError> {
    let request = from_json(message).ok_or_else(|| StoreError("no request to the key ring".into()))?;
    Ok(ObjectReply::of(match request {
        RingRequest::Lease(request) => {
            let ticket = request.ticket.clone();
            match service.lease(request).await {
                Ok(reply) => to_json(&reply),
                Err(receiver) => {
                    let queued = Queued::new(Rc::clone(service), ticket, receiver);
                    return Ok(ObjectReply::live(Box::new(queued)));
                }
            }
        }
        RingRequest::Report(report) => {
            service.report(report).await;
            to_json(&())
        }
        RingRequest::Snapshot(slots) => to_json(&service.snapshot(&slots)),
        RingRequest::Acquire(request) => to_json(&service.acquire(&request).await),
        RingRequest::Stats(slots) => service.stats(&slots).to_string(),
    }))
}

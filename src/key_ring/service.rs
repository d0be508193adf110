//! The key ring as a service: it keeps the ring's time and state, and holds those who wait.
//!
//! The rules are [`KeyRing`]'s. Here is what a state machine cannot do: wait, wake, and store.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot::{Receiver, Sender, channel};

use super::{KeyRing, Woken};
use crate::ports::lease::{LeaseReply, LeaseRequest, RingRequest};
use crate::ports::object_call::{from_json, to_json};
use crate::ports::timeout::within;
use crate::ports::{Clock, Log, ObjectStorage, StoreError};

/// The key of the stored state.
const STATE_KEY: &str = "ring";
/// The shortest and the longest sleep of one who waits, in milliseconds: a platform's clock may be a moment behind its
/// timer, and a minute is soon enough to look again.
const SLEEP_MS: (u64, u64) = (10, 60_000);

/// The one key ring of a deployment.
pub struct KeyRingService {
    clock: Rc<dyn Clock>,
    storage: Rc<dyn ObjectStorage>,
    log: Rc<dyn Log>,
    ring: RefCell<KeyRing>,
    waiting: RefCell<Vec<(String, Sender<LeaseReply>)>>,
}

impl KeyRingService {
    /// A service that knows nothing yet: [`KeyRingService::load`] comes before the first request.
    pub fn new(clock: Rc<dyn Clock>, storage: Rc<dyn ObjectStorage>, log: Rc<dyn Log>) -> Self {
        Self { clock, storage, log, ring: RefCell::default(), waiting: RefCell::default() }
    }

    /// Reads the stored state. One that cannot be read costs the memory of cool-downs, not the service.
    pub async fn load(&self) {
        match self.storage.get(STATE_KEY).await {
            Ok(Some(json)) => *self.ring.borrow_mut() = KeyRing::from_json(&String::from_utf8_lossy(&json)),
            Ok(None) => {}
            Err(error) => self.log.warn(&format!("the key ring's state cannot be read: {error}")),
        }
    }

    /// Answers `message`, the JSON of a [`RingRequest`], with JSON.
    pub async fn handle(&self, message: &str) -> Result<String, StoreError> {
        let request = from_json(message).ok_or_else(|| StoreError("no request to the key ring".into()))?;
        Ok(match request {
            RingRequest::Lease(request) => to_json(&self.lease(request).await),
            RingRequest::Report(report) => {
                let woken = self.ring.borrow_mut().report(self.clock.now_ms(), report);
                self.settle(woken).await;
                to_json(&())
            }
            RingRequest::Snapshot(slots) => to_json(&self.ring.borrow().snapshot(self.clock.now_ms(), &slots)),
        })
    }

    /// Answers a request for a key: at once where the ring knows the answer, else when it does.
    async fn lease(&self, request: LeaseRequest) -> LeaseReply {
        let ticket = request.ticket.clone();
        // Whoever asks again under the same ticket has lost the earlier call.
        self.waiting.borrow_mut().retain(|(name, _)| *name != ticket);
        let (reply, woken) = self.ring.borrow_mut().lease(self.clock.now_ms(), request);
        let receiver = (reply == LeaseReply::Queued).then(|| {
            let (sender, receiver) = channel();
            self.waiting.borrow_mut().push((ticket, sender));
            receiver
        });
        self.settle(woken).await;
        match receiver {
            Some(receiver) => self.wait(receiver).await,
            None => reply,
        }
    }

    /// Waits for a reply, and meanwhile lets the ring see time pass.
    async fn wait(&self, mut receiver: Receiver<LeaseReply>) -> LeaseReply {
        loop {
            let wake_ms = self.ring.borrow().next_wake_ms().unwrap_or(u64::MAX);
            let sleep_ms = wake_ms.saturating_sub(self.clock.now_ms()).clamp(SLEEP_MS.0, SLEEP_MS.1);
            if let Some(reply) = within(&*self.clock, sleep_ms, &mut receiver).await {
                return reply.unwrap_or(LeaseReply::Queued);
            }
            let woken = self.ring.borrow_mut().tick(self.clock.now_ms());
            // What merely passed is seen again from what is stored.
            if !woken.is_empty() {
                self.settle(woken).await;
            }
        }
    }

    /// Tells those who waited, and stores the ring as it is then. Whoever is not there any more gives back what it was
    /// granted, which may be another's turn.
    async fn settle(&self, mut woken: Vec<Woken>) {
        while let Some((ticket, reply)) = woken.pop() {
            let at = self.waiting.borrow().iter().position(|(name, _)| *name == ticket);
            let sender = at.map(|at| self.waiting.borrow_mut().swap_remove(at).1);
            if sender.is_none_or(|sender| sender.send(reply).is_err()) {
                woken.extend(self.ring.borrow_mut().cancel(self.clock.now_ms(), &ticket));
            }
        }
        let json = self.ring.borrow().to_json().into_bytes();
        // What was handed out in the last milliseconds before a crash is worth one refused call, and no wait of
        // every new image for the disk, twice.
        if let Err(error) = self.storage.put_unconfirmed(STATE_KEY, json).await {
            self.log.warn(&format!("the key ring's state cannot be written: {error}"));
        }
    }
}

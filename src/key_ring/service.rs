//! The key ring as a service: it adds to the state machine [`KeyRing`] a clock, storage and waiting callers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{Either, select};

use super::{KeyRing, Woken};
use crate::ports::lease::{LeaseReply, LeaseRequest, RingRequest};
use crate::ports::object_call::{from_json, to_json};
use crate::ports::timeout::within;
use crate::ports::{Clock, Log, ObjectStorage, StoreError};

/// The key of the stored state.
const STATE_KEY: &str = "ring";
/// The shortest and the longest sleep of a waiting caller, in milliseconds: a platform's clock may be slightly behind
/// its timer, and looking again once a minute is enough.
const SLEEP_MS: (u64, u64) = (10, 60_000);

/// The one key ring of a deployment.
pub struct KeyRingService {
    clock: Rc<dyn Clock>,
    storage: Rc<dyn ObjectStorage>,
    log: Rc<dyn Log>,
    ring: RefCell<KeyRing>,
    waiting: RefCell<Vec<(String, Sender<LeaseReply>)>>,
    /// Wake the sleeping callers, so that they sleep until another time.
    alarms: RefCell<Vec<Sender<()>>>,
    /// The time at which the first of them wakes up by itself, in unix milliseconds.
    armed_ms: Cell<u64>,
}

impl KeyRingService {
    /// A service with an empty ring: call [`KeyRingService::load`] before the first request.
    pub fn new(clock: Rc<dyn Clock>, storage: Rc<dyn ObjectStorage>, log: Rc<dyn Log>) -> Self {
        Self {
            clock,
            storage,
            log,
            ring: RefCell::default(),
            waiting: RefCell::default(),
            alarms: RefCell::default(),
            armed_ms: Cell::new(u64::MAX),
        }
    }

    /// Restores the stored state. If it cannot be read, cool-downs are lost, but the service works.
    pub async fn load(&self) {
        match self.storage.get(STATE_KEY).await {
            Ok(Some(json)) => *self.ring.borrow_mut() = KeyRing::from_json(&String::from_utf8_lossy(&json)),
            Ok(None) => {}
            Err(error) => self.log.warn(&format!("the key ring's state cannot be read: {error}")),
        }
    }

    /// Handles `message`, the JSON of a [`RingRequest`], and returns the reply as JSON.
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
            RingRequest::Acquire(request) => {
                let granted = self.ring.borrow_mut().acquire(self.clock.now_ms(), &request);
                self.settle(Vec::new()).await;
                to_json(&granted)
            }
            RingRequest::Stats(slots) => self.ring.borrow().stats(self.clock.now_ms(), &slots).to_string(),
        })
    }

    /// Replies to a request for a key: at once if the ring can decide, otherwise as soon as it can.
    async fn lease(&self, request: LeaseRequest) -> LeaseReply {
        let ticket = request.ticket.clone();
        // A repeated request with the same ticket replaces the earlier call, whose caller has gone.
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

    /// Waits for a reply, and advances the ring's time meanwhile.
    async fn wait(&self, mut receiver: Receiver<LeaseReply>) -> LeaseReply {
        loop {
            let (alarm, called) = channel();
            self.alarms.borrow_mut().push(alarm);
            let reply_or_alarm = select(&mut receiver, called);
            match within(&*self.clock, self.arm(), reply_or_alarm).await {
                Some(Either::Left((reply, _))) => return reply.unwrap_or(LeaseReply::Queued),
                Some(Either::Right(_)) => continue,
                None => {}
            }
            // All that wait wake up together, and the first of them did this already.
            if self.ring.borrow().next_wake_ms().is_some_and(|wake_ms| wake_ms <= self.clock.now_ms()) {
                let woken = self.ring.borrow_mut().tick(self.clock.now_ms());
                // Changes by the passage of time alone need not be stored: they follow from the stored state.
                if !woken.is_empty() {
                    self.settle(woken).await;
                }
            }
        }
    }

    /// The time to sleep until the ring must be looked at again, in milliseconds.
    fn arm(&self) -> u64 {
        let now_ms = self.clock.now_ms();
        let wake_ms = self.ring.borrow().next_wake_ms().unwrap_or(u64::MAX);
        let armed_ms = Some(self.armed_ms.get()).filter(|armed_ms| *armed_ms > now_ms);
        self.armed_ms.set(armed_ms.map_or(wake_ms, |armed_ms| armed_ms.min(wake_ms)));
        wake_ms.saturating_sub(now_ms).clamp(SLEEP_MS.0, SLEEP_MS.1)
    }

    /// Wakes the sleeping callers if the ring must be looked at before the first of them would wake up.
    fn rearm(&self) {
        if self.ring.borrow().next_wake_ms().is_some_and(|wake_ms| wake_ms < self.armed_ms.get()) {
            self.armed_ms.set(u64::MAX);
            for alarm in self.alarms.take() {
                // One that does not sleep any more needs no alarm.
                let _ = alarm.send(());
            }
        }
    }

    /// Delivers replies to waiting callers, and stores the ring's state. If a caller has gone, its grant is cancelled,
    /// which may serve another caller.
    async fn settle(&self, mut woken: Vec<Woken>) {
        while let Some((ticket, reply)) = woken.pop() {
            let at = self.waiting.borrow().iter().position(|(name, _)| *name == ticket);
            let sender = at.map(|at| self.waiting.borrow_mut().swap_remove(at).1);
            if sender.is_none_or(|sender| sender.send(reply).is_err()) {
                woken.extend(self.ring.borrow_mut().cancel(self.clock.now_ms(), &ticket));
            }
        }
        self.rearm();
        let json = self.ring.borrow().to_json().into_bytes();
        // A crash may lose the grants of the last milliseconds, which costs one refused call. A confirmed write would
        // delay every new image twice.
        if let Err(error) = self.storage.put_unconfirmed(STATE_KEY, json).await {
            self.log.warn(&format!("the key ring's state cannot be written: {error}"));
        }
    }
}

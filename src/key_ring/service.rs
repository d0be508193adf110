//! The key ring as a service: it adds to the state machine [`KeyRing`] a clock, storage and waiting callers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{Either, select};
use serde_json::Value;

use super::{KeyRing, Woken};
use crate::ports::lease::{LeaseReply, LeaseRequest, PLACE_INTERVAL_MS, Place, Report, Slot, Snapshot};
use crate::ports::tally::QuotaRequest;
use crate::ports::timeout::within;
use crate::ports::{Clock, Log, ObjectStorage};

/// The key of the stored state.
const STATE_KEY: &str = "ring";
/// The shortest and the longest sleep of a waiting caller, in milliseconds: a platform's clock may be slightly behind
/// its timer, and looking again once a minute is enough.
const SLEEP_MS: (u64, u64) = (10, 60_000);

/// The reply to a call whose caller has gone, and asked again.
const REPLACED: LeaseReply = LeaseReply::Exhausted { retry_at_ms: None, all_refused: false };

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
    /// The time at which the callers are to look at their places, in unix milliseconds; `u64::MAX` if nothing changed.
    news_ms: Cell<u64>,
    /// The time at which they did so last.
    told_ms: Cell<u64>,
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
            news_ms: Cell::new(u64::MAX),
            told_ms: Cell::default(),
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

    /// Requests a key: the reply if the ring can decide at once, otherwise what brings it.
    pub(super) async fn lease(&self, request: LeaseRequest) -> Result<LeaseReply, Receiver<LeaseReply>> {
        let ticket = request.ticket.clone();
        // A repeated request with the same ticket replaces the earlier call, whose caller has gone.
        self.waiting.borrow_mut().retain(|(name, _)| *name != ticket);
        let (reply, woken) = self.ring.borrow_mut().lease(self.clock.now_ms(), request);
        let receiver = matches!(reply, LeaseReply::Queued(_)).then(|| {
            let (sender, receiver) = channel();
            self.waiting.borrow_mut().push((ticket, sender));
            receiver
        });
        self.settle(woken).await;
        receiver.map_or(Ok(reply), Err)
    }

    /// Takes a key back.
    pub(super) async fn report(&self, report: Report) {
        let woken = self.ring.borrow_mut().report(self.clock.now_ms(), report);
        self.settle(woken).await;
    }

    /// Counts the states of these keys.
    pub(super) fn snapshot(&self, slots: &[Slot]) -> Snapshot {
        self.ring.borrow().snapshot(self.clock.now_ms(), slots)
    }

    /// True if a quota has room for a picture, which is then counted.
    pub(super) async fn acquire(&self, request: &QuotaRequest) -> bool {
        let granted = self.ring.borrow_mut().acquire(self.clock.now_ms(), request);
        self.settle(Vec::new()).await;
        granted
    }

    /// The figures for the owner.
    pub(super) fn stats(&self, slots: &[Slot]) -> Value {
        self.ring.borrow().stats(self.clock.now_ms(), slots)
    }

    /// The place in line of a waiting caller.
    pub(super) fn place(&self, ticket: &str) -> Option<Place> {
        self.ring.borrow().place(self.clock.now_ms(), ticket)
    }

    /// Unix milliseconds.
    pub(super) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Waits for a reply, for at most `most_ms`, and advances the ring's time meanwhile. `None` if something may have
    /// changed.
    pub(super) async fn wait(&self, receiver: &mut Receiver<LeaseReply>, most_ms: u64) -> Option<LeaseReply> {
        let (alarm, called) = channel();
        self.alarms.borrow_mut().retain(|alarm| !alarm.is_canceled());
        self.alarms.borrow_mut().push(alarm);
        let reply_or_alarm = select(receiver, called);
        match within(&*self.clock, self.arm().min(most_ms), reply_or_alarm).await {
            Some(Either::Left((reply, _))) => return Some(reply.unwrap_or(REPLACED)),
            Some(Either::Right(_)) => return None,
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
        None
    }

    /// The time to sleep until the ring must be looked at again, in milliseconds.
    fn arm(&self) -> u64 {
        let now_ms = self.clock.now_ms();
        if self.news_ms.get() <= now_ms {
            // All that wait wake up together, and look at their places.
            self.news_ms.set(u64::MAX);
            self.told_ms.set(now_ms);
        }
        let wake_ms = self.next_look_ms(now_ms).unwrap_or(u64::MAX);
        let armed_ms = Some(self.armed_ms.get()).filter(|armed_ms| *armed_ms > now_ms);
        self.armed_ms.set(armed_ms.map_or(wake_ms, |armed_ms| armed_ms.min(wake_ms)));
        wake_ms.saturating_sub(now_ms).clamp(SLEEP_MS.0, SLEEP_MS.1)
    }

    /// The time at which the ring must be looked at, or the callers' places have changed, in unix milliseconds.
    fn next_look_ms(&self, now_ms: u64) -> Option<u64> {
        let ring = self.ring.borrow();
        let news_ms = Some(self.news_ms.get()).filter(|news_ms| *news_ms < u64::MAX);
        let look_ms = [ring.next_wake_ms(), news_ms].into_iter().flatten().min()?;
        Some(ring.next_start_ms(now_ms).map_or(look_ms, |start_ms| start_ms.min(look_ms)))
    }

    /// Wakes the sleeping callers if the ring must be looked at before the first of them would wake up.
    fn rearm(&self) {
        let now_ms = self.clock.now_ms();
        if !self.waiting.borrow().is_empty() {
            let next_ms = self.told_ms.get().saturating_add(PLACE_INTERVAL_MS).max(now_ms);
            self.news_ms.set(self.news_ms.get().min(next_ms));
        }
        if self.next_look_ms(now_ms).is_some_and(|look_ms| look_ms < self.armed_ms.get()) {
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

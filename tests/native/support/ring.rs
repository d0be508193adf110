//! The Durable Object `KeyRing`: the real rotation, kept and asked as `src/platform/key_ring.rs` does.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;

use free_flux_api::ports::{KeyRing, LeaseAnswer, LeaseRequest, Pending, Report, Slot, Snapshot, StoreError};
use free_flux_api::upstream::key_ring::{KeyRing as Ring, Woken};
use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{Either, select};

use super::faults::Faults;
use super::makers::ObjectFault;
use super::time::Time;

/// How long an answer is waited for beyond the lease's own deadline.
const GRACE_MS: u64 = 5_000;
const ANSWER_MS: u64 = 20;

/// The ring, and who waits for it.
pub(crate) struct FakeRing {
    time: Rc<Time>,
    ring: RefCell<Ring>,
    waiting: RefCell<Vec<(String, Sender<LeaseAnswer>)>>,
    calls: Cell<usize>,
    pub(crate) lease_faults: Faults<ObjectFault>,
    pub(crate) report_faults: Faults<ObjectFault>,
}

impl FakeRing {
    pub(super) fn new(time: Rc<Time>) -> Self {
        Self {
            time,
            ring: RefCell::new(Ring::new()),
            waiting: RefCell::default(),
            calls: Cell::default(),
            lease_faults: Faults::default(),
            report_faults: Faults::default(),
        }
    }

    /// How often it was asked for a key or given one back.
    pub(crate) fn calls(&self) -> usize {
        self.calls.get()
    }

    /// How the keys stand.
    pub(crate) fn stands(&self, slots: &[Slot]) -> Snapshot {
        self.ring.borrow().snapshot(self.time.now_ms(), slots)
    }

    /// The object is evicted and comes back from its storage.
    pub(crate) fn evict(&self) {
        let json = self.ring.borrow().to_json();
        *self.ring.borrow_mut() = Ring::from_json(&json);
        self.waiting.borrow_mut().clear();
    }

    /// Waits as long as a call takes that is asked again once where it broke.
    async fn reach(&self, faults: &Faults<ObjectFault>, timeout_ms: u64) -> Result<(), StoreError> {
        self.calls.set(self.calls.get() + 1);
        for _ in 0..2 {
            match faults.take() {
                Some(ObjectFault::Hangs) => {
                    self.time.sleep(timeout_ms).await;
                    return Err(StoreError("no answer in time".into()));
                }
                fault => {
                    self.time.sleep(ANSWER_MS).await;
                    if fault.is_none() {
                        return Ok(());
                    }
                }
            }
        }
        Err(StoreError("the object broke".into()))
    }

    async fn ask(&self, request: LeaseRequest) -> LeaseAnswer {
        let ticket = request.ticket.clone();
        let (answer, woken) = self.ring.borrow_mut().lease(self.time.now_ms(), request);
        let waiting = (answer == LeaseAnswer::Queued).then(|| {
            let (sender, receiver) = channel();
            self.waiting.borrow_mut().push((ticket, sender));
            receiver
        });
        self.tell(woken);
        match waiting {
            Some(receiver) => self.wait(receiver).await,
            None => answer,
        }
    }

    async fn wait(&self, mut receiver: Receiver<LeaseAnswer>) -> LeaseAnswer {
        loop {
            let wake_ms = self.ring.borrow().next_wake_ms().unwrap_or(u64::MAX);
            let pause = wake_ms.saturating_sub(self.time.now_ms()).clamp(10, 60_000);
            match select(&mut receiver, pin!(self.time.sleep(pause))).await {
                Either::Left((answer, _)) => return answer.unwrap_or(LeaseAnswer::Queued),
                Either::Right(_) => {
                    let woken = self.ring.borrow_mut().tick(self.time.now_ms());
                    self.tell(woken);
                }
            }
        }
    }

    fn tell(&self, mut woken: Vec<Woken>) {
        while let Some((ticket, answer)) = woken.pop() {
            let at = self.waiting.borrow().iter().position(|(name, _)| *name == ticket);
            let sender = at.map(|at| self.waiting.borrow_mut().swap_remove(at).1);
            if sender.is_none_or(|sender| sender.send(answer).is_err()) {
                woken.extend(self.ring.borrow_mut().forget(self.time.now_ms(), &ticket));
            }
        }
    }
}

impl KeyRing for FakeRing {
    fn lease(&self, request: LeaseRequest) -> Pending<'_, Result<LeaseAnswer, StoreError>> {
        Box::pin(async move {
            let timeout_ms = request.deadline_ms.saturating_sub(self.time.now_ms()) + GRACE_MS;
            self.reach(&self.lease_faults, timeout_ms).await?;
            Ok(self.ask(request).await)
        })
    }

    fn report(&self, report: Report) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.reach(&self.report_faults, GRACE_MS).await?;
            let woken = self.ring.borrow_mut().report(self.time.now_ms(), report);
            self.tell(woken);
            Ok(())
        })
    }

    fn snapshot(&self, slots: Vec<Slot>) -> Pending<'_, Result<Snapshot, StoreError>> {
        Box::pin(async move { Ok(self.stands(&slots)) })
    }
}

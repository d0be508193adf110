//! The Durable Object `KeyRing`, one for the deployment, and how makers ask it.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{Either, select};
use serde_json::Value;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};
use worker::worker_sys::DurableObjectState;
use worker::{Date, Delay, Env, wasm_bindgen};

use super::bindings::{self, bound, warn};
use super::service::{Objects, failed, text};
use super::storage::{ObjectStorage, hold_until};
use crate::json::{self, Json};
use crate::ports::{KeyRing as KeyRingPort, LeaseAnswer, LeaseRequest, Pending, Report, Slot, Snapshot, StoreError};
use crate::upstream::key_ring::{KeyRing as Ring, Woken};

/// The name of the one object.
const NAME: &str = "key-ring";
/// The key of its state.
const STATE_KEY: &str = "ring";
/// How long an answer is waited for beyond the lease's own deadline, in milliseconds.
const GRACE_MS: u64 = 5_000;

/// What the object is asked.
enum Call {
    Lease(LeaseRequest),
    Report(Report),
    Snapshot(Vec<Slot>),
}

impl Json for Call {
    fn to_json(&self) -> Value {
        match self {
            Self::Lease(request) => json::variant("lease", request.to_json()),
            Self::Report(report) => json::variant("report", report.to_json()),
            Self::Snapshot(slots) => json::variant("snapshot", slots.to_json()),
        }
    }

    fn from_json(json: &Value) -> Option<Self> {
        match json::read_variant(json)? {
            ("lease", request) => Json::from_json(request).map(Self::Lease),
            ("report", report) => Json::from_json(report).map(Self::Report),
            ("snapshot", slots) => Json::from_json(slots).map(Self::Snapshot),
            _ => None,
        }
    }
}

/// The Durable Object that hands out the keys. Its rules are [`Ring`]'s; it keeps the time, the
/// state and those who wait.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
pub struct KeyRing {
    storage: ObjectStorage,
    ring: Rc<RefCell<Ring>>,
    waiting: RefCell<Vec<(String, Sender<LeaseAnswer>)>>,
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl KeyRing {
    /// The object, when it is called into being: nobody is heard before its state is read.
    #[wasm_bindgen(constructor)]
    pub fn new(state: &DurableObjectState, _env: &Env) -> Self {
        let ring = Rc::new(RefCell::new(Ring::new()));
        let storage = ObjectStorage::of(state);
        let (loaded, stored) = (Rc::clone(&ring), storage.clone());
        hold_until(state, async move {
            // A state that cannot be read costs the memory of cool-downs, not the service.
            match stored.text(STATE_KEY).await {
                Ok(Some(json)) => *loaded.borrow_mut() = Ring::from_json(&json),
                Ok(None) => {}
                Err(error) => warn(&format!("the key ring's state cannot be read: {error}")),
            }
        });
        Self { storage, ring, waiting: RefCell::default() }
    }

    /// Answers a question.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let call = json::parse(&text(request.text()).await?);
        let answer = match call.ok_or_else(|| JsValue::from_str("this is no question to the key ring"))? {
            Call::Lease(request) => self.lease(request).await.to_json(),
            Call::Report(report) => {
                let woken = self.ring.borrow_mut().report(now_ms(), report);
                self.settle(woken).await;
                Value::Null
            }
            Call::Snapshot(slots) => self.ring.borrow().snapshot(now_ms(), &slots).to_json(),
        };
        Response::new_with_opt_str(Some(&json::text(&answer)))
    }
}

impl KeyRing {
    /// Answers a request for a key: at once where the ring knows the answer, else when it does.
    async fn lease(&self, request: LeaseRequest) -> LeaseAnswer {
        let ticket = request.ticket.clone();
        // Who asks again under the same ticket has lost its earlier call.
        self.waiting.borrow_mut().retain(|(name, _)| *name != ticket);
        let (answer, woken) = self.ring.borrow_mut().lease(now_ms(), request);
        let waiting = (answer == LeaseAnswer::Queued).then(|| {
            let (sender, receiver) = channel();
            self.waiting.borrow_mut().push((ticket, sender));
            receiver
        });
        self.settle(woken).await;
        match waiting {
            Some(receiver) => self.wait(receiver).await,
            None => answer,
        }
    }

    /// Waits for an answer, and meanwhile lets the ring see time pass.
    async fn wait(&self, mut receiver: Receiver<LeaseAnswer>) -> LeaseAnswer {
        loop {
            let wake_ms = self.ring.borrow().next_wake_ms().unwrap_or(u64::MAX);
            // The clock may be a moment behind the timer.
            let pause = wake_ms.saturating_sub(now_ms()).clamp(10, 60_000);
            let timer = pin!(Delay::from(Duration::from_millis(pause)));
            match select(&mut receiver, timer).await {
                Either::Left((answer, _)) => return answer.unwrap_or(LeaseAnswer::Queued),
                Either::Right(_) => {
                    let woken = self.ring.borrow_mut().tick(now_ms());
                    // What merely passed is seen again from what is stored.
                    if !woken.is_empty() {
                        self.settle(woken).await;
                    }
                }
            }
        }
    }

    /// Tells those who waited, and remembers the ring as it is then.
    async fn settle(&self, mut woken: Vec<Woken>) {
        while let Some((ticket, answer)) = woken.pop() {
            let at = self.waiting.borrow().iter().position(|(name, _)| *name == ticket);
            let sender = at.map(|at| self.waiting.borrow_mut().swap_remove(at).1);
            if sender.is_none_or(|sender| sender.send(answer).is_err()) {
                woken.extend(self.ring.borrow_mut().forget(now_ms(), &ticket));
            }
        }
        let json = self.ring.borrow().to_json();
        // Who was handed which key in the last milliseconds before a crash is worth one refused call, and no wait of
        // every new image for the disk, twice.
        if let Err(error) = self.storage.put_text_unconfirmed(STATE_KEY, &json).await {
            warn(&format!("the key ring's state cannot be written: {error}"));
        }
    }
}

fn now_ms() -> u64 {
    Date::now().as_millis()
}

/// The key ring as a maker asks it.
pub(super) struct RingClient(Option<Objects>);

impl RingClient {
    /// A client of the binding `KEY_RING`.
    pub(super) fn new(env: &Env) -> Self {
        Self(bound(env, bindings::KEY_RING))
    }

    /// Asks the object, and asks once more where the call broke: it may have been restarted.
    async fn call(&self, call: &Call, timeout_ms: u64) -> Result<Value, StoreError> {
        let rings = self.0.as_ref().ok_or_else(|| StoreError("the binding KEY_RING is missing".into()))?;
        let call = json::text(&call.to_json());
        let mut failure = StoreError(String::new());
        for _ in 0..2 {
            let answered = pin!(answer(rings, &call));
            let timeout = pin!(Delay::from(Duration::from_millis(timeout_ms)));
            match select(answered, timeout).await {
                Either::Left((Ok(answer), _)) => return Ok(answer),
                Either::Left((Err(error), _)) => failure = error,
                Either::Right(_) => return Err(StoreError("no answer in time".into())),
            }
        }
        Err(failure)
    }
}

/// What the ring answers to some JSON.
async fn answer(rings: &Objects, call: &str) -> Result<Value, StoreError> {
    let response = rings.ask(NAME, call).await.map_err(failed)?;
    let answer = text(response.text()).await.map_err(failed)?;
    match response.status() {
        200 => serde_json::from_str(&answer).map_err(|error| StoreError(error.to_string())),
        status => Err(StoreError(format!("status {status}"))),
    }
}

/// Reads an answer.
fn read<T: Json>(answer: &Value) -> Result<T, StoreError> {
    T::from_json(answer).ok_or_else(|| StoreError("an answer that cannot be read".into()))
}

impl KeyRingPort for RingClient {
    fn lease(&self, request: LeaseRequest) -> Pending<'_, Result<LeaseAnswer, StoreError>> {
        Box::pin(async move {
            let timeout_ms = request.deadline_ms.saturating_sub(now_ms()).saturating_add(GRACE_MS);
            read(&self.call(&Call::Lease(request), timeout_ms).await?)
        })
    }

    fn report(&self, report: Report) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move { self.call(&Call::Report(report), GRACE_MS).await.map(|_| ()) })
    }

    fn snapshot(&self, slots: Vec<Slot>) -> Pending<'_, Result<Snapshot, StoreError>> {
        Box::pin(async move { read(&self.call(&Call::Snapshot(slots), GRACE_MS).await?) })
    }
}

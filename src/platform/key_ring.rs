//! The Durable Object `KeyRing`, one for the deployment, and how makers ask it.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot::{Receiver, Sender, channel};
use futures_util::future::{Either, select};
use serde::{Deserialize, Serialize};
use worker::js_sys::JsString;
use worker::wasm_bindgen::{self, JsValue};
use worker::{Date, Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

use super::bindings::{self, warn};
use super::fetch::json_request;
use crate::ports::{KeyRing as KeyRingPort, LeaseAnswer, LeaseRequest, Pending, Report, Slot, Snapshot, StoreError};
use crate::upstream::key_ring::{KeyRing as Ring, Woken};

/// The name of the one object.
const NAME: &str = "key-ring";
/// The key of its state.
const STATE_KEY: &str = "ring";
/// How long an answer is waited for beyond the lease's own deadline, in milliseconds.
const GRACE_MS: u64 = 5_000;

/// What the object is asked.
#[derive(Serialize, Deserialize)]
enum Call {
    Lease(LeaseRequest),
    Report(Report),
    Snapshot(Vec<Slot>),
}

/// The Durable Object that hands out the keys. Its rules are [`Ring`]'s; it keeps the time, the
/// state and those who wait.
#[durable_object(fetch)]
pub struct KeyRing {
    state: State,
    ring: Rc<RefCell<Ring>>,
    waiting: RefCell<Vec<(String, Sender<LeaseAnswer>)>>,
}

impl DurableObject for KeyRing {
    fn new(state: State, _env: Env) -> Self {
        let ring = Rc::new(RefCell::new(Ring::new()));
        let (loaded, storage) = (Rc::clone(&ring), state.storage());
        let _loading = state.block_concurrency_while(async move {
            // A state that cannot be read costs the memory of cool-downs, not the service.
            match storage.get_multiple(vec![STATE_KEY]).await {
                Ok(found) => {
                    if let Some(json) = found.get(&JsValue::from_str(STATE_KEY)).as_string() {
                        *loaded.borrow_mut() = Ring::from_json(&json);
                    }
                }
                Err(error) => warn(&format!("the key ring's state cannot be read: {error}")),
            }
            Ok(())
        });
        Self { state, ring, waiting: RefCell::default() }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        match serde_json::from_str(&request.text().await?)? {
            Call::Lease(request) => Response::from_json(&self.lease(request).await),
            Call::Report(report) => {
                let woken = self.ring.borrow_mut().report(now_ms(), report);
                self.settle(woken).await;
                Response::empty()
            }
            Call::Snapshot(slots) => Response::from_json(&self.ring.borrow().snapshot(now_ms(), &slots)),
        }
    }
}

impl KeyRing {
    /// Answers a request for a key: at once where the ring knows the answer, else when it does.
    async fn lease(&self, request: LeaseRequest) -> LeaseAnswer {
        let ticket = request.ticket.clone();
        let (answer, woken) = self.ring.borrow_mut().lease(now_ms(), request);
        let waiting = (answer == LeaseAnswer::Queued).then(|| {
            let (sender, receiver) = channel();
            // Who asks again under the same ticket has lost its earlier call.
            self.waiting.borrow_mut().retain(|(name, _)| *name != ticket);
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
                    self.settle(woken).await;
                }
            }
        }
    }

    /// Remembers the ring as it is now, and tells those who waited.
    async fn settle(&self, woken: Vec<Woken>) {
        let json = self.ring.borrow().to_json();
        if let Err(error) = self.state.storage().put_raw(STATE_KEY, JsString::from(json)).await {
            warn(&format!("the key ring's state cannot be written: {error}"));
        }
        for (ticket, answer) in woken {
            let at = self.waiting.borrow().iter().position(|(name, _)| *name == ticket);
            let sender = at.map(|at| self.waiting.borrow_mut().swap_remove(at).1);
            if sender.is_none_or(|sender| sender.send(answer).is_err()) {
                // Nobody waits any more: what was granted comes back when its lease expires.
                warn("a key was granted to a caller who had left");
            }
        }
    }
}

fn now_ms() -> u64 {
    Date::now().as_millis()
}

/// The key ring as a maker asks it.
pub(super) struct RingClient(Env);

impl RingClient {
    /// A client of the binding `KEY_RING`.
    pub(super) fn new(env: &Env) -> Self {
        Self(env.clone())
    }

    /// Asks the object, and asks once more where the call broke: it may have been restarted.
    async fn call(&self, call: &Call, timeout_ms: u64) -> std::result::Result<Response, StoreError> {
        let mut failure = String::new();
        for _ in 0..2 {
            let sent = pin!(self.send(call));
            let timeout = pin!(Delay::from(Duration::from_millis(timeout_ms)));
            match select(sent, timeout).await {
                Either::Left((Ok(response), _)) if response.status_code() == 200 => return Ok(response),
                Either::Left((Ok(response), _)) => failure = format!("status {}", response.status_code()),
                Either::Left((Err(error), _)) => failure = error.to_string(),
                Either::Right(_) => return Err(StoreError("no answer in time".into())),
            }
        }
        Err(StoreError(failure))
    }

    async fn send(&self, call: &Call) -> Result<Response> {
        let request = json_request("https://key-ring/", &serde_json::to_string(call)?)?;
        self.0.durable_object(bindings::KEY_RING)?.get_by_name(NAME)?.fetch_with_request(request).await
    }
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

impl KeyRingPort for RingClient {
    fn lease(&self, request: LeaseRequest) -> Pending<'_, std::result::Result<LeaseAnswer, StoreError>> {
        Box::pin(async move {
            let timeout_ms = request.deadline_ms.saturating_sub(now_ms()).saturating_add(GRACE_MS);
            self.call(&Call::Lease(request), timeout_ms).await?.json().await.map_err(failed)
        })
    }

    fn report(&self, report: Report) -> Pending<'_, std::result::Result<(), StoreError>> {
        Box::pin(async move { self.call(&Call::Report(report), GRACE_MS).await.map(|_| ()) })
    }

    fn snapshot(&self, slots: Vec<Slot>) -> Pending<'_, std::result::Result<Snapshot, StoreError>> {
        Box::pin(async move { self.call(&Call::Snapshot(slots), GRACE_MS).await?.json().await.map_err(failed) })
    }
}

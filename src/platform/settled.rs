//! Waiting for JavaScript: promises and timers by number (`src/platform/promises.js`).

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use worker::js_sys::Promise;
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    #[wasm_bindgen(js_name = awaitPromise)]
    fn await_promise(promise: &Promise, place: u32, user: u32);

    #[wasm_bindgen(js_name = awaitTimer)]
    fn await_timer(ms: u32, place: u32, user: u32) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

/// A place for what is waited for, which many use in turn.
#[derive(Default)]
struct Place {
    /// The number of its user. What comes late for an earlier one is not for this one.
    user: u32,
    waker: Option<Waker>,
    outcome: Option<Result<JsValue, JsValue>>,
}

#[derive(Default)]
struct Places {
    all: Vec<Place>,
    free: Vec<u32>,
}

thread_local! {
    /// Nothing may be dropped while this is borrowed: a waker may hold a future that waits as well.
    static PLACES: RefCell<Places> = RefCell::default();
}

/// Called by JavaScript when a promise has ended, or a timer.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
#[expect(unreachable_pub, reason = "what is exported must be public")]
pub fn settle(place: u32, user: u32, outcome: JsValue, failed: bool) {
    let settled = Settled::at(place, user, |place| {
        place.outcome = Some(if failed { Err(outcome) } else { Ok(outcome) });
        place.waker.take()
    });
    if let Some(Some(waker)) = settled {
        waker.wake();
    }
}

/// Completes when JavaScript settles it.
struct Settled {
    place: u32,
    user: u32,
}

impl Settled {
    fn new() -> Self {
        PLACES.with_borrow_mut(|Places { all, free }| {
            let place = free.pop().unwrap_or_else(|| {
                all.push(Place::default());
                u32::try_from(all.len().saturating_sub(1)).unwrap_or_default()
            });
            Self { place, user: all.get(place as usize).map_or(0, |place| place.user) }
        })
    }

    fn at<T>(place: u32, user: u32, work: impl FnOnce(&mut Place) -> T) -> Option<T> {
        PLACES.with_borrow_mut(|Places { all, .. }| {
            all.get_mut(place as usize).filter(|place| place.user == user).map(work)
        })
    }
}

impl Future for Settled {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        let (outcome, unused) = Self::at(self.place, self.user, |place| match place.outcome.take() {
            Some(outcome) => (Some(outcome), Some(waker)),
            None => (None, place.waker.replace(waker)),
        })
        .unwrap_or_default();
        drop(unused);
        outcome.map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Settled {
    fn drop(&mut self) {
        let left = PLACES.with_borrow_mut(|Places { all, free }| {
            let place = all.get_mut(self.place as usize)?;
            free.push(self.place);
            Some(std::mem::replace(place, Place { user: self.user.wrapping_add(1), ..Place::default() }))
        });
        drop(left);
    }
}

/// The outcome of a promise, if there is one.
pub(super) async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    let promise = promise?;
    let settled = Settled::new();
    await_promise(&promise, settled.place, settled.user);
    settled.await
}

/// A timer that ends with whoever waits for it.
struct Timer(JsValue);

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.0);
    }
}

/// Completes after that many milliseconds.
pub(super) async fn sleep(ms: u32) {
    let settled = Settled::new();
    let _timer = Timer(await_timer(ms, settled.place, settled.user));
    // A timer does not fail.
    drop(settled.await);
}

//! The small ports: time, chance, Unicode, the log, the rate limit.

use std::time::Duration;

use worker::js_sys::{JsString, Object, Reflect};
use worker::wasm_bindgen::prelude::*;
use worker::{Date, Delay, wasm_bindgen};

use super::bindings::warn;
use super::service::words;
use crate::ports::{Clock, Log, Normalizer, Pending, Random, RateLimiter};

/// The longest that `setTimeout` waits: 31 bits of milliseconds.
const LONGEST_SLEEP_MS: u64 = 0x7fff_ffff;

/// The runtime's clock, which moves only while something outside is waited for.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        Date::now().as_millis()
    }

    fn sleep(&self, ms: u64) -> Pending<'static, ()> {
        Box::pin(Delay::from(Duration::from_millis(ms.min(LONGEST_SLEEP_MS))))
    }
}

/// The runtime's random numbers.
pub(super) struct Chance;

impl Random for Chance {
    fn next_u64(&self) -> u64 {
        getrandom::u64().unwrap_or_else(|error| {
            warn(&format!("no random numbers: {error}"));
            Date::now().as_millis()
        })
    }
}

/// `String.prototype.normalize`, which saves 60 KB of Unicode tables.
pub(super) struct JavaScriptNormalizer;

impl Normalizer for JavaScriptNormalizer {
    fn nfc(&self, text: &str) -> String {
        JsString::from(text).normalize("NFC").into()
    }
}

/// The Worker's log.
pub(super) struct WorkerLog;

impl Log for WorkerLog {
    fn warn(&self, message: &str) {
        warn(message);
    }
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    /// A rate limiter of the runtime's.
    pub(super) type RateLimit;

    #[wasm_bindgen(method, catch)]
    async fn limit(this: &RateLimit, options: &Object) -> Result<JsValue, JsValue>;
}

/// The rate-limiting binding.
pub(super) struct Limiter(pub(super) RateLimit);

impl Limiter {
    async fn ask(&self, visitor: &str) -> Result<bool, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &JsValue::from_str("key"), &JsValue::from_str(visitor))?;
        let outcome = self.0.limit(&options).await?;
        Ok(Reflect::get(&outcome, &JsValue::from_str("success"))?.is_truthy())
    }
}

impl RateLimiter for Limiter {
    fn admit<'a>(&'a self, visitor: &'a str) -> Pending<'a, bool> {
        Box::pin(async move {
            self.ask(visitor).await.unwrap_or_else(|error| {
                // A limit that cannot be asked must not stop the service.
                warn(&format!("the rate limiter cannot be asked: {}", words(&error)));
                true
            })
        })
    }
}

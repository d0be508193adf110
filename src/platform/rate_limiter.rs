//! The rate limits for each visitor, by the rate-limiting binding.

use futures_util::future::LocalBoxFuture;
use worker::js_sys::{Object, Promise, Reflect};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;

use super::env::warn;
use super::js_error::js_message;
use super::settled::settled;
use crate::ports::RateLimiter;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// The runtime's rate limiter.
    pub(super) type RateLimit;

    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimit, options: &Object) -> Result<Promise, JsValue>;
}

/// The rate-limiting binding.
pub(super) struct BoundLimiter(pub(super) RateLimit);

impl BoundLimiter {
    async fn is_allowed(&self, visitor: &str) -> Result<bool, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &JsValue::from_str("key"), &JsValue::from_str(visitor))?;
        let outcome = settled(self.0.limit(&options)).await?;
        Ok(Reflect::get(&outcome, &JsValue::from_str("success"))?.is_truthy())
    }
}

impl RateLimiter for BoundLimiter {
    fn try_acquire<'a>(&'a self, visitor: &'a str) -> LocalBoxFuture<'a, bool> {
        Box::pin(async move {
            self.is_allowed(visitor).await.unwrap_or_else(|error| {
                // A failure of the rate limiter must not stop the service.
                warn(&format!("the rate limiter cannot be asked: {}", js_message(&error)));
                true
            })
        })
    }
}

//! A Durable Object's storage and other services of the runtime.

use futures_util::future::LocalBoxFuture;
use worker::js_sys::futures::future_to_promise;
use worker::js_sys::{Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectState;

use super::env::warn;
use super::js_error::{js_message, store_error};
use super::settled::settled;
use crate::ports::{ObjectStorage, StoreError};

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    type ObjectState;

    #[wasm_bindgen(method, getter)]
    fn storage(this: &ObjectState) -> JsStorage;

    /// An object's storage.
    #[derive(Clone)]
    pub(super) type JsStorage;

    #[wasm_bindgen(method, catch, js_name = get)]
    fn get_value(this: &JsStorage, key: &str) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = put)]
    fn put_one(this: &JsStorage, key: &str, value: &Uint8Array, options: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = put)]
    fn put_all(this: &JsStorage, entries: &Object) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    fn delete_all(this: &JsStorage) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm_at(this: &JsStorage, at_ms: f64) -> Result<Promise, JsValue>;
}

impl JsStorage {
    /// The storage of the object with this state.
    pub(super) fn of(state: &DurableObjectState) -> Self {
        state.unchecked_ref::<ObjectState>().storage()
    }
}

/// Converts a future to a promise, which the runtime can await.
pub(super) fn promise(work: LocalBoxFuture<'static, ()>) -> Promise {
    future_to_promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    })
}

/// Runs `work` before the object receives any request.
pub(super) fn hold_until(state: &DurableObjectState, work: impl Future<Output = ()> + 'static) {
    let work: LocalBoxFuture<'static, ()> = Box::pin(work);
    let callback = Closure::once_into_js(move || promise(work));
    if let Err(error) = state.block_concurrency_while(callback.unchecked_ref()) {
        warn(&format!("the object could not wait: {}", js_message(&error)));
    }
}

impl ObjectStorage for JsStorage {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let value = settled(self.get_value(key)).await.map_err(store_error)?;
            Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
        })
    }

    fn put(&self, values: Vec<(String, Vec<u8>)>) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let entries = Object::new();
            for (key, value) in &values {
                Reflect::set(&entries, &JsValue::from_str(key), &Uint8Array::from(value.as_slice()))
                    .map_err(store_error)?;
            }
            settled(self.put_all(&entries)).await.map(|_| ()).map_err(store_error)
        })
    }

    fn put_unconfirmed<'a>(&'a self, key: &'a str, value: Vec<u8>) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let options = Object::new();
            Reflect::set(&options, &JsValue::from_str("allowUnconfirmed"), &JsValue::TRUE).map_err(store_error)?;
            let value = Uint8Array::from(value.as_slice());
            settled(self.put_one(key, &value, &options)).await.map(|_| ()).map_err(store_error)
        })
    }

    fn clear(&self) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            // This includes the alarm, since the compatibility date 2026-02-24.
            settled(self.delete_all()).await.map(|_| ()).map_err(store_error)
        })
    }

    fn set_alarm(&self, at_ms: u64) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        // An absolute time; `worker`'s `set_alarm` takes a bare number as a duration.
        #[expect(clippy::cast_precision_loss, reason = "unix milliseconds are far below 2^53")]
        let at_ms = at_ms as f64;
        Box::pin(async move { settled(self.set_alarm_at(at_ms)).await.map(|_| ()).map_err(store_error) })
    }
}

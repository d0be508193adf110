//! What the runtime gives a Durable Object, as JavaScript has it: its storage, and time for its work.

use worker::js_sys::futures::future_to_promise;
use worker::js_sys::{Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectState;

use super::bindings::warn;
use super::service::{failed, words};
use crate::ports::{MakerStorage, Pending, StoreError};

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    type ObjectState;

    #[wasm_bindgen(method, getter)]
    fn storage(this: &ObjectState) -> ObjectStorage;

    /// An object's storage.
    #[derive(Clone)]
    pub(super) type ObjectStorage;

    #[wasm_bindgen(method, catch)]
    async fn get(this: &ObjectStorage, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn put(this: &ObjectStorage, key: &str, value: &JsValue, options: &Object) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = put)]
    async fn put_all(this: &ObjectStorage, entries: &Object) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = deleteAll)]
    async fn delete_all(this: &ObjectStorage) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    async fn set_alarm(this: &ObjectStorage, at_ms: f64) -> Result<JsValue, JsValue>;
}

impl ObjectStorage {
    /// The storage of the object whose state this is.
    pub(super) fn of(state: &DurableObjectState) -> Self {
        state.unchecked_ref::<ObjectState>().storage()
    }

    /// The text under `key`, where there is one.
    pub(super) async fn text(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.get(key).await.map(|value| value.as_string()).map_err(failed)
    }

    /// Keeps a text under `key`. Answers do not wait until it is on the disk: a crash in these milliseconds loses it.
    pub(super) async fn put_text_unconfirmed(&self, key: &str, text: &str) -> Result<(), StoreError> {
        let options = Object::new();
        Reflect::set(&options, &JsValue::from_str("allowUnconfirmed"), &JsValue::TRUE).map_err(failed)?;
        self.put(key, &JsValue::from_str(text), &options).await.map(|_| ()).map_err(failed)
    }
}

/// Work as a promise, which the runtime can wait for.
pub(super) fn promise(work: Pending<'static, ()>) -> Promise {
    future_to_promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    })
}

/// Does some work before the object hears of any request.
pub(super) fn hold_until(state: &DurableObjectState, work: impl Future<Output = ()> + 'static) {
    let work: Pending<'static, ()> = Box::pin(work);
    let callback = Closure::once_into_js(move || promise(work));
    if let Err(error) = state.block_concurrency_while(callback.unchecked_ref()) {
        warn(&format!("the object could not wait: {}", words(&error)));
    }
}

impl MakerStorage for ObjectStorage {
    fn get<'a>(&'a self, key: &'a str) -> Pending<'a, Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let value = Self::get(self, key).await.map_err(failed)?;
            Ok(value.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec()))
        })
    }

    fn put(&self, values: Vec<(String, Vec<u8>)>) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let entries = Object::new();
            for (key, value) in &values {
                Reflect::set(&entries, &JsValue::from_str(key), &Uint8Array::from(value.as_slice())).map_err(failed)?;
            }
            self.put_all(&entries).await.map(|_| ()).map_err(failed)
        })
    }

    fn clear(&self) -> Pending<'_, Result<(), StoreError>> {
        Box::pin(async move {
            // The alarm goes with it, since a compatibility date of 2026-02-24.
            self.delete_all().await.map(|_| ()).map_err(failed)
        })
    }

    fn wake_at(&self, at_ms: u64) -> Pending<'_, Result<(), StoreError>> {
        // A time, and not how long from now, as `worker`'s `set_alarm` takes a bare number.
        #[expect(clippy::cast_precision_loss, reason = "unix milliseconds are far below 2^53")]
        let at_ms = at_ms as f64;
        Box::pin(async move { self.set_alarm(at_ms).await.map(|_| ()).map_err(failed) })
    }
}

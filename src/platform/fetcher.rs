//! What answers requests by a binding: the static files, and Durable Objects.
//!
//! It is called as JavaScript has it: `worker`'s wrappers take every answer apart and put it together again,
//! and their errors bring the messages of a dozen other bindings along.

use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    /// The runtime's `Fetcher`.
    #[derive(Clone)]
    pub(super) type Fetcher;

    #[wasm_bindgen(method, catch)]
    async fn fetch(this: &Fetcher, request: &Request) -> Result<JsValue, JsValue>;
}

impl Fetcher {
    /// Its answer to a request.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, JsValue> {
        self.fetch(request).await?.dyn_into()
    }
}

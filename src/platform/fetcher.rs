//! The runtime's `Fetcher`: sends requests to a binding, such as the static files and Durable Objects.
//!
//! It is called directly: `worker`'s wrappers decompose and rebuild every response, and their error types include the
//! messages of a dozen other bindings.

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
    /// Sends a request and returns the response.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, JsValue> {
        self.fetch(request).await?.dyn_into()
    }
}

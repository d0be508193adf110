//! The runtime's `Fetcher`: sends requests to a binding, such as the static files and Durable Objects.
//!
//! It is called directly: `worker`'s wrappers decompose and rebuild every response, and their error types include the
//! messages of a dozen other bindings.

use worker::js_sys::Promise;
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};

use super::settled::settled;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// The runtime's `Fetcher`.
    #[derive(Clone)]
    pub(super) type Fetcher;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Fetcher, request: &Request) -> Result<Promise, JsValue>;
}

impl Fetcher {
    /// Sends a request and returns the response.
    pub(super) async fn send(&self, request: &Request) -> Result<Response, JsValue> {
        settled(self.fetch(request)).await?.dyn_into()
    }
}

//! What is bound and answers requests (the objects, the static files), and the runtime's streams.
//!
//! All of it is called as JavaScript has it: `worker`'s wrappers take every answer apart and put it together again,
//! and their errors bring the words of a dozen other bindings along.

use worker::js_sys::{self, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{self, ReadableStream, ReadableStreamDefaultReader};

use crate::ports::StoreError;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    /// What answers requests.
    #[derive(Clone)]
    pub(super) type Service;

    #[wasm_bindgen(method, catch)]
    async fn fetch(this: &Service, request: &web_sys::Request) -> Result<JsValue, JsValue>;

    /// The objects of one class.
    #[derive(Clone)]
    pub(super) type Objects;

    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &Objects, name: &str) -> Result<Service, JsValue>;
}

impl Service {
    /// Its answer to a request.
    pub(super) async fn answer(&self, request: &web_sys::Request) -> Result<web_sys::Response, JsValue> {
        self.fetch(request).await?.dyn_into()
    }
}

impl Objects {
    /// What the object `name` answers to some JSON.
    pub(super) async fn ask(&self, name: &str, json: &str) -> Result<web_sys::Response, JsValue> {
        let init = web_sys::RequestInit::new();
        init.set_method("POST");
        init.set_body(&JsValue::from_str(json));
        // An object is found by its name: the host says nothing.
        let request = web_sys::Request::new_with_str_and_init("https://object/", &init)?;
        self.get_by_name(name)?.answer(&request).await
    }
}

/// A text that is still to come: of a request, of an answer.
pub(super) async fn text(coming: Result<js_sys::Promise, JsValue>) -> Result<String, JsValue> {
    Ok(JsFuture::from(coming?).await?.as_string().unwrap_or_default())
}

/// Reads a stream to its end; `None` where it is longer than `limit` bytes.
///
/// The pieces stay in JavaScript until all are there: WebAssembly never gives memory back, and here takes no more of it
/// than the whole has bytes, and none for what is too long or never comes.
pub(super) async fn read_limited(stream: &ReadableStream, limit: usize) -> Result<Option<Vec<u8>>, JsValue> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut chunks: Vec<Uint8Array> = Vec::new();
    let mut length = 0;
    loop {
        let read = JsFuture::from(reader.read()).await?;
        if js_sys::Reflect::get(&read, &JsValue::from_str("done"))?.is_truthy() {
            break;
        }
        let chunk: Uint8Array = js_sys::Reflect::get(&read, &JsValue::from_str("value"))?.dyn_into()?;
        length += chunk.length() as usize;
        if length > limit {
            drop(reader.cancel());
            return Ok(None);
        }
        chunks.push(chunk);
    }
    let mut bytes = vec![0; length];
    let mut rest = bytes.as_mut_slice();
    for chunk in &chunks {
        let (here, after) = rest.split_at_mut(chunk.length() as usize);
        chunk.copy_to(here);
        rest = after;
    }
    Ok(Some(bytes))
}

/// What JavaScript says of a failure.
pub(super) fn words(error: &JsValue) -> String {
    let words = error.dyn_ref::<js_sys::Error>().map(|error| error.message().into());
    words.or_else(|| error.as_string()).unwrap_or_else(|| "it failed without a word".to_owned())
}

/// A failure of JavaScript's as the core has it.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` has it")]
pub(super) fn failed(error: JsValue) -> StoreError {
    StoreError(words(&error))
}

//! Calls to upstreams, by the runtime's `fetch`.

use futures_util::future::LocalBoxFuture;
use worker::js_sys::Promise;
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{self, AbortController, AbortSignal};

use super::runtime::SystemClock;
use super::settled::settled;
use super::stream::read_answer;
use crate::http::{Headers, IncomingResponse, Method, OutgoingRequest, SendError};
use crate::ports::HttpClient;
use crate::ports::timeout::within;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(request: &web_sys::Request) -> Result<Promise, JsValue>;
}

/// The response headers that are read.
const READ_HEADERS: [&str; 4] = ["Content-Type", "Date", "Location", "Retry-After"];

/// The runtime's `fetch`.
pub(super) struct FetchClient;

impl HttpClient for FetchClient {
    fn send(&self, request: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>> {
        Box::pin(async move {
            let controller = AbortController::new().map_err(|_| SendError::Connection)?;
            let signal = controller.signal();
            let exchange = exchange(&request, &signal);
            let result = within(&SystemClock, request.timeout_ms, exchange).await.unwrap_or(Err(SendError::TimedOut));
            if result.is_err() {
                controller.abort();
            }
            result
        })
    }
}

/// The whole exchange. The runtime's error messages are dropped, because they may contain the URL.
async fn exchange(request: &OutgoingRequest, signal: &AbortSignal) -> Result<IncomingResponse, SendError> {
    let response = call(request, signal).await.map_err(|_| SendError::Connection)?;
    let mut headers = Headers::default();
    for name in READ_HEADERS {
        if let Ok(Some(value)) = response.headers().get(name) {
            headers.set(name, value);
        }
    }
    let body = read_answer(&response, request.max_body_bytes).await?;
    Ok(IncomingResponse { status: response.status(), headers, body })
}

/// Sends the request; the response body is not read yet.
async fn call(request: &OutgoingRequest, signal: &AbortSignal) -> Result<web_sys::Response, JsValue> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in request.headers.iter() {
        headers.set(name, value)?;
    }
    let init = web_sys::RequestInit::new();
    init.set_method(if request.method == Method::Post { "POST" } else { "GET" });
    init.set_headers(&headers);
    init.set_redirect(web_sys::RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if let Some(body) = &request.body {
        init.set_body(&JsValue::from_str(body));
    }
    settled(fetch(&web_sys::Request::new_with_str_and_init(&request.url, &init)?)).await?.dyn_into()
}

//! Calls to upstreams, by the runtime's `fetch`.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{Either, select};
use worker::wasm_bindgen::JsValue;
use worker::web_sys::{self, ReadableStream};
use worker::{AbortController, AbortSignal, ByteStream, Delay, Fetch, Request, ResponseBody};

use crate::http::{self, IncomingResponse, Method, OutgoingRequest, SendError};
use crate::ports::{HttpClient, Pending};

/// The headers of an upstream's answer that anything is made of.
const READ_HEADERS: [&str; 3] = ["Content-Type", "Location", "Retry-After"];

/// The runtime's `fetch`.
pub(super) struct Fetcher;

impl HttpClient for Fetcher {
    fn send(&self, request: OutgoingRequest) -> Pending<'_, Result<IncomingResponse, SendError>> {
        Box::pin(async move {
            let controller = AbortController::default();
            let signal = controller.signal();
            let exchange = pin!(exchange(&request, &signal));
            let timeout = pin!(Delay::from(Duration::from_millis(request.timeout_ms)));
            let result = match select(exchange, timeout).await {
                Either::Left((result, _)) => result,
                Either::Right(((), _)) => Err(SendError::TimedOut),
            };
            if result.is_err() {
                controller.abort();
            }
            result
        })
    }
}

/// The whole exchange; what the runtime says of a failure is dropped, because it may hold the URL.
async fn exchange(request: &OutgoingRequest, signal: &AbortSignal) -> Result<IncomingResponse, SendError> {
    let outgoing = encode(request).map_err(|_| SendError::Connection)?;
    let response = Fetch::Request(outgoing).send_with_signal(signal).await.map_err(|_| SendError::Connection)?;
    let headers = READ_HEADERS
        .into_iter()
        .filter_map(|name| Some((name, response.headers().get(name).ok()??)))
        .collect::<http::Headers>();
    let body = match response.body() {
        ResponseBody::Empty => Vec::new(),
        ResponseBody::Body(bytes) => bytes.clone(),
        ResponseBody::Stream(stream) => read_limited(stream.clone(), request.max_body_bytes)
            .await
            .map_err(|_| SendError::Connection)?
            .ok_or(SendError::TooLarge)?,
    };
    Ok(IncomingResponse { status: response.status_code(), headers, body })
}

fn encode(request: &OutgoingRequest) -> worker::Result<Request> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in request.headers.iter() {
        headers.set(name, value)?;
    }
    let method = if request.method == Method::Post { "POST" } else { "GET" };
    let body = request.body.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str);
    new_request(&request.url, method, &headers, &body)
}

/// A `POST` of JSON to a Durable Object.
pub(super) fn json_request(url: &str, json: &str) -> worker::Result<Request> {
    new_request(url, "POST", &web_sys::Headers::new()?, &JsValue::from_str(json))
}

/// A request as the runtime has it: `worker`'s own builder brings the options of its image resizer along, 5 KB
/// of them.
fn new_request(url: &str, method: &str, headers: &web_sys::Headers, body: &JsValue) -> worker::Result<Request> {
    let init = web_sys::RequestInit::new();
    init.set_method(method);
    init.set_headers(headers);
    init.set_body(body);
    init.set_redirect(web_sys::RequestRedirect::Manual);
    Ok(web_sys::Request::new_with_str_and_init(url, &init)?.into())
}

/// Reads a stream to its end; `None` where it is longer than `limit` bytes.
pub(super) async fn read_limited(stream: ReadableStream, limit: usize) -> worker::Result<Option<Vec<u8>>> {
    let mut stream = ByteStream::from(stream);
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > limit {
            return Ok(None);
        }
        bytes.extend(chunk);
    }
    Ok(Some(bytes))
}

//! Between the runtime's requests and answers and the core's.

use std::any::Any;

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen::{JsCast as _, JsValue};
use worker::web_sys::{self, ReadableStream};
use worker::{Headers, Request, Response, ResponseBody, ResponseBuilder, Result};

use super::fetch::read_limited;
use crate::http::{self, Body, BodyError, BodySource, BodyStream, HeaderSource, Method};
use crate::pipeline::download::MAX_IMAGE_BYTES;
use crate::ports::Pending;

/// A request's headers, read one by one where they are.
struct RequestHeaders(Headers);

impl HeaderSource for RequestHeaders {
    fn header(&self, name: &str) -> Option<String> {
        self.0.get(name).ok().flatten()
    }
}

/// A request's body, read when it is asked for.
struct RequestBody(web_sys::Request);

impl BodySource for RequestBody {
    fn read(&self, limit: usize) -> Pending<'_, std::result::Result<Vec<u8>, BodyError>> {
        Box::pin(async move {
            match self.0.body() {
                None => Ok(Vec::new()),
                Some(stream) => match read_limited(stream, limit).await {
                    Ok(Some(bytes)) => Ok(bytes),
                    Ok(None) => Err(BodyError::TooLarge),
                    Err(_) => Err(BodyError::Broken),
                },
            }
        })
    }
}

/// A stream of the runtime's, as the core hands it through.
struct RuntimeStream(ReadableStream);

impl BodyStream for RuntimeStream {
    fn into_bytes(self: Box<Self>) -> Pending<'static, Option<Vec<u8>>> {
        Box::pin(async move { read_limited(self.0, MAX_IMAGE_BYTES).await.ok().flatten() })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.0)
    }
}

/// A body of the runtime's as the core has it.
pub(super) fn stream(stream: ReadableStream) -> Body {
    Body::Stream(Box::new(RuntimeStream(stream)))
}

/// The body of an answer of the runtime's.
pub(super) fn body(response: &Response) -> Body {
    match response.body() {
        ResponseBody::Stream(readable) => stream(readable.clone()),
        ResponseBody::Body(bytes) => Body::Bytes(bytes.clone()),
        ResponseBody::Empty => Body::Empty,
    }
}

/// A request of the runtime's as the core reads it.
pub(super) fn request(request: &Request) -> Result<http::Request> {
    Ok(http::Request {
        method: Method::parse(&request.inner().method()),
        url: request.url()?,
        headers: Box::new(RequestHeaders(Headers(request.inner().headers()))),
        // The handle, not JavaScript's `clone()`, which would copy the body's stream.
        body: Box::new(RequestBody(Clone::clone(request.inner()))),
    })
}

/// The core's answer as the runtime sends it; to `HEAD` without its body.
pub(super) fn response(response: http::Response, method: Method) -> Result<Response> {
    let headers = Headers::new();
    for (name, value) in response.headers.iter() {
        headers.set(name, value)?;
    }
    let builder = ResponseBuilder::new().with_status(response.status).with_headers(headers);
    let without_body = method == Method::Head || matches!(response.status, 204 | 304);
    Ok(match response.body {
        Body::Stream(stream) => match stream.into_any().downcast::<ReadableStream>() {
            Ok(stream) if without_body => {
                drop(stream.cancel());
                builder.empty()
            }
            Ok(stream) => builder.stream(*stream),
            Err(_) => builder.empty(),
        },
        _ if without_body => builder.empty(),
        Body::Empty => builder.empty(),
        Body::Text(text) => builder.fixed(text.into_owned().into_bytes()),
        Body::Bytes(bytes) => builder.fixed(bytes),
    })
}

/// Bytes as JavaScript has them.
pub(super) fn to_array(bytes: &[u8]) -> Uint8Array {
    Uint8Array::from(bytes)
}

/// Bytes that JavaScript gave; `None` for anything else.
pub(super) fn from_array(value: JsValue) -> Option<Vec<u8>> {
    value.dyn_into::<Uint8Array>().ok().map(|array| array.to_vec())
}

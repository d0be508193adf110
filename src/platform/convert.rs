//! Conversions between the runtime's requests and responses and the core's.

use futures_util::future::LocalBoxFuture;
use url::Url;
use worker::js_sys::{JSON, JsString, Uint8Array};
use worker::wasm_bindgen::prelude::*;
use worker::{wasm_bindgen, web_sys};

use super::live;
use super::stream::{RuntimeBody, body_of, read_limited};
use crate::http::{self, Body, BodyError, BodySource, HeaderSource, Method};
use crate::ports::object_call::to_json;

/// The most bytes in base64 that are sent as one text, which takes half the CPU of a stream. It is there three times at
/// once: as it came, in base64, and as it is sent.
const MAX_JOINED_BYTES: u64 = 4 * 1024 * 1024;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// A response whose text is JavaScript's.
    #[wasm_bindgen(js_name = Response)]
    type TextResponse;

    #[wasm_bindgen(constructor, js_class = "Response")]
    fn new(text: &JsString, init: &web_sys::ResponseInit) -> TextResponse;
}

/// A request's headers, read one by one on demand.
struct RequestHeaders(web_sys::Headers);

impl HeaderSource for RequestHeaders {
    fn header(&self, name: &str) -> Option<String> {
        self.0.get(name).ok().flatten()
    }
}

/// A request's body, read on demand.
struct RequestBody(web_sys::Request);

impl BodySource for RequestBody {
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, std::result::Result<Vec<u8>, BodyError>> {
        Box::pin(async move {
            match self.0.body() {
                None => Ok(Vec::new()),
                Some(stream) => match read_limited(&stream, limit).await {
                    Ok(Some(bytes)) => Ok(bytes),
                    Ok(None) => Err(BodyError::TooLarge),
                    Err(_) => Err(BodyError::Broken),
                },
            }
        })
    }
}

/// The body of a response from the runtime.
pub(super) fn body(response: &web_sys::Response) -> Body {
    response.body().map_or(Body::Empty, body_of)
}

/// Converts a request from the runtime to the core's type.
pub(super) fn request(request: &web_sys::Request) -> Result<http::Request, JsValue> {
    Ok(http::Request {
        method: Method::parse(&request.method()),
        url: Url::parse(&request.url()).map_err(|error| JsValue::from_str(&error.to_string()))?,
        headers: Box::new(RequestHeaders(request.headers())),
        // A copy of the handle; JavaScript's `clone()` would copy the body's stream.
        body: Box::new(RequestBody(Clone::clone(request))),
    })
}

/// Converts the core's response to the runtime's type; without its body for `HEAD`.
pub(super) async fn response(response: http::Response, method: Method) -> Result<web_sys::Response, JsValue> {
    let init = web_sys::ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&header_fields(&response.headers)?);
    let without_body = method == Method::Head || matches!(response.status, 204 | 304);
    match response.body {
        Body::Stream(stream) => match stream.into_any().downcast::<RuntimeBody>().map(|body| *body) {
            Ok(RuntimeBody::Stream(stream)) if without_body => {
                drop(stream.cancel());
                web_sys::Response::new_with_opt_str_and_init(None, &init)
            }
            Ok(RuntimeBody::Stream(stream)) => {
                web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &init)
            }
            Ok(RuntimeBody::Buffer(buffer)) if !without_body => {
                web_sys::Response::new_with_opt_buffer_source_and_init(Some(&buffer), &init)
            }
            _ => web_sys::Response::new_with_opt_str_and_init(None, &init),
        },
        Body::Pieces { pieces, bytes } if !without_body && bytes <= MAX_JOINED_BYTES => {
            Ok(TextResponse::new(&live::joined(pieces).await?, &init).unchecked_into())
        }
        Body::Pieces { pieces, .. } if !without_body => {
            let stream = live::readable(Box::new(pieces));
            web_sys::Response::new_with_opt_readable_stream_and_init(Some(&stream), &init)
        }
        Body::Live(body) if !without_body => {
            web_sys::Response::new_with_opt_readable_stream_and_init(Some(&live::readable(body)), &init)
        }
        Body::Text(text) if !without_body => web_sys::Response::new_with_opt_str_and_init(Some(&text), &init),
        Body::Bytes(bytes) if !without_body => {
            web_sys::Response::new_with_opt_buffer_source_and_init(Some(&Uint8Array::from(bytes.as_slice())), &init)
        }
        _ => web_sys::Response::new_with_opt_str_and_init(None, &init),
    }
}

/// Header fields for the runtime: as an object, which costs a hit 5 % less CPU than a list of pairs. They are passed to
/// JavaScript as one string: one string for each name and each value would be most of the cost of a small response.
fn header_fields(headers: &http::Headers) -> Result<JsValue, JsValue> {
    let mut json = String::from("{");
    for (name, value) in headers.iter() {
        json.push_str(if json.len() > 1 { ",\"" } else { "\"" });
        json.push_str(name);
        json.push_str("\":");
        if value.contains(['"', '\\']) {
            json.push_str(&to_json(&value));
        } else {
            // Headers have no other character that JSON escapes.
            json.push('"');
            json.push_str(value);
            json.push('"');
        }
    }
    json.push('}');
    JSON::parse(&json)
}

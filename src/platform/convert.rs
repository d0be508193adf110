//! Conversions between the runtime's requests and responses and the core's.

use std::cell::RefCell;

use futures_util::future::LocalBoxFuture;
use url::Url;
use worker::js_sys::{JSON, JsString, Uint8Array};
use worker::wasm_bindgen::prelude::*;
use worker::{wasm_bindgen, web_sys};

use super::live;
use super::stream::{Entry, RuntimeBody, body_of, read_limited};
use crate::http::{self, Body, BodyError, BodySource, HeaderSource, Method, SharedFields};
use crate::pipeline::picture_memory::MAX_PICTURE_BYTES;
use crate::ports::object_call::to_json;

/// The most bytes in base64 that are sent as one text, which takes half the CPU of a stream. It is there three times at
/// once: as it came, in base64, and as it is sent.
const MAX_JOINED_BYTES: u64 = 4 * 1024 * 1024;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// A response: `src/platform/answer.js`.
    #[wasm_bindgen(catch, js_name = newResponse)]
    fn new_response(body: &JsValue, status: u16, fields: &str, shared: &JsValue) -> Result<web_sys::Response, JsValue>;

    #[wasm_bindgen(js_name = keepAnswer)]
    fn keep_answer(
        request: &web_sys::Request,
        response: &web_sys::Response,
        key: &str,
        bytes: u32,
        time: u32,
        is_small: bool,
    );

    /// A request's header fields.
    #[wasm_bindgen(js_name = Headers)]
    type Fields;

    #[wasm_bindgen(method)]
    fn get(this: &Fields, name: &JsString) -> Option<String>;
}

thread_local! {
    /// The names of the header fields that were read, as JavaScript has them.
    static NAMES: RefCell<Vec<(&'static str, JsString)>> = const { RefCell::new(Vec::new()) };
    /// The fields that answers share, as objects.
    static SHARED: RefCell<Vec<(SharedFields, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// A request's headers, read one by one on demand.
struct RequestHeaders(Fields);

impl HeaderSource for RequestHeaders {
    fn header(&self, name: &'static str) -> Option<String> {
        NAMES.with_borrow_mut(|names| {
            let at = names.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                names.push((name, JsString::from(name)));
                names.len().saturating_sub(1)
            });
            self.0.get(&names.get(at)?.1)
        })
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
        headers: Box::new(RequestHeaders(request.headers().unchecked_into())),
        // A copy of the handle; JavaScript's `clone()` would copy the body's stream.
        body: Box::new(RequestBody(Clone::clone(request))),
    })
}

/// Converts the core's response to the runtime's type; without its body for `HEAD`.
pub(super) async fn response(
    response: http::Response,
    method: Method,
    request: Option<&web_sys::Request>,
) -> Result<web_sys::Response, JsValue> {
    let has_body = method != Method::Head && !matches!(response.status, 204 | 304);
    let mut stored = None;
    let body = match response.body {
        Body::Stream(stream) => match stream.into_any().downcast::<RuntimeBody>().map(|body| *body) {
            Ok(RuntimeBody::Stream(stream, entry)) if has_body => {
                stored = entry;
                stream.into()
            }
            Ok(RuntimeBody::Stream(stream, _)) => {
                drop(stream.cancel());
                JsValue::NULL
            }
            Ok(RuntimeBody::Buffer(buffer)) if has_body => buffer.into(),
            _ => JsValue::NULL,
        },
        _ if !has_body => JsValue::NULL,
        Body::Pieces { pieces, bytes } if bytes <= MAX_JOINED_BYTES => live::joined(pieces).await?.into(),
        Body::Pieces { pieces, .. } => live::readable(Box::new(pieces)).into(),
        Body::Live(body) => live::readable(body).into(),
        Body::Text(text) => JsValue::from_str(&text),
        Body::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Body::Empty => JsValue::NULL,
    };
    let fields = json_of(response.headers.own());
    let shared = shared_object(response.headers.shared());
    let made = new_response(&body, response.status, &fields, &shared)?;
    if let (Some(Entry { key, bytes, time }), Some(request), 200) = (stored, request, response.status) {
        keep_answer(request, &made, &key, bytes, time, u64::from(bytes) <= MAX_PICTURE_BYTES);
    }
    Ok(made)
}

/// Shared fields as an object, which is made once.
fn shared_object(fields: SharedFields) -> JsValue {
    SHARED.with_borrow_mut(|known| {
        let found = known.iter().find(|(known, _)| std::ptr::eq(*known, fields)).map(|(_, object)| object.clone());
        found.unwrap_or_else(|| {
            let object = JSON::parse(&json_of(fields.iter().copied())).unwrap_or_default();
            known.push((fields, object.clone()));
            object
        })
    })
}

/// Header fields as a JSON object: as an object they cost a hit 5 % less CPU than as a list of pairs, and they are passed
/// to JavaScript as one string.
fn json_of<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut json = String::from("{");
    for (name, value) in fields {
        json.push_str(if json.len() > 1 { ",\"" } else { "\"" });
        json.push_str(name);
        json.push_str("\":");
        // Headers have no other character that JSON escapes.
        if value.bytes().any(|byte| matches!(byte, b'"' | b'\\')) {
            json.push_str(&to_json(&value));
        } else {
            json.push('"');
            json.push_str(value);
            json.push('"');
        }
    }
    json.push('}');
    json
}

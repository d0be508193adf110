//! The runtime's streams and texts.

use std::any::Any;

use futures_util::future::LocalBoxFuture;
use worker::js_sys::{self, Uint8Array};
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader};

use crate::domain::image_format::MAX_IMAGE_BYTES;
use crate::http::{Body, BodyStream};

/// A stream of the runtime, which the core passes through.
struct RuntimeStream(ReadableStream);

impl BodyStream for RuntimeStream {
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        Box::pin(async move { read_limited(&self.0, MAX_IMAGE_BYTES).await.ok().flatten() })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.0)
    }
}

/// Converts a stream of the runtime to the core's type.
pub(super) fn body_of(stream: ReadableStream) -> Body {
    Body::Stream(Box::new(RuntimeStream(stream)))
}

/// Awaits the text of a request or a response.
pub(super) async fn text(promise: Result<js_sys::Promise, JsValue>) -> Result<String, JsValue> {
    Ok(JsFuture::from(promise?).await?.as_string().unwrap_or_default())
}

/// Reads a stream to its end; `None` if it is longer than `limit` bytes.
///
/// The chunks stay in JavaScript until all have arrived: WebAssembly never gives memory back. So this takes no more of
/// it than the total size, and none for a stream that is too long or breaks off.
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
        let (target, remaining) = rest.split_at_mut(chunk.length() as usize);
        chunk.copy_to(target);
        rest = remaining;
    }
    Ok(Some(bytes))
}

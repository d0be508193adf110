//! The runtime's streams and texts.

use std::any::Any;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use worker::js_sys::{self, Object, Promise, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader};

use crate::domain::image_format::MAX_IMAGE_BYTES;
use crate::http::{Body, BodyStream};

/// The bytes of the first read: most bodies are a short JSON text, and end with it.
const FIRST_READ: u32 = 4 * 1024;
/// The bytes of each later read.
const LATER_READ: u32 = 64 * 1024;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    /// A stream of bytes, as all streams are that the runtime makes.
    type ByteStream;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &ByteStream, options: &Object) -> Result<ByteReader, JsValue>;

    /// A reader that fills a buffer of its caller's.
    type ByteReader;

    /// Completes when `least` bytes are in `buffer`, or the stream has ended. The runtime's own addition to the standard.
    #[wasm_bindgen(method, catch, js_name = readAtLeast)]
    async fn read_at_least(this: &ByteReader, least: u32, buffer: &Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn cancel(this: &ByteReader) -> Promise;

    /// The result of a read.
    type Read;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Read) -> Option<Uint8Array>;
}

/// A stream of the runtime, which the core mostly passes through.
struct RuntimeStream {
    stream: ReadableStream,
    /// Its reader, once it is read piece by piece.
    reader: Option<PieceReader>,
}

/// A reader that takes what is there. The stream's other end hears of it when it is dropped.
struct PieceReader(ReadableStreamDefaultReader);

impl Drop for PieceReader {
    fn drop(&mut self) {
        // That of a stream which broke off fails.
        spawn_local(JsFuture::from(self.0.cancel()).map(drop));
    }
}

impl BodyStream for RuntimeStream {
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        Box::pin(async move { read_limited(&self.stream, MAX_IMAGE_BYTES).await.ok().flatten() })
    }

    fn read(&mut self) -> LocalBoxFuture<'_, Option<Vec<u8>>> {
        let stream = &self.stream;
        let reader = self.reader.get_or_insert_with(|| PieceReader(stream.get_reader().unchecked_into()));
        let read = reader.0.read();
        Box::pin(async move {
            let read: Read = JsFuture::from(read).await.ok()?.unchecked_into();
            Some(read.value()?.to_vec())
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.stream)
    }
}

/// Converts a stream of the runtime to the core's type.
pub(super) fn body_of(stream: ReadableStream) -> Body {
    Body::Stream(Box::new(RuntimeStream { stream, reader: None }))
}

/// Awaits the text of a request or a response.
pub(super) async fn text(promise: Result<js_sys::Promise, JsValue>) -> Result<String, JsValue> {
    Ok(JsFuture::from(promise?).await?.as_string().unwrap_or_default())
}

/// Reads a stream to its end; `None` if it is longer than `limit` bytes.
///
/// Each read fills a buffer of ours, whatever the pieces in which the bytes arrive: a piece of one byte would keep a few
/// KB. The buffers stay in JavaScript until all have arrived: WebAssembly never gives memory back. So this takes no more
/// of it than the total size, and none for a stream that is too long or breaks off.
pub(super) async fn read_limited(stream: &ReadableStream, limit: usize) -> Result<Option<Vec<u8>>, JsValue> {
    let mode = Object::new();
    js_sys::Reflect::set(&mode, &JsValue::from_str("mode"), &JsValue::from_str("byob"))?;
    let reader = stream.unchecked_ref::<ByteStream>().get_reader(&mode)?;
    let mut chunks: Vec<Uint8Array> = Vec::new();
    let (mut length, mut size) = (0, FIRST_READ);
    loop {
        let read: Read = reader.read_at_least(size, &Uint8Array::new_with_length(size)).await?.unchecked_into();
        let Some(chunk) = read.value() else { break };
        let taken = chunk.length();
        length += taken as usize;
        if length > limit {
            drop(reader.cancel());
            return Ok(None);
        }
        chunks.push(chunk);
        if taken < size {
            break;
        }
        size = LATER_READ;
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

//! The runtime's streams and texts.

use std::any::Any;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use worker::js_sys::{self, ArrayBuffer, Object, Promise, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen_futures::spawn_local;
use worker::web_sys::{ReadableStream, ReadableStreamDefaultReader, Response};

use super::settled::settled;
use crate::domain::image_format::MAX_IMAGE_BYTES;
use crate::http::{Body, BodyStream, HeldBytes, SendError};

/// The bytes of the first read: most bodies are a short JSON text, and end with it.
const FIRST_READ: u32 = 4 * 1024;
/// The bytes of each later read.
const LATER_READ: u32 = 64 * 1024;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// A stream of bytes, as all streams are that the runtime makes.
    type ByteStream;

    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &ByteStream, options: &Object) -> Result<ByteReader, JsValue>;

    /// A reader that fills a buffer of its caller's.
    pub(super) type ByteReader;

    /// Completes when `least` bytes are in `buffer`, or the stream has ended. The runtime's own addition to the standard.
    #[wasm_bindgen(method, catch, js_name = readAtLeast)]
    fn read_at_least(this: &ByteReader, least: u32, buffer: &Uint8Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn cancel(this: &ByteReader) -> Promise;

    /// The result of a read.
    type Read;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Read) -> Option<Uint8Array>;
}

/// A body of the runtime's, which the core mostly passes through.
pub(super) enum RuntimeBody {
    /// A stream, and where it comes from if it is a stored picture.
    Stream(ReadableStream, Option<Entry>),
    /// A stream that is read piece by piece.
    Pieces(PieceReader),
    /// Bytes in JavaScript's memory.
    Buffer(ArrayBuffer),
}

/// Where a stored picture comes from.
pub(super) struct Entry {
    /// Its key in the store.
    pub(super) key: String,
    /// The number of its bytes.
    pub(super) bytes: u32,
    /// The time at which it was made, in unix seconds.
    pub(super) time: u32,
}

/// A reader that takes what is there. The stream's other end hears of it when it is dropped.
pub(super) struct PieceReader(ReadableStreamDefaultReader);

impl Drop for PieceReader {
    fn drop(&mut self) {
        // That of a stream which broke off fails.
        spawn_local(settled(Ok(self.0.cancel())).map(drop));
    }
}

impl BodyStream for RuntimeBody {
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>> {
        Box::pin(async move {
            match *self {
                Self::Stream(stream, _) => read_limited(&stream, MAX_IMAGE_BYTES).await.ok().flatten(),
                Self::Buffer(buffer) => Some(Uint8Array::new(&buffer).to_vec()),
                Self::Pieces(_) => None,
            }
        })
    }

    fn read(&mut self) -> LocalBoxFuture<'_, Option<Vec<u8>>> {
        if let Self::Stream(stream, _) = self {
            *self = Self::Pieces(PieceReader(stream.get_reader().unchecked_into()));
        }
        let read = match self {
            Self::Pieces(reader) => Some(reader.0.read()),
            Self::Stream(..) | Self::Buffer(_) => None,
        };
        Box::pin(async move {
            let read: Read = settled(Ok(read?)).await.ok()?.unchecked_into();
            Some(read.value()?.to_vec())
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn hold(self: Box<Self>) -> LocalBoxFuture<'static, Option<Rc<dyn HeldBytes>>> {
        Box::pin(async move {
            let buffer = match *self {
                Self::Stream(stream, _) => read_whole(&stream).await.ok()?,
                Self::Buffer(buffer) => buffer,
                Self::Pieces(_) => return None,
            };
            Some(Rc::new(HeldBuffer(buffer)) as Rc<dyn HeldBytes>)
        })
    }
}

/// Bytes that stay in JavaScript's memory: a picture in WebAssembly's would be copied there and back, and the memory stay
/// as large.
struct HeldBuffer(ArrayBuffer);

impl HeldBytes for HeldBuffer {
    fn body(&self) -> Body {
        Body::Stream(Box::new(RuntimeBody::Buffer(self.0.clone())))
    }
}

/// Converts a stream of the runtime to the core's type.
pub(super) fn body_of(stream: ReadableStream) -> Body {
    Body::Stream(Box::new(RuntimeBody::Stream(stream, None)))
}

/// Reads a stream to its end in one piece, of which nothing enters WebAssembly's memory.
pub(super) async fn read_whole(stream: &ReadableStream) -> Result<ArrayBuffer, JsValue> {
    let response = Response::new_with_opt_readable_stream(Some(stream))?;
    Ok(settled(response.array_buffer()).await?.unchecked_into())
}

/// Reads the body of an upstream's answer. The runtime's error messages are dropped, because they may contain the URL.
pub(super) async fn read_answer(response: &Response, limit: usize) -> Result<Vec<u8>, SendError> {
    let Some(stream) = response.body() else { return Ok(Vec::new()) };
    read_limited(&stream, limit).await.map_err(|_| SendError::Connection)?.ok_or(SendError::TooLarge)
}

/// Awaits the text of a request or a response.
pub(super) async fn text(promise: Result<js_sys::Promise, JsValue>) -> Result<String, JsValue> {
    Ok(settled(promise).await?.as_string().unwrap_or_default())
}

/// A reader of a stream, whatever the pieces in which the bytes arrive.
pub(super) fn byte_reader(stream: &ReadableStream) -> Result<ByteReader, JsValue> {
    let mode = Object::new();
    js_sys::Reflect::set(&mode, &JsValue::from_str("mode"), &JsValue::from_str("byob"))?;
    stream.unchecked_ref::<ByteStream>().get_reader(&mode)
}

impl ByteReader {
    /// The next `size` bytes; fewer, or `None`, at the end.
    pub(super) async fn read(&self, size: u32) -> Result<Option<Uint8Array>, JsValue> {
        let read: Read = settled(self.read_at_least(size, &Uint8Array::new_with_length(size))).await?.unchecked_into();
        Ok(read.value())
    }
}

/// Reads a stream to its end; `None` if it is longer than `limit` bytes.
///
/// Each read fills a buffer of ours, whatever the pieces in which the bytes arrive: a piece of one byte would keep a few
/// KB. The buffers stay in JavaScript until all have arrived: WebAssembly never gives memory back. So this takes no more
/// of it than the total size, and none for a stream that is too long or breaks off.
pub(super) async fn read_limited(stream: &ReadableStream, limit: usize) -> Result<Option<Vec<u8>>, JsValue> {
    let reader = byte_reader(stream)?;
    let mut chunks: Vec<Uint8Array> = Vec::new();
    let (mut length, mut size) = (0, FIRST_READ);
    loop {
        let Some(chunk) = reader.read(size).await? else { break };
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

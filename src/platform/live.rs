//! Bodies that are written piece by piece.

use std::cell::Cell;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use worker::js_sys::{self, Promise, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::web_sys::{ReadableStream, TransformStream, WritableStreamDefaultWriter};

use super::stream::{RuntimeBody, byte_reader};
use crate::http::{Body, Live, Segment};

/// The bytes that are encoded at a time. Three bytes are four characters, so that only the last piece may be padded; and
/// the pieces in which a stream arrives, of a few KB, would each cost a read and a write.
const PIECE: u32 = 3 * 64 * 1024;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    type TextEncoder;

    #[wasm_bindgen(constructor)]
    fn new() -> TextEncoder;

    #[wasm_bindgen(method)]
    fn encode(this: &TextEncoder, text: &JsValue) -> Uint8Array;

    /// A `Uint8Array` of a runtime that encodes base64 itself.
    type Encodable;

    #[wasm_bindgen(method, catch, js_name = toBase64)]
    fn to_base64(this: &Encodable) -> Result<JsValue, JsValue>;
}

/// The runtime's stream of a live body. It is written in the background, as long as somebody reads.
pub(super) fn readable(live: Box<dyn Live>) -> Result<ReadableStream, JsValue> {
    let pipe = TransformStream::new()?;
    let writer = Writer { writer: pipe.writable().get_writer()?, gone: Rc::default() };
    spawn_local(async move {
        match writer.write_all(live).await {
            Ok(()) => swallow(writer.writer.close(), &writer.gone),
            Err(error) => swallow(writer.writer.abort_with_reason(&error), &writer.gone),
        }
    });
    Ok(pipe.readable())
}

struct Writer {
    writer: WritableStreamDefaultWriter,
    /// True once the reader has left.
    gone: Rc<Cell<bool>>,
}

impl Writer {
    async fn write_all(&self, mut live: Box<dyn Live>) -> Result<(), JsValue> {
        while let Some(pieces) = live.next().await {
            for piece in pieces {
                if self.gone.get() {
                    return Ok(());
                }
                match piece {
                    Segment::Text(text) => {
                        swallow(self.writer.write_with_chunk(&Uint8Array::from(text.as_bytes())), &self.gone);
                    }
                    Segment::Base64(body) => self.write_base64(body.await).await?,
                }
            }
        }
        Ok(())
    }

    /// Writes a body in base64, at the reader's pace. The bytes of a stream stay in JavaScript.
    async fn write_base64(&self, body: Body) -> Result<(), JsValue> {
        let encoder = TextEncoder::new();
        let body = match body {
            Body::Stream(stream) => stream.into_any().downcast::<RuntimeBody>(),
            body => {
                let bytes = body.into_bytes().await.unwrap_or_default();
                return self.write(&encode(&encoder, &Uint8Array::from(bytes.as_slice()))).await;
            }
        };
        let stream = match *body.map_err(|_| JsValue::from_str("a body of another platform"))? {
            RuntimeBody::Stream(stream) => stream,
            RuntimeBody::Buffer(buffer) => return self.write(&encode(&encoder, &Uint8Array::new(&buffer))).await,
            RuntimeBody::Pieces(_) => return Err(JsValue::from_str("a body that was begun")),
        };
        let reader = byte_reader(&stream)?;
        while let Some(bytes) = reader.read(PIECE).await? {
            if let Err(error) = self.write(&encode(&encoder, &bytes)).await {
                drop(reader.cancel());
                return Err(error);
            }
            if bytes.length() < PIECE {
                break;
            }
        }
        Ok(())
    }

    async fn write(&self, bytes: &Uint8Array) -> Result<(), JsValue> {
        if bytes.length() > 0 {
            JsFuture::from(self.writer.write_with_chunk(bytes)).await?;
        }
        Ok(())
    }
}

/// Waits for a promise in the background; its failure means that the reader has left.
fn swallow(promise: Promise, gone: &Rc<Cell<bool>>) {
    let gone = Rc::clone(gone);
    spawn_local(async move {
        if JsFuture::from(promise).await.is_err() {
            gone.set(true);
        }
    });
}

/// The bytes of the base64 text of `bytes`.
fn encode(encoder: &TextEncoder, bytes: &Uint8Array) -> Uint8Array {
    let text = bytes.unchecked_ref::<Encodable>().to_base64();
    encoder.encode(&text.unwrap_or_else(|_| js_sys::JsString::from(STANDARD.encode(bytes.to_vec())).into()))
}

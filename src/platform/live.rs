//! Bodies of pieces: written one by one, or joined.

use std::cell::Cell;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use worker::js_sys::{JsString, Promise, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen_futures::spawn_local;
use worker::web_sys::{ReadableStream, WritableStreamDefaultWriter};

use super::settled::settled;
use super::stream::{RuntimeBody, byte_reader, read_whole};
use crate::http::{Body, Live, Segment};

/// The bytes that are encoded at a time. Three bytes are four characters, so that only the last piece may be padded; and
/// the pieces in which a stream arrives, of a few KB, would each cost a read and a write.
const PIECE: u32 = 3 * 64 * 1024;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// A pipe that breaks off after a trap: `src/platform/traps.js`.
    #[wasm_bindgen(js_name = livePipe)]
    fn live_pipe() -> Pipe;

    type Pipe;

    #[wasm_bindgen(method, getter)]
    fn readable(this: &Pipe) -> ReadableStream;

    #[wasm_bindgen(method, getter)]
    fn writer(this: &Pipe) -> WritableStreamDefaultWriter;

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
pub(super) fn readable(live: Box<dyn Live>) -> ReadableStream {
    let pipe = live_pipe();
    let writer = Writer { writer: pipe.writer(), gone: Rc::default() };
    spawn_local(async move {
        match writer.write_all(live).await {
            Ok(()) => swallow(writer.writer.close(), &writer.gone),
            Err(error) => swallow(writer.writer.abort_with_reason(&error), &writer.gone),
        }
    });
    pipe.readable()
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
        let stream = match held(body).await? {
            Held::Bytes(bytes) => return self.write(&encoder.encode(&base64(&bytes))).await,
            Held::Stream(stream) => stream,
        };
        let reader = byte_reader(&stream)?;
        while let Some(bytes) = reader.read(PIECE).await? {
            if let Err(error) = self.write(&encoder.encode(&base64(&bytes))).await {
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
            settled(Ok(self.writer.write_with_chunk(bytes))).await?;
        }
        Ok(())
    }
}

/// Waits for a promise in the background; its failure means that the reader has left.
fn swallow(promise: Promise, gone: &Rc<Cell<bool>>) {
    let gone = Rc::clone(gone);
    spawn_local(async move {
        if settled(Ok(promise)).await.is_err() {
            gone.set(true);
        }
    });
}

/// Pieces as one text.
pub(super) async fn joined(pieces: Vec<Segment>) -> Result<JsString, JsValue> {
    let mut text = JsString::from("");
    for piece in pieces {
        let piece = match piece {
            Segment::Text(text) => JsValue::from_str(&text),
            Segment::Base64(body) => base64(&match held(body.await).await? {
                Held::Bytes(bytes) => bytes,
                Held::Stream(stream) => Uint8Array::new(&JsValue::from(read_whole(&stream).await?)),
            }),
        };
        text = text.concat(&piece);
    }
    Ok(text)
}

/// A body as JavaScript has it.
enum Held {
    Bytes(Uint8Array),
    Stream(ReadableStream),
}

async fn held(body: Body) -> Result<Held, JsValue> {
    let Body::Stream(stream) = body else {
        let bytes = body.into_bytes().await.unwrap_or_default();
        return Ok(Held::Bytes(Uint8Array::from(bytes.as_slice())));
    };
    match stream.into_any().downcast::<RuntimeBody>().map(|body| *body) {
        Ok(RuntimeBody::Stream(stream, _)) => Ok(Held::Stream(stream)),
        Ok(RuntimeBody::Buffer(buffer)) => Ok(Held::Bytes(Uint8Array::new(&buffer))),
        Ok(RuntimeBody::Pieces(_)) => Err(JsValue::from_str("a body that was begun")),
        Err(_) => Err(JsValue::from_str("a body of another platform")),
    }
}

/// The base64 text of `bytes`, by the runtime where it can.
fn base64(bytes: &Uint8Array) -> JsValue {
    let text = bytes.unchecked_ref::<Encodable>().to_base64();
    text.unwrap_or_else(|_| JsString::from(STANDARD.encode(bytes.to_vec())).into())
}

//! The transport to Durable Objects: a message is the body of a request, a reply is a response.

use futures_util::future::LocalBoxFuture;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{self, Request, RequestInit};

use super::convert;
use super::fetcher::Fetcher;
use super::js_error::store_error;
use super::stream::text;
use crate::http::{Body, Response};
use crate::ports::StoreError;
use crate::ports::object_call::{ObjectNamespace, ObjectReply};

/// The header that contains a reply's head if bytes follow.
const HEAD: &str = "X-Reply";
/// The characters that a header cannot contain.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
extern "C" {
    /// The binding of a class of objects.
    #[derive(Clone)]
    pub(super) type DurableObjectNamespace;

    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &DurableObjectNamespace, name: &str) -> Result<Fetcher, JsValue>;
}

impl DurableObjectNamespace {
    async fn carry(&self, name: &str, message: &str) -> Result<ObjectReply, JsValue> {
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_body(&JsValue::from_str(message));
        // The object is found by its name: the host has no meaning.
        let request = Request::new_with_str_and_init("https://object/", &init)?;
        read(self.get_by_name(name)?.send(&request).await?).await
    }
}

impl ObjectNamespace for DurableObjectNamespace {
    fn send<'a>(&'a self, name: &'a str, message: &'a str) -> LocalBoxFuture<'a, Result<ObjectReply, StoreError>> {
        Box::pin(async move { self.carry(name, message).await.map_err(store_error) })
    }
}

/// A reply as a response. Ahead of bytes its head is a header: the caller reads it first, and may pass the bytes on as a
/// stream. Without bytes it is the body, since it may be too long for a header.
pub(super) fn response(reply: ObjectReply) -> Response {
    let ObjectReply { head, body } = reply;
    match body {
        Body::Empty => Response::new(200).body(Body::Text(head.into())),
        body => Response::new(200).with(HEAD, utf8_percent_encode(&head, ESCAPED).to_string()).body(body),
    }
}

async fn read(response: web_sys::Response) -> Result<ObjectReply, JsValue> {
    if response.status() != 200 {
        return Err(JsValue::from_str(&format!("it answered {}", response.status())));
    }
    Ok(match response.headers().get(HEAD)? {
        Some(head) => ObjectReply {
            head: percent_decode_str(&head).decode_utf8_lossy().into_owned(),
            body: convert::body(&response),
        },
        None => ObjectReply { head: text(response.text()).await?, body: Body::Empty },
    })
}

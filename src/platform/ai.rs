//! Workers AI by the binding `AI`.

use futures_util::future::LocalBoxFuture;
use serde_json::json;
use worker::js_sys::{JSON, Object, Promise, Reflect};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{self, FormData, ResponseInit};

use super::js_error::js_message;
use super::runtime::SystemClock;
use super::settled::settled;
use super::stream::read_answer;
use crate::http::{AiCall, AiInput, Headers, IncomingResponse, SendError};
use crate::ports::WorkersAi;
use crate::ports::timeout::within;

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// The binding of the runtime's.
    pub(super) type Ai;

    #[wasm_bindgen(method, catch)]
    fn run(this: &Ai, model: &str, input: &JsValue, options: &Object) -> Result<Promise, JsValue>;
}

/// The binding `AI`.
pub(super) struct BoundAi(pub(super) Ai);

impl WorkersAi for BoundAi {
    fn run(&self, call: AiCall) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>> {
        Box::pin(async move {
            let answer = within(&SystemClock, call.timeout_ms, self.exchange(&call)).await;
            answer.unwrap_or(Err(SendError::TimedOut))
        })
    }
}

impl BoundAi {
    async fn exchange(&self, call: &AiCall) -> Result<IncomingResponse, SendError> {
        let response = match self.send(call).await {
            Ok(response) => response,
            Err(error) => return Ok(rejection(&js_message(&error))),
        };
        let body = read_answer(&response, call.max_body_bytes).await?;
        Ok(IncomingResponse { status: response.status(), headers: Headers::default(), body })
    }

    async fn send(&self, call: &AiCall) -> Result<web_sys::Response, JsValue> {
        let options = Object::new();
        // The binding keeps the last call's options in itself: every call passes the same.
        Reflect::set(&options, &JsValue::from_str("returnRawResponse"), &JsValue::TRUE)?;
        settled(self.0.run(&call.model, &input(&call.input)?, &options)).await?.dyn_into()
    }
}

/// The input as the binding takes it.
fn input(input: &AiInput) -> Result<JsValue, JsValue> {
    match input {
        AiInput::Json(text) => JSON::parse(text),
        AiInput::Form(fields) => {
            let form = FormData::new()?;
            for (name, value) in fields {
                form.append_with_str(name, value)?;
            }
            multipart(&form)
        }
    }
}

/// A form as the binding takes it: an answer knows how to write one, and its content type names the boundary.
fn multipart(form: &FormData) -> Result<JsValue, JsValue> {
    let written = web_sys::Response::new_with_opt_form_data_and_init(Some(form), &ResponseInit::new())?;
    let part = Object::new();
    Reflect::set(&part, &JsValue::from_str("body"), &written.body().into())?;
    Reflect::set(&part, &JsValue::from_str("contentType"), &written.headers().get("Content-Type")?.into())?;
    let input = Object::new();
    Reflect::set(&input, &JsValue::from_str("multipart"), &part)?;
    Ok(input.into())
}

/// The answer that stands for a rejection, which begins with a code where the platform has one.
fn rejection(message: &str) -> IncomingResponse {
    let body = json!({ "message": message }).to_string().into_bytes();
    IncomingResponse { status: 500, headers: Headers::default(), body }
}

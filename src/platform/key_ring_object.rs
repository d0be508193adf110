//! The Durable Object `KeyRing`: it passes messages to the key ring's service.

use std::rc::Rc;

use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};
use worker::worker_sys::DurableObjectState;
use worker::{Env, wasm_bindgen};

use super::runtime::{SystemClock, WorkerLog};
use super::storage::{JsStorage, hold_until};
use super::stream::text;
use super::{convert, object_namespace};
use crate::http::Method;
use crate::key_ring::messages;
use crate::key_ring::service::KeyRingService;

/// The Durable Object that grants keys: one for the deployment.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
pub struct KeyRing {
    service: Rc<KeyRingService>,
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl KeyRing {
    /// Called by the runtime when it creates the object; requests wait until its state is loaded.
    #[wasm_bindgen(constructor)]
    pub fn new(state: &DurableObjectState, _env: &Env) -> Self {
        let storage = Rc::new(JsStorage::of(state));
        let service = Rc::new(KeyRingService::new(Rc::new(SystemClock), storage, Rc::new(WorkerLog)));
        let loading = Rc::clone(&service);
        hold_until(state, async move { loading.load().await });
        Self { service }
    }

    /// Handles a request.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let message = text(request.text()).await?;
        let reply = messages::handle(&self.service, &message).await.map_err(|error| JsValue::from_str(&error.0))?;
        convert::response(object_namespace::response(reply), Method::Post, None).await
    }
}

//! The Durable Object `ImageMaker`: it passes messages to a maker, and gives it the runtime's services.

use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};
use worker::worker_sys::DurableObjectState;
use worker::{Env, wasm_bindgen};

use super::env::warn;
use super::js_error::js_message;
use super::storage::{JsStorage, promise};
use super::stream::text;
use super::{app, convert, object_namespace};
use crate::http::Method;
use crate::image_maker::{Maker, service};
use crate::ports::Background;

/// The Durable Object that makes one image.
///
/// It is exported as a JavaScript class, without `worker`'s `#[durable_object]`, which decomposes and rebuilds each
/// request and each response.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
pub struct ImageMaker {
    maker: Rc<Maker>,
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl ImageMaker {
    /// Called by the runtime when it creates the object.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: &Env) -> Self {
        let app = app::app(env);
        Self {
            maker: Maker::new(
                app.ports.clone(),
                Rc::clone(&app.config),
                Rc::new(JsStorage::of(&state)),
                app.rate_limiter.clone(),
                Rc::new(ObjectBackground(state)),
            ),
        }
    }

    /// Handles a request.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let message = text(request.text()).await?;
        let reply = service::handle(&self.maker, &message).await.map_err(|error| JsValue::from_str(&error.0))?;
        convert::response(object_namespace::response(reply), Method::Post, None).await
    }

    /// Handles the alarm; after an error the runtime repeats it.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        self.maker.on_alarm().await.map_err(|error| JsValue::from_str(&error.0))
    }
}

/// Work that the runtime keeps the object alive for.
struct ObjectBackground(DurableObjectState);

impl Background for ObjectBackground {
    fn keep_alive(&self, work: LocalBoxFuture<'static, ()>) {
        if let Err(error) = self.0.wait_until(&promise(work)) {
            warn(&format!("work may be broken off: {}", js_message(&error)));
        }
    }
}

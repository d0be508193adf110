//! The Durable Object `ImageMaker`, and how the Worker asks it.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::{Request, Response};
use worker::worker_sys::DurableObjectState;
use worker::{Delay, Env, wasm_bindgen};

use super::bindings::{self, bound, warn};
use super::convert;
use super::service::{Objects, text, words};
use super::storage::{ObjectStorage, promise};
use crate::config::Config;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{self, Body};
use crate::json::{self, Json as _, json_object};
use crate::pipeline::image_maker::Maker;
use crate::ports::{Answer, Background, How, ImageMaker as ImageMakerPort, Order, Pending};

/// The header in which an answer's description stands, before the bytes.
const DESCRIPTION: &str = "X-Answer";
/// What a header cannot hold.
const HEADER: &AsciiSet = &CONTROLS.add(b'%');

/// [`Answer`] without its body.
struct Description {
    how: How,
    id: ImageId,
    record: Option<ImageRecord>,
    timing: String,
}

json_object!(Description { how: "how", id: "id", record: "record", timing: "timing" });

/// The Durable Object that makes one image.
///
/// A class as JavaScript has it, and not `worker`'s `#[durable_object]`, which takes each request and each answer
/// apart and puts it together again.
#[wasm_bindgen(wasm_bindgen = wasm_bindgen)]
pub struct ImageMaker {
    maker: Rc<Maker>,
}

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, wasm_bindgen_futures = worker::wasm_bindgen_futures, js_sys = worker::js_sys)]
impl ImageMaker {
    /// The object of one image, when it is called into being.
    #[wasm_bindgen(constructor)]
    pub fn new(state: DurableObjectState, env: &Env) -> Self {
        let app = bindings::app(env);
        Self {
            maker: Maker::new(
                app.outside.clone(),
                Rc::clone(&app.config),
                Rc::new(ObjectStorage::of(&state)),
                bindings::rate_limiter(env),
                Rc::new(ObjectBackground(state)),
            ),
        }
    }

    /// Carries out an order.
    pub async fn fetch(&self, request: Request) -> Result<Response, JsValue> {
        let order = json::parse::<Order>(&text(request.text()).await?);
        let order = order.ok_or_else(|| JsValue::from_str("this is no order"))?;
        let answer = match self.maker.ask(order).await {
            Ok(Answer { how, id, record, body, timing }) => {
                let description = json::text(&Description { how, id, record, timing }.to_json());
                let description = utf8_percent_encode(&description, HEADER).to_string();
                http::Response::new(200).with(DESCRIPTION, description).body(body)
            }
            Err(error) => http::Response::new(500).body(Body::Text(json::text(&error.to_json()).into())),
        };
        convert::response(answer, http::Method::Get)
    }

    /// Does what it asked to be woken for; after an error the runtime calls it again.
    pub async fn alarm(&self) -> Result<(), JsValue> {
        self.maker.wake().await.map_err(|error| JsValue::from_str(&error.to_string()))
    }
}

/// Work that the runtime keeps the object alive for.
struct ObjectBackground(DurableObjectState);

impl Background for ObjectBackground {
    fn keep_alive(&self, work: Pending<'static, ()>) {
        if let Err(error) = self.0.wait_until(&promise(work)) {
            warn(&format!("work may be broken off: {}", words(&error)));
        }
    }
}

/// The makers as the Worker asks them: one object for each id.
pub(super) struct MakerClient {
    makers: Option<Objects>,
    generation_timeout_ms: u64,
}

impl MakerClient {
    /// A client of the binding `IMAGE_MAKER`.
    pub(super) fn new(env: &Env, config: &Config) -> Self {
        let generation_timeout_ms = config.generation_timeout_ms;
        Self { makers: bound(env, bindings::IMAGE_MAKER), generation_timeout_ms }
    }
}

/// Asks the maker of an order's image.
async fn call(makers: &Objects, order: &Order) -> Result<Result<Answer, Error>, JsValue> {
    let unreadable = || JsValue::from_str("its answer cannot be read");
    let response = makers.ask(order.id.as_str(), &json::text(&order.to_json())).await?;
    let Some(description) = response.headers().get(DESCRIPTION)? else {
        return Ok(Err(json::parse(&text(response.text()).await?).ok_or_else(unreadable)?));
    };
    let description = percent_decode_str(&description).decode_utf8_lossy();
    let Description { how, id, record, timing } = json::parse(&description).ok_or_else(unreadable)?;
    Ok(Ok(Answer { how, id, record, body: convert::body(&response), timing }))
}

impl ImageMakerPort for MakerClient {
    fn ask(&self, order: Order) -> Pending<'_, Result<Answer, Error>> {
        Box::pin(async move {
            let makers = self.makers.as_ref().ok_or_else(|| {
                Error::Misconfigured(
                    "The binding IMAGE_MAKER is missing: see [[durable_objects.bindings]] in wrangler.toml.".into(),
                )
            })?;
            let timeout_ms = order.timeout_ms(self.generation_timeout_ms);
            // An object that was just moved or restarted breaks the calls that it had: once more.
            for _ in 0..2 {
                let call = pin!(call(makers, &order));
                let timeout = pin!(Delay::from(Duration::from_millis(timeout_ms)));
                match select(call, timeout).await {
                    Either::Left((Ok(answer), _)) => return answer,
                    Either::Left((Err(error), _)) => {
                        warn(&format!("the image maker cannot be reached: {}", words(&error)));
                    }
                    Either::Right(_) => return Err(Error::UpstreamTimeout),
                }
            }
            Err(Error::Upstream("The image maker could not be reached. Try again.".into()))
        })
    }
}

//! The Durable Object `ImageMaker`, and how the Worker asks it.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, select};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use worker::js_sys::{Object, Reflect};
use worker::wasm_bindgen::{self, JsValue};
use worker::{Delay, DurableObject, Env, Request, Response, ResponseBuilder, Result, State, durable_object};

use super::bindings::{self, warn};
use super::convert::{self, from_array, to_array};
use super::fetch::json_request;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http;
use crate::pipeline::image_maker::Maker;
use crate::ports::{Answer, Background, How, ImageMaker as ImageMakerPort, MakerStorage, Order, Pending, StoreError};

/// The header in which an answer's description stands, before the bytes.
const DESCRIPTION: &str = "X-Answer";
/// What a header cannot hold.
const HEADER: &AsciiSet = &CONTROLS.add(b'%');
/// How much longer than `GENERATION_TIMEOUT` an answer is waited for, in milliseconds: the maker
/// itself keeps that deadline, and only a broken one is given up.
const GRACE_MS: u64 = 15_000;

/// [`Answer`] without its body.
#[derive(Serialize, Deserialize)]
struct Description {
    how: How,
    id: ImageId,
    record: Option<ImageRecord>,
    timing: String,
}

/// The Durable Object that makes one image.
#[durable_object(alarm)]
pub struct ImageMaker {
    maker: Rc<Maker>,
}

impl DurableObject for ImageMaker {
    fn new(state: State, env: Env) -> Self {
        let state = Rc::new(state);
        Self {
            maker: Maker::new(
                bindings::outside(&env),
                bindings::config(&env),
                Rc::new(ObjectStorage(Rc::clone(&state))),
                bindings::rate_limiter(&env),
                Rc::new(ObjectBackground(state)),
            ),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let order: Order = serde_json::from_str(&request.text().await?)?;
        match self.maker.ask(order).await {
            Ok(Answer { how, id, record, body, timing }) => {
                let description = serde_json::to_string(&Description { how, id, record, timing })?;
                let answer = http::Response::new(200)
                    .with(DESCRIPTION, utf8_percent_encode(&description, HEADER).to_string())
                    .body(body);
                convert::response(answer, http::Method::Get)
            }
            Err(error) => Ok(ResponseBuilder::new().with_status(500).ok(serde_json::to_string(&error)?)?),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        self.maker.wake().await;
        Response::empty()
    }
}

/// The storage of a Durable Object.
struct ObjectStorage(Rc<State>);

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError(error.to_string())
}

impl MakerStorage for ObjectStorage {
    fn get<'a>(&'a self, key: &'a str) -> Pending<'a, std::result::Result<Option<Vec<u8>>, StoreError>> {
        Box::pin(async move {
            let keys = vec![key];
            let found = self.0.storage().get_multiple(keys).await.map_err(failed)?;
            Ok(from_array(found.get(&JsValue::from_str(key))))
        })
    }

    fn put(&self, values: Vec<(String, Vec<u8>)>) -> Pending<'_, std::result::Result<(), StoreError>> {
        Box::pin(async move {
            let entries = Object::new();
            for (key, value) in &values {
                Reflect::set(&entries, &JsValue::from_str(key), &to_array(value))
                    .map_err(|_| StoreError("a value cannot be set".into()))?;
            }
            self.0.storage().put_multiple_raw(entries).await.map_err(failed)
        })
    }

    fn clear(&self) -> Pending<'_, std::result::Result<(), StoreError>> {
        Box::pin(async move {
            let storage = self.0.storage();
            storage.delete_alarm().await.map_err(failed)?;
            storage.delete_all().await.map_err(failed)
        })
    }

    fn wake_at(&self, at_ms: u64) -> Pending<'_, std::result::Result<(), StoreError>> {
        Box::pin(async move {
            let at_ms = i64::try_from(at_ms).unwrap_or(i64::MAX);
            self.0.storage().set_alarm(at_ms).await.map_err(failed)
        })
    }
}

/// Work that the runtime keeps the object alive for.
struct ObjectBackground(Rc<State>);

impl Background for ObjectBackground {
    fn keep_alive(&self, work: Pending<'static, ()>) {
        self.0.wait_until(work);
    }
}

/// The makers as the Worker asks them: one object for each id.
pub(super) struct MakerClient {
    env: Env,
    timeout_ms: u64,
}

impl MakerClient {
    /// A client of the binding `IMAGE_MAKER`.
    pub(super) fn new(env: &Env) -> Self {
        let timeout_ms = bindings::config(env).generation_timeout_ms.saturating_add(GRACE_MS);
        Self { env: env.clone(), timeout_ms }
    }

    async fn call(&self, order: &Order) -> Result<std::result::Result<Answer, Error>> {
        let object = self.env.durable_object(bindings::IMAGE_MAKER)?.get_by_name(order.id.as_str())?;
        let request = json_request("https://image-maker/", &serde_json::to_string(order)?)?;
        let mut response = object.fetch_with_request(request).await?;
        let Some(description) = response.headers().get(DESCRIPTION)? else {
            return Ok(Err(serde_json::from_str(&response.text().await?)?));
        };
        let description = percent_decode_str(&description).decode_utf8_lossy();
        let Description { how, id, record, timing } = serde_json::from_str(&description)?;
        let body = convert::body(&response);
        Ok(Ok(Answer { how, id, record, body, timing }))
    }
}

impl ImageMakerPort for MakerClient {
    fn ask(&self, order: Order) -> Pending<'_, std::result::Result<Answer, Error>> {
        Box::pin(async move {
            if self.env.durable_object(bindings::IMAGE_MAKER).is_err() {
                return Err(Error::Misconfigured(
                    "The binding IMAGE_MAKER is missing: see [[durable_objects.bindings]] in wrangler.toml.".into(),
                ));
            }
            // An object that was just moved or restarted breaks the calls that it had: once more.
            for _ in 0..2 {
                let call = pin!(self.call(&order));
                let timeout = pin!(Delay::from(Duration::from_millis(self.timeout_ms)));
                match select(call, timeout).await {
                    Either::Left((Ok(answer), _)) => return answer,
                    Either::Left((Err(error), _)) => warn(&format!("the image maker cannot be reached: {error}")),
                    Either::Right(_) => return Err(Error::UpstreamTimeout),
                }
            }
            Err(Error::Upstream("The image maker could not be reached. Try again.".into()))
        })
    }
}

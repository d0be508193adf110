//! The image store in Workers KV.
//!
//! The namespace is called directly: `worker`'s wrapper looks up six functions for each request, and reads metadata
//! field by field, which would be most of the cost of a hit.

use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use worker::js_sys::{JSON, JsString, Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen;
use worker::wasm_bindgen::prelude::*;
use worker::web_sys::ReadableStream;

use super::js_error::store_error;
use super::settled::settled;
use super::stream::{Entry, RuntimeBody};
use crate::domain::{ImageId, ImageRecord};
use crate::http::Body;
use crate::ports::object_call::to_json;
use crate::ports::{ImageStore, StoreError, StoredImage, StoredPage};

#[wasm_bindgen(wasm_bindgen = wasm_bindgen, js_sys = worker::js_sys)]
extern "C" {
    /// The runtime's KV namespace.
    pub(super) type KvNamespace;

    #[wasm_bindgen(method, catch, js_name = getWithMetadata)]
    fn get_with_metadata(this: &KvNamespace, key: &str, kind: &JsString) -> Result<Promise, JsValue>;

    /// The value and the metadata of a key.
    type Found;

    #[wasm_bindgen(method, getter)]
    fn value(this: &Found) -> JsValue;

    #[wasm_bindgen(method, getter)]
    fn metadata(this: &Found) -> JsValue;

    #[wasm_bindgen(method, catch)]
    fn put(this: &KvNamespace, key: &str, value: &Uint8Array, options: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn delete(this: &KvNamespace, key: &str) -> Result<Promise, JsValue>;

    /// Forgets the answers that were given with stored pictures: `src/platform/answer.js`.
    #[wasm_bindgen(js_name = forgetAnswers)]
    fn forget_answers();

    #[wasm_bindgen(method, catch)]
    fn list(this: &KvNamespace, options: &JsValue) -> Result<Promise, JsValue>;
}

thread_local! {
    /// How a picture is asked for: its bytes stay in the runtime.
    static STREAM: JsString = JsString::from("stream");
}

/// The beginning of the keys of images; a change of the stored form must change the version in it.
const PREFIX: &str = "image:v1:";

/// The key of an image.
fn key(id: &ImageId) -> String {
    format!("{PREFIX}{id}")
}

/// The namespace that is bound as `FLUX_API`.
pub(super) struct KvStore(pub(super) KvNamespace);

impl KvStore {
    async fn read(&self, id: &ImageId) -> Result<Option<StoredImage>, JsValue> {
        let key = key(id);
        let found = STREAM.with(|kind| self.0.get_with_metadata(&key, kind));
        let found: Found = settled(found).await?.unchecked_into();
        let Ok(stream) = found.value().dyn_into::<ReadableStream>() else { return Ok(None) };
        let record = String::from(JSON::stringify(&found.metadata())?);
        // Read without a tree between, which would cost a hit twice as much.
        Ok(serde_json::from_str(&record).ok().map(|record: ImageRecord| {
            let number = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
            let entry = Entry { key, bytes: number(record.bytes), time: number(record.time) };
            StoredImage { record, body: Body::Stream(Box::new(RuntimeBody::Stream(stream, Some(entry)))) }
        }))
    }

    async fn page(&self, limit: u32, cursor: Option<&str>) -> Result<StoredPage, JsValue> {
        let options = json!({ "prefix": PREFIX, "limit": limit, "cursor": cursor }).to_string();
        let listed = settled(self.0.list(&JSON::parse(&options)?)).await?;
        let listed = serde_json::from_str(&String::from(JSON::stringify(&listed)?)).unwrap_or_default();
        Ok(read_page(&listed))
    }
}

/// The images in what a namespace lists. Only a page that is not the last has a cursor.
fn read_page(listed: &Value) -> StoredPage {
    let image = |key: &Value| {
        let id = ImageId::parse(key.get("name")?.as_str()?.strip_prefix(PREFIX)?)?;
        Some((id, serde_json::from_value(key.get("metadata")?.clone()).ok()?))
    };
    let keys = listed.get("keys").and_then(Value::as_array);
    StoredPage {
        images: keys.into_iter().flatten().filter_map(image).collect(),
        cursor: listed.get("cursor").and_then(Value::as_str).filter(|cursor| !cursor.is_empty()).map(str::to_owned),
    }
}

impl ImageStore for KvStore {
    fn get<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<Option<StoredImage>, StoreError>> {
        Box::pin(async move { self.read(id).await.map_err(store_error) })
    }

    fn put<'a>(
        &'a self,
        id: &'a ImageId,
        record: &'a ImageRecord,
        bytes: &'a [u8],
        ttl: u64,
    ) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let options = put_options(record, ttl).map_err(store_error)?;
            settled(self.0.put(&key(id), &Uint8Array::from(bytes), &options)).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn delete<'a>(&'a self, id: &'a ImageId) -> LocalBoxFuture<'a, Result<(), StoreError>> {
        forget_answers();
        Box::pin(async move {
            settled(self.0.delete(&key(id))).await.map_err(store_error)?;
            Ok(())
        })
    }

    fn list<'a>(&'a self, limit: u32, cursor: Option<&'a str>) -> LocalBoxFuture<'a, Result<StoredPage, StoreError>> {
        Box::pin(async move { self.page(limit, cursor).await.map_err(store_error) })
    }

    fn renew<'a>(
        &'a self,
        _id: &'a ImageId,
        image: StoredImage,
    ) -> LocalBoxFuture<'a, Result<StoredImage, StoreError>> {
        forget_answers();
        Box::pin(async { Ok(image) })
    }
}

/// The options of a put: the metadata, and the expiry in seconds unless it is 0.
fn put_options(record: &ImageRecord, ttl: u64) -> Result<JsValue, JsValue> {
    let options = Object::new();
    let record = to_json(record);
    Reflect::set(&options, &JsValue::from_str("metadata"), &JSON::parse(&record)?)?;
    if let (true, Ok(ttl)) = (ttl > 0, u32::try_from(ttl)) {
        Reflect::set(&options, &JsValue::from_str("expirationTtl"), &JsValue::from(ttl))?;
    }
    Ok(options.into())
}

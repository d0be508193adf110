//! `GET /v1/images`: the stored images, for the owner.

use serde_json::{Value, json};

use super::image_reply::permalink;
use super::url_query::Params;
use crate::access::Caller;
use crate::app::App;
use crate::domain::image_id::short_hash;
use crate::domain::{ImageId, ImageRecord};
use crate::error::{Error, excerpt};
use crate::http::{Request, Response};
use crate::pipeline::image_store::{self, STORE_RETRY_SECONDS};
use crate::ports::StoredPage;

/// The maximum number of images in an answer, and their number where none is asked for.
const MAX_IMAGES: u32 = 100;
/// What is said in place of a list where there is no store.
const NO_STORE: &str = "No image is kept for long: KV is not bound as FLUX_API.";

/// Lists images in the store's own order, which is no order of time.
///
/// # Errors
/// 401 for anyone but an owner; 400 for a `limit` out of range, or a `cursor` that no answer had; 503 where the store
/// cannot be read.
pub async fn list_images(app: &App, request: &Request) -> Result<Response, Error> {
    Caller::of(&app.config.access, request, app.ports.clock.now_ms()).require_owner()?;
    let params = Params::of(&request.url);
    let (limit, cursor) = (limit(&params)?, cursor(&params)?);
    let answer = if app.ports.store.is_some() {
        let page = image_store::list(&app.ports, limit, cursor.as_deref()).await.map_err(|error| {
            app.ports.log.warn(&format!("the store cannot be listed: {error}"));
            Error::store_unavailable(STORE_RETRY_SECONDS)
        })?;
        page_json(app, request, &page)
    } else {
        json!({ "images": [], "why": NO_STORE })
    };
    Ok(Response::json(200, &answer).with("Cache-Control", "no-store"))
}

fn page_json(app: &App, request: &Request, page: &StoredPage) -> Value {
    let images = page.images.iter().map(|(id, record)| image_json(app, request, id, record));
    let mut answer = json!({ "images": images.collect::<Vec<_>>() });
    if let (Some(cursor), Value::Object(fields)) = (&page.cursor, &mut answer) {
        fields.insert("cursor".to_owned(), tagged(cursor).into());
    }
    answer
}

fn image_json(app: &App, request: &Request, id: &ImageId, record: &ImageRecord) -> Value {
    json!({
        "id": id.as_str(),
        "url": app.absolute(request, &permalink(id, record)),
        "prompt": record.prompt,
        "model": record.model,
        "size": record.size().to_string(),
        "bytes": record.bytes,
        "time": record.time,
    })
}

fn limit(params: &Params<'_>) -> Result<u32, Error> {
    let Some(text) = given(params, "limit")? else { return Ok(MAX_IMAGES) };
    let number = text.parse().ok().filter(|number| (1..=MAX_IMAGES).contains(number));
    number.ok_or_else(|| {
        let message = format!("`limit` is “{}”; it takes 1 to {MAX_IMAGES}.", excerpt(&text));
        Error::invalid("limit", message)
    })
}

fn cursor(params: &Params<'_>) -> Result<Option<String>, Error> {
    let Some(text) = given(params, "cursor")? else { return Ok(None) };
    let (tag, cursor) = text.split_once('.').unwrap_or_default();
    if tag != short_hash(cursor) {
        return Err(Error::invalid("cursor", "`cursor` is not one that an answer of this list had."));
    }
    Ok(Some(cursor.to_owned()))
}

/// The store's own cursor behind a hash of it: what a store makes of a cursor that it never gave is not known.
fn tagged(cursor: &str) -> String {
    format!("{}.{cursor}", short_hash(cursor))
}

/// The value of a parameter; a blank one is as good as none.
fn given(params: &Params<'_>, name: &'static str) -> Result<Option<String>, Error> {
    Ok(params.get(name)?.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

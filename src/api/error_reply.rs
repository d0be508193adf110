//! The conversion of errors to responses: a picture for a browser, JSON for a program.

use std::rc::Rc;

use serde_json::{Value, json};
use url::Url;

use super::url_query::Params;
use crate::app::{App, TypedBytes};
use crate::domain::route_path::is_api;
use crate::domain::{Size, image_format};
use crate::error::{Error, ErrorKind};
use crate::http::{Body, Method, Request, Response};
use crate::pipeline::deadline::Deadline;
use crate::pipeline::download::download_once;
use crate::svg::error_card::error_card;

/// The time limit for loading the owner's error picture, in milliseconds; after it the built-in card is shown.
const ERROR_IMAGE_MS: u64 = 3_000;
/// The time for which the owner's error picture, or that it cannot be loaded, is remembered, in milliseconds.
const ERROR_IMAGE_KEPT_MS: u64 = 60_000;
/// The largest accepted error picture, in bytes.
const ERROR_IMAGE_BYTES: usize = 2 * 1024 * 1024;
/// The side of a card if the request has no valid size, in pixels.
const CARD_SIDE: u32 = 512;

/// The response to a request that failed.
pub async fn reply(app: &App, request: &Request, error: &Error) -> Response {
    let mut response = Response::new(error.status());
    if wants_picture(request) {
        let (content_type, body) = match owners_picture(app, request).await {
            Some((content_type, bytes)) => (content_type, Body::Bytes(bytes)),
            None => (image_format::SVG, Body::Text(error_text(app, request, error).into())),
        };
        response = response.with("Content-Type", content_type).body(body);
    } else {
        response = Response::json(error.status(), &envelope(error));
    }
    if let Some(seconds) = error.retry_after {
        response = response.with("Retry-After", seconds.to_string());
    }
    if error.kind == ErrorKind::Unauthorized {
        response = response.with("WWW-Authenticate", "Bearer");
    }
    response.with("X-Error-Code", error.code()).with("Cache-Control", "no-store").with("Vary", "Accept")
}

/// The JSON error object; all four keys are always present.
pub fn envelope(error: &Error) -> Value {
    let Error { message, param, .. } = error;
    json!({ "error": { "message": message, "type": error.openai_type(), "param": param, "code": error.code() } })
}

/// True if the caller displays images: an `<img>`, an address bar.
pub fn wants_picture(request: &Request) -> bool {
    let accept = request.header("Accept").unwrap_or_default().to_ascii_lowercase();
    (accept.contains("image/") || accept.contains("text/html")) && !is_api(request.url.path())
}

fn error_text(app: &App, request: &Request, error: &Error) -> String {
    card(app, request, error.status(), error.code(), &error.message, error.retry_after)
}

/// The built-in card, in the requested size.
pub fn card(app: &App, request: &Request, status: u16, code: &str, message: &str, retry_after: Option<u64>) -> String {
    let params = Params::of(&request.url);
    let value = |name| params.get(name).ok().flatten();
    let size = value("size")
        .and_then(|size| Size::parse("size", &size).ok())
        .or_else(|| Size::parse_sides(&value("width")?, &value("height")?).ok())
        .or_else(|| app.config.default_size().ok())
        .or_else(|| Size::of(CARD_SIDE, CARD_SIDE));
    size.map_or_else(String::new, |size| error_card(status, code, message, retry_after, size))
}

/// The picture of `ERROR_IMAGE_URL`, if it is set and can be loaded. It is fetched at most once a minute, and not for a
/// request for itself: it may be missing on this very service.
async fn owners_picture(app: &App, request: &Request) -> Option<(&'static str, Vec<u8>)> {
    let url = app.config.error_image_url.as_ref()?;
    if request.method == Method::Head || is_same_page(url, &request.url) {
        return None;
    }
    let (now_ms, known) = (app.ports.clock.now_ms(), &app.error_picture);
    if now_ms.saturating_sub(known.fetched_ms.get()) >= ERROR_IMAGE_KEPT_MS {
        // Before it is there, so that errors that come together do not all fetch it.
        known.fetched_ms.set(now_ms);
        let fetched = fetch_picture(app, url).await;
        known.picture.replace(fetched);
    }
    known.picture.borrow().as_ref().map(|(content_type, bytes)| (*content_type, bytes.to_vec()))
}

/// True if two URLs have the same path and query: this service may have other names than the one in the setting.
fn is_same_page(one: &Url, other: &Url) -> bool {
    (one.path(), one.query()) == (other.path(), other.query())
}

async fn fetch_picture(app: &App, url: &Url) -> Option<TypedBytes> {
    let deadline = Deadline::after(Rc::clone(&app.ports.clock), ERROR_IMAGE_MS);
    let bytes = download_once(&*app.ports.http, url, ERROR_IMAGE_BYTES, &deadline).await.ok()?;
    let content_type = match image_format::sniff(&bytes) {
        Some(format) => format.content_type(),
        // The owner's own SVG is trusted, within the sandbox of the response's policy.
        None if is_svg(&bytes) => image_format::SVG,
        None => return None,
    };
    Some((content_type, bytes.into()))
}

/// True if a document begins like an SVG.
fn is_svg(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.starts_with(b"<svg") || start.starts_with(b"<?xml")
}

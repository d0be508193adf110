//! The answer about an image that is being made, for callers who do not wait for it.

use serde_json::json;

use super::error_reply::{card, wants_picture};
use crate::app::App;
use crate::domain::{ImageId, image_format};
use crate::http::{Body, Request, Response};

/// The preference of RFC 7240 for an answer at once.
const PREFERENCE: &str = "respond-async";
/// The seconds after which it is worth to look again.
const RETRY_SECONDS: u64 = 2;

/// True if the request has the header `Prefer: respond-async`.
pub fn is_preferred(request: &Request) -> bool {
    let header = request.header("Prefer").unwrap_or_default();
    header.split(',').any(|preference| {
        preference.split([';', '=']).next().is_some_and(|name| name.trim().eq_ignore_ascii_case(PREFERENCE))
    })
}

/// `202`: the image is being made, and at this step.
pub fn reply(app: &App, request: &Request, id: &ImageId, step: &str) -> Response {
    let response = if wants_picture(request) {
        let card = card(app, request, 202, "working", "This picture is being made.", Some(RETRY_SECONDS));
        Response::new(202).with("Content-Type", image_format::SVG).body(Body::Text(card.into()))
    } else {
        Response::json(202, &json!({ "id": id.as_str(), "status": "working", "step": step }))
    };
    response
        .with("X-Image-Id", id.as_str())
        .with("Retry-After", RETRY_SECONDS.to_string())
        .with("Cache-Control", "no-store")
        .with("Vary", "Accept")
}

/// `202`: the image was begun for this request.
pub fn begun(app: &App, request: &Request, id: &ImageId, step: &str) -> Response {
    reply(app, request, id, step).with("Location", format!("/i/{id}")).with("Preference-Applied", PREFERENCE)
}

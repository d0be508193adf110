//! The results of the tools, as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::envelope::quoted;
use crate::api::image_reply::{FoundImage, permalink};
use crate::api::markdown;
use crate::domain::ImageRecord;
use crate::domain::image_format::Pixels;
use crate::error::Error;
use crate::http::Body;

/// The longest base64 of an image block, in characters: clients cut a result at some 150,000, and show links.
const MAX_BASE64: u64 = 100_000;

/// An image that was asked for with `prompt`, at this origin: for the model a text and the facts, for the user a link,
/// where its client knows links, and the picture where it is small.
pub(super) async fn drawn(origin: &str, prompt: &str, image: FoundImage, knows_links: bool) -> String {
    let FoundImage { id, record, body, hit, .. } = image;
    let path = permalink(&id, &record);
    let (name, url) = (path.trim_start_matches("/i/"), format!("{origin}{path}"));
    let markdown = markdown::image(prompt, &url);
    let (size, size_said) = record.pixels.map(size).unwrap_or_default();
    let (seed, seed_said) = record.seed.map(seed).unwrap_or_default();
    let text = format!("{markdown}\n{}{size_said}{seed_said}", record.model);
    let facts = format!(
        r#"{{"url":{},"id":"{id}","markdown":{},"model":{},"prompt_drawn":{},"prompt_status":"{}","cached":{hit}{size}{seed}}}"#,
        quoted(&url),
        quoted(&markdown),
        quoted(&record.model),
        quoted(&record.prompt),
        record.status.as_str(),
    );
    let mime = quoted(&record.content_type);
    let link = if knows_links { link(&url, name, &mime) } else { String::new() };
    format!(
        r#""content":[{{"type":"text","text":{}}},{{"type":"text","text":{}}}{link}{}],"structuredContent":{facts},"isError":false"#,
        quoted(&text),
        quoted(&facts),
        picture(&record, &mime, body).await,
    )
}

/// The block with the link, behind a comma.
fn link(url: &str, name: &str, mime: &str) -> String {
    format!(
        r#",{{"type":"resource_link","uri":{},"name":"{name}","mimeType":{mime},"annotations":{{"audience":["user"],"priority":1}}}}"#,
        quoted(url),
    )
}

/// The size, as fields of the facts and as words.
fn size(pixels: Pixels) -> (String, String) {
    let (width, height) = (pixels.0, pixels.1);
    (format!(r#","width":{width},"height":{height}"#), format!(", {width}x{height}"))
}

/// The seed, likewise.
fn seed(seed: u64) -> (String, String) {
    (format!(r#","seed":{seed}"#), format!(", seed {seed}"))
}

/// True if the picture is small enough for a block of its own.
pub(super) fn is_shown(record: &ImageRecord) -> bool {
    record.bytes.div_ceil(3) * 4 <= MAX_BASE64
}

/// The block with the picture itself, behind a comma; nothing where it is large, or cannot be had.
async fn picture(record: &ImageRecord, mime: &str, body: Body) -> String {
    if !is_shown(record) {
        return String::new();
    }
    let bytes = body.into_bytes().await.unwrap_or_default();
    if bytes.is_empty() {
        return String::new();
    }
    let data = STANDARD.encode(bytes);
    format!(r#",{{"type":"image","data":"{data}","mimeType":{mime},"annotations":{{"audience":["user"]}}}}"#)
}

/// The models, the default first.
pub(super) fn models(models: &[&str]) -> String {
    let list = models.iter().map(|model| quoted(model)).collect::<Vec<_>>().join(",");
    format!(
        r#""content":[{{"type":"text","text":{}}}],"structuredContent":{{"models":[{list}]}},"isError":false"#,
        quoted(&models.join("\n")),
    )
}

/// A call that failed.
pub(super) fn failed(error: &Error) -> String {
    let wait = error.retry_after.map(|seconds| format!(" (Retry-After {seconds} s)")).unwrap_or_default();
    let text = quoted(&format!("{}: {}{wait}", error.code(), error.message));
    format!(r#""content":[{{"type":"text","text":{text}}}],"isError":true"#)
}

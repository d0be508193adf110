//! The result of `generate_image`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::fields;
use crate::api::image_reply::{FoundImage, permalink};
use crate::api::markdown;
use crate::app::App;
use crate::domain::ImageRecord;
use crate::error::Error;
use crate::http::Request;

/// The longest base64 of an image block, in characters: clients cut a result at some 150,000, and show links.
const MAX_BASE64: u64 = 100_000;

/// A picture, described.
pub(super) struct Drawn {
    url: String,
    name: String,
    markdown: String,
    record: ImageRecord,
    id: String,
    hit: bool,
    /// The picture itself, where it is small.
    base64: Option<String>,
}

impl Drawn {
    /// Describes an image that was asked for with `prompt`.
    pub(super) async fn of(app: &App, request: &Request, prompt: &str, image: FoundImage) -> Result<Self, Error> {
        let FoundImage { id, record, body, hit, .. } = image;
        let path = permalink(&id, &record);
        let url = app.absolute(request, &path);
        let is_small = record.bytes.div_ceil(3) * 4 <= MAX_BASE64;
        let bytes = if is_small { body.into_bytes().await } else { None };
        Ok(Self {
            name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            markdown: markdown::image(prompt, &url),
            base64: bytes.filter(|bytes| !bytes.is_empty()).map(|bytes| STANDARD.encode(bytes)),
            url,
            record,
            id: id.to_string(),
            hit,
        })
    }

    /// The result: for the model a text and the facts, for the user a link, and the picture where it is small.
    pub(super) fn result(&self) -> Map<String, Value> {
        let facts = self.facts();
        let user = json!({ "audience": ["user"] });
        let mime = &self.record.content_type;
        let mut content = vec![
            json!({ "type": "text", "text": format!("{}\n{}", self.markdown, self.summary()) }),
            json!({ "type": "text", "text": facts.to_string() }),
            json!({
                "type": "resource_link", "uri": self.url, "name": self.name, "mimeType": mime,
                "annotations": { "audience": ["user"], "priority": 1 },
            }),
        ];
        if let Some(data) = &self.base64 {
            content.push(json!({ "type": "image", "data": data, "mimeType": mime, "annotations": user }));
        }
        fields(json!({ "content": content, "structuredContent": facts, "isError": false }))
    }

    fn facts(&self) -> Value {
        let record = &self.record;
        let mut facts = fields(json!({
            "url": self.url,
            "id": self.id,
            "markdown": self.markdown,
            "model": record.model,
            "prompt_drawn": record.prompt,
            "prompt_status": record.status.as_str(),
            "cached": self.hit,
        }));
        if let Some(pixels) = record.pixels {
            facts.insert("width".into(), pixels.0.into());
            facts.insert("height".into(), pixels.1.into());
        }
        if let Some(seed) = record.seed {
            facts.insert("seed".into(), seed.into());
        }
        facts.into()
    }

    /// A line of facts.
    fn summary(&self) -> String {
        let record = &self.record;
        let size = record.pixels.map(|pixels| format!("{}x{}, ", pixels.0, pixels.1)).unwrap_or_default();
        let seed = record.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default();
        format!("{size}{}{seed}", record.model)
    }
}

/// The result of a call that failed.
pub(super) fn failed(error: &Error) -> Map<String, Value> {
    let wait = error.retry_after.map(|seconds| format!(" (Retry-After {seconds} s)")).unwrap_or_default();
    let text = format!("{}: {}{wait}", error.code(), error.message);
    fields(json!({ "content": [{ "type": "text", "text": text }], "isError": true }))
}

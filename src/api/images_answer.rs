//! The answer of the images API, in both vendors' shapes at once, and the event of OpenAI's stream.

use serde_json::{Map, Value, json};

use super::events::event_with_base64;
use super::image_reply::{FoundImage, permalink};
use crate::app::App;
use crate::domain::{ImageRecord, PromptStatus};
use crate::error::{Error, ErrorKind};
use crate::http::{Body, Request, Response, Segment};

/// The pictures that one answer holds as base64, in bytes: an isolate has 128 MB, and clients keep the whole of it.
const MAX_ANSWER_BYTES: u64 = 24 * 1024 * 1024;

/// The images of an answer.
pub struct Answer<'a> {
    /// The app.
    pub app: &'a App,
    /// The request.
    pub request: &'a Request,
    /// The images, at least one.
    pub images: Vec<FoundImage>,
    /// True if the answer has the bytes.
    pub as_base64: bool,
    /// The time at which the request arrived, in unix milliseconds.
    pub start_ms: u64,
}

impl Answer<'_> {
    /// The response.
    ///
    /// # Errors
    /// 413 if the pictures are too large for one answer.
    pub fn response(self) -> Result<Response, Error> {
        self.check_size()?;
        let is_hit = self.images.iter().all(|image| image.hit);
        let fields = self.fields();
        let response = Response::new(200)
            .with("Content-Type", "application/json; charset=utf-8")
            .with("Cache-Control", "no-store")
            .with("X-Cache", if is_hit { "HIT" } else { "MISS" });
        Ok(response.body(if self.as_base64 { self.streamed(fields) } else { self.whole(fields) }))
    }

    fn check_size(&self) -> Result<(), Error> {
        let bytes = self.images.iter().fold(0_u64, |sum, image| sum.saturating_add(image.record.bytes));
        if !self.as_base64 || bytes <= MAX_ANSWER_BYTES {
            return Ok(());
        }
        let message = format!(
            "{bytes} bytes of pictures are more than one answer holds as base64; they are here: {}.",
            self.urls().collect::<Vec<_>>().join(", ")
        );
        Err(Error::new(ErrorKind::AnswerTooLarge, message))
    }

    fn urls(&self) -> impl Iterator<Item = String> {
        self.images.iter().map(|image| self.app.absolute(self.request, &permalink(&image.id, &image.record)))
    }

    /// All fields but `data`.
    fn fields(&self) -> Map<String, Value> {
        let now_ms = self.app.ports.clock.now_ms();
        let urls: Vec<_> = self.urls().map(|url| json!({ "url": url })).collect();
        let mut fields = Map::new();
        fields.insert("created".into(), (now_ms / 1_000).into());
        fields.insert("images".into(), urls.into());
        fields.insert("timings".into(), json!({ "inference": seconds(now_ms.saturating_sub(self.start_ms)) }));
        if let Some(FoundImage { record, .. }) = self.images.first() {
            if let Some(seed) = record.seed {
                fields.insert("seed".into(), seed.into());
            }
            describe(&mut fields, record);
        }
        fields
    }

    /// The answer with URLs.
    fn whole(&self, mut fields: Map<String, Value>) -> Body {
        let images = self.images.iter().zip(self.urls()).map(|(image, url)| {
            let mut item = revised(&image.record);
            item.insert("url".into(), url.into());
            item.into()
        });
        fields.insert("data".into(), images.collect::<Vec<Value>>().into());
        Body::Text(Value::Object(fields).to_string().into())
    }

    /// The answer with bytes, which are encoded as they pass.
    fn streamed(self, fields: Map<String, Value>) -> Body {
        let rest = Value::Object(fields).to_string();
        let mut pieces: Vec<Segment> = vec!["{\"data\":[".to_owned().into()];
        for (number, FoundImage { record, body, .. }) in self.images.into_iter().enumerate() {
            let comma = if number > 0 { "," } else { "" };
            let more = Value::Object(revised(&record)).to_string();
            let more = more.trim_start_matches('{');
            pieces.push(format!("{comma}{{\"b64_json\":\"").into());
            pieces.push(Segment::base64(body));
            pieces.push(format!("\"{}{more}", if more == "}" { "" } else { "," }).into());
        }
        pieces.push(format!("],{}", rest.trim_start_matches('{')).into());
        Body::of(pieces)
    }
}

/// The event of an image that is made.
pub fn completed(image: FoundImage, now_ms: u64) -> Vec<Segment> {
    let mut fields = Map::new();
    fields.insert("type".into(), "image_generation.completed".into());
    fields.insert("created_at".into(), (now_ms / 1_000).into());
    fields.insert("quality".into(), "auto".into());
    fields.insert("background".into(), "opaque".into());
    describe(&mut fields, &image.record);
    event_with_base64(&Value::Object(fields), "b64_json", image.body).into()
}

/// The rewritten prompt, where there is one.
fn revised(record: &ImageRecord) -> Map<String, Value> {
    let mut fields = Map::new();
    if matches!(record.status, PromptStatus::Translated | PromptStatus::Optimized) {
        fields.insert("revised_prompt".into(), record.prompt.as_str().into());
    }
    fields
}

/// What OpenAI's answers say of an image: its format, its size, and what it cost.
fn describe(fields: &mut Map<String, Value>, record: &ImageRecord) {
    let format = record.content_type.strip_prefix("image/").unwrap_or_default();
    fields.insert("output_format".into(), format.split('+').next().into());
    let size =
        record.pixels.map_or_else(|| record.asked.size.to_string(), |pixels| format!("{}x{}", pixels.0, pixels.1));
    fields.insert("size".into(), size.into());
    let details = json!({ "text_tokens": 0, "image_tokens": 0 });
    let usage = json!({ "total_tokens": 0, "input_tokens": 0, "output_tokens": 0, "input_tokens_details": details });
    fields.insert("usage".into(), usage);
}

/// Milliseconds as seconds, the unit of SiliconFlow's `inference`.
fn seconds(ms: u64) -> f64 {
    u32::try_from(ms).map_or(f64::from(u32::MAX), f64::from) / 1_000.0
}

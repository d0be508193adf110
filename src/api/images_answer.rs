//! The answer of the images API, in both vendors' shapes at once, and the event of OpenAI's stream.

use super::image_reply::{FoundImage, permalink};
use super::template::{filled, put, quoted};
use crate::app::App;
use crate::domain::{ImageRecord, PromptStatus};
use crate::error::{Error, ErrorKind};
use crate::http::{Body, Request, Response, Segment};

/// The pictures that one answer holds as base64, in bytes: an isolate has 128 MB, and clients keep the whole of it.
const MAX_ANSWER_BYTES: u64 = 24 * 1024 * 1024;

const ANSWER: &str =
    r#"{"created":$created,"data":[$data],"images":[$images],"timings":{"inference":$inference},$seed$description}"#;
const EVENT: &str = "event: image_generation.completed\ndata: {\"type\":\"image_generation.completed\",\"b64_json\":\"$bytes\",\
                     \"created_at\":$created,\"quality\":\"auto\",\"background\":\"opaque\",$description}\n\n";
const DESCRIPTION: &str = r#""output_format":"$format","size":"$size","usage":{"total_tokens":0,"input_tokens":0,"output_tokens":0,"input_tokens_details":{"text_tokens":0,"image_tokens":0}}"#;

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
        Ok(Response::new(200)
            .with("Content-Type", "application/json; charset=utf-8")
            .with("Cache-Control", "no-store")
            .with("X-Cache", if is_hit { "HIT" } else { "MISS" })
            .body(self.body()))
    }

    /// The bytes of all pictures.
    fn bytes(&self) -> u64 {
        self.images.iter().fold(0, |sum, image| sum.saturating_add(image.record.bytes))
    }

    fn check_size(&self) -> Result<(), Error> {
        let bytes = self.bytes();
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

    /// The answer.
    fn body(self) -> Body {
        let now_ms = self.app.ports.clock.now_ms();
        let urls: Vec<String> = self.urls().map(|url| format!("{{\"url\":\"{url}\"}}")).collect();
        let image = |(image, url): (&FoundImage, &String)| {
            let start = if self.as_base64 { "{\"b64_json\":\"$bytes\"" } else { url.trim_end_matches('}') };
            format!("{start}{}}}", revised(&image.record))
        };
        let items: Vec<String> = self.images.iter().zip(&urls).map(image).collect();
        let first = self.images.first().map(|image| &image.record);
        let seed = first.and_then(|record| record.seed).map(|seed| format!("\"seed\":{seed},"));
        let ms = now_ms.saturating_sub(self.start_ms);
        let text = put(
            ANSWER,
            &[
                ("$data", &items.join(",")),
                ("$images", &urls.join(",")),
                ("$created", &(now_ms / 1_000).to_string()),
                // Seconds, the unit of SiliconFlow's `inference`.
                ("$inference", &format!("{}.{:03}", ms / 1_000, ms % 1_000)),
                ("$seed", &seed.unwrap_or_default()),
                ("$description", &first.map(description).unwrap_or_default()),
            ],
        );
        if !self.as_base64 {
            return Body::Text(text.into());
        }
        let bytes = self.bytes();
        let bodies = self.images.into_iter().map(|image| Segment::base64(image.body));
        Body::Pieces { pieces: filled(&text, "$bytes", bodies), bytes }
    }
}

/// The event of an image that is made.
pub fn completed(image: FoundImage, now_ms: u64) -> Vec<Segment> {
    let created = (now_ms / 1_000).to_string();
    let text = put(EVENT, &[("$created", &created), ("$description", &description(&image.record))]);
    filled(&text, "$bytes", [Segment::base64(image.body)])
}

/// The rewritten prompt, where there is one.
fn revised(record: &ImageRecord) -> String {
    if matches!(record.status, PromptStatus::Translated | PromptStatus::Optimized) {
        return format!(",\"revised_prompt\":{}", quoted(&record.prompt));
    }
    String::new()
}

/// What OpenAI's answers say of an image: its format, its size, and what it cost.
fn description(record: &ImageRecord) -> String {
    let format = record.content_type.strip_prefix("image/").and_then(|kind| kind.split('+').next());
    put(DESCRIPTION, &[("$format", format.unwrap_or_default()), ("$size", &record.size().to_string())])
}

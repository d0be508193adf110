//! The headers of an answer with an image.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::domain::{ImageId, ImageRecord, PromptStatus};
use crate::http::{Body, Response};

/// What is escaped in `X-Prompt`, so that decoding it as a URI component gives the prompt back.
const HEADER_TEXT: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'<').add(b'>').add(b'\\');

/// How long a fallback is cached under the URL of the image that it stands in for, in seconds.
const FALLBACK_AGE: &str = "public, max-age=600";

/// How long an answer may be cached, by the URL that it is given at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheFor {
    /// A URL with the image's id: the image never changes.
    Ever,
    /// A prompt's URL.
    Day,
    /// A URL that draws a seed or makes the image anew, or one that only redirects.
    Nothing,
}

impl CacheFor {
    /// The value of `Cache-Control`.
    pub fn header(self) -> &'static str {
        match self {
            Self::Ever => "public, max-age=31536000, immutable",
            Self::Day => "public, max-age=86400",
            Self::Nothing => "no-store",
        }
    }
}

/// An image that is answered with.
pub struct ImageReply<'a> {
    /// Its own id.
    pub id: &'a ImageId,
    /// What made it.
    pub record: &'a ImageRecord,
    /// Whether it was there before this request.
    pub hit: bool,
    /// Whether it can be had again under its permalink.
    pub kept: bool,
    /// How long the answer may be cached.
    pub cache: CacheFor,
    /// What each step cost; empty where nothing was made.
    pub timing: &'a str,
}

impl ImageReply<'_> {
    /// `200` with the image.
    pub fn ok(&self, body: Body) -> Response {
        let mut response = self
            .described(Response::new(200))
            .with("Content-Type", self.record.content_type.as_str())
            .with("Content-Length", self.record.bytes.to_string())
            .with("Cache-Control", self.cache_control());
        if self.cache != CacheFor::Nothing {
            response = response.with("ETag", etag(self.id, self.record));
        }
        response.body(body)
    }

    /// `304`: the caller has it already.
    pub fn not_modified(&self) -> Response {
        self.described(Response::new(304))
            .with("Cache-Control", self.cache_control())
            .with("ETag", etag(self.id, self.record))
    }

    /// `302` to `location`, where the image is.
    pub fn redirect(&self, location: &str) -> Response {
        self.described(Response::new(302)).with("Location", location).with("Cache-Control", CacheFor::Nothing.header())
    }

    fn cache_control(&self) -> &'static str {
        // Under its own id a fallback lasts like any image.
        let stands_in = self.record.status == PromptStatus::Fallback && self.cache == CacheFor::Day;
        if stands_in { FALLBACK_AGE } else { self.cache.header() }
    }

    fn described(&self, response: Response) -> Response {
        let record = self.record;
        let mut response = response
            .with("X-Cache", if self.hit { "HIT" } else { "MISS" })
            .with("X-Image-Id", self.id.as_str())
            .with("X-Model", record.model.as_str())
            .with("X-Prompt", utf8_percent_encode(&record.prompt, HEADER_TEXT).to_string())
            .with("X-Prompt-Status", record.status.as_str());
        if let Some(seed) = record.seed {
            response = response.with("X-Seed", seed.to_string());
        }
        if let Some(pixels) = record.pixels {
            response = response.with("X-Image-Size", format!("{}x{}", pixels.0, pixels.1));
        }
        if self.kept {
            response = response.with("Content-Location", permalink(self.id, record));
        }
        if !self.timing.is_empty() {
            response = response.with("Server-Timing", self.timing);
        }
        response
    }
}

/// The path at which a stored image can always be had.
pub fn permalink(id: &ImageId, record: &ImageRecord) -> String {
    format!("/i/{id}.{}", record.extension())
}

/// The validator of an image: one that was made anew under its id says when.
fn etag(id: &ImageId, record: &ImageRecord) -> String {
    if record.refreshed { format!("W/\"{id}-{}\"", record.time) } else { format!("W/\"{id}\"") }
}

/// Whether `If-None-Match` names the image `id` as it is recorded.
pub fn matches_record(if_none_match: &str, id: &ImageId, record: &ImageRecord) -> bool {
    let own = etag(id, record);
    if_none_match.trim() == "*" || tags(if_none_match).any(|tag| tag == own.trim_start_matches("W/"))
}

/// Whether `If-None-Match` names any version of the image `id`: enough at a URL that carries the
/// id, where a copy holds for good.
pub fn matches_id(if_none_match: &str, id: &ImageId) -> bool {
    tags(if_none_match).any(|tag| {
        let tag = tag.trim_matches('"');
        tag.strip_prefix(id.as_str()).is_some_and(|rest| {
            rest.is_empty() || rest.strip_prefix('-').is_some_and(|time| time.bytes().all(|byte| byte.is_ascii_digit()))
        })
    })
}

/// The tags of `If-None-Match`, compared weakly (RFC 9110, 13.1.2).
fn tags(if_none_match: &str) -> impl Iterator<Item = &str> {
    if_none_match.split(',').map(|tag| tag.trim().trim_start_matches("W/"))
}

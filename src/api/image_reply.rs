//! Responses with an image, and their headers.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::etag;
use super::file_name::content_disposition;
use crate::domain::{ImageId, ImageRecord};
use crate::error::Error;
use crate::http::{Body, Response};
use crate::ports::StoredImage;
use crate::ports::maker::{MakerReply, Origin};

/// The characters that are escaped in `X-Prompt`, so that decoding it as a URI component returns the prompt.
const HEADER_TEXT: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'%').add(b',').add(b';').add(b'<').add(b'>').add(b'\\');

/// The cache policy of a response, which depends on its URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePolicy {
    /// For a URL with the image's id: the image never changes.
    Immutable,
    /// For a prompt's URL.
    Day,
    /// The URL of an image that another stands in for: it may be had again soon.
    Fallback,
    /// For a URL that draws a seed or makes the image anew, and for redirects.
    NoStore,
}

impl CachePolicy {
    /// The value of `Cache-Control`.
    pub fn header(self) -> &'static str {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Day => "public, max-age=86400",
            Self::Fallback => "public, max-age=600",
            Self::NoStore => "no-store",
        }
    }
}

/// An existing image.
pub struct FoundImage {
    /// The image's own id.
    pub id: ImageId,
    /// The record.
    pub record: ImageRecord,
    /// The bytes, if they were read.
    pub body: Body,
    /// True if it existed before this request.
    pub hit: bool,
    /// False if it was removed while it was being made: those who waited get it, and no one after them.
    pub is_kept: bool,
}

impl FoundImage {
    /// An image from the store.
    pub fn stored(id: ImageId, StoredImage { record, body }: StoredImage) -> Self {
        Self { id, record, body, hit: true, is_kept: true }
    }

    /// The image in a maker's reply.
    ///
    /// # Errors
    /// 404 if the reply has none.
    pub fn of(reply: MakerReply) -> Result<Self, Error> {
        let record = reply.record.ok_or_else(Error::image_not_found)?;
        Ok(Self {
            id: reply.id,
            record,
            body: reply.body,
            hit: reply.origin == Origin::Kept,
            is_kept: reply.origin != Origin::Removed,
        })
    }
}

/// The headers of a response with an image.
pub struct ImageReply<'a> {
    /// The image's own id.
    pub id: &'a ImageId,
    /// The record.
    pub record: &'a ImageRecord,
    /// True if the image existed before this request.
    pub hit: bool,
    /// True if the image is stored, and so available under its permalink.
    pub kept: bool,
    /// The cache policy.
    pub cache: CachePolicy,
    /// The duration of each step; empty if nothing was made.
    pub timing: &'a str,
}

impl ImageReply<'_> {
    /// `200` with the image.
    pub fn ok(&self, body: Body) -> Response {
        let mut response = self
            .described(Response::new(200))
            .with("Content-Type", self.record.content_type.as_str())
            .with("Content-Length", self.record.bytes.to_string())
            .with("Content-Disposition", content_disposition(self.id, self.record))
            .with("Cache-Control", self.cache.header());
        if self.cache != CachePolicy::NoStore {
            response = response.with("ETag", etag::of_record(self.id, self.record));
        }
        response.body(body)
    }

    /// `304`: the caller has the image already.
    pub fn not_modified(&self) -> Response {
        self.described(Response::new(304))
            .with("Cache-Control", self.cache.header())
            .with("ETag", etag::of_record(self.id, self.record))
    }

    /// `302` to `location`, the URL of the image.
    pub fn redirect(&self, location: &str) -> Response {
        self.described(Response::new(302))
            .with("Location", location)
            .with("Cache-Control", CachePolicy::NoStore.header())
    }

    fn described(&self, response: Response) -> Response {
        let record = self.record;
        let mut response = response
            .with("X-Cache", if self.hit { "HIT" } else { "MISS" })
            .with("X-Image-Id", self.id.as_str())
            .with("X-Model", record.model.as_str())
            .with("X-Prompt", Cow::from(utf8_percent_encode(&record.prompt, HEADER_TEXT)))
            .with("X-Prompt-Status", record.status.as_str());
        if let Some(seed) = record.seed {
            response = response.with("X-Seed", seed.to_string());
        }
        if let Some(pixels) = record.pixels {
            response = response.with("X-Image-Size", pixels.to_string());
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

/// The permanent path of a stored image.
pub fn permalink(id: &ImageId, record: &ImageRecord) -> String {
    format!("/i/{id}.{}", record.extension())
}

/// `304` at a URL with the id: a copy stays valid for good, whatever its record says.
pub fn not_modified_by_id(id: &ImageId) -> Response {
    Response::new(304)
        .with("ETag", etag::of_id(id))
        .with("Cache-Control", CachePolicy::Immutable.header())
        .with("X-Cache", "HIT")
        .with("X-Image-Id", id.as_str())
}

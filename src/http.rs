//! HTTP as plain data, independent of any platform.

mod body;
mod headers;
pub mod json;
mod lines;
mod upstream;

use futures_util::future::LocalBoxFuture;

pub use body::{Body, BodyStream, HeldBytes, Live, Segment};
pub use headers::{HeaderSource, Headers, Method, SharedFields};
pub use lines::Lines;
pub use upstream::{AiCall, AiInput, IncomingResponse, OutgoingRequest, SendError, UpstreamCall};

/// The reasons why a request's body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than the limit.
    TooLarge,
    /// The caller's connection broke.
    Broken,
}

/// A request's body, read only by the handlers that want it.
pub trait BodySource {
    /// The whole body, at most `limit` bytes.
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, Result<Vec<u8>, BodyError>>;
}

impl BodySource for Vec<u8> {
    fn read(&self, limit: usize) -> LocalBoxFuture<'_, Result<Vec<u8>, BodyError>> {
        let body = if self.len() > limit { Err(BodyError::TooLarge) } else { Ok(self.clone()) };
        Box::pin(async { body })
    }
}

/// A request to the Worker.
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its absolute URL, as the WHATWG parser gives it.
    pub url: url::Url,
    /// Its header fields.
    pub headers: Box<dyn HeaderSource>,
    /// Its body.
    pub body: Box<dyn BodySource>,
}

impl Request {
    /// The value of the header `name`.
    pub fn header(&self, name: &'static str) -> Option<String> {
        self.headers.header(name)
    }
}

/// A response of the Worker.
#[derive(Default)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

impl Response {
    /// A response with a status and nothing else yet.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// The same response with `name` set to `value`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.set(name, value);
        self
    }

    /// The same response with those of `fields` that it does not have.
    #[must_use]
    pub fn sharing(mut self, fields: SharedFields) -> Self {
        self.headers.share(fields);
        self
    }

    /// The same response with this body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// A JSON response.
    pub fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status)
            .with("Content-Type", "application/json; charset=utf-8")
            .body(Body::Text(value.to_string().into()))
    }
}

//! Calls to upstreams and their answers, as plain data.

use super::headers::{Headers, Method};
use super::json;

/// A call to an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingRequest {
    /// `GET` or `POST`.
    pub method: Method,
    /// The absolute URL.
    pub url: String,
    /// The header fields, the secret ones included.
    pub headers: Headers,
    /// The body of a `POST`.
    pub body: Option<String>,
    /// The whole exchange, to the last byte of the response body, ends within this time.
    pub timeout_ms: u64,
    /// A longer response body is [`SendError::TooLarge`].
    pub max_body_bytes: usize,
}

/// An upstream's response, completely read. Redirects are not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingResponse {
    /// Its status code.
    pub status: u16,
    /// Its header fields.
    pub headers: Headers,
    /// Its whole body.
    pub body: Vec<u8>,
}

impl IncomingResponse {
    /// The body as JSON; `None` if it is not valid JSON, or too large a tree.
    ///
    /// JSON from outside is read as a [`serde_json::Value`]: it may have any shape, and a generated deserializer for
    /// each shape is as large as a route.
    pub fn json(&self) -> Option<serde_json::Value> {
        json::parse(&self.body)
    }
}

/// A call of a Workers AI model by the binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AiCall {
    /// The model, such as `@cf/black-forest-labs/flux-1-schnell`.
    pub model: String,
    /// Its input.
    pub input: AiInput,
    /// The whole call, to the last byte of the answer, ends within this time.
    pub timeout_ms: u64,
    /// A longer answer is [`SendError::TooLarge`].
    pub max_body_bytes: usize,
}

/// The input of a Workers AI model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AiInput {
    /// The text of a JSON object.
    Json(String),
    /// The fields of a form, which some models take even for a prompt alone.
    Form(Vec<(&'static str, String)>),
}

/// A call to an upstream, by whichever way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamCall {
    /// Over the network.
    Http(OutgoingRequest),
    /// By the binding `AI`.
    Ai(AiCall),
}

/// The reasons why a call to an upstream got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Refused, reset, or broken off in the middle.
    #[error("the connection failed")]
    Connection,
    /// Not completed in time, whichever part was slow.
    #[error("no whole answer in time")]
    TimedOut,
    /// The body is longer than the limit.
    #[error("the answer is too large")]
    TooLarge,
}

//! HTTP as plain data, independent of any platform.

pub mod json;

use std::any::Any;
use std::borrow::Cow;

use futures_util::future::LocalBoxFuture;

/// The request methods that the Worker tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// Any other method: no route has it.
    Other,
}

impl Method {
    /// Reads a method's name as it stands in a request line; names are case-sensitive.
    pub fn parse(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }

    /// The method's name, for `Allow` headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other => "OTHER",
        }
    }
}

/// Header fields in order. Names are compared without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Cow<'static, str>, String)>);

impl Headers {
    /// Sets `name` to `value`, in place of any earlier value. Control characters and non-ASCII
    /// bytes are taken out of the value, so that nothing a caller typed can start a new header.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        let mut value = value.into();
        value.retain(|c| c == ' ' || c.is_ascii_graphic());
        match self.0.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some(field) => field.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All fields in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }
}

impl<N: Into<Cow<'static, str>>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut headers = Self::default();
        for (name, value) in fields {
            headers.set(name, value);
        }
        headers
    }
}

/// A source of a request's header fields. They are read one by one, because a request carries dozens and a handler
/// needs three.
pub trait HeaderSource {
    /// Returns the value of `name`, if the request has it.
    fn header(&self, name: &str) -> Option<String>;
}

impl HeaderSource for Headers {
    fn header(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

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
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.header(name)
    }
}

/// A stream of bytes that the platform holds.
pub trait BodyStream {
    /// Reads the stream to its end; `None` if it breaks off.
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>>;
    /// Returns the platform's own stream.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// The body of a response.
#[derive(Default)]
pub enum Body {
    /// None at all.
    #[default]
    Empty,
    /// Text.
    Text(Cow<'static, str>),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A stream of the platform's own type, passed through without being read.
    Stream(Box<dyn BodyStream>),
}

impl Body {
    /// Reads the whole body into memory; `None` if a stream breaks off.
    pub async fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Empty => Some(Vec::new()),
            Self::Text(text) => Some(text.into_owned().into_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            Self::Stream(stream) => stream.into_bytes().await,
        }
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

    /// The same response with `name` set to `value`, unless it has that header already.
    #[must_use]
    pub fn with_default(self, name: &'static str, value: &'static str) -> Self {
        if self.headers.get(name).is_some() { self } else { self.with(name, value) }
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

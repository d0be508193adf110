//! The body of a response.

use std::any::Any;
use std::borrow::Cow;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::{LocalBoxFuture, ready};

/// A stream of bytes that the platform holds.
pub trait BodyStream {
    /// Reads the stream to its end; `None` if it breaks off.
    fn into_bytes(self: Box<Self>) -> LocalBoxFuture<'static, Option<Vec<u8>>>;
    /// Reads the next bytes, as they come; `None` at the end, and if it breaks off.
    fn read(&mut self) -> LocalBoxFuture<'_, Option<Vec<u8>>>;
    /// Returns the platform's own stream.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    /// Reads the stream to its end, into memory of the platform's; `None` if it breaks off.
    fn hold(self: Box<Self>) -> LocalBoxFuture<'static, Option<Rc<dyn HeldBytes>>>;
}

/// Bytes in the platform's memory, for any number of responses. WebAssembly's own never shrinks.
pub trait HeldBytes {
    /// A body of these bytes.
    fn body(&self) -> Body;
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
    /// Pieces that are there already.
    Pieces {
        /// The pieces.
        pieces: Vec<Segment>,
        /// The bytes that are sent in base64, in all.
        bytes: u64,
    },
    /// Pieces that are sent as they come.
    Live(Box<dyn Live>),
}

/// A body that comes piece by piece: what produces the pieces. A trait of our own, because futures-util's streams and
/// their adapters weigh several KB.
pub trait Live {
    /// The next pieces; `None` at the end.
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>>;
}

/// A piece of a live body.
pub enum Segment {
    /// Text as it is. The platform never waits for the reader with it, so that what produces the body is not held up.
    Text(Cow<'static, str>),
    /// Bytes in base64, which are fetched when it is their turn. The platform encodes them as they pass, at the reader's
    /// pace; where they break off, so does the whole body.
    Base64(LocalBoxFuture<'static, Body>),
}

/// Pieces that are there already, all at once.
impl Live for Vec<Segment> {
    fn next(&mut self) -> LocalBoxFuture<'_, Option<Vec<Segment>>> {
        let pieces = std::mem::take(self);
        Box::pin(ready((!pieces.is_empty()).then_some(pieces)))
    }
}

impl Segment {
    /// A body in base64.
    pub fn base64(body: Body) -> Self {
        Self::Base64(Box::pin(ready(body)))
    }
}

impl From<String> for Segment {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl Body {
    /// Reads the whole body into memory; `None` if a stream breaks off.
    pub async fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Empty => Some(Vec::new()),
            Self::Text(text) => Some(text.into_owned().into_bytes()),
            Self::Bytes(bytes) => Some(bytes),
            Self::Stream(stream) => stream.into_bytes().await,
            Self::Pieces { pieces, .. } => whole(Box::new(pieces)).await,
            Self::Live(pieces) => whole(pieces).await,
        }
    }
}

/// All pieces of a live body.
async fn whole(mut live: Box<dyn Live>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(pieces) = live.next().await {
        for piece in pieces {
            match piece {
                Segment::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Segment::Base64(body) => {
                    let body: LocalBoxFuture<'_, _> = Box::pin(body.await.into_bytes());
                    bytes.extend_from_slice(STANDARD.encode(body.await?).as_bytes());
                }
            }
        }
    }
    Some(bytes)
}

//! The body of a response.

use std::any::Any;
use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt as _;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::LocalBoxStream;

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
    /// Pieces that are sent as they come.
    Live(Live),
}

/// A body that comes piece by piece.
pub type Live = LocalBoxStream<'static, Segment>;

/// A piece of a live body.
pub enum Segment {
    /// Text as it is. The platform never waits for the reader with it, so that what produces the body is not held up.
    Text(Cow<'static, str>),
    /// Bytes in base64. The platform encodes them as they pass, at the reader's pace; where they break off, so does the
    /// whole body.
    Base64(Body),
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
            Self::Live(pieces) => whole(pieces).await,
        }
    }
}

/// All pieces of a live body.
async fn whole(mut pieces: Live) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Segment::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            Segment::Base64(body) => {
                bytes.extend_from_slice(STANDARD.encode(Box::pin(body.into_bytes()).await?).as_bytes());
            }
        }
    }
    Some(bytes)
}

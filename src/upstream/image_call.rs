//! A call for one image, in no format yet; and what came of it.

use crate::config::Endpoint;
use crate::domain::{Hops, ImageRequest, Prompt, Size};

/// The longest answer of an image API: four base64 images of 20 MiB would be too much, one is not.
pub const MAX_ANSWER_BYTES: usize = 30 * 1024 * 1024;

/// One image, to be asked of one endpoint.
#[derive(Debug, Clone)]
pub struct ImageCall<'a> {
    /// Whom to ask, with which key.
    pub endpoint: &'a Endpoint,
    /// The model, by the endpoint's own name for it.
    pub model: &'a str,
    /// The prompt to draw.
    pub prompt: &'a Prompt,
    /// Size, seed and the rest, as they were asked for.
    pub request: &'a ImageRequest,
    /// How many deployments the request came through before this one.
    pub hops: Hops,
    /// How long the whole call may take.
    pub timeout_ms: u64,
}

/// Where the image of an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// At an address, which is to be fetched within the hour.
    Url(String),
    /// In the answer itself.
    Bytes(Vec<u8>),
}

/// An image API's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageAnswer {
    /// The image.
    pub source: ImageSource,
    /// The seed that it was drawn from, where the answer says it.
    pub seed: Option<u64>,
}

impl ImageCall<'_> {
    /// The size that is asked for.
    pub fn size(&self) -> Size {
        self.request.size
    }
}

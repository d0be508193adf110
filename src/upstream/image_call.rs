//! A call for one image, in no format yet; and what came of it.

use crate::config::{Api, Endpoint};
use crate::domain::{ImageRequest, Prompt, Size};
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::{openai, siliconflow, workers_ai};

/// The header that counts how many deployments of this service a request came through.
pub const HOP_HEADER: &str = "X-Free-Flux-Hop";

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
    pub hops: u8,
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
    /// The seed that is sent: some APIs take none, or smaller ones.
    pub fn seed(&self) -> Option<u64> {
        let seed = self.request.seed?.value();
        match self.endpoint.api {
            Api::SiliconFlow => Some(seed),
            Api::OpenAi => (!openai::is_strict(self.endpoint)).then_some(seed),
            Api::WorkersAi => Some(seed % workers_ai::SEEDS),
        }
    }

    /// The call in the endpoint's format.
    pub fn encode(&self) -> OutgoingRequest {
        match self.endpoint.api {
            Api::SiliconFlow => siliconflow::encode(self),
            Api::OpenAi => openai::encode(self),
            Api::WorkersAi => workers_ai::encode(self),
        }
    }

    /// Reads the answer to it.
    pub fn decode(&self, response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
        match self.endpoint.api {
            Api::SiliconFlow => siliconflow::decode(response),
            Api::OpenAi => openai::decode(response),
            Api::WorkersAi => workers_ai::decode(response),
        }
    }

    /// The size that is asked for.
    pub fn size(&self) -> Size {
        self.request.size
    }
}

//! A call for one image, in its endpoint's wire format.

use super::image_call::{ImageAnswer, ImageCall};
use super::{openai, siliconflow, workers_ai};
use crate::config::Api;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

/// Encodes the call in the endpoint's format.
pub fn encode(call: &ImageCall<'_>) -> OutgoingRequest {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::encode(call),
        Api::OpenAi => openai::encode(call),
        Api::WorkersAi => workers_ai::encode(call),
    }
}

/// Decodes the response.
///
/// # Errors
/// The classified failure of the upstream.
pub fn decode(call: &ImageCall<'_>, response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::decode(response),
        Api::OpenAi => openai::decode(response),
        Api::WorkersAi => workers_ai::decode(response),
    }
}

/// The seed that is sent: some APIs accept none, or only smaller ones.
pub fn seed(call: &ImageCall<'_>) -> Option<u64> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::seed(call),
        Api::OpenAi => openai::seed(call),
        Api::WorkersAi => workers_ai::seed(call),
    }
}

//! A call for one image, in the format that its endpoint speaks.

use super::image_call::{ImageAnswer, ImageCall};
use super::{openai, siliconflow, workers_ai};
use crate::config::Api;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

/// The call in the endpoint's format.
pub fn encode(call: &ImageCall<'_>) -> OutgoingRequest {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::encode(call),
        Api::OpenAi => openai::encode(call),
        Api::WorkersAi => workers_ai::encode(call),
    }
}

/// Reads the answer to it.
///
/// # Errors
/// What its failure means.
pub fn decode(call: &ImageCall<'_>, response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::decode(response),
        Api::OpenAi => openai::decode(response),
        Api::WorkersAi => workers_ai::decode(response),
    }
}

/// The seed that is sent: some APIs take none, or smaller ones.
pub fn seed(call: &ImageCall<'_>) -> Option<u64> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::seed(call),
        Api::OpenAi => openai::seed(call),
        Api::WorkersAi => workers_ai::seed(call),
    }
}

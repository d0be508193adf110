//! A call for one image, in its endpoint's wire format.

use super::image_call::{ImageAnswer, ImageCall};
use super::{openai, siliconflow, workers_ai};
use crate::config::Api;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, UpstreamCall};

/// Encodes the call in the endpoint's format.
pub fn encode(call: &ImageCall<'_>) -> UpstreamCall {
    UpstreamCall::Http(match call.endpoint.api {
        Api::SiliconFlow => siliconflow::encode(call),
        Api::OpenAi | Api::BigModel | Api::Nvidia => openai::encode(call),
        Api::WorkersAi | Api::WorkersAiBinding => workers_ai::encode(call),
    })
}

/// Decodes the response.
///
/// # Errors
/// The classified failure of the upstream.
pub fn decode(call: &ImageCall<'_>, response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::decode(response),
        Api::OpenAi | Api::BigModel | Api::Nvidia => openai::decode(response),
        Api::WorkersAi | Api::WorkersAiBinding => workers_ai::decode(response),
    }
}

/// The seed that is sent: some APIs accept none, or only smaller ones.
pub fn seed(call: &ImageCall<'_>) -> Option<u64> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::seed(call),
        Api::OpenAi | Api::BigModel | Api::Nvidia => openai::seed(call),
        Api::WorkersAi | Api::WorkersAiBinding => workers_ai::seed(call),
    }
}

//! A call for one image, in its endpoint's wire format.

use super::image_call::{ImageAnswer, ImageCall};
use super::{bigmodel, nvidia, openai, siliconflow, workers_ai};
use crate::config::Api;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, UpstreamCall};

/// Encodes the call in the endpoint's format.
pub fn encode(call: &ImageCall<'_>) -> UpstreamCall {
    let Some(url) = &call.url() else { return UpstreamCall::Ai(workers_ai::run(call)) };
    UpstreamCall::Http(match call.endpoint.api {
        Api::SiliconFlow => siliconflow::encode(call, url),
        Api::OpenAi => openai::encode(call, url),
        Api::WorkersAi | Api::WorkersAiBinding => workers_ai::post(call, url),
        Api::BigModel => bigmodel::encode(call, url),
        Api::Nvidia => nvidia::encode(call, url),
    })
}

/// Decodes the response.
///
/// # Errors
/// The classified failure of the upstream.
pub fn decode(call: &ImageCall<'_>, response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    decode_as(call.endpoint.api, response)
}

/// Decodes a response in the format of `api`.
///
/// # Errors
/// The classified failure of the upstream.
pub fn decode_as(api: Api, response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    match api {
        Api::SiliconFlow => siliconflow::decode(response),
        Api::OpenAi => openai::decode(response),
        Api::WorkersAi | Api::WorkersAiBinding => workers_ai::decode(response),
        Api::BigModel => bigmodel::decode(response),
        Api::Nvidia => nvidia::decode(response),
    }
}

/// The seed that is sent: some APIs accept none, or only smaller ones.
pub fn seed(call: &ImageCall<'_>) -> Option<u64> {
    match call.endpoint.api {
        Api::SiliconFlow => siliconflow::seed(call),
        Api::OpenAi => openai::seed(call),
        Api::WorkersAi | Api::WorkersAiBinding => workers_ai::seed(call),
        Api::BigModel => None,
        Api::Nvidia => nvidia::seed(call),
    }
}

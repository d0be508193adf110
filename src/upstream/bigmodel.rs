//! BigModel's images API.

use serde_json::json;
use url::Url;

use crate::config::Sizes;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::image_call::{ImageAnswer, ImageCall};
use super::image_list;
use super::post::image_post;

/// The sizes of `cogview-3-flash`.
const SIZES: Sizes = Sizes::Sides { min: 512, max: 2_048, step: 16, max_pixels: 1 << 21 };

/// Encodes the call in this format, which has a model, a prompt and a size, and nothing else that is needed.
pub(super) fn encode(call: &ImageCall<'_>, url: &Url) -> OutgoingRequest {
    let (width, height) = SIZES.nearest(call.size());
    let size = format!("{width}x{height}");
    image_post(call, url, &json!({ "model": call.model, "prompt": call.prompt.as_str(), "size": size }))
}

/// Decodes the response.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    image_list::decode(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::config::Api;
    use crate::upstream::post::sample::{encoded, full};

    #[test]
    fn a_model_a_prompt_and_a_size_are_sent() {
        let url = "https://open.bigmodel.cn/api/paas/v4/images/generations";
        let body = json!({ "model": "theirs", "prompt": "a \"cat\"", "size": "512x768" });
        let (call, expected) = encoded(Api::BigModel, url, Some("key"), &full(), &body);
        assert_eq!(call, expected);
    }
}

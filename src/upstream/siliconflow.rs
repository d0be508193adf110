//! SiliconFlow's images API, also spoken by other deployments of this service.

use serde_json::{Map, Value};
use url::Url;

use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::image_call::{ImageAnswer, ImageCall};
use super::image_list;
use super::post::image_post;

/// Encodes the call in this format. FLUX.1-schnell documents only model, prompt, size and seed: other fields are sent
/// only if the caller gave them.
pub(super) fn encode(call: &ImageCall<'_>, url: &Url) -> OutgoingRequest {
    let request = call.request;
    let mut body = Map::new();
    body.insert("model".into(), call.model.into());
    body.insert("prompt".into(), call.prompt.as_str().into());
    body.insert("image_size".into(), call.size().to_string().into());
    if let Some(seed) = seed(call) {
        body.insert("seed".into(), seed.into());
    }
    if let Some(text) = &request.negative_prompt {
        body.insert("negative_prompt".into(), text.as_str().into());
    }
    if let Some(steps) = request.steps {
        body.insert("num_inference_steps".into(), steps.value().into());
    }
    if let Some(guidance) = &request.guidance {
        body.insert("guidance_scale".into(), guidance.value().into());
    }
    image_post(call, url, &Value::Object(body))
}

/// The seed that is sent.
pub(super) fn seed(call: &ImageCall<'_>) -> Option<u64> {
    Some(call.request.seed?.value())
}

/// Decodes the response.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    image_list::decode(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::config::Api;
    use crate::upstream::post::sample::{bare, encoded, full};

    const URL: &str = "https://api.siliconflow.cn/v1/image/generations";

    #[test]
    fn no_more_is_sent_than_the_caller_gave() {
        let body = json!({ "model": "theirs", "prompt": "a \"cat\"", "image_size": "512x768" });
        let (call, expected) = encoded(Api::SiliconFlow, URL, Some("sk-1"), &bare(), &body);
        assert_eq!(call, expected);
    }

    #[test]
    fn everything_that_the_caller_gave_is_sent_by_the_vendors_names() {
        let body = json!({
            "model": "theirs", "prompt": "a \"cat\"", "image_size": "512x768", "seed": 9_999_999_999_u64,
            "negative_prompt": "dogs", "num_inference_steps": 30, "guidance_scale": 7.5,
        });
        let (call, expected) = encoded(Api::SiliconFlow, URL, Some("sk-1"), &full(), &body);
        assert_eq!(call, expected);
    }

    #[test]
    fn without_a_key_there_is_no_authorization() {
        let body = json!({ "model": "theirs", "prompt": "a \"cat\"", "image_size": "512x768" });
        let (call, expected) = encoded(Api::SiliconFlow, URL, None, &bare(), &body);
        assert_eq!(call, expected);
        assert_eq!(call.headers.get("Authorization"), None);
    }
}

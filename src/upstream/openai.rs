//! OpenAI's images API, also spoken by Together, `LocalAI` and gateways.

use serde_json::{Map, Value};

use crate::config::Endpoint;
use crate::domain::Seed;
use crate::domain::host::is_under;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::image_call::{ImageAnswer, ImageCall};
use super::image_list;
use super::json_post::image_post;

/// The hosts that refuse unknown fields: OpenAI's and Azure's. All others have extended the format, and ignore fields
/// they do not know.
const STRICT_DOMAINS: [&str; 2] = ["openai.com", "openai.azure.com"];

/// Encodes the call in this format.
///
/// Together reads `width` and `height` instead of `size`, so all three are sent, except to [`STRICT_DOMAINS`]; seed,
/// steps and the rest only if the caller gave them. `response_format` is left out: its values differ between vendors,
/// OpenAI's newer models refuse it, and both forms of response are understood.
pub fn encode(call: &ImageCall<'_>) -> OutgoingRequest {
    let mut body = Map::new();
    body.insert("model".into(), call.model.into());
    body.insert("prompt".into(), call.prompt.as_str().into());
    body.insert("n".into(), 1.into());
    body.insert("size".into(), call.size().to_string().into());
    if !is_strict(call.endpoint) {
        extend(&mut body, call);
    }
    image_post(call, &Value::Object(body))
}

/// Adds the fields that OpenAI does not have.
fn extend(body: &mut Map<String, Value>, call: &ImageCall<'_>) {
    let request = call.request;
    body.insert("width".into(), call.size().width().into());
    body.insert("height".into(), call.size().height().into());
    if let Some(seed) = seed(call) {
        body.insert("seed".into(), seed.into());
    }
    if let Some(steps) = request.steps {
        body.insert("steps".into(), steps.value().into());
    }
    if let Some(text) = &request.negative_prompt {
        body.insert("negative_prompt".into(), text.as_str().into());
    }
    if let Some(guidance) = &request.guidance {
        body.insert("guidance_scale".into(), guidance.value().into());
    }
}

fn is_strict(endpoint: &Endpoint) -> bool {
    let host = endpoint.host();
    STRICT_DOMAINS.into_iter().any(|domain| is_under(host, domain))
}

/// The seed that is sent: none to [`STRICT_DOMAINS`].
pub fn seed(call: &ImageCall<'_>) -> Option<u64> {
    call.request.seed.filter(|_| !is_strict(call.endpoint)).map(Seed::value)
}

/// Decodes the response.
pub fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    image_list::decode(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::config::Api;
    use crate::upstream::json_post::sample::{bare, encoded, full};

    #[test]
    fn the_size_is_sent_both_ways_and_the_rest_where_the_caller_gave_it() {
        let url = "https://api.together.xyz/v1/images/generations";
        let body = json!({
            "model": "theirs", "prompt": "a \"cat\"", "n": 1, "size": "512x768", "width": 512, "height": 768,
        });
        let (call, expected) = encoded(Api::OpenAi, url, Some("key"), &bare(), &body);
        assert_eq!(call, expected);

        let body = json!({
            "model": "theirs", "prompt": "a \"cat\"", "n": 1, "size": "512x768", "width": 512, "height": 768,
            "seed": 9_999_999_999_u64, "steps": 30, "negative_prompt": "dogs", "guidance_scale": 7.5,
        });
        let (call, expected) = encoded(Api::OpenAi, url, None, &full(), &body);
        assert_eq!(call, expected);
    }

    #[test]
    fn a_server_that_refuses_unknown_fields_gets_none() {
        let body = json!({ "model": "theirs", "prompt": "a \"cat\"", "n": 1, "size": "512x768" });
        for url in [
            "https://api.openai.com/v1/images/generations",
            "https://mine.openai.azure.com/openai/v1/images/generations",
        ] {
            let (call, expected) = encoded(Api::OpenAi, url, Some("key"), &full(), &body);
            assert_eq!(call, expected);
        }
        let (call, expected) = encoded(Api::OpenAi, "https://notopenai.com/images/generations", None, &full(), &body);
        assert_ne!(call, expected);
    }
}

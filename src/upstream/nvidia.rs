//! NVIDIA's image API, whose URL contains the model.

use serde_json::{Map, Value};
use url::Url;

use crate::config::{NVIDIA_MAX_STEPS, NVIDIA_SIZES};
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::classify::classify;
use super::image_call::{ImageAnswer, ImageCall};
use super::image_list::{decode_base64, json, no_image, seed as seed_of};
use super::post::image_post;

/// One more than the greatest seed that is accepted.
const SEEDS: u64 = 1 << 32;

/// Encodes the call in this format.
pub(super) fn encode(call: &ImageCall<'_>, url: &Url) -> OutgoingRequest {
    let (width, height) = NVIDIA_SIZES.nearest(call.size());
    let mut body = Map::new();
    body.insert("prompt".into(), call.prompt.as_str().into());
    body.insert("width".into(), width.into());
    body.insert("height".into(), height.into());
    if let Some(seed) = seed(call) {
        body.insert("seed".into(), seed.into());
    }
    if let Some(steps) = call.request.steps {
        body.insert("steps".into(), steps.value().min(NVIDIA_MAX_STEPS).into());
    }
    image_post(call, url, &Value::Object(body))
}

/// The seed that is sent.
pub(super) fn seed(call: &ImageCall<'_>) -> Option<u64> {
    Some(call.request.seed?.value() % SEEDS)
}

/// Decodes the response: base64 in a list of artifacts.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    if !(200..300).contains(&response.status) {
        return Err(classify(response));
    }
    let answer = json(response)?;
    let artifact = answer.pointer("/artifacts/0").ok_or_else(|| no_image(response))?;
    // What is filtered comes as a black picture.
    if artifact.get("finishReason").and_then(Value::as_str) == Some("CONTENT_FILTERED") {
        return Err(UpstreamError::Rejected("The picture was filtered.".to_owned()));
    }
    let image = artifact.get("base64").and_then(Value::as_str).ok_or_else(|| no_image(response))?;
    Ok(ImageAnswer { source: decode_base64(image)?, seed: seed_of(artifact) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Api;
    use crate::http::Headers;
    use crate::upstream::image_call::ImageSource;
    use crate::upstream::post::sample::{bare, encoded, full};

    const URL: &str = "https://ai.api.nvidia.com/v1/genai/black-forest-labs/flux.1-schnell";

    fn read(status: u16, body: &str) -> Result<ImageAnswer, UpstreamError> {
        decode(&IncomingResponse { status, headers: Headers::default(), body: body.into() })
    }

    #[test]
    fn the_nearest_size_is_sent_and_the_rest_within_its_limits() {
        let body = json!({ "prompt": "a \"cat\"", "width": 768, "height": 1_152 });
        let (call, expected) = encoded(Api::Nvidia, URL, Some("key"), &bare(), &body);
        assert_eq!(call, expected);
        let body = json!({ "prompt": "a \"cat\"", "width": 768, "height": 1_152, "seed": 1_410_065_407, "steps": 4 });
        let (call, expected) = encoded(Api::Nvidia, URL, Some("key"), &full(), &body);
        assert_eq!(call, expected);
    }

    #[test]
    fn the_image_comes_as_base64_and_a_filtered_one_is_refused() {
        let jpeg = ImageSource::Bytes(b"\xFF\xD8\xFF\x00".into());
        let body = r#"{"artifacts":[{"base64":"/9j/AA==","finishReason":"SUCCESS","seed":7}]}"#;
        assert_eq!(read(200, body), Ok(ImageAnswer { source: jpeg, seed: Some(7) }));
        let body = r#"{"artifacts":[{"base64":"/9j/AA==","finishReason":"CONTENT_FILTERED","seed":7}]}"#;
        assert!(matches!(read(200, body), Err(UpstreamError::Rejected(_))));
        for body in ["", "[]", "{}", r#"{"artifacts":[]}"#, r#"{"artifacts":[{"base64":7}]}"#, r#"{"artifacts":7}"#] {
            assert!(matches!(read(200, body), Err(UpstreamError::Transient(_))), "{body}");
        }
    }
}

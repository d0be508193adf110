//! Cloudflare Workers AI's REST API, whose URL contains the model.

use serde_json::{Map, Value};

use crate::domain::image_format;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::classify::classify;
use super::image_call::{ImageAnswer, ImageCall, ImageSource};
use super::image_list::{decode_base64, transient};
use super::json_post::image_post;

/// The longest accepted prompt, in characters.
const MAX_PROMPT_CHARS: usize = 2_048;
/// The maximum number of steps.
const MAX_STEPS: u32 = 8;
/// One more than the greatest seed that is surely accepted. The documentation gives no range; ours exceeds 32 bits,
/// which the server's integer may not hold.
const SEEDS: u64 = 1 << 32;

/// Encodes the call in this format, which has a prompt, steps and a seed, but no size.
pub fn encode(call: &ImageCall<'_>) -> OutgoingRequest {
    let prompt: String = call.prompt.as_str().chars().take(MAX_PROMPT_CHARS).collect();
    let mut body = Map::new();
    body.insert("prompt".into(), prompt.into());
    if let Some(steps) = call.request.steps {
        body.insert("steps".into(), steps.value().min(MAX_STEPS).into());
    }
    if let Some(seed) = seed(call) {
        body.insert("seed".into(), seed.into());
    }
    image_post(call, &Value::Object(body))
}

/// The seed that is sent.
pub fn seed(call: &ImageCall<'_>) -> Option<u64> {
    Some(call.request.seed?.value() % SEEDS)
}

/// Decodes the response: base64 in JSON, or for some models the image itself.
pub fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    if !(200..300).contains(&response.status) {
        return Err(classify(response));
    }
    if image_format::sniff(&response.body).is_some() {
        return Ok(ImageAnswer { source: ImageSource::Bytes(response.body.clone()), seed: None });
    }
    let answer = response.json().ok_or_else(|| transient("its answer cannot be read"))?;
    let image = answer.pointer("/result/image").and_then(Value::as_str);
    let image = image.ok_or_else(|| transient("its answer holds no image"))?;
    Ok(ImageAnswer { source: decode_base64(image)?, seed: None })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Api;
    use crate::http::Headers;
    use crate::upstream::json_post::sample::{bare, encoded, full};

    const URL: &str = "https://api.cloudflare.com/client/v4/accounts/a/ai/run/@cf/black-forest-labs/flux-1-schnell";

    fn read(status: u16, body: &[u8]) -> Result<ImageAnswer, UpstreamError> {
        decode(&IncomingResponse { status, headers: Headers::default(), body: body.into() })
    }

    #[test]
    fn a_prompt_steps_and_a_seed_are_sent_within_its_limits() {
        let (call, expected) = encoded(Api::WorkersAi, URL, Some("token"), &bare(), &json!({ "prompt": "a \"cat\"" }));
        assert_eq!(call, expected);
        let body = json!({ "prompt": "a \"cat\"", "steps": 8, "seed": 1_410_065_407 });
        let (call, expected) = encoded(Api::WorkersAi, URL, Some("token"), &full(), &body);
        assert_eq!(call, expected);
    }

    #[test]
    fn the_image_comes_as_base64_in_json_or_as_itself() {
        let jpeg = ImageAnswer { source: ImageSource::Bytes(b"\xFF\xD8\xFF\x00".into()), seed: None };
        let body = br#"{"result":{"image":"/9j/AA=="},"success":true,"errors":[],"messages":[]}"#;
        assert_eq!(read(200, body), Ok(jpeg.clone()));
        assert_eq!(read(200, b"\xFF\xD8\xFF\x00"), Ok(jpeg));
    }

    #[test]
    fn an_answer_without_an_image_is_transient() {
        for body in [
            "",
            "{",
            "[]",
            r#"{"success":true}"#,
            r#"{"result":null,"success":true}"#,
            r#"{"result":{},"success":true}"#,
            r#"{"result":{"image":""},"success":true}"#,
            r#"{"result":{"image":"<svg/>"},"success":true}"#,
            r#"{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}"#,
        ] {
            assert!(matches!(read(200, body.as_bytes()), Err(UpstreamError::Transient(_))), "{body}");
        }
    }

    #[test]
    fn an_answer_without_success_is_classified() {
        let body = br#"{"success":false,"errors":[{"code":5004,"message":"The prompt is too long."}]}"#;
        assert_eq!(read(400, body), Err(UpstreamError::Rejected("The prompt is too long.".into())));
    }
}

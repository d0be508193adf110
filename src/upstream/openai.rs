//! OpenAI's images API, also spoken by Together, `LocalAI` and gateways.

use serde_json::{Map, Value};
use url::Url;

use crate::domain::Seed;
use crate::domain::host::is_under;
use crate::error::UpstreamError;
use crate::http::{IncomingResponse, OutgoingRequest};

use super::image_call::{ImageAnswer, ImageCall};
use super::image_list;
use super::post::image_post;

/// The hosts that refuse unknown fields: OpenAI's and Azure's. All others have extended the format, and ignore fields
/// they do not know.
const STRICT_DOMAINS: [&str; 2] = ["openai.com", "openai.azure.com"];

/// Encodes the call in this format.
///
/// Of a provider that is known, the fields are; to another one, size, width and height are all sent, since vendors
/// differ in which they read, except to [`STRICT_DOMAINS`]. Seed, steps and the rest are sent only if the caller gave
/// them. `response_format` is left out: its values differ between vendors, OpenAI's newer models refuse it, and both
/// forms of response are understood.
pub(super) fn encode(call: &ImageCall<'_>, url: &Url) -> OutgoingRequest {
    let request = call.request;
    let (width, height) = call.sides();
    let mut body = Map::new();
    body.insert("model".into(), call.model.into());
    body.insert("prompt".into(), call.prompt.as_str().into());
    body.insert("n".into(), 1.into());
    let mut insert = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|_| takes(call, name)) {
            body.insert(name.into(), value);
        }
    };
    insert("size", Some(format!("{width}x{height}").into()));
    insert("width", Some(width.into()));
    insert("height", Some(height.into()));
    insert("seed", request.seed.map(|seed| seed.value().into()));
    insert("steps", request.steps.map(|steps| call.steps_within(steps).into()));
    insert("negative_prompt", request.negative_prompt.as_ref().map(|text| text.as_str().into()));
    insert("guidance_scale", request.guidance.as_ref().map(|guidance| guidance.value().into()));
    image_post(call, url, &Value::Object(body))
}

/// True if the endpoint takes this field.
fn takes(call: &ImageCall<'_>, field: &str) -> bool {
    match call.endpoint.provider {
        Some(provider) => provider.takes(field),
        None => field == "size" || !STRICT_DOMAINS.into_iter().any(|domain| is_under(call.endpoint.host(), domain)),
    }
}

/// The seed that is sent: none to an endpoint that takes none.
pub(super) fn seed(call: &ImageCall<'_>) -> Option<u64> {
    call.request.seed.filter(|_| takes(call, "seed")).map(Seed::value)
}

/// Decodes the response.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    image_list::decode(response)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use url::Url;

    use crate::config::Api;
    use crate::http::UpstreamCall;
    use crate::upstream::post::sample::{bare, call, configured, encoded, full};

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

    #[test]
    fn a_provider_gets_the_fields_and_the_sizes_that_it_takes() {
        for (provider, model, body) in [
            (
                "sensenova",
                "sensenova-u1-fast",
                json!({ "model": "sensenova-u1-fast", "prompt": "a \"cat\"", "n": 1, "size": "1664x2496" }),
            ),
            (
                "agnes",
                "agnes-image-2.1-flash",
                json!({ "model": "agnes-image-2.1-flash", "prompt": "a \"cat\"", "n": 1, "size": "512x768" }),
            ),
            (
                "together",
                "black-forest-labs/FLUX.1-schnell",
                json!({
                    "model": "black-forest-labs/FLUX.1-schnell", "prompt": "a \"cat\"", "n": 1, "width": 512,
                    "height": 768, "seed": 9_999_999_999_u64, "steps": 12,
                }),
            ),
        ] {
            let endpoint = configured(&format!(r#"{{"provider":"{provider}","key":"k"}}"#));
            let UpstreamCall::Http(sent) = call(&endpoint, model, &full()) else { unreachable!("{provider}") };
            assert_eq!(sent.body, Some(body.to_string()), "{provider}");
            assert_eq!(Some(sent.url.as_str()), endpoint.address.url().map(Url::as_str));
        }
    }
}

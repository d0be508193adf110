//! `POST` requests with JSON, which all upstreams here use.

use serde_json::Value;
use url::Url;

use crate::config::Secret;
use crate::domain::hops::HOP_HEADER;
use crate::http::{Headers, Method, OutgoingRequest};

use super::image_call::{ImageCall, MAX_ANSWER_BYTES};

/// A `POST` of `body` to `url`, with `key` if there is one.
pub(super) fn json_post(
    url: &Url,
    key: Option<&Secret>,
    body: &Value,
    timeout_ms: u64,
    max_body_bytes: usize,
) -> OutgoingRequest {
    let mut headers = Headers::default();
    headers.set("Content-Type", "application/json");
    headers.set("Accept", "application/json");
    if let Some(key) = key {
        headers.set("Authorization", format!("Bearer {}", key.expose()));
    }
    OutgoingRequest {
        method: Method::Post,
        url: url.to_string(),
        headers,
        body: Some(body.to_string()),
        timeout_ms,
        max_body_bytes,
    }
}

/// The request for an image with `body`; its hop count is one more than the incoming one.
pub(super) fn image_post(call: &ImageCall<'_>, body: &Value) -> OutgoingRequest {
    let endpoint = call.endpoint;
    let Some(url) = call.url() else { unreachable!("http only") };
    let mut request = json_post(&url, endpoint.key.as_ref(), body, call.timeout_ms, MAX_ANSWER_BYTES);
    request.headers.set(HOP_HEADER, call.hops.next());
    request
}

/// Test data for the wire formats.
#[cfg(test)]
pub(super) mod sample {
    use super::{Headers, ImageCall, Method, OutgoingRequest, Secret, Url, Value};
    use crate::config::{Api, Endpoint, EndpointModels};
    use crate::domain::{Guidance, Hops, ImageRequest, Prompt, PromptMode, Seed, Size, Steps};
    use crate::upstream::image_api;

    fn prompt(text: &str) -> Prompt {
        Prompt::from_model(text).unwrap_or_else(|| unreachable!("{text}"))
    }

    /// A request with only a prompt and a size.
    pub(in crate::upstream) fn bare() -> ImageRequest {
        ImageRequest {
            prompt: prompt("一只\"猫\""),
            optimize: false,
            mode: PromptMode::Nothing,
            size: Size::of(512, 768).unwrap_or_else(|| unreachable!()),
            model: "ours".into(),
            seed: None,
            negative_prompt: None,
            steps: None,
            guidance: None,
            demo: false,
        }
    }

    /// A request with all parameters.
    pub(in crate::upstream) fn full() -> ImageRequest {
        ImageRequest {
            seed: Seed::new(9_999_999_999),
            negative_prompt: Some(prompt("dogs")),
            steps: Steps::parse("steps", "30").ok(),
            guidance: Guidance::parse("guidance", "7.5").ok(),
            ..bare()
        }
    }

    /// Encodes a request for "a cat" by the model "theirs", two hops on its way, in the format of `api`; also returns
    /// the expected call with `body`.
    pub(in crate::upstream) fn encoded(
        api: Api,
        url: &str,
        key: Option<&str>,
        request: &ImageRequest,
        body: &Value,
    ) -> (OutgoingRequest, OutgoingRequest) {
        let endpoint = Endpoint {
            url: Url::parse(url).unwrap_or_else(|_| unreachable!("{url}")),
            key: key.map(Secret::new),
            api,
            models: EndpointModels::All,
        };
        let prompt = prompt("a \"cat\"");
        let call = ImageCall {
            endpoint: &endpoint,
            model: "theirs",
            prompt: &prompt,
            request,
            hops: Hops::from_header(Some("1")),
            timeout_ms: 9_000,
        };
        let authorization = key.map(|key| ("Authorization", format!("Bearer {key}")));
        let headers = [("Content-Type", "application/json".to_owned()), ("Accept", "application/json".to_owned())]
            .into_iter()
            .chain(authorization)
            .chain([("X-Free-Flux-Hop", "2".to_owned())])
            .collect::<Headers>();
        let expected = OutgoingRequest {
            method: Method::Post,
            url: url.to_owned(),
            headers,
            body: Some(body.to_string()),
            timeout_ms: 9_000,
            max_body_bytes: super::MAX_ANSWER_BYTES,
        };
        (image_api::encode(&call), expected)
    }
}

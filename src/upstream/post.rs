//! `POST` requests, which all upstreams here use: of JSON, or of a form.

use serde_json::Value;
use url::Url;

use crate::config::Secret;
use crate::domain::hops::HOP_HEADER;
use crate::http::{Headers, Method, OutgoingRequest};

use super::image_call::{ImageCall, MAX_ANSWER_BYTES};

/// A text that separates the fields of a form. It grows until no field contains it.
const BOUNDARY: &str = "free-flux-api-form";

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
pub(super) fn image_post(call: &ImageCall<'_>, url: &Url, body: &Value) -> OutgoingRequest {
    let mut request = json_post(url, call.endpoint.key.as_ref(), body, call.timeout_ms, MAX_ANSWER_BYTES);
    request.headers.set(HOP_HEADER, call.hops.next());
    request
}

/// The same with the fields of a form.
pub(super) fn image_form(call: &ImageCall<'_>, url: &Url, fields: &[(&'static str, String)]) -> OutgoingRequest {
    let mut boundary = BOUNDARY.to_owned();
    while fields.iter().any(|(_, value)| value.contains(&boundary)) {
        boundary.push('-');
    }
    let mut body = String::new();
    for (name, value) in fields {
        for part in ["--", &boundary, "\r\nContent-Disposition: form-data; name=\"", name, "\"\r\n\r\n", value, "\r\n"]
        {
            body.push_str(part);
        }
    }
    for part in ["--", &boundary, "--\r\n"] {
        body.push_str(part);
    }
    let mut request = image_post(call, url, &Value::Null);
    request.headers.set("Content-Type", format!("multipart/form-data; boundary={boundary}"));
    request.body = Some(body);
    request
}

/// Test data for the wire formats.
#[cfg(test)]
pub(super) mod sample {
    use super::{Headers, ImageCall, Method, OutgoingRequest, Secret, Url, Value};
    use crate::config::{Api, Config, Endpoint, EndpointModels};
    use crate::domain::{Guidance, Hops, ImageRequest, Prompt, PromptMode, Seed, Size, Steps};
    use crate::http::UpstreamCall;
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

    /// Encodes a request for "a cat" by `model`, two hops on its way, to `endpoint`.
    pub(in crate::upstream) fn call(endpoint: &Endpoint, model: &str, request: &ImageRequest) -> UpstreamCall {
        let prompt = &prompt("a \"cat\"");
        let hops = Hops::from_header(Some("1"));
        image_api::encode(&ImageCall { endpoint, model, prompt, request, hops, timeout_ms: 9_000, is_moved: false })
    }

    /// The seed that such a request sends.
    pub(in crate::upstream) fn seed_sent(endpoint: &Endpoint, model: &str, request: &ImageRequest) -> Option<u64> {
        let prompt = &prompt("a \"cat\"");
        let hops = Hops::from_header(None);
        image_api::seed(&ImageCall { endpoint, model, prompt, request, hops, timeout_ms: 9_000, is_moved: false })
    }

    /// An endpoint that is configured by this entry of `IMAGE_ENDPOINTS`.
    pub(in crate::upstream) fn configured(entry: &str) -> Endpoint {
        let lookup = |name: &str| (name == "IMAGE_ENDPOINTS").then(|| format!("[{entry}]"));
        Config::from_lookup(&lookup, false).endpoints.pop().unwrap_or_else(|| unreachable!("{entry}"))
    }

    /// The binding `AI`.
    pub(in crate::upstream) fn binding() -> Endpoint {
        Config::from_lookup(&|_| None, true).endpoints.pop().unwrap_or_else(|| unreachable!())
    }

    /// Encodes such a request by the model "theirs" in the format of `api`; also returns the expected call with `body`.
    pub(in crate::upstream) fn encoded(
        api: Api,
        url: &str,
        key: Option<&str>,
        request: &ImageRequest,
        body: &Value,
    ) -> (OutgoingRequest, OutgoingRequest) {
        let address = Url::parse(url).unwrap_or_else(|_| unreachable!("{url}"));
        let endpoint = Endpoint::at(address, key.map(Secret::new), api, EndpointModels::All);
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
        let UpstreamCall::Http(sent) = call(&endpoint, "theirs", request) else { unreachable!("{url}") };
        (sent, expected)
    }
}

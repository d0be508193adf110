use serde_json::json;

use super::*;
use crate::config::Endpoint;
use crate::http::{Headers, UpstreamCall};
use crate::upstream::image_api;
use crate::upstream::post::sample::{bare, binding, call, configured, full, seed_sent};

const FLUX_1: &str = "@cf/black-forest-labs/flux-1-schnell";
const FLUX_2: &str = "@cf/black-forest-labs/flux-2-klein-4b";
const RUN: &str = "https://api.cloudflare.com/client/v4/accounts/a/ai/run/";

fn read(status: u16, body: &[u8]) -> Result<ImageAnswer, UpstreamError> {
    decode(&IncomingResponse { status, headers: Headers::default(), body: body.into() })
}

/// The input by the binding.
fn input_of(model: &str, with_all: bool) -> AiInput {
    let request = if with_all { full() } else { bare() };
    let UpstreamCall::Ai(call) = call(&binding(), model, &request) else { unreachable!("{model}") };
    assert_eq!((call.model.as_str(), call.timeout_ms, call.max_body_bytes), (model, 9_000, MAX_ANSWER_BYTES));
    call.input
}

fn json_of(input: &AiInput) -> Value {
    let AiInput::Json(text) = input else { unreachable!("{input:?}") };
    serde_json::from_str(text).unwrap_or_default()
}

#[test]
fn flux_1_gets_a_prompt_and_steps_and_nothing_else() {
    assert_eq!(json_of(&input_of(FLUX_1, false)), json!({ "prompt": "a \"cat\"" }));
    assert_eq!(json_of(&input_of(FLUX_1, true)), json!({ "prompt": "a \"cat\"", "steps": 8 }));
    assert_eq!(seed_sent(&binding(), FLUX_1, &full()), None);
}

#[test]
fn flux_2_gets_a_form_even_for_a_prompt_alone() {
    let form = |fields: &[(&'static str, &str)]| {
        AiInput::Form(fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect())
    };
    let bare = [("prompt", "a \"cat\""), ("width", "512"), ("height", "768")];
    assert_eq!(input_of(FLUX_2, false), form(&bare));
    let full = [bare.as_slice(), &[("steps", "30"), ("seed", "1410065407")]].concat();
    assert_eq!(input_of(FLUX_2, true), form(&full));
    assert_eq!(seed_sent(&binding(), FLUX_2, &super::tests::full()), Some(1_410_065_407));
}

#[test]
fn the_sdxl_family_and_leonardos_get_everything_within_their_limits() {
    for model in [
        "@cf/bytedance/stable-diffusion-xl-lightning",
        "@cf/stabilityai/stable-diffusion-xl-base-1.0",
        "@cf/lykon/dreamshaper-8-lcm",
        "@cf/leonardo/phoenix-1.0",
        "@cf/leonardo/lucid-origin",
    ] {
        let body = json!({ "prompt": "a \"cat\"", "width": 512, "height": 768 });
        assert_eq!(json_of(&input_of(model, false)), body, "{model}");
        let body = json!({
            "prompt": "a \"cat\"", "width": 512, "height": 768, "num_steps": 20, "seed": 1_410_065_407,
            "guidance": 7.5, "negative_prompt": "dogs",
        });
        assert_eq!(json_of(&input_of(model, true)), body, "{model}");
    }
}

#[test]
fn a_url_with_a_model_is_asked_as_it_is_and_one_without_is_completed() {
    let own = configured(&format!(r#"{{"url":"{RUN}{FLUX_1}","key":"token"}}"#));
    let named = configured(r#"{"provider":"cloudflare","account":"a","key":"token"}"#);
    for endpoint in [&own, &named] {
        let UpstreamCall::Http(sent) = call(endpoint, FLUX_1, &full()) else { unreachable!() };
        assert_eq!(sent.url, format!("{RUN}{FLUX_1}"));
        assert_eq!(sent.body.as_deref(), Some(r#"{"prompt":"a \"cat\"","steps":8}"#));
        assert_eq!(sent.headers.get("Authorization"), Some("Bearer token"));
        assert_eq!(sent.headers.get("Content-Type"), Some("application/json"));
    }
    assert_eq!(named.name_of("black-forest-labs/FLUX.1-schnell"), Some(FLUX_1));
    assert_eq!(seed_sent(&own, "whatever we call it", &full()), None);
}

#[test]
fn a_form_by_rest_is_multipart_and_no_prompt_can_end_it() {
    let endpoint: Endpoint = configured(&format!(r#"{{"url":"{RUN}{FLUX_2}","key":"token"}}"#));
    let UpstreamCall::Http(sent) = call(&endpoint, FLUX_2, &bare()) else { unreachable!() };
    assert_eq!(sent.headers.get("Content-Type"), Some("multipart/form-data; boundary=free-flux-api-form"));
    let field = |name: &str, value: &str| {
        format!("--free-flux-api-form\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = [field("prompt", "a \"cat\""), field("width", "512"), field("height", "768")].concat();
    assert_eq!(sent.body, Some(format!("{body}--free-flux-api-form--\r\n")));
}

#[test]
fn the_image_comes_as_base64_in_json_or_as_itself() {
    let jpeg = ImageAnswer { source: ImageSource::Bytes(b"\xFF\xD8\xFF\x00".into()), seed: None };
    for body in [
        &br#"{"result":{"image":"/9j/AA=="},"success":true,"errors":[],"messages":[]}"#[..],
        br#"{"image":"/9j/AA=="}"#,
        b"\xFF\xD8\xFF\x00",
    ] {
        assert_eq!(read(200, body), Ok(jpeg.clone()));
    }
}

#[test]
fn an_answer_without_an_image_is_transient_unless_it_has_a_code() {
    for body in [
        "",
        "{",
        "[]",
        "7",
        r#"{"success":true}"#,
        r#"{"result":null,"success":true}"#,
        r#"{"result":"","success":true}"#,
        r#"{"result":{},"success":true}"#,
        r#"{"result":{"image":""},"success":true}"#,
        r#"{"image":null}"#,
        r#"{"result":{"image":"<svg/>"},"success":true}"#,
    ] {
        assert!(matches!(read(200, body.as_bytes()), Err(UpstreamError::Transient(_))), "{body}");
    }
    let body = br#"{"success":false,"errors":[{"code":7003,"message":"Could not route"}]}"#;
    assert_eq!(read(200, body), Err(UpstreamError::Misconfigured("Could not route".into())));
    let body = br#"{"success":false,"errors":[{"code":5004,"message":"The prompt is too long."}]}"#;
    assert_eq!(read(400, body), Err(UpstreamError::Rejected("The prompt is too long.".into())));
    assert_eq!(
        image_api::decode_as(
            crate::config::Api::WorkersAiBinding,
            &IncomingResponse {
                status: 500,
                headers: Headers::default(),
                body: br#"{"message":"5006: Error: required properties at '/' are 'prompt'"}"#.to_vec(),
            }
        ),
        Err(UpstreamError::Rejected("5006: Error: required properties at '/' are 'prompt'".into()))
    );
}

//! Workers AI: the input that each model takes, and the two ways to it, the binding `AI` and the REST API, whose URL
//! contains the model.

use serde_json::{Map, Value};
use url::Url;

use crate::config::Sizes;
use crate::domain::image_format;
use crate::error::UpstreamError;
use crate::http::{AiCall, AiInput, IncomingResponse, OutgoingRequest};

use super::classify::classify;
use super::image_call::{ImageAnswer, ImageCall, ImageSource, MAX_ANSWER_BYTES};
use super::image_list::{decode_base64, json, no_image, seed as seed_of};
use super::post::{image_form, image_post};

/// The longest accepted prompt, in characters.
const MAX_PROMPT_CHARS: usize = 2_048;
/// One more than the greatest seed that is surely accepted. The documentation gives no range; ours exceeds 32 bits,
/// which the server's integer may not hold.
const SEEDS: u64 = 1 << 32;
/// The path before the model in a REST URL.
const RUN_PATH: &str = "/ai/run";

/// The input that a model takes.
struct Model {
    /// The beginning of its name.
    prefix: &'static str,
    /// True for a form, which is wanted even for a prompt alone.
    is_form: bool,
    /// The sizes it takes; `None` for a model that draws one size.
    sizes: Option<Sizes>,
    /// The name of the number of steps, and the most of them.
    steps: (&'static str, u32),
    /// True if it takes a seed.
    takes_seed: bool,
    /// True if it takes `negative_prompt` and `guidance`.
    takes_guidance: bool,
}

/// Models by the beginning of their names; the last row is for all others: those of the SDXL family and Leonardo's.
/// (Cloudflare's model pages, autumn 2026. The sides of SDXL are multiples of 8, those of FLUX.2 of 16.)
const MODELS: [Model; 3] = [
    Model {
        prefix: "@cf/black-forest-labs/flux-1-",
        is_form: false,
        sizes: None,
        steps: ("steps", 8),
        takes_seed: false,
        takes_guidance: false,
    },
    Model {
        prefix: "@cf/black-forest-labs/flux-2-",
        is_form: true,
        sizes: Some(Sizes::Sides { min: 256, max: 1_920, step: 16, max_pixels: u32::MAX }),
        steps: ("steps", 50),
        takes_seed: true,
        takes_guidance: false,
    },
    Model {
        prefix: "",
        is_form: false,
        sizes: Some(Sizes::Sides { min: 256, max: 2_048, step: 8, max_pixels: u32::MAX }),
        steps: ("num_steps", 20),
        takes_seed: true,
        takes_guidance: true,
    },
];

/// The row of a model.
fn row(model: &str) -> Option<&'static Model> {
    MODELS.iter().find(|row| model.starts_with(row.prefix))
}

/// The model that is run: the one in the URL if it has one, otherwise the call's.
fn model<'a>(call: &'a ImageCall<'_>) -> &'a str {
    let path = call.endpoint.address.url().map_or("", Url::path);
    let in_path = path.split_once(RUN_PATH).map_or("", |(_, model)| model.trim_matches('/'));
    if in_path.is_empty() { call.model } else { in_path }
}

/// Encodes the call for the binding.
pub(super) fn run(call: &ImageCall<'_>) -> AiCall {
    AiCall {
        model: call.model.to_owned(),
        input: input(call),
        timeout_ms: call.timeout_ms,
        max_body_bytes: MAX_ANSWER_BYTES,
    }
}

/// Encodes the call for the REST API. A URL without a model is completed by it.
pub(super) fn post(call: &ImageCall<'_>, url: &Url) -> OutgoingRequest {
    let mut url = url.clone();
    let path = url.path().trim_end_matches('/').to_owned();
    if path.ends_with(RUN_PATH) {
        url.set_path(&format!("{path}/{}", call.model));
    }
    match input(call) {
        AiInput::Json(text) => {
            let mut request = image_post(call, &url, &Value::Null);
            request.body = Some(text);
            request
        }
        AiInput::Form(fields) => image_form(call, &url, &fields),
    }
}

/// The input for the call's model.
fn input(call: &ImageCall<'_>) -> AiInput {
    let fields = fields(call);
    if row(model(call)).is_some_and(|row| row.is_form) {
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        AiInput::Form(fields.into_iter().map(|(name, value)| (name, text(value))).collect())
    } else {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
        AiInput::Json(Value::Object(fields.collect::<Map<_, _>>()).to_string())
    }
}

/// The fields that the call's model takes and the caller gave.
fn fields(call: &ImageCall<'_>) -> Vec<(&'static str, Value)> {
    let request = call.request;
    let prompt: String = call.prompt.as_str().chars().take(MAX_PROMPT_CHARS).collect();
    let mut fields = vec![("prompt", prompt.into())];
    let Some(row) = row(model(call)) else { return fields };
    if let Some(sizes) = row.sizes {
        let (width, height) = sizes.nearest(call.size());
        fields.extend([("width", width.into()), ("height", height.into())]);
    }
    let (name, most) = row.steps;
    fields.extend(request.steps.map(|steps| (name, steps.value().min(most).into())));
    fields.extend(seed(call).map(|seed| ("seed", seed.into())));
    if row.takes_guidance {
        fields.extend(request.guidance.as_ref().map(|guidance| ("guidance", guidance.value().into())));
        fields.extend(request.negative_prompt.as_ref().map(|text| ("negative_prompt", text.as_str().into())));
    }
    fields
}

/// The seed that is sent: none to a model that takes none.
pub(super) fn seed(call: &ImageCall<'_>) -> Option<u64> {
    row(model(call)).filter(|row| row.takes_seed)?;
    Some(call.request.seed?.value() % SEEDS)
}

/// Decodes the response: base64 in JSON, which the binding gives without the `result` around it, or for some models the
/// image itself.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    if !(200..300).contains(&response.status) {
        return Err(classify(response));
    }
    if image_format::sniff(&response.body).is_some() {
        return Ok(ImageAnswer { source: ImageSource::Bytes(response.body.clone()), seed: None });
    }
    let answer = json(response)?;
    let answer = answer.get("result").filter(|result| result.is_object()).unwrap_or(&answer);
    let image = answer.get("image").and_then(Value::as_str).ok_or_else(|| no_image(response))?;
    Ok(ImageAnswer { source: decode_base64(image)?, seed: seed_of(answer) })
}

#[cfg(test)]
mod tests;

//! The parameters of an image request in a JSON body, by OpenAI's and by SiliconFlow's names.

use serde_json::Value;

use super::image_query::{ImageQuery, no_model};
use super::json_fields::{Fields, flag, natural, number, text, whole, wrong_type};
use crate::config::Config;
use crate::domain::numbers::SeedChoice;
use crate::domain::prompt::Normalizer;
use crate::domain::{Guidance, Prompt, Size, Steps};
use crate::error::Error;

/// The maximum number of images per request.
const MAX_IMAGES: u64 = 10;

/// Prefixes of model names that mean the default model: many clients have them built in.
const DEFAULT_NAMES: [&str; 3] = ["dall-e-", "gpt-image-", "chatgpt-image-"];
/// Those of OpenAI's models that answer with the bytes.
const BASE64_NAMES: [&str; 2] = ["gpt-image-", "chatgpt-image-"];

/// The parameters in a body.
#[derive(Debug, PartialEq)]
pub struct ImageFields {
    /// The parameters of the image.
    pub query: ImageQuery,
    /// The number of images, each with a seed of its own: `n` or `batch_size`.
    pub count: u64,
    /// True if the response contains the bytes (`response_format: b64_json`) rather than a URL.
    pub as_base64: bool,
    /// True if the response is a stream of events.
    pub stream: bool,
}

impl ImageFields {
    /// Parses a body's fields. Unknown fields are ignored.
    pub fn parse(fields: &Fields, config: &Config, normalizer: &dyn Normalizer) -> Result<Self, Error> {
        let prompt = fields
            .given("prompt")
            .ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing: say what the image should show."))?;
        let query = ImageQuery {
            prompt: Some(Prompt::parse("prompt", text("prompt", prompt)?, normalizer)?),
            size: image_size(fields)?,
            optimize: fields.one_of(&["optimization", "enhance", "prompt_enhancement"], flag)?,
            seed: fields.one("seed", seed)?,
            model: fields.one("model", |name, value| model(name, value, config))?.flatten(),
            negative_prompt: fields
                .one("negative_prompt", |name, value| Prompt::parse(name, text(name, value)?, normalizer))?,
            steps: fields
                .one_of(&["steps", "num_inference_steps"], |name, value| Steps::parse(name, &whole(name, value)?))?,
            guidance: fields
                .one_of(&["guidance", "guidance_scale"], |name, value| Guidance::parse(name, &number(name, value)?))?,
            at_once: false,
            refresh: false,
        };
        let count = fields.one_of(&["n", "batch_size"], count)?.unwrap_or(1);
        let stream = fields.one("stream", flag)?.unwrap_or_default();
        if stream && count > 1 {
            return Err(Error::invalid("stream", "`stream` is true beside several images; a stream has one."));
        }
        let format = fields.one("response_format", format)?;
        Ok(Self { query, count, as_base64: format.unwrap_or_else(|| answers_base64(fields)), stream })
    }
}

/// The size by any of its names: `size`, `image_size`, or `width` and `height`.
///
/// # Errors
/// 400 for an invalid value, and if two of them disagree.
pub fn image_size(fields: &Fields) -> Result<Option<Size>, Error> {
    let names = ["size", "image_size"].into_iter().filter(|name| !fields.get(name).is_some_and(is_auto));
    let size = fields.one_of(&names.collect::<Vec<_>>(), |name, value| Size::parse(name, text(name, value)?))?;
    let (width, height) = (fields.one("width", whole)?, fields.one("height", whole)?);
    let sides = match (&width, &height) {
        (None, None) => return Ok(size),
        (Some(width), Some(height)) => Size::parse_sides(width, height)?,
        (Some(_), None) => return Err(Error::invalid("height", "`width` is given without `height`: give both.")),
        (None, Some(_)) => return Err(Error::invalid("width", "`height` is given without `width`: give both.")),
    };
    match size {
        Some(size) if size != sides => Err(Error::disagreement("width", "size")),
        _ => Ok(Some(sides)),
    }
}

/// True for the size `auto`, which is as good as none.
pub fn is_auto(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().eq_ignore_ascii_case("auto"))
}

/// True if the model asked for is one of OpenAI's that answer with the bytes.
fn answers_base64(fields: &Fields) -> bool {
    fields.get("model").and_then(Value::as_str).is_some_and(|name| begins_with(name, &BASE64_NAMES))
}

fn begins_with(name: &str, known: &[&str]) -> bool {
    known.iter().any(|known| name.trim().get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known)))
}

/// Parses a seed.
pub fn seed(name: &'static str, value: &Value) -> Result<SeedChoice, Error> {
    SeedChoice::parse(name, &whole(name, value)?)
}

/// Parses the name of an offered model.
pub fn model(name: &'static str, value: &Value, config: &Config) -> Result<Option<String>, Error> {
    let named = text(name, value)?;
    match config.model_named(named) {
        Some(known) => Ok(Some(known.to_owned())),
        None if begins_with(named, &DEFAULT_NAMES) => Ok(None),
        None => Err(no_model(named, config)),
    }
}

fn count(name: &'static str, value: &Value) -> Result<u64, Error> {
    let count = natural(value).filter(|count| (1..=MAX_IMAGES).contains(count));
    count.ok_or_else(|| wrong_type(name, value, "a whole number from 1 to 10"))
}

fn format(name: &'static str, value: &Value) -> Result<bool, Error> {
    match text(name, value)?.trim() {
        "url" => Ok(false),
        "b64_json" | "base64" => Ok(true),
        _ => Err(wrong_type(name, value, "url or b64_json")),
    }
}

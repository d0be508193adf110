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
const MAX_IMAGES: u64 = 4;

/// Prefixes of model names that mean the default model: many clients have them built in.
const DEFAULT_NAMES: [&str; 2] = ["dall-e-", "gpt-image-"];

/// The parameters in a body.
#[derive(Debug, PartialEq)]
pub struct ImageFields {
    /// The parameters of the image.
    pub query: ImageQuery,
    /// The number of images, each with a seed of its own: `n` or `batch_size`.
    pub count: u64,
    /// True if the response contains the bytes (`response_format: b64_json`) rather than a URL.
    pub as_base64: bool,
}

impl ImageFields {
    /// Parses a body's fields. Unknown fields are ignored.
    pub fn parse(fields: &Fields, config: &Config, normalizer: &dyn Normalizer) -> Result<Self, Error> {
        let prompt = fields
            .get("prompt")
            .ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing: say what the image should show."))?;
        let query = ImageQuery {
            prompt: Some(Prompt::parse("prompt", text("prompt", prompt)?, normalizer)?),
            size: fields.one_of(&["size", "image_size"], size)?.flatten(),
            optimize: fields.one("optimization", flag)?,
            seed: fields.one("seed", seed)?,
            model: fields.one("model", |name, value| model(name, value, config))?.flatten(),
            negative_prompt: fields
                .one("negative_prompt", |name, value| match text(name, value)? {
                    blank if blank.trim().is_empty() => Ok(None),
                    text => Prompt::parse(name, text, normalizer).map(Some),
                })?
                .flatten(),
            steps: fields
                .one_of(&["steps", "num_inference_steps"], |name, value| Steps::parse(name, &whole(name, value)?))?,
            guidance: fields
                .one_of(&["guidance", "guidance_scale"], |name, value| Guidance::parse(name, &number(name, value)?))?,
            refresh: false,
        };
        Ok(Self {
            query,
            count: fields.one_of(&["n", "batch_size"], count)?.unwrap_or(1),
            as_base64: fields.one("response_format", format)?.unwrap_or_default(),
        })
    }
}

/// Parses a size; `auto` means the default.
fn size(name: &'static str, value: &Value) -> Result<Option<Size>, Error> {
    match text(name, value)? {
        "auto" => Ok(None),
        text => Size::parse(name, text).map(Some),
    }
}

fn seed(name: &'static str, value: &Value) -> Result<SeedChoice, Error> {
    match value {
        Value::String(text) if text == "random" => Ok(SeedChoice::Random),
        value => SeedChoice::parse(name, &whole(name, value)?),
    }
}

/// Parses the name of an offered model.
pub fn model(name: &'static str, value: &Value, config: &Config) -> Result<Option<String>, Error> {
    let named = text(name, value)?;
    if DEFAULT_NAMES.iter().any(|known| named.starts_with(known)) {
        return Ok(None);
    }
    let known = config.model_named(named).ok_or_else(|| no_model(named, config))?;
    Ok(Some(known.to_owned()))
}

fn count(name: &'static str, value: &Value) -> Result<u64, Error> {
    let count = natural(value).filter(|count| (1..=MAX_IMAGES).contains(count));
    count.ok_or_else(|| wrong_type(name, value, "a whole number from 1 to 4"))
}

fn format(name: &'static str, value: &Value) -> Result<bool, Error> {
    match text(name, value)? {
        "url" => Ok(false),
        "b64_json" => Ok(true),
        _ => Err(wrong_type(name, value, "url or b64_json")),
    }
}

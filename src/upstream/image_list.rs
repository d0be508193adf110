//! Responses with a list of images, as URLs or in base64: SiliconFlow's `images`, OpenAI's `data`, and either field
//! beside the other.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;
use url::Url;

use crate::error::UpstreamError;
use crate::http::IncomingResponse;

use super::classify::{classify, classify_success};
use super::image_call::{ImageAnswer, ImageSource};

/// Base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The greatest seed that is kept: KV returns JSON by way of JavaScript's numbers, which are exact up to here.
const MAX_SEED: u64 = 1 << 53;

/// Decodes the image of a response, or classifies its failure.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    if !(200..300).contains(&response.status) {
        return Err(classify(response));
    }
    let answer = json(response)?;
    let item = first(&answer, "images").or_else(|| first(&answer, "data"));
    let item = item.ok_or_else(|| no_image(response))?;
    Ok(ImageAnswer { source: source(item)?, seed: seed(&answer) })
}

/// The answer as JSON.
pub(super) fn json(response: &IncomingResponse) -> Result<Value, UpstreamError> {
    response.json().ok_or_else(|| transient("its answer cannot be read"))
}

/// The failure of an answer without an image.
pub(super) fn no_image(response: &IncomingResponse) -> UpstreamError {
    classify_success(response, "its answer holds no image")
}

/// Decodes base64, bare or in a `data:` URL, with or without line breaks.
pub(super) fn decode_base64(text: &str) -> Result<ImageSource, UpstreamError> {
    let text = match text.strip_prefix("data:") {
        Some(address) => address.split_once(";base64,").map_or("", |(_, data)| data),
        None => text,
    };
    let text = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        Cow::Owned(text.split_ascii_whitespace().collect::<String>())
    } else {
        Cow::Borrowed(text)
    };
    match BASE64.decode(text.as_bytes()) {
        Ok(bytes) if !bytes.is_empty() => Ok(ImageSource::Bytes(bytes)),
        _ => Err(transient("its image is not base64")),
    }
}

/// A transient failure.
fn transient(what: &str) -> UpstreamError {
    UpstreamError::Transient(what.to_owned())
}

/// The first item of the list `name` that has an image.
fn first<'a>(answer: &'a Value, name: &str) -> Option<&'a Value> {
    let has_image = |item: &&Value| ["url", "b64_json"].into_iter().any(|name| text(item, name).is_some());
    answer.get(name)?.as_array()?.iter().find(has_image)
}

/// The text of the field `name`, if it is a string and not blank.
fn text<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    item.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The image of an item; base64 is preferred to a URL, because it needs no further call.
fn source(item: &Value) -> Result<ImageSource, UpstreamError> {
    if let Some(text) = text(item, "b64_json") {
        return decode_base64(text);
    }
    let address = text(item, "url").unwrap_or_default();
    if address.starts_with("data:") {
        return decode_base64(address);
    }
    match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(ImageSource::Url(url.into())),
        _ => Err(UpstreamError::Unfetchable("its image is at no address that can be fetched".into())),
    }
}

/// Reads a seed, as a number or as digits. Anything else is ignored: it is no reason to lose the image.
pub(super) fn seed(answer: &Value) -> Option<u64> {
    let seed = answer.get("seed")?;
    let number = seed.as_u64().or_else(|| seed.as_str()?.trim().parse().ok());
    number.filter(|number| *number <= MAX_SEED)
}

#[cfg(test)]
mod tests;

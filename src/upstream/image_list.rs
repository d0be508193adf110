//! An answer that lists images, by address or in base64: `SiliconFlow`'s `images`, `OpenAI`'s `data`,
//! and either field beside the other.
//!
//! An answer may be 30 MB of base64 in a Worker that has 128 MB in all: texts are borrowed from the
//! body, and of a list only the first image is kept.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};
use url::Url;

use crate::error::UpstreamError;
use crate::http::IncomingResponse;

use super::{ImageAnswer, ImageSource, failure};

/// Base64 with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Reads the image of an answer, or what its failure means.
pub(super) fn decode(response: &IncomingResponse) -> Result<ImageAnswer, UpstreamError> {
    if !(200..300).contains(&response.status) {
        return Err(failure::classify(response));
    }
    let answer: Wire<'_> =
        serde_json::from_slice(&response.body).map_err(|_| luck("its answer cannot be read"))?;
    let item = answer
        .images
        .0
        .or(answer.data.0)
        .ok_or_else(|| luck("its answer holds no image"))?;
    Ok(ImageAnswer {
        source: item.source()?,
        seed: answer.seed.and_then(Seed::value),
    })
}

/// Reads base64, bare or in a `data:` address, with line breaks in it or without.
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
        _ => Err(luck("its image is not base64")),
    }
}

/// A failure that is luck.
pub(super) fn luck(what: &str) -> UpstreamError {
    UpstreamError::Luck(what.to_owned())
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    images: First<'a>,
    #[serde(borrow, default)]
    data: First<'a>,
    #[serde(default)]
    seed: Option<Seed>,
}

/// A text of the answer, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Text<'_> {
    fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }
}

/// One image of a list.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, default)]
    url: Option<Text<'a>>,
    #[serde(borrow, default)]
    b64_json: Option<Text<'a>>,
}

impl Item<'_> {
    fn has_image(&self) -> bool {
        [&self.url, &self.b64_json]
            .into_iter()
            .flatten()
            .any(|text| !text.is_blank())
    }

    /// The image; base64 before an address, because it needs no further call.
    fn source(self) -> Result<ImageSource, UpstreamError> {
        if let Some(text) = self.b64_json.filter(|text| !text.is_blank()) {
            return decode_base64(&text.0);
        }
        let address = self.url.as_ref().map_or("", |text| text.0.trim());
        if address.starts_with("data:") {
            return decode_base64(address);
        }
        match Url::parse(address) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(ImageSource::Url(url.into())),
            _ => Err(luck("its image is at no address that can be fetched")),
        }
    }
}

/// A seed as a number or as digits; anything else is none, and no reason to lose the image.
#[derive(Deserialize)]
#[serde(untagged)]
enum Seed {
    Number(u64),
    Digits(String),
    Other(IgnoredAny),
}

impl Seed {
    fn value(self) -> Option<u64> {
        match self {
            Self::Number(value) => Some(value),
            Self::Digits(text) => text.trim().parse().ok(),
            Self::Other(_) => None,
        }
    }
}

/// The first item of a list that has an image; none where the field is `null` or an object.
#[derive(Default)]
struct First<'a>(Option<Item<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for First<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FirstVisitor).map(Self)
    }
}

struct FirstVisitor;

impl<'de> Visitor<'de> for FirstVisitor {
    type Value = Option<Item<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of images")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut first = None;
        while let Some(item) = list.next_element::<Item<'de>>()? {
            first = first.or(Some(item).filter(Item::has_image));
        }
        Ok(first)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests;

//! What is kept beside a stored image's bytes.

use serde_json::Value;

use super::image_id::short_hash;
use super::{Guidance, ImageRequest, Seed, Size, Steps};
use crate::json::{self, Json, json_object, json_words, serde_by_json};

/// KV takes 1,024 bytes of metadata and refuses a put with more; the rest is room for a
/// serialization that differs from ours in a space.
pub const MAX_RECORD_BYTES: usize = 1_000;

/// What ends a prompt that did not fit.
const CUT: char = '…';

/// What became of the prompt before it was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptStatus {
    /// Drawn as it was given.
    Original,
    /// Translated into English.
    Translated,
    /// Rewritten into a richer prompt.
    Optimized,
    /// A rewrite was wanted and could not be had: drawn as it was given.
    Fallback,
}

json_words!(PromptStatus {
    Original: "original",
    Translated: "translated",
    Optimized: "optimized",
    Fallback: "fallback",
});

impl PromptStatus {
    /// The word in `X-Prompt-Status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Translated => "translated",
            Self::Optimized => "optimized",
            Self::Fallback => "fallback",
        }
    }
}

/// What made an image, as KV keeps it in the metadata of `image:v1:{id}`.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageRecord {
    /// The media type of the bytes, by their magic number.
    pub content_type: String,
    /// How many bytes there are.
    pub bytes: u64,
    /// Width and height, read from the bytes.
    pub pixels: Option<Pixels>,
    /// The model that drew it.
    pub model: String,
    /// The seed that it was drawn from, where it is known.
    pub seed: Option<u64>,
    /// The prompt that was drawn; cut at a character and ended with `…` where it did not fit.
    pub prompt: String,
    /// What became of the prompt.
    pub status: PromptStatus,
    /// Where the upstream had it; that URL is dead after an hour.
    pub url: Option<String>,
    /// When it was made, in unix seconds.
    pub time: u64,
    /// Whether it replaced an earlier image under the same id.
    pub refreshed: bool,
    /// What it was asked for with.
    pub asked: Asked,
}

json_object!(ImageRecord {
    content_type: "type",
    bytes: "bytes",
    pixels: "pixels",
    model: "model",
    seed: "seed",
    prompt: "prompt",
    status: "status",
    url: "url",
    time: "time",
    refreshed: "refreshed",
    asked: "asked",
});

/// Width and height of an image that came back: any numbers, unlike those of a [`Size`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pixels(pub u64, pub u64);

impl Json for Pixels {
    fn to_json(&self) -> Value {
        Value::Array(vec![self.0.into(), self.1.into()])
    }

    fn from_json(json: &Value) -> Option<Self> {
        match json.as_array()?.as_slice() {
            [width, height] => Some(Self(width.as_u64()?, height.as_u64()?)),
            _ => None,
        }
    }
}

serde_by_json!(Pixels);

impl From<Size> for Pixels {
    fn from(size: Size) -> Self {
        Self(size.width().into(), size.height().into())
    }
}

/// The parameters that an image was asked for with, short enough for KV's metadata. Beside an id in
/// a URL they tell whether the URL still means that image.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// A short hash of the prompt.
    pub prompt: String,
    /// The size.
    pub size: Size,
    /// Whether `optimization` was asked for.
    pub optimize: bool,
    /// The seed.
    pub seed: Option<Seed>,
    /// The model.
    pub model: String,
    /// A short hash of the negative prompt.
    pub negative_prompt: Option<String>,
    /// The steps.
    pub steps: Option<Steps>,
    /// The guidance.
    pub guidance: Option<Guidance>,
}

json_object!(Asked {
    prompt: "p",
    size: "s",
    optimize: "o",
    seed: "e",
    model: "m",
    negative_prompt: "n",
    steps: "t",
    guidance: "g",
});

impl Asked {
    /// What a request asks for.
    pub fn of(request: &ImageRequest) -> Self {
        Self {
            prompt: short_hash(request.prompt.as_str()),
            size: request.size,
            optimize: request.optimize,
            seed: request.seed,
            model: request.model.clone(),
            negative_prompt: request.negative_prompt.as_ref().map(|text| short_hash(text.as_str())),
            steps: request.steps,
            guidance: request.guidance.clone(),
        }
    }
}

impl ImageRecord {
    /// The same record, short enough for KV. The upstream's URL loses its query first, then goes
    /// altogether; then the prompt loses its end.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        if self.excess() > 0
            && let Some(url) = &mut self.url
            && let Some(query) = url.find('?')
        {
            url.truncate(query);
        }
        if self.excess() > 0 {
            self.url = None;
        }
        let mut uncut = std::mem::take(&mut self.prompt);
        self.prompt.clone_from(&uncut);
        loop {
            let excess = self.excess();
            if excess == 0 || uncut.is_empty() {
                return self;
            }
            // A character is at least a byte of JSON, so this never cuts more than it must by more
            // than one character's escape.
            let goal = uncut.len().saturating_sub(excess.div_ceil(6).max(1));
            let end = (0..=goal).rev().find(|&at| uncut.is_char_boundary(at)).unwrap_or(0);
            uncut.truncate(end);
            self.prompt = format!("{uncut}{CUT}");
        }
    }

    /// How many bytes of JSON the record is over [`MAX_RECORD_BYTES`].
    fn excess(&self) -> usize {
        json::text(&self.to_json()).len().saturating_sub(MAX_RECORD_BYTES)
    }

    /// The file extension that fits the bytes, for permalinks.
    pub fn extension(&self) -> &'static str {
        match self.content_type.as_str() {
            "image/png" => "png",
            "image/webp" => "webp",
            "image/gif" => "gif",
            "image/svg+xml" => "svg",
            _ => "jpg",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(prompt: &str, url: &str) -> ImageRecord {
        ImageRecord {
            content_type: "image/jpeg".into(),
            bytes: 1,
            pixels: Some(Pixels(512, 512)),
            model: "black-forest-labs/FLUX.1-schnell".into(),
            seed: Some(1),
            prompt: prompt.into(),
            status: PromptStatus::Original,
            url: Some(url.into()),
            time: 1_780_000_000,
            refreshed: false,
            asked: Asked {
                prompt: short_hash(prompt),
                size: Size::of(512, 512).unwrap_or_else(|| unreachable!()),
                optimize: false,
                seed: None,
                model: "black-forest-labs/FLUX.1-schnell".into(),
                negative_prompt: None,
                steps: None,
                guidance: None,
            },
        }
    }

    #[test]
    fn what_fits_is_kept_whole() {
        let whole = record("a cat", "https://images.test/a.png?sig=1");
        assert_eq!(whole.clone().fitted(), whole);
    }

    #[test]
    fn the_url_loses_its_query_first_then_itself_then_the_prompt_its_end() {
        let long_query = format!("https://images.test/a.png?{}", "q".repeat(900));
        let fitted = record("a cat", &long_query).fitted();
        assert_eq!((fitted.url.as_deref(), fitted.prompt.as_str()), (Some("https://images.test/a.png"), "a cat"));

        let long_url = format!("https://images.test/{}", "p".repeat(900));
        let fitted = record("a cat", &long_url).fitted();
        assert_eq!((fitted.url, fitted.prompt.as_str()), (None, "a cat"));

        for long in ["cat ".repeat(500), "猫".repeat(2_000), "\"\u{1}".repeat(1_000)] {
            let fitted = record(&long, &long_url).fitted();
            let json = serde_json::to_string(&fitted).unwrap_or_default();
            assert!(json.len() <= MAX_RECORD_BYTES && json.len() > MAX_RECORD_BYTES - 20, "{}", json.len());
            assert!(fitted.prompt.ends_with(CUT) && long.starts_with(fitted.prompt.trim_end_matches(CUT)));
        }
    }
}

//! The metadata that is stored with an image.

use serde::{Deserialize, Serialize};

use super::image_format::{Pixels, extension};
use super::image_id::short_hash;
use super::image_request::ImageRequest;
use super::numbers::{Guidance, Seed, Steps};
use super::size::Size;
use super::visible_text::first_words;

/// The maximum size of the JSON, in bytes. KV accepts 1,024 bytes of metadata and refuses a put with more; the rest is
/// a margin for a serialization that differs from ours in whitespace.
pub const MAX_RECORD_BYTES: usize = 1_000;

/// Marks a prompt that was truncated.
const CUT: char = '…';

/// The treatment that the prompt received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PromptStatus {
    /// Used as it was given.
    Original,
    /// Translated into English.
    Translated,
    /// Rewritten into a richer prompt.
    Optimized,
    /// A rewrite was requested but failed: the prompt was used as it was given.
    Fallback,
}

impl PromptStatus {
    /// The value of `X-Prompt-Status`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Translated => "translated",
            Self::Optimized => "optimized",
            Self::Fallback => "fallback",
        }
    }
}

/// The parameters and results of a generation, stored as KV metadata of `image:v1:{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageRecord {
    /// The media type, detected from the bytes.
    #[serde(rename = "type")]
    pub content_type: String,
    /// The number of bytes.
    pub bytes: u64,
    /// Width and height, read from the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixels: Option<Pixels>,
    /// The model that made it.
    pub model: String,
    /// The seed that was used, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The prompt that was sent to the model; truncated at a character boundary and ended with `…` if it was too long.
    pub prompt: String,
    /// The treatment that the prompt received.
    pub status: PromptStatus,
    /// The upstream's URL of the image; it expires after an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The time of generation, in unix seconds.
    pub time: u64,
    /// True if it replaced an earlier image with the same id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refreshed: bool,
    /// The requested parameters.
    pub asked: RequestFingerprint,
}

/// The requested parameters of an image, short enough for KV's metadata. They tell if a URL with an id and other
/// parameters still means that image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestFingerprint {
    /// A short hash of the prompt.
    #[serde(rename = "p")]
    pub prompt: String,
    /// The first words of the prompt, for file names.
    #[serde(rename = "w", default, skip_serializing_if = "String::is_empty")]
    pub words: String,
    /// The size.
    #[serde(rename = "s")]
    pub size: Size,
    /// True if `optimization` was requested.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub optimize: bool,
    /// The seed.
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// The model.
    #[serde(rename = "m")]
    pub model: String,
    /// A short hash of the negative prompt.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<String>,
    /// The steps.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// The guidance.
    #[serde(rename = "g", skip_serializing_if = "Option::is_none")]
    pub guidance: Option<Guidance>,
}

impl RequestFingerprint {
    /// The fingerprint of a request.
    pub fn of(request: &ImageRequest) -> Self {
        Self {
            prompt: short_hash(request.prompt.as_str()),
            words: first_words(request.prompt.as_str()),
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
    /// The same record, short enough for KV. First the query of the upstream's URL is dropped, then the whole URL; then
    /// the prompt is truncated.
    #[must_use]
    pub fn truncated_to_metadata_limit(mut self) -> Self {
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
            // A byte of the prompt takes at most six bytes of JSON (`\u0000`), so that a round removes no more than is
            // needed, rounded up to a whole character.
            let goal = uncut.len().saturating_sub(excess.div_ceil(6).max(1));
            let end = (0..=goal).rev().find(|&at| uncut.is_char_boundary(at)).unwrap_or(0);
            uncut.truncate(end);
            self.prompt = format!("{uncut}{CUT}");
        }
    }

    /// The number of bytes by which the JSON exceeds [`MAX_RECORD_BYTES`].
    fn excess(&self) -> usize {
        serde_json::to_string(self).unwrap_or_default().len().saturating_sub(MAX_RECORD_BYTES)
    }

    /// The size that was drawn, or that was asked for where it cannot be read from the bytes.
    pub fn size(&self) -> Pixels {
        self.pixels.unwrap_or_else(|| self.asked.size.into())
    }

    /// The file extension for the media type, for permalinks.
    pub fn extension(&self) -> &'static str {
        extension(&self.content_type)
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
            asked: RequestFingerprint {
                prompt: short_hash(prompt),
                words: String::new(),
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
    fn a_record_that_fits_is_unchanged() {
        let whole = record("a cat", "https://images.test/a.png?sig=1");
        assert_eq!(whole.clone().truncated_to_metadata_limit(), whole);
    }

    #[test]
    fn the_url_loses_its_query_first_then_itself_then_the_prompt_its_end() {
        let long_query = format!("https://images.test/a.png?{}", "q".repeat(900));
        let truncated_to_metadata_limit = record("a cat", &long_query).truncated_to_metadata_limit();
        assert_eq!(
            (truncated_to_metadata_limit.url.as_deref(), truncated_to_metadata_limit.prompt.as_str()),
            (Some("https://images.test/a.png"), "a cat")
        );

        let long_url = format!("https://images.test/{}", "p".repeat(900));
        let truncated_to_metadata_limit = record("a cat", &long_url).truncated_to_metadata_limit();
        assert_eq!((truncated_to_metadata_limit.url, truncated_to_metadata_limit.prompt.as_str()), (None, "a cat"));

        for long in ["cat ".repeat(500), "猫".repeat(2_000), "\"\u{1}".repeat(1_000)] {
            let truncated_to_metadata_limit = record(&long, &long_url).truncated_to_metadata_limit();
            let json = serde_json::to_string(&truncated_to_metadata_limit).unwrap_or_default();
            assert!(json.len() <= MAX_RECORD_BYTES && json.len() > MAX_RECORD_BYTES - 20, "{}", json.len());
            assert!(
                truncated_to_metadata_limit.prompt.ends_with(CUT)
                    && long.starts_with(truncated_to_metadata_limit.prompt.trim_end_matches(CUT))
            );
        }
    }
}

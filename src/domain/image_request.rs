//! A request for an image, and its canonical form.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::image_id::ImageId;
use super::numbers::{Guidance, Seed, Steps};
use super::prompt::Prompt;
use super::size::Size;

/// The start of the canonical form. A change of the form must change this number. All ids then change, and stored
/// images are made again.
const VERSION: &str = "free-flux-api image 1";

/// The treatment of the prompt before generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromptMode {
    /// Sent unchanged.
    Nothing,
    /// Translated into English, keeping its meaning.
    Translate,
    /// Rewritten into a richer English prompt.
    Optimize,
    /// A translation was requested but failed: sent unchanged.
    TranslateFallback,
    /// An optimization was requested but failed: sent unchanged.
    OptimizeFallback,
}

impl PromptMode {
    /// Chooses the mode. `chat_available` says if a chat API is configured.
    pub fn of(prompt: &Prompt, optimize: bool, chat_available: bool) -> Self {
        match (chat_available, optimize) {
            (false, _) => Self::Nothing,
            (true, true) => Self::Optimize,
            (true, false) if prompt.as_str().is_ascii() => Self::Nothing,
            (true, false) => Self::Translate,
        }
    }

    /// True if a rewrite was requested and failed.
    pub fn is_fallback(self) -> bool {
        matches!(self, Self::TranslateFallback | Self::OptimizeFallback)
    }

    /// The mode after a failure of the chat API; `None` if it was not needed.
    pub fn fallback(self) -> Option<Self> {
        match self {
            Self::Translate => Some(Self::TranslateFallback),
            Self::Optimize => Some(Self::OptimizeFallback),
            _ => None,
        }
    }

    /// The name in an image's canonical form. It is part of stored ids and must never change.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Translate => "translate",
            Self::Optimize => "optimize",
            Self::TranslateFallback => "translate-fallback",
            Self::OptimizeFallback => "optimize-fallback",
        }
    }
}

/// A request for one image. Equal requests get the same image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageRequest {
    /// The prompt as the caller gave it.
    pub prompt: Prompt,
    /// True if `optimization` was requested.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optimize: bool,
    /// The treatment of the prompt. Its name in stored state is from an earlier version.
    #[serde(rename = "treatment")]
    pub mode: PromptMode,
    /// The size.
    pub size: Size,
    /// The model's name, one of `IMAGE_MODELS`.
    pub model: String,
    /// The seed; without one the upstream chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// The negative prompt: things that the image should not show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<Prompt>,
    /// The number of steps; without one the upstream's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// The guidance; without one the upstream's default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<Guidance>,
    /// True for a demo picture, drawn by the Worker.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

impl ImageRequest {
    /// The image's id, known before any upstream is called: the hash of the request's canonical form.
    pub fn id(&self) -> ImageId {
        let mut hash = Sha256::new();
        let mut field = |name: &str, value: &str| {
            // The length before each value makes the form unambiguous.
            hash.update(format!("{name} {}:", value.len()));
            hash.update(value);
            hash.update("\n");
        };
        field("version", VERSION);
        field("prompt", self.prompt.as_str());
        field("treatment", self.mode.name());
        field("size", &self.size.to_string());
        field("model", &self.model);
        if let Some(seed) = self.seed {
            field("seed", &seed.to_string());
        }
        if let Some(negative) = &self.negative_prompt {
            field("negative_prompt", negative.as_str());
        }
        if let Some(steps) = self.steps {
            field("steps", &steps.value().to_string());
        }
        if let Some(guidance) = &self.guidance {
            field("guidance", guidance.as_str());
        }
        if self.demo {
            field("demo", "1");
        }
        ImageId::of(hash)
    }

    /// The request to be made if the chat API fails, with an id of its own.
    pub fn fallback(&self) -> Option<Self> {
        self.mode.fallback().map(|mode| Self { mode, ..self.clone() })
    }
}

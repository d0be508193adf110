//! What an image is asked for with.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::image_id::ImageId;
use super::numbers::{Guidance, Seed, Steps};
use super::prompt::Prompt;
use super::size::Size;

/// What the canonical form starts with. A change of the form changes this number, and with it
/// every id: stored images are then made again.
const VERSION: &str = "free-flux-api image 1";

/// What is done to the prompt before it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromptMode {
    /// It is sent as it is.
    Nothing,
    /// It is translated into English, keeping its meaning.
    Translate,
    /// It is rewritten into a richer English prompt.
    Optimize,
    /// A translation was wanted and could not be had: it is sent as it is.
    TranslateFallback,
    /// An optimization was wanted and could not be had: it is sent as it is.
    OptimizeFallback,
}

impl PromptMode {
    /// What `optimize` and the prompt ask for, where the chat API can be asked at all.
    pub fn of(prompt: &Prompt, optimize: bool, chat_available: bool) -> Self {
        match (chat_available, optimize) {
            (false, _) => Self::Nothing,
            (true, true) => Self::Optimize,
            (true, false) if prompt.as_str().is_ascii() => Self::Nothing,
            (true, false) => Self::Translate,
        }
    }

    /// What takes its place when the chat API fails; `None` where nothing was wanted of it.
    pub fn fallback(self) -> Option<Self> {
        match self {
            Self::Translate => Some(Self::TranslateFallback),
            Self::Optimize => Some(Self::OptimizeFallback),
            _ => None,
        }
    }

    /// Its name in an image's identity: part of a stored key, so it never changes.
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

/// One image as it was asked for. Whoever asks for the same gets the same image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImageRequest {
    /// The prompt as the caller gave it.
    pub prompt: Prompt,
    /// Whether `optimization` was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optimize: bool,
    /// What will be done to the prompt. Its name in stored states is of an earlier version.
    #[serde(rename = "treatment")]
    pub mode: PromptMode,
    /// The size.
    pub size: Size,
    /// The model's name, one of `IMAGE_MODELS`.
    pub model: String,
    /// The seed; without one it is the upstream's choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// What the image should not show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative_prompt: Option<Prompt>,
    /// Steps; without them the upstream's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Steps>,
    /// Guidance; without it the upstream's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<Guidance>,
    /// Whether it is a demo picture, drawn by the Worker.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

impl ImageRequest {
    /// The image's id, worked out before anybody is asked: the hash of the request's canonical form.
    pub fn id(&self) -> ImageId {
        let mut hash = Sha256::new();
        let mut field = |name: &str, value: &str| {
            // The length before each value keeps any two different requests apart.
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

    /// The same request for the case that the chat API fails, with an id of its own.
    pub fn fallback(&self) -> Option<Self> {
        self.mode.fallback().map(|mode| Self { mode, ..self.clone() })
    }
}

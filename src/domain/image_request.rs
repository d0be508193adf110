//! What an image is asked for with.

use super::{Guidance, ImageId, Prompt, Seed, Size, Steps};
use crate::json::{json_object, json_words};

/// What is done to the prompt before it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Treatment {
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

json_words!(Treatment {
    Nothing: "nothing",
    Translate: "translate",
    Optimize: "optimize",
    TranslateFallback: "translate-fallback",
    OptimizeFallback: "optimize-fallback",
});

impl Treatment {
    /// What `optimize` and the prompt ask for, where the chat API can be asked at all.
    pub fn wanted(prompt: &Prompt, optimize: bool, chat_available: bool) -> Self {
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
#[derive(Debug, Clone, PartialEq)]
pub struct ImageRequest {
    /// The prompt as the caller gave it.
    pub prompt: Prompt,
    /// Whether `optimization` was asked for.
    pub optimize: bool,
    /// What will be done to the prompt.
    pub treatment: Treatment,
    /// The size.
    pub size: Size,
    /// The model's name, one of `IMAGE_MODELS`.
    pub model: String,
    /// The seed; without one it is the upstream's choice.
    pub seed: Option<Seed>,
    /// What the image should not show.
    pub negative_prompt: Option<Prompt>,
    /// Steps; without them the upstream's own number.
    pub steps: Option<Steps>,
    /// Guidance; without it the upstream's own.
    pub guidance: Option<Guidance>,
    /// Whether it is a demo picture, drawn by the Worker.
    pub demo: bool,
}

json_object!(ImageRequest {
    prompt: "prompt",
    optimize: "optimize",
    treatment: "treatment",
    size: "size",
    model: "model",
    seed: "seed",
    negative_prompt: "negative_prompt",
    steps: "steps",
    guidance: "guidance",
    demo: "demo",
});

impl ImageRequest {
    /// The image's id, worked out before anybody is asked.
    pub fn id(&self) -> ImageId {
        ImageId::of(self)
    }

    /// The same request for the case that the chat API fails, with an id of its own.
    pub fn fallback(&self) -> Option<Self> {
        self.treatment.fallback().map(|treatment| Self { treatment, ..self.clone() })
    }
}

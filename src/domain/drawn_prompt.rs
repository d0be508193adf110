//! The prompt that an image is drawn from.

use serde::{Deserialize, Serialize};

use super::image_record::PromptStatus;
use super::prompt::Prompt;

/// A prompt as it is drawn, and what became of it on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnPrompt {
    /// The prompt.
    pub prompt: Prompt,
    /// The treatment it received.
    pub status: PromptStatus,
}

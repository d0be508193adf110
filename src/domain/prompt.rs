//! The prompt of an image.

use serde::{Deserialize, Serialize};

use super::visible_text::visible;
use crate::error::Error;

/// Unicode NFC, which the platform has built in.
pub trait Normalizer {
    /// The text in normalization form C.
    fn nfc(&self, text: &str) -> String;
}

/// The longest prompt, in Unicode code points.
pub const MAX_PROMPT_CHARS: usize = 2_000;

/// A prompt of 1 to [`MAX_PROMPT_CHARS`] visible characters, trimmed and in Unicode NFC, so that equivalent spellings of
/// a text are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Prompt(String);

impl Prompt {
    /// Parses the parameter `param`: takes out what shows nothing, trims, normalizes and checks it.
    pub fn parse(param: &str, text: &str, normalizer: &dyn Normalizer) -> Result<Self, Error> {
        let trimmed = visible(text);
        if trimmed.is_empty() {
            return Err(Error::missing_prompt(param, format!("`{param}` is blank: say what the image should show.")));
        }
        let text = if trimmed.is_ascii() { trimmed } else { normalizer.nfc(&trimmed).trim().to_owned() };
        let chars = text.chars().count();
        if chars > MAX_PROMPT_CHARS {
            return Err(Error::invalid(
                param,
                format!("`{param}` has {chars} characters; at most {MAX_PROMPT_CHARS} are accepted."),
            ));
        }
        Ok(Self(text))
    }

    /// A prompt written by a language model, truncated to the maximum length.
    pub fn from_model(text: &str) -> Option<Self> {
        let cut: String = text.trim().chars().take(MAX_PROMPT_CHARS).collect();
        let cut = cut.trim_end();
        (!cut.is_empty()).then(|| Self(cut.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct AsIs;

    impl Normalizer for AsIs {
        fn nfc(&self, text: &str) -> String {
            text.to_owned()
        }
    }

    #[test]
    fn a_blank_prompt_is_a_missing_one() {
        for blank in ["", "  ", "\n\t", "\u{3000}", "\u{200B}\u{FEFF}", "\0"] {
            let error = Prompt::parse("prompt", blank, &AsIs);
            assert_eq!(error.err().map(|e| e.code()), Some("missing_prompt"), "{blank:?}");
        }
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        let longest = "猫".repeat(MAX_PROMPT_CHARS);
        assert!(Prompt::parse("prompt", &longest, &AsIs).is_ok());
        let error = Prompt::parse("prompt", &format!("{longest}猫"), &AsIs).err();
        assert_eq!(error.as_ref().map(Error::code), Some("invalid_parameter"));
        assert!(error.is_some_and(|e| e.to_string().contains("2001")));
    }
}

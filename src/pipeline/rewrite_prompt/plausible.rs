//! The check of a chat model's response.

use super::instructions::Question;
use crate::domain::Prompt;
use crate::domain::prompt::MAX_PROMPT_CHARS;

/// The maximum length of a translation, in characters per character of the original. Chinese grows about fourfold in
/// English.
const MAX_GROWTH: usize = 12;

/// The length that is accepted however short the original is, in characters.
const MAX_SHORT: usize = 300;

/// Accepts a response as the new prompt if it is plausible: not empty, not too long, not about the instructions, and
/// mainly ASCII. The last is for both modes: both promise English, and other languages give no better image than the
/// original. Letters such as é are accepted, and a few words in another script, as on a sign.
pub(super) fn check(answer: &str, question: &Question, original: &Prompt) -> Result<Prompt, &'static str> {
    let chars = answer.chars().filter(|c| !c.is_whitespace()).count();
    let foreign = answer.chars().filter(|c| !c.is_whitespace() && !c.is_ascii()).count();
    let longest = if question.faithful {
        MAX_SHORT.saturating_add(original.as_str().chars().count().saturating_mul(MAX_GROWTH))
    } else {
        MAX_PROMPT_CHARS
    };
    if chars > longest {
        return Err("its answer is too long for a prompt");
    }
    if foreign * 2 > chars {
        return Err("its answer is not in English");
    }
    if question.is_quoted_in(answer) {
        return Err("its answer is about the instructions");
    }
    Prompt::from_model(answer).ok_or("its answer is empty")
}

//! The prompt of a conversation, and the image of it: what the chat API and the Responses API share.

use serde_json::Value;

use super::chat_task;
use super::conversation::Conversation;
use super::image_fields::{image_size, seed};
use super::image_query::{ImageQuery, ResolvedRequest};
use super::image_reply::{FoundImage, permalink};
use super::images::get_or_create;
use super::json_fields::Fields;
use super::{json_body, markdown};
use crate::access::Caller;
use crate::app::App;
use crate::domain::numbers::SeedChoice;
use crate::domain::{Prompt, Size};
use crate::error::Error;
use crate::http::Request;

/// A request that holds a conversation.
pub struct Talk {
    /// The fields beside the conversation.
    pub fields: Fields,
    conversation: Conversation,
}

impl Talk {
    /// Reads the request's body; the messages are in the field of the `empty` conversation.
    ///
    /// # Errors
    /// 400, 413, 415.
    pub async fn read(request: &Request, empty: impl Fn() -> Conversation) -> Result<Self, Error> {
        let name = empty().param;
        let (fields, mut conversation) = json_body::read_talk(request, name, empty, Conversation::take).await?;
        if let Some(Value::String(text)) = fields.get(name) {
            conversation.take_text(text);
        }
        Ok(Self { fields: Fields(fields), conversation })
    }

    /// The answer to a task that the chat app set for itself: it costs nothing, and needs no token.
    pub fn task_answer(&self) -> Option<String> {
        chat_task::answer(&self.conversation)
    }

    /// The name of the model that answers: the one asked for where it is on offer, else the default.
    pub fn model(&self, app: &App) -> String {
        let named = self.fields.get("model").and_then(Value::as_str).and_then(|name| app.config.model_named(name));
        named.or(app.config.models.first().map(String::as_str)).unwrap_or_default().to_owned()
    }

    /// The image that the conversation asks for, in this size where its request names none.
    ///
    /// # Errors
    /// 400 for an invalid field, or without a prompt.
    pub fn image(&self, app: &App, default_size: Option<Size>) -> Result<ResolvedRequest, Error> {
        let param = self.conversation.param;
        let text = self.conversation.last_prompt()?;
        let size = image_size(&self.fields)?;
        let (text, size) = if size.is_some() { (text, size) } else { split_size(text) };
        let model = self.fields.get("model").and_then(Value::as_str).and_then(|name| app.config.model_named(name));
        let query = ImageQuery {
            prompt: Some(Prompt::parse(param, text, &*app.normalizer)?),
            size: size.or(default_size),
            model: model.map(str::to_owned),
            // A new one each time, so that "regenerate" brings another picture.
            seed: Some(self.fields.one("seed", seed)?.unwrap_or(SeedChoice::Random)),
            ..ImageQuery::default()
        };
        let resolved = query.request(&app.config, &*app.ports.random)?;
        resolved.ok_or_else(|| Error::missing_prompt(param, format!("There is no prompt in `{param}`.")))
    }
}

/// An image with its Markdown.
pub struct Shown {
    /// The image.
    pub image: FoundImage,
    /// The Markdown image.
    pub markdown: String,
}

/// Gets or makes the image.
///
/// # Errors
/// As [`get_or_create`].
pub async fn show(app: &App, request: &Request, image: ResolvedRequest, with_bytes: bool) -> Result<Shown, Error> {
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    let prompt = image.request.prompt.as_str().to_owned();
    let image = get_or_create(app, &caller, image, with_bytes, None).await?;
    let url = app.absolute(request, &permalink(&image.id, &image.record));
    Ok(Shown { markdown: markdown::image(&prompt, &url), image })
}

/// Splits a text from the size at its end, given as `768x512` or as a ratio. A size that cannot be made stays part of
/// the text.
fn split_size(text: &str) -> (&str, Option<Size>) {
    let text = text.trim();
    let is_gap = |c: char| c.is_whitespace() || [',', ';', '，', '、', '；'].contains(&c);
    let Some((at, gap)) = text.char_indices().rev().find(|(_, c)| is_gap(*c)) else { return (text, None) };
    let last = text.get(at + gap.len_utf8()..).unwrap_or_default();
    // The size may be the end of a sentence.
    match Size::parse("messages", last.trim_end_matches(['.', '。'])) {
        Ok(size) => (text.get(..at).unwrap_or_default().trim_end_matches(is_gap), Some(size)),
        Err(_) => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of(text: &str) -> (String, Option<String>) {
        let (text, size) = split_size(text);
        (text.to_owned(), size.map(|size| size.to_string()))
    }

    #[test]
    fn a_size_or_a_ratio_at_the_end_is_the_size() {
        for (text, prompt, size) in [
            ("a cat 768x512", "a cat", "768x512"),
            ("a cat, 16:9 ", "a cat", "1024x576"),
            ("一只猫，768×1024", "一只猫", "768x1024"),
            ("a cat 4：3", "a cat", "1024x768"),
            ("A cat. 768x512.", "A cat.", "768x512"),
            ("一只猫，768×1024。", "一只猫", "768x1024"),
        ] {
            assert_eq!(size_of(text), (prompt.to_owned(), Some(size.to_owned())), "{text}");
        }
    }

    #[test]
    fn an_invalid_size_is_text() {
        for text in [
            "a cat",
            "a cat 5:4",
            "a wall of 3x3",
            "768x512",
            "a cat 768x",
            "a cat 9999x9999",
            "cat768x512",
            "a cat at 5:4.",
        ] {
            assert_eq!(size_of(text), (text.to_owned(), None), "{text}");
        }
    }
}

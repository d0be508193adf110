//! A conversation with a chat client: what is kept of it, message by message.

use super::json_fields::wrong_type;
use super::json_node::Node;
use crate::error::Error;

/// The characters that are kept of the conversation's first prompt, for a title.
const MAX_FIRST_CHARS: usize = 200;

/// The messages of a request, as far as they count.
pub struct Conversation {
    /// The field that holds them.
    pub param: &'static str,
    /// True if items of other kinds may stand among the messages.
    mixed: bool,
    wrong: Option<Error>,
    /// The beginning of the first user message.
    pub first: String,
    /// The last user message; `None` without one.
    last: Option<Result<String, Error>>,
    /// The text of the last message, if the client gives instructions in it rather than its user.
    pub closing_instruction: Option<String>,
    /// The client's instructions at the beginning.
    pub opening_instruction: Option<String>,
    /// True if there was an answer before the last user message.
    pub is_answered: bool,
    seen_answer: bool,
}

impl Conversation {
    /// An empty conversation in the field `param`.
    pub fn new(param: &'static str, mixed: bool) -> Self {
        Self {
            param,
            mixed,
            wrong: None,
            first: String::new(),
            last: None,
            closing_instruction: None,
            opening_instruction: None,
            is_answered: false,
            seen_answer: false,
        }
    }

    /// Takes the next message.
    pub fn take(&mut self, message: &Node<'_>) {
        let Some(role) = message.get("role").and_then(Node::as_str) else {
            if !self.mixed {
                self.wrong.get_or_insert_with(|| wrong_type(self.param, &message.into(), "messages with a role"));
            }
            return;
        };
        let content = message.get("content").unwrap_or(&Node::Null);
        self.closing_instruction = None;
        match role {
            "user" => self.take_user(content),
            "assistant" => self.seen_answer = true,
            "system" | "developer" => {
                let text = text_of(content);
                if self.last.is_none() {
                    self.opening_instruction.clone_from(&text);
                }
                self.closing_instruction = text;
            }
            _ => {}
        }
    }

    /// Takes a message of a user.
    pub fn take_text(&mut self, text: &str) {
        self.take_user(&Node::Text(text.into()));
    }

    fn take_user(&mut self, content: &Node<'_>) {
        let text = text_of(content);
        if let (true, Some(text)) = (self.first.is_empty(), &text) {
            self.first = text.chars().take(MAX_FIRST_CHARS).collect();
        }
        self.is_answered = self.seen_answer;
        self.last =
            Some(text.ok_or_else(|| wrong_type(self.param, &content.into(), "messages with a text as content")));
    }

    /// True if there was any answer.
    pub fn was_answered(&self) -> bool {
        self.seen_answer
    }

    /// The last user message.
    ///
    /// # Errors
    /// 400 if there is none, or if a message has another form.
    pub fn last_prompt(&self) -> Result<&str, Error> {
        if let Some(wrong) = &self.wrong {
            return Err(wrong.clone());
        }
        let message = || Error::missing_prompt(self.param, format!("`{}` holds no message of a user.", self.param));
        self.last.as_ref().ok_or_else(message)?.as_ref().map(String::as_str).map_err(Clone::clone)
    }
}

/// The text of a message's content: a string, or the text parts of a list.
fn text_of(content: &Node<'_>) -> Option<String> {
    if let Node::Text(text) = content {
        return Some(text.clone().into_owned());
    }
    let is_text = |part: &&Node<'_>| matches!(part.get("type").and_then(Node::as_str), Some("text" | "input_text"));
    let parts = content.as_list()?.iter().filter(is_text);
    let texts: Vec<&str> = parts.filter_map(|part| part.get("text")?.as_str()).collect();
    Some(texts.join("\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn last(messages: &[Value], mixed: bool) -> Result<String, Error> {
        let mut conversation = Conversation::new("messages", mixed);
        for message in messages {
            conversation.take(&message.into());
        }
        conversation.last_prompt().map(str::to_owned)
    }

    #[test]
    fn the_prompt_is_the_last_text_of_a_user() {
        let messages = [
            json!({ "role": "user", "content": "first" }),
            json!({ "role": "user", "content": [
                { "type": "text", "text": "last" }, { "type": "image_url", "image_url": {} }, { "type": "input_text", "text": "words" },
            ]}),
            json!({ "role": "assistant", "content": "no" }),
        ];
        assert_eq!(last(&messages, false), Ok("last\nwords".to_owned()));
    }

    #[test]
    fn messages_of_another_shape_are_errors_that_name_them() {
        for messages in [
            &[][..],
            &[json!(1)],
            &[json!({ "role": "system", "content": "no user" })],
            &[json!({ "role": "user" })],
            &[json!({ "role": "user", "content": 7 })],
            &[json!({ "content": "no role" }), json!({ "role": "user", "content": "a cat" })],
        ] {
            let error = last(messages, false).err();
            assert_eq!(error.as_ref().and_then(|error| error.param.as_deref()), Some("messages"), "{messages:?}");
        }
    }

    #[test]
    fn other_items_may_stand_among_mixed_messages() {
        let messages = [json!({ "role": "user", "content": "a cat" }), json!({ "type": "function_call_output" })];
        assert_eq!(last(&messages, true), Ok("a cat".to_owned()));
    }
}

//! `POST /v1/chat/completions` for chat clients: the last user message is the prompt and the reply is a Markdown image.

use serde_json::{Value, json};

use super::image_query::ImageQuery;
use super::image_reply::permalink;
use super::images::get_or_create;
use super::json_fields::{Fields, flag, wrong_type};
use crate::access::Caller;
use crate::app::App;
use crate::domain::{Prompt, Size};
use crate::error::Error;
use crate::http::{Body, Request, Response};

/// The sizes of aspect ratios: those that FLUX.1-schnell lists.
const RATIOS: [(&str, u32, u32); 6] = [
    ("1:1", 1_024, 1_024),
    ("1:2", 512, 1_024),
    ("3:2", 768, 512),
    ("3:4", 768, 1_024),
    ("16:9", 1_024, 576),
    ("9:16", 576, 1_024),
];

/// The maximum length of the image's alternative text, in characters.
const MAX_ALT_CHARS: usize = 100;

/// Makes an image of the last user message; responds with one JSON object or a stream of events.
pub async fn chat(app: &App, request: &Request) -> Result<Response, Error> {
    let fields = Fields::read(request).await?;
    let stream = fields.one("stream", flag)?.unwrap_or_default();
    let message = last_user_message(fields.get("messages"))?;
    let (text, size) = split_size(&message);
    let model = fields.get("model").and_then(Value::as_str).filter(|name| app.config.models.iter().any(|m| m == name));
    let query = ImageQuery {
        prompt: Some(Prompt::parse("messages", text, &*app.normalizer)?),
        size,
        model: model.map(str::to_owned),
        ..ImageQuery::default()
    };
    let resolved = query.request(&app.config, &*app.ports.random)?;
    let resolved = resolved.ok_or_else(|| Error::missing_prompt("messages", "There is no prompt in `messages`."))?;
    let now_ms = app.ports.clock.now_ms();
    let caller = Caller::of(&app.config.access, request, now_ms);
    let model = resolved.request.model.clone();
    let alt = alternative(resolved.request.prompt.as_str());
    let image = get_or_create(app, &caller, resolved, false).await?;
    let url = app.absolute(request, &permalink(&image.id, &image.record));
    let reply = Reply {
        id: format!("chatcmpl-{:016x}", app.ports.random.next_u64()),
        created: now_ms / 1_000,
        model,
        content: format!("![{alt}]({url})"),
    };
    Ok(if stream { reply.events() } else { reply.whole() }.with("Cache-Control", "no-store"))
}

/// The text of the last message from a user: a string, or the text parts of a list.
fn last_user_message(messages: Option<&Value>) -> Result<String, Error> {
    let messages = messages.ok_or_else(|| Error::missing_prompt("messages", "`messages` is missing."))?;
    let list = messages.as_array().ok_or_else(|| wrong_type("messages", messages, "a list of messages"))?;
    let role = |message: &Value| message.get("role").and_then(Value::as_str).map(str::to_owned);
    if let Some(wrong) = list.iter().find(|message| role(message).is_none()) {
        return Err(wrong_type("messages", wrong, "messages with a role"));
    }
    let user = list.iter().rev().find(|message| role(message).as_deref() == Some("user"));
    let user = user.ok_or_else(|| Error::missing_prompt("messages", "`messages` holds no message of a user."))?;
    match user.get("content") {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter(|part| part.get("type").and_then(Value::as_str) == Some("text"));
            let texts: Vec<&str> = texts.filter_map(|part| part.get("text")?.as_str()).collect();
            Ok(texts.join("\n"))
        }
        other => Err(wrong_type("messages", other.unwrap_or(&Value::Null), "messages with a text as content")),
    }
}

/// Splits a text from the size at its end, given as `768x512` or as a ratio. A size that cannot be made stays part of
/// the text.
fn split_size(text: &str) -> (&str, Option<Size>) {
    let text = text.trim();
    let is_gap = |c: char| c.is_whitespace() || [',', ';', '，', '、', '；'].contains(&c);
    let Some((at, gap)) = text.char_indices().rev().find(|(_, c)| is_gap(*c)) else { return (text, None) };
    let last = text.get(at + gap.len_utf8()..).unwrap_or_default();
    let ratio = RATIOS.iter().find(|(ratio, ..)| *ratio == last.replace('：', ":"));
    let size = match ratio {
        Some((_, width, height)) => Size::of(*width, *height),
        None => Size::parse("messages", last).ok(),
    };
    match size {
        Some(size) => (text.get(..at).unwrap_or_default().trim_end_matches(is_gap), Some(size)),
        None => (text, None),
    }
}

/// The alternative text of the image: the prompt without Markdown's special characters.
fn alternative(prompt: &str) -> String {
    let plain = prompt.chars().map(|c| if c.is_control() || "[]()\\`*_<>!&#|~".contains(c) { ' ' } else { c });
    let text = plain.take(MAX_ALT_CHARS).collect::<String>();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The assistant's message.
struct Reply {
    id: String,
    created: u64,
    model: String,
    content: String,
}

impl Reply {
    /// The reply as one JSON object.
    fn whole(&self) -> Response {
        let message = json!({ "role": "assistant", "content": self.content.as_str(), "refusal": Value::Null });
        let choice = json!({ "index": 0, "message": message, "logprobs": Value::Null, "finish_reason": "stop" });
        let usage = json!({ "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 });
        Response::json(200, &self.object("chat.completion", &choice, Some(usage)))
    }

    /// The reply as server-sent events, in the form of OpenAI's streams.
    fn events(&self) -> Response {
        let chunk = |delta: Value, finish: Value| {
            let choice = json!({ "index": 0, "delta": delta, "logprobs": Value::Null, "finish_reason": finish });
            format!("data: {}\n\n", self.object("chat.completion.chunk", &choice, None))
        };
        let body = [
            chunk(json!({ "role": "assistant", "content": "" }), Value::Null),
            chunk(json!({ "content": self.content.as_str() }), Value::Null),
            chunk(json!({}), "stop".into()),
            "data: [DONE]\n\n".to_owned(),
        ];
        Response::new(200)
            .with("Content-Type", "text/event-stream; charset=utf-8")
            .body(Body::Text(body.concat().into()))
    }

    fn object(&self, kind: &str, choice: &Value, usage: Option<Value>) -> Value {
        let mut object = json!({
            "id": self.id.as_str(),
            "object": kind,
            "created": self.created,
            "model": self.model.as_str(),
            "choices": [choice],
        });
        if let (Some(usage), Value::Object(object)) = (usage, &mut object) {
            object.insert("usage".into(), usage);
        }
        object
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
            ("a cat 1:1", "a cat", "1024x1024"),
        ] {
            assert_eq!(size_of(text), (prompt.to_owned(), Some(size.to_owned())), "{text}");
        }
    }

    #[test]
    fn an_invalid_size_is_text() {
        for text in ["a cat", "a cat 5:4", "a wall of 3x3", "768x512", "a cat 768x", "a cat 9999x9999", "cat768x512"] {
            assert_eq!(size_of(text), (text.to_owned(), None), "{text}");
        }
    }

    #[test]
    fn the_prompt_is_the_last_text_of_a_user() {
        let messages = json!([
            { "role": "user", "content": "first" },
            { "role": "user", "content": [
                { "type": "text", "text": "last" }, { "type": "image_url", "image_url": {} }, { "type": "text", "text": "words" },
            ]},
            { "role": "assistant", "content": "no" },
        ]);
        assert_eq!(last_user_message(Some(&messages)), Ok("last\nwords".to_owned()));
    }

    #[test]
    fn messages_of_another_shape_are_errors_that_name_them() {
        for messages in [
            Value::Null,
            json!("hi"),
            json!([]),
            json!([1]),
            json!([{ "role": "system", "content": "no user" }]),
            json!([{ "role": "user" }]),
            json!([{ "role": "user", "content": 7 }]),
        ] {
            let error = last_user_message(Some(&messages).filter(|m| !m.is_null())).err();
            assert_eq!(error.as_ref().and_then(|error| error.param.as_deref()), Some("messages"), "{messages}");
        }
    }

    #[test]
    fn the_alternative_text_holds_nothing_that_markdown_reads() {
        assert_eq!(alternative("a [cat](x) ![y] <b> `z`\n*w*"), "a cat x y b z w");
    }
}

//! `POST /v1/chat/completions` for chat clients: the last user message is the prompt and the reply is a Markdown image.

use serde_json::{Value, json};

use super::conversation::Conversation;
use super::events;
use super::json_fields::{flag, wrong_type};
use super::talk::{Talk, show};
use crate::app::App;
use crate::error::Error;
use crate::http::{Body, Request, Response};

/// Makes an image of the last user message; responds with one JSON object or a stream of events. A task of the chat app's
/// own is answered in text.
pub async fn chat(app: &App, request: &Request) -> Result<Response, Error> {
    let talk = Talk::read(request, || Conversation::new("messages", false)).await?;
    let messages = talk.fields.given("messages");
    if messages.is_none() {
        return Err(Error::missing_prompt("messages", "`messages` is missing."));
    }
    if let Some(wrong) = messages.filter(|messages| !messages.is_array()) {
        return Err(wrong_type("messages", wrong, "a list of messages"));
    }
    let stream = talk.fields.one("stream", flag)?.unwrap_or_default();
    let options = talk.fields.get("stream_options");
    let with_usage = options.and_then(|options| options.get("include_usage")).is_some_and(|usage| *usage == true);
    let (model, content) = if let Some(text) = talk.task_answer() {
        (talk.model(app), text)
    } else {
        let image = talk.image(app, None)?;
        (image.request.model.clone(), show(app, request, image, false).await?.markdown)
    };
    let id = format!("chatcmpl-{:016x}", app.ports.random.next_u64());
    let reply = Reply { id, created: app.ports.clock.now_ms() / 1_000, model, content };
    Ok(if stream { reply.events(with_usage) } else { reply.whole() }.with("Cache-Control", "no-store"))
}

/// What an answer cost, in tokens.
fn usage() -> Value {
    json!({ "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0 })
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
        Response::json(200, &self.object("chat.completion", &json!([choice]), Some(usage())))
    }

    /// The reply as server-sent events, in the form of OpenAI's streams; the last one holds the usage where that was asked
    /// for.
    fn events(&self, with_usage: bool) -> Response {
        let chunk = |delta: Value, finish: Value| {
            let choice = json!({ "index": 0, "delta": delta, "logprobs": Value::Null, "finish_reason": finish });
            format!("data: {}\n\n", self.object("chat.completion.chunk", &json!([choice]), None))
        };
        let last = format!("data: {}\n\n", self.object("chat.completion.chunk", &json!([]), Some(usage())));
        let body = [
            chunk(json!({ "role": "assistant", "content": "" }), Value::Null),
            chunk(json!({ "content": self.content.as_str() }), Value::Null),
            chunk(json!({}), "stop".into()),
            if with_usage { last } else { String::new() },
            "data: [DONE]\n\n".to_owned(),
        ];
        events::reply(Body::Text(body.concat().into()))
    }

    fn object(&self, kind: &str, choices: &Value, usage: Option<Value>) -> Value {
        let mut object = json!({
            "id": self.id.as_str(),
            "object": kind,
            "created": self.created,
            "model": self.model.as_str(),
            "choices": choices,
        });
        if let (Some(usage), Value::Object(object)) = (usage, &mut object) {
            object.insert("usage".into(), usage);
        }
        object
    }
}

//! The `response` object of OpenAI's Responses API, whole or as the events from which its SDKs build it.

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};

use super::events;
use super::images::read_again;
use crate::app::App;
use crate::domain::{ImageId, ImageRecord};
use crate::http::{Body, Live, Response, Segment};

/// Stands for the bytes of the image in JSON until they are sent.
const BYTES: &str = r#""\u0000bytes""#;

/// An answer.
pub struct ResponseObject {
    /// The random parts of the ids: of the response, its message, and its image.
    pub ids: [String; 3],
    /// The time, in unix seconds.
    pub created: u64,
    /// The model's name.
    pub model: String,
    /// The assistant's message.
    pub text: String,
    /// The tools that were named.
    pub tools: Value,
}

/// The image of an answer.
pub struct Drawn {
    /// Its id.
    pub id: ImageId,
    /// Its record.
    pub record: ImageRecord,
    /// Its bytes.
    pub body: Body,
}

impl ResponseObject {
    /// The answer as one JSON object.
    pub fn whole(&self, drawn: Option<Drawn>) -> Response {
        let output = drawn.iter().map(|drawn| self.image(&drawn.record)).chain([self.message()]);
        let text = self.object("completed", &output.collect::<Vec<_>>().into()).to_string();
        let body = match drawn {
            Some(drawn) => {
                let (start, end) = filled(&text, drawn.body);
                Body::Live(stream::iter(start.into_iter().chain([end.into()])).boxed_local())
            }
            None => Body::Text(text.into()),
        };
        Response::new(200)
            .with("Content-Type", "application/json; charset=utf-8")
            .with("Cache-Control", "no-store")
            .body(body)
    }

    /// The answer as events. The image's bytes are in two of them: for the second they are read again, rather than kept.
    pub fn events(&self, app: &App, drawn: Option<Drawn>) -> Response {
        let mut events = Events { text: String::new(), number: 0 };
        for name in ["response.created", "response.in_progress"] {
            events.push(name, json!({ "response": self.object("in_progress", &json!([])) }));
        }
        let mut output = Vec::new();
        if let Some(Drawn { record, .. }) = &drawn {
            self.image_events(&mut events, record);
            output.push(self.image(record));
        }
        self.message_events(&mut events, output.len());
        output.push(self.message());
        events.push("response.completed", json!({ "response": self.object("completed", &output.into()) }));
        let Some(Drawn { id, body, .. }) = drawn else {
            return events::reply(stream::iter([events.text.into()]).boxed_local());
        };
        events::reply(filled_twice(app.clone(), id, &events.text, body))
    }

    fn image_events(&self, events: &mut Events, record: &ImageRecord) {
        let begun =
            json!({ "type": "image_generation_call", "id": self.image_id(), "status": "in_progress", "result": null });
        events.push("response.output_item.added", json!({ "output_index": 0, "item": begun }));
        for step in ["in_progress", "generating", "completed"] {
            events.push(
                &format!("response.image_generation_call.{step}"),
                json!({ "output_index": 0, "item_id": self.image_id() }),
            );
        }
        let item = self.image(record);
        events.push("response.output_item.done", json!({ "output_index": 0, "item": item }));
    }

    fn message_events(&self, events: &mut Events, index: usize) {
        let id = self.message_id();
        let part = |text: &str| json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] });
        let in_part = |field: &str, value: Value| json!({ "item_id": id, "output_index": index, "content_index": 0, field: value });
        let begun = json!({ "type": "message", "id": id, "role": "assistant", "status": "in_progress", "content": [] });
        events.push("response.output_item.added", json!({ "output_index": index, "item": begun }));
        events.push("response.content_part.added", in_part("part", part("")));
        for (name, field) in [("delta", "delta"), ("done", "text")] {
            events.push(&format!("response.output_text.{name}"), in_part(field, self.text.as_str().into()));
        }
        events.push("response.content_part.done", in_part("part", part(&self.text)));
        events.push("response.output_item.done", json!({ "output_index": index, "item": self.message() }));
    }

    fn image_id(&self) -> String {
        let [.., id] = &self.ids;
        format!("ig_{id}")
    }

    fn message_id(&self) -> String {
        let [_, id, _] = &self.ids;
        format!("msg_{id}")
    }

    fn image(&self, record: &ImageRecord) -> Value {
        let format = record.content_type.strip_prefix("image/").and_then(|kind| kind.split('+').next());
        json!({
            "type": "image_generation_call", "id": self.image_id(), "status": "completed", "result": "\u{0}bytes",
            "revised_prompt": record.prompt, "output_format": format, "size": record.asked.size.to_string(),
            "quality": "auto", "background": "opaque",
        })
    }

    fn message(&self) -> Value {
        let part = json!({ "type": "output_text", "text": self.text, "annotations": [], "logprobs": [] });
        json!({ "type": "message", "id": self.message_id(), "role": "assistant", "status": "completed", "content": [part] })
    }

    fn object(&self, status: &str, output: &Value) -> Value {
        let [id, ..] = &self.ids;
        let usage = json!({
            "input_tokens": 0, "input_tokens_details": { "cached_tokens": 0 },
            "output_tokens": 0, "output_tokens_details": { "reasoning_tokens": 0 }, "total_tokens": 0,
        });
        json!({
            "id": format!("resp_{id}"), "object": "response", "created_at": self.created, "status": status,
            "model": self.model, "output": output, "tools": self.tools, "tool_choice": "auto",
            "parallel_tool_calls": true, "error": null, "incomplete_details": null, "instructions": null,
            "metadata": {}, "temperature": 1.0, "top_p": 1.0, "max_output_tokens": null, "previous_response_id": null,
            "reasoning": { "effort": null, "summary": null }, "store": false, "truncation": "disabled",
            "text": { "format": { "type": "text" } }, "user": null,
            "usage": if status == "completed" { usage } else { Value::Null },
        })
    }
}

/// Events with their numbers.
struct Events {
    text: String,
    number: u64,
}

impl Events {
    fn push(&mut self, name: &str, mut data: Value) {
        if let Value::Object(fields) = &mut data {
            fields.insert("type".into(), name.into());
            fields.insert("sequence_number".into(), self.number.into());
        }
        self.number += 1;
        self.text.push_str(&events::event(&data));
    }
}

/// A JSON text with the bytes of an image in place of the first mark, and the text behind it.
fn filled(text: &str, body: Body) -> (Vec<Segment>, String) {
    let (start, rest) = text.split_once(BYTES).unwrap_or((text, ""));
    (vec![format!("{start}\"").into(), Segment::Base64(body)], format!("\"{rest}"))
}

/// The text with the image's bytes in both of its places.
fn filled_twice(app: App, id: ImageId, text: &str, body: Body) -> Live {
    let (start, rest) = filled(text, body);
    let (middle, _) = filled(&rest, Body::Empty);
    let end = rest.split_once(BYTES).map_or(String::new(), |(_, end)| format!("\"{end}"));
    let again = stream::once(async move { Segment::Base64(read_again(&app, &id).await) });
    let middle = middle.into_iter().take(1);
    stream::iter(start.into_iter().chain(middle)).chain(again).chain(stream::iter([end.into()])).boxed_local()
}

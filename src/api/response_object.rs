//! The `response` object of OpenAI's Responses API, whole or as the events from which its SDKs build it.
//!
//! Its JSON is put together from texts: as values in code it would weigh 15 KB in the Worker.

use super::events;
use super::images::read_again;
use super::template::{filled, put, quoted};
use crate::app::App;
use crate::domain::{ImageId, ImageRecord};
use crate::http::{Body, Response, Segment};

/// The response. `$…` are the places of what differs.
const RESPONSE: &str = r#"{"id":"resp_$id","object":"response","created_at":$created,"status":"$status","model":$model,"output":[$output],"tools":$tools,"tool_choice":"auto","parallel_tool_calls":true,"error":null,"incomplete_details":null,"instructions":null,"metadata":{},"temperature":1.0,"top_p":1.0,"max_output_tokens":null,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"truncation":"disabled","text":{"format":{"type":"text"}},"user":null,"usage":{"input_tokens":0,"input_tokens_details":{"cached_tokens":0},"output_tokens":0,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":0}}"#;
const IMAGE: &str = r#"{"type":"image_generation_call","id":"ig_$id","status":"completed","result":"$bytes","revised_prompt":$prompt,"output_format":"$format","size":"$size","quality":"auto","background":"opaque"}"#;
const PART: &str = r#"{"type":"output_text","text":$text,"annotations":[],"logprobs":[]}"#;
const MESSAGE: &str = r#"{"type":"message","id":"msg_$id","role":"assistant","status":"completed","content":[$part]}"#;

const EVENT: &str =
    "event: response.$name\ndata: {\"type\":\"response.$name\",\"sequence_number\":$number,$fields}\n\n";

/// The events, each with its fields, in the order of a stream: at the beginning, of the image, of the message, at the end.
const BEGINNING: &[(&str, &str)] = &[("created", r#""response":$begun"#), ("in_progress", r#""response":$begun"#)];
const OF_IMAGE: &[(&str, &str)] = &[
    (
        "output_item.added",
        r#""output_index":0,"item":{"type":"image_generation_call","id":"ig_$id","status":"in_progress","result":null}"#,
    ),
    ("image_generation_call.in_progress", r#""output_index":0,"item_id":"ig_$id""#),
    ("image_generation_call.generating", r#""output_index":0,"item_id":"ig_$id""#),
    ("image_generation_call.completed", r#""output_index":0,"item_id":"ig_$id""#),
    ("output_item.done", r#""output_index":0,"item":$image"#),
];
const OF_MESSAGE: &[(&str, &str)] = &[
    (
        "output_item.added",
        r#""output_index":$index,"item":{"type":"message","id":"msg_$id","role":"assistant","status":"in_progress","content":[]}"#,
    ),
    (
        "content_part.added",
        r#""item_id":"msg_$id","output_index":$index,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}"#,
    ),
    ("output_text.delta", r#""item_id":"msg_$id","output_index":$index,"content_index":0,"delta":$text,"logprobs":[]"#),
    ("output_text.done", r#""item_id":"msg_$id","output_index":$index,"content_index":0,"text":$text,"logprobs":[]"#),
    ("content_part.done", r#""item_id":"msg_$id","output_index":$index,"content_index":0,"part":$part"#),
    ("output_item.done", r#""output_index":$index,"item":$message"#),
];
const END: &[(&str, &str)] = &[("completed", r#""response":$whole"#)];

/// The place of the image's bytes.
const BYTES: &str = "$bytes";

/// An answer.
pub struct ResponseObject {
    /// The random part of its ids.
    pub id: String,
    /// The time, in unix seconds.
    pub created: u64,
    /// The model's name.
    pub model: String,
    /// The assistant's message.
    pub text: String,
    /// The tools that were named, as JSON.
    pub tools: String,
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
        let text = self.object("completed", &self.output(drawn.as_ref()));
        let body = match drawn {
            Some(Drawn { record, body, .. }) => {
                Body::Pieces { pieces: filled(&text, BYTES, [Segment::base64(body)]), bytes: record.bytes }
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
        let of_image = if drawn.is_some() { OF_IMAGE } else { &[] };
        let events = BEGINNING.iter().chain(of_image).chain(OF_MESSAGE).chain(END).enumerate();
        let mut text = String::new();
        for (number, (name, fields)) in events {
            let number = number.to_string();
            text.push_str(&put(EVENT, &[("$name", name), ("$number", &number), ("$fields", fields)]));
        }
        let output = self.output(drawn.as_ref());
        let index = if drawn.is_some() { "1" } else { "0" };
        let text = put(
            &text,
            &[
                ("$begun", &self.object("in_progress", "")),
                ("$index", index),
                ("$image", &self.image(drawn.as_ref())),
                ("$whole", &self.object("completed", &output)),
                ("$message", &self.message()),
                ("$part", &self.part()),
                ("$id", &self.id),
                ("$text", &quoted(&self.text)),
            ],
        );
        let Some(Drawn { id, record, body }) = drawn else { return events::reply(Body::Text(text.into())) };
        let app = app.clone();
        let again = Segment::Base64(Box::pin(async move { read_again(&app, &id).await }));
        let pieces = filled(&text, BYTES, [Segment::base64(body), again]);
        events::reply(Body::Pieces { pieces, bytes: record.bytes.saturating_mul(2) })
    }

    fn output(&self, drawn: Option<&Drawn>) -> String {
        let message = self.message();
        if drawn.is_some() { format!("{},{message}", self.image(drawn)) } else { message }
    }

    fn image(&self, drawn: Option<&Drawn>) -> String {
        let Some(Drawn { record, .. }) = drawn else { return String::new() };
        let format = record.content_type.strip_prefix("image/").and_then(|kind| kind.split('+').next());
        put(
            IMAGE,
            &[
                ("$id", &self.id),
                ("$format", format.unwrap_or_default()),
                ("$size", &record.size().to_string()),
                ("$prompt", &quoted(&record.prompt)),
            ],
        )
    }

    fn part(&self) -> String {
        put(PART, &[("$text", &quoted(&self.text))])
    }

    fn message(&self) -> String {
        put(MESSAGE, &[("$id", &self.id), ("$part", &self.part())])
    }

    fn object(&self, status: &str, output: &str) -> String {
        put(
            RESPONSE,
            &[
                ("$id", &self.id),
                ("$created", &self.created.to_string()),
                ("$status", status),
                ("$model", &quoted(&self.model)),
                ("$tools", &self.tools),
                ("$output", output),
            ],
        )
    }
}

//! `POST /v1/responses`: OpenAI's Responses API, as far as text to image goes.

use serde_json::Value;

use super::conversation::Conversation;
use super::image_fields::is_auto;
use super::image_reply::FoundImage;
use super::json_fields::{flag, text, wrong_type};
use super::response_object::{Drawn, ResponseObject};
use super::talk::{Talk, show};
use super::template::plain;
use crate::app::App;
use crate::domain::Size;
use crate::error::Error;
use crate::http::{Request, Response};

/// Makes an image of the last user text; responds with one JSON object or a stream of events. The image itself is among
/// the output where the tool `image_generation` was named.
pub async fn responses(app: &App, request: &Request) -> Result<Response, Error> {
    let talk = Talk::read(request, || Conversation::new("input", true)).await?;
    let input = talk.fields.given("input");
    let input = input.ok_or_else(|| Error::missing_prompt("input", "`input` is missing."))?;
    if !(input.is_array() || input.is_string()) {
        return Err(wrong_type("input", input, "a text or a list of messages"));
    }
    let stream = talk.fields.one("stream", flag)?.unwrap_or_default();
    let tool = talk
        .fields
        .get("tools")
        .and_then(Value::as_array)
        .and_then(|tools| tools.iter().find(|tool| is_image_tool(tool)));
    let (model, text, drawn) = if let Some(answer) = talk.task_answer() {
        (talk.model(app), answer, None)
    } else {
        let image = talk.image(app, tool.map(size_of_tool).transpose()?.flatten())?;
        let model = image.request.model.clone();
        let shown = show(app, request, image, tool.is_some()).await?;
        let FoundImage { id, record, body, .. } = shown.image;
        (model, shown.markdown, tool.map(|_| Drawn { id, record, body }))
    };
    let object = ResponseObject {
        id: format!("{:016x}{:016x}", app.ports.random.next_u64(), app.ports.random.next_u64()),
        created: app.ports.clock.now_ms() / 1_000,
        model,
        text,
        tools: tool.map_or_else(|| "[]".to_owned(), |tool| format!("[{}]", plain(tool))),
    };
    Ok(if stream { object.events(app, drawn) } else { object.whole(drawn) })
}

fn is_image_tool(tool: &Value) -> bool {
    tool.get("type").and_then(Value::as_str) == Some("image_generation")
}

/// The size that the tool names.
fn size_of_tool(tool: &Value) -> Result<Option<Size>, Error> {
    let size = tool.get("size").filter(|size| !size.is_null() && !is_auto(size));
    size.map(|size| Size::parse("tools", text("tools", size)?)).transpose()
}

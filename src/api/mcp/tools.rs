//! The two tools: what they take, and what they do.

use serde_json::{Map, Value, json};

use super::envelope::{Call, Refusal};
use super::fields;
use super::tool_result::{self, Drawn};
use crate::access::Caller;
use crate::api::image_fields::ImageFields;
use crate::api::image_reply::FoundImage;
use crate::api::images::get_or_create;
use crate::api::json_fields::Fields;
use crate::app::App;
use crate::error::Error;
use crate::http::Request;

/// The arguments of `generate_image`.
const ARGUMENTS: [&str; 6] = ["prompt", "size", "seed", "optimization", "model", "negative_prompt"];

/// The tools, in a fixed order, as `tools/list` has them.
pub(super) fn descriptions() -> Value {
    json!([generate_image_description(), list_models_description()])
}

fn generate_image_description() -> Value {
    json!({
        "name": "generate_image",
        "title": "Generate an image",
        "description": "Draws a picture from a text and returns its permanent link as a Markdown image. Prompts in any \
                        language are translated. The same arguments give the same picture.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "prompt": { "type": "string", "description": "What the image should show: 1 to 2,000 characters, in any language." },
                "size": { "type": "string", "description": "WIDTHxHEIGHT, each side 64 to 2048, or a ratio such as 16:9. Default: the service's own." },
                "seed": { "type": ["integer", "string"], "description": "0 to 9999999999; the same seed gives the same picture. random draws a new one." },
                "optimization": { "type": "boolean", "description": "Rewrites the prompt into a richer one." },
                "model": { "type": "string", "description": "One of list_models. Default: the first." },
                "negative_prompt": { "type": "string", "description": "What the image should not show." },
            },
            "required": ["prompt"],
            "additionalProperties": false,
        },
        "outputSchema": {
            "type": "object",
            "properties": {
                "url": { "type": "string" },
                "id": { "type": "string" },
                "markdown": { "type": "string" },
                "width": { "type": "integer" },
                "height": { "type": "integer" },
                "seed": { "type": "integer" },
                "model": { "type": "string" },
                "prompt_drawn": { "type": "string" },
                "prompt_status": { "type": "string" },
                "cached": { "type": "boolean" },
            },
            "required": ["url", "id", "markdown"],
        },
        "annotations": {
            "title": "Generate an image",
            "readOnlyHint": false,
            "destructiveHint": false,
            "idempotentHint": true,
            "openWorldHint": true,
        },
    })
}

fn list_models_description() -> Value {
    json!({
        "name": "list_models",
        "title": "List the models",
        "description": "The models that generate_image takes, the default first.",
        "inputSchema": { "type": "object", "properties": {}, "additionalProperties": false },
        "annotations": { "title": "List the models", "readOnlyHint": true },
    })
}

/// Calls a tool. An error of the service is a result as well, which the client's model reads.
pub(super) async fn call(app: &App, request: &Request, call: &Call) -> Result<Map<String, Value>, Refusal> {
    if !call.has_params_object {
        return Err(call.invalid_params("`params` is no object"));
    }
    let arguments = match call.params.get("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments.clone(),
        Some(_) => return Err(call.invalid_params("`arguments` is no object")),
    };
    match call.params.get("name").and_then(Value::as_str) {
        Some("list_models") => Ok(list_models(app)),
        Some("generate_image") => Ok(match generate_image(app, request, arguments).await {
            Ok(drawn) => drawn.result(),
            Err(error) => tool_result::failed(&error),
        }),
        _ => Err(call.invalid_params("unknown tool")),
    }
}

/// Draws a picture, or finds it: the same call as `POST /v1/images/generations`.
async fn generate_image(app: &App, request: &Request, arguments: Map<String, Value>) -> Result<Drawn, Error> {
    if let Some(unknown) = arguments.keys().find(|name| !ARGUMENTS.contains(&name.as_str())) {
        return Err(Error::invalid(unknown, format!("`{unknown}` is no argument of generate_image.")));
    }
    let fields = ImageFields::parse(&Fields(arguments), &app.config, &*app.normalizer)?;
    let resolved = fields.query.request(&app.config, &*app.ports.random)?;
    let resolved = resolved.ok_or_else(|| Error::missing_prompt("prompt", "`prompt` is missing."))?;
    let prompt = resolved.request.prompt.as_str().to_owned();
    let caller = Caller::of(&app.config.access, request, app.ports.clock.now_ms());
    let image: FoundImage = get_or_create(app, &caller, resolved, true).await?;
    Drawn::of(app, request, &prompt, image).await
}

fn list_models(app: &App) -> Map<String, Value> {
    let models = app.config.models_on_offer();
    let text = models.join("\n");
    fields(json!({
        "content": [{ "type": "text", "text": text }],
        "structuredContent": { "models": models },
        "isError": false,
    }))
}

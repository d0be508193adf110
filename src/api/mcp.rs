//! `POST /mcp`: the Model Context Protocol over Streamable HTTP, without sessions.
//!
//! In the revision of 2026-07-28 ("modern") every request stands alone and says its version in `_meta`; in the earlier
//! ones ("legacy") a client begins with `initialize`. Both are answered at once, as JSON.

mod envelope;
mod origin;
mod tool_result;
mod tools;

use serde_json::{Map, Value, json};

use self::envelope::{Call, Era, Refusal};
use crate::app::App;
use crate::error::Error;
use crate::http::{BodyError, Request, Response};

/// The longest message that is read, in bytes: as at the images API.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The time for which the tools may be remembered, in milliseconds.
const TTL_MS: u64 = 3_600_000;
/// What a client's model is told of the server.
const INSTRUCTIONS: &str = "Draws pictures from text with FLUX.1-schnell or another model. Call generate_image with a \
                            prompt; show the user the Markdown image that it returns. The same arguments give the same \
                            picture again: pass another seed for another one.";

/// Answers one message.
///
/// 1. Refuse a page on a host that is not on the list: 403.
/// 2. Read the message, its era and its headers: 400, or 202 for what needs no answer.
/// 3. Answer the method.
pub async fn mcp(app: &App, request: &Request) -> Result<Response, Error> {
    if !origin::is_allowed(app, request) {
        return Ok(Refusal::forbidden().response());
    }
    let message = match read(request).await {
        Ok(message) => message,
        Err(refusal) => return Ok(refusal.response()),
    };
    Ok(match Call::read(request, message) {
        Ok(Some(call)) => answer(app, request, &call).await,
        Ok(None) => Response::new(202),
        Err(refusal) => refusal.response(),
    })
}

async fn read(request: &Request) -> Result<Value, Refusal> {
    let body = request.body.read(MAX_MESSAGE_BYTES).await.map_err(|error| match error {
        BodyError::TooLarge => Refusal::too_large(MAX_MESSAGE_BYTES),
        BodyError::Broken => Refusal::parse_error(),
    })?;
    let text = std::str::from_utf8(&body).map_err(|_| Refusal::parse_error())?;
    serde_json::from_str(text).map_err(|_| Refusal::parse_error())
}

async fn answer(app: &App, request: &Request, call: &Call) -> Response {
    match (call.method.as_str(), call.era) {
        ("initialize", Era::Legacy) => call.result(initialize(call)),
        ("server/discover", Era::Modern) => call.result(discover()),
        ("ping", Era::Legacy) => call.result(Map::new()),
        ("tools/list", era) => call.result(list(era)),
        ("tools/call", _) => match tools::call(app, request, call).await {
            Ok(result) => call.result(result),
            Err(refusal) => refusal.response(),
        },
        _ => call.unknown_method().response(),
    }
}

fn initialize(call: &Call) -> Map<String, Value> {
    let requested = call.params.get("protocolVersion").and_then(Value::as_str);
    let version = requested.and_then(envelope::legacy_version).unwrap_or(envelope::NEWEST_LEGACY);
    fields(json!({
        "protocolVersion": version,
        "capabilities": { "tools": {} },
        "serverInfo": envelope::server_info(),
        "instructions": INSTRUCTIONS,
    }))
}

fn discover() -> Map<String, Value> {
    fields(json!({
        "supportedVersions": envelope::VERSIONS,
        "capabilities": { "tools": {} },
        "instructions": INSTRUCTIONS,
        "ttlMs": TTL_MS,
        "cacheScope": "public",
    }))
}

fn list(era: Era) -> Map<String, Value> {
    let mut result = fields(json!({ "tools": tools::descriptions() }));
    if era == Era::Modern {
        result.insert("ttlMs".into(), TTL_MS.into());
        result.insert("cacheScope".into(), "public".into());
    }
    result
}

/// The fields of an object.
fn fields(object: Value) -> Map<String, Value> {
    if let Value::Object(fields) = object { fields } else { Map::new() }
}

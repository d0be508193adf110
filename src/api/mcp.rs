//! `POST /mcp`: the Model Context Protocol over Streamable HTTP, without sessions.
//!
//! In the revision of 2026-07-28 ("modern") every request stands alone and says its version in `_meta`; in the earlier
//! ones ("legacy") a client begins with `initialize`. Messages are written as text: most of each is fixed.

mod envelope;
mod origin;
mod progress;
mod tool_result;
mod tools;

use serde_json::Value;

use self::envelope::{Call, Era};
use super::json_body;
use crate::app::App;
use crate::error::Error;
use crate::http::{Request, Response};

/// For how long answers may be remembered, and by whom.
const CACHEABLE: &str = r#""ttlMs":3600000,"cacheScope":"public""#;
/// What the server can do, and what a client's model is told of it.
const ABOUT: &str = r#""capabilities":{"tools":{}},"instructions":"Draws pictures from text with FLUX.1-schnell or another model. Call generate_image with a prompt, and show the user the Markdown image that it returns. The same arguments give the same picture again; another seed gives another one.""#;

/// Answers one message.
///
/// 1. Refuse a page on a host that is not on the list: 403.
/// 2. Read the message, its era and its headers: 400, or 202 for what needs no answer.
/// 3. Answer the method.
pub async fn mcp(app: &App, request: &Request) -> Result<Response, Error> {
    if !origin::is_allowed(app, request) {
        return Ok(envelope::invalid_request(403, &Value::Null, "requests from this origin are not answered"));
    }
    let message = match read(request).await {
        Ok(message) => message,
        Err(refusal) => return Ok(refusal),
    };
    Ok(match Call::read(request, message) {
        Ok(Some(call)) => answer(app, request, call).await,
        Ok(None) => Response::new(202),
        Err(refusal) => refusal,
    })
}

async fn read(request: &Request) -> Result<Value, Response> {
    json_body::read_any(request).await.map_err(|error| match error.status() {
        413 => envelope::invalid_request(413, &Value::Null, "the body is larger than 65536 bytes"),
        _ => envelope::parse_error(),
    })
}

async fn answer(app: &App, request: &Request, call: Call) -> Response {
    if !call.has_valid_params {
        return call.invalid_params("`params` is no object");
    }
    match (call.method.as_str(), call.era) {
        ("initialize", Era::Legacy) => call.result(&initialize(&call)),
        ("server/discover", Era::Modern) => call.result(&discover()),
        ("ping", Era::Legacy) => call.result(""),
        ("tools/list", era) => call.result(&list(era)),
        ("tools/call", _) => tools::call(app, request, call).await,
        _ => call.unknown_method(),
    }
}

fn initialize(call: &Call) -> String {
    let requested = call.params.get("protocolVersion").and_then(Value::as_str);
    let known = requested.filter(|version| envelope::LEGACY.contains(version));
    let version = known.unwrap_or(envelope::NEWEST_LEGACY);
    format!(r#""protocolVersion":"{version}","serverInfo":{},{ABOUT}"#, envelope::SERVER_INFO)
}

fn discover() -> String {
    format!(r#""supportedVersions":{},{ABOUT},{CACHEABLE}"#, envelope::SUPPORTED)
}

fn list(era: Era) -> String {
    let tools = tools::DESCRIPTIONS;
    if era == Era::Modern { format!(r#""tools":{tools},{CACHEABLE}"#) } else { format!(r#""tools":{tools}"#) }
}

//! JSON-RPC's envelope, and the two eras of the protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::http::{Body, Request, Response};

/// The version in which every request stands alone.
const MODERN: &str = "2026-07-28";
/// The newest version that begins with `initialize`.
pub(super) const NEWEST_LEGACY: &str = "2025-11-25";
/// The oldest one, and what a request without a version is in. It knows no links among the blocks of a result.
const OLDEST_LEGACY: &str = "2025-03-26";
/// The versions that begin with `initialize`.
pub(super) const LEGACY: [&str; 3] = [NEWEST_LEGACY, "2025-06-18", OLDEST_LEGACY];
/// Every version, as JSON.
pub(super) const SUPPORTED: &str = r#"["2026-07-28","2025-11-25","2025-06-18","2025-03-26"]"#;
/// The name and version of this server, as JSON.
pub(super) const SERVER_INFO: &str =
    concat!(r#"{"name":"free-flux-api","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

/// The header in which a request says its version.
const VERSION_HEADER: &str = "MCP-Protocol-Version";
/// The fields of `_meta` without which a request is not modern: its version, and what its client can do.
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// JSON-RPC's codes, and those of the protocol.
const PARSE_ERROR: i32 = -32_700;
const INVALID_REQUEST: i32 = -32_600;
const METHOD_NOT_FOUND: i32 = -32_601;
const INVALID_PARAMS: i32 = -32_602;
const HEADER_MISMATCH: i32 = -32_020;
const UNSUPPORTED_VERSION: i32 = -32_022;

/// The eras of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Era {
    /// Every request says its version.
    Modern,
    /// A client begins with `initialize`.
    Legacy,
}

/// A request that is to be answered.
pub(super) struct Call {
    /// A text or a number.
    id: Value,
    pub(super) method: String,
    /// Its parameters; empty where there are none.
    pub(super) params: Map<String, Value>,
    /// False where `params` is there and is no object.
    pub(super) has_valid_params: bool,
    pub(super) era: Era,
    /// True where its version knows links among the blocks of a result.
    pub(super) knows_links: bool,
}

impl Call {
    /// Reads a message; `None` for a notification and for a client's own response, which need no answer.
    pub(super) fn read(request: &Request, message: Value) -> Result<Option<Self>, Response> {
        let Value::Object(mut message) = message else {
            return Err(invalid_request(400, &Value::Null, "one JSON-RPC message is expected, and no batch"));
        };
        let is_notification = !message.contains_key("id");
        let id = message.remove("id").filter(|id| id.is_string() || id.is_number()).unwrap_or_default();
        if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(invalid_request(400, &id, "`jsonrpc` is not 2.0"));
        }
        let Some(Value::String(method)) = message.remove("method") else {
            let is_response = message.contains_key("result") || message.contains_key("error");
            return if is_response { Ok(None) } else { Err(invalid_request(400, &id, "`method` is missing")) };
        };
        if id.is_null() && !is_notification {
            return Err(invalid_request(400, &id, "`id` is neither a text nor a number"));
        }
        let (params, has_valid_params) = match message.remove("params") {
            Some(Value::Object(params)) => (params, true),
            None | Some(Value::Null) => (Map::new(), true),
            Some(_) => (Map::new(), false),
        };
        if is_notification {
            return Ok(None);
        }
        let mut call = Self { id, method, params, has_valid_params, era: Era::Legacy, knows_links: true };
        call.read_version(request)?;
        Ok(Some(call))
    }

    /// Reads what the request says of its version, in its header and, if it is modern, in `_meta`.
    fn read_version(&mut self, request: &Request) -> Result<(), Response> {
        let header = request.header(VERSION_HEADER);
        let header = header.as_deref().map(str::trim);
        let Some(version) = self.meta(META_VERSION) else {
            let version = header.unwrap_or(OLDEST_LEGACY);
            self.knows_links = version != OLDEST_LEGACY;
            return match version {
                MODERN => Err(self.incomplete()),
                version if LEGACY.contains(&version) => Ok(()),
                _ => Err(invalid_request(400, &self.id, "`MCP-Protocol-Version` is not a version that is known")),
            };
        };
        let Some(requested) = version.as_str() else { return Err(self.incomplete()) };
        if header.is_some_and(|header| header != requested) {
            return Err(self.mismatch());
        }
        if requested != MODERN {
            let data = format!(r#","data":{{"supported":{SUPPORTED},"requested":{version}}}"#);
            return Err(refusal(400, &self.id, UNSUPPORTED_VERSION, "unsupported protocol version", &data));
        }
        if !self.meta(META_CAPABILITIES).is_some_and(Value::is_object) {
            return Err(self.incomplete());
        }
        self.era = Era::Modern;
        if self.agrees_with_headers(request) { Ok(()) } else { Err(self.mismatch()) }
    }

    /// True if a modern request's headers say what it says itself.
    fn agrees_with_headers(&self, request: &Request) -> bool {
        let agrees =
            |name: &'static str, value: &str| request.header(name).is_some_and(|header| decoded(&header) == value);
        let name = self.params.get("name").and_then(Value::as_str);
        agrees(VERSION_HEADER, MODERN)
            && agrees("Mcp-Method", &self.method)
            && (self.method != "tools/call" || name.is_none_or(|name| agrees("Mcp-Name", name)))
    }

    /// The refusal of a modern request without what each must say of itself.
    fn incomplete(&self) -> Response {
        let message = "`_meta` must have the protocolVersion and the clientCapabilities";
        refusal(400, &self.id, INVALID_PARAMS, message, "")
    }

    /// The refusal of a modern request that its headers contradict.
    fn mismatch(&self) -> Response {
        let message = "the headers MCP-Protocol-Version, Mcp-Method and Mcp-Name do not agree with the body";
        refusal(400, &self.id, HEADER_MISMATCH, message, "")
    }

    /// The field `name` of `_meta`.
    pub(super) fn meta(&self, name: &str) -> Option<&Value> {
        self.params.get("_meta")?.get(name)
    }

    /// The answer with a result, whose fields are given as JSON.
    pub(super) fn result(&self, fields: &str) -> Response {
        respond(200, self.message(fields))
    }

    /// The message with a result.
    pub(super) fn message(&self, fields: &str) -> String {
        let id = &self.id;
        match self.era {
            Era::Legacy => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{{fields}}}}}"#),
            // Every modern result has fields of its own.
            Era::Modern => format!(
                r#"{{"jsonrpc":"2.0","id":{id},"result":{{{fields},"resultType":"complete","_meta":{{"io.modelcontextprotocol/serverInfo":{SERVER_INFO}}}}}}}"#
            ),
        }
    }

    /// The refusal of a method that there is not.
    pub(super) fn unknown_method(&self) -> Response {
        let status = if self.era == Era::Modern { 404 } else { 200 };
        refusal(status, &self.id, METHOD_NOT_FOUND, "method not found", "")
    }

    /// The refusal of parameters that are none.
    pub(super) fn invalid_params(&self, message: &str) -> Response {
        refusal(200, &self.id, INVALID_PARAMS, message, "")
    }
}

/// The refusal of a body that is not JSON.
pub(super) fn parse_error() -> Response {
    refusal(400, &Value::Null, PARSE_ERROR, "the body is not JSON", "")
}

/// The refusal of what is no request that is answered here.
pub(super) fn invalid_request(status: u16, id: &Value, message: &str) -> Response {
    refusal(status, id, INVALID_REQUEST, message, "")
}

/// An answer with an error. `message` has nothing that JSON escapes; `data` is JSON as well.
fn refusal(status: u16, id: &Value, code: i32, message: &str, data: &str) -> Response {
    respond(status, format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":"{message}"{data}}}}}"#))
}

/// A text as JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A header's value: one that no header can hold is written in base64.
fn decoded(value: &str) -> String {
    let inside = value.trim().strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let bytes = inside.and_then(|text| STANDARD.decode(text).ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| value.trim().to_owned())
}

fn respond(status: u16, body: String) -> Response {
    Response::new(status)
        .with("Content-Type", "application/json")
        .with("Cache-Control", "no-store")
        .body(Body::Text(body.into()))
}

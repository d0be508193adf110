//! JSON-RPC's envelope, and the two eras of the protocol.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::http::{Request, Response};

/// The version in which every request stands alone.
const MODERN: &str = "2026-07-28";
/// The newest version that begins with `initialize`.
pub(super) const NEWEST_LEGACY: &str = "2025-11-25";
/// Every version, the newest first.
pub(super) const VERSIONS: [&str; 4] = [MODERN, NEWEST_LEGACY, "2025-06-18", "2025-03-26"];

/// The field of `_meta` in which a modern request says its version.
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// The field of `_meta` in which a modern result says who answers.
const META_SERVER: &str = "io.modelcontextprotocol/serverInfo";

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
    id: Value,
    pub(super) method: String,
    /// Its parameters; empty where there are none.
    pub(super) params: Map<String, Value>,
    /// False where `params` is there and is no object.
    pub(super) has_params_object: bool,
    pub(super) era: Era,
}

impl Call {
    /// Reads a message; `None` for a notification and for a client's own response, which need no answer.
    pub(super) fn read(request: &Request, message: Value) -> Result<Option<Self>, Refusal> {
        let Value::Object(mut message) = message else {
            return Err(Refusal::invalid_request(Value::Null, "one JSON-RPC message is expected, not a batch"));
        };
        let id = message.remove("id").unwrap_or_default();
        if message.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(Refusal::invalid_request(id, "`jsonrpc` is not \"2.0\""));
        }
        let Some(Value::String(method)) = message.remove("method") else {
            let is_response = message.contains_key("result") || message.contains_key("error");
            return if is_response { Ok(None) } else { Err(Refusal::invalid_request(id, "`method` is missing")) };
        };
        let params = message.remove("params");
        let has_params_object = matches!(&params, None | Some(Value::Object(_)));
        let params = if let Some(Value::Object(params)) = params { params } else { Map::new() };
        let mut call = Self { id, method, params, has_params_object, era: Era::Legacy };
        call.era = call.read_era(request)?;
        Ok((!call.id.is_null()).then_some(call))
    }

    /// The era, by what the request says of its version.
    fn read_era(&self, request: &Request) -> Result<Era, Refusal> {
        let header = request.header("MCP-Protocol-Version");
        let meta = self.params.get("_meta").and_then(|meta| meta.get(META_VERSION)).and_then(Value::as_str);
        let Some(version) = meta else {
            let is_known = header.as_deref().is_none_or(|version| legacy_version(version).is_some());
            let refusal =
                || self.refusal(400, INVALID_REQUEST, "`MCP-Protocol-Version` is not a version of this server");
            return if is_known { Ok(Era::Legacy) } else { Err(refusal()) };
        };
        if version != MODERN {
            let data = json!({ "supported": VERSIONS, "requested": version });
            return Err(self.refusal(400, UNSUPPORTED_VERSION, "unsupported protocol version").with_data(data));
        }
        let agrees = |name: &str, value: &str| request.header(name).is_some_and(|header| decoded(&header) == value);
        let name = self.params.get("name").and_then(Value::as_str);
        let is_consistent = header.as_deref() == Some(version)
            && agrees("Mcp-Method", &self.method)
            && (self.method != "tools/call" || name.is_none_or(|name| agrees("Mcp-Name", name)));
        let message = "the headers MCP-Protocol-Version, Mcp-Method and Mcp-Name do not agree with the body";
        if is_consistent { Ok(Era::Modern) } else { Err(self.refusal(400, HEADER_MISMATCH, message)) }
    }

    /// The answer with a result.
    pub(super) fn result(&self, mut result: Map<String, Value>) -> Response {
        if self.era == Era::Modern {
            result.insert("resultType".into(), "complete".into());
            result.insert("_meta".into(), json!({ META_SERVER: server_info() }));
        }
        respond(200, &json!({ "jsonrpc": "2.0", "id": self.id, "result": result }))
    }

    /// The refusal of a method that there is not.
    pub(super) fn unknown_method(&self) -> Refusal {
        let status = if self.era == Era::Modern { 404 } else { 200 };
        self.refusal(status, METHOD_NOT_FOUND, "method not found")
    }

    /// The refusal of parameters that are none.
    pub(super) fn invalid_params(&self, message: &str) -> Refusal {
        self.refusal(200, INVALID_PARAMS, message)
    }

    fn refusal(&self, status: u16, code: i32, message: &str) -> Refusal {
        Refusal { status, id: self.id.clone(), code, message: message.to_owned(), data: Value::Null }
    }
}

/// A JSON-RPC error.
pub(super) struct Refusal {
    status: u16,
    id: Value,
    code: i32,
    message: String,
    data: Value,
}

impl Refusal {
    /// A page that may not call this server, or a host that is not this one.
    pub(super) fn forbidden() -> Self {
        Self::of(403, INVALID_REQUEST, "requests from this origin are not answered")
    }

    /// A body that is not JSON.
    pub(super) fn parse_error() -> Self {
        Self::of(400, PARSE_ERROR, "the body is not JSON")
    }

    /// A body of more than `limit` bytes.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::of(413, INVALID_REQUEST, &format!("the body is larger than {limit} bytes"))
    }

    fn invalid_request(id: Value, message: &str) -> Self {
        Self { id, ..Self::of(400, INVALID_REQUEST, message) }
    }

    fn of(status: u16, code: i32, message: &str) -> Self {
        Self { status, id: Value::Null, code, message: message.to_owned(), data: Value::Null }
    }

    fn with_data(self, data: Value) -> Self {
        Self { data, ..self }
    }

    /// The answer.
    pub(super) fn response(&self) -> Response {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let (false, Value::Object(fields)) = (self.data.is_null(), &mut error) {
            fields.insert("data".into(), self.data.clone());
        }
        respond(self.status, &json!({ "jsonrpc": "2.0", "id": self.id, "error": error }))
    }
}

/// A legacy version, as it is spelled here.
pub(super) fn legacy_version(version: &str) -> Option<&'static str> {
    VERSIONS.into_iter().find(|known| *known == version && *known != MODERN)
}

/// The name and version of this server.
pub(super) fn server_info() -> Value {
    json!({ "name": "free-flux-api", "version": env!("CARGO_PKG_VERSION") })
}

/// A header's value: one that no header can hold is written in base64.
fn decoded(value: &str) -> String {
    let inside = value.trim().strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let bytes = inside.and_then(|text| STANDARD.decode(text).ok());
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| value.trim().to_owned())
}

fn respond(status: u16, body: &Value) -> Response {
    Response::json(status, body).with("Cache-Control", "no-store")
}

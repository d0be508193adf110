//! BigModel's chat API, in the shape that OpenAI gave such APIs.

use serde_json::{Map, Value, json};

use super::error_body::ErrorBody;
use super::json_post::json_post;
use crate::config::ChatApi;
use crate::http::{IncomingResponse, OutgoingRequest};

/// The longest answer that is read: a prompt is some KB, a chatty model's thoughts some more.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The most tokens of an answer: the longest prompt that is drawn has some 500, its translation
/// before it is cut some 2,000.
const MAX_TOKENS: u32 = 2_048;

/// The families of models that think before they answer unless they are told not to: for a prompt
/// that takes longer than the deadline.
const THINKING_MODELS: [&str; 3] = ["glm-4.5", "glm-4.6", "glm-4.7"];

/// One question to the chat API.
#[derive(Debug, Clone)]
pub struct ChatCall<'a> {
    /// Whom to ask, with which key and model.
    pub api: &'a ChatApi,
    /// What the model's job is.
    pub system: &'a str,
    /// What it is to do it with.
    pub user: &'a str,
    /// Whether the likeliest answer is wanted, the same each time, rather than a rich one.
    pub faithful: bool,
    /// Whether to leave out the fields that not every route knows.
    pub plain: bool,
    /// How long the whole call may take.
    pub timeout_ms: u64,
}

impl ChatCall<'_> {
    /// Whether the call has a field that not every route knows, so that it may help to leave it out.
    pub fn has_extras(&self) -> bool {
        !self.plain && (self.faithful || thinks(&self.api.model))
    }
}

/// Why there is no answer: one variant for each thing that is done about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// It will not answer this, however often it is asked: its body. There is no other try.
    #[error("it refuses: {0}")]
    Refused(String),
    /// It does not take the fields of the call: asked once more without those that are not
    /// everywhere known.
    #[error("it refuses the parameters: {0}")]
    BadParameters(String),
    /// The key is wrong, or what it may do today is done. There is no other try.
    #[error("it refuses the key, or the key's quota is spent")]
    KeyRefused,
    /// It is asked too often, or full: another try.
    #[error("it is busy")]
    Busy,
    /// A failure of its own, or an answer that cannot be read: another try.
    #[error("{0}")]
    Transient(String),
}

/// The call on the wire.
pub fn encode(call: &ChatCall<'_>) -> OutgoingRequest {
    let mut body = Map::new();
    body.insert("model".into(), call.api.model.as_str().into());
    body.insert(
        "messages".into(),
        [json!({ "role": "system", "content": call.system }), json!({ "role": "user", "content": call.user })].into(),
    );
    body.insert("max_tokens".into(), MAX_TOKENS.into());
    if call.faithful && !call.plain {
        // A temperature of 0 is refused; this is what stands for it.
        body.insert("do_sample".into(), false.into());
    }
    if thinks(&call.api.model) && !call.plain {
        body.insert("thinking".into(), json!({ "type": "disabled" }));
    }
    json_post(&call.api.url, Some(&call.api.key), &Value::Object(body), call.timeout_ms, MAX_ANSWER_BYTES)
}

/// Whether a model thinks by default. A gateway may put a vendor before the name.
fn thinks(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    THINKING_MODELS.iter().any(|family| name.starts_with(family))
}

/// Reads the text of an answer, as the model wrote it.
pub fn decode(response: &IncomingResponse) -> Result<String, ChatError> {
    if !(200..300).contains(&response.status) {
        return Err(failure(response));
    }
    let answer = response.json().ok_or_else(|| ChatError::Transient("its answer cannot be read".to_owned()))?;
    // Some routes answer 200 with an error inside.
    let choice = answer.pointer("/choices/0").ok_or_else(|| failure(response))?;
    match choice.get("finish_reason").and_then(Value::as_str) {
        Some("sensitive" | "content_filter") => Err(ChatError::Refused("the answer was filtered".to_owned())),
        Some(reason @ ("network_error" | "length" | "model_context_window_exceeded")) => {
            Err(ChatError::Transient(format!("its answer broke off ({reason})")))
        }
        _ => choice
            .pointer("/message/content")
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
            .ok_or_else(|| ChatError::Transient("its answer is empty".to_owned())),
    }
}

/// What an answer without a text means: a code that is known decides, else the status.
fn failure(response: &IncomingResponse) -> ChatError {
    let body = ErrorBody::read(&response.body);
    for code in &body.codes {
        match code.as_str() {
            "1302" | "1303" | "1305" | "1312" => return ChatError::Busy,
            "1000" | "1001" | "1002" | "1003" | "1004" | "1113" | "1304" | "insufficient_quota" | "invalid_api_key" => {
                return ChatError::KeyRefused;
            }
            // Content; no such model; too long.
            "1301" | "content_filter" | "1211" | "model_not_found" | "1261" => {
                return ChatError::Refused(body.text());
            }
            "1210" | "1212" | "1213" | "1214" => return ChatError::BadParameters(body.text()),
            _ => {}
        }
    }
    match response.status {
        400 | 422 if !body.is_page => ChatError::BadParameters(body.text()),
        401..=403 if !body.is_page => ChatError::KeyRefused,
        404 if body.name_the_model() => ChatError::Refused(body.text()),
        429 => ChatError::Busy,
        status => ChatError::Transient(body.transient(status)),
    }
}

#[cfg(test)]
mod tests;

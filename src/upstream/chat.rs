//! BigModel's chat API, which follows OpenAI's chat completions.

use serde_json::{Map, Value, json};

use super::error_body::ErrorBody;
use super::json_post::json_post;
use crate::config::{Address, ChatApi};
use crate::http::{AiCall, AiInput, IncomingResponse, UpstreamCall};

/// The longest response that is read, in bytes: a prompt is a few KB, the reasoning of a verbose model some more.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The token limit of a response: the longest prompt has about 500 tokens, its translation before truncation about
/// 2,000.
const MAX_TOKENS: u32 = 2_048;

/// The families of models that reason before they answer unless this is turned off: for a prompt that takes longer than
/// the deadline.
const THINKING_MODELS: [&str; 3] = ["glm-4.5", "glm-4.6", "glm-4.7"];

/// One request to the chat API.
#[derive(Debug, Clone)]
pub struct ChatCall<'a> {
    /// The URL, the key and the model.
    pub api: &'a ChatApi,
    /// The system message: the task.
    pub system: &'a str,
    /// The user message: the text to work on, between markers.
    pub user: &'a str,
    /// The text alone, for models that only translate.
    pub text: &'a str,
    /// True to decode greedily, for the same result each time; false to sample, for a richer one.
    pub faithful: bool,
    /// True to leave out the fields that some gateways refuse.
    pub plain: bool,
    /// The time limit of the whole call.
    pub timeout_ms: u64,
}

impl ChatCall<'_> {
    /// True if the call has a field that some gateways refuse, so that leaving it out may help.
    pub fn has_extras(&self) -> bool {
        !self.plain && (self.faithful || thinks(&self.api.model))
    }
}

/// The failures of the chat API: one variant for each reaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// It refuses this prompt and would do so again. Holds the response's text. There is no further try.
    #[error("it refuses: {0}")]
    Refused(String),
    /// It refuses some of the fields: tried once more without those that are not supported everywhere.
    #[error("it refuses the parameters: {0}")]
    BadParameters(String),
    /// It does not have this model, or no longer: the next model's turn.
    #[error("the model is gone: {0}")]
    ModelGone(String),
    /// The key is invalid, or its daily quota is spent. There is no further try.
    #[error("it refuses the key, or the key's quota is spent")]
    KeyRefused,
    /// It is rate-limited or overloaded: tried once more.
    #[error("it is busy")]
    Busy,
    /// A failure of its own, or an unreadable response: tried once more.
    #[error("{0}")]
    Transient(String),
}

/// Encodes the call as an HTTP request.
pub fn encode(call: &ChatCall<'_>) -> UpstreamCall {
    let mut body = Map::new();
    body.insert("model".into(), call.api.model.as_str().into());
    body.insert(
        "messages".into(),
        [json!({ "role": "system", "content": call.system }), json!({ "role": "user", "content": call.user })].into(),
    );
    body.insert("max_tokens".into(), MAX_TOKENS.into());
    if call.faithful && !call.plain {
        // A temperature of 0 is refused; `do_sample: false` has the same effect.
        body.insert("do_sample".into(), false.into());
    }
    if thinks(&call.api.model) && !call.plain {
        body.insert("thinking".into(), json!({ "type": "disabled" }));
    }
    match &call.api.address {
        Address::Url(url) => {
            let body = Value::Object(body);
            UpstreamCall::Http(json_post(url, call.api.key.as_ref(), &body, call.timeout_ms, MAX_ANSWER_BYTES))
        }
        Address::Binding => UpstreamCall::Ai(AiCall {
            model: call.api.model.clone(),
            input: AiInput::Json(Value::Object(body).to_string()),
            timeout_ms: call.timeout_ms,
            max_body_bytes: MAX_ANSWER_BYTES,
        }),
    }
}

/// True if a model reasons by default. A gateway may put a vendor before the name.
fn thinks(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    THINKING_MODELS.iter().any(|family| name.starts_with(family))
}

/// Reads the text of a response, as the model wrote it.
pub fn decode(_call: &ChatCall<'_>, response: &IncomingResponse) -> Result<String, ChatError> {
    if !(200..300).contains(&response.status) {
        return Err(failure(response));
    }
    let answer = response.json().ok_or_else(|| ChatError::Transient("its answer cannot be read".to_owned()))?;
    // Some gateways return status 200 with an error inside.
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

/// Classifies a response without a text: by its code if that is known, otherwise by the status.
fn failure(response: &IncomingResponse) -> ChatError {
    let body = ErrorBody::read(&response.body);
    for code in &body.codes {
        match code.as_str() {
            "1302" | "1303" | "1305" | "1312" => return ChatError::Busy,
            "1000" | "1001" | "1002" | "1003" | "1004" | "1113" | "1304" | "insufficient_quota" | "invalid_api_key" => {
                return ChatError::KeyRefused;
            }
            // Content filter; unknown model; prompt too long.
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
        404 if body.mentions_model() => ChatError::Refused(body.text()),
        429 => ChatError::Busy,
        status => ChatError::Transient(body.transient(status)),
    }
}

#[cfg(test)]
mod tests;

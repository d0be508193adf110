//! The chat APIs: BigModel's and SiliconFlow's, which follow OpenAI's chat completions, and Workers AI's.

use serde_json::{Map, Value, json};

use super::classify::classify;
use super::codes::{Meaning, meaning};
use super::error_body::ErrorBody;
use super::post::json_post;
use crate::config::{Address, ChatApi, ChatKind};
use crate::error::{Cooling, UpstreamError};
use crate::http::{AiCall, AiInput, IncomingResponse, UpstreamCall};

/// The longest response that is read, in bytes: a prompt is a few KB, the reasoning of a verbose model some more.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The token limit of a response: the longest prompt has about 500 tokens, its translation before truncation about
/// 2,000.
const MAX_TOKENS: u32 = 2_048;

/// One request to a chat API.
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
    /// True if the call has a field that some routes refuse, so that leaving it out may help.
    pub fn has_extras(&self) -> bool {
        !extras(self).is_empty()
    }
}

/// The failures of a chat API: one variant for each reaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChatError {
    /// It refuses this prompt and would do so again. Holds the response's text: the next API's turn.
    #[error("it refuses: {0}")]
    Refused(String),
    /// It refuses some of the fields: tried once more without those that are not supported everywhere.
    #[error("it refuses the parameters: {0}")]
    BadParameters(String),
    /// It does not have this model, or no longer: the next model's turn.
    #[error("the model is gone: {0}")]
    ModelGone(String),
    /// The key is refused, or its quota is spent: the next API's turn.
    #[error("it refuses the key, or the key's quota is spent")]
    KeyRefused,
    /// It is rate-limited or overloaded.
    #[error("it is busy")]
    Busy,
    /// A failure of its own, or an unreadable response.
    #[error("{0}")]
    Transient(String),
}

/// Encodes the call in the API's format.
pub fn encode(call: &ChatCall<'_>) -> UpstreamCall {
    match &call.api.address {
        Address::Url(url) => {
            let mut body = messages(call);
            body.insert("model".into(), call.api.model.as_str().into());
            body.extend(extras(call).into_iter().map(|(name, value)| (name.to_owned(), value)));
            let (key, body) = (call.api.key.as_ref(), Value::Object(body));
            UpstreamCall::Http(json_post(url, key, &body, call.timeout_ms, MAX_ANSWER_BYTES))
        }
        Address::Binding => UpstreamCall::Ai(AiCall {
            model: call.api.model.clone(),
            input: AiInput::Json(if call.api.only_translates() {
                let from = language_of(call.text);
                json!({ "text": call.text, "source_lang": from, "target_lang": "en" }).to_string()
            } else {
                Value::Object(messages(call)).to_string()
            }),
            timeout_ms: call.timeout_ms,
            max_body_bytes: MAX_ANSWER_BYTES,
        }),
    }
}

/// The fields that every chat model takes.
fn messages(call: &ChatCall<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert(
        "messages".into(),
        [json!({ "role": "system", "content": call.system }), json!({ "role": "user", "content": call.user })].into(),
    );
    body.insert("max_tokens".into(), MAX_TOKENS.into());
    body
}

/// The fields that not every route knows. Models that reason before they answer are told not to: for a prompt that takes
/// longer than the deadline. A gateway may put a vendor before the name.
fn extras(call: &ChatCall<'_>) -> Vec<(&'static str, Value)> {
    let mut fields = Vec::new();
    if call.plain {
        return fields;
    }
    let model = call.api.model.to_ascii_lowercase();
    let name = model.rsplit('/').next().unwrap_or_default();
    let is_of = |families: &[&str]| families.iter().any(|family| name.starts_with(family));
    match call.api.kind {
        ChatKind::BigModel => {
            if call.faithful {
                // A temperature of 0 is refused; `do_sample: false` has the same effect.
                fields.push(("do_sample", false.into()));
            }
            if is_of(&["glm-4.5", "glm-4.6", "glm-4.7"]) {
                fields.push(("thinking", json!({ "type": "disabled" })));
            }
        }
        ChatKind::SiliconFlow if is_of(&["qwen3"]) => fields.push(("enable_thinking", false.into())),
        ChatKind::SiliconFlow | ChatKind::WorkersAi => {}
    }
    fields
}

/// The language of a text by its first letter of a script of its own; Chinese where there is none.
fn language_of(text: &str) -> &'static str {
    let language = |c: char| match c {
        '\u{3040}'..='\u{30ff}' => Some("ja"),
        '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => Some("ko"),
        '\u{400}'..='\u{52f}' => Some("ru"),
        '\u{600}'..='\u{6ff}' => Some("ar"),
        '\u{e00}'..='\u{e7f}' => Some("th"),
        _ => None,
    };
    text.chars().find_map(language).unwrap_or("zh")
}

/// Reads the text of a response, as the model wrote it.
pub fn decode(call: &ChatCall<'_>, response: &IncomingResponse) -> Result<String, ChatError> {
    decode_as(call.api.kind, response)
}

/// Reads the text of a response in the format of a vendor.
pub fn decode_as(kind: ChatKind, response: &IncomingResponse) -> Result<String, ChatError> {
    if !(200..300).contains(&response.status) {
        return Err(failure(response));
    }
    let answer = response.json().ok_or_else(|| ChatError::Transient("its answer cannot be read".to_owned()))?;
    let text = match kind {
        ChatKind::WorkersAi => text_of_workers_ai(&answer),
        ChatKind::BigModel | ChatKind::SiliconFlow => {
            // Some gateways return status 200 with an error inside.
            let choice = answer.pointer("/choices/0").ok_or_else(|| failure(response))?;
            check_finished(choice)?;
            choice.pointer("/message/content").and_then(Value::as_str)
        }
    };
    let text = text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    text.ok_or_else(|| ChatError::Transient("its answer is empty".to_owned()))
}

/// The text of a response of Workers AI, which the binding gives without the `result` around it.
fn text_of_workers_ai(answer: &Value) -> Option<&str> {
    let answer = answer.get("result").filter(|result| result.is_object()).unwrap_or(answer);
    let texts = [answer.get("response"), answer.get("translated_text"), answer.pointer("/choices/0/message/content")];
    texts.into_iter().flatten().find_map(Value::as_str)
}

/// Checks that the model wrote its answer to the end.
fn check_finished(choice: &Value) -> Result<(), ChatError> {
    match choice.get("finish_reason").and_then(Value::as_str) {
        Some("sensitive" | "content_filter") => Err(ChatError::Refused("the answer was filtered".to_owned())),
        Some(reason @ ("network_error" | "length" | "model_context_window_exceeded")) => {
            Err(ChatError::Transient(format!("its answer broke off ({reason})")))
        }
        _ => Ok(()),
    }
}

/// Classifies a response without a text, as [`classify`] does, with what matters to a chat alone.
fn failure(response: &IncomingResponse) -> ChatError {
    let body = ErrorBody::read(&response.body);
    match (meaning(&body.codes), response.status) {
        (Some(Meaning::Content), _) => return ChatError::Refused(body.text()),
        (Some(Meaning::Parameters), _) => return ChatError::BadParameters(body.text()),
        (None, 400 | 422) if !body.is_page => return ChatError::BadParameters(body.text()),
        _ => {}
    }
    match classify(response) {
        UpstreamError::ModelGone(text) => ChatError::ModelGone(text),
        UpstreamError::KeyInvalid
        | UpstreamError::ModelRefused(_)
        | UpstreamError::Forbidden(_)
        | UpstreamError::KeyBusy { cooling: Cooling::DayLimit | Cooling::UtcDayLimit | Cooling::Until(_) } => {
            ChatError::KeyRefused
        }
        UpstreamError::KeyBusy { .. } => ChatError::Busy,
        UpstreamError::Transient(text) => ChatError::Transient(text),
        _ => ChatError::Transient(body.transient(response.status)),
    }
}

#[cfg(test)]
mod tests;

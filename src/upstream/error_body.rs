//! The body of an error response, in any of five shapes.

use serde_json::Value;

use crate::error::Cooling;
use crate::http::json;

/// The longest error body that is read, in bytes: an error is a sentence, and a longer body is not worth the memory of
/// parsing it.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The longest message that is kept, in characters: it is shown in an error card and a log line.
const MAX_MESSAGE_CHARS: usize = 300;

/// The words of a message about what an account may do, in lower case.
const STANDING_WORDS: [&str; 25] = [
    "balance",
    "payment",
    "paid",
    "billing",
    "credit",
    "real-name",
    "real name",
    "verif",
    "permission",
    "quota",
    "access to",
    "arrear",
    "insufficient",
    "subscription",
    "余额",
    "充值",
    "付费",
    "欠费",
    "实名",
    "认证",
    "权限",
    "无权",
    "开通",
    "额度",
    "配额",
];

/// The content of an error response.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    /// The message, cleaned.
    pub(super) message: Option<String>,
    /// The codes and types, most specific first.
    pub(super) codes: Vec<String>,
    /// True if the body is an HTML page.
    pub(super) is_page: bool,
}

impl ErrorBody {
    /// Reads a body: OpenAI's envelope, SiliconFlow's code and message, Cloudflare's list, a bare JSON string, or plain
    /// text.
    pub(super) fn read(body: &[u8]) -> Self {
        let body = body.trim_ascii();
        if body.starts_with(b"<") {
            return Self { is_page: true, ..Self::default() };
        }
        if body.len() > MAX_ERROR_BYTES {
            return Self::default();
        }
        let mut error_body = Self::default();
        match json::parse(String::from_utf8_lossy(body).as_bytes()) {
            Some(value) => error_body.collect(&value),
            // Truncated JSON is not shown as a message.
            None if body.starts_with(b"{") || body.starts_with(b"[") => {}
            None => error_body.message = clean(&String::from_utf8_lossy(body)),
        }
        error_body
    }

    /// Collects the codes and the first message of `value`. Workers AI names them otherwise (`internalCode`,
    /// `description`).
    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.set_message(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(fields) => {
                for inner in ["error", "errors"].iter().filter_map(|name| fields.get(*name)) {
                    self.collect(inner);
                }
                self.codes.extend(
                    ["code", "internalCode", "type"].iter().filter_map(|name| fields.get(*name)).filter_map(code),
                );
                // The last two are FastAPI's, which many self-hosted image servers use.
                for message in ["message", "description", "detail", "msg"].iter().filter_map(|name| fields.get(*name)) {
                    self.collect(message);
                }
            }
            _ => {}
        }
    }

    fn set_message(&mut self, text: &str) {
        if self.message.is_none() {
            self.message = clean(text);
            self.codes.extend(self.message.as_deref().and_then(leading_code).map(str::to_owned));
        }
    }

    /// The message, or a placeholder for it.
    pub(super) fn text(&self) -> String {
        self.message.clone().unwrap_or_else(|| "it did not say why".to_owned())
    }

    /// The text of a transient failure.
    pub(super) fn transient(&self, status: u16) -> String {
        match &self.message {
            Some(message) => format!("it answered {status}, “{message}”"),
            None => format!("it answered {status}"),
        }
    }

    /// True if the message contains one of these words, which are in lower case.
    fn says(&self, words: &[&str]) -> bool {
        let text = self.message.as_ref().map(|text| text.to_ascii_lowercase()).unwrap_or_default();
        words.iter().any(|word| text.contains(word))
    }

    /// True if the message is about a model, or says that something was retired.
    pub(super) fn is_about_model(&self) -> bool {
        self.says(&["model", "模型", "retired", "decommissioned", "end of life", "end-of-life", "下线"])
    }

    /// True if the message is about what the account may do: balance, payment, real name, permission, quota.
    pub(super) fn is_about_standing(&self) -> bool {
        self.says(&STANDING_WORDS)
    }

    /// True if the message says that the key is invalid.
    pub(super) fn says_invalid_key(&self) -> bool {
        self.says(&["api key", "api-key", "api_key", "apikey", "密钥", "令牌"])
            && self.says(&["invalid", "incorrect", "not valid", "expired", "无效", "错误", "过期"])
    }

    /// The first rate limit that the message names: by SiliconFlow's abbreviations, or in plain English or Chinese.
    pub(super) fn limit(&self) -> Option<Cooling> {
        let text = self.message.as_ref()?.to_ascii_lowercase();
        // Workers AI's daily allocation is of neurons.
        if text.contains("neurons") {
            return Some(Cooling::UtcDayLimit);
        }
        let mut before = "";
        for word in text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()) {
            match (before, word) {
                (_, "rpm" | "ipm" | "tpm") | ("per", "minute" | "min") => {
                    return Some(Cooling::MinuteLimit);
                }
                (_, "rpd" | "ipd" | "tpd" | "daily") | ("per", "day") => {
                    return Some(Cooling::DayLimit);
                }
                _ if word.contains("每分钟") => return Some(Cooling::MinuteLimit),
                _ if ["每日", "每天", "当日", "今日"].iter().any(|day| word.contains(day)) => {
                    return Some(Cooling::DayLimit);
                }
                _ => before = word,
            }
        }
        None
    }
}

/// True if a character is part of a word. Outside ASCII that is every character but punctuation and spaces, which are
/// listed: Unicode's own tables of letters would be 1 % of the Worker.
pub(super) fn is_word(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{bf}'
        | '×'
        | '÷'
        | '\u{2000}'..='\u{206f}'
        | '\u{2190}'..='\u{2bff}'
        | '\u{3000}'..='\u{303f}'
        | '\u{fe10}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff0f}'
        | '\u{ff1a}'..='\u{ff20}'
        | '\u{ff3b}'..='\u{ff40}'
        | '\u{ff5b}'..='\u{ff65}' => false,
        _ => true,
    }
}

/// The code at the beginning of a message, such as `4006: …`: what the binding `AI` rejects with begins so.
fn leading_code(message: &str) -> Option<&str> {
    let (code, _) = message.split_once(':')?;
    ((4..=5).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

/// A code as text, given as a number or as text.
fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An upstream's message on one line: no control characters, no bidirectional controls, at most [`MAX_MESSAGE_CHARS`]
/// characters. `None` if nothing is left.
pub(super) fn clean(text: &str) -> Option<String> {
    let mut line = String::new();
    let mut chars = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !turns_direction(*c)).take(MAX_MESSAGE_CHARS + 1).collect();
        if word.is_empty() {
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
            chars += 1;
        }
        chars += word.chars().count();
        line.push_str(&word);
        if chars > MAX_MESSAGE_CHARS {
            let mut cut: String = line.chars().take(MAX_MESSAGE_CHARS - 1).collect();
            cut.push('…');
            return Some(cut);
        }
    }
    (!line.is_empty()).then_some(line)
}

/// True for Unicode's bidirectional controls and invisible marks.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

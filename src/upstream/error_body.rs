//! The words of a refusal, whichever of five shapes it has.

use serde_json::Value;

use crate::error::Cooling;

/// The longest error body that is read: a refusal is a sentence, and what is longer is not worth
/// the memory that parsing it takes.
const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The longest message that is kept, in characters: it ends up in an error card and a log line.
const MAX_MESSAGE_CHARS: usize = 300;

/// What a refusal says.
#[derive(Debug, Default)]
pub(super) struct ErrorBody {
    /// Its message, cleaned.
    pub(super) message: Option<String>,
    /// Its codes and types, in the order of how much they say.
    pub(super) codes: Vec<String>,
    /// Whether the body is a page of HTML.
    pub(super) is_page: bool,
}

impl ErrorBody {
    /// Reads a body: OpenAI's envelope, SiliconFlow's code and message, Cloudflare's list, a bare
    /// JSON string, plain text.
    pub(super) fn read(body: &[u8]) -> Self {
        let body = body.trim_ascii();
        if body.starts_with(b"<") {
            return Self { is_page: true, ..Self::default() };
        }
        if body.len() > MAX_ERROR_BYTES {
            return Self::default();
        }
        let mut words = Self::default();
        match serde_json::from_str::<Value>(&String::from_utf8_lossy(body)) {
            Ok(value) => words.collect(&value),
            // Half a JSON is no message.
            Err(_) if body.starts_with(b"{") || body.starts_with(b"[") => {}
            Err(_) => words.message = clean(&String::from_utf8_lossy(body)),
        }
        words
    }

    /// Takes in the codes and the first message of `value`.
    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.say(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(fields) => {
                for inner in ["error", "errors"].iter().filter_map(|name| fields.get(*name)) {
                    self.collect(inner);
                }
                self.codes.extend(["code", "type"].iter().filter_map(|name| fields.get(*name)).filter_map(code));
                // The last two are FastAPI's, which many self-made image servers are written with.
                for words in ["message", "detail", "msg"].iter().filter_map(|name| fields.get(*name)) {
                    self.collect(words);
                }
            }
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        if self.message.is_none() {
            self.message = clean(text);
        }
    }

    /// The message, or a stand-in for it.
    pub(super) fn text(&self) -> String {
        self.message.clone().unwrap_or_else(|| "it did not say why".to_owned())
    }

    /// The words for a failure that may pass.
    pub(super) fn transient(&self, status: u16) -> String {
        match &self.message {
            Some(message) => format!("it answered {status}, “{message}”"),
            None => format!("it answered {status}"),
        }
    }

    /// Whether the message is about a model.
    pub(super) fn name_the_model(&self) -> bool {
        self.message.as_ref().is_some_and(|text| text.to_ascii_lowercase().contains("model") || text.contains("模型"))
    }

    /// The limit that the message names first: SiliconFlow's abbreviations, or plain words.
    pub(super) fn limit(&self) -> Option<Cooling> {
        let text = self.message.as_ref()?.to_ascii_lowercase();
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

/// Whether a character is part of a word. Beyond ASCII it is unless it is one of the signs that texts are set with:
/// Unicode's own tables of letters are a hundredth of the Worker.
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

/// A code as text, whether it was a number or text.
fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// An upstream's words on one line: no control characters, nothing that turns the writing direction,
/// at most [`MAX_MESSAGE_CHARS`] characters. `None` where nothing is left.
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

/// Unicode's bidirectional controls and its invisible marks.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

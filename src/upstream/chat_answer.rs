//! Extracts the prompt from a chat model's response.

use super::error_body::is_word;
use super::refusal::is_refusal;

/// The tags around the reasoning of a model.
const THINK_TAGS: (&str, &str) = ("<think>", "</think>");
/// Special tokens of the models that leak into responses.
const TOKENS: [&str; 2] = ["<|begin_of_box|>", "<|end_of_box|>"];
/// Pairs of quotes and markers that a response may be wrapped in.
const WRAPPINGS: [(&str, &str); 14] = [
    ("**", "**"),
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("“", "”"),
    ("”", "”"),
    ("‘", "’"),
    ("「", "」"),
    ("『", "』"),
    ("«", "»"),
    ("《", "》"),
    ("【", "】"),
    ("＂", "＂"),
    ("〝", "〞"),
];
/// The words that a label before the prompt consists of, such as "Here is the optimized prompt:". At least one of
/// [`LABEL_NOUNS`] must be among them.
const LABEL_WORDS: &[&str] = &[
    "sure",
    "certainly",
    "here",
    "is",
    "are",
    "s",
    "the",
    "a",
    "an",
    "your",
    "my",
    "optimized",
    "optimised",
    "improved",
    "enhanced",
    "rewritten",
    "refined",
    "revised",
    "final",
    "translated",
    "detailed",
    "text",
    "to",
    "image",
    "into",
    "in",
    "for",
    "of",
    "flux",
    "version",
    "english",
];
/// The nouns of a label.
const LABEL_NOUNS: &[&str] = &["prompt", "prompts", "translation", "output", "answer", "result", "tags", "english"];
/// The endings of Chinese labels.
const CHINESE_LABELS: [&str; 9] = ["提示词", "提示", "翻译", "译文", "英文", "结果", "输出", "答案", "标签"];
/// The longest label, in bytes.
const MAX_LABEL: usize = 80;
/// The beginnings of lines after the prompt, such as remarks.
const TRAILERS: [&str; 9] =
    ["note:", "notes:", "(note", "explanation:", "negative prompt:", "说明：", "说明:", "注：", "注意："];

/// Removes everything that a model adds around a prompt: reasoning, code fences, markers, labels, quotes, remarks after
/// it. Joins the rest into one line, which may be empty; a refusal leaves nothing.
///
/// `markers` are the delimiters that the request had around the user's text.
pub fn clean(answer: &str, markers: &[&str]) -> String {
    let mut text = without_thoughts(answer);
    for token in TOKENS.iter().chain(markers) {
        text = text.replace(token, " ");
    }
    let text = lines(inside_fence(&text));
    let mut rest = text.trim();
    loop {
        let before = rest.len();
        rest = unlabelled(unwrapped(rest)).trim();
        if rest.len() == before {
            break;
        }
    }
    if is_refusal(rest) { String::new() } else { rest.to_owned() }
}

/// Removes `<think>…</think>`. Without an opening tag, the reasoning starts at the beginning; without a closing tag, it
/// continues to the end.
fn without_thoughts(answer: &str) -> String {
    let (open, close) = THINK_TAGS;
    let mut text = answer.to_owned();
    while let Some((before, after)) = text.split_once(close) {
        let kept = before.split_once(open).map_or("", |(kept, _)| kept);
        text = format!("{kept}{after}");
    }
    match text.split_once(open) {
        Some((kept, _)) => kept.to_owned(),
        None => text,
    }
}

/// The content of the first code fence, without the language's name; the whole text if there is none.
fn inside_fence(text: &str) -> &str {
    let Some((_, inside)) = text.split_once("```") else {
        return text;
    };
    let inside = inside.split_once("```").map_or(inside, |(inside, _)| inside);
    match inside.split_once('\n') {
        Some((language, code)) if language.trim().chars().all(is_word) => code,
        _ => inside,
    }
}

/// The lines of the prompt joined into one, without list markers and without remarks after it.
fn lines(text: &str) -> String {
    let mut line = String::new();
    for part in text.lines().map(str::trim).filter(|part| !part.is_empty()) {
        let lower = part.to_ascii_lowercase();
        if !line.is_empty() && TRAILERS.iter().any(|trailer| lower.trim_start_matches('*').starts_with(trailer)) {
            break;
        }
        let part = ["- ", "* ", "• "].iter().find_map(|sign| part.strip_prefix(sign)).unwrap_or(part);
        for word in part.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line
}

/// The text without quotes, if they enclose all of it.
fn unwrapped(text: &str) -> &str {
    let inside = |(open, close): &(&str, &str)| {
        let inside = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inside.contains(open) && !inside.contains(close)).then_some(inside)
    };
    WRAPPINGS.iter().find_map(inside).unwrap_or(text)
}

/// The text without a label before it.
fn unlabelled(text: &str) -> &str {
    match text.split_once([':', '：']) {
        Some((label, rest)) if label.len() <= MAX_LABEL && is_label(label) => {
            // "**Prompt:** a cat" leaves the closing `**` behind.
            if label.starts_with("**") { rest.strip_prefix("**").unwrap_or(rest) } else { rest }
        }
        _ => text,
    }
}

fn is_label(label: &str) -> bool {
    let label = label.trim_matches(|c: char| c.is_whitespace() || "*#_".contains(c)).to_ascii_lowercase();
    if CHINESE_LABELS.iter().any(|end| label.ends_with(end)) {
        return true;
    }
    let words = || label.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    words().any(|word| LABEL_NOUNS.contains(&word))
        && words().all(|word| LABEL_NOUNS.contains(&word) || LABEL_WORDS.contains(&word))
}

#[cfg(test)]
mod tests;

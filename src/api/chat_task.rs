//! The tasks that chat apps send to the model of a conversation for themselves: a title, tags, follow-up questions, a
//! summary, a search query. They are known by their form, and answered in text: they are no picture.
//!
//! A task asks for something about a conversation, and the conversation is there: as earlier messages, or as a
//! transcript beside the request.

use serde_json::{Value, json};

use super::conversation::Conversation;
use crate::domain::visible_text::first_words;
use crate::http::json;

/// The title of a conversation whose first prompt is not known.
const UNTITLED: &str = "Pictures";

/// What is asked for, the likeliest first, by the JSON field that the answer has in Open `WebUI`'s tasks, and by the words
/// for it.
const SUBJECTS: [(Subject, &str, &[&str]); 7] = [
    (Subject::Title, "\"title\"", &["title", "标题", "主题", "topic", "a name", "name this", "起名", "命名"]),
    (Subject::List("tags"), "\"tags\"", &["tags", "标签"]),
    (Subject::List("follow_ups"), "\"follow_ups\"", &["follow-up", "follow up", "followup", "追问", "后续问题"]),
    (Subject::List("queries"), "\"queries\"", &["search quer", "搜索词", "搜索查询", "检索词"]),
    (Subject::Prompt, "\"prompt\"", &[]),
    (Subject::Completion, "\"text\"", &[]),
    (Subject::Summary, "\"summary\"", &["summar", "总结", "概括", "摘要"]),
];

/// Words for the conversation that a task is about.
const ABOUT: [&str; 12] = [
    "conversation",
    "discussion",
    "dialog",
    "chat",
    "the story so far",
    "messages above",
    "this talk",
    "对话",
    "会话",
    "聊天",
    "这句话",
    "讨论",
];

/// Words before and for the conversation that a task without a transcript is about: this one, and not any.
const THIS: [&str; 4] = ["our", "the", "this", "above"];
const TALKS: [&str; 6] = ["conversation", "discussion", "dialog", "dialogue", "chat", "talk"];

/// The beginnings of words of a request for a picture, of which no task has one.
const PICTURES: [&str; 7] = ["picture", "image", "poster", "draw", "paint", "photo", "illustr"];
/// More of them, in Chinese.
const MORE_PICTURES: [&str; 6] = ["一张", "一幅", "海报", "图片", "插画", "照片"];

/// The words with which a request begins.
const REQUESTS: [&str; 18] = [
    "please",
    "generate",
    "create",
    "provide",
    "write",
    "give",
    "suggest",
    "summar",
    "make",
    "come up",
    "reply",
    "based on",
    "name this",
    "what would",
    "使用",
    "请",
    "为",
    "总结",
];
/// More of them, in Chinese.
const MORE_REQUESTS: [&str; 7] = ["简要", "概括", "根据", "给", "用", "生成", "直接"];

/// Lines that begin so are a user's, or an assistant's, in a transcript.
const USERS: [&str; 4] = ["user:", "human:", "用户:", "||>user"];
const ASSISTANTS: [&str; 5] = ["assistant:", "ai:", "助手:", "||>response", "model:"];

/// The longest request of a task that stands for itself, in characters: people's prompts have no reason to be long and
/// speak of the conversation.
const MAX_HEAD_CHARS: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Subject {
    Title,
    List(&'static str),
    Prompt,
    Completion,
    Summary,
}

/// The answer to a task; `None` for a prompt.
pub fn answer(conversation: &Conversation) -> Option<String> {
    let last = conversation.last_prompt().unwrap_or_default();
    if let Some(text) = &conversation.closing_instruction
        && conversation.was_answered()
        && let Some(subject) = subject(text, false)
    {
        return Some(said(subject, false, conversation.first.as_str(), last));
    }
    let transcript = Transcript::of(last);
    if let Some(transcript) = &transcript {
        let opening = conversation.opening_instruction.as_deref().unwrap_or_default();
        let request = format!("{}\n{opening}", transcript.request);
        let subject = by_field(&request).map(|subject| (subject, true));
        let subject = subject.or_else(|| Some((subject_in_words(&request)?, false)));
        let is_marked = last.trim_start().to_ascii_lowercase().starts_with("### task");
        if let Some((subject, in_json)) = subject.filter(|_| is_marked || speaks_of_talk(&request)) {
            return Some(said(subject, in_json, &transcript.first, &transcript.last));
        }
        return is_marked.then(String::new);
    }
    let subject = subject(last, true).filter(|_| conversation.is_answered)?;
    Some(said(subject, false, &conversation.first, ""))
}

/// The subject of a request that stands for itself behind a conversation.
fn subject(text: &str, must_request: bool) -> Option<Subject> {
    let head: String = text.trim_start().chars().take(MAX_HEAD_CHARS).collect::<String>().to_ascii_lowercase();
    let requests = REQUESTS.iter().chain(&MORE_REQUESTS).any(|word| head.starts_with(word));
    if (must_request && !requests) || !speaks_of_this_talk(&head) || speaks_of_picture(&head) {
        return None;
    }
    subject_in_words(&head)
}

fn by_field(request: &str) -> Option<Subject> {
    let found = SUBJECTS.iter().filter_map(|(subject, field, _)| Some((request.find(field)?, *subject)));
    found.min_by_key(|(at, _)| *at).map(|(_, subject)| subject)
}

fn subject_in_words(request: &str) -> Option<Subject> {
    let request = request.to_ascii_lowercase();
    SUBJECTS.iter().find(|(_, _, words)| words.iter().any(|word| request.contains(word))).map(|(subject, ..)| *subject)
}

fn speaks_of_talk(request: &str) -> bool {
    let request = request.to_ascii_lowercase();
    ABOUT.iter().any(|word| request.contains(word))
}

/// True if a request in lower case is about the conversation that it stands in. Chinese has no articles.
fn speaks_of_this_talk(request: &str) -> bool {
    let mut before = "";
    let is_english = words(request).any(|word| {
        let is_this = THIS.contains(&before) && TALKS.contains(&word);
        before = word;
        is_this
    });
    is_english || ABOUT.iter().filter(|word| word.contains(' ') || !word.is_ascii()).any(|word| request.contains(word))
}

fn speaks_of_picture(request: &str) -> bool {
    let is_english = words(request).any(|word| PICTURES.iter().any(|start| word.starts_with(start)));
    is_english || MORE_PICTURES.iter().any(|word| request.contains(word))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// The answer about a conversation that begins with the prompt `first`, and ends with `last`.
fn said(subject: Subject, in_json: bool, first: &str, last: &str) -> String {
    let title = Some(first_words(first)).filter(|title| !title.is_empty()).unwrap_or_else(|| UNTITLED.to_owned());
    match (subject, in_json) {
        (Subject::Title, true) => json!({ "title": title }).to_string(),
        (Subject::Title, false) => title,
        (Subject::List(name), true) => json!({ name: [] }).to_string(),
        (Subject::Prompt, _) => json!({ "prompt": last }).to_string(),
        (Subject::Completion, _) => json!({ "text": "" }).to_string(),
        (Subject::Summary, true) => json!({ "summary": "" }).to_string(),
        (Subject::List(_) | Subject::Summary, false) => String::new(),
    }
}

/// A conversation that is told in a message.
struct Transcript {
    /// The message without it.
    request: String,
    /// The first and the last message of its user.
    first: String,
    last: String,
}

impl Transcript {
    /// Finds a conversation between `<chat_history>` tags, in lines that begin with their speaker, or in a JSON list.
    fn of(text: &str) -> Option<Self> {
        if text.trim_start().starts_with('[') {
            return Self::of_list(text);
        }
        let enclosed = text.split_once("<chat_history>").map(|(before, rest)| {
            let (talk, after) = rest.split_once("</chat_history>").unwrap_or((rest, ""));
            (format!("{before}\n{after}"), talk)
        });
        let is_marked = text.trim_start().starts_with("###");
        let (request, talk) = match enclosed {
            Some((request, talk)) if is_marked || has_speakers(talk) => (request, talk),
            _ if has_speakers(text) => (without_talk(text), text),
            _ => return None,
        };
        let said = messages_of_user(talk);
        let of = |message: Option<&String>| message.cloned().unwrap_or_default();
        Some(Self { request, first: of(said.first()), last: of(said.last()) })
    }

    /// A list of messages with a role each, which is how Cherry Studio sends it.
    fn of_list(text: &str) -> Option<Self> {
        let whole = json::parse(text.as_bytes())?;
        let messages = whole.as_array()?;
        let text_of = |message: &Value, field: &str| message.get(field).and_then(Value::as_str).map(str::to_owned);
        let roles: Vec<String> = messages.iter().map(|message| text_of(message, "role")).collect::<Option<_>>()?;
        let of_user = messages.iter().zip(&roles).filter(|(_, role)| *role == "user");
        let mut said = of_user.filter_map(|(one, _)| text_of(one, "mainText").or_else(|| text_of(one, "content")));
        let first = said.next()?;
        let last = said.next_back().unwrap_or_else(|| first.clone());
        Some(Self { request: String::new(), first, last })
    }
}

fn is_said_by(line: &str, speakers: &[&str]) -> Option<usize> {
    let start: String = line.trim_start().chars().take(12).collect::<String>().to_ascii_lowercase().replace('：', ":");
    speakers.iter().find(|speaker| start.starts_with(**speaker)).map(|speaker| speaker.chars().count())
}

fn has_speakers(talk: &str) -> bool {
    let said_by = |speakers: &[&str]| talk.lines().any(|line| is_said_by(line, speakers).is_some());
    said_by(&USERS) && said_by(&ASSISTANTS)
}

/// The lines before the first speaker.
fn without_talk(text: &str) -> String {
    let is_request = |line: &&str| is_said_by(line, &USERS).is_none() && is_said_by(line, &ASSISTANTS).is_none();
    text.lines().take_while(is_request).collect::<Vec<_>>().join("\n")
}

/// True for a line that separates messages, or encloses the transcript.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|byte| b"-=*`".contains(&byte))
}

/// What the user says in a transcript.
fn messages_of_user(talk: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut is_user = false;
    for line in talk.lines() {
        if let Some(chars) = is_said_by(line, &USERS) {
            is_user = true;
            messages.push(
                line.trim_start().chars().skip(chars).collect::<String>().trim_start_matches(':').trim().to_owned(),
            );
        } else if is_said_by(line, &ASSISTANTS).is_some() {
            is_user = false;
        } else if let (true, false, Some(message)) = (is_user, is_rule(line), messages.last_mut()) {
            message.push('\n');
            message.push_str(line);
        }
    }
    messages.iter().map(|message| message.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests;

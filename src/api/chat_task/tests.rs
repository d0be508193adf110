use serde_json::{Value, json};

use super::*;
use crate::api::json_node::Node;

fn of(messages: &[(&str, &str)]) -> Option<String> {
    let mut conversation = Conversation::new("messages", false);
    for (role, content) in messages {
        conversation.take(&Node::from(&json!({ "role": role, "content": content })));
    }
    answer(&conversation)
}

const HISTORY: &str = "<chat_history>\nUSER: a red fox in the snow, at dawn\nASSISTANT: ![a \"title\"](x)\nUSER: now a hare\n\
                       ASSISTANT: ![b](x)\n</chat_history>";

fn open_webui(task: &str, output: &str) -> Option<Value> {
    let text = format!(
        "### Task:\n{task}\n### Guidelines:\n- Be brief.\n### Output:\nJSON format: {output}\n### Chat History:\n{HISTORY}"
    );
    of(&[("user", &text)]).map(|answer| serde_json::from_str(&answer).unwrap_or(Value::String(answer)))
}

#[test]
fn open_webui_gets_the_json_that_it_wants() {
    for (task, output, expected) in [
        (
            "Generate a concise, 3-5 word title with an emoji summarizing the chat history.",
            r#"{ "title": "your concise title here" }"#,
            json!({ "title": "a red fox in the snow" }),
        ),
        ("Generate 1-3 broad tags", r#"{ "tags": ["tag1", "tag2"] }"#, json!({ "tags": [] })),
        (
            "Suggest 3-5 relevant follow-up questions",
            r#"{ "follow_ups": ["Question 1?"] }"#,
            json!({ "follow_ups": [] }),
        ),
        ("Analyze the chat history for search queries", r#"{ "queries": ["query1"] }"#, json!({ "queries": [] })),
        (
            "Generate a detailed prompt for an image",
            r#"{ "prompt": "Your description" }"#,
            json!({ "prompt": "now a hare" }),
        ),
        ("You are an autocompletion system.", r#"{ "text": "<your_completion>" }"#, json!({ "text": "" })),
        ("Do something new with it.", "anything", json!("")),
    ] {
        assert_eq!(open_webui(task, output), Some(expected), "{task}");
    }
}

const TITLE_EN: &str = "Please generate a four to five word title summarizing our conversation without any lead-in, \
                        punctuation, quotation marks, periods, symbols, bold text, or additional text.";
const TITLE_ZH: &str = "使用四到五个字直接返回这句话的简要主题，不要解释、不要标点、不要语气词、不要多余文本，不要加粗，如果没有主题，请直接返回“闲聊”";
const SUMMARY_EN: &str = "Summarize the discussion briefly in 200 words or less to use as a prompt for future context.";
const SUMMARY_ZH: &str = "简要总结一下对话内容，用作后续的上下文提示 prompt，控制在 200 字以内";

#[test]
fn a_title_that_is_asked_for_behind_an_exchange_is_the_first_prompt_s_words() {
    for request in [
        TITLE_EN,
        TITLE_ZH,
        "Provide a concise, 5-word-or-less title for the conversation, using its same language.",
        "Based on the chat history, give this conversation a name.",
        "Name this conversation in 10 characters or less. Only provide the name.",
        "What would be a short and relevant title for this chat? Answer with the title alone.",
        "直接返回这句话的简要主题，不要解释，如果没有主题，请直接返回“闲聊”",
        "请用不超过10个字为以上对话起一个标题",
    ] {
        let talk = [("user", "a red fox"), ("assistant", "![](x)"), ("user", request)];
        assert_eq!(of(&talk).as_deref(), Some("a red fox"), "{request}");
    }
}

#[test]
fn a_summary_is_an_empty_text_whatever_role_asks_for_it() {
    for (role, request) in [("system", SUMMARY_EN), ("system", SUMMARY_ZH), ("user", SUMMARY_EN), ("user", SUMMARY_ZH)]
    {
        let talk = [
            ("user", "a red fox"),
            ("assistant", "![](x)"),
            ("user", "a hare"),
            ("assistant", "![](x)"),
            (role, request),
        ];
        assert_eq!(of(&talk).as_deref(), Some(""), "{request}");
    }
}

#[test]
fn a_transcript_beside_a_request_is_a_task() {
    let system = "You are a professional conversation summarizer. Generate a concise title that captures it.";
    let talk = "user: a red fox\nassistant: ![](x)";
    assert_eq!(of(&[("system", system), ("user", talk)]).as_deref(), Some("a red fox"));
    let named = format!("Based on the chat history, give this conversation a name.\n```\n{talk}\n```");
    assert_eq!(of(&[("user", &named)]).as_deref(), Some("a red fox"));
    let ruled = "Name this conversation.\n```\nuser: a red fox\n\n---\n\nassistant: ![](x)\n```";
    assert_eq!(of(&[("user", ruled)]).as_deref(), Some("a red fox"));
    let inline = format!("Summarize this conversation in ten words:\n{talk}");
    assert_eq!(of(&[("user", &inline)]).as_deref(), Some(""));
    let libre = "Please generate a concise, 5-word-or-less title for the conversation.\n||>User:\n\"a red fox\"\n||>Response:\n\"x\"";
    assert!(of(&[("user", libre)]).is_some());
}

#[test]
fn what_only_looks_like_a_task_is_a_picture() {
    let exchange = [("user", "a fox"), ("assistant", "![](x)")];
    for text in [
        "A book with the title 'The conversation'",
        "### Task\nDraw a fox",
        "### Task: a poster",
        TITLE_EN,
        TITLE_ZH,
        SUMMARY_EN,
        "two people in a conversation, a title above",
        "a summary of spring in one picture",
    ] {
        assert_eq!(of(&[("user", text)]), None, "{text}");
    }
    for text in [
        "A book with the title 'The conversation'",
        "now with the title FOX on top",
        "Make it blue",
        "Create a poster with the title HELLO",
        "generate tags on a suitcase",
        "总结这幅画的春天",
        "Write the title 'Discussion' on a wall",
        "make a picture of a chat between cats with tags",
        "please draw the summary of a discussion",
        "Create a poster of the conversation, with a title",
        "What about the title THE CHAT on the image?",
        "请生成一张聊天室的海报，标题是你好",
        "生成一幅对话的插画，带标题",
        "a comic:\nuser: hello\nassistant: hello",
    ] {
        let talk: Vec<_> = exchange.iter().copied().chain([("user", text)]).collect();
        assert_eq!(of(&talk), None, "{text}");
    }
    let system = [("system", "You draw. Give each picture a title."), ("user", "a fox")];
    assert_eq!(of(&system), None);
}

#[test]
fn a_closing_instruction_that_asks_for_nothing_of_the_kind_is_passed_over() {
    for instruction in
        ["Stay in style.", "Stay on topic: foxes.", "Answer with a picture and its title.", "总结用户的要求"]
    {
        let talk = [("user", "a fox"), ("assistant", "![](x)"), ("user", "a hare"), ("system", instruction)];
        assert_eq!(of(&talk), None, "{instruction}");
    }
}

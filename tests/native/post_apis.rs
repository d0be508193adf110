//! The images API, the chat API and the Responses API, as people's clients use them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::{Answer, Reply, TestApp, TestRequest, Upstream, png_of_bytes};

const IMAGES: &str = "/v1/images/generations";
const CHAT: &str = "/v1/chat/completions";
pub(crate) const RESPONSES: &str = "/v1/responses";

pub(crate) fn post(app: &TestApp, path: &str, body: &Value) -> Reply {
    app.send(TestRequest::post(path, body))
}

fn said(content: &str) -> Value {
    json!([{ "role": "user", "content": content }])
}

/// The events of a stream: the type of each, and its data.
pub(crate) fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!(reply.header("Content-Type"), Some("text/event-stream; charset=utf-8"), "{}", reply.text());
    let body = String::from_utf8(reply.bytes().to_vec()).expect("a text");
    let blocks = body.split("\n\n").filter(|block| !block.is_empty() && !block.starts_with(':'));
    let read = |block: &str| {
        let data = block.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
        let name = block.lines().find_map(|line| line.strip_prefix("event: ")).unwrap_or_default();
        (name.to_owned(), serde_json::from_str(data).unwrap_or_else(|_| json!(data)))
    };
    blocks.map(read).collect()
}

fn drawn_at(reply: &Reply) -> String {
    let content = reply.json()["choices"][0]["message"]["content"].as_str().expect("a text").to_owned();
    content.rsplit_once("](https://flux.test").expect("an image").1.trim_end_matches(')').to_owned()
}

#[test]
fn openais_names_get_the_bytes_and_the_usage_and_others_the_url() {
    let app = TestApp::working();
    for model in ["gpt-image-1", "GPT-Image-1-mini", "chatgpt-image-latest"] {
        let reply = post(&app, IMAGES, &json!({ "model": model, "prompt": "a cat" }));
        let answer = reply.json();
        let bytes = STANDARD.decode(answer["data"][0]["b64_json"].as_str().expect("base64")).expect("base64");
        assert!(bytes.starts_with(b"\x89PNG"), "{model}");
        assert_eq!((&answer["output_format"], &answer["size"]), (&json!("png"), &json!("512x512")));
        assert_eq!(answer["usage"]["input_tokens_details"], json!({ "text_tokens": 0, "image_tokens": 0 }));
        assert_eq!(answer["data"][0].get("url"), None);
    }
    for body in [json!({ "model": "dall-e-3" }), json!({}), json!({ "model": "gpt-image-1", "response_format": "url" })]
    {
        let mut body = body;
        body["prompt"] = json!("a cat");
        let answer = post(&app, IMAGES, &body).json();
        assert!(
            answer["data"][0]["url"].as_str().is_some_and(|url| url.starts_with("https://flux.test/i/")),
            "{answer}"
        );
        assert_eq!(answer["data"], answer["images"]);
    }
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_body_is_taken_as_programs_write_it() {
    let app = TestApp::working();
    let id = app.get("/?prompt=a+cat&size=1024x576&seed=5&optimization=0").id();
    for body in [
        json!({ "size": "1024x576", "seed": "5" }),
        json!({ "size": "16:9", "seed": "5", "n": "1", "steps": "", "guidance": "" }),
        json!({ "width": 1024, "height": 576, "seed": 5, "model": "", "response_format": "", "negative_prompt": " " }),
        json!({ "width": "1024", "height": "576", "size": "1024×576", "image_size": "16:9", "seed": 5 }),
        json!({ "size": "auto", "image_size": "1024x576", "seed": "5.0", "n": "1.0", "enhance": false }),
        json!({ "size": "16:9", "image_size": " AUTO ", "seed": 5, "model": " black-forest-labs/FLUX.1-schnell " }),
        json!({ "image_size": "1024ｘ576", "seed": 5.0, "prompt_enhancement": false, "model": "black-forest-labs/flux.1-SCHNELL" }),
    ] {
        let mut body = body;
        body["prompt"] = json!("a \u{FEFF}cat\u{200B}");
        let reply = post(&app, IMAGES, &body);
        assert!(reply.text().contains(&id), "{body}: {}", reply.text());
    }
    for text in [
        "\u{FEFF}{\"prompt\":\"a cat\",\"seed\":5,\"size\":\"16:9\"}",
        "{\"prompt\":\"a cat\",\"seed\":5,\"size\":\"16:9\",\"user\":\"\\ud83d\"}",
    ] {
        let reply = app.send(TestRequest::post_text(IMAGES, text));
        assert!(reply.text().contains(&id), "{}", reply.text());
    }
}

#[test]
fn names_that_disagree_are_an_error_everywhere() {
    let app = TestApp::working();
    for (path, param) in [
        ("/?prompt=x&optimization=0&enhance=1", "enhance"),
        ("/?prompt=x&prompt_enhancement=no&enhance=1", "prompt_enhancement"),
    ] {
        let reply = app.get(path);
        assert_eq!(
            (reply.outcome().as_str(), &reply.json()["error"]["param"]),
            ("400 invalid_parameter", &json!(param))
        );
    }
    for body in [
        json!({ "optimization": true, "prompt_enhancement": false }),
        json!({ "optimization": true, "enhance": false }),
        json!({ "size": "512x512", "width": 512, "height": 768 }),
        json!({ "n": 1, "batch_size": 2 }),
        json!({ "width": 512 }),
    ] {
        let mut body = body;
        body["prompt"] = json!("x");
        assert_eq!(post(&app, IMAGES, &body).outcome(), "400 invalid_parameter", "{body}");
    }
}

#[test]
fn a_stream_is_one_event_with_the_image() {
    let app = TestApp::working();
    let reply = post(&app, IMAGES, &json!({ "prompt": "a cat", "stream": true, "partial_images": 2 }));
    let events = events(&reply);
    let [(name, data)] = &events[..] else { panic!("{}", reply.text()) };
    assert_eq!((name.as_str(), &data["type"]), ("image_generation.completed", &json!("image_generation.completed")));
    assert!(
        STANDARD.decode(data["b64_json"].as_str().expect("base64")).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG"))
    );
    for field in ["created_at", "size", "quality", "background", "output_format", "usage"] {
        assert!(!data[field].is_null(), "{field}");
    }
    assert_eq!(
        post(&app, IMAGES, &json!({ "prompt": "a", "stream": true, "n": 2 })).json()["error"]["param"],
        "stream"
    );
}

#[test]
fn a_stream_of_a_slow_image_is_kept_alive_and_its_error_is_an_event() {
    let app = TestApp::working();
    app.http.then(Upstream::Image, Answer::Hangs);
    let reply = post(&app, IMAGES, &json!({ "prompt": "a slow cat", "stream": true }));
    assert!(reply.text().matches(": keep-alive\n\n").count() >= 4, "{}", reply.text());
    let events = events(&reply);
    let (name, data) = &events[0];
    assert_eq!(
        (name.as_str(), &data["type"], &data["error"]["code"]),
        ("error", &json!("error"), &json!("upstream_timeout"))
    );
    assert_eq!(data["error"].as_object().map(serde_json::Map::len), Some(4));
}

#[test]
fn a_refused_caller_hears_so_at_once_and_the_rest_is_not_asked_for() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    for body in [json!({ "prompt": "a", "stream": true }), json!({ "prompt": "a" }), json!({ "prompt": "a", "n": 10 })]
    {
        let calls = app.makers.calls();
        assert_eq!(post(&app, IMAGES, &body).outcome(), "401 unauthorized", "{body}");
        assert_eq!(app.makers.calls() - calls, 1, "{body}");
    }
}

#[test]
fn behind_the_rate_limit_the_rest_is_not_asked_for_and_what_was_made_is_the_answer() {
    let app = TestApp::setup().limit(3).build();
    app.gives_images();
    let reply = post(&app, IMAGES, &json!({ "prompt": "a", "n": 10, "seed": 1 }));
    assert_eq!((reply.status, reply.json()["data"].as_array().map(Vec::len)), (200, Some(3)), "{}", reply.text());
    assert_eq!((app.image_calls().len(), app.counted()[0].1), (3, 4));
    assert_eq!(post(&app, IMAGES, &json!({ "prompt": "b", "n": 10 })).outcome(), "429 rate_limited");
    assert_eq!(app.counted()[0].1, 5);
}

#[test]
fn pictures_that_are_too_large_for_one_answer_are_told_by_their_links() {
    let app = TestApp::working();
    let picture = png_of_bytes(13 * 1024 * 1024);
    app.http.then(Upstream::Host, Answer::Status(200, "image/png", picture));
    let reply = post(&app, IMAGES, &json!({ "prompt": "large", "n": 2, "response_format": "b64_json" }));
    assert_eq!(reply.outcome(), "413 answer_too_large");
    assert_eq!(reply.text().matches("https://flux.test/i/").count(), 2, "{}", reply.text());
}

#[test]
fn a_chat_draws_a_new_picture_each_time_and_one_of_a_seed_once() {
    let app = TestApp::working();
    let draw = |more: Value| {
        let mut body = json!({ "messages": said("a cat") });
        for (name, value) in more.as_object().expect("fields") {
            body[name] = value.clone();
        }
        drawn_at(&post(&app, CHAT, &body))
    };
    assert_ne!(draw(json!({})), draw(json!({})));
    assert_ne!(draw(json!({ "seed": 7 })), draw(json!({ "seed": 8 })));
    assert_eq!(draw(json!({ "seed": 7 })), draw(json!({ "seed": "7" })));
    assert_eq!(
        draw(json!({ "seed": 7, "size": "16:9" })),
        format!("/i/{}.png", app.get("/?prompt=a+cat&seed=7&size=1024x576").id())
    );
}

#[test]
fn a_stream_of_a_chat_ends_with_its_usage_where_that_was_asked_for() {
    let app = TestApp::working();
    let with = post(
        &app,
        CHAT,
        &json!({ "messages": said("a cat"), "stream": true, "stream_options": { "include_usage": true } }),
    );
    let all = events(&with);
    let (_, last) = &all[all.len() - 2];
    assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(0)));
    let without = post(&app, CHAT, &json!({ "messages": said("a cat"), "stream": true }));
    assert!(!without.text().contains("\"choices\":[]"));
}

#[test]
fn a_task_of_the_chat_app_costs_nothing_and_needs_no_token() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    let task = "### Task:\nGenerate a title.\n### Output:\nJSON format: { \"title\": \"…\" }\n<chat_history>\nUSER: a red fox\nASSISTANT: x\n</chat_history>";
    let calls = app.makers.calls();
    let reply = post(&app, CHAT, &json!({ "messages": said(task) }));
    assert_eq!(reply.json()["choices"][0]["message"]["content"], r#"{"title":"a red fox"}"#);
    let reply = post(&app, CHAT, &json!({ "messages": said(task), "stream": true }));
    assert!(reply.text().contains("a red fox"));
    let reply = post(&app, RESPONSES, &json!({ "input": task }));
    assert_eq!(reply.json()["output"][0]["content"][0]["text"], r#"{"title":"a red fox"}"#);
    assert_eq!((app.makers.calls(), app.http.count()), (calls, 0));
}

#[test]
fn a_long_history_with_pictures_is_read_and_its_last_message_drawn() {
    let app = TestApp::working();
    let picture = format!("data:image/png;base64,{}", "A".repeat(3_000_000));
    let mut messages = vec![json!({ "role": "user", "content": [
        { "type": "text", "text": "look" }, { "type": "image_url", "image_url": { "url": picture } }] })];
    for number in 0..5_000 {
        let role = ["user", "assistant"][number % 2];
        messages.push(json!({ "role": role, "content": "talk" }));
    }
    messages.push(json!({ "role": "user", "content": [
        { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } }, { "type": "text", "text": "a cat" }] }));
    assert_eq!(post(&app, CHAT, &json!({ "messages": messages })).status, 200);
    assert_eq!(app.image_calls()[0].body["prompt"], "a cat");
    let long = |bytes: usize| {
        format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"a\"}}],\"x\":\"{}\"}}", "x".repeat(bytes - 51))
    };
    assert_eq!(long(100).len(), 100);
    assert_eq!(app.send(TestRequest::post_text(CHAT, &long(4 * 1024 * 1024))).status, 200);
    assert_eq!(app.send(TestRequest::post_text(CHAT, &long(4 * 1024 * 1024 + 1))).outcome(), "413 body_too_large");
    assert_eq!(app.send(TestRequest::post_text(IMAGES, &long(65_537))).outcome(), "413 body_too_large");
}

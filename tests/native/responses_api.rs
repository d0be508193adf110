//! The Responses API, and `/v1/prompt`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::post_apis::{RESPONSES, events, post};
use crate::support::{Answer, CHAT_KEY, TestApp, Upstream, WORKERS_AI_URL};

#[test]
fn a_response_has_the_image_where_the_tool_was_named_and_its_markdown_in_any_case() {
    let app = TestApp::working();
    let body = json!({ "input": "a cat 16:9", "seed": 7, "model": "gpt-5", "size": "auto", "tools": [{ "type": "image_generation", "size": "auto" }] });
    let whole = post(&app, RESPONSES, &body).json();
    assert_eq!((&whole["object"], &whole["status"]), (&json!("response"), &json!("completed")));
    let [image, message] = &whole["output"].as_array().expect("a list")[..] else { panic!("{whole}") };
    assert_eq!((&image["type"], &image["status"]), (&json!("image_generation_call"), &json!("completed")));
    let bytes = STANDARD.decode(image["result"].as_str().expect("base64")).expect("base64");
    assert!(bytes.starts_with(b"\x89PNG"));
    let id = app.get("/?prompt=a+cat&size=1024x576&seed=7").id();
    assert_eq!(message["content"][0]["text"], format!("![a cat](https://flux.test/i/{id}.png)"));

    let mut streamed = body;
    streamed["stream"] = json!(true);
    let events = events(&post(&app, RESPONSES, &streamed));
    assert!(events.iter().all(|(name, data)| data["type"] == name.as_str()));
    assert!(events.iter().enumerate().all(|(number, (_, data))| data["sequence_number"] == number));
    assert_eq!((events[0].0.as_str(), events[events.len() - 1].0.as_str()), ("response.created", "response.completed"));
    let completed = &events[events.len() - 1].1["response"];
    assert_eq!(completed["output"][0]["result"], image["result"]);
    let done: Vec<_> = events.iter().filter(|(name, _)| name == "response.output_item.done").collect();
    assert_eq!((done.len(), &done[0].1["item"]["result"]), (2, &image["result"]));
    let text: String = events
        .iter()
        .filter_map(|(name, data)| data["delta"].as_str().filter(|_| name.ends_with("text.delta")))
        .collect();
    assert_eq!(text, message["content"][0]["text"].as_str().expect("a text"));

    let plain = post(
        &app,
        RESPONSES,
        &json!({ "input": [{ "role": "user", "content": [{ "type": "input_text", "text": "a cat" }] }] }),
    )
    .json();
    assert_eq!(plain["output"].as_array().map(Vec::len), Some(1));
    for (input, code) in [
        (json!(7), "invalid_parameter"),
        (json!({}), "invalid_parameter"),
        (json!(null), "missing_prompt"),
        (json!(""), "missing_prompt"),
        (json!([]), "missing_prompt"),
        (json!(true), "invalid_parameter"),
    ] {
        let error = &post(&app, RESPONSES, &json!({ "input": input })).json()["error"];
        assert_eq!((&error["code"], &error["param"]), (&json!(code), &json!("input")), "{input}");
    }
}

#[test]
fn a_prompt_is_rewritten_without_being_drawn_and_counts_as_an_image() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).limit(2).build();
    app.http.next(Upstream::Chat, Answer::Says("a cat in the rain, photo"));
    let reply = post(&app, "/v1/prompt", &json!({ "prompt": "一只猫", "optimization": 1 }));
    assert_eq!(reply.json(), json!({ "prompt": "a cat in the rain, photo", "status": "optimized" }));
    let reply = post(&app, "/v1/prompt", &json!({ "prompt": "a cat" }));
    assert_eq!(reply.json(), json!({ "prompt": "a cat", "status": "original" }));
    assert_eq!(post(&app, "/v1/prompt", &json!({ "prompt": "a cat" })).outcome(), "429 rate_limited");
    assert_eq!(post(&app, "/v1/prompt", &json!({ "prompt": " " })).outcome(), "400 missing_prompt");
    assert_eq!(app.image_calls().len(), 0);
    let guarded = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    assert_eq!(post(&guarded, "/v1/prompt", &json!({ "prompt": "a cat" })).outcome(), "401 unauthorized");
}

#[test]
fn the_size_of_a_response_s_image_is_the_one_that_was_drawn() {
    let endpoint = json!([{ "url": WORKERS_AI_URL, "key": "workers-ai-token" }]).to_string();
    let app = TestApp::setup().set("IMAGE_API_KEYS", "").set("IMAGE_ENDPOINTS", &endpoint).build();
    app.http.next(Upstream::WorkersAi, Answer::Good);
    let tools = json!([{ "type": "image_generation", "size": "1024x576" }]);
    let whole = post(&app, RESPONSES, &json!({ "input": "a cat", "tools": tools })).json();
    assert_eq!(whole["output"][0]["size"], "512x512");
}

use serde_json::json;

use super::*;
use crate::config::Secret;
use crate::http::{Headers, Method, OutgoingRequest};

const URL: &str = "https://open.bigmodel.cn/api/paas/v4/chat/completions";

fn api(model: &str) -> ChatApi {
    of(ChatKind::BigModel, model)
}

fn of(kind: ChatKind, model: &str) -> ChatApi {
    let address = match kind {
        ChatKind::WorkersAi => Address::Binding,
        _ => Address::Url(url::Url::parse(URL).unwrap_or_else(|_| unreachable!())),
    };
    ChatApi { kind, address, model: model.into(), key: (kind != ChatKind::WorkersAi).then(|| Secret::new("glm-key")) }
}

fn question(api: &ChatApi, faithful: bool, plain: bool) -> ChatCall<'_> {
    ChatCall { api, system: "Translate.", user: "“猫”", text: "猫", faithful, plain, timeout_ms: 5_000 }
}

fn read(status: u16, body: &str) -> Result<String, ChatError> {
    read_as(ChatKind::BigModel, status, body)
}

fn read_as(kind: ChatKind, status: u16, body: &str) -> Result<String, ChatError> {
    let response = IncomingResponse { status, headers: Headers::default(), body: body.into() };
    decode_as(kind, &response)
}

/// The body of a call, sent over the network or by the binding.
fn body_of(call: &ChatCall<'_>) -> Value {
    let text = match encode(call) {
        UpstreamCall::Http(request) => request.body.unwrap_or_default(),
        UpstreamCall::Ai(AiCall { input: AiInput::Json(text), .. }) => text,
        other @ UpstreamCall::Ai(_) => unreachable!("{other:?}"),
    };
    serde_json::from_str(&text).unwrap_or_default()
}

#[test]
fn a_translation_is_asked_for_without_chance() {
    let api = api("glm-4-flash");
    let body = json!({
        "messages": [{ "role": "system", "content": "Translate." }, { "role": "user", "content": "“猫”" }],
        "max_tokens": 2_048,
        "model": "glm-4-flash",
        "do_sample": false,
    });
    let expected = OutgoingRequest {
        method: Method::Post,
        url: "https://open.bigmodel.cn/api/paas/v4/chat/completions".into(),
        headers: Headers::from_iter([
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Authorization", "Bearer glm-key"),
        ]),
        body: Some(body.to_string()),
        timeout_ms: 5_000,
        max_body_bytes: MAX_ANSWER_BYTES,
    };
    assert_eq!(encode(&question(&api, true, false)), UpstreamCall::Http(expected));
}

#[test]
fn fields_that_not_every_route_knows_are_sent_where_they_are_needed_and_left_out_on_demand() {
    for (model, faithful, plain, do_sample, thinking) in [
        ("glm-4-flash", false, false, false, false),
        ("glm-4-flash", true, false, true, false),
        ("glm-4-flash-250414", true, true, false, false),
        ("glm-4.7-flash", false, false, false, true),
        ("GLM-4.5-Flash", true, false, true, true),
        ("zai-org/GLM-4.5-Air", true, false, true, true),
        ("glm-4.5", true, true, false, false),
    ] {
        let api = api(model);
        let call = question(&api, faithful, plain);
        let body = body_of(&call);
        assert_eq!(body.get("do_sample"), do_sample.then_some(json!(false)).as_ref(), "{model}");
        assert_eq!(body.get("thinking"), thinking.then(|| json!({ "type": "disabled" })).as_ref(), "{model}");
        assert_eq!(call.has_extras(), do_sample || thinking, "{model}");
    }
}

#[test]
fn siliconflows_qwen3_is_told_not_to_think_and_asked_again_without_that() {
    for (model, thinks) in [
        ("Qwen/Qwen2.5-7B-Instruct", false),
        ("Qwen/Qwen3-8B", true),
        ("Qwen/Qwen3.5-4B", true),
        ("THUDM/GLM-4-9B-0414", false),
    ] {
        let api = of(ChatKind::SiliconFlow, model);
        let call = question(&api, true, false);
        assert_eq!(body_of(&call).get("enable_thinking"), thinks.then_some(json!(false)).as_ref(), "{model}");
        assert_eq!(call.has_extras(), thinks, "{model}");
        assert_eq!(body_of(&call).get("do_sample"), None);
        assert_eq!(body_of(&question(&api, true, true)).get("enable_thinking"), None);
    }
    let error = r#"{"code":20015,"message":"current model does not support parameter enable_thinking","data":null}"#;
    assert!(matches!(read_as(ChatKind::SiliconFlow, 400, error), Err(ChatError::BadParameters(_))));
    let error = r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#;
    assert!(matches!(read_as(ChatKind::SiliconFlow, 400, error), Err(ChatError::ModelGone(_))));
}

#[test]
fn workers_ai_is_asked_by_the_binding_and_a_translator_gets_the_text_alone() {
    let api = of(ChatKind::WorkersAi, "@cf/meta/llama-3.2-3b-instruct");
    let messages = json!([{ "role": "system", "content": "Translate." }, { "role": "user", "content": "“猫”" }]);
    assert_eq!(body_of(&question(&api, true, false)), json!({ "messages": messages, "max_tokens": 2_048 }));
    assert!(!question(&api, true, false).has_extras() && !api.only_translates());
    let UpstreamCall::Ai(call) = encode(&question(&api, true, false)) else { unreachable!() };
    assert_eq!((call.model.as_str(), call.timeout_ms), ("@cf/meta/llama-3.2-3b-instruct", 5_000));
    let api = of(ChatKind::WorkersAi, "@cf/meta/m2m100-1.2b");
    let body = json!({ "text": "猫", "source_lang": "zh", "target_lang": "en" });
    assert_eq!(body_of(&question(&api, true, false)), body);
    assert!(api.only_translates());
    for (text, language) in [("ねこ", "ja"), ("고양이", "ko"), ("кот", "ru"), ("قط", "ar"), ("แมว", "th"), ("ß", "zh")]
    {
        assert_eq!(language_of(text), language, "{text}");
    }
}

#[test]
fn workers_ais_text_is_read_with_and_without_a_result_around_it() {
    for body in [
        r#"{"response":"a cat","tool_calls":[],"usage":{}}"#,
        r#"{"result":{"response":"a cat"},"success":true,"errors":[]}"#,
        r#"{"translated_text":"a cat"}"#,
        r#"{"result":{"translated_text":"a cat"}}"#,
        r#"{"choices":[{"message":{"content":"a cat"}}]}"#,
    ] {
        assert_eq!(read_as(ChatKind::WorkersAi, 200, body), Ok("a cat".into()), "{body}");
    }
    for body in ["", "7", "[]", "{}", r#"{"response":null}"#, r#"{"response":" "}"#, r#"{"response":{"x":1}}"#] {
        assert!(matches!(read_as(ChatKind::WorkersAi, 200, body), Err(ChatError::Transient(_))), "{body}");
    }
    let spent = r#"{"message":"4006: you have used up your daily free allocation of 10,000 neurons"}"#;
    assert_eq!(read_as(ChatKind::WorkersAi, 500, spent), Err(ChatError::KeyRefused));
    let gone = r#"{"message":"5007: No such model @cf/meta/x or task"}"#;
    assert!(matches!(read_as(ChatKind::WorkersAi, 500, gone), Err(ChatError::ModelGone(_))));
    let local = r#"{"message":"Binding AI needs to be run remotely"}"#;
    assert!(matches!(read_as(ChatKind::WorkersAi, 500, local), Err(ChatError::Transient(_))));
}

#[test]
fn the_text_is_taken_as_the_model_wrote_it() {
    let body = r#"{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",
        "reasoning_content":"hm","content":" a cat\n"}}],"usage":{}}"#;
    assert_eq!(read(200, body), Ok(" a cat\n".into()));
    assert_eq!(read(200, r#"{"choices":[{"message":{"content":"a cat"}}]}"#), Ok("a cat".into()));
}

#[test]
fn an_answer_that_was_filtered_is_a_refusal_and_one_that_broke_off_is_transient() {
    let with = |reason: &str| {
        read(200, &format!(r#"{{"choices":[{{"finish_reason":"{reason}","message":{{"content":"a cat"}}}}]}}"#))
    };
    assert!(matches!(with("sensitive"), Err(ChatError::Refused(_))));
    assert!(matches!(with("network_error"), Err(ChatError::Transient(_))));
    assert!(matches!(with("length"), Err(ChatError::Transient(_))));
}

#[test]
fn every_code_maps_to_its_reaction() {
    let error = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"why"}}}}"#);
    for (status, codes, meaning) in [
        (401, &["1000", "1001", "1004", "1110", "1112", "1120", "1121"][..], ChatError::KeyRefused),
        (429, &["1113", "1220", "1304", "insufficient_quota"], ChatError::KeyRefused),
        (400, &["1210", "1212", "1213", "1214", "1215", "unknown"], ChatError::BadParameters("why".into())),
        (400, &["1261", "1301"], ChatError::Refused("why".into())),
        (400, &["1211", "1221", "1222", "model_not_found"], ChatError::ModelGone("why".into())),
        (429, &["1302", "1303", "1305", "1312", "unknown"], ChatError::Busy),
        (500, &["1230", "1234"], ChatError::Transient("it answered 500, “why”".into())),
    ] {
        for code in codes {
            assert_eq!(read(status, &error(code)), Err(meaning.clone()), "{status} {code}");
        }
    }
    // Some gateways put an error into a successful response.
    assert_eq!(read(200, &error("1302")), Err(ChatError::Busy));
    assert_eq!(read(200, &error("1301")), Err(ChatError::Refused("why".into())));
}

#[test]
fn a_status_alone_is_enough() {
    for (status, body, meaning) in [
        (401, r#""Api key is invalid""#, ChatError::KeyRefused),
        (403, "", ChatError::KeyRefused),
        (403, "<html>", ChatError::Transient("it answered 403".into())),
        (429, "", ChatError::Busy),
        (404, r#"{"error":{"message":"no such model"}}"#, ChatError::ModelGone("no such model".into())),
        (404, "", ChatError::Transient("it answered 404".into())),
        (400, "", ChatError::BadParameters("it did not say why".into())),
        (502, "<html>", ChatError::Transient("it answered 502".into())),
        (503, "busy", ChatError::Transient("it answered 503, “busy”".into())),
    ] {
        assert_eq!(read(status, body), Err(meaning), "{status} {body}");
    }
}

#[test]
fn an_answer_without_a_text_is_transient() {
    for body in [
        "",
        "<html>",
        "{",
        "[]",
        "{}",
        r#"{"choices":null}"#,
        r#"{"choices":[]}"#,
        r#"{"choices":[{}]}"#,
        r#"{"choices":[{"message":{"content":null,"reasoning_content":"hm"}}]}"#,
        r#"{"choices":[{"message":{"content":" "}}]}"#,
        r#"{"choices":[{"message":{"content":[1]}}]}"#,
    ] {
        assert!(matches!(read(200, body), Err(ChatError::Transient(_))), "{body}");
    }
}

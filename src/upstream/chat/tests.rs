use serde_json::json;

use super::*;
use crate::config::Secret;
use crate::http::{Headers, Method};

fn api(model: &str) -> ChatApi {
    let url = "https://open.bigmodel.cn/api/paas/v4/chat/completions";
    ChatApi {
        url: url::Url::parse(url).unwrap_or_else(|_| unreachable!()),
        model: model.into(),
        key: Secret::new("glm-key"),
    }
}

fn question(api: &ChatApi, faithful: bool, plain: bool) -> ChatCall<'_> {
    ChatCall { api, system: "Translate.", user: "“猫”", faithful, plain, timeout_ms: 5_000 }
}

fn read(status: u16, body: &str) -> Result<String, ChatError> {
    decode(&IncomingResponse { status, headers: Headers::default(), body: body.into() })
}

#[test]
fn a_translation_is_asked_for_without_chance() {
    let api = api("glm-4-flash");
    let body = json!({
        "model": "glm-4-flash",
        "messages": [{ "role": "system", "content": "Translate." }, { "role": "user", "content": "“猫”" }],
        "max_tokens": 2_048,
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
    assert_eq!(encode(&question(&api, true, false)), expected);
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
        let body: Value = serde_json::from_str(&encode(&call).body.unwrap_or_default()).unwrap_or_default();
        assert_eq!(body.get("do_sample"), do_sample.then_some(json!(false)).as_ref(), "{model}");
        assert_eq!(body.get("thinking"), thinking.then(|| json!({ "type": "disabled" })).as_ref(), "{model}");
        assert_eq!(call.has_extras(), do_sample || thinking, "{model}");
    }
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
        (401, &["1000", "1001", "1002", "1003", "1004"][..], ChatError::KeyRefused),
        (429, &["1113", "1304", "insufficient_quota"], ChatError::KeyRefused),
        (400, &["1210", "1212", "1213", "1214", "unknown"], ChatError::BadParameters("why".into())),
        (400, &["1211", "1261", "1301"], ChatError::Refused("why".into())),
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
        (404, r#"{"error":{"message":"no such model"}}"#, ChatError::Refused("no such model".into())),
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

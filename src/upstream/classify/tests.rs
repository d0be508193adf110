mod cooling;

use super::*;

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> IncomingResponse {
    IncomingResponse { status, headers: headers.iter().copied().collect(), body: body.into() }
}

fn of(status: u16, body: &str) -> UpstreamError {
    classify(&answer(status, &[], body))
}

const MODEL: &str = r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#;
const HTML: &str = "<html>\n<head><title>502 Bad Gateway</title></head></html>";

fn envelope(code: &str, message: &str) -> String {
    format!(r#"{{"error":{{"message":"{message}","type":"{code}","param":null,"code":"{code}"}}}}"#)
}

#[test]
fn a_refusal_of_the_request_keeps_its_message_whichever_shape_it_has() {
    for (status, body) in [
        (400, r#"{"code":20015,"message":"No such size.","data":null}"#),
        (400, r#"{"error":{"message":"No such size.","type":"invalid_request_error","code":null}}"#),
        (413, r#"{"success":false,"errors":[{"code":3006,"message":"No such size."}],"result":null}"#),
        (422, r#""No such size.""#),
        (422, "No such size."),
        (422, r#"{"error":"No such size."}"#),
        (422, r#"{"detail":[{"loc":["body"],"msg":"No such size.","type":"value_error"}]}"#),
        (400, r#"{"error":{"code":"1301","message":"No such size."}}"#),
    ] {
        assert_eq!(of(status, body), UpstreamError::Rejected("No such size.".into()), "{status} {body}");
    }
}

#[test]
fn a_refusal_without_a_message_is_transient() {
    for body in ["", " \n", HTML, "{", r#"{"code":20015"#, "[]", "null", "7", r#"{"message":""}"#, r#"{"data":null}"#] {
        for status in [400, 413, 422] {
            assert_eq!(of(status, body), UpstreamError::Transient(format!("it answered {status}")), "{body}");
        }
    }
}

#[test]
fn a_model_that_is_gone_is_known_by_its_code_or_by_a_404_that_names_it() {
    let gone = UpstreamError::ModelGone("Model does not exist. Please check it carefully.".into());
    assert_eq!(of(400, MODEL), gone);
    assert_eq!(of(404, MODEL), gone);
    for (status, body) in [
        (404, r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#.to_owned()),
        (404, r#""model x not found""#.to_owned()),
        (404, r#"{"error":{"code":"1211","message":"模型不存在"}}"#.to_owned()),
        (410, r#"{"message":"This model was withdrawn."}"#.to_owned()),
        (403, r#"{"code":30003,"message":"Model disabled.","data":null}"#.to_owned()),
        (400, r#"{"success":false,"errors":[{"code":5007,"message":"No such model or task"}]}"#.to_owned()),
        (404, envelope("model_not_found", "There is no such model.")),
        (400, r#"{"code":20012}"#.to_owned()),
    ] {
        assert!(matches!(of(status, &body), UpstreamError::ModelGone(_)), "{status} {body}");
    }
}

#[test]
fn a_404_about_something_else_is_transient() {
    for body in ["", HTML, "404 page not found", &envelope("not_found", "There is nothing at this path.")] {
        assert!(matches!(of(404, body), UpstreamError::Transient(_)), "{body}");
    }
}

#[test]
fn a_key_that_is_wrong_unverified_or_spent_is_refused() {
    for (status, body) in [
        (401, r#""Api key is invalid""#.to_owned()),
        (401, String::new()),
        (403, String::new()),
        (403, r#"{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}"#.to_owned()),
        (402, "Payment Required".to_owned()),
        (429, r#"{"error":{"message":"You exceeded your quota","type":"insufficient_quota","code":null}}"#.to_owned()),
        (429, r#"{"error":{"message":"You exceeded your quota","type":"x","code":"insufficient_quota"}}"#.to_owned()),
        (429, r#"{"error":{"code":"1113","message":"您的账户已欠费，请充值后重试"}}"#.to_owned()),
        (401, r#"{"error":{"code":1000,"message":"身份验证失败"}}"#.to_owned()),
        (400, envelope("billing_hard_limit_reached", "Billing hard limit has been reached")),
        (400, r#"{"success":false,"errors":[{"code":6003,"message":"Invalid request headers"}]}"#.to_owned()),
        (403, r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}"#.to_owned()),
        (401, envelope("unauthorized", "A token is needed.")),
    ] {
        assert_eq!(of(status, &body), UpstreamError::KeyRefused, "{status} {body}");
    }
}

#[test]
fn a_firewalls_page_says_nothing_of_the_key() {
    assert_eq!(of(403, HTML), UpstreamError::Transient("it answered 403".into()));
}

#[test]
fn failures_of_its_own_are_transient() {
    let full = r#"{"success":false,"errors":[{"code":3040,"message":"Capacity exceeded"}]}"#;
    for (status, body) in [
        (500, r#"{"code":50000,"message":"Unknown error","data":null}"#),
        (502, HTML),
        (503, "no healthy upstream"),
        (504, HTML),
        (504, "stream timeout"),
        (408, "timeout"),
        (405, ""),
        (302, ""),
        (502, &envelope("upstream_error", "The image API failed.")),
        (504, &envelope("upstream_timeout", "The image was not ready in time.")),
        (500, &envelope("misconfigured", "No image API key is set.")),
        (429, full),
    ] {
        assert!(matches!(of(status, body), UpstreamError::Transient(_)), "{status} {body}");
    }
}

#[test]
fn a_message_is_one_short_line_without_controls() {
    let rejected = |text: &str| of(400, &serde_json::json!({ "message": text }).to_string());
    assert_eq!(rejected(" no\r\n\tsuch\u{0}size\u{202E}. "), UpstreamError::Rejected("no such size.".into()));
    for long in ["猫".repeat(1_000), "no ".repeat(1_000), "\u{202E}".repeat(50) + &"x".repeat(400)] {
        let UpstreamError::Rejected(message) = rejected(&long) else { unreachable!("{long}") };
        assert!(message.ends_with('…') && (299..=300).contains(&message.chars().count()), "{message}");
    }
    assert!(matches!(rejected(&"x".repeat(300)), UpstreamError::Rejected(text) if text.len() == 300));
    assert!(matches!(rejected("\u{202E}\n"), UpstreamError::Transient(_)));
}

#[test]
fn a_refusal_of_megabytes_is_not_read() {
    let body = format!(r#"{{"message":"{}"}}"#, "x".repeat(1 << 20));
    assert_eq!(of(400, &body), UpstreamError::Transient("it answered 400".into()));
    let cooling = Cooling::Unspecified;
    assert_eq!(of(429, &body), UpstreamError::KeyBusy { cooling });
}

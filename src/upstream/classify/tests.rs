mod cooling;
mod vendors;

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
fn a_401_or_words_of_an_invalid_key_are_about_the_whole_key() {
    for (status, body) in [
        (401, r#""Api key is invalid""#.to_owned()),
        (401, String::new()),
        (401, HTML.to_owned()),
        (401, envelope("unauthorized", "A token is needed.")),
        (403, r#""Invalid API key""#.to_owned()),
        (403, r#"{"message":"密钥无效"}"#.to_owned()),
        (400, envelope("invalid_api_key", "Incorrect API key provided: ***")),
    ] {
        assert_eq!(of(status, &body), UpstreamError::KeyInvalid, "{status} {body}");
    }
}

#[test]
fn a_402_or_a_403_that_speaks_of_what_the_account_may_do_is_about_this_key_for_this_model() {
    for (status, message) in [
        (402, "Payment Required"),
        (403, "The selected model requires paid balance"),
        (403, "Sorry, your account balance is insufficient"),
        (403, "This model needs real-name authentication."),
        (403, "Your organization must be verified to use the model"),
        (403, "You have no permission to use this model"),
        (403, "Quota exceeded"),
        (403, "Project does not have access to model gpt-image-1"),
        (403, "Your account is in arrears."),
        (403, "Insufficient funds"),
        (403, "Upgrade your subscription to use this model"),
        (403, "该账号无权使用此模型"),
        (403, "未开通该模型"),
        (403, "账户余额不足"),
        (403, "该模型需要实名认证"),
        (403, "没有权限"),
    ] {
        for body in
            [message.to_owned(), envelope("forbidden", message), format!(r#"{{"code":50603,"message":"{message}"}}"#)]
        {
            assert_eq!(of(status, &body), UpstreamError::ModelRefused(message.into()), "{status} {body}");
        }
    }
    assert_eq!(of(402, ""), UpstreamError::ModelRefused("it did not say why".into()));
}

#[test]
fn any_other_403_is_forbidden_and_a_firewalls_page_says_nothing() {
    assert_eq!(of(403, r#"{"message":"Request blocked."}"#), UpstreamError::Forbidden("Request blocked.".into()));
    assert_eq!(of(403, ""), UpstreamError::Forbidden("it did not say why".into()));
    assert_eq!(of(403, HTML), UpstreamError::Transient("it answered 403".into()));
}

#[test]
fn a_model_that_is_gone_is_known_by_its_code_or_by_a_404_or_410_that_says_so() {
    let gone = UpstreamError::ModelGone("Model does not exist. Please check it carefully.".into());
    assert_eq!(of(400, MODEL), gone);
    assert_eq!(of(404, MODEL), gone);
    for (status, body) in [
        (404, r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#.to_owned()),
        (404, r#""model x not found""#.to_owned()),
        (404, r#"{"message":"模型已下线"}"#.to_owned()),
        (410, r#"{"message":"This model was withdrawn."}"#.to_owned()),
        (410, r#"{"message":"It was retired in May."}"#.to_owned()),
        (404, r#"{"message":"It has been decommissioned."}"#.to_owned()),
        (410, r#"{"message":"It reached its end of life."}"#.to_owned()),
        (410, r#"{"message":"该服务已下线"}"#.to_owned()),
        (404, envelope("model_not_found", "There is no such model.")),
        (400, r#"{"code":20012}"#.to_owned()),
    ] {
        assert!(matches!(of(status, &body), UpstreamError::ModelGone(_)), "{status} {body}");
    }
}

#[test]
fn a_bare_404_or_405_is_about_the_address() {
    for body in ["", HTML, "404 page not found", &envelope("not_found", "There is nothing at this path.")] {
        assert_eq!(of(404, body), UpstreamError::UnknownAddress, "{body}");
        assert_eq!(of(405, body), UpstreamError::UnknownAddress, "{body}");
    }
    assert_eq!(of(410, ""), UpstreamError::Transient("it answered 410".into()));
}

#[test]
fn failures_of_its_own_are_transient() {
    for (status, body) in [
        (500, r#"{"code":50000,"message":"Unknown error","data":null}"#),
        (502, HTML),
        (503, "no healthy upstream"),
        (504, HTML),
        (504, "stream timeout"),
        (408, "timeout"),
        (302, ""),
        (502, &envelope("upstream_error", "The image API failed.")),
        (504, &envelope("upstream_timeout", "The image was not ready in time.")),
        (500, &envelope("misconfigured", "No image API key is set.")),
        (500, r#"{"message":"Binding AI needs to be run remotely"}"#),
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

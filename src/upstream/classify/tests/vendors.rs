//! Each vendor's codes, in the envelope of the vendor.

use super::*;

/// What SiliconFlow says.
fn siliconflow(status: u16, code: u32) -> UpstreamError {
    of(status, &format!(r#"{{"code":{code},"message":"why","data":null}}"#))
}

/// What BigModel says.
fn bigmodel(status: u16, code: u32) -> UpstreamError {
    let text = of(status, &format!(r#"{{"error":{{"code":"{code}","message":"why"}}}}"#));
    assert_eq!(text, of(status, &format!(r#"{{"error":{{"code":{code},"message":"why"}}}}"#)));
    text
}

/// What Workers AI says: by REST, as the raw response of the binding, and as the binding's rejection.
fn workers_ai(status: u16, code: u32) -> UpstreamError {
    let rest =
        of(status, &format!(r#"{{"success":false,"errors":[{{"code":{code},"message":"why"}}],"result":null}}"#));
    let raw = of(status, &format!(r#"{{"internalCode":{code},"description":"why","name":"InferenceUpstreamError"}}"#));
    assert_eq!(rest, raw, "{code}");
    let rejected = of(500, &format!(r#"{{"message":"{code}: why"}}"#));
    assert_eq!(std::mem::discriminant(&rest), std::mem::discriminant(&rejected), "{code}");
    rest
}

fn why() -> String {
    "why".to_owned()
}

fn busy(cooling: Cooling) -> UpstreamError {
    UpstreamError::KeyBusy { cooling }
}

#[test]
fn siliconflows() {
    for (status, code, meaning) in [
        (400, 20_012, UpstreamError::ModelGone(why())),
        (403, 30_003, UpstreamError::ModelGone(why())),
        (400, 20_015, UpstreamError::Rejected(why())),
        (403, 30_001, UpstreamError::ModelRefused(why())),
        (500, 50_000, UpstreamError::Transient("it answered 500, “why”".into())),
    ] {
        assert_eq!(siliconflow(status, code), meaning, "{code}");
    }
}

#[test]
fn bigmodels_whatever_the_status() {
    for (codes, meaning) in [
        (&[1_000, 1_001, 1_002, 1_003, 1_004, 1_110, 1_111, 1_112, 1_120, 1_121][..], UpstreamError::KeyInvalid),
        (&[1_113, 1_220], UpstreamError::ModelRefused(why())),
        (&[1_210, 1_212, 1_213, 1_214, 1_215, 1_261, 1_301], UpstreamError::Rejected(why())),
        (&[1_211, 1_221, 1_222], UpstreamError::ModelGone(why())),
        (&[1_302, 1_303, 1_305, 1_312], busy(Cooling::Unspecified)),
        (&[1_304], busy(Cooling::DayLimit)),
        (&[1_308, 1_310], busy(Cooling::For(UNNAMED_MS))),
    ] {
        for (code, status) in codes.iter().flat_map(|code| [400, 401, 403, 404, 429, 500].map(|status| (*code, status)))
        {
            assert_eq!(bigmodel(status, code), meaning, "{status} {code}");
        }
    }
}

#[test]
fn bigmodel_names_the_time_at_which_a_quota_is_back() {
    for code in ["1308", "1310"] {
        for message in [
            "Usage limit reached for 5 hour. Your limit will reset at 2026-09-13 02:29:27",
            "您的限额将在 2026-09-13 02:29:27 重置",
        ] {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
            assert_eq!(of(429, &body), busy(Cooling::Until(1_789_237_767_000)), "{body}");
        }
        let body = format!(r#"{{"error":{{"code":"{code}","message":"later"}}}}"#);
        assert_eq!(classify(&answer(429, &[("Retry-After", "90")], &body)), busy(Cooling::For(90_000)));
    }
}

#[test]
fn workers_ais_by_each_way() {
    for (status, code, meaning) in [
        (429, 4_006, busy(Cooling::UtcDayLimit)),
        (400, 4_006, busy(Cooling::UtcDayLimit)),
        (429, 3_036, busy(Cooling::UtcDayLimit)),
        (429, 3_040, UpstreamError::Transient("it answered 429, “why”".into())),
        (408, 3_007, UpstreamError::Transient("it answered 408, “why”".into())),
        (408, 3_008, UpstreamError::Transient("it answered 408, “why”".into())),
        (400, 5_007, UpstreamError::ModelGone(why())),
        (400, 5_004, UpstreamError::Rejected(why())),
        (400, 5_006, UpstreamError::Rejected(why())),
        (400, 3_030, UpstreamError::Rejected(why())),
        (404, 7_003, UpstreamError::Misconfigured(why())),
        (400, 7_000, UpstreamError::Misconfigured(why())),
        (400, 6_003, UpstreamError::KeyInvalid),
        (403, 9_109, UpstreamError::KeyInvalid),
        (403, 10_000, UpstreamError::KeyInvalid),
    ] {
        assert_eq!(workers_ai(status, code), meaning, "{status} {code}");
    }
}

#[test]
fn openais_and_those_of_another_deployment() {
    for (status, code, meaning) in [
        (401, "invalid_api_key", UpstreamError::KeyInvalid),
        (429, "insufficient_quota", UpstreamError::ModelRefused(why())),
        (400, "billing_hard_limit_reached", UpstreamError::ModelRefused(why())),
        (400, "model_not_found", UpstreamError::ModelGone(why())),
        (400, "content_policy_violation", UpstreamError::Rejected(why())),
        (422, "prompt_rejected", UpstreamError::Rejected(why())),
        (429, "rate_limit_exceeded", busy(Cooling::Unspecified)),
        (503, "keys_exhausted", busy(Cooling::Unspecified)),
        (429, "rate_limited", busy(Cooling::Unspecified)),
        (429, "quota_exceeded", busy(Cooling::Unspecified)),
    ] {
        assert_eq!(of(status, &envelope(code, "why")), meaning, "{status} {code}");
        let type_alone = format!(r#"{{"error":{{"message":"why","type":"{code}","code":null}}}}"#);
        assert_eq!(of(status, &type_alone), meaning, "{status} {code}");
    }
}

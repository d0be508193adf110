//! The cool-down of a key that is over a rate limit.

use super::*;

const IPM: &str = r#"{"message":"Request was rejected due to rate limiting. Details: IPM limit reached.","data":null}"#;

fn busy_for(cooling: Cooling) -> UpstreamError {
    UpstreamError::KeyBusy { cooling }
}

#[test]
fn too_many_requests_cool_the_key_for_as_long_as_the_message_says() {
    for (body, cooling) in [
        (IPM.to_owned(), Cooling::MinuteLimit),
        (IPM.replace("IPM", "RPM"), Cooling::MinuteLimit),
        (IPM.replace("IPM", "TPM"), Cooling::MinuteLimit),
        (IPM.replace("IPM", "IPD"), Cooling::DayLimit),
        (IPM.replace("IPM", "RPD"), Cooling::DayLimit),
        (IPM.replace("IPM", "TPD"), Cooling::DayLimit),
        (envelope("rate_limit_exceeded", "Limit 5 images per minute."), Cooling::MinuteLimit),
        (envelope("rate_limit_exceeded", "Limit 500 requests per day, 5 per minute."), Cooling::DayLimit),
        (r#"{"error":{"code":"1302","message":"每分钟请求次数过多"}}"#.to_owned(), Cooling::MinuteLimit),
        (r#"{"error":{"code":"1304","message":"超限"}}"#.to_owned(), Cooling::DayLimit),
        (r#"{"message":"今日额度已用完"}"#.to_owned(), Cooling::DayLimit),
        (r#"{"message":"Too many requests. Have a nice day, or a minute."}"#.to_owned(), Cooling::Unspecified),
        (
            r#"{"message":"You have used up your daily free allocation of 10,000 neurons"}"#.to_owned(),
            Cooling::UtcDayLimit,
        ),
        (HTML.to_owned(), Cooling::Unspecified),
        (String::new(), Cooling::Unspecified),
    ] {
        assert_eq!(of(429, &body), busy_for(cooling), "{body}");
    }
}

#[test]
fn a_time_that_is_given_is_truer_than_a_limits_name() {
    for body in [IPM, &IPM.replace("IPM", "IPD"), "", HTML] {
        let response = answer(429, &[("Retry-After", "17")], body);
        assert_eq!(classify(&response), busy_for(Cooling::For(17_000)), "{body}");
    }
}

#[test]
fn an_unavailable_service_cools_the_key_only_where_it_says_for_how_long_or_that_its_keys_are_exhausted() {
    let exhausted = envelope("keys_exhausted", "All image API keys are busy.");
    let limited = envelope("rate_limited", "Too many new images.");
    for (status, wait, body, meaning) in [
        (503, Some("20"), "", busy_for(Cooling::For(20_000))),
        (503, Some("20"), HTML, busy_for(Cooling::For(20_000))),
        (503, Some("20"), exhausted.as_str(), busy_for(Cooling::For(20_000))),
        (503, None, exhausted.as_str(), busy_for(Cooling::Unspecified)),
        (429, Some("5"), limited.as_str(), busy_for(Cooling::For(5_000))),
        (429, None, limited.as_str(), busy_for(Cooling::Unspecified)),
        (
            503,
            None,
            "upstream connect error",
            UpstreamError::Transient("it answered 503, “upstream connect error”".into()),
        ),
        (500, Some("20"), "", UpstreamError::Transient("it answered 500".into())),
    ] {
        let headers: Vec<_> = wait.map(|wait| ("Retry-After", wait)).into_iter().collect();
        assert_eq!(classify(&answer(status, &headers, body)), meaning, "{status} {body}");
    }
}

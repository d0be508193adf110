use super::*;
use crate::http::Headers;

fn read(body: &str) -> Result<ImageAnswer, UpstreamError> {
    decode(&IncomingResponse { status: 200, headers: Headers::default(), body: body.into() })
}

fn at(url: &str, seed: Option<u64>) -> ImageAnswer {
    ImageAnswer { source: ImageSource::Url(url.into()), seed }
}

fn holding(bytes: &[u8]) -> ImageAnswer {
    ImageAnswer { source: ImageSource::Bytes(bytes.into()), seed: None }
}

#[test]
fn an_image_is_found_in_either_list_and_the_seed_beside_it() {
    let url = "https://images.test/a.png?sig=1%2F2";
    for (body, seed) in [
        (r#"{"images":[{"url":"URL"}],"timings":{"inference":1.23},"seed":123}"#, Some(123)),
        (r#"{"data":[{"url":"https://other.test/"}],"images":[{"url":"URL"}],"seed":9999999999}"#, Some(9_999_999_999)),
        (r#"{"created":1,"data":[{"url":"URL","revised_prompt":null}]}"#, None),
        (r#"{"data":[{"url":"URL"}],"images":[],"seed":"77"}"#, Some(77)),
        (r#"{"data":[{"url":"URL"}],"images":null,"seed":null}"#, None),
        (r#"{"data":{"x":[1]},"images":[{},{"url":""},{"url":"URL"},{"url":"https://other.test/"}],"seed":-1}"#, None),
        (r#"{"images":[{"url":"URL","b64_json":null}],"seed":{"x":1}}"#, None),
        (r#"{"images":[{"url":" URL "}],"seed":1.5}"#, None),
    ] {
        let body = body.replace("URL", url);
        assert_eq!(read(&body), Ok(at(url, seed)), "{body}");
    }
}

#[test]
fn base64_is_read_bare_or_in_an_address_padded_or_not_escaped_or_broken_into_lines() {
    for text in [
        r#""b64_json":"/9j/AA==""#,
        r#""b64_json":"\/9j\/AA==","url":"""#,
        r#""b64_json":"/9j/AA""#,
        r#""b64_json":"/9j/\nAA==\n","url":null"#,
        r#""b64_json":"data:image/jpeg;base64,/9j/AA==","url":"https://images.test/a.png""#,
        r#""url":"data:image/jpeg;base64,/9j/AA==""#,
    ] {
        assert_eq!(read(&format!(r#"{{"data":[{{{text}}}]}}"#)), Ok(holding(b"\xFF\xD8\xFF\x00")), "{text}");
    }
}

#[test]
fn an_answer_without_an_image_is_transient() {
    for body in [
        "",
        "null",
        "<html>",
        r#"{"images":[{"url":"https://images.test/a"#,
        "{}",
        r#"{"images":[]}"#,
        r#"{"images":[{"url":null}],"data":[{}]}"#,
        r#"{"images":"https://images.test/a.png"}"#,
        r#"{"images":[{"url":7}]}"#,
        r#"{"images":[{"url":"data:image/png,xyz"}]}"#,
        r#"{"data":[{"b64_json":"not base64!"}]}"#,
        r#"{"data":[{"b64_json":"data:;base64,"}]}"#,
        r#"{"message":"Something happened.","data":null}"#,
    ] {
        assert!(matches!(read(body), Err(UpstreamError::Transient(_))), "{body}");
    }
}

#[test]
fn an_image_at_an_address_that_is_not_fetched_is_not_transient() {
    for address in ["a.png", "//images.test/a.png", "javascript:alert(1)", "ftp://images.test/a.png"] {
        let read = read(&format!(r#"{{"images":[{{"url":"{address}"}}]}}"#));
        assert!(matches!(read, Err(UpstreamError::Unfetchable(_))), "{address}");
    }
}

#[test]
fn a_seed_that_javascript_would_change_is_none() {
    for (seed, expected) in
        [("9007199254740992", Some(1 << 53)), ("9007199254740993", None), ("18446744073709551615", None)]
    {
        let read = read(&format!(r#"{{"images":[{{"url":"https://images.test/a.png"}}],"seed":{seed}}}"#));
        assert_eq!(read.ok().map(|answer| answer.seed), Some(expected), "{seed}");
    }
}

#[test]
fn an_answer_without_success_is_classified() {
    let response = IncomingResponse { status: 401, headers: Headers::default(), body: Vec::new() };
    assert_eq!(decode(&response), Err(UpstreamError::KeyInvalid));
    let gone = read(r#"{"code":20012,"message":"Model does not exist.","data":null}"#);
    assert_eq!(gone, Err(UpstreamError::ModelGone("Model does not exist.".into())));
}

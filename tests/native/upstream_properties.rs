//! Any response of an upstream is decoded to a value or an error, without a panic.

use free_flux_api::config::{Api, ChatKind};
use free_flux_api::domain::{Pixels, image_format};
use free_flux_api::error::{Cooling, UpstreamError};
use free_flux_api::http::{Headers, IncomingResponse};
use free_flux_api::upstream::image_call::ImageSource;
use free_flux_api::upstream::{chat, chat_answer, classify, image_api};
use proptest::prelude::*;

/// The longest message of an error that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 300;

/// Bodies of all kinds: noise, JSON of the expected shapes with noise in it, and truncated JSON.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let templates = prop::sample::select(vec![
        r#"{"images":[{"url":X}],"data":X,"seed":X}"#,
        r#"{"data":[{"b64_json":X,"url":X}]}"#,
        r#"{"result":{"image":X},"success":false,"errors":[{"code":X,"message":X}]}"#,
        r#"{"error":{"message":X,"type":X,"code":X}}"#,
        r#"{"code":X,"message":X,"data":null}"#,
        r#"{"choices":[{"finish_reason":X,"message":{"content":X}}]}"#,
        r#"{"image":X}"#,
        r#"{"response":X,"translated_text":X}"#,
        r#"{"result":{"response":X,"image":X}}"#,
        r#"{"internalCode":X,"description":X,"name":X}"#,
        r#"{"artifacts":[{"base64":X,"finishReason":X,"seed":X}]}"#,
        r#"{"error":{"code":"1308","message":X}}"#,
        "X",
    ]);
    let values = prop_oneof![
        ".*".prop_map(|text| serde_json::json!(text)),
        "(<think>|</think>|```|\"|“|”|Prompt:|提示词：|\n| |a|猫|<text>){0,12}"
            .prop_map(|text| serde_json::json!(text)),
        "(4006: |5007: |will reset at )?[0-9]{0,4}-[0-9]{0,2}-[0-9]{0,2}[ T猫][0-9:]{0,9}"
            .prop_map(|text| serde_json::json!(text)),
        prop::sample::select(vec![1302, 1308, 20012, 4006, 7003]).prop_map(|code| serde_json::json!(code)),
        "[A-Za-z0-9+/]{0,80}={0,2}".prop_map(|text| serde_json::json!(text)),
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        any::<u64>().prop_map(|number| serde_json::json!(number)),
        Just(serde_json::json!(null)),
        Just(serde_json::json!([[{}]])),
    ];
    let shaped =
        (templates, values, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(template, value, end, whole)| {
            let mut body = template.replace('X', &value.to_string()).into_bytes();
            if !whole {
                body.truncate(end.index(body.len() + 1));
            }
            body
        });
    prop_oneof![shaped, prop::collection::vec(any::<u8>(), 0..200)]
}

/// Responses with any status, such a body, and any `Retry-After`.
fn responses() -> impl Strategy<Value = IncomingResponse> {
    let status =
        prop_oneof![prop::sample::select(vec![200, 400, 401, 403, 404, 413, 422, 429, 500, 503]), 100..600_u16];
    let waits = prop::option::of(prop_oneof![
        ".*",
        "-?[0-9]{0,30}(\\.[0-9]{0,3})?",
        "[A-Z][a-z]{2}, [0-9]{1,2} [JFM][a-z]{2} [0-9]{1,6} [0-9:]{0,10} GMT"
    ]);
    (status, bodies(), waits).prop_map(|(status, body, wait)| {
        let mut headers = Headers::from_iter([("Date", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        if let Some(wait) = wait {
            headers.set("Retry-After", wait);
        }
        IncomingResponse { status, headers, body }
    })
}

/// The start of an image of each format, followed by noise.
fn images() -> impl Strategy<Value = Vec<u8>> {
    let starts = prop::sample::select(vec![
        &b""[..],
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x02\xff\xc0",
        b"\xff\xd8\xff\xe1\x00\x20Exif\0\0II*\0",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"RIFF\xff\xff\xff\xffWEBPVP8L",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"GIF89a",
    ]);
    (starts, prop::collection::vec(any::<u8>(), 0..200)).prop_map(|(start, rest)| [start, &rest].concat())
}

/// True if an error's text is fit for a log line and a response.
fn is_clean(error: &UpstreamError) -> bool {
    match error {
        UpstreamError::Rejected(words)
        | UpstreamError::ModelGone(words)
        | UpstreamError::ModelRefused(words)
        | UpstreamError::Forbidden(words)
        | UpstreamError::Misconfigured(words) => {
            !words.is_empty() && words.chars().count() <= MAX_MESSAGE_CHARS && !words.contains(char::is_control)
        }
        UpstreamError::Transient(words) => !words.is_empty() && !words.contains(char::is_control),
        UpstreamError::KeyBusy { cooling: Cooling::For(ms) } => (1_000..=86_400_000).contains(ms),
        _ => true,
    }
}

proptest! {
    #[test]
    fn an_image_apis_answer_is_an_image_or_a_clean_error(response in responses()) {
        for api in [Api::SiliconFlow, Api::OpenAi, Api::WorkersAi, Api::WorkersAiBinding, Api::BigModel, Api::Nvidia] {
            match image_api::decode_as(api, &response) {
                Ok(answer) => {
                    prop_assert!((200..300).contains(&response.status));
                    match answer.source {
                        ImageSource::Url(url) => prop_assert!(url.starts_with("http"), "{url}"),
                        ImageSource::Bytes(bytes) => prop_assert!(!bytes.is_empty()),
                    }
                }
                Err(error) => prop_assert!(is_clean(&error), "{error:?}"),
            }
        }
        prop_assert!(is_clean(&classify::classify(&response)));
    }

    #[test]
    fn a_chat_apis_answer_is_a_text_or_an_error_and_cleans_to_one_line(response in responses(), marker in "<[a-z]{1,8}>") {
        for kind in [ChatKind::BigModel, ChatKind::SiliconFlow, ChatKind::WorkersAi] {
            let Ok(text) = chat::decode_as(kind, &response) else { continue };
            prop_assert!(!text.trim().is_empty());
            let line = chat_answer::clean(&text, &[&marker]);
            prop_assert!(!line.contains(char::is_control), "{line:?}");
            prop_assert_eq!(line.trim(), line.as_str());
            prop_assert!(line.len() <= text.len());
        }
    }

    #[test]
    fn bytes_are_sniffed_and_measured_whatever_they_are(bytes in images()) {
        let format = image_format::sniff(&bytes);
        if let Some(Pixels(width, height)) = image_format::pixels(&bytes) {
            prop_assert!(format.is_some() && width > 0 && height > 0);
        }
    }
}

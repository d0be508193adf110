//! What the image APIs and the chat API answer, whatever their status: read without a panic, and what is kept of
//! their words is one short line.
//!
//! The first two bytes choose the status, the next `Retry-After`, up to a line break; the rest is the body.
#![no_main]

use free_flux_api::config::{Api, ChatKind};
use free_flux_api::error::UpstreamError;
use free_flux_api::http::{Headers, IncomingResponse};
use free_flux_api::upstream::{chat, classify, image_api};
use libfuzzer_sys::fuzz_target;

/// The longest message that is kept, with what is put before it, in characters.
const MAX_WORDS: usize = 400;

fuzz_target!(|input: &[u8]| {
    let Some((&[high, low], rest)) = input.split_first_chunk() else { return };
    let at = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, body) = rest.split_at(at);
    let mut headers = Headers::default();
    if !line.is_empty() {
        headers.set("Retry-After", String::from_utf8_lossy(line));
    }
    let status = if high < 128 { 200 } else { 300 + u16::from(low) % 300 };
    let response = IncomingResponse { status, headers, body: body.get(1..).unwrap_or_default().to_vec() };
    for api in [Api::SiliconFlow, Api::OpenAi, Api::WorkersAi, Api::WorkersAiBinding, Api::BigModel, Api::Nvidia] {
        if let Err(error) = image_api::decode_as(api, &response) {
            is_short(&error.to_string());
        }
    }
    let failure = classify::classify(&response);
    is_short(&failure.to_string());
    if let UpstreamError::Rejected(message) = failure {
        assert!(!message.trim().is_empty());
    }
    for kind in [ChatKind::BigModel, ChatKind::SiliconFlow, ChatKind::WorkersAi] {
        if let Err(error) = chat::decode_as(kind, &response) {
            is_short(&error.to_string());
        }
    }
});

fn is_short(words: &str) {
    assert!(words.chars().count() <= MAX_WORDS && !words.chars().any(char::is_control), "{words:?}");
}

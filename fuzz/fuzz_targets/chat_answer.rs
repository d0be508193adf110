//! What a chat model wrote, cleaned: one line, and nothing of the markers in it.
#![no_main]

use free_flux_api::domain::Prompt;
use free_flux_api::upstream::chat_answer::clean;
use libfuzzer_sys::fuzz_target;

const MARKERS: [&str; 2] = ["<text-1f>", "</text-1f>"];

fuzz_target!(|answer: &str| {
    let line = clean(answer, &MARKERS);
    assert!(!line.chars().any(char::is_control), "{line:?}");
    assert_eq!(line.trim(), line);
    if let Some(prompt) = Prompt::from_model(&line) {
        assert!(!prompt.as_str().is_empty() && prompt.as_str().chars().count() <= 2_000);
    }
});

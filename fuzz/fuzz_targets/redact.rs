//! Striking a key out: it is left in no text, whole, and what has none of it stays as it is.
//!
//! The input is the key up to a line break, then the text.
#![no_main]

use free_flux_api::config::{Redactor, Secret};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let Some((key, text)) = input.split_once('\n') else { return };
    // What settings take for a key, without what stands for a struck one.
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*') {
        return;
    }
    let redactor = Redactor::of_call(None, Some(&Secret::new(key)));
    for text in [text.to_owned(), format!("{key}{text}{key}"), text.split(' ').collect::<Vec<_>>().join(key)] {
        let scrubbed = redactor.scrub(&text);
        assert!(!scrubbed.contains(key), "{scrubbed:?}");
        assert_eq!(redactor.scrub(&scrubbed), scrubbed);
        if key.len() < 16 && !text.contains(key) {
            assert_eq!(scrubbed, text);
        }
    }
});

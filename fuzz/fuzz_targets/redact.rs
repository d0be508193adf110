//! Striking secrets out: nothing of a key is left in a text, eight characters at a time.
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
    let redactor = Redactor::new(vec![Secret::new(key), Secret::new("another-key-1234")]);
    for text in [text.to_owned(), format!("{key}{text}{key}"), text.split(' ').collect::<Vec<_>>().join(key)] {
        let scrubbed = redactor.scrub(&text);
        assert!(!redactor.finds(&scrubbed) && !scrubbed.contains(key), "{scrubbed:?}");
        assert_eq!(redactor.scrub(&scrubbed), scrubbed);
        if !redactor.finds(&text) && !text.contains(key) {
            assert_eq!(scrubbed, text);
        }
    }
});

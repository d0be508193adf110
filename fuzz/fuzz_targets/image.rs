//! The format and the pixels of bytes that an upstream calls an image.
#![no_main]

use free_flux_api::domain::image_format::{pixels, sniff};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(sides) = pixels(bytes) {
        assert!(sniff(bytes).is_some() && sides.0 > 0 && sides.1 > 0);
    }
});

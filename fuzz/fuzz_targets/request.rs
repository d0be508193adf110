//! A request without a body, from its first line to its answer: the path, the query and all its parameters, the
//! signature, the referer, and the card that an error becomes.
//!
//! The input is lines: the method, the path with its query, then headers.
#![no_main]

use free_flux_api::http::{Headers, Method};
use free_flux_api_fuzz::{HOST, app, ask};
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let method = Method::parse(lines.next().unwrap_or_default());
    let target = lines.next().unwrap_or_default();
    if method == Method::Post || !target.starts_with('/') {
        return;
    }
    let Ok(url) = Url::parse(&format!("{HOST}{target}")) else { return };
    let headers: Headers = lines
        .take(8)
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for closed in [false, true] {
        ask(&app(closed), method, url.clone(), headers.clone(), Vec::new());
    }
});

//! The bodies of the images, the chat and the sign API. The first byte chooses which.
#![no_main]

use free_flux_api::http::{Headers, Method};
use free_flux_api_fuzz::{HOST, TOKEN, app, ask};
use libfuzzer_sys::fuzz_target;
use url::Url;

const PATHS: [&str; 4] = ["/v1/images/generations", "/v1/image/generations", "/v1/chat/completions", "/v1/sign"];

fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let url = format!("{HOST}{}", PATHS[usize::from(*choice) % PATHS.len()]);
    let url = Url::parse(&url).expect("a URL");
    let headers = Headers::from_iter([("Authorization", format!("Bearer {TOKEN}"))]);
    ask(&app(true), Method::Post, url, headers, body.to_vec());
});

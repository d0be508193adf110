//! Where an image is fetched from: whatever an upstream answers as its address, and wherever that redirects to, the
//! inside of a network is not asked.
//!
//! The input is lines: the address, then the redirects.
#![no_main]

use std::cell::RefCell;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use free_flux_api::domain::image_format::MAX_IMAGE_BYTES;
use free_flux_api::http::{Headers, IncomingResponse, OutgoingRequest, SendError};
use free_flux_api::pipeline::deadline::Deadline;
use free_flux_api::pipeline::download::download;
use free_flux_api::ports::HttpClient;
use free_flux_api_fuzz::Fake;
use futures_executor::block_on;
use futures_util::future::LocalBoxFuture;
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

struct Redirects(RefCell<Vec<String>>);

impl HttpClient for Redirects {
    fn send(&self, request: OutgoingRequest) -> LocalBoxFuture<'_, Result<IncomingResponse, SendError>> {
        check(&request.url);
        let next = self.0.borrow_mut().pop();
        let status = if next.is_some() { 302 } else { 200 };
        let headers = next.map(|target| ("Location", target)).into_iter().collect::<Headers>();
        Box::pin(async move { Ok(IncomingResponse { status, headers, body: Vec::new() }) })
    }
}

fuzz_target!(|text: &str| {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).rev().collect();
    let Some(address) = lines.pop() else { return };
    let asked = Url::parse("https://api.test/v1/images/generations").expect("a URL");
    let deadline = Deadline::after(Rc::new(Fake), 60_000);
    let _ = block_on(download(&Redirects(RefCell::new(lines)), &asked, &address, MAX_IMAGE_BYTES, &deadline));
});

/// Fails where an address that was asked is inside, by the standard library's words for it.
fn check(url: &str) {
    let url = Url::parse(url).expect("only addresses are asked");
    assert_eq!(url.scheme(), "https");
    match url.host().expect("https has a host") {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            assert!(name.contains('.') && !name.ends_with(".localhost") && !name.ends_with(".internal"), "{url}");
            assert!(name.parse::<Ipv4Addr>().is_err(), "{url}");
        }
        Host::Ipv4(v4) => check_v4(v4, &url),
        Host::Ipv6(v6) => {
            let inside = v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified();
            assert!(!inside && v6 != Ipv6Addr::LOCALHOST, "{url}");
            if let Some(v4) = v6.to_ipv4() {
                check_v4(v4, &url);
            }
        }
    }
}

fn check_v4(v4: Ipv4Addr, url: &Url) {
    let inside = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast();
    assert!(!inside, "{url}");
}

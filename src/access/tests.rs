use url::Url;

use super::{Caller, signature};
use crate::config::{Config, Secret};
use crate::domain::Hops;
use crate::http::{Headers, Method, Request};

fn config(settings: &[(&str, &str)]) -> Config {
    Config::from_lookup(
        &|name| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
        false,
    )
}

fn caller(settings: &[(&str, &str)], url: &str, headers: &[(&'static str, &str)]) -> Caller {
    let request = Request {
        method: Method::Get,
        url: Url::parse(&format!("https://flux.test{url}")).expect("a URL"),
        headers: Box::new(headers.iter().copied().collect::<Headers>()),
        body: Box::new(Vec::new()),
    };
    Caller::of(&config(settings).access, &request, 1_000_000)
}

fn code(settings: &[(&str, &str)], url: &str, headers: &[(&'static str, &str)]) -> Option<&'static str> {
    caller(settings, url, headers).refusal.map(|error| error.code())
}

fn signed(key: &str, path_and_query: &str) -> String {
    let mut url = Url::parse(&format!("https://flux.test{path_and_query}")).expect("a URL");
    let sig = signature::sign(&Secret::new(key), &url);
    url.query_pairs_mut().append_pair("sig", &sig);
    url.as_str().trim_start_matches("https://flux.test").to_owned()
}

const TOKENS: (&str, &str) = ("ACCESS_TOKENS", "token-one, token-two");
const KEY: (&str, &str) = ("URL_SIGNING_KEY", "signing-key");
const REFERERS: (&str, &str) = ("ALLOWED_REFERERS", "example.com");

#[test]
fn with_nothing_set_anyone_may() {
    assert_eq!(code(&[], "/?prompt=cat", &[]), None);
}

#[test]
fn a_token_opens_and_is_not_counted() {
    for header in ["Bearer token-one", "bearer token-two", "Bearer  token-two "] {
        let caller = caller(&[TOKENS], "/?prompt=cat", &[("Authorization", header)]);
        assert_eq!((caller.refusal, caller.has_token, caller.visitor), (None, true, None), "{header}");
    }
    for header in ["Bearer token-three", "Bearer", "token-one", "Basic token-one", "Bearer token-one,token-two"] {
        assert_eq!(code(&[TOKENS], "/?prompt=cat", &[("Authorization", header)]), Some("unauthorized"), "{header}");
    }
    assert_eq!(code(&[TOKENS], "/?prompt=cat", &[]), Some("unauthorized"));
}

#[test]
fn a_signature_opens_its_own_url_in_any_order_and_escaping() {
    let url = signed("signing-key", "/?prompt=a+cat&size=512x512");
    assert_eq!(code(&[KEY], &url, &[]), None);
    let reordered = url.replacen("?prompt=a+cat&size=512x512", "?size=512x512&prompt=a%20c%61t&id=whatever", 1);
    assert_ne!(reordered, url);
    assert_eq!(code(&[KEY], &reordered, &[]), None);
}

#[test]
fn a_path_is_signed_as_every_parser_has_it() {
    // Old URL parsers leave a `^` in a path unchanged, new ones encode it as %5E.
    let url = signed("signing-key", "/prompt/a^b?seed=1");
    for url in [url.replace("%5E", "^"), url.replace('^', "%5E")] {
        assert_eq!(code(&[KEY], &url, &[]), None, "{url}");
    }
}

#[test]
fn malformed_access_settings_open_nothing() {
    let page = [("Referer", "https://example.com/post")];
    for settings in [&[("ALLOWED_REFERERS", "https://example.com")][..], &[TOKENS, ("ALLOWED_REFERERS", "*")]] {
        assert_eq!(code(settings, "/?prompt=cat", &page), Some("misconfigured"), "{settings:?}");
    }
    assert_eq!(code(&[("ACCESS_TOKENS", "a b")], "/?prompt=cat", &[]), Some("misconfigured"));
    assert_eq!(code(&[TOKENS, ("CACHE_TTL", "x")], "/?prompt=cat", &[]), Some("unauthorized"));
}

#[test]
fn a_signature_opens_nothing_else() {
    let url = signed("signing-key", "/?prompt=cat");
    for forged in [
        url.replace("prompt=cat", "prompt=dog"),
        format!("{url}&seed=1"),
        url.replace("/?", "/prompt/x?"),
        signed("other-key", "/?prompt=cat"),
        "/?prompt=cat&sig=".to_owned(),
        "/?prompt=cat&sig=%ff".to_owned(),
    ] {
        assert_eq!(code(&[KEY], &forged, &[]), Some("invalid_signature"), "{forged}");
    }
    assert_eq!(code(&[KEY], &signed("signing-key", "/v1/models?prompt=cat"), &[]), Some("invalid_signature"));
}

#[test]
fn a_signature_expires_and_its_end_cannot_be_moved() {
    assert_eq!(code(&[KEY], &signed("signing-key", "/?prompt=cat&exp=1001"), &[]), None);
    let past = signed("signing-key", "/?prompt=cat&exp=1000");
    assert_eq!(code(&[KEY], &past, &[]), Some("signature_expired"));
    assert_eq!(code(&[KEY], &past.replace("exp=1000", "exp=9999"), &[]), Some("invalid_signature"));
}

#[test]
fn a_page_on_the_list_opens_with_its_subdomains() {
    for page in ["https://example.com/post", "https://blog.example.com/", "http://example.com:8080/"] {
        assert_eq!(code(&[REFERERS], "/?prompt=cat", &[("Referer", page)]), None, "{page}");
        assert_eq!(code(&[REFERERS], "/?prompt=cat", &[("Origin", page)]), None, "{page}");
    }
    for page in ["https://badexample.com/", "https://example.com.evil.test/", "null", "https://evil.test/?example.com"]
    {
        assert_eq!(code(&[REFERERS], "/?prompt=cat", &[("Referer", page)]), Some("referer_not_allowed"), "{page}");
    }
}

#[test]
fn the_error_names_the_missing_credential() {
    let referer = [("Referer", "https://evil.test/")];
    let forged = signed("other-key", "/?prompt=cat");
    assert_eq!(code(&[REFERERS], "/?prompt=cat", &[]), Some("referer_not_allowed"));
    assert_eq!(code(&[KEY], "/?prompt=cat", &[]), Some("invalid_signature"));
    assert_eq!(code(&[KEY, REFERERS], "/?prompt=cat", &[]), Some("unauthorized"));
    assert_eq!(code(&[TOKENS, REFERERS], "/?prompt=cat", &referer), Some("referer_not_allowed"));
    assert_eq!(code(&[TOKENS, KEY, REFERERS], &forged, &referer), Some("invalid_signature"));
    assert_eq!(code(&[TOKENS, KEY, REFERERS], &forged, &[("Authorization", "Bearer token-one")]), None);
}

#[test]
fn a_visitor_is_an_ipv4_address_or_an_ipv6_network() {
    let visitor = |address: &str| caller(&[], "/?prompt=cat", &[("CF-Connecting-IP", address)]).visitor;
    assert_eq!(visitor("203.0.113.9"), Some("203.0.113.9".into()));
    assert_eq!(visitor("::ffff:203.0.113.9"), Some("203.0.113.9".into()));
    assert_eq!(visitor("2001:db8:1:2:3:4:5:6"), visitor("2001:db8:1:2::9"));
    assert_eq!(visitor("2001:db8:1:2::9"), Some("2001:db8:1:2::/64".into()));
    assert_eq!(visitor("nonsense"), Some("unknown".into()));
}

#[test]
fn hops_that_are_no_number_count_as_too_many() {
    for header in [None, Some("2"), Some("x")] {
        let headers: Vec<_> = header.into_iter().map(|hops| ("X-Free-Flux-Hop", hops)).collect();
        assert_eq!(caller(&[], "/", &headers).hops, Hops::from_header(header));
    }
}

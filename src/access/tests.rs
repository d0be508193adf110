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
    let sig = signature::sign(&Secret::new(key), &url).unwrap_or_default();
    url.query_pairs_mut().append_pair("sig", &sig);
    url.as_str().trim_start_matches("https://flux.test").to_owned()
}

const TOKENS: (&str, &str) = ("ACCESS_TOKENS", "token-one, token-two");
const KEY: (&str, &str) = ("URL_SIGNING_KEY", "signing-key-0123");
const REFERERS: (&str, &str) = ("ALLOWED_REFERERS", "example.com");

#[test]
fn with_nothing_set_anyone_may() {
    assert_eq!(code(&[], "/?prompt=cat", &[]), None);
}

#[test]
fn a_token_opens_and_is_not_counted() {
    for header in ["Bearer token-one", "bearer token-two", "Bearer  token-two "] {
        let caller = caller(&[TOKENS], "/?prompt=cat", &[("Authorization", header)]);
        assert_eq!((caller.refusal, caller.is_owner, caller.visitor), (None, true, None), "{header}");
    }
    for header in ["Bearer token-three", "Bearer", "token-one", "Basic token-one", "Bearer token-one,token-two"] {
        assert_eq!(code(&[TOKENS], "/?prompt=cat", &[("Authorization", header)]), Some("unauthorized"), "{header}");
    }
    assert_eq!(code(&[TOKENS], "/?prompt=cat", &[]), Some("unauthorized"));
}

#[test]
fn a_signature_opens_its_own_url_in_any_order_and_escaping() {
    let url = signed("signing-key-0123", "/?prompt=a+cat&size=512x512");
    assert_eq!(code(&[KEY], &url, &[]), None);
    let reordered = url.replacen("?prompt=a+cat&size=512x512", "?size=512x512&prompt=a%20c%61t&id=whatever", 1);
    assert_ne!(reordered, url);
    assert_eq!(code(&[KEY], &reordered, &[]), None);
}

#[test]
fn a_path_is_signed_whatever_its_spelling() {
    // Old URL parsers leave a `^` in a path unchanged, new ones encode it as %5E; proxies have a spelling of their own.
    let url = signed("signing-key-0123", "/prompt/a^b(%e4%b8%80)%2Fc?seed=1");
    for (written, other) in [("a%5Eb", "a^b"), ("a^b", "a%5Eb"), ("(", "%28"), ("%e4%b8%80", "%E4%B8%80"), ("%2F", "/")]
    {
        assert_eq!(code(&[KEY], &url.replace(written, other), &[]), None, "{url}");
    }
    for path in ["/image/", "/p/", "//prompt/"] {
        assert_eq!(code(&[KEY], &url.replacen("/prompt/", path, 1), &[]), None, "{path}");
    }
    assert_eq!(code(&[KEY], &url.replacen("/prompt/", "/prompt//", 1), &[]), Some("invalid_signature"));
}

#[test]
fn what_others_add_to_a_link_does_not_matter_and_nothing_that_counts_is_added() {
    let url = signed("signing-key-0123", "/?prompt=cat&size=512x512");
    for added in ["utm_source=x", "fbclid=y&nologo=1", "id=z", "amp%3Bprompt=dog", "amp;size=64x64"] {
        assert_eq!(code(&[KEY], &format!("{url}&{added}"), &[]), None, "{added}");
    }
    assert_eq!(code(&[KEY], &url.replace('&', "&amp;"), &[]), None, "a link that was never unescaped");
    assert_eq!(code(&[KEY], &format!("{url}=="), &[]), Some("invalid_signature"));
    assert_eq!(code(&[KEY], &format!("{url}="), &[]), None, "base64url may be padded");
    for added in
        ["amp;seed=1", "amp;amp;seed=1", "seed=1", "async=1", "prompt_enhancement=1", "prompt=dog", "exp=9999999999"]
    {
        assert_eq!(code(&[KEY], &format!("{url}&{added}"), &[]), Some("invalid_signature"), "{added}");
    }
}

#[test]
fn an_expiry_is_digits_alone() {
    for exp in ["%2B9999999999", "-1", "zzz", "", "9e9", "99999999999999999999"] {
        let url = signed("signing-key-0123", &format!("/?prompt=cat&exp={exp}"));
        assert_eq!(code(&[KEY], &url, &[]), Some("signature_expired"), "{exp}");
    }
}

#[test]
fn a_token_may_be_in_either_header_and_stand_beside_a_made_up_one() {
    let fits = [("x-api-key", "token-two")];
    let beside = [("Authorization", "Bearer sk-made-up"), ("x-api-key", "token-one")];
    let other_way_round = [("Authorization", "Bearer token-one"), ("x-api-key", "sk-made-up")];
    for headers in [&fits[..], &beside, &other_way_round] {
        assert!(caller(&[TOKENS], "/?prompt=cat", headers).is_owner, "{headers:?}");
    }
    assert_eq!(code(&[TOKENS], "/?prompt=cat", &[("x-api-key", "token-three")]), Some("unauthorized"));
}

#[test]
fn a_token_in_json_makes_images_and_is_an_owners_only_where_it_says_so() {
    let tokens = r#"{"bot":{"token":"token-bot","per_day":3},"me":{"token":"token-own","owner":true}}"#;
    let of = |headers: &[(&'static str, &str)]| {
        let caller = caller(&[("ACCESS_TOKENS", tokens), ("ANONYMOUS_PER_DAY", "9")], "/?prompt=cat", headers);
        assert_eq!(caller.require_owner().is_ok(), caller.is_owner);
        let refusal = caller.refusal.map(|error| error.code());
        (refusal, caller.account.name, caller.account.per_day, caller.is_owner, caller.visitor.is_some())
    };
    let bot = [("Authorization", "Bearer token-bot")];
    assert_eq!(of(&bot), (None, "bot".to_owned(), Some(3), false, false));
    assert_eq!(of(&[("x-api-key", "token-own")]), (None, "me".to_owned(), None, true, false));
    assert_eq!(of(&[bot[0], ("x-api-key", "token-own")]).1, "bot", "the first of two that fit");
    assert_eq!(of(&[]), (Some("unauthorized"), "anonymous".to_owned(), Some(9), false, true));
    for wrong in ["Bearer token-boT", "Bearer token-bot2", "Bearer token-bo", "Bearer {}", "Bearer bot"] {
        assert_eq!(of(&[("Authorization", wrong)]).0, Some("unauthorized"), "{wrong}");
    }
}

#[test]
fn a_secret_that_is_soon_guessed_is_malformed_and_opens_nothing() {
    let json = r#"{"a":{"token":"1234567"}}"#;
    for settings in
        [[("ACCESS_TOKENS", "1234567")], [("ACCESS_TOKENS", json)], [("URL_SIGNING_KEY", "123456789012345")]]
    {
        assert_eq!(code(&settings, "/?prompt=cat", &[]), Some("misconfigured"), "{settings:?}");
        let headers = [("Authorization", "Bearer 1234567")];
        let url = signed("123456789012345", "/?prompt=cat");
        assert_eq!(code(&settings, &url, &headers), Some("misconfigured"), "{settings:?}");
    }
    for settings in [("ACCESS_TOKENS", "12345678"), ("URL_SIGNING_KEY", "一二三四五六七八九十一二三四五六")]
    {
        assert_eq!(config(&[settings]).check(), Ok(()), "{settings:?}");
    }
}

#[test]
fn malformed_access_settings_open_nothing() {
    let page = [("Referer", "https://example.com/post")];
    for settings in [&[("ALLOWED_REFERERS", "https://example.com")][..], &[TOKENS, ("ALLOWED_REFERERS", "*")]] {
        assert_eq!(code(settings, "/?prompt=cat", &page), Some("misconfigured"), "{settings:?}");
    }
    for tokens in ["aaaa bbbb", "{", "{}", r#"{"a":"token-one"}"#] {
        assert_eq!(code(&[("ACCESS_TOKENS", tokens)], "/?prompt=cat", &[]), Some("misconfigured"), "{tokens}");
    }
    for images in ["0", "-1", "many", "1.5"] {
        assert_eq!(code(&[("ANONYMOUS_PER_DAY", images)], "/?prompt=cat", &[]), Some("misconfigured"), "{images}");
    }
    assert_eq!(code(&[TOKENS, ("CACHE_TTL", "x")], "/?prompt=cat", &[]), Some("unauthorized"));
}

#[test]
fn a_signature_opens_nothing_else() {
    let url = signed("signing-key-0123", "/?prompt=cat");
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
    assert_eq!(code(&[KEY], &signed("signing-key-0123", "/v1/models?prompt=cat"), &[]), Some("invalid_signature"));
}

#[test]
fn a_signature_expires_and_its_end_cannot_be_moved() {
    assert_eq!(code(&[KEY], &signed("signing-key-0123", "/?prompt=cat&exp=1001"), &[]), None);
    let past = signed("signing-key-0123", "/?prompt=cat&exp=1000");
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

//! Access control: new images need a permission, stored images are open to all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::support::{TestApp, TestRequest};

const KEY: &str = "a-signing-key-of-the-owner";
const TOKEN: (&str, &str) = ("ACCESS_TOKENS", "token-number-one, token-number-two");
const SIGNING: (&str, &str) = ("URL_SIGNING_KEY", KEY);
const REFERERS: (&str, &str) = ("ALLOWED_REFERERS", "example.com, Example.org");

fn app(settings: &[(&str, &str)]) -> TestApp {
    let setup = settings.iter().fold(TestApp::setup(), |setup, (name, value)| setup.set(name, value));
    let app = setup.build();
    app.gives_images();
    app
}

/// Settings, a path, a header, and the expected outcome.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, Option<(&'static str, &'a str)>, &'a str);

/// Signs as the contract describes it, independently of the code under test: the query must be sorted and form-encoded
/// already.
fn signed(path: &str, query: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("a key");
    mac.update(format!("GET\n{path}\n{query}").as_bytes());
    format!("{path}?{query}&sig={}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[test]
fn each_refusal_has_its_own_code() {
    let good = signed("/", "prompt=cat");
    let wrong = good.replace("cat", "dog");
    let expired = signed("/", "exp=1&prompt=cat");
    let wrong_and_expired = expired.replace("cat", "dog");
    let (here, there) = (("Referer", "https://example.com/page"), ("Referer", "https://other.net/"));
    let bearer = |token| ("Authorization", token);
    #[rustfmt::skip]
    let table: &[Case<'_>] = &[
        (&[], "/?prompt=cat", None, "302"),
        (&[TOKEN], "/?prompt=cat", None, "401 unauthorized"),
        (&[TOKEN], "/?prompt=cat", Some(bearer("Bearer token-number-two")), "302"),
        (&[TOKEN], "/?prompt=cat", Some(bearer("Bearer token-number-three")), "401 unauthorized"),
        (&[TOKEN], "/?prompt=cat", Some(here), "401 unauthorized"),
        (&[SIGNING], "/?prompt=cat", None, "403 invalid_signature"),
        (&[SIGNING], &good, None, "302"),
        (&[SIGNING], &wrong, None, "403 invalid_signature"),
        (&[SIGNING], &expired, None, "403 signature_expired"),
        (&[SIGNING], &wrong_and_expired, None, "403 invalid_signature"),
        (&[REFERERS], "/?prompt=cat", None, "403 referer_not_allowed"),
        (&[REFERERS], "/?prompt=cat", Some(here), "302"),
        (&[REFERERS], "/?prompt=cat", Some(("Origin", "https://a.b.example.org")), "302"),
        (&[REFERERS], "/?prompt=cat", Some(there), "403 referer_not_allowed"),
        (&[REFERERS], "/?prompt=cat", Some(("Referer", "https://badexample.com/")), "403 referer_not_allowed"),
        (&[REFERERS], "/?prompt=cat", Some(("Referer", "https://example.com.evil.net/")), "403 referer_not_allowed"),
        (&[TOKEN, SIGNING], "/?prompt=cat", None, "401 unauthorized"),
        (&[TOKEN, SIGNING], &good, None, "302"),
        (&[TOKEN, SIGNING], &wrong, Some(bearer("Bearer token-number-one")), "302"),
        (&[TOKEN, SIGNING, REFERERS], &wrong, Some(there), "403 invalid_signature"),
        (&[TOKEN, SIGNING, REFERERS], "/?prompt=cat", Some(there), "403 referer_not_allowed"),
        (&[TOKEN, SIGNING, REFERERS], "/?prompt=cat", None, "401 unauthorized"),
        (&[TOKEN, SIGNING, REFERERS], "/?prompt=cat", Some(here), "302"),
        (&[SIGNING, REFERERS], &good, Some(there), "302"),
    ];
    for (settings, path, header, outcome) in table {
        let app = app(settings);
        let request = header.iter().fold(TestRequest::get(path), |request, (name, value)| request.with(name, value));
        assert_eq!(app.send(request).outcome(), *outcome, "{settings:?} {path} {header:?}");
        assert_eq!(app.image_calls().len(), usize::from(*outcome == "302"), "{settings:?} {path}");
    }
}

#[test]
fn stored_images_are_open_to_all_and_so_is_one_that_is_being_made_or_was_just_made() {
    let app = app(&[TOKEN, SIGNING, REFERERS]);
    let mine = app.start(TestRequest::get("/?prompt=cat").with("Authorization", "Bearer token-number-one"));
    app.advance(500);
    let joined = app.start(TestRequest::get("/?prompt=cat"));
    let made = app.finish(&mine);
    assert_eq!(app.finish(&joined).status, 302, "being made");
    for minutes in [0, 2, 30] {
        app.advance(minutes * 60_000);
        for path in ["/?prompt=cat", &made.target(), &format!("/?id={}", made.id()), &format!("/i/{}.png", made.id())] {
            assert_eq!(app.get(path).status, 200, "{path}");
            assert_eq!(app.send(TestRequest::head(path)).status, 200, "{path}");
        }
    }
    assert_eq!(app.get("/?prompt=dog").outcome(), "401 unauthorized");
    assert_eq!(app.get(&format!("/?prompt=dog&id={}", made.id())).outcome(), "401 unauthorized");
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn the_redirect_of_a_signed_url_is_still_signed_and_an_edited_one_is_not() {
    let app = app(&[SIGNING]);
    let url = signed("/", "prompt=a+cat&seed=7&size=64x64");
    let made = app.get(&url);
    assert_eq!(made.target(), format!("{url}&id={}", made.id()));
    assert_eq!(app.get(&made.target()).status, 200);
    let id = made.id();
    app.advance(700_000);
    app.store().lose(&id);
    assert_eq!(app.get(&made.target()).status, 200, "made again at the same signed URL");
    assert_eq!(app.get(&made.target().replace("seed=7", "seed=8")).outcome(), "403 invalid_signature");
}

#[test]
fn at_a_signed_url_a_random_seed_is_an_error() {
    let app = app(&[SIGNING]);
    for seed in ["random", "-1"] {
        let reply = app.get(&signed("/", &format!("prompt=cat&seed={seed}")));
        assert_eq!(
            (reply.outcome().as_str(), &reply.json()["error"]["param"]),
            ("400 invalid_parameter", &"seed".into())
        );
    }
}

#[test]
fn a_refused_head_or_permalink_is_not_found_and_not_refused() {
    let app = app(&[TOKEN]);
    assert_eq!(app.send(TestRequest::head("/?prompt=cat")).outcome(), "404 image_not_found");
    assert_eq!(app.get(&format!("/i/{}", "A".repeat(43))).outcome(), "404 image_not_found");
}

#[test]
fn a_url_to_be_signed_may_be_written_from_the_root_of_this_host() {
    let app = app(&[TOKEN, SIGNING]);
    let sign = |url: &str| {
        let body = serde_json::json!({ "url": url });
        app.send(TestRequest::post("/v1/sign", &body).with("Authorization", "Bearer token-number-one"))
    };
    let expected = format!("https://flux.test{}", signed("/", "prompt=a+cat"));
    for url in ["/?prompt=a+cat", "?prompt=a+cat", "https://flux.test?prompt=a+cat"] {
        assert_eq!(sign(url).json()["url"], expected.as_str(), "{url}");
    }
    let relative = sign("prompt/a%20cat?seed=7").json();
    assert_eq!(relative, sign("/prompt/a%20cat?seed=7").json());
}

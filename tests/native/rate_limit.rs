//! The rate limit counts only callers that start an image.

use crate::support::{Answer, CHAT_KEY, TestApp, TestRequest, Upstream};

fn from(address: &str, path: &str) -> TestRequest {
    TestRequest::get(path).with("CF-Connecting-IP", address)
}

fn limited(per_minute: usize) -> TestApp {
    let app = TestApp::setup().limit(per_minute).set("ACCESS_TOKENS", "").build();
    app.gives_images();
    app
}

#[test]
fn one_image_too_many_is_429_until_the_minute_is_over() {
    let app = limited(2);
    for (path, outcome) in [("/?prompt=a", "302"), ("/?prompt=b", "302"), ("/?prompt=c", "429 rate_limited")] {
        assert_eq!(app.send(from("192.0.2.1", path)).outcome(), outcome, "{path}");
    }
    let refused = app.send(from("192.0.2.1", "/?prompt=c"));
    assert_eq!(refused.header("Retry-After"), Some("60"));
    assert_eq!(app.send(from("192.0.2.2", "/?prompt=c")).status, 302, "another visitor");
    app.advance(60_000);
    assert_eq!(app.send(from("192.0.2.1", "/?prompt=d")).status, 302);
    assert_eq!(app.image_calls().len(), 4);
}

#[test]
fn joiners_hits_heads_and_304s_are_not_counted() {
    let app = limited(1);
    let first = app.start(from("192.0.2.1", "/?prompt=cat"));
    app.advance(300);
    let joined: Vec<_> = (2..9).map(|n| app.start(from(&format!("192.0.2.{n}"), "/?prompt=cat"))).collect();
    let made = app.finish(&first);
    assert!(joined.iter().all(|task| app.finish(task).status == 302));
    let tag = format!("W/\"{}\"", made.id());
    for minutes in [0, 2, 20] {
        app.advance(minutes * 60_000);
        for path in ["/?prompt=cat", &made.target(), &format!("/i/{}.png", made.id())] {
            assert_eq!(app.send(from("192.0.2.9", path)).status, 200);
            assert_eq!(app.send(from("192.0.2.9", path).with("If-None-Match", &tag)).status, 304);
            assert_eq!(app.send(TestRequest::head(path).with("CF-Connecting-IP", "192.0.2.9")).status, 200);
        }
        app.send(TestRequest::head("/?prompt=dog").with("CF-Connecting-IP", "192.0.2.9"));
        app.send(from("192.0.2.9", "/?prompt="));
    }
    assert_eq!(app.counted(), [("192.0.2.1".to_owned(), 1)]);
}

#[test]
fn callers_at_the_same_moment_are_counted_once_for_one_image() {
    let app = limited(1);
    let tasks: Vec<_> = (0..20).map(|_| app.start(from("192.0.2.1", "/?prompt=cat"))).collect();
    assert!(tasks.iter().all(|task| app.finish(task).status == 302));
    assert_eq!(app.counted(), [("192.0.2.1".to_owned(), 1)]);
}

#[test]
fn an_image_whose_prompt_falls_back_is_counted_once() {
    let app = TestApp::setup().limit(1).set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::Refused);
    assert_eq!(app.send(from("192.0.2.1", "/?prompt=%E7%8C%AB")).status, 302);
    assert_eq!(app.counted(), [("192.0.2.1".to_owned(), 1)]);
}

#[test]
fn a_valid_token_is_not_limited_and_a_wrong_one_is_refused_before_it_counts() {
    let app = TestApp::setup().limit(1).set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    for n in 0..5 {
        let ask = from("192.0.2.1", &format!("/?prompt={n}")).with("Authorization", "Bearer token-of-the-owner");
        assert_eq!(app.send(ask).status, 302);
    }
    assert_eq!(app.send(from("192.0.2.1", "/?prompt=cat")).outcome(), "401 unauthorized");
    assert!(app.counted().is_empty());
}

#[test]
fn a_household_of_ipv6_is_one_visitor() {
    let app = limited(100);
    for (n, address) in
        ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:3::1", "192.0.2.1", "::ffff:192.0.2.1"]
            .iter()
            .enumerate()
    {
        assert_eq!(app.send(from(address, &format!("/?prompt={n}"))).status, 302);
    }
    let visitors: Vec<_> = app.counted().into_iter().map(|(_, times)| times).collect();
    assert_eq!(visitors.iter().sum::<usize>(), 5);
    assert_eq!(visitors.len(), 3, "{:?}", app.counted());
}

#[test]
fn requests_that_kv_cannot_answer_are_counted_before_they_wake_an_object() {
    let app = TestApp::setup().lookup_limit(3).set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let unknown = |n: usize| "AEIM"[n..=n].repeat(43);
    let paths = [format!("/i/{}", unknown(1)), format!("/?id={}", unknown(2)), "/?prompt=refused".to_owned()];
    for (path, outcome) in paths.iter().zip(["404 image_not_found", "404 image_not_found", "401 unauthorized"]) {
        assert_eq!(app.send(from("192.0.2.1", path)).outcome(), outcome, "{path}");
    }
    let before = app.makers.calls();
    for path in &paths {
        let reply = app.send(from("192.0.2.1", path));
        assert_eq!((reply.outcome().as_str(), reply.header("Retry-After")), ("429 rate_limited", Some("60")), "{path}");
        let head = TestRequest::head(path).with("CF-Connecting-IP", "192.0.2.1");
        assert_eq!(app.send(head).outcome(), "429 rate_limited", "{path}");
    }
    assert_eq!(app.makers.calls(), before, "no object was woken");
    assert_eq!(app.send(from("192.0.2.2", &paths[0])).outcome(), "404 image_not_found", "another visitor");
    let token = ("Authorization", "Bearer token-of-the-owner");
    let made = app.send(from("192.0.2.1", "/?prompt=cat").with(token.0, token.1));
    assert_eq!(made.status, 302, "a valid token is not counted");
    app.advance(20 * 60_000);
    for path in ["/?prompt=cat", &format!("/i/{}", made.id()), &format!("/?id={}", made.id())] {
        for _ in 0..5 {
            assert_eq!(app.send(from("192.0.2.1", path)).status, 200, "{path}");
        }
    }
    assert_eq!(app.makers.alarms(), 1, "what finds nothing sets no alarm");
}

#[test]
fn a_request_with_an_unknown_id_and_a_prompt_is_counted_once() {
    let app = TestApp::setup().lookup_limit(1).build();
    app.gives_images();
    let path = format!("/?prompt=cat&id={}", "E".repeat(43));
    assert_eq!(app.send(from("192.0.2.1", &path)).status, 302);
}

#[test]
fn a_demo_picture_is_counted_by_no_limit() {
    let app = TestApp::setup().limit(1).lookup_limit(1).set("IMAGE_API_KEYS", "").set("DEMO_IMAGES", "1").build();
    for n in 0..9 {
        assert_eq!(app.send(from("192.0.2.1", &format!("/?prompt=cat{n}"))).status, 302);
    }
}

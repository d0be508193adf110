//! `GET /v1/images`: the owner's list of what is stored.

use std::collections::BTreeSet;

use crate::support::{Reply, StoreFault, TestApp, TestRequest};

const TOKENS: &str = r#"{"me":{"token":"token-of-the-owner","owner":true},"bot":{"token":"token-of-a-bot"}}"#;

fn app() -> TestApp {
    let app = TestApp::setup().set("ACCESS_TOKENS", TOKENS).build();
    app.gives_images();
    app
}

fn list(app: &TestApp, query: &str) -> Reply {
    let request = TestRequest::get(&format!("/v1/images{query}"));
    app.send(request.with("Authorization", "Bearer token-of-the-owner"))
}

#[test]
fn only_an_owner_sees_the_list() {
    let app = app();
    for token in ["", "Bearer token-of-a-bot", "Bearer wrong-token"] {
        let reply = app.send(TestRequest::get("/v1/images").with("Authorization", token));
        assert_eq!(reply.outcome(), "401 unauthorized", "{token}");
    }
    assert_eq!(TestApp::setup().build().get("/v1/images").outcome(), "401 unauthorized", "no tokens at all");
    assert_eq!(app.store().operations(), (0, 0));
}

#[test]
fn an_image_is_listed_with_what_made_it() {
    let app = app();
    let made = app.send(TestRequest::get("/?prompt=a+cat&size=640x384").with("x-api-key", "token-of-a-bot"));
    app.settle();
    let id = made.id();
    let image = list(&app, "").json()["images"][0].clone();
    assert_eq!(image["id"], id);
    assert_eq!(image["url"], format!("https://flux.test/i/{id}.png"));
    assert_eq!((&image["prompt"], &image["size"]), (&"a cat".into(), &"640x384".into()));
    assert_eq!(image["model"], "black-forest-labs/FLUX.1-schnell");
    assert!(image["bytes"].as_u64() > Some(0));
    assert_eq!(image["time"].as_u64().map(|time| app.now_ms() / 1_000 - time), Some(1));
    let read = app.send(TestRequest::get("/v1/images?limit=5").with("x-api-key", "token-of-the-owner"));
    assert_eq!(
        (read.json()["images"].as_array().map(Vec::len), read.header("Cache-Control")),
        (Some(1), Some("no-store"))
    );
}

#[test]
fn ten_thousand_images_are_listed_page_by_page_each_once() {
    let app = app();
    let made = app.send(TestRequest::get("/?prompt=a+cat").with("x-api-key", "token-of-a-bot"));
    app.settle();
    let metadata = app.store().metadata(&made.id()).expect("metadata");
    app.store().lose(&made.id());
    for number in 0..10_000 {
        // What cannot be read is passed over.
        let metadata = if number % 100 == 7 { "{\"prompt\":5}" } else { &metadata };
        app.store().place(&format!("{number:0>42}A"), metadata);
    }
    let (mut seen, mut cursor, mut pages) = (BTreeSet::new(), String::new(), 0);
    loop {
        let page = list(&app, &format!("?cursor={cursor}")).json();
        for image in page["images"].as_array().expect("a list") {
            assert!(seen.insert(image["id"].to_string()), "{image} twice");
        }
        pages += 1;
        match page["cursor"].as_str() {
            Some(next) => cursor = next.replace(':', "%3A"),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (9_900, 100));
}

#[test]
fn a_limit_out_of_range_and_a_cursor_that_is_none_are_refused() {
    let app = app();
    for limit in ["0", "101", "-1", "1.5", "many", "99999999999999999999"] {
        let reply = list(&app, &format!("?limit={limit}"));
        assert_eq!(
            (reply.outcome().as_str(), &reply.json()["error"]["param"]),
            ("400 invalid_parameter", &"limit".into())
        );
    }
    for cursor in ["x", ".", "AAAA.x", "image:v1:x", "%F0%9F%98%80.x"] {
        let reply = list(&app, &format!("?cursor={cursor}"));
        assert_eq!(reply.outcome(), "400 invalid_parameter", "{cursor}");
        assert_eq!(reply.json()["error"]["param"], "cursor");
    }
    assert_eq!(list(&app, "?limit=&cursor=").json(), serde_json::json!({ "images": [] }));
}

#[test]
fn without_kv_the_list_is_empty_and_says_why_and_where_kv_fails_it_is_503() {
    let app = TestApp::setup().without_kv().set("ACCESS_TOKENS", TOKENS).build();
    let answer = list(&app, "").json();
    assert_eq!(answer["images"], serde_json::json!([]));
    assert!(answer["why"].as_str().is_some_and(|why| why.contains("FLUX_API")), "{answer}");
    for fault in [StoreFault::Throws, StoreFault::Hangs] {
        let app = self::app();
        app.store().read_faults().once(fault);
        let reply = list(&app, "");
        assert_eq!((reply.outcome().as_str(), reply.header("Retry-After")), ("503 store_unavailable", Some("5")));
    }
}

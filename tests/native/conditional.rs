//! `If-None-Match` and `HEAD`, neither of which makes an image.

use crate::support::{Answer, CHAT_KEY, TestApp, TestRequest, Upstream};

const FOREVER: &str = "public, max-age=31536000, immutable";

fn if_none_match(path: &str, tag: &str) -> TestRequest {
    TestRequest::get(path).with("If-None-Match", tag)
}

#[test]
fn at_a_url_with_an_id_the_store_is_not_read_for_a_304() {
    let app = TestApp::working();
    let id = app.get("/?prompt=cat").id();
    app.settle();
    let before = (app.store().operations(), app.makers.calls());
    for path in [format!("/?prompt=cat&id={id}"), format!("/?id={id}"), format!("/i/{id}"), format!("/i/{id}.png")] {
        for tag in [
            format!("W/\"{id}\""),
            format!("\"{id}\""),
            format!("\"x\", W/\"{id}\" , \"y\""),
            format!("W/\"{id}-1780000000\""),
        ] {
            let reply = app.send(if_none_match(&path, &tag));
            assert_eq!((reply.status, reply.header("Cache-Control")), (304, Some(FOREVER)), "{path} {tag}");
            assert_eq!(reply.header("ETag"), Some(&*format!("W/\"{id}\"")));
            let reply = app.send(TestRequest::head(&path).with("If-None-Match", &tag));
            assert_eq!(reply.status, 304, "HEAD {path} {tag}");
        }
    }
    assert_eq!((app.store().operations(), app.makers.calls()), before, "nobody was asked");
}

#[test]
fn at_a_prompts_url_the_store_is_read_once_for_a_304() {
    let app = TestApp::working();
    let id = app.get("/?prompt=cat").id();
    app.advance(120_000);
    for (tag, status) in
        [(format!("W/\"{id}\""), 304), ("*".to_owned(), 304), ("W/\"other\"".to_owned(), 200), (id.clone(), 200)]
    {
        let (reads, writes) = app.store().operations();
        let reply = app.send(if_none_match("/?prompt=cat", &tag));
        assert_eq!((reply.status, reply.header("Cache-Control")), (status, Some("public, max-age=86400")), "{tag}");
        assert_eq!(app.store().operations(), (reads + 1, writes), "{tag}");
    }
}

#[test]
fn an_etag_of_an_image_that_is_not_there_makes_it() {
    let app = TestApp::working();
    assert_eq!(app.send(if_none_match("/?prompt=cat", "*")).status, 302);
    assert_eq!(app.send(if_none_match("/?prompt=dog", "W/\"x\"")).status, 302);
}

#[test]
fn head_never_makes_an_image() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).set("ACCESS_TOKENS", "token-of-the-owner").build();
    let id = "A".repeat(43);
    for path in [
        "/?prompt=cat",
        "/?prompt=%E7%8C%AB&optimization=1",
        "/?prompt=cat&seed=random",
        "/prompt/cat",
        &format!("/?prompt=cat&id={id}"),
        &format!("/i/{id}.png"),
    ] {
        assert_eq!(app.send(TestRequest::head(path)).outcome(), "404 image_not_found", "{path}");
        let request = TestRequest::head(&format!("{path}{}refresh=1", if path.contains('?') { '&' } else { '?' }));
        let reply = app.send(request.with("Authorization", "Bearer token-of-the-owner"));
        assert_eq!(reply.outcome(), "404 image_not_found", "{path} with refresh");
    }
    assert_eq!(app.store().len(), 0);
}

#[test]
fn head_has_the_headers_that_get_has() {
    let app = TestApp::working();
    let made = app.get("/?prompt=cat");
    let (id, target) = (made.id(), made.target());
    for minutes in [0, 5, 20] {
        app.advance(minutes * 60_000);
        for path in ["/?prompt=cat", &target, &format!("/?id={id}"), &format!("/i/{id}.png")] {
            let (get, head) = (app.get(path), app.send(TestRequest::head(path)));
            assert_eq!((head.status, &head.headers), (200, &get.headers), "{path}");
            assert!(head.bytes().is_empty());
        }
    }
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn head_of_a_generation_under_way_says_so() {
    let app = TestApp::working();
    let task = app.start(TestRequest::get("/?prompt=cat"));
    app.advance(500);
    assert_eq!(app.send(TestRequest::head("/?prompt=cat")).status, 202);
    assert!(!task.is_done());
    assert_eq!(app.finish(&task).status, 302);
    assert_eq!(app.send(TestRequest::head("/?prompt=cat")).status, 200);
}

#[test]
fn a_refreshed_image_has_another_etag_and_the_old_one_no_longer_fits() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let request = |path: &str| TestRequest::get(path).with("Authorization", "Bearer token-of-the-owner");
    let old = app.send(request("/?prompt=cat")).id();
    app.advance(700_000);
    let refreshed = app.send(request("/?prompt=cat&refresh=1"));
    assert_eq!((refreshed.status, refreshed.header("Cache-Control")), (200, Some("no-store")));
    assert_eq!((refreshed.id(), refreshed.header("X-Cache")), (old.clone(), Some("MISS")));
    assert_eq!(refreshed.bytes(), crate::support::png(512, 512, 3));
    app.advance(700_000);
    let shown = app.get("/?prompt=cat");
    assert_eq!(shown.bytes(), refreshed.bytes(), "the new one is stored");
    let tag = shown.header("ETag").unwrap_or_default().to_owned();
    let seconds = tag.strip_prefix(&format!("W/\"{old}-")).and_then(|rest| rest.strip_suffix('"'));
    assert!(seconds.is_some_and(|seconds| seconds.parse::<u64>().is_ok()), "{tag}");
    assert_eq!(app.send(if_none_match("/?prompt=cat", &format!("W/\"{old}\""))).status, 200);
    assert_eq!(app.send(if_none_match("/?prompt=cat", &tag)).status, 304);
}

#[test]
fn a_refresh_needs_a_token_even_where_anyone_may_make_images() {
    let app = TestApp::working();
    app.get("/?prompt=cat");
    assert_eq!(app.get("/?prompt=cat&refresh=1").outcome(), "401 unauthorized");
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_refresh_brings_new_bytes_also_where_the_prompt_falls_back() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::Refused);
    let request = |path: &str| app.send(TestRequest::get(path).with("Authorization", "Bearer token-of-the-owner"));
    let old = request("/?prompt=%E7%8C%AB");
    app.advance(60_000);
    let target = app.get(&old.target());
    let new = request("/?prompt=%E7%8C%AB&refresh=1");
    assert_eq!((new.status, new.id()), (200, old.id()));
    assert_ne!(new.bytes(), target.bytes(), "the new bytes");
    assert_eq!(app.image_calls().len(), 2);
}

//! `If-None-Match` and `HEAD`: asking without fetching, and never making.

use crate::support::{Answer, CHAT_KEY, TestApp, TestRequest, Upstream};

const FOREVER: &str = "public, max-age=31536000, immutable";

fn if_none_match(path: &str, tag: &str) -> TestRequest {
    TestRequest::get(path).with("If-None-Match", tag)
}

#[test]
fn at_a_url_with_an_id_the_store_is_not_read_for_a_304() {
    let world = TestApp::working();
    let id = world.get("/?prompt=cat").id();
    world.settle();
    let before = (world.store().operations(), world.makers.calls());
    for path in [format!("/?prompt=cat&id={id}"), format!("/?id={id}"), format!("/i/{id}"), format!("/i/{id}.png")] {
        for tag in [
            format!("W/\"{id}\""),
            format!("\"{id}\""),
            format!("\"x\", W/\"{id}\" , \"y\""),
            format!("W/\"{id}-1780000000\""),
        ] {
            let reply = world.send(if_none_match(&path, &tag));
            assert_eq!((reply.status, reply.header("Cache-Control")), (304, Some(FOREVER)), "{path} {tag}");
            assert_eq!(reply.header("ETag"), Some(&*format!("W/\"{id}\"")));
            let reply = world.send(TestRequest::head(&path).with("If-None-Match", &tag));
            assert_eq!(reply.status, 304, "HEAD {path} {tag}");
        }
    }
    assert_eq!((world.store().operations(), world.makers.calls()), before, "nobody was asked");
}

#[test]
fn at_a_prompts_url_the_store_is_read_once_for_a_304() {
    let world = TestApp::working();
    let id = world.get("/?prompt=cat").id();
    world.advance(120_000);
    for (tag, status) in
        [(format!("W/\"{id}\""), 304), ("*".to_owned(), 304), ("W/\"other\"".to_owned(), 200), (id.clone(), 200)]
    {
        let (reads, writes) = world.store().operations();
        let reply = world.send(if_none_match("/?prompt=cat", &tag));
        assert_eq!((reply.status, reply.header("Cache-Control")), (status, Some("public, max-age=86400")), "{tag}");
        assert_eq!(world.store().operations(), (reads + 1, writes), "{tag}");
    }
}

#[test]
fn an_etag_of_an_image_that_is_not_there_makes_it() {
    let world = TestApp::working();
    assert_eq!(world.send(if_none_match("/?prompt=cat", "*")).status, 302);
    assert_eq!(world.send(if_none_match("/?prompt=dog", "W/\"x\"")).status, 302);
}

#[test]
fn head_never_makes_an_image() {
    let world = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).set("ACCESS_TOKENS", "token").build();
    let id = "A".repeat(43);
    for path in [
        "/?prompt=cat",
        "/?prompt=%E7%8C%AB&optimization=1",
        "/?prompt=cat&seed=random",
        "/prompt/cat",
        &format!("/?prompt=cat&id={id}"),
        &format!("/i/{id}.png"),
    ] {
        assert_eq!(world.send(TestRequest::head(path)).outcome(), "404 image_not_found", "{path}");
        let ask = TestRequest::head(&format!("{path}{}refresh=1", if path.contains('?') { '&' } else { '?' }));
        let reply = world.send(ask.with("Authorization", "Bearer token"));
        assert_eq!(reply.outcome(), "404 image_not_found", "{path} with refresh");
    }
    assert_eq!(world.store().len(), 0);
}

#[test]
fn head_has_the_headers_that_get_has() {
    let world = TestApp::working();
    let made = world.get("/?prompt=cat");
    let (id, target) = (made.id(), made.target());
    for minutes in [0, 5, 20] {
        world.advance(minutes * 60_000);
        for path in ["/?prompt=cat", &target, &format!("/?id={id}"), &format!("/i/{id}.png")] {
            let (get, head) = (world.get(path), world.send(TestRequest::head(path)));
            assert_eq!((head.status, &head.headers), (200, &get.headers), "{path}");
            assert!(head.bytes().is_empty());
        }
    }
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn head_of_a_generation_under_way_says_that_there_is_none_yet() {
    let world = TestApp::working();
    let going = world.start(TestRequest::get("/?prompt=cat"));
    world.advance(500);
    assert_eq!(world.send(TestRequest::head("/?prompt=cat")).outcome(), "404 image_not_found");
    assert!(!going.is_done());
    assert_eq!(world.finish(&going).status, 302);
    assert_eq!(world.send(TestRequest::head("/?prompt=cat")).status, 200);
}

#[test]
fn a_refreshed_image_has_another_etag_and_the_old_one_no_longer_fits() {
    let world = TestApp::setup().set("ACCESS_TOKENS", "token").build();
    world.gives_images();
    let ask = |path: &str| TestRequest::get(path).with("Authorization", "Bearer token");
    let old = world.send(ask("/?prompt=cat")).id();
    world.advance(700_000);
    let refreshed = world.send(ask("/?prompt=cat&refresh=1"));
    assert_eq!((refreshed.status, refreshed.header("Cache-Control")), (200, Some("no-store")));
    assert_eq!((refreshed.id(), refreshed.header("X-Cache")), (old.clone(), Some("MISS")));
    assert_eq!(refreshed.bytes(), crate::support::png(512, 512, 3));
    world.advance(700_000);
    let shown = world.get("/?prompt=cat");
    assert_eq!(shown.bytes(), refreshed.bytes(), "the new one is stored");
    let tag = shown.header("ETag").unwrap_or_default().to_owned();
    let seconds = tag.strip_prefix(&format!("W/\"{old}-")).and_then(|rest| rest.strip_suffix('"'));
    assert!(seconds.is_some_and(|seconds| seconds.parse::<u64>().is_ok()), "{tag}");
    assert_eq!(world.send(if_none_match("/?prompt=cat", &format!("W/\"{old}\""))).status, 200);
    assert_eq!(world.send(if_none_match("/?prompt=cat", &tag)).status, 304);
}

#[test]
fn a_refresh_needs_a_token_even_where_anyone_may_make_images() {
    let world = TestApp::working();
    world.get("/?prompt=cat");
    assert_eq!(world.get("/?prompt=cat&refresh=1").outcome(), "401 unauthorized");
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn a_refresh_brings_new_bytes_also_where_the_prompt_falls_back() {
    let world = TestApp::setup().set("ACCESS_TOKENS", "token").set("PROCESS_API_KEY", CHAT_KEY).build();
    world.gives_images();
    world.http.then(Upstream::Chat, Answer::Refused);
    let ask = |path: &str| world.send(TestRequest::get(path).with("Authorization", "Bearer token"));
    let old = ask("/?prompt=%E7%8C%AB");
    world.advance(60_000);
    let target = world.get(&old.target());
    let new = ask("/?prompt=%E7%8C%AB&refresh=1");
    assert_eq!((new.status, new.id()), (200, old.id()));
    assert_ne!(new.bytes(), target.bytes(), "the new bytes");
    assert_eq!(world.image_calls().len(), 2);
}

//! An image's making, as it happens: the steps, the places in line, and how it ends.

use free_flux_api::http::Method;
use serde_json::json;

use crate::support::{Answer, CHAT_KEY, Heard, ObjectFault, TestApp, TestRequest, Upstream};

const CAT: &str = "/?prompt=%E7%8C%AB";
/// The events in brief, each once where it comes several times in a row.
fn steps(heard: &[Heard]) -> Vec<String> {
    let mut steps: Vec<_> = heard.iter().filter(|heard| heard.name != ":").map(Heard::brief).collect();
    steps.dedup();
    steps
}

#[test]
fn every_step_is_told_as_it_happens_and_the_image_at_last() {
    let app = TestApp::with_chat();
    app.http.next(Upstream::Chat, Answer::Says("a cat in the snow"));
    let watcher = app.watch(&format!("{CAT}&size=64x128&seed=7"));
    let (status, headers, heard) = app.end(&watcher);
    assert_eq!(status, 200);
    assert_eq!(headers.get("Content-Type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!((headers.get("Cache-Control"), headers.get("Vary")), (Some("no-store"), Some("Accept")));
    assert_eq!(steps(&heard), ["rewriting", "prompt", "drawing", "fetching", "storing", "done"]);
    assert_eq!(heard[1].data, json!({ "prompt": "a cat in the snow", "status": "translated" }));
    let model = "black-forest-labs/FLUX.1-schnell";
    assert_eq!(heard[2].data, json!({ "step": "drawing", "model": model, "provider": "SiliconFlow" }));
    let (done, id) = (&heard[5].data, heard[5].data["id"].as_str().expect("an id").to_owned());
    let url = format!("https://flux.test/i/{id}.png");
    let expected = json!({
        "id": id, "url": url, "markdown": format!("![猫]({url})"), "width": 64, "height": 128, "model": model, "seed": 7,
        "prompt": "a cat in the snow", "prompt_status": "translated", "cached": false, "content_type": "image/png",
        "bytes": app.get(&format!("/i/{id}.png")).bytes().len(),
    });
    assert_eq!(*done, expected);
    // An upstream takes a second: what it does is told before, not after.
    let times: Vec<_> = heard.iter().map(|heard| heard.at_ms / 500).collect();
    assert_eq!(times, [0, 2, 2, 4, 6, 6]);
}

#[test]
fn twenty_who_watch_hear_the_same_of_one_image_whoever_leaves() {
    let app = TestApp::working();
    let watchers: Vec<_> = (0..20).map(|_| app.watch("/?prompt=cat")).collect();
    app.advance(500);
    watchers[0].leave();
    for watcher in &watchers[1..] {
        let (status, _, heard) = app.end(watcher);
        assert_eq!(
            (status, steps(&heard)),
            (200, ["prompt", "drawing", "fetching", "storing", "done"].map(Into::into).into())
        );
    }
    assert_eq!(app.image_calls().len(), 1);
    assert_eq!(watchers[0].briefly(), ["prompt", "drawing"]);
}

#[test]
fn an_image_is_made_although_all_who_watched_have_left() {
    let app = TestApp::working();
    let watcher = app.watch("/?prompt=cat");
    app.advance(300);
    watcher.leave();
    app.advance(10_000);
    let stored = app.watch("/?prompt=cat");
    let (_, _, heard) = app.end(&stored);
    assert_eq!((steps(&heard), &heard[0].data["cached"]), (vec!["done".to_owned()], &json!(true)));
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn who_joins_hears_the_prompt_and_the_present_step_at_once_and_then_the_rest() {
    let app = TestApp::with_chat();
    app.http.next(Upstream::Chat, Answer::Says("a cat"));
    let all = ["rewriting", "prompt", "drawing", "fetching", "storing", "done"];
    let mut joined = Vec::new();
    let first = app.start(TestRequest::get(CAT));
    for (at_once, from) in [(vec!["rewriting"], 1), (vec!["prompt", "drawing"], 3), (vec!["prompt", "fetching"], 4)] {
        app.advance(700);
        let watcher = app.watch(CAT);
        app.advance(200);
        assert_eq!(watcher.briefly(), at_once);
        joined.push((watcher, [at_once, all[from..].to_vec()].concat()));
        app.advance(100);
    }
    assert_eq!(app.finish(&first).status, 302);
    for (watcher, hears) in &joined {
        assert_eq!(steps(&app.end(watcher).2), *hears);
    }
}

#[test]
fn what_is_known_before_anything_is_begun_is_an_ordinary_answer() {
    let owner = "token-of-the-owner";
    let closed = TestApp::setup().set("ACCESS_TOKENS", owner).build();
    closed.gives_images();
    let keyless = TestApp::setup().set("IMAGE_API_KEYS", "").build();
    let limited = TestApp::setup().limit(0).build();
    for (app, path, status, code) in [
        (&closed, "/?prompt=cat", 401, "unauthorized"),
        (&closed, "/?prompt=cat&refresh=1", 401, "unauthorized"),
        (&closed, "/?prompt=", 400, "missing_prompt"),
        (&closed, "/?prompt=cat&size=1x1", 400, "invalid_parameter"),
        (&keyless, "/?prompt=cat", 500, "misconfigured"),
        (&limited, "/prompt/cat", 429, "rate_limited"),
    ] {
        let watcher = app.watch(path);
        let (answered, _, heard) = app.end(&watcher);
        assert_eq!((answered, &heard[0].data["error"]["code"]), (status, &json!(code)), "{path}");
    }
    // What is being made is open to all.
    let making = closed.watch_by(TestRequest::get("/?prompt=cat").with("Authorization", &format!("Bearer {owner}")));
    closed.advance(200);
    let stranger = closed.watch("/?prompt=cat");
    assert_eq!(steps(&closed.end(&stranger).2).last().map(String::as_str), Some("done"));
    assert_eq!(closed.end(&making).0, 200);
    let anew = TestRequest::get("/?prompt=cat&refresh=1").with("Authorization", &format!("Bearer {owner}"));
    let anew = closed.watch_by(anew);
    assert_eq!(steps(&closed.end(&anew).2), ["prompt", "drawing", "fetching", "storing", "done"]);
    assert_eq!(closed.image_calls().len(), 2);
}

#[test]
fn a_failure_is_an_event_with_its_status() {
    let app = TestApp::working();
    app.http.next(Upstream::Image, Answer::json(400, r#"{"code":20015,"message":"no such pictures"}"#));
    let watchers = [app.watch("/?prompt=cat"), app.watch("/image/cat")];
    for watcher in &watchers {
        let (status, _, heard) = app.end(watcher);
        assert_eq!((status, steps(&heard)), (200, ["prompt", "drawing", "error"].map(Into::into).into()));
        let message = "The image API refused this request: no such pictures";
        let expected = json!({
            "message": message, "type": "invalid_request_error", "param": null, "code": "prompt_rejected", "status": 422,
        });
        assert_eq!(heard[2].data, expected);
    }
    app.http.then(Upstream::Image, Answer::With(429, ("Retry-After", "700"), b"{}".to_vec()));
    let busy = app.watch("/?prompt=dog");
    let error = app.end(&busy).2.pop().expect("an event").data;
    assert_eq!((&error["code"], &error["status"]), (&json!("keys_exhausted"), &json!(503)));
    assert!((690..=701).contains(&error["retry_after"].as_u64().expect("seconds")), "{error}");
}

#[test]
fn permalinks_ids_alone_and_head_have_no_stream() {
    let app = TestApp::working();
    let id = app.get("/?prompt=cat").id();
    app.settle();
    for path in [format!("/i/{id}"), format!("/i/{id}.png"), format!("/?id={id}")] {
        let reply = app.send(TestRequest::get(&path).with("Accept", "text/event-stream"));
        assert_eq!(reply.header("Content-Type"), Some("image/png"), "{path}");
    }
    let head = app.send(TestRequest::of(Method::Head, "/?prompt=cat").with("Accept", "text/event-stream"));
    assert_eq!(head.header("Content-Type"), Some("image/png"));
    let both =
        app.watch_by(TestRequest::get(&format!("/?prompt=cat&id={id}")).with("If-None-Match", &format!("W/\"{id}\"")));
    assert_eq!(steps(&app.end(&both).2), ["done"]);
}

#[test]
fn the_steps_of_a_stand_in_are_told_under_the_asked_id_to_joiners_as_well() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::json(500, "{}"));
    let first = app.watch(CAT);
    while app.image_calls().is_empty() {
        app.advance(100);
    }
    let joined = app.watch(CAT);
    let (_, _, heard) = app.end(&first);
    assert_eq!(steps(&heard), ["rewriting", "prompt", "drawing", "fetching", "storing", "done"]);
    assert_eq!(heard[1].data, json!({ "prompt": "猫", "status": "fallback" }));
    assert_eq!(steps(&app.end(&joined).2), ["prompt", "drawing", "fetching", "storing", "done"]);
    let asked = app.get(CAT);
    assert_eq!(heard.last().map(|last| &last.data["id"]), Some(&json!(asked.id())), "the image has an id of its own");
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn an_object_that_dies_once_is_asked_again_and_one_that_stays_dead_is_an_error() {
    let app = TestApp::working();
    let watcher = app.watch("/?prompt=cat");
    app.advance(600);
    app.makers.crash();
    assert_eq!(steps(&app.end(&watcher).2).last().map(String::as_str), Some("done"));
    assert_eq!(app.image_calls().len(), 2);

    let watcher = app.watch("/?prompt=dog");
    app.advance(600);
    app.makers.faults.always(ObjectFault::Unreachable);
    app.makers.crash();
    let (status, _, heard) = app.end(&watcher);
    let last = heard.last().expect("an event");
    assert_eq!((status, last.name.as_str(), &last.data["code"]), (200, "error", &json!("upstream_error")));
    assert!(last.at_ms < 1_000, "{} ms", last.at_ms);
}

#[test]
fn an_object_that_falls_silent_is_given_up_with_comments_until_then() {
    let app = TestApp::working();
    app.http.then(Upstream::Image, Answer::Hangs);
    let watcher = app.watch("/?prompt=cat");
    let (_, _, heard) = app.end(&watcher);
    assert_eq!(heard.last().map(Heard::brief).as_deref(), Some("error"));
    let times = heard.iter().map(|heard| heard.at_ms);
    assert!(times.clone().zip(times.skip(1)).all(|(one, next)| next - one <= 10_000), "{heard:?}");
    assert!(heard.iter().any(|heard| heard.name == ":"));
}

#[test]
fn an_image_that_is_removed_meanwhile_has_no_url_to_tell() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let owner = |request: TestRequest| request.with("Authorization", "Bearer token-of-the-owner");
    let watcher = app.watch_by(owner(TestRequest::get("/?prompt=cat")));
    app.advance(500);
    let id = app.send(TestRequest::head("/?prompt=cat")).id();
    assert_eq!(app.send(owner(TestRequest::of(Method::Delete, &format!("/i/{id}")))).status, 204);
    let (_, _, heard) = app.end(&watcher);
    assert_eq!(heard.last().map(|last| &last.data["code"]), Some(&json!("image_not_found")));
}

#[test]
fn to_watch_costs_what_to_wait_costs() {
    let app = TestApp::working();
    let costs = || (app.store().operations(), app.makers.calls(), app.ring.calls(), app.http.count());
    let before = costs();
    let watchers = [app.watch("/?prompt=cat"), app.watch("/?prompt=cat")];
    assert!(watchers.iter().all(|watcher| app.end(watcher).0 == 200));
    app.settle();
    let after = costs();
    assert_eq!(after.0, (before.0.0 + 2, before.0.1 + 1), "a read each, and a write");
    assert_eq!((after.1, after.2, after.3), (before.1 + 2, before.2 + 2, before.3 + 2));
}

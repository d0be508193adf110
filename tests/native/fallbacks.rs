//! Fallbacks: an image from a prompt that could not be rewritten. It has an id of its own, and is served for ten
//! minutes in place of the requested image.

use crate::support::{Answer, CHAT_KEY, Reply, TestApp, TestRequest, Upstream};

const CAT: &str = "/?prompt=%E7%8C%AB";
const FOREVER: &str = "public, max-age=31536000, immutable";
const TEN_MINUTES: &str = "public, max-age=600";

/// An app whose chat API is down.
fn mute() -> TestApp {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::Refused);
    app
}

fn assert_fallback(reply: &Reply, id: &str, cache: &str) {
    assert_eq!(reply.status, 200, "{}", reply.text());
    for (name, value) in [("X-Prompt-Status", "fallback"), ("X-Image-Id", id), ("Cache-Control", cache)] {
        assert_eq!(reply.header(name), Some(value), "{name}: {}", reply.text());
    }
    assert_eq!(reply.header("ETag"), Some(&*format!("W/\"{id}\"")));
    assert_eq!(reply.header("Content-Location"), Some(&*format!("/i/{id}.png")));
}

/// The requested id, which is that of the good image.
fn asked_for() -> String {
    let app = TestApp::with_chat();
    app.http.next(Upstream::Chat, Answer::Says("a cat"));
    app.get(CAT).id()
}

#[test]
fn it_has_an_id_of_its_own_under_which_it_lasts() {
    let app = mute();
    let made = app.get(CAT);
    assert_eq!((made.status, made.header("X-Prompt-Status")), (302, Some("fallback")));
    let id = made.id();
    assert_eq!(made.target(), format!("{CAT}&id={id}"));
    assert_ne!(id, asked_for());
    for minutes in [0, 2, 60] {
        app.advance(minutes * 60_000);
        for path in [made.target(), format!("/?id={id}"), format!("/i/{id}.png")] {
            assert_fallback(&app.get(&path), &id, FOREVER);
            assert_fallback(&app.send(TestRequest::head(&path)), &id, FOREVER);
        }
    }
    assert_eq!((app.image_calls().len(), app.store().len()), (1, 1));
}

#[test]
fn under_the_id_that_was_asked_for_it_is_served_for_ten_minutes_only() {
    let app = mute();
    let (id, asked_for) = (app.get(CAT).id(), asked_for());
    let chat_calls = app.chat_calls().len();
    for minutes in [0, 2, 7] {
        app.advance(minutes * 60_000);
        for path in
            [CAT, &format!("{CAT}&id={asked_for}"), &format!("/?id={asked_for}"), &format!("/i/{asked_for}.png")]
        {
            assert_fallback(&app.get(path), &id, TEN_MINUTES);
            assert_fallback(&app.send(TestRequest::head(path)), &id, TEN_MINUTES);
        }
    }
    assert_eq!((app.image_calls().len(), app.chat_calls().len()), (1, chat_calls));

    app.advance(60_000);
    assert_eq!(app.get(&format!("/i/{asked_for}")).outcome(), "404 image_not_found");
    app.http.then(Upstream::Chat, Answer::Says("a cat"));
    let good = app.get(CAT);
    assert_eq!((good.id(), good.header("X-Prompt-Status")), (asked_for.clone(), Some("translated")));
    assert_eq!(app.get(&good.target()).header("Cache-Control"), Some(FOREVER));
    app.advance(700_000);
    assert_eq!(app.get(CAT).header("X-Prompt-Status"), Some("translated"));
    // A URL with the fallback's id keeps working.
    assert_fallback(&app.get(&format!("{CAT}&id={id}")), &id, FOREVER);
}

#[test]
fn a_chat_api_that_stays_away_costs_one_image_and_not_one_for_each_ten_minutes() {
    let app = mute();
    let id = app.get(CAT).id();
    for _ in 0..5 {
        app.advance(660_000);
        let again = app.follow(CAT);
        assert_eq!(again.last.id(), id);
    }
    assert_eq!(app.image_calls().len(), 1);
    assert_eq!(app.store().operations().1, 1, "one write");
}

#[test]
fn callers_that_wait_together_all_get_it() {
    let app = mute();
    let tasks: Vec<_> = (0..20).map(|_| app.start(TestRequest::get(CAT))).collect();
    let ids: Vec<_> = tasks.iter().map(|task| app.follow(&app.finish(task).target()).last.id()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!((app.image_calls().len(), app.chat_calls().len()), (1, 2));
}

#[test]
fn without_kv_it_is_shown_at_once_and_not_cached_for_a_day() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).without_kv().build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::Refused);
    for _ in 0..2 {
        let shown = app.get(CAT);
        assert_eq!((shown.status, shown.header("X-Prompt-Status")), (200, Some("fallback")));
        assert_eq!(shown.header("Cache-Control"), Some(TEN_MINUTES));
    }
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn the_whole_takes_no_longer_than_the_owner_allows() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).set("GENERATION_TIMEOUT", "20").build();
    app.http.then(Upstream::Chat, Answer::Hangs);
    app.http.then(Upstream::Image, Answer::Hangs);
    let reply = app.get(CAT);
    assert_eq!(reply.outcome(), "504 upstream_timeout");
    assert!((15_000..21_000).contains(&reply.took_ms), "{} ms", reply.took_ms);
    assert!(!app.image_calls().is_empty());
}

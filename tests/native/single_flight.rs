//! An image is made once, for any number of callers, even if callers leave or an object crashes meanwhile.

use free_flux_api::http::Method;

use crate::support::{Answer, CHAT_KEY, ObjectFault, TestApp, TestRequest, Upstream};

const CAT: &str = "/?prompt=%E7%8C%AB";

#[test]
fn a_hundred_callers_at_once_make_one_chat_call_and_one_image_call() {
    let app = TestApp::with_chat();
    app.http.next(Upstream::Chat, Answer::Says("a cat"));
    let tasks: Vec<_> = (0..100).map(|_| app.start(TestRequest::get(CAT))).collect();
    let targets: Vec<_> = tasks.iter().map(|task| app.finish(task).target()).collect();
    let images: Vec<_> = targets.iter().map(|target| app.get(target).bytes().to_vec()).collect();
    assert!(images.len() == 100 && images.iter().all(|image| *image == images[0]));
    assert_eq!(app.http.count(), 3);
}

#[test]
fn a_caller_joins_a_running_generation_by_any_url() {
    let app = TestApp::working();
    let first = app.start(TestRequest::get("/?prompt=cat"));
    app.advance(700);
    let id = TestApp::working().get("/?prompt=cat").id();
    let joined: Vec<_> = ["/?prompt=cat", "/prompt/cat", &format!("/?prompt=cat&id={id}"), &format!("/i/{id}.png")]
        .into_iter()
        .map(|path| app.start(TestRequest::get(path)))
        .collect();
    assert_eq!(app.finish(&first).status, 302);
    let statuses: Vec<_> = joined.iter().map(|task| app.finish(task).status).collect();
    assert_eq!(statuses, [302, 200, 200, 202]);
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_caller_that_leaves_does_not_stop_the_image() {
    let app = TestApp::with_chat();
    for (leaves_after_ms, number) in [(100, 1), (500, 2), (1_500, 3), (2_500, 4)] {
        app.http.next(Upstream::Chat, Answer::Says("a cat"));
        let path = format!("{CAT}&seed={number}");
        let task = app.start(TestRequest::get(&path));
        app.advance(leaves_after_ms);
        task.leave();
        app.advance(10_000);
        assert!(!task.is_done());
        let shown = app.get(&path);
        assert_eq!((shown.status, shown.header("X-Cache")), (200, Some("HIT")), "after {leaves_after_ms} ms");
        assert_eq!((app.image_calls().len(), app.store().len()), (number, number));
    }
}

#[test]
fn when_the_first_caller_leaves_the_others_get_the_image() {
    let app = TestApp::working();
    let first = app.start(TestRequest::get("/?prompt=cat"));
    app.advance(300);
    let second = app.start(TestRequest::get("/?prompt=cat"));
    app.advance(300);
    first.leave();
    assert_eq!(app.follow(&app.finish(&second).target()).last.status, 200);
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_failure_reaches_all_waiting_callers_and_the_next_request_tries_again() {
    let app = TestApp::working();
    app.http.next(Upstream::Image, Answer::json(400, r#"{"code":20015,"message":"no such pictures"}"#));
    let tasks: Vec<_> = (0..10).map(|_| app.start(TestRequest::get("/?prompt=cat"))).collect();
    for task in &tasks {
        let reply = app.finish(task);
        assert_eq!(reply.outcome(), "422 prompt_rejected");
        assert!(reply.text().contains("no such pictures"));
    }
    assert_eq!(app.image_calls().len(), 1);
    assert_eq!(app.get("/?prompt=cat").status, 302);
}

#[test]
fn an_object_that_breaks_in_the_middle_is_asked_again_and_makes_it() {
    let app = TestApp::working();
    let task = app.start(TestRequest::get("/?prompt=cat"));
    app.advance(600);
    app.makers.crash();
    let made = app.finish(&task);
    assert_eq!(app.get(&made.target()).status, 200);
    // The first key is leased until the lease expires; the other one was free.
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn an_object_that_is_evicted_still_has_what_it_made() {
    let app = TestApp::working();
    let targets: Vec<_> = ["cat", "dog"].iter().map(|name| app.get(&format!("/?prompt={name}")).target()).collect();
    app.settle();
    app.makers.crash();
    app.ring.evict();
    for target in &targets {
        assert_eq!(app.get(target).status, 200);
    }
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn an_object_that_crashes_before_the_store_has_the_image_writes_it_later() {
    let app = TestApp::working();
    let made = app.get("/?prompt=cat");
    app.makers.crash();
    assert!(!app.store().has(&made.id()), "the write was under way");
    assert_eq!(app.get(&made.target()).status, 200);
    app.advance(700_000);
    assert!(app.store().has(&made.id()));
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_maker_whose_own_storage_fails_still_returns_the_image() {
    for without_kv in [false, true] {
        let setup = TestApp::setup();
        let app = if without_kv { setup.without_kv() } else { setup }.build();
        app.gives_images();
        app.makers.storage_faults.writes.always(());
        let journey = app.follow("/?prompt=cat");
        assert_eq!(journey.last.status, 200);
        app.makers.storage_faults.reads.always(());
        assert_eq!(app.follow("/?prompt=dog").last.status, 200);
    }
}

#[test]
fn the_same_prompt_in_many_places_is_made_in_one() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.next(Upstream::Chat, Answer::Says("a cat"));
    let tasks: Vec<_> =
        ["here", "Tokyo", "Paris"].into_iter().map(|place| app.start(TestRequest::get(CAT).from(place))).collect();
    for (task, place) in tasks.iter().zip(["Oslo", "Tokyo", "Paris"]) {
        let target = app.finish(task).target();
        assert_eq!(app.send(TestRequest::get(&target).from(place)).status, 200, "{place}");
    }
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_command_that_makes_no_image_has_a_shorter_time_limit() {
    let app = TestApp::setup().build();
    app.makers.faults.always(ObjectFault::Hangs);
    for (method, path, most_ms) in [(Method::Head, "/?prompt=cat", 16_000), (Method::Get, "/?prompt=cat", 76_000)] {
        let reply = app.send(TestRequest::of(method, path));
        assert_eq!(reply.status, 504, "{path}");
        assert!((most_ms - 2_000..most_ms).contains(&reply.took_ms), "{} ms", reply.took_ms);
    }
}

#[test]
fn a_maker_that_cannot_be_reached_costs_no_upstream_call() {
    let app = TestApp::working();
    app.makers.faults.always(ObjectFault::Unreachable);
    assert_eq!(app.get("/?prompt=cat").outcome(), "502 upstream_error");
    assert_eq!(app.http.count(), 0);
    // An image that may still be stored is not reported as deleted.
    let id = "A".repeat(43);
    for path in [format!("/?id={id}"), format!("/i/{id}.png")] {
        assert_eq!(app.get(&path).outcome(), "503 store_unavailable", "{path}");
    }
    app.makers.faults.never();
    assert_eq!(app.get("/?prompt=cat").status, 302);
}

#[test]
fn a_caller_that_joins_an_impatient_one_keeps_waiting() {
    let app = TestApp::working();
    app.http.takes(10_000);
    let busy: Vec<_> = (0..2).map(|n| app.start(TestRequest::get(&format!("/?prompt={n}")))).collect();
    app.advance(100);
    let returned = app.start(TestRequest::get("/?prompt=cat").with("X-Free-Flux-Hop", "2"));
    app.advance(100);
    let joined: Vec<_> = (0..3).map(|_| app.start(TestRequest::get("/?prompt=cat"))).collect();
    assert_eq!(app.finish(&returned).outcome(), "502 upstream_error");
    assert!(joined.iter().chain(&busy).all(|task| app.finish(task).status == 302));
    assert_eq!(app.image_calls().len(), 3);
}

//! An image is made once, however many ask, whoever leaves, and whatever breaks meanwhile.

use free_flux_api::http::Method;

use crate::support::{Answer, CHAT_KEY, ObjectFault, TestApp, TestRequest, Upstream};

const CAT: &str = "/?prompt=%E7%8C%AB";

#[test]
fn a_hundred_callers_at_once_make_one_chat_call_and_one_image_call() {
    let world = TestApp::with_chat();
    world.http.next(Upstream::Chat, Answer::Says("a cat"));
    let going: Vec<_> = (0..100).map(|_| world.start(TestRequest::get(CAT))).collect();
    let targets: Vec<_> = going.iter().map(|going| world.finish(going).target()).collect();
    let images: Vec<_> = targets.iter().map(|target| world.get(target).bytes().to_vec()).collect();
    assert!(images.len() == 100 && images.iter().all(|image| *image == images[0]));
    assert_eq!(world.http.count(), 3);
}

#[test]
fn who_comes_while_it_is_made_joins_by_whichever_url() {
    let world = TestApp::working();
    let first = world.start(TestRequest::get("/?prompt=cat"));
    world.advance(700);
    let id = TestApp::working().get("/?prompt=cat").id();
    let joined: Vec<_> = ["/?prompt=cat", "/prompt/cat", &format!("/?id={id}"), &format!("/i/{id}.png")]
        .into_iter()
        .map(|path| world.start(TestRequest::get(path)))
        .collect();
    assert_eq!(world.finish(&first).status, 302);
    let statuses: Vec<_> = joined.iter().map(|going| world.finish(going).status).collect();
    assert_eq!(statuses, [302, 302, 200, 200]);
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn a_caller_that_leaves_does_not_stop_the_image() {
    let world = TestApp::with_chat();
    for (leaves_after_ms, number) in [(100, 1), (500, 2), (1_500, 3), (2_500, 4)] {
        world.http.next(Upstream::Chat, Answer::Says("a cat"));
        let path = format!("{CAT}&seed={number}");
        let going = world.start(TestRequest::get(&path));
        world.advance(leaves_after_ms);
        going.leave();
        world.advance(10_000);
        assert!(!going.is_done());
        let shown = world.get(&path);
        assert_eq!((shown.status, shown.header("X-Cache")), (200, Some("HIT")), "after {leaves_after_ms} ms");
        assert_eq!((world.image_calls().len(), world.store().len()), (number, number));
    }
}

#[test]
fn when_the_first_caller_leaves_those_who_joined_get_the_image() {
    let world = TestApp::working();
    let first = world.start(TestRequest::get("/?prompt=cat"));
    world.advance(300);
    let second = world.start(TestRequest::get("/?prompt=cat"));
    world.advance(300);
    first.leave();
    assert_eq!(world.follow(&world.finish(&second).target()).last.status, 200);
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn a_failure_is_told_to_all_who_waited_and_the_next_request_tries_again() {
    let world = TestApp::working();
    world.http.next(Upstream::Image, Answer::json(400, r#"{"code":20015,"message":"no such pictures"}"#));
    let going: Vec<_> = (0..10).map(|_| world.start(TestRequest::get("/?prompt=cat"))).collect();
    for going in &going {
        let reply = world.finish(going);
        assert_eq!(reply.outcome(), "422 prompt_rejected");
        assert!(reply.text().contains("no such pictures"));
    }
    assert_eq!(world.image_calls().len(), 1);
    assert_eq!(world.get("/?prompt=cat").status, 302);
}

#[test]
fn an_object_that_breaks_in_the_middle_is_asked_again_and_makes_it() {
    let world = TestApp::working();
    let going = world.start(TestRequest::get("/?prompt=cat"));
    world.advance(600);
    world.makers.crash();
    let made = world.finish(&going);
    assert_eq!(world.get(&made.target()).status, 200);
    // Its first key is out until the lease ends; the other one was there.
    assert_eq!(world.image_calls().len(), 2);
}

#[test]
fn an_object_that_is_evicted_still_has_what_it_made() {
    let world = TestApp::working();
    let targets: Vec<_> = ["cat", "dog"].iter().map(|name| world.get(&format!("/?prompt={name}")).target()).collect();
    world.settle();
    world.makers.crash();
    world.ring.evict();
    for target in &targets {
        assert_eq!(world.get(target).status, 200);
    }
    assert_eq!(world.image_calls().len(), 2);
}

#[test]
fn an_object_that_breaks_before_the_library_has_the_image_gives_it_later() {
    let world = TestApp::working();
    let made = world.get("/?prompt=cat");
    world.makers.crash();
    assert!(!world.store().has(&made.id()), "the write was under way");
    assert_eq!(world.get(&made.target()).status, 200);
    world.advance(700_000);
    assert!(world.store().has(&made.id()));
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn a_maker_whose_own_storage_fails_gives_the_image_to_who_waits() {
    for without_kv in [false, true] {
        let setup = TestApp::setup();
        let world = if without_kv { setup.without_kv() } else { setup }.build();
        world.gives_images();
        world.makers.storage_faults.writes.always(());
        let journey = world.follow("/?prompt=cat");
        assert_eq!(journey.last.status, 200);
        world.makers.storage_faults.reads.always(());
        assert_eq!(world.follow("/?prompt=dog").last.status, 200);
    }
}

#[test]
fn the_same_prompt_in_many_places_is_made_in_one() {
    let world = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    world.gives_images();
    world.http.next(Upstream::Chat, Answer::Says("a cat"));
    let going: Vec<_> =
        ["here", "Tokyo", "Paris"].into_iter().map(|place| world.start(TestRequest::get(CAT).from(place))).collect();
    for (going, place) in going.iter().zip(["Oslo", "Tokyo", "Paris"]) {
        let target = world.finish(going).target();
        assert_eq!(world.send(TestRequest::get(&target).from(place)).status, 200, "{place}");
    }
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn who_waits_for_no_image_does_not_wait_for_a_maker_that_hangs_as_if_one_were_made() {
    let world = TestApp::setup().build();
    world.makers.faults.always(ObjectFault::Hangs);
    for (method, path, most_ms) in [(Method::Head, "/?prompt=cat", 16_000), (Method::Get, "/?prompt=cat", 76_000)] {
        let reply = world.send(TestRequest::of(method, path));
        assert_eq!(reply.status, 504, "{path}");
        assert!((most_ms - 2_000..most_ms).contains(&reply.took_ms), "{} ms", reply.took_ms);
    }
}

#[test]
fn a_maker_that_cannot_be_reached_costs_no_upstream_call() {
    let world = TestApp::working();
    world.makers.faults.always(ObjectFault::Unreachable);
    assert_eq!(world.get("/?prompt=cat").outcome(), "502 upstream_error");
    assert_eq!(world.http.count(), 0);
    // What it may keep is not said to be gone.
    let id = "A".repeat(43);
    for path in [format!("/?id={id}"), format!("/i/{id}.png")] {
        assert_eq!(world.get(&path).outcome(), "503 store_unavailable", "{path}");
    }
    world.makers.faults.never();
    assert_eq!(world.get("/?prompt=cat").status, 302);
}

#[test]
fn who_joins_one_who_waits_for_nothing_waits_on() {
    let world = TestApp::working();
    world.http.takes(10_000);
    let busy: Vec<_> = (0..2).map(|n| world.start(TestRequest::get(&format!("/?prompt={n}")))).collect();
    world.advance(100);
    let returned = world.start(TestRequest::get("/?prompt=cat").with("X-Free-Flux-Hop", "2"));
    world.advance(100);
    let joined: Vec<_> = (0..3).map(|_| world.start(TestRequest::get("/?prompt=cat"))).collect();
    assert_eq!(world.finish(&returned).outcome(), "502 upstream_error");
    assert!(joined.iter().chain(&busy).all(|going| world.finish(going).status == 302));
    assert_eq!(world.image_calls().len(), 3);
}

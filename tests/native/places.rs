//! Places in line: what is said of them is what happens.

use serde_json::json;

use crate::support::{Answer, Heard, TestApp, TestRequest, Upstream};

fn one_key() -> TestApp {
    let app = TestApp::setup().set("IMAGE_API_KEYS", "sk-the-only-key-of-this-test").build();
    app.gives_images();
    app
}

/// A place in line that was told.
#[derive(Debug)]
struct Told {
    at_ms: u64,
    position: u64,
    ready_in_ms: Option<u64>,
}

fn places(heard: &[Heard]) -> Vec<Told> {
    let waiting = heard.iter().filter(|heard| heard.data["step"] == "waiting");
    let place = |heard: &Heard| Told {
        at_ms: heard.at_ms,
        position: heard.data["position"].as_u64().expect("a position"),
        ready_in_ms: heard.data["ready_in_ms"].as_u64(),
    };
    waiting.map(place).collect()
}

/// The time at which the last drawing began.
fn drawing_ms(heard: &[Heard]) -> u64 {
    heard.iter().rev().find(|heard| heard.data["step"] == "drawing").expect("a picture").at_ms
}

/// Fails where a caller was told more than one place a second, or moved back, or was last told another time than its own.
fn check(heard: &[Heard]) {
    let places = places(heard);
    for pair in places.windows(2) {
        assert!(pair[1].at_ms - pair[0].at_ms >= 1_000, "{pair:?}");
        assert!(pair[1].position <= pair[0].position, "{pair:?}");
    }
    let last = places.last().expect("a place");
    assert_eq!(last.position, 1, "{places:?}");
    let told_ms = last.at_ms + last.ready_in_ms.expect("a time");
    assert!(told_ms.abs_diff(drawing_ms(heard)) <= 1_000, "told {told_ms}, drew at {}", drawing_ms(heard));
}

#[test]
fn callers_behind_a_call_in_flight_move_up_and_are_told_when_their_turn_comes() {
    let app = one_key();
    // The ring learns how long a call takes.
    for n in 0..12 {
        assert_eq!(app.get(&format!("/?prompt=before-{n}")).status, 302);
    }
    let watchers: Vec<_> = (0..4)
        .map(|n| {
            app.advance(50);
            app.watch(&format!("/?prompt={n}"))
        })
        .collect();
    app.advance(300);
    let at_once: Vec<_> = watchers.iter().map(|watcher| watcher.briefly().pop().unwrap_or_default()).collect();
    assert_eq!(at_once, ["drawing", "waiting 1", "waiting 2", "waiting 3"]);
    let all: Vec<_> = watchers.iter().map(|watcher| app.end(watcher).2).collect();
    assert!(places(&all[0]).is_empty());
    for (n, heard) in all.iter().enumerate().skip(1) {
        check(heard);
        let positions: Vec<_> = places(heard).iter().map(|place| place.position).collect();
        let mut expected: Vec<_> = (1..=n as u64).rev().collect();
        expected.dedup();
        let mut moved = positions.clone();
        moved.dedup();
        assert_eq!(moved, expected, "one after the other");
    }
}

#[test]
fn callers_with_a_time_of_their_own_move_up_while_they_sleep() {
    let app = TestApp::setup().set("KEY_IMAGES_PER_MINUTE", "1").set("GENERATION_TIMEOUT", "200").build();
    app.gives_images();
    let watchers: Vec<_> = (0..6)
        .map(|n| {
            app.advance(1_500);
            app.watch(&format!("/?prompt={n}"))
        })
        .collect();
    app.advance(100);
    let at_once: Vec<_> = watchers.iter().filter_map(|watcher| places(&watcher.heard()).pop()).collect();
    assert_eq!(at_once.iter().map(|place| place.position).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let calls = app.ring.calls();
    for watcher in &watchers[2..] {
        check(&app.end(watcher).2);
    }
    assert_eq!(app.ring.calls() - calls, 4, "nobody asked again: each gave its key back");
}

#[test]
fn who_joins_a_caller_in_line_is_told_its_place_with_the_time_that_is_left() {
    let app = TestApp::setup().set("KEY_IMAGES_PER_MINUTE", "1").set("GENERATION_TIMEOUT", "100").build();
    app.gives_images();
    let watchers: Vec<_> = (0..3).map(|n| app.watch(&format!("/?prompt={n}"))).collect();
    app.advance(20_000);
    let joined = app.watch("/?prompt=2");
    app.advance(100);
    let turn_ms = |told: Vec<Told>| {
        let place = told.into_iter().next_back().expect("a place");
        (place.position, place.at_ms + place.ready_in_ms.expect("a time"))
    };
    let (position, joined_ms) = turn_ms(places(&joined.heard()));
    let (_, first_ms) = turn_ms(places(&watchers[2].heard()));
    assert!(position == 1 && (20_000 + joined_ms).abs_diff(first_ms) < 100, "{joined_ms} {first_ms}");
    assert_eq!(app.end(&watchers[2]).2.last().map(|last| last.name.clone()).as_deref(), Some("done"));
    check(&app.end(&joined).2);
}

#[test]
fn a_key_that_rests_is_waited_for_with_a_countdown() {
    let app = one_key();
    let busy = Answer::With(429, ("Retry-After", "20"), br#"{"message":"Too many requests"}"#.to_vec());
    app.http.next(Upstream::Image, busy);
    let watcher = app.watch("/?prompt=cat");
    let (_, _, heard) = app.end(&watcher);
    check(&heard);
    let place = places(&heard).pop().expect("a place");
    assert!((19_000..=20_100).contains(&place.ready_in_ms.expect("a time")), "{place:?}");
}

#[test]
fn a_ring_that_is_moved_while_callers_wait_gives_them_their_places_again() {
    let app = one_key();
    app.http.takes(3_000);
    let watchers: Vec<_> = (0..3).map(|n| app.watch(&format!("/?prompt={n}"))).collect();
    app.advance(1_500);
    app.ring.evict();
    for watcher in &watchers {
        let (_, _, heard) = app.end(watcher);
        assert_eq!(heard.last().map(|last| last.name.as_str()), Some("done"), "{heard:?}");
    }
    assert_eq!(app.image_calls().len(), 3);
}

#[test]
fn two_hundred_callers_in_line_are_told_once_a_second_at_most() {
    let app = TestApp::setup().set("GENERATION_TIMEOUT", "30").build();
    app.gives_images();
    let watchers: Vec<_> = (0..200).map(|n| app.watch(&format!("/?prompt={n}"))).collect();
    app.advance(29_000);
    for watcher in &watchers {
        let told = places(&watcher.heard());
        assert!(told.windows(2).all(|pair| pair[1].at_ms - pair[0].at_ms >= 1_000), "{told:?}");
    }
    for watcher in &watchers {
        let (status, _, heard) = app.end(watcher);
        let last = heard.last().expect("an event");
        assert!(status == 503 || last.name == "done" || last.data["status"] == json!(503), "{last:?}");
    }
}

#[test]
fn a_caller_who_does_not_watch_waits_as_ever() {
    let app = one_key();
    let tasks: Vec<_> = (0..3).map(|n| app.start(TestRequest::get(&format!("/?prompt={n}")))).collect();
    assert!(tasks.iter().all(|task| app.finish(task).status == 302));
    assert_eq!(app.ring.calls(), 6);
}

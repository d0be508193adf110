//! KV that cannot be written, or is not bound: no awaited image is lost.

use free_flux_api::http::Method;

use crate::support::{StoreFault, TestApp, TestRequest};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// Every URL of the image that `path` requested returns it.
fn assert_everywhere(app: &TestApp, path: &str, id: &str, when: &str) {
    for url in [path, &format!("{path}&id={id}"), &format!("/?id={id}"), &format!("/i/{id}.png")] {
        for place in ["here", "elsewhere"] {
            let reply = app.send(TestRequest::get(url).from(place));
            assert_eq!((reply.status, reply.header("X-Image-Id")), (200, Some(id)), "{url} {place} {when}");
            assert_eq!(reply.header("Content-Location"), Some(&*format!("/i/{id}.png")), "{url} {when}");
        }
        assert_eq!(app.send(TestRequest::head(url)).status, 200, "HEAD {url} {when}");
    }
}

#[test]
fn ten_minutes_without_a_write_lose_no_image() {
    let app = TestApp::working();
    app.store().write_faults().always(StoreFault::Throws);
    let mut made: Vec<(String, String)> = Vec::new();
    for minute in 0..10 {
        let path = format!("/?prompt=cat+{minute}");
        let id = app.get(&path).id();
        made.push((path, id));
        for (path, id) in &made {
            assert_everywhere(&app, path, id, &format!("in minute {minute}"));
        }
        app.advance(MINUTE);
    }
    assert_eq!(app.store().len(), 0);
    app.store().write_faults().never();
    for minute in 0..70 {
        for (path, id) in made.iter().filter(|_| minute % 7 == 0) {
            assert_everywhere(&app, path, id, &format!("{minute} minutes after"));
        }
        app.advance(MINUTE);
    }
    assert!(made.iter().all(|(_, id)| app.store().has(id)), "all are in KV");
    assert!(made.iter().all(|(_, id)| !app.makers.keeps(id)), "and no longer in the objects");
    assert_eq!(app.image_calls().len(), 10, "each was generated once");
}

#[test]
fn the_store_is_retried_at_growing_intervals_and_given_up_after_two_days() {
    let app = TestApp::working();
    app.store().write_faults().always(StoreFault::Throws);
    let id = app.get("/?prompt=cat").id();
    let mut tries = Vec::new();
    for minute in 0..(72 * 60) {
        if app.store().operations().1 > tries.len() {
            tries.push(minute);
        }
        app.advance(MINUTE);
        if minute % 120 == 0 && minute < 47 * 60 {
            assert_eq!(app.get(&format!("/i/{id}.png")).status, 200, "in minute {minute}");
        }
    }
    let pauses: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.is_sorted(), "slower each time: {pauses:?}");
    assert!((10..=30).contains(&tries.len()), "{tries:?}");
    assert!(tries.last().is_some_and(|last| (44 * 60..=56 * 60).contains(last)), "two days: {tries:?}");
    assert!(!app.makers.keeps(&id), "given up");
    assert_eq!(app.get(&format!("/i/{id}.png")).outcome(), "404 image_not_found");
    let alarms = app.makers.alarms();
    app.advance(48 * HOUR);
    assert_eq!(app.makers.alarms(), alarms, "nothing goes on for ever");
}

#[test]
fn an_outage_outlives_the_object_that_keeps_the_image() {
    let app = TestApp::working();
    app.store().write_faults().always(StoreFault::Throws);
    let id = app.get("/?prompt=cat").id();
    for _ in 0..6 {
        app.advance(HOUR);
        app.makers.crash();
        assert_everywhere(&app, "/?prompt=cat", &id, "after a restart");
    }
    app.store().write_faults().never();
    app.advance(5 * HOUR);
    assert!(app.store().has(&id));
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn a_write_that_hangs_is_made_again_later() {
    let app = TestApp::working();
    app.store().write_faults().once(StoreFault::Hangs);
    let id = app.get("/?prompt=cat").id();
    app.advance(5 * MINUTE);
    assert_everywhere(&app, "/?prompt=cat", &id, "while the write hangs");
    app.advance(HOUR);
    assert!(app.store().has(&id));
    assert_everywhere(&app, "/?prompt=cat", &id, "after it");
}

#[test]
fn a_try_that_hangs_is_given_up_and_the_image_is_there_meanwhile() {
    let app = TestApp::working();
    app.store().write_faults().once(StoreFault::Throws);
    app.store().write_faults().times(2, StoreFault::Hangs);
    let id = app.get("/?prompt=cat").id();
    for seconds in 0..300 {
        app.advance(1_000);
        if seconds % 10 == 3 {
            assert_eq!(app.get(&format!("/i/{id}.png")).status, 200, "after {seconds} s");
        }
    }
    app.advance(HOUR);
    assert_eq!((app.store().has(&id), app.store().operations().1), (true, 4));
}

#[test]
fn a_maker_that_cannot_read_its_memory_when_it_is_woken_comes_back_to_it() {
    let app = TestApp::working();
    app.store().write_faults().once(StoreFault::Throws);
    let id = app.get("/?prompt=cat").id();
    app.settle();
    app.makers.storage_faults.reads.once(());
    app.advance(HOUR);
    assert!(app.store().has(&id) && !app.makers.keeps(&id));
}

#[test]
fn a_maker_that_cannot_write_its_memory_when_it_is_woken_comes_back_to_it() {
    // KV has the image, but recording that fails; so does setting the alarm, once, and the platform repeats the alarm.
    for faults in [1, 2] {
        let app = TestApp::working();
        app.store().write_faults().once(StoreFault::Throws);
        let id = app.get("/?prompt=cat").id();
        app.settle();
        app.makers.storage_faults.writes.times(faults, ());
        app.advance(HOUR);
        assert!(app.store().has(&id) && !app.makers.keeps(&id), "{faults}");
    }
}

#[test]
fn an_image_that_cannot_be_deleted_is_not_reported_as_deleted() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let id = app.send(TestRequest::get("/?prompt=cat").with("Authorization", "Bearer token-of-the-owner")).id();
    app.settle();
    app.makers.storage_faults.writes.once(());
    let remove =
        || TestRequest::of(Method::Delete, &format!("/i/{id}")).with("Authorization", "Bearer token-of-the-owner");
    assert_eq!(app.send(remove()).outcome(), "503 store_unavailable");
    assert!(app.makers.keeps(&id) && app.store().has(&id));
    assert_eq!(app.send(remove()).status, 204);
    assert!(!app.makers.keeps(&id) && !app.store().has(&id));
}

#[test]
fn once_kv_has_it_the_object_keeps_it_for_ten_minutes_and_then_sleeps() {
    let app = TestApp::working();
    let id = app.get("/?prompt=cat").id();
    app.advance(9 * MINUTE);
    assert!(app.makers.keeps(&id));
    app.advance(2 * MINUTE);
    assert!(!app.makers.keeps(&id));
    app.advance(24 * HOUR);
    assert!(app.makers.alarms() <= 2, "{} alarms", app.makers.alarms());
}

#[test]
fn without_kv_an_image_is_shared_kept_for_ten_minutes_and_then_forgotten() {
    let app = TestApp::setup().without_kv().build();
    app.gives_images();
    let tasks: Vec<_> = (0..5).map(|_| app.start(TestRequest::get("/?prompt=cat"))).collect();
    let id = app.finish(&tasks[0]).id();
    for task in &tasks[1..] {
        let reply = app.finish(task);
        assert_eq!((reply.status, reply.id()), (200, id.clone()));
    }
    for minutes in [0, 5, 4] {
        app.advance(minutes * MINUTE);
        for path in ["/?prompt=cat", &format!("/?prompt=cat&id={id}"), &format!("/?id={id}"), &format!("/i/{id}.png")] {
            assert_eq!(app.get(path).status, 200, "{path}");
            assert_eq!(app.send(TestRequest::head(path)).status, 200, "{path}");
        }
    }
    assert_eq!(app.image_calls().len(), 1);
    app.advance(2 * MINUTE);
    assert_eq!(app.get(&format!("/i/{id}.png")).outcome(), "404 image_not_found");
    assert_eq!(app.get(&format!("/?prompt=cat&id={id}")).status, 200);
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn without_kv_a_drawn_seed_is_shown_at_once() {
    let app = TestApp::setup().without_kv().build();
    app.gives_images();
    let (one, two) = (app.get("/?prompt=cat&seed=random"), app.get("/?prompt=cat&seed=random"));
    assert_eq!((one.status, one.header("Cache-Control")), (200, Some("no-store")));
    assert_ne!(one.header("X-Seed"), two.header("X-Seed"));
}

#[test]
fn cache_ttl_says_how_long_kv_keeps_an_image() {
    for (setting, lasts_days) in [("86400", Some(1)), ("0", None)] {
        let app = TestApp::setup().set("CACHE_TTL", setting).build();
        app.gives_images();
        let id = app.get("/?prompt=cat").id();
        app.advance(23 * HOUR);
        assert_eq!(app.get(&format!("/i/{id}")).status, 200);
        app.advance(2 * HOUR);
        assert_eq!(app.get(&format!("/i/{id}")).status, if lasts_days.is_some() { 404 } else { 200 }, "{setting}");
    }
}

#[test]
fn an_image_that_is_removed_while_it_is_written_does_not_come_back() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let own =
        |method, path: &str| app.send(TestRequest::of(method, path).with("Authorization", "Bearer token-of-the-owner"));
    app.store().write_faults().once(StoreFault::Slow);
    let id = own(Method::Get, "/?prompt=cat").id();
    assert!(!app.store().has(&id), "it is being written");
    assert_eq!(own(Method::Delete, &format!("/i/{id}")).status, 204);
    app.advance(HOUR);
    assert!(!app.store().has(&id) && !app.makers.keeps(&id));
}

#[test]
fn an_older_image_that_is_written_late_does_not_replace_a_newer_one() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    app.gives_images();
    let own = |path: &str| app.send(TestRequest::get(path).with("Authorization", "Bearer token-of-the-owner"));
    app.store().write_faults().once(StoreFault::Slow);
    let id = own("/?prompt=cat").id();
    let refreshed = own("/?prompt=cat&refresh=1");
    assert_eq!(refreshed.status, 200);
    app.advance(HOUR);
    assert_eq!(app.get(&format!("/i/{id}.png")).bytes(), refreshed.bytes());
}

//! KV that cannot be written, or is not there: nothing is lost that somebody waits for.

use free_flux_api::http::Method;

use crate::support::{StoreFault, TestApp, TestRequest};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// Every URL of the image that `path` asked for answers with it.
fn assert_everywhere(world: &TestApp, path: &str, id: &str, when: &str) {
    for url in [path, &format!("{path}&id={id}"), &format!("/?id={id}"), &format!("/i/{id}.png")] {
        for place in ["here", "elsewhere"] {
            let reply = world.send(TestRequest::get(url).from(place));
            assert_eq!((reply.status, reply.header("X-Image-Id")), (200, Some(id)), "{url} {place} {when}");
            assert_eq!(reply.header("Content-Location"), Some(&*format!("/i/{id}.png")), "{url} {when}");
        }
        assert_eq!(world.send(TestRequest::head(url)).status, 200, "HEAD {url} {when}");
    }
}

#[test]
fn ten_minutes_without_a_write_cost_nobody_an_image() {
    let world = TestApp::working();
    world.store().write_faults().always(StoreFault::Throws);
    let mut made: Vec<(String, String)> = Vec::new();
    for minute in 0..10 {
        let path = format!("/?prompt=cat+{minute}");
        let id = world.get(&path).id();
        made.push((path, id));
        for (path, id) in &made {
            assert_everywhere(&world, path, id, &format!("in minute {minute}"));
        }
        world.advance(MINUTE);
    }
    assert_eq!(world.store().len(), 0);
    world.store().write_faults().never();
    for minute in 0..70 {
        for (path, id) in made.iter().filter(|_| minute % 7 == 0) {
            assert_everywhere(&world, path, id, &format!("{minute} minutes after"));
        }
        world.advance(MINUTE);
    }
    assert!(made.iter().all(|(_, id)| world.store().has(id)), "all are in KV");
    assert!(made.iter().all(|(_, id)| !world.makers.keeps(id)), "and no longer in the objects");
    assert_eq!(world.image_calls().len(), 10, "each was generated once");
}

#[test]
fn the_library_is_tried_slower_each_time_and_given_up_after_two_days() {
    let world = TestApp::working();
    world.store().write_faults().always(StoreFault::Throws);
    let id = world.get("/?prompt=cat").id();
    let mut tries = Vec::new();
    for minute in 0..(72 * 60) {
        if world.store().operations().1 > tries.len() {
            tries.push(minute);
        }
        world.advance(MINUTE);
        if minute % 120 == 0 && minute < 47 * 60 {
            assert_eq!(world.get(&format!("/i/{id}.png")).status, 200, "in minute {minute}");
        }
    }
    let pauses: Vec<_> = tries.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses.is_sorted(), "slower each time: {pauses:?}");
    assert!((10..=30).contains(&tries.len()), "{tries:?}");
    assert!(tries.last().is_some_and(|last| (44 * 60..=56 * 60).contains(last)), "two days: {tries:?}");
    assert!(!world.makers.keeps(&id), "given up");
    assert_eq!(world.get(&format!("/i/{id}.png")).outcome(), "404 image_not_found");
    let alarms = world.makers.alarms();
    world.advance(48 * HOUR);
    assert_eq!(world.makers.alarms(), alarms, "nothing goes on for ever");
}

#[test]
fn an_outage_outlives_the_object_that_keeps_the_image() {
    let world = TestApp::working();
    world.store().write_faults().always(StoreFault::Throws);
    let id = world.get("/?prompt=cat").id();
    for _ in 0..6 {
        world.advance(HOUR);
        world.makers.crash();
        assert_everywhere(&world, "/?prompt=cat", &id, "after a restart");
    }
    world.store().write_faults().never();
    world.advance(5 * HOUR);
    assert!(world.store().has(&id));
    assert_eq!(world.image_calls().len(), 1);
}

#[test]
fn a_write_that_hangs_is_made_again_later() {
    let world = TestApp::working();
    world.store().write_faults().once(StoreFault::Hangs);
    let id = world.get("/?prompt=cat").id();
    world.advance(5 * MINUTE);
    assert_everywhere(&world, "/?prompt=cat", &id, "while the write hangs");
    world.advance(HOUR);
    assert!(world.store().has(&id));
    assert_everywhere(&world, "/?prompt=cat", &id, "after it");
}

#[test]
fn a_try_that_hangs_is_given_up_and_the_image_is_there_meanwhile() {
    let world = TestApp::working();
    world.store().write_faults().once(StoreFault::Throws);
    world.store().write_faults().times(2, StoreFault::Hangs);
    let id = world.get("/?prompt=cat").id();
    for seconds in 0..300 {
        world.advance(1_000);
        if seconds % 10 == 3 {
            assert_eq!(world.get(&format!("/i/{id}.png")).status, 200, "after {seconds} s");
        }
    }
    world.advance(HOUR);
    assert_eq!((world.store().has(&id), world.store().operations().1), (true, 4));
}

#[test]
fn a_maker_that_cannot_read_its_memory_when_it_is_woken_comes_back_to_it() {
    let world = TestApp::working();
    world.store().write_faults().once(StoreFault::Throws);
    let id = world.get("/?prompt=cat").id();
    world.settle();
    world.makers.storage_faults.reads.once(());
    world.advance(HOUR);
    assert!(world.store().has(&id) && !world.makers.keeps(&id));
}

#[test]
fn a_maker_that_cannot_write_its_memory_when_it_is_woken_comes_back_to_it() {
    // The image was given to KV, the note of it fails; so does the wish to be woken, once, and the platform wakes it.
    for faults in [1, 2] {
        let world = TestApp::working();
        world.store().write_faults().once(StoreFault::Throws);
        let id = world.get("/?prompt=cat").id();
        world.settle();
        world.makers.storage_faults.writes.times(faults, ());
        world.advance(HOUR);
        assert!(world.store().has(&id) && !world.makers.keeps(&id), "{faults}");
    }
}

#[test]
fn what_cannot_be_forgotten_is_not_said_to_be() {
    let world = TestApp::setup().set("ACCESS_TOKENS", "token").build();
    world.gives_images();
    let id = world.send(TestRequest::get("/?prompt=cat").with("Authorization", "Bearer token")).id();
    world.settle();
    world.makers.storage_faults.writes.once(());
    let remove = || TestRequest::of(Method::Delete, &format!("/i/{id}")).with("Authorization", "Bearer token");
    assert_eq!(world.send(remove()).outcome(), "503 store_unavailable");
    assert!(world.makers.keeps(&id) && world.store().has(&id));
    assert_eq!(world.send(remove()).status, 204);
    assert!(!world.makers.keeps(&id) && !world.store().has(&id));
}

#[test]
fn once_kv_has_it_the_object_keeps_it_for_ten_minutes_and_then_sleeps() {
    let world = TestApp::working();
    let id = world.get("/?prompt=cat").id();
    world.advance(9 * MINUTE);
    assert!(world.makers.keeps(&id));
    world.advance(2 * MINUTE);
    assert!(!world.makers.keeps(&id));
    world.advance(24 * HOUR);
    assert!(world.makers.alarms() <= 2, "{} alarms", world.makers.alarms());
}

#[test]
fn without_kv_an_image_is_shared_kept_for_ten_minutes_and_then_forgotten() {
    let world = TestApp::setup().without_kv().build();
    world.gives_images();
    let going: Vec<_> = (0..5).map(|_| world.start(TestRequest::get("/?prompt=cat"))).collect();
    let id = world.finish(&going[0]).id();
    for going in &going[1..] {
        let reply = world.finish(going);
        assert_eq!((reply.status, reply.id()), (200, id.clone()));
    }
    for minutes in [0, 5, 4] {
        world.advance(minutes * MINUTE);
        for path in ["/?prompt=cat", &format!("/?prompt=cat&id={id}"), &format!("/?id={id}"), &format!("/i/{id}.png")] {
            assert_eq!(world.get(path).status, 200, "{path}");
            assert_eq!(world.send(TestRequest::head(path)).status, 200, "{path}");
        }
    }
    assert_eq!(world.image_calls().len(), 1);
    world.advance(2 * MINUTE);
    assert_eq!(world.get(&format!("/i/{id}.png")).outcome(), "404 image_not_found");
    assert_eq!(world.get(&format!("/?prompt=cat&id={id}")).status, 200);
    assert_eq!(world.image_calls().len(), 2);
}

#[test]
fn without_kv_a_drawn_seed_is_shown_at_once() {
    let world = TestApp::setup().without_kv().build();
    world.gives_images();
    let (one, two) = (world.get("/?prompt=cat&seed=random"), world.get("/?prompt=cat&seed=random"));
    assert_eq!((one.status, one.header("Cache-Control")), (200, Some("no-store")));
    assert_ne!(one.header("X-Seed"), two.header("X-Seed"));
}

#[test]
fn cache_ttl_says_how_long_kv_keeps_an_image() {
    for (setting, lasts_days) in [("86400", Some(1)), ("0", None)] {
        let world = TestApp::setup().set("CACHE_TTL", setting).build();
        world.gives_images();
        let id = world.get("/?prompt=cat").id();
        world.advance(23 * HOUR);
        assert_eq!(world.get(&format!("/i/{id}")).status, 200);
        world.advance(2 * HOUR);
        assert_eq!(world.get(&format!("/i/{id}")).status, if lasts_days.is_some() { 404 } else { 200 }, "{setting}");
    }
}

#[test]
fn an_image_that_is_removed_while_it_is_written_does_not_come_back() {
    let world = TestApp::setup().set("ACCESS_TOKENS", "token").build();
    world.gives_images();
    let own = |method, path: &str| world.send(TestRequest::of(method, path).with("Authorization", "Bearer token"));
    world.store().write_faults().once(StoreFault::Slow);
    let id = own(Method::Get, "/?prompt=cat").id();
    assert!(!world.store().has(&id), "it is being written");
    assert_eq!(own(Method::Delete, &format!("/i/{id}")).status, 204);
    world.advance(HOUR);
    assert!(!world.store().has(&id) && !world.makers.keeps(&id));
}

#[test]
fn an_older_image_that_is_written_late_does_not_replace_a_newer_one() {
    let world = TestApp::setup().set("ACCESS_TOKENS", "token").build();
    world.gives_images();
    let own = |path: &str| world.send(TestRequest::get(path).with("Authorization", "Bearer token"));
    world.store().write_faults().once(StoreFault::Slow);
    let id = own("/?prompt=cat").id();
    let refreshed = own("/?prompt=cat&refresh=1");
    assert_eq!(refreshed.status, 200);
    world.advance(HOUR);
    assert_eq!(world.get(&format!("/i/{id}.png")).bytes(), refreshed.bytes());
}

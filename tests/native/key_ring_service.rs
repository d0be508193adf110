//! The key ring as a service: callers that wait in it, and its restart.

use crate::support::{Answer, TestApp, TestRequest, Upstream};

#[test]
fn killed_with_every_key_leased_it_has_new_images_made_within_five_seconds() {
    let app = TestApp::working();
    app.http.takes(40_000);
    let tasks = [0, 1].map(|n| app.start(TestRequest::get(&format!("/?prompt={n}"))));
    app.advance(1_000);
    assert_eq!(app.image_calls().len(), 2);
    for task in &tasks {
        task.leave();
    }
    app.ring.evict();
    app.makers.crash();
    app.http.takes(500);
    let reply = app.get("/?prompt=new");
    assert_eq!(reply.status, 302);
    assert!(reply.took_ms < 5_000, "{} ms", reply.took_ms);
}

#[test]
fn a_caller_that_waits_for_a_call_in_flight_is_woken_at_the_time_that_its_end_brings() {
    let app = TestApp::setup().set("IMAGE_API_KEYS", "sk-the-only-key-of-this-test").build();
    app.gives_images();
    app.http.takes(3_000);
    let busy = Answer::With(429, ("Retry-After", "20"), br#"{"message":"Too many requests"}"#.to_vec());
    app.http.next(Upstream::Image, busy);
    // It may be one of our own that came back, and leaves.
    let first = app.start(TestRequest::get("/?prompt=first").with("X-Free-Flux-Hop", "2"));
    app.advance(1_000);
    let second = app.start(TestRequest::get("/?prompt=second"));
    assert_eq!(app.finish(&first).status, 502);
    assert_eq!(app.finish(&second).status, 302);
    let times: Vec<_> = app.image_calls().iter().map(|call| call.at_ms).collect();
    let between = times[1] - times[0];
    assert!((23_000..23_500).contains(&between), "{between} ms between the calls");
}

//! The order of the keys, waiting for a key, and refusals.

use crate::support::{Answer, ObjectFault, TestApp, TestRequest, Upstream};

const REFUSED_KEY: &str = "\"Api key is invalid\"";
const IPM: &str = r#"{"message":"Request was rejected due to rate limiting. Details: IPM limit reached.","data":null}"#;
const GONE: &str = r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#;

#[test]
fn without_the_ring_no_key_is_asked_twice_that_was_refused_or_is_busy() {
    for (answer, outcome) in [
        (Answer::json(401, REFUSED_KEY), "502 upstream_error"),
        (Answer::json(429, IPM), "503 keys_exhausted"),
        (Answer::With(503, ("Retry-After", "30"), b"busy".to_vec()), "503 keys_exhausted"),
    ] {
        let app = TestApp::working();
        app.ring.lease_faults.always(ObjectFault::Unreachable);
        app.http.then(Upstream::Image, answer.clone());
        assert_eq!(app.get("/?prompt=cat").outcome(), outcome, "{answer:?}");
        let mut keys: Vec<_> = app.image_calls().into_iter().map(|call| call.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((keys.len(), app.image_calls().len()), (2, 2), "{answer:?}");
    }
}

#[test]
fn without_the_ring_a_model_that_is_gone_is_asked_for_once() {
    let app = TestApp::working();
    app.ring.lease_faults.always(ObjectFault::Unreachable);
    app.http.next(Upstream::Image, Answer::json(400, GONE));
    assert_eq!(app.get("/?prompt=cat").header("X-Model"), Some("Kwai-Kolors/Kolors"));
    app.http.then(Upstream::Image, Answer::json(400, GONE));
    assert_eq!(app.get("/?prompt=dog").outcome(), "502 upstream_error");
    assert_eq!(app.image_calls().len(), 4, "two models, once each");
}

#[test]
fn a_report_that_is_lost_does_not_bring_the_same_key_again() {
    for answer in [Answer::json(401, REFUSED_KEY), Answer::json(429, IPM)] {
        let app = TestApp::working();
        app.ring.report_faults.times(2, ObjectFault::Unreachable);
        app.http.next(Upstream::Image, answer);
        assert_eq!(app.get("/?prompt=cat").status, 302);
        let keys: Vec<_> = app.image_calls().into_iter().map(|call| call.key).collect();
        assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
    }
}

#[test]
fn a_caller_that_can_be_served_before_its_deadline_waits_for_a_key() {
    let app = TestApp::setup().set("KEY_IMAGES_PER_MINUTE", "1").set("GENERATION_TIMEOUT", "100").build();
    app.gives_images();
    let tasks: Vec<_> = (0..4).map(|n| app.start(TestRequest::get(&format!("/?prompt={n}")))).collect();
    let took: Vec<_> =
        tasks.iter().map(|task| app.finish(task)).map(|reply| (reply.status, reply.took_ms / 10_000)).collect();
    assert_eq!(took, [(302, 0), (302, 0), (302, 6), (302, 6)]);
    assert_eq!(app.image_calls().len(), 4);
}

#[test]
fn a_caller_that_cannot_is_refused_at_once_with_retry_after() {
    let app = TestApp::setup().set("KEY_IMAGES_PER_MINUTE", "1").set("GENERATION_TIMEOUT", "30").build();
    app.gives_images();
    for n in 0..2 {
        assert_eq!(app.get(&format!("/?prompt={n}")).status, 302);
    }
    let refused = app.get("/?prompt=cat");
    assert_eq!(refused.outcome(), "503 keys_exhausted");
    assert!(refused.took_ms < 1_000, "{} ms", refused.took_ms);
    let seconds: u64 = refused.header("Retry-After").and_then(|text| text.parse().ok()).expect("seconds");
    assert!((31..=61).contains(&seconds), "{seconds}");
    app.advance(seconds * 1_000);
    assert_eq!(app.get("/?prompt=cat").status, 302, "it was true");
    assert_eq!(app.image_calls().len(), 3);
}

#[test]
fn deployments_that_are_chained_in_a_circle_end() {
    for (came_in, outcome, carried) in [
        (None, "302", Some("1")),
        (Some("2"), "302", Some("3")),
        (Some("3"), "502 upstream_error", None),
        (Some("x"), "502 upstream_error", None),
    ] {
        let app = TestApp::working();
        let ask = came_in.iter().fold(TestRequest::get("/?prompt=cat"), |ask, hops| ask.with("X-Free-Flux-Hop", hops));
        assert_eq!(app.send(ask).outcome(), outcome, "{came_in:?}");
        let calls = app.image_calls();
        assert_eq!(calls.first().and_then(|call| call.request.headers.get("X-Free-Flux-Hop")), carried);
        assert_eq!(app.http.count(), if carried.is_some() { 2 } else { 0 });
    }
}

#[test]
fn one_call_at_a_time_is_made_with_each_key_and_callers_are_served_in_their_order() {
    let app = TestApp::working();
    let tasks: Vec<_> = (0..8).map(|n| app.start(TestRequest::get(&format!("/?prompt={n}")))).collect();
    assert!(tasks.iter().all(|task| app.finish(task).status == 302));
    let calls = app.image_calls();
    for key in crate::support::KEYS.split(',') {
        let times: Vec<_> = calls.iter().filter(|call| call.key == key).map(|call| call.at_ms).collect();
        assert_eq!(times.len(), 4, "{key}");
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 1_000), "{key}: {times:?}");
    }
    let order: Vec<_> = calls.iter().map(|call| call.body["prompt"].as_str().unwrap_or_default().to_owned()).collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_slow_upstream_is_waited_for_and_the_deadline_is_kept() {
    for (takes_ms, outcome) in [(13_000, "302"), (20_000, "504 upstream_timeout"), (40_000, "504 upstream_timeout")] {
        let app = TestApp::working();
        app.http.takes(takes_ms);
        let reply = app.get("/?prompt=cat");
        assert_eq!(reply.outcome(), outcome, "{takes_ms}");
        assert!(reply.took_ms <= 60_100, "{} ms", reply.took_ms);
    }
}

#[test]
fn no_call_is_begun_that_cannot_be_there_in_time() {
    let app = TestApp::working();
    (0..2).for_each(|_| app.http.next(Upstream::Image, Answer::json(429, IPM)));
    assert_eq!(app.get("/?prompt=cat").outcome(), "503 keys_exhausted");
    // A key is returned about two seconds before this caller's deadline.
    app.advance(1_000);
    let refused = app.get("/?prompt=cat");
    assert_eq!((refused.outcome(), refused.took_ms < 1_000), ("503 keys_exhausted".into(), true));
    assert_eq!(app.image_calls().len(), 2);
    app.advance(3_000);
    assert_eq!(app.get("/?prompt=cat").status, 302, "five seconds are enough");
}

#[test]
fn images_at_addresses_that_are_not_fetched_are_paid_for_twice_for_each_model_at_most() {
    for address in ["http://images.test/a.png", "https://127.0.0.1/a.png", "/a.png"] {
        let answer = Answer::json(200, &format!(r#"{{"images":[{{"url":"{address}"}}]}}"#));
        let app = TestApp::working();
        app.http.then(Upstream::Image, answer.clone());
        let failed = app.get("/?prompt=cat");
        assert_eq!(failed.outcome(), "502 upstream_error", "{address}");
        assert!(failed.text().contains("address"), "{}", failed.text());
        assert_eq!(app.image_calls().len(), 4, "{address}: twice, and twice for the model that stands in");

        let app = TestApp::working();
        app.http.next(Upstream::Image, answer);
        assert_eq!(app.get("/?prompt=cat").status, 302, "{address}, once");
    }
}

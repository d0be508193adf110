//! `Prefer: respond-async`: an image is begun, and the answer does not wait for it.

use serde_json::json;

use crate::support::{Answer, TestApp, TestRequest, Upstream};

fn begin(app: &TestApp, path: &str) -> crate::support::Reply {
    app.send(TestRequest::get(path).with("Prefer", "handling=lenient, respond-async; wait=5"))
}

#[test]
fn an_image_is_begun_and_is_at_its_permalink_when_it_is_made() {
    for path in ["/?prompt=cat", "/prompt/cat", "/?prompt=cat&async=1"] {
        let app = TestApp::working();
        let reply = if path.contains("async") { app.get(path) } else { begin(&app, path) };
        assert_eq!((reply.status, reply.header("Preference-Applied")), (202, Some("respond-async")), "{path}");
        assert!(reply.header("Retry-After").is_some() && reply.took_ms < 900);
        let permalink = reply.header("Location").expect("a permalink").to_owned();
        assert_eq!(permalink, format!("/i/{}", reply.id()));
        for at in [permalink.clone(), format!("/?id={}", reply.id())] {
            let working = app.get(&at);
            assert_eq!((working.status, working.header("Cache-Control")), (202, Some("no-store")), "{at}");
            let answer = working.json();
            assert_eq!((&answer["id"], &answer["status"]), (&json!(reply.id()), &json!("working")));
            assert!(answer["step"].is_string() && working.header("Retry-After").is_some());
            assert_eq!(app.send(TestRequest::head(&at)).status, 202);
            let card = app.send(TestRequest::get(&at).with("Accept", "image/avif,image/webp,*/*;q=0.8"));
            assert_eq!((card.status, card.header("Content-Type")), (202, Some("image/svg+xml")));
        }
        assert_eq!(app.send(TestRequest::head("/?prompt=cat")).status, 202);
        app.advance(10_000);
        assert_eq!(app.get(&permalink).status, 200);
        let again = begin(&app, path);
        assert_eq!(
            (again.status, again.header("X-Cache"), again.header("Preference-Applied")),
            (200, Some("HIT"), None)
        );
        assert_eq!(app.image_calls().len(), 1);
    }
}

#[test]
fn a_failure_is_told_for_a_minute_and_asking_again_begins_anew() {
    let app = TestApp::working();
    let rejected = || Answer::Status(400, "application/json", json!({ "code": 1, "message": "no" }).to_string().into());
    app.http.next(Upstream::Image, rejected());
    let permalink = begin(&app, "/?prompt=cat").header("Location").expect("a permalink").to_owned();
    app.advance(5_000);
    assert_eq!(app.get(&permalink).outcome(), "422 prompt_rejected");
    app.makers.crash();
    assert_eq!(app.get(&permalink).outcome(), "422 prompt_rejected");
    assert_eq!(app.send(TestRequest::head("/?prompt=cat")).status, 404);
    app.advance(61_000);
    assert_eq!(app.get(&permalink).outcome(), "404 image_not_found");
    assert_eq!(begin(&app, "/?prompt=cat").status, 202);
    app.advance(5_000);
    assert_eq!(app.get(&permalink).status, 200);
}

#[test]
fn whoever_may_not_have_an_image_made_may_not_have_one_begun() {
    let app = TestApp::setup().set("ACCESS_TOKENS", "token-of-the-owner").build();
    assert_eq!(begin(&app, "/?prompt=cat").outcome(), "401 unauthorized");
    let app = TestApp::setup().limit(1).build();
    app.gives_images();
    assert_eq!(begin(&app, "/?prompt=cat").status, 202);
    assert_eq!(begin(&app, "/?prompt=dog").outcome(), "429 rate_limited");
    assert_eq!(app.get("/?prompt=cow&async=maybe").json()["error"]["param"], "async");
    app.settle();
}

#[test]
fn another_preference_changes_nothing() {
    let app = TestApp::working();
    for (number, preference) in ["return=minimal", "wait=10", "respond-asyncx", ""].into_iter().enumerate() {
        let path = format!("/?prompt=cat{number}");
        assert_eq!(app.send(TestRequest::get(&path).with("Prefer", preference)).status, 302, "{preference}");
    }
}

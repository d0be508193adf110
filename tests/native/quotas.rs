//! Quotas by the day: of tokens, and of all callers without one.

use free_flux_api::http::Method;
use serde_json::json;

use crate::support::{Answer, CHAT_KEY, ObjectFault, Reply, TestApp, TestRequest, Upstream};

const TOKENS: &str = r#"{
    "me": {"token":"token-of-the-owner","owner":true},
    "friend": {"token":"token-of-a-friend","per_day":3},
    "other": {"token":"token-of-another","per_day":3}
}"#;
const DAY_MS: u64 = 86_400_000;

fn app() -> TestApp {
    let app = TestApp::setup().set("ACCESS_TOKENS", TOKENS).set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::Good);
    app
}

fn by(token: &str, path: &str) -> TestRequest {
    TestRequest::get(path).with("Authorization", &format!("Bearer {token}"))
}

fn friend(app: &TestApp, path: &str) -> Reply {
    app.send(by("token-of-a-friend", path))
}

#[test]
fn a_token_has_its_images_of_the_day_and_more_from_midnight_utc_on() {
    let app = app();
    for number in 0..3 {
        assert_eq!(friend(&app, &format!("/?prompt={number}")).status, 302);
    }
    let over = friend(&app, "/?prompt=4");
    let left_s = (DAY_MS - app.now_ms() % DAY_MS).div_ceil(1_000);
    assert_eq!(over.outcome(), "429 quota_exceeded");
    assert_eq!(over.header("Retry-After"), Some(left_s.to_string().as_str()));
    assert_eq!(over.json()["error"]["type"], "rate_limit_error");
    assert_eq!(app.send(by("token-of-another", "/?prompt=4")).status, 302, "each has its own");
    assert_eq!(friend(&app, "/?prompt=4").status, 200, "a stored image is free");
    app.advance(left_s * 1_000);
    assert_eq!(friend(&app, "/?prompt=5").status, 302);
}

#[test]
fn fifty_at_once_have_no_more_than_the_quota_and_the_rest_spends_nothing() {
    let app = app();
    let tasks: Vec<_> =
        (0..50).map(|number| app.start(by("token-of-a-friend", &format!("/?prompt=%E7%8C%AB{number}")))).collect();
    let outcomes: Vec<_> = tasks.iter().map(|task| app.finish(task).outcome()).collect();
    let made = outcomes.iter().filter(|outcome| *outcome == "302").count();
    let refused = outcomes.iter().filter(|outcome| *outcome == "429 quota_exceeded").count();
    assert_eq!((made, refused), (3, 47));
    assert_eq!((app.image_calls().len(), app.chat_calls().len()), (3, 3), "chat included");
}

#[test]
fn an_image_that_is_joined_is_free_and_the_refusal_of_one_is_not_the_others() {
    let app = app();
    for number in 0..3 {
        friend(&app, &format!("/?prompt={number}"));
    }
    let refused = app.start(by("token-of-a-friend", "/?prompt=cat"));
    let makes = app.start(by("token-of-another", "/?prompt=cat"));
    app.advance(500);
    let joins = app.start(by("token-of-a-friend", "/?prompt=cat"));
    assert_eq!(app.finish(&refused).outcome(), "429 quota_exceeded");
    assert_eq!((app.finish(&makes).status, app.finish(&joins).status), (302, 302));
    for number in 10..12 {
        assert_eq!(app.send(by("token-of-another", &format!("/?prompt={number}"))).status, 302);
    }
    assert_eq!(app.send(by("token-of-another", "/?prompt=12")).outcome(), "429 quota_exceeded");
}

#[test]
fn what_makes_no_image_is_given_back() {
    let app = app();
    app.http.then(Upstream::Image, Answer::json(400, r#"{"code":20015,"message":"bad words"}"#));
    for number in 0..9 {
        assert_eq!(friend(&app, &format!("/?prompt={number}")).outcome(), "422 prompt_rejected");
    }
    app.gives_images();
    app.http.then(Upstream::Host, Answer::json(404, ""));
    for number in 0..4 {
        assert_eq!(friend(&app, &format!("/?prompt=unfetchable+{number}&model=Kwai-Kolors/Kolors")).status, 502);
    }
    app.gives_images();
    app.advance(700_000);
    for number in 0..3 {
        assert_eq!(friend(&app, &format!("/?prompt={number}")).status, 302, "{number}");
    }
    assert_eq!(friend(&app, "/?prompt=4").outcome(), "429 quota_exceeded");
}

#[test]
fn a_generation_that_died_gives_its_picture_back() {
    let app = app();
    app.http.takes(30_000);
    let tasks: Vec<_> = (0..3).map(|n| app.start(by("token-of-a-friend", &format!("/?prompt={n}")))).collect();
    app.advance(1_000);
    tasks.iter().for_each(crate::support::Task::leave);
    app.makers.crash();
    assert_eq!(friend(&app, "/?prompt=4").outcome(), "429 quota_exceeded");
    app.ring.evict();
    assert_eq!(friend(&app, "/?prompt=4").outcome(), "429 quota_exceeded", "it outlives the ring's own restart");
    app.advance(75_000);
    app.http.takes(500);
    assert_eq!(friend(&app, "/?prompt=4").status, 302);
}

#[test]
fn a_fallback_and_a_model_that_stands_in_are_one_image_each() {
    let app = app();
    app.http.then(Upstream::Chat, Answer::json(401, r#"{"error":{"code":"1002","message":"key"}}"#));
    let before = app.ring.calls();
    assert_eq!(friend(&app, "/?prompt=%E7%8C%AB").header("X-Prompt-Status"), Some("fallback"));
    app.settle();
    assert_eq!(app.ring.calls() - before, 3, "the quota, the lease and the report");
    // The images of the first model cannot be fetched: they were made, and are not counted for it.
    let mut downloads = 0;
    app.http.by(Upstream::Host, move |_| {
        downloads += 1;
        if downloads <= 4 { Answer::json(404, "") } else { Answer::Good }
    });
    let stood_in = friend(&app, "/?prompt=dog");
    assert_eq!((stood_in.status, stood_in.header("X-Model")), (302, Some("Kwai-Kolors/Kolors")));
    assert_eq!(friend(&app, "/?prompt=bird").status, 302);
    assert_eq!(friend(&app, "/?prompt=fish").outcome(), "429 quota_exceeded");
    let told = app.send(by("token-of-the-owner", "/v1/stats")).json();
    assert_eq!((&told["days"][0]["made"], &told["days"][0]["tokens"]), (&json!(3), &json!({ "friend": 3 })));
    assert_eq!(told["days"][0]["fallbacks"], 1);
}

#[test]
fn each_of_several_images_counts_and_after_the_last_the_rest_is_not_asked_for() {
    let app = app();
    let post = |n: u32| {
        let body = json!({ "prompt": "cat", "n": n, "seed": 1 });
        let request = TestRequest::post("/v1/images/generations", &body);
        app.send(request.with("Authorization", "Bearer token-of-a-friend"))
    };
    assert_eq!(post(2).json()["data"].as_array().map(Vec::len), Some(2));
    let body = post(5).json();
    assert_eq!(body["data"].as_array().map(Vec::len), Some(3), "two are stored, and one is left: {body}");
    assert_eq!(app.image_calls().len(), 3);
}

#[test]
fn all_callers_without_a_token_share_a_quota() {
    let app = TestApp::setup().set("ANONYMOUS_PER_DAY", "2").build();
    app.gives_images();
    let from = |address: &str, path: &str| app.send(TestRequest::get(path).with("CF-Connecting-IP", address)).outcome();
    assert_eq!(from("192.0.2.1", "/?prompt=1"), "302");
    assert_eq!(from("192.0.2.2", "/?prompt=2"), "302");
    assert_eq!(from("192.0.2.3", "/?prompt=3"), "429 quota_exceeded");
    assert_eq!(from("192.0.2.3", "/?prompt=1"), "200");
}

#[test]
fn where_the_ring_cannot_be_reached_a_token_with_a_quota_is_refused_and_others_draw() {
    for fault in [ObjectFault::Unreachable, ObjectFault::BreaksOff] {
        let app = app();
        app.ring.lease_faults.always(fault);
        let reply = friend(&app, "/?prompt=cat");
        assert_eq!((reply.outcome().as_str(), reply.header("Retry-After")), ("503 keys_exhausted", Some("5")));
        assert_eq!(app.image_calls().len() + app.chat_calls().len(), 0);
        assert_eq!(app.send(by("token-of-the-owner", "/?prompt=cat")).status, 302);
    }
}

#[test]
fn what_would_stop_an_image_at_once_takes_nothing_of_the_quota() {
    let setup = TestApp::setup().set("ACCESS_TOKENS", TOKENS).set("IMAGE_API_KEYS", "");
    let app = setup.build();
    assert_eq!(friend(&app, "/?prompt=cat").outcome(), "500 misconfigured");
    assert_eq!(app.ring.calls(), 0);
    let demo = TestApp::setup().set("ANONYMOUS_PER_DAY", "1").set("IMAGE_API_KEYS", "").set("DEMO_IMAGES", "1").build();
    for number in 0..3 {
        assert_eq!(demo.get(&format!("/?prompt={number}")).status, 302, "a demo picture is nobody's");
    }
    assert_eq!(demo.ring.calls(), 0);
}

#[test]
fn rewriting_alone_is_rate_limited_for_all_but_an_owner() {
    let setup = TestApp::setup().set("ACCESS_TOKENS", TOKENS).set("PROCESS_API_KEY", CHAT_KEY);
    let app = setup.limit(1).build();
    app.http.then(Upstream::Chat, Answer::Good);
    let rewrite = |token: &str| {
        let request = TestRequest::post("/v1/prompt", &json!({ "prompt": "猫" })).with("x-api-key", token);
        app.send(request.with("CF-Connecting-IP", "192.0.2.1")).outcome()
    };
    assert_eq!(["token-of-a-friend", "token-of-a-friend"].map(rewrite), ["200", "429 rate_limited"]);
    assert_eq!(["token-of-the-owner", "token-of-the-owner"].map(rewrite), ["200", "200"]);
}

#[test]
fn a_token_that_is_no_owners_may_neither_refresh_nor_remove_nor_sign() {
    let app = TestApp::setup().set("ACCESS_TOKENS", TOKENS).set("URL_SIGNING_KEY", "signing-key-0123").build();
    app.gives_images();
    let made = friend(&app, "/?prompt=cat");
    app.settle();
    assert_eq!(friend(&app, "/?prompt=cat&refresh=1").outcome(), "401 unauthorized");
    let delete = |token: &str| {
        let request = TestRequest::of(Method::Delete, &format!("/i/{}", made.id()));
        request.with("Authorization", &format!("Bearer {token}"))
    };
    assert_eq!(app.send(delete("token-of-a-friend")).outcome(), "401 unauthorized");
    let sign = |token: &str| {
        let request = TestRequest::post("/v1/sign", &json!({ "url": "/?prompt=dog" }));
        app.send(request.with("x-api-key", token)).outcome()
    };
    assert_eq!((sign("token-of-a-friend").as_str(), sign("token-of-the-owner").as_str()), ("401 unauthorized", "200"));
    assert!(friend(&app, "/health").json()["keys"].is_null());
    assert!(app.send(by("token-of-the-owner", "/health")).json()["keys"].is_object());
    assert_eq!(app.send(by("token-of-the-owner", "/?prompt=cat&refresh=1")).status, 200);
    assert_eq!(app.send(delete("token-of-the-owner")).status, 204);
}

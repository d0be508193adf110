//! The cost of a request: the free plan counts every read, write and call.

use crate::support::{Answer, CHAT_KEY, TestApp, TestRequest, Upstream};

/// Store reads, store writes, maker calls, ring calls, upstream calls.
type Costs = [usize; 5];

fn costs(app: &TestApp) -> Costs {
    let (reads, writes) = app.store().operations();
    [reads, writes, app.makers.calls(), app.ring.calls(), app.http.count()]
}

/// The cost of `request`, with everything that it causes in the next second.
fn cost_of(app: &TestApp, request: TestRequest) -> Costs {
    let before = costs(app);
    let reply = app.send(request);
    assert!(reply.status < 400, "{}", reply.text());
    app.settle();
    let after = costs(app);
    std::array::from_fn(|at| after[at] - before[at])
}

#[test]
fn a_hit_is_one_store_read_and_nothing_else() {
    let app = TestApp::with_chat();
    app.http.next(Upstream::Chat, Answer::Says("a cat"));
    let path = "/?prompt=%E7%8C%AB&optimization=1&size=768x512";
    let made = app.get(path);
    app.advance(700_000);
    let id = made.id();
    for hit in [path, &made.target(), &format!("/?id={id}"), &format!("/i/{id}"), &format!("/i/{id}.png")] {
        assert_eq!(cost_of(&app, TestRequest::get(hit)), [1, 0, 0, 0, 0], "{hit}");
        assert_eq!(cost_of(&app, TestRequest::head(hit)), [1, 0, 0, 0, 0], "HEAD {hit}");
    }
    assert!(app.makers.alarms() <= 2);
}

#[test]
fn the_redirects_target_is_at_most_one_read_and_one_maker_call() {
    let app = TestApp::working();
    let target = app.get("/?prompt=cat").target();
    assert_eq!(cost_of(&app, TestRequest::get(&target)), [1, 0, 1, 0, 0], "where KV remembers the miss");
    assert_eq!(cost_of(&app, TestRequest::get(&target).from("elsewhere")), [1, 0, 0, 0, 0], "where it does not");
}

#[test]
fn a_new_image_is_one_read_one_write_one_maker_call_and_two_ring_calls() {
    let app = TestApp::working();
    assert_eq!(cost_of(&app, TestRequest::get("/?prompt=cat")), [1, 1, 1, 2, 2]);
    assert_eq!(
        cost_of(&app, TestRequest::get("/?prompt=dog&seed=random")),
        [0, 1, 1, 2, 2],
        "a drawn seed is not looked for"
    );
}

#[test]
fn a_fallback_is_two_maker_calls() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::json(401, r#"{"error":{"code":"1002","message":"key"}}"#));
    assert_eq!(cost_of(&app, TestRequest::get("/?prompt=%E7%8C%AB")), [2, 1, 2, 2, 3]);
}

#[test]
fn each_key_that_is_tried_costs_at_most_two_ring_calls() {
    let bad: &[Answer] = &[
        Answer::Refused,
        Answer::json(401, "\"Api key is invalid\""),
        Answer::json(429, r#"{"message":"IPM limit reached","data":null}"#),
        Answer::json(500, "{}"),
    ];
    for answer in bad {
        for tried in 1..=4 {
            let keys: Vec<_> = (1..=5).map(|n| format!("images-key-number-{n}")).collect();
            let app = TestApp::setup().set("IMAGE_API_KEYS", &keys.join(",")).build();
            (1..tried).for_each(|_| app.http.next(Upstream::Image, answer.clone()));
            app.gives_images();
            let [reads, writes, makers, ring, _] = cost_of(&app, TestRequest::get("/?prompt=cat"));
            assert_eq!([reads, writes, makers], [1, 1, 1], "{answer:?}");
            assert_eq!(app.image_calls().len(), tried);
            assert!(ring <= 2 * tried, "{ring} ring calls for {tried} keys: {answer:?}");
        }
    }
}

#[test]
fn where_every_key_fails_the_ring_is_asked_at_most_twice_for_each_try_and_once_for_each_model() {
    for answer in [
        Answer::json(400, r#"{"message":"bad words"}"#),
        Answer::json(401, "\"Api key is invalid\""),
        Answer::json(429, r#"{"message":"IPD limit reached"}"#),
        Answer::json(500, "{}"),
    ] {
        let app = TestApp::setup().build();
        app.http.then(Upstream::Image, answer.clone());
        assert!(app.get("/?prompt=cat").status >= 400);
        let (tried, ring) = (app.image_calls().len(), app.ring.calls());
        assert!(ring <= 2 * tried + 2, "{ring} ring calls for {tried} tries: {answer:?}");
        assert!(tried <= 10, "{answer:?}");
    }
}

#[test]
fn the_free_plans_50_subrequests_are_never_exceeded() {
    for answer in [Answer::Refused, Answer::json(500, "{}"), Answer::json(404, "{}")] {
        let keys: Vec<_> = (10..60).map(|n| format!("images-key-number-{n}")).collect();
        let app = TestApp::setup().set("IMAGE_API_KEYS", &keys.join(",")).set("PROCESS_API_KEY", CHAT_KEY).build();
        app.http.next(Upstream::Chat, Answer::json(500, "{}"));
        app.http.next(Upstream::Chat, Answer::Says("a cat"));
        app.http.then(Upstream::Image, Answer::Good);
        app.http.then(Upstream::Host, answer.clone());
        assert_eq!(app.get("/?prompt=%E7%8C%AB").outcome(), "502 upstream_error");
        app.settle();
        // The Worker read the store and called the maker; the rest is the maker's own cost.
        let of_the_maker = costs(&app).iter().sum::<usize>() - 2;
        assert!(of_the_maker <= 50, "{:?}: {answer:?}", costs(&app));
        assert!(app.image_calls().len() >= 4, "and yet both models are tried, twice each");
    }
}

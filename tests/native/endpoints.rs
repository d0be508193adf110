//! `IMAGE_ENDPOINTS`: several URLs and formats in one rotation.

use serde_json::{Value, json};

use crate::support::{Answer, OPENAI_URL, TestApp, Upstream, WORKERS_AI_URL, png};

const REJECTED: &str = r#"{"code":20015,"message":"not such pictures","data":null}"#;

/// One key at `SiliconFlow`, and these endpoints.
fn app(endpoints: &Value) -> TestApp {
    let setup = TestApp::setup().set("IMAGE_API_KEYS", "sk-images-key-number-one");
    let app = setup.set("IMAGE_ENDPOINTS", &endpoints.to_string()).build();
    app.gives_images();
    app.http.then(Upstream::OpenAi, Answer::Good);
    app.http.then(Upstream::WorkersAi, Answer::Good);
    app
}

fn all() -> Value {
    json!([
        { "url": OPENAI_URL, "key": "gateway-key-0123456789", "models": {
            "black-forest-labs/FLUX.1-schnell": "flux-schnell", "Kwai-Kolors/Kolors": "kolors",
        } },
        { "url": WORKERS_AI_URL, "key": "cloudflare-token-0123456789" },
    ])
}

#[test]
fn addresses_of_three_formats_take_turns() {
    let app = app(&all());
    for n in 0..6 {
        let journey = app.follow(&format!("/?prompt={n}"));
        assert_eq!((journey.last.status, journey.last.header("Content-Type")), (200, Some("image/png")), "{n}");
        assert_eq!(journey.last.header("X-Model"), Some("black-forest-labs/FLUX.1-schnell"), "{n}");
    }
    for upstream in [Upstream::Image, Upstream::OpenAi, Upstream::WorkersAi] {
        let calls = app.http.calls(upstream);
        assert_eq!(calls.len(), 2, "{upstream:?}");
    }
    assert_eq!(app.http.calls(Upstream::OpenAi)[0].body["model"], "flux-schnell");
}

#[test]
fn a_refused_prompt_is_asked_of_another_address_first() {
    let app = app(&json!([all()[0]]));
    app.http.next(Upstream::Image, Answer::json(400, REJECTED));
    let shown = app.follow("/?prompt=cat").last;
    assert_eq!((shown.status, shown.bytes()), (200, &*png(512, 512, 2)));
    app.http.then(Upstream::Image, Answer::json(400, REJECTED));
    app.http.then(Upstream::OpenAi, Answer::json(400, r#"{"error":{"message":"nor here","type":"t","code":"c"}}"#));
    let refused = app.get("/?prompt=dog");
    assert_eq!(refused.outcome(), "422 prompt_rejected");
    assert_eq!((app.http.calls(Upstream::Image).len(), app.http.calls(Upstream::OpenAi).len()), (2, 2));
}

#[test]
fn a_prompt_that_one_address_refuses_is_not_asked_there_with_another_key() {
    let app = TestApp::working();
    app.http.next(Upstream::Image, Answer::json(400, REJECTED));
    let refused = app.get("/?prompt=cat");
    assert!(refused.outcome() == "422 prompt_rejected" && refused.text().contains("not such pictures"));
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn an_endpoint_that_does_not_take_the_model_is_not_asked() {
    let app = app(&json!([{ "url": OPENAI_URL, "key": "gateway-key-0123456789", "models": ["Kwai-Kolors/Kolors"] }]));
    for n in 0..3 {
        assert_eq!(app.get(&format!("/?prompt={n}")).status, 302);
    }
    assert_eq!((app.http.calls(Upstream::Image).len(), app.http.calls(Upstream::OpenAi).len()), (3, 0));
    for n in 0..4 {
        let made = app.get(&format!("/?prompt={n}&model=Kwai-Kolors/Kolors"));
        assert_eq!(made.header("X-Model"), Some("Kwai-Kolors/Kolors"));
    }
    assert_eq!(app.http.calls(Upstream::OpenAi).len(), 2);
}

#[test]
fn a_model_that_is_gone_at_one_address_is_asked_for_at_another() {
    let app = app(&json!([all()[0]]));
    let gone = r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#;
    app.http.by(Upstream::Image, move |call| {
        if call.body["model"] == "Kwai-Kolors/Kolors" { Answer::Good } else { Answer::json(400, gone) }
    });
    let models: Vec<_> =
        (0..4).map(|n| app.get(&format!("/?prompt={n}")).header("X-Model").unwrap_or_default().to_owned()).collect();
    let first = app.image_calls().iter().filter(|call| call.body["model"] != "Kwai-Kolors/Kolors").count();
    assert_eq!(first, 1, "it is not asked for again");
    assert!(models.iter().any(|model| model == "black-forest-labs/FLUX.1-schnell"), "{models:?}");
    app.advance(3_600_000);
    (4..8).for_each(|n| assert_eq!(app.get(&format!("/?prompt={n}")).status, 302));
    let first = app.image_calls().iter().filter(|call| call.body["model"] != "Kwai-Kolors/Kolors").count();
    assert_eq!(first, 2, "after an hour it is");
}

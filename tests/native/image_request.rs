//! A prompt in a URL becomes an image: the upstream calls, the response, the stored record.

use serde_json::json;

use crate::support::{Answer, CHAT_KEY, TestApp, TestRequest, Upstream, png};

/// `一位女孩`, percent-encoded.
const GIRL: &str = "%E4%B8%80%E4%BD%8D%E5%A5%B3%E5%AD%A9";

#[test]
fn a_chinese_prompt_is_optimized_drawn_once_stored_and_served_again() {
    let app = TestApp::with_chat();
    app.http.next(Upstream::Chat, Answer::Says("photo, portrait, a girl, smiling, beach, waves"));
    let url = format!("/?prompt={GIRL}&size=512x512&optimization=1");

    let made = app.get(&url);
    assert_eq!(made.target(), format!("{url}&id={}", made.id()));
    assert_eq!(made.header("Cache-Control"), Some("no-store"));
    assert_eq!(made.header("X-Cache"), Some("MISS"));
    assert_eq!(made.header("X-Prompt-Status"), Some("optimized"));
    let steps = made.header("Server-Timing").unwrap_or_default();
    assert!(["rewrite", "generate", "download"].iter().all(|step| steps.contains(step)), "{steps}");

    let chat = &app.chat_calls()[0];
    assert_eq!((chat.key.as_str(), &chat.body["model"]), (CHAT_KEY, &json!("glm-4-flash")));
    assert!(chat.body["messages"][1]["content"].as_str().is_some_and(|text| text.contains("一位女孩")));
    let image = &app.image_calls()[0];
    let body = json!({
        "model": "black-forest-labs/FLUX.1-schnell", "image_size": "512x512",
        "prompt": "photo, portrait, a girl, smiling, beach, waves",
    });
    assert_eq!((image.key.as_str(), &image.body), ("sk-images-key-number-one", &body));

    let shown = app.get(&made.target());
    assert_eq!((shown.status, shown.bytes()), (200, &*png(512, 512, 2)));
    let again = app.get(&url);
    assert_eq!((again.status, again.bytes()), (200, &*png(512, 512, 2)));
    assert_eq!(app.http.count(), 3, "one chat call, one image call, one download");
}

#[test]
fn an_image_has_the_headers_of_the_contract() {
    let app = TestApp::working();
    let made = app.get("/?prompt=a+cat,+%22100%25%22&size=768x512&seed=7");
    app.settle();
    let (id, target) = (made.id(), made.target());
    let expected = [
        ("Content-Type", "image/png"),
        ("Content-Length", "77"),
        ("X-Image-Size", "768x512"),
        ("X-Image-Id", &id),
        ("X-Model", "black-forest-labs/FLUX.1-schnell"),
        ("X-Seed", "7"),
        ("X-Prompt", "a%20cat%2C%20%22100%25%22"),
        ("X-Prompt-Status", "original"),
        ("X-Cache", "HIT"),
        ("ETag", &format!("W/\"{id}\"")),
        ("Content-Location", &format!("/i/{id}.png")),
        ("Access-Control-Allow-Origin", "*"),
        ("X-Content-Type-Options", "nosniff"),
    ];
    let (forever, day) = ("public, max-age=31536000, immutable", "public, max-age=86400");
    for (path, cache) in [
        (target.as_str(), forever),
        (&format!("/?id={id}"), forever),
        (&format!("/i/{id}"), forever),
        (&format!("/i/{id}.png"), forever),
        ("/?prompt=a+cat,+%22100%25%22&size=768x512&seed=7", day),
    ] {
        for place in ["here", "elsewhere"] {
            let reply = app.send(TestRequest::get(path).from(place));
            assert_eq!((reply.status, reply.bytes()), (200, &*png(768, 512, 1)), "{path} {place}");
            assert_eq!(reply.header("Cache-Control"), Some(cache), "{path} {place}");
            for (name, value) in expected {
                assert_eq!(reply.header(name), Some(value), "{name} of {path} {place}");
            }
        }
    }
    let exposed = made.header("Access-Control-Expose-Headers").unwrap_or_default();
    let named: Vec<_> = exposed.split(',').map(str::trim).collect();
    for (name, _) in expected.iter().filter(|(name, _)| name.starts_with("X-") && *name != "X-Content-Type-Options") {
        assert!(named.contains(name), "{name} is not exposed");
    }
    for name in ["X-Error-Code", "Retry-After", "Content-Location", "ETag", "Server-Timing"] {
        assert!(named.contains(&name), "{name} is not exposed");
    }
}

#[test]
fn a_stored_image_has_a_record_and_expires() {
    let app = TestApp::working();
    let id = app.get("/?prompt=a+cat&seed=7").id();
    app.settle();
    let record = app.store().metadata(&id).expect("an image");
    let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    for (name, value) in [
        ("type", json!("image/png")),
        ("model", json!("black-forest-labs/FLUX.1-schnell")),
        ("seed", json!(7)),
        ("prompt", json!("a cat")),
        ("status", json!("original")),
        ("url", json!("https://images.siliconflow.test/1/512x512.png?sig=s")),
    ] {
        assert_eq!(record[name], value, "{name}");
    }
    let lasts_ms = app.store().expires_ms(&id).map(|at_ms| at_ms.saturating_sub(app.now_ms()));
    assert!(lasts_ms.is_some_and(|ms| (2_591_000_000..=2_592_000_000).contains(&ms)), "{lasts_ms:?}");
}

#[test]
fn every_parameter_reaches_the_images_api_and_the_rest_is_not_sent() {
    let app = TestApp::working();
    app.get(
        "/?prompt=cat&size=1024x576&seed=9999999999&model=Kwai-Kolors/Kolors&negative_prompt=dog&steps=20&guidance=7.5",
    );
    let all = json!({
        "model": "Kwai-Kolors/Kolors", "prompt": "cat", "image_size": "1024x576", "seed": 9_999_999_999_u64,
        "negative_prompt": "dog", "num_inference_steps": 20, "guidance_scale": 7.5,
    });
    assert_eq!(app.image_calls()[0].body, all);
    app.get("/prompt/a/b%20c+d?width=64&height=2048&nologo=true&model=flux");
    let some = json!({ "model": "black-forest-labs/FLUX.1-schnell", "prompt": "a/b c+d", "image_size": "64x2048" });
    assert_eq!(app.image_calls()[1].body, some);
}

#[test]
fn a_wrong_parameter_is_named_and_no_upstream_is_called() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    let long = format!("prompt={}", "x".repeat(2_001));
    for (query, outcome, param) in [
        ("prompt=", "400 missing_prompt", "prompt"),
        ("prompt=+%20&id=x", "400 missing_prompt", "prompt"),
        (&long, "400 invalid_parameter", "prompt"),
        ("prompt=%ff", "400 invalid_parameter", "prompt"),
        ("prompt=100%", "400 invalid_parameter", "prompt"),
        ("prompt=cat&size=63x64", "400 invalid_parameter", "size"),
        ("prompt=cat&size=big", "400 invalid_parameter", "size"),
        ("prompt=cat&size=64x64&width=64", "400 invalid_parameter", "width"),
        ("prompt=cat&width=64", "400 invalid_parameter", "height"),
        ("prompt=cat&width=64&height=x", "400 invalid_parameter", "height"),
        ("prompt=cat&seed=10000000000", "400 invalid_parameter", "seed"),
        ("prompt=cat&steps=0", "400 invalid_parameter", "steps"),
        ("prompt=cat&guidance=20.5", "400 invalid_parameter", "guidance"),
        ("prompt=cat&optimization=maybe", "400 invalid_parameter", "optimization"),
        ("prompt=cat&enhance=2", "400 invalid_parameter", "enhance"),
        ("prompt=cat&model=dall-e-9", "404 model_not_found", "model"),
        ("prompt=cat&refresh=perhaps", "400 invalid_parameter", "refresh"),
    ] {
        let reply = app.get(&format!("/?{query}"));
        assert_eq!(reply.outcome(), outcome, "{query}");
        assert_eq!(reply.json()["error"]["param"], param, "{query}");
        assert_eq!(reply.header("Cache-Control"), Some("no-store"), "{query}");
    }
    assert_eq!((app.store().operations(), app.makers.calls()), ((0, 0), 0));
}

#[test]
fn an_ascii_prompt_without_optimization_needs_no_chat_call() {
    let app = TestApp::with_chat();
    assert_eq!(app.get("/?prompt=cat").header("X-Prompt-Status"), Some("original"));
    app.http.next(Upstream::Chat, Answer::Says("a cat"));
    assert_eq!(app.get("/?prompt=%E7%8C%AB").header("X-Prompt-Status"), Some("translated"));
    assert_eq!(app.image_calls()[1].body["prompt"], "a cat");
}

#[test]
fn each_of_four_keys_is_used_twice_for_eight_images() {
    let keys = ["key-number-1", "key-number-2", "key-number-3", "key-number-4"];
    let app = TestApp::setup().set("IMAGE_API_KEYS", &keys.join(",")).build();
    app.gives_images();
    for number in 0..8 {
        assert_eq!(app.get(&format!("/?prompt=cat+{number}")).status, 302);
    }
    let used: Vec<_> = app.image_calls().into_iter().map(|call| call.key).collect();
    assert_eq!(used, [keys, keys].concat());
}

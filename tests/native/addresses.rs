//! Addresses as people type them, and links as clients follow them.

use free_flux_api::http::Method;
use serde_json::json;

use crate::support::{TestApp, TestRequest};

#[test]
fn a_prompt_in_the_path_has_three_forms_and_answers_with_the_bytes() {
    let app = TestApp::working();
    for (number, path) in ["/prompt/a%20cat", "/image/a%20cat", "/p/a%20cat", "//p/a%20cat"].into_iter().enumerate() {
        let reply = app.get(path);
        assert_eq!(
            (reply.status, reply.header("X-Cache")),
            (200, Some(if number == 0 { "MISS" } else { "HIT" })),
            "{path}"
        );
        assert_eq!(reply.header("Content-Location"), Some(format!("/i/{}.png", reply.id()).as_str()));
        assert!(reply.bytes().starts_with(b"\x89PNG"));
    }
    assert_eq!(app.get("/p//a//b/").header("X-Prompt"), Some("/a//b/"));
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn the_paths_of_the_apis_are_found_however_they_are_typed() {
    let app = TestApp::working();
    for path in ["//v1/models", "/v1/models/", "/v1/v1/models", "/models", "/models/", "/v1//models"] {
        assert_eq!(app.get(path).json()["object"], "list", "{path}");
    }
    let chat = json!({ "messages": [{ "role": "user", "content": "a cat" }], "seed": 1 });
    for path in ["/v1/v1/chat/completions", "/chat/completions", "/v1//chat/completions/"] {
        assert_eq!(app.send(TestRequest::post(path, &chat)).status, 200, "{path}");
    }
    for path in ["/images/generations", "/v1/v1/images/generations", "/v1/image/generations/"] {
        assert_eq!(app.send(TestRequest::post(path, &json!({ "prompt": "a cat", "seed": 1 }))).status, 200, "{path}");
    }
    assert_eq!(app.send(TestRequest::post("/responses", &json!({ "input": "a cat", "seed": 1 }))).status, 200);
    assert_eq!(app.get("/health/").status, 200);
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn an_unknown_path_of_an_api_says_what_the_base_url_is_in_json() {
    let app = TestApp::setup().set("PUBLIC_URL", "https://pictures.example").build();
    for path in ["/v1", "/v1/", "/v1/embeddings", "/v1/v1", "/v1/images/edits", "/images/variations"] {
        let reply = app.send(TestRequest::post(path, &json!({})).with("Accept", "image/png"));
        assert_eq!(reply.outcome(), "404 not_found", "{path}");
        let message = reply.json()["error"]["message"].as_str().expect("a message").to_owned();
        assert!(message.contains("https://pictures.example/v1"), "{message}");
        assert_eq!(
            message.contains("from text alone"),
            path.contains("edits") || path.contains("variations"),
            "{message}"
        );
    }
}

#[test]
fn a_redirect_is_relative_and_absolute_urls_are_at_the_public_one() {
    let app = TestApp::setup().set("PUBLIC_URL", "https://pictures.example/ignored").build();
    app.gives_images();
    let made = app.get("//?prompt=cat&seed=1");
    assert_eq!(made.target(), format!("/?prompt=cat&seed=1&id={}", made.id()));
    let reply = app.send(TestRequest::post("/v1/images/generations", &json!({ "prompt": "cat", "seed": 1 })));
    assert_eq!(reply.json()["data"][0]["url"], format!("https://pictures.example/i/{}.png", made.id()));
}

#[test]
fn names_behind_amp_are_taken_and_the_redirect_has_the_seed_that_was_drawn() {
    let app = TestApp::working();
    let made = app.get("/?prompt=x&amp;size=768x512&amp;seed=7");
    assert_eq!((made.header("X-Image-Size"), made.header("X-Seed")), (Some("768x512"), Some("7")));
    assert_eq!(app.get(&made.target()).status, 200);
    let drawn = app.get("/?prompt=x&amp;seed=random");
    assert_eq!(app.get(&drawn.target()).id(), drawn.id());
    assert_eq!(drawn.target().matches("seed=").count(), 1, "{}", drawn.target());
}

#[test]
fn a_prompt_of_nothing_visible_is_a_missing_one() {
    let app = TestApp::working();
    for prompt in ["%E2%80%8B", "%EF%BB%BF", "%00", "%E2%80%AE%E2%81%A0", "%C2%AD", ""] {
        assert_eq!(app.get(&format!("/?prompt={prompt}")).outcome(), "400 missing_prompt", "{prompt}");
        assert_eq!(app.get(&format!("/p/{prompt}")).outcome(), "400 missing_prompt", "{prompt}");
    }
}

#[test]
fn an_image_has_a_name_and_may_be_embedded_anywhere() {
    let app = TestApp::working();
    for (path, start) in [
        ("/p/a%20red%20fox%2C%20at%20%22dawn%22", "inline; filename=\"a-red-fox-at-dawn-"),
        ("/p/%E7%8C%AB%20cat", "inline; filename=\"image-"),
        ("/p/%2F%2F..%2F%5C", "inline; filename=\""),
    ] {
        for path in [path, &format!("/i/{}", app.get(path).id())] {
            let reply = app.get(path);
            let name = reply.header("Content-Disposition").expect("a name");
            let id = reply.id();
            assert!(name.starts_with(start) && name.contains(&format!("{}.png", &id[..8])), "{name}");
            assert!(!name.contains(['/', '\\']), "{name}");
            assert_eq!(reply.header("Cross-Origin-Resource-Policy"), Some("cross-origin"));
        }
    }
    let name = app.get("/p/%E7%8C%AB%20cat").header("Content-Disposition").expect("a name").to_owned();
    assert!(name.contains("; filename*=UTF-8''%E7%8C%AB-cat-"), "{name}");
    for request in [TestRequest::get("/nowhere"), TestRequest::of(Method::Options, "/v1/models"), TestRequest::get("/")]
    {
        assert_eq!(app.send(request).header("Cross-Origin-Resource-Policy"), Some("cross-origin"));
    }
}

//! Error responses: JSON for a program, a picture for a browser, and no secret in either.

use free_flux_api::http::Method;
use serde_json::json;

use crate::support::{Answer, ERROR_PICTURE_URL, TestApp, TestRequest, Upstream, png};

const BROWSER: &str = "text/html,application/xhtml+xml,image/avif,image/webp,*/*;q=0.8";

fn shown(app: &TestApp, path: &str) -> crate::support::Reply {
    app.send(TestRequest::get(path).with("Accept", BROWSER))
}

#[test]
fn a_program_gets_json_with_all_four_keys() {
    let app = TestApp::working();
    let reply = app.get("/?prompt=cat&size=1x1");
    assert_eq!(reply.header("Content-Type"), Some("application/json; charset=utf-8"));
    let error = &reply.json()["error"];
    assert_eq!(
        (&error["type"], &error["param"], &error["code"]),
        (&json!("invalid_request_error"), &json!("size"), &json!("invalid_parameter"))
    );
    assert!(error["message"].as_str().is_some_and(|message| message.contains("1x1") && message.contains("64")));
    let reply = app.get("/missing_or_unavailable");
    assert_eq!((reply.outcome().as_str(), &reply.json()["error"]["param"]), ("404 not_found", &json!(null)));
}

#[test]
fn a_browser_gets_a_card_at_the_size_that_was_asked_for() {
    let app = TestApp::setup().set("IMAGE_API_KEYS", "").build();
    for (path, outcome, size) in [
        ("/?prompt=cat&size=768x512", "500 misconfigured", (768, 512)),
        ("/?prompt=cat&width=64&height=2048", "500 misconfigured", (64, 2_048)),
        ("/prompt/cat", "500 misconfigured", (512, 512)),
        ("/?prompt=cat&size=%3Cscript%3E", "400 invalid_parameter", (512, 512)),
        ("/?prompt=cat&model=%3Cimg%20src=x%3E&size=100x100", "404 model_not_found", (100, 100)),
        ("/i/x.png", "404 image_not_found", (512, 512)),
    ] {
        let reply = shown(&app, path);
        assert_eq!(reply.outcome(), outcome, "{path}");
        assert_eq!(reply.header("Content-Type"), Some("image/svg+xml"), "{path}");
        assert_eq!(reply.header("Cache-Control"), Some("no-store"));
        let svg = String::from_utf8_lossy(reply.bytes()).into_owned();
        assert!(svg.contains(&format!("width=\"{}\" height=\"{}\"", size.0, size.1)), "{path}: {svg}");
        assert!(!svg.contains("<script") && !svg.contains("<img"), "{path}: {svg}");
    }
}

#[test]
fn the_owners_picture_is_shown_where_it_can_be_had_under_the_errors_own_status() {
    for (answer, content_type) in [
        (Answer::Good, "image/png"),
        (Answer::Mislabelled, "image/png"),
        (Answer::Status(200, "image/svg+xml", b"<svg/>".to_vec()), "image/svg+xml"),
    ] {
        let app = TestApp::setup().set("ERROR_IMAGE_URL", ERROR_PICTURE_URL).build();
        app.http.next(Upstream::ErrorPicture, answer.clone());
        let reply = shown(&app, "/?prompt=&size=64x64");
        assert_eq!(
            (reply.outcome().as_str(), reply.header("Content-Type")),
            ("400 missing_prompt", Some(content_type))
        );
        if content_type == "image/png" {
            assert_eq!(reply.bytes(), png(64, 64, 0));
        }
        // A program has no use for a picture.
        assert_eq!(app.get("/?prompt=").header("Content-Type"), Some("application/json; charset=utf-8"));
    }
}

#[test]
fn whatever_is_wrong_with_the_owners_picture_the_card_is_shown_instead() {
    for answer in [
        Answer::Refused,
        Answer::ResetInBody,
        Answer::Hangs,
        Answer::Trickles,
        Answer::Oversized,
        Answer::Status(404, "image/png", png(64, 64, 1)),
        Answer::Status(302, "image/png", Vec::new()),
        Answer::Status(200, "text/html", b"<h1>no</h1>".to_vec()),
        Answer::Status(200, "image/png", Vec::new()),
    ] {
        let app = TestApp::setup().set("ERROR_IMAGE_URL", ERROR_PICTURE_URL).build();
        app.http.then(Upstream::ErrorPicture, answer.clone());
        let reply = shown(&app, "/?prompt=");
        assert_eq!((reply.status, reply.header("Content-Type")), (400, Some("image/svg+xml")), "{answer:?}");
        assert!(reply.took_ms <= 3_000, "{answer:?}: {} ms", reply.took_ms);
    }
}

#[test]
fn the_owners_picture_is_fetched_once_a_minute_and_never_for_itself_or_for_a_head() {
    let app = TestApp::setup().set("ERROR_IMAGE_URL", ERROR_PICTURE_URL).build();
    for answer in [Answer::Good, Answer::Status(404, "text/html", b"gone".to_vec())] {
        app.advance(60_000);
        let before = app.http.count();
        app.http.then(Upstream::ErrorPicture, answer);
        let tasks: Vec<_> = (0..50)
            .map(|n| app.start(TestRequest::get(&format!("/?prompt=&n={n}")).with("Accept", "image/*")))
            .collect();
        for task in &tasks {
            assert_eq!(app.finish(task).status, 400);
        }
        for _ in 0..50 {
            assert_eq!(shown(&app, "/?prompt=").status, 400);
        }
        assert_eq!(app.http.count() - before, 1);
    }
    app.advance(60_000);
    let before = app.http.count();
    app.send(TestRequest::head("/?prompt=").with("Accept", "image/*"));
    let own = ERROR_PICTURE_URL.trim_start_matches("https://owner.test");
    assert_eq!(shown(&app, own).outcome(), "404 not_found");
    assert_eq!(app.http.count(), before);
}

#[test]
fn a_key_that_an_upstream_quotes_is_struck_out() {
    for (status, outcome) in [(400, "422 prompt_rejected"), (500, "502 upstream_error")] {
        let app = TestApp::working();
        app.http.by(Upstream::Image, move |call| {
            let message = format!("Bearer {} may not draw that", call.key);
            Answer::json(status, &json!({ "code": 1, "message": message }).to_string())
        });
        let reply = app.get("/?prompt=cat");
        assert_eq!(reply.outcome(), outcome);
        assert!(reply.text().contains("Bearer *** may not draw that"), "{}", reply.text());
        assert!(!app.log.lines().is_empty());
    }
}

#[test]
fn all_wrong_settings_are_named_at_once_and_stored_images_go_on() {
    let app = TestApp::setup()
        .set("IMAGE_MODELS", " ")
        .set("CACHE_TTL", "a month of-canary")
        .set("GENERATION_TIMEOUT", "soon-canary")
        .set("IMAGE_ENDPOINTS", "[canary")
        .build();
    let reply = app.get("/?prompt=cat");
    assert_eq!(reply.outcome(), "500 misconfigured");
    for name in ["CACHE_TTL", "GENERATION_TIMEOUT", "IMAGE_ENDPOINTS"] {
        assert!(reply.text().contains(name), "{name}: {}", reply.text());
    }
    assert!(!reply.text().contains("canary"), "{}", reply.text());
    assert_eq!(app.get("/").status, 200);
    assert_eq!(app.get("/health").json()["status"], "ok");
    assert_eq!(app.get(&format!("/i/{}", "A".repeat(43))).outcome(), "404 image_not_found");
    assert_eq!(app.http.count(), 0);
}

#[test]
fn a_known_path_with_another_method_says_which_it_answers() {
    let app = TestApp::working();
    for path in ["/", "/?prompt=cat", "/prompt/cat", "/health"] {
        let reply = app.send(TestRequest::of(Method::Delete, path));
        assert_eq!(
            (reply.outcome().as_str(), reply.header("Allow")),
            ("405 method_not_allowed", Some("GET, HEAD, OPTIONS"))
        );
        let preflight = app.send(TestRequest::of(Method::Options, path));
        assert_eq!((preflight.status, preflight.header("Access-Control-Allow-Origin")), (204, Some("*")), "{path}");
    }
}

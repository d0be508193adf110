//! Data that version 0.1 stored, read by this version.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::{CHAT_KEY, TestApp};

const MINUTE: u64 = 60_000;

fn stored() -> Value {
    serde_json::from_str(include_str!("stored_by_0_1.json")).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(text(value)).expect("base64")
}

/// Asserts that `path` is answered with the image `id`, and that it is called so.
fn assert_served(app: &TestApp, path: &str, id: &str, status: &str) {
    let reply = app.get(path);
    assert_eq!((reply.status, reply.header("X-Image-Id")), (200, Some(id)), "{path}: {}", reply.text());
    assert_eq!(reply.header("X-Prompt-Status"), Some(status), "{path}");
    assert_eq!(reply.header("Content-Location"), Some(&*format!("/i/{id}.png")), "{path}");
}

#[test]
fn images_in_kv_are_found_by_what_was_asked_and_by_all_of_their_links() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    for image in stored()["images"].as_array().expect("images") {
        let (id, path, metadata) = (text(&image["id"]), text(&image["path"]), &image["metadata"]);
        app.store().restore(id, metadata.to_string(), &bytes(&image["bytes"]));
        for link in [path, &format!("{path}&id={id}"), &format!("/?id={id}"), &format!("/i/{id}.png")] {
            assert_served(&app, link, id, text(&metadata["status"]));
        }
        let reply = app.get(path);
        assert_eq!(reply.header("X-Seed"), Some(&*metadata["seed"].to_string()));
        assert_eq!(reply.header("X-Model"), Some(text(&metadata["model"])));
        assert_eq!(reply.body.as_deref(), Some(&*bytes(&image["bytes"])));
    }
    assert_eq!(app.makers.calls(), 0, "no maker is asked");
}

#[test]
fn an_image_that_kv_did_not_take_is_served_by_its_maker_and_stored_at_last() {
    let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    let stored = &stored()["fell_back"];
    let (path, asked, made) = (text(&stored["path"]), text(&stored["asked"]), text(&stored["made"]));
    let makers = stored["makers"].as_object().expect("makers");
    for (id, values) in makers {
        let state: Value = serde_json::from_str(text(&values["state:v1"])).expect("JSON");
        let until_ms = &state.as_object().and_then(|state| state.values().next()).expect("a state")["until_ms"];
        let mut storage = BTreeMap::from([("state:v1".to_owned(), text(&values["state:v1"]).into())]);
        storage.extend(values.get("bytes:000").map(|chunk| ("bytes:000".to_owned(), bytes(chunk))));
        app.makers.restore(id, storage, until_ms.as_u64().expect("a time"));
    }
    for link in [path, &format!("/i/{asked}.png"), &format!("{path}&id={made}"), &format!("/i/{made}.png")] {
        assert_served(&app, link, made, "fallback");
    }
    assert!(!app.store().has(made));

    app.advance(15 * MINUTE);
    assert!(app.store().has(made), "the alarm of 0.1 stored it");
    app.advance(15 * MINUTE);
    assert!([asked, made].iter().all(|id| !app.makers.keeps(id)), "and then nothing is kept");
    assert_served(&app, &format!("/i/{made}.png"), made, "fallback");
}

// On Cloudflare 0.1 kept the ring's state as a string, which is not even read; here are its bytes.
#[test]
fn the_key_ring_of_0_1_is_learned_anew_and_holds_nobody_up() {
    let app = TestApp::working();
    app.ring.restore(text(&stored()["ring"]));
    let keys = app.keys();
    assert_eq!((keys.ready, keys.cooling, keys.disabled), (2, 0, 0));
    let reply = app.get("/?prompt=a+bird");
    assert_eq!(reply.status, 302, "{}", reply.text());
    assert!(reply.took_ms < 5_000, "{} ms", reply.took_ms);
}

//! The same request always has the same id; different requests have different ids.

use std::collections::BTreeMap;

use crate::support::{Answer, CHAT_KEY, TestApp, Upstream};

/// Requests and their ids. A change of an id means that all stored images are made again.
const GOLDEN: &[(&str, &str)] = &[
    ("/?prompt=cat", "N8nf59TB3i_Fhmwt3yEi7txw-gzGCzonWPD0qL891fU"),
    (
        "/?prompt=%E4%B8%80%E4%BD%8D%E5%A5%B3%E5%AD%A9&size=512x512&optimization=1",
        "a-g107PTHhSc1V35TwMPCJHWRczJ6L0cVNXyhU6UMME",
    ),
    ("/?prompt=%E4%B8%80%E4%BD%8D%E5%A5%B3%E5%AD%A9", "qcto9C9GLxQ7Oue70rYD6xbZ9lxPoHq8MSnz-z0su5Y"),
    (
        "/?prompt=cat&size=1024x576&model=Kwai-Kolors/Kolors&seed=9999999999",
        "AQJvwW7Tmc0xHem7bb5rIcwwYP54WPKGTC9oi1QUntg",
    ),
    ("/?prompt=cat&negative_prompt=dog&steps=20&guidance=7.5", "W1WUMBYblovmllhPirBsYWWCBOUYAPdRSg7jJiuHWbY"),
];

/// The id of a request to an app with a working chat API.
fn id(app: &TestApp, path: &str) -> String {
    let reply = app.get(path);
    assert!(matches!(reply.status, 200 | 302), "{path}: {}", reply.text());
    reply.id()
}

fn chatty() -> TestApp {
    let app = TestApp::with_chat();
    app.http.then(Upstream::Chat, Answer::Says("a cat"));
    app
}

#[test]
fn the_ids_that_were_given_out_never_change() {
    let app = chatty();
    let ids: Vec<_> = GOLDEN.iter().map(|(path, _)| (*path, id(&app, path))).collect();
    let golden: Vec<_> = GOLDEN.iter().map(|(path, id)| (*path, (*id).to_owned())).collect();
    assert_eq!(ids, golden);
}

#[test]
fn whatever_says_the_same_has_the_same_id() {
    let app = chatty();
    for same in [
        &[
            "/?prompt=a+cat",
            "/?prompt=a%20cat",
            "/?prompt=++a+cat%0A",
            "/prompt/a%20cat",
            "/?size=512x512&prompt=a+cat",
        ][..],
        &["/?prompt=cat&unknown=1", "/?prompt=cat&prompt=dog", "/?prompt=cat&optimization=0", "/?prompt=cat&size="],
        &["/?prompt=cat&model=black-forest-labs/FLUX.1-schnell", "/?prompt=cat", "/prompt/cat?model=sdxl&private=1"],
        &["/?prompt=cat&size=768x512", "/?prompt=cat&size=768%C3%97512", "/?prompt=cat&width=768&height=512"],
        &["/?prompt=cat&seed=7", "/?prompt=cat&seed=007"],
        &["/?prompt=cat&guidance=7.5", "/?prompt=cat&guidance=7.50", "/?prompt=cat&guidance=07.5"],
        &["/?prompt=cat&enhance=1", "/?prompt=cat&optimization=true", "/?prompt=cat&optimization=ON"],
        // é as one character and as two; a ligature is a different text.
        &["/?prompt=caf%C3%A9", "/?prompt=cafe%CC%81", "/?prompt=%E2%80%83cafe%CC%81%E3%80%80"],
        &["/?prompt=%E7%8C%AB", "/?prompt=%E7%8C%AB&optimization=no"],
        &["/?prompt=cat&negative_prompt=caf%C3%A9", "/?prompt=cat&negative_prompt=+cafe%CC%81+"],
    ] {
        let ids: Vec<_> = same.iter().map(|path| id(&app, path)).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{same:?}: {ids:?}");
    }
}

#[test]
fn every_parameter_that_changes_the_image_changes_the_id() {
    let app = chatty();
    let mut ids = BTreeMap::new();
    for path in [
        "/?prompt=cat",
        "/?prompt=Cat",
        "/?prompt=cat&optimization=1",
        "/?prompt=cat&size=512x513",
        "/?prompt=cat&size=513x512",
        "/?prompt=cat&seed=0",
        "/?prompt=cat&seed=1",
        "/?prompt=cat&model=Kwai-Kolors/Kolors",
        "/?prompt=cat&negative_prompt=dog",
        "/?prompt=cat&steps=4",
        "/?prompt=cat&steps=5",
        "/?prompt=cat&guidance=4",
        "/?prompt=cat&guidance=4.001",
        "/?prompt=cat&steps=4&guidance=4",
        "/?prompt=%E7%8C%AB",
        "/?prompt=%E7%8C%AB&optimization=1",
        "/?prompt=%EF%AC%81sh",
        "/?prompt=fish",
    ] {
        let id = id(&app, path);
        assert!(id.len() == 43 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{id}");
        if let Some(other) = ids.insert(id, path) {
            panic!("{path} and {other} have one id");
        }
    }
}

#[test]
fn without_a_chat_key_optimization_asks_for_an_ordinary_image() {
    let app = TestApp::working();
    for (path, ordinary) in
        [("/?prompt=cat&optimization=1", "/?prompt=cat"), ("/?prompt=%E7%8C%AB&enhance=yes", "/?prompt=%E7%8C%AB")]
    {
        let made = app.get(path);
        assert_eq!((made.status, made.header("X-Prompt-Status")), (302, Some("original")));
        assert_eq!(app.get(ordinary).id(), made.id(), "{path}");
        // The other parameters differ from the image's, or are the same: neither may loop.
        let journey = app.follow(path);
        assert_eq!((journey.last.status, journey.last.id()), (200, made.id()));
        assert_eq!(app.get(&made.target()).status, 200);
    }
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn a_demo_picture_is_another_image_than_a_real_one() {
    let demo = TestApp::setup().set("IMAGE_API_KEYS", "").set("DEMO_IMAGES", "1").build();
    let journey = demo.follow("/?prompt=cat&seed=3");
    assert_eq!((journey.last.status, journey.last.header("Content-Type")), (200, Some("image/svg+xml")));
    assert_ne!(journey.last.id(), TestApp::working().get("/?prompt=cat&seed=3").id());
}

#[test]
fn the_id_does_not_depend_on_whether_the_chat_api_answers() {
    let fallen = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).build();
    fallen.gives_images();
    fallen.http.then(Upstream::Chat, Answer::Refused);
    let fallback = fallen.get("/?prompt=%E7%8C%AB").id();
    let good = chatty().get("/?prompt=%E7%8C%AB").id();
    assert_ne!(fallback, good, "a fallback has an id of its own");
    fallen.http.then(Upstream::Chat, Answer::Says("a cat"));
    fallen.advance(600_000);
    assert_eq!(fallen.get("/?prompt=%E7%8C%AB").id(), good);
}

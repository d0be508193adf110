//! An id beside other parameters in a URL: it counts as long as they equal the image's own.

use crate::support::{TestApp, TestRequest};

/// The parameters of one image.
const ASKED: &str = "prompt=cat&size=768x512&seed=7&negative_prompt=dog&steps=4&guidance=3.5";

#[test]
fn the_prompt_edited_in_the_address_bar_brings_the_new_picture() {
    let app = TestApp::working();
    let target = app.get("/?prompt=cat").target();
    let edited = app.follow(&target.replace("prompt=cat", "prompt=dog"));
    assert_eq!((edited.last.status, edited.last.header("X-Prompt")), (200, Some("dog")));
    assert_eq!(edited.hops.len(), 1);
    assert_eq!(edited.hops[0], format!("/?prompt=dog&id={}", edited.last.id()));
    // And back again, without a call.
    assert_eq!(app.get(&edited.hops[0].replace("prompt=dog", "prompt=cat")).header("X-Prompt"), Some("cat"));
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn every_parameter_that_differs_makes_it_a_request_of_its_own() {
    let app = TestApp::working();
    let id = app.get(&format!("/?{ASKED}")).id();
    app.advance(700_000);
    for (from, to) in [
        ("prompt=cat", "prompt=Cat"),
        ("size=768x512", "size=512x768"),
        ("seed=7", "seed=8"),
        ("seed=7", "seed=random"),
        ("negative_prompt=dog", "negative_prompt=dogs"),
        ("steps=4", "steps=5"),
        ("guidance=3.5", "guidance=3.6"),
        ("prompt=cat", "prompt=cat&optimization=1"),
        ("prompt=cat", "prompt=cat&model=Kwai-Kolors/Kolors"),
    ] {
        let path = format!("/?{}&id={id}", ASKED.replacen(from, to, 1));
        let reply = app.get(&path);
        // Without a chat API, `optimization` requests the same image: then its own id is found.
        let same = reply.status == 200 && to.contains("optimization");
        assert!(same || (reply.status == 302 && reply.id() != id), "{to}: {}", reply.text());
    }
}

#[test]
fn absent_or_equal_parameters_leave_the_id_valid() {
    let app = TestApp::working();
    let id = app.get(&format!("/?{ASKED}")).id();
    for settled in [false, true] {
        for beside in [
            "",
            ASKED,
            "prompt=cat",
            "prompt=+cat+",
            "size=768x512",
            "width=768&height=512",
            "seed=7&steps=4",
            "optimization=0",
            "guidance=3.50",
            "model=black-forest-labs/FLUX.1-schnell",
            "unknown=1",
        ] {
            let reply = app.get(&format!("/?{beside}&id={id}"));
            assert_eq!((reply.status, reply.id()), (200, id.clone()), "{beside}");
        }
        app.advance(if settled { 0 } else { 700_000 });
    }
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn with_no_prompt_beside_it_an_image_that_does_not_fit_or_is_gone_is_not_found() {
    let app = TestApp::working();
    let id = app.get("/?prompt=cat").id();
    app.advance(700_000);
    let gone = "A".repeat(43);
    for path in [
        format!("/?id={id}&size=64x64"),
        format!("/?id={id}&seed=1"),
        format!("/?id={gone}"),
        "/?id=1724918400000".to_owned(),
        "/?id=".to_owned(),
        "/?id=%ff".to_owned(),
        "/i/1724918400000.png".to_owned(),
        format!("/i/{gone}"),
    ] {
        for request in [TestRequest::get(&path), TestRequest::head(&path)] {
            assert_eq!(app.send(request).outcome(), "404 image_not_found", "{path}");
        }
    }
    assert_eq!(app.image_calls().len(), 1);
}

#[test]
fn an_id_of_another_form_or_of_an_image_that_is_gone_leaves_the_prompt_to_count() {
    let app = TestApp::working();
    let gone = "A".repeat(43);
    for old in ["1724918400000", "x", "%ff", "", &gone] {
        let made = app.get(&format!("/?prompt=cat+{old}&id={old}"));
        if old == "%ff" {
            assert_eq!(made.outcome(), "400 invalid_parameter");
            continue;
        }
        let target = made.target();
        assert_eq!(target.matches("id=").count(), 1, "{target}");
        assert!(target.ends_with(&format!("&id={}", made.id())), "{target}");
        assert_eq!(app.get(&target).status, 200, "{old}");
    }
}

#[test]
fn a_name_that_is_escaped_is_the_same_name() {
    let app = TestApp::working();
    for path in ["/?prompt=cat&s%65ed=random", "/?prompt=cat&seed=7&i%64=1724918400000", "/?prompt=cat&%69d=x&id=y"] {
        let journey = app.follow(path);
        assert_eq!((journey.last.status, journey.hops.len()), (200, 1), "{path}: {:?}", journey.hops);
    }
}

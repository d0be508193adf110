//! A scene for each call in which it is made, and the checks afterwards.

use super::faults::{Fault, Injection, http, kv_read, kv_write, object};
use crate::support::{Answer, Reply, TestApp, Upstream};

const CAT: &str = "/?prompt=cat";
/// A Chinese prompt: it needs a translation.
const CHINESE_CAT: &str = "/?prompt=%E7%8C%AB";
/// The longest wait of a caller, in milliseconds: `GENERATION_TIMEOUT`, plus the margin for an object that does not
/// respond.
const LONGEST_MS: u64 = 60_000 + 15_000 + 1_000;

/// The number of times that the fault happens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    Always,
}

/// A call that can fail.
pub(super) struct Call {
    /// Its heading in the table.
    pub(super) name: &'static str,
    /// The fault at this call; `None` if it is impossible.
    pub(super) injection: fn(Fault) -> Option<Injection>,
    /// Prepares the app, and returns the path to request.
    prepare: fn() -> (TestApp, String),
    /// Injects the fault.
    inject: fn(&TestApp, &Injection, Times),
    /// The number of times that the call was made.
    count: fn(&TestApp) -> usize,
}

/// The rows of the matrix.
pub(super) const CALLS: &[Call] = &[
    Call {
        name: "chat",
        injection: |fault| Some(Injection::Http(http(Upstream::Chat, fault))),
        prepare: || (TestApp::with_chat(), CHINESE_CAT.to_owned()),
        inject: |app, injection, times| upstream(app, Upstream::Chat, injection, times),
        count: |app| app.http.calls(Upstream::Chat).len(),
    },
    Call {
        name: "image",
        injection: |fault| Some(Injection::Http(http(Upstream::Image, fault))),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |app, injection, times| upstream(app, Upstream::Image, injection, times),
        count: |app| app.http.calls(Upstream::Image).len(),
    },
    Call {
        name: "download",
        injection: |fault| Some(Injection::Http(http(Upstream::Host, fault))),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |app, injection, times| upstream(app, Upstream::Host, injection, times),
        count: |app| app.http.calls(Upstream::Host).len(),
    },
    Call {
        name: "KV read, at a prompt's URL",
        injection: |fault| kv_read(fault).map(Injection::Store),
        prepare: || (only_in_kv().0, CAT.to_owned()),
        inject: |app, injection, times| kv(app, injection, times),
        count: |app| app.store().operations().0,
    },
    Call {
        name: "KV read, at a permalink",
        injection: |fault| kv_read(fault).map(Injection::Store),
        prepare: only_in_kv,
        inject: |app, injection, times| kv(app, injection, times),
        count: |app| app.store().operations().0,
    },
    Call {
        name: "KV write",
        injection: |fault| kv_write(fault).map(Injection::Store),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |app, injection, times| {
            let Injection::Store(fault) = injection else { return };
            let faults = app.store().write_faults();
            if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
        },
        count: |app| app.store().operations().1,
    },
    Call {
        name: "ImageMaker, for a new image",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |app, injection, times| makers(app, injection, times),
        count: |app| app.makers.calls(),
    },
    Call {
        name: "ImageMaker, for an image that it keeps",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || {
            let app = TestApp::working();
            let made = app.get(CAT);
            (app, format!("/i/{}.png", made.id()))
        },
        inject: |app, injection, times| makers(app, injection, times),
        count: |app| app.makers.calls() - 1,
    },
    Call {
        name: "KeyRing, for a key",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |app, injection, times| {
            let Injection::Object(fault) = injection else { return };
            let faults = &app.ring.lease_faults;
            if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
        },
        count: |app| app.ring.calls(),
    },
    Call {
        name: "KeyRing, giving a key back",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |app, injection, times| {
            let Injection::Object(fault) = injection else { return };
            let faults = &app.ring.report_faults;
            if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
        },
        count: |app| app.ring.calls(),
    },
];

/// An app with an image in KV, but no longer at its maker; the path is its permalink.
fn only_in_kv() -> (TestApp, String) {
    let app = TestApp::working();
    let id = app.get(CAT).id();
    app.advance(20 * 60_000);
    assert!(app.store().has(&id) && !app.makers.keeps(&id));
    (app, format!("/i/{id}.png"))
}

fn upstream(app: &TestApp, upstream: Upstream, injection: &Injection, times: Times) {
    let Injection::Http(answer) = injection else { return };
    if times == Times::Once {
        app.http.next(upstream, answer.clone());
        app.http.then(upstream, if upstream == Upstream::Chat { Answer::Says("a cat") } else { Answer::Good });
    } else {
        app.http.then(upstream, answer.clone());
    }
}

fn kv(app: &TestApp, injection: &Injection, times: Times) {
    let Injection::Store(fault) = injection else { return };
    let faults = app.store().read_faults();
    if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
}

fn makers(app: &TestApp, injection: &Injection, times: Times) {
    let Injection::Object(fault) = injection else { return };
    if times == Times::Once { app.makers.faults.once(*fault) } else { app.makers.faults.always(*fault) }
}

/// Plays a scene, and returns the result in the form of the table.
pub(super) fn play(call: &Call, injection: &Injection, times: Times) -> String {
    let (app, path) = (call.prepare)();
    let before = (call.count)(&app);
    (call.inject)(&app, injection, times);
    let reply = app.get(&path);
    assert!(reply.took_ms <= LONGEST_MS, "{}: {injection:?} took {} ms", call.name, reply.took_ms);
    app.settle();
    let calls = (call.count)(&app) - before;
    let outcome = outcome(&reply);
    let image = remembered_image(&app, &reply);
    let keys = app.keys();
    let mut keys = format!("keys {} {} {}", keys.ready, keys.cooling, keys.disabled);
    if app.image_calls().is_empty() {
        "keys unused".clone_into(&mut keys);
    } else if forgot_the_model(&app, call) {
        keys.push_str(", model gone");
    }
    format!("{outcome}; calls {calls}; {keys}; {image}")
}

/// The caller's response in brief. A redirect must lead to the image, unless the fault is on the way to it.
fn outcome(reply: &Reply) -> String {
    let mut outcome = reply.outcome();
    if let Some(status) = reply.header("X-Prompt-Status") {
        outcome = format!("{outcome} {status}");
    }
    if reply.header("X-Model").is_some_and(|model| model.contains("Kolors")) {
        outcome.push_str(" by the next model");
    }
    if reply.body.is_none() && reply.status == 200 {
        outcome.push_str(", broken off");
    }
    if let Some(seconds) = reply.header("Retry-After") {
        outcome = format!("{outcome} in {seconds} s");
    }
    outcome
}

/// The place of the image after the scene. Without the fault, all its URLs must lead to it.
fn remembered_image(app: &TestApp, reply: &Reply) -> String {
    app.store().read_faults().never();
    app.makers.faults.never();
    let Some(id) = reply.header("X-Image-Id").map(str::to_owned) else { return "no image".to_owned() };
    let (stored, kept) = (app.store().has(&id), app.makers.keeps(&id));
    if reply.status == 302 {
        assert_eq!(app.get(&reply.target()).status, 200);
    }
    assert_eq!(app.get(&format!("/i/{id}.png")).status, 200);
    match (stored, kept) {
        (true, true) => "in KV, kept",
        (true, false) => "in KV",
        (false, true) => "kept",
        (false, false) => "lost",
    }
    .to_owned()
}

/// True if the ring knows that an endpoint no longer has the first model: the next image's first call then requests
/// another one, or there is none.
fn forgot_the_model(app: &TestApp, call: &Call) -> bool {
    if call.name != "image" || app.keys().ready == 0 {
        return false;
    }
    app.gives_images();
    let before = app.image_calls().len();
    app.get("/?prompt=dog");
    app.image_calls().get(before).is_none_or(|call| call.body["model"] != "black-forest-labs/FLUX.1-schnell")
}

//! For each call a scene in which it is made, and what is looked at afterwards.

use super::faults::{Fault, Injection, http, kv_read, kv_write, object};
use crate::support::{Answer, Reply, TestApp, Upstream};

const CAT: &str = "/?prompt=cat";
/// In Chinese: it needs a translation.
const CHINESE_CAT: &str = "/?prompt=%E7%8C%AB";
/// The longest that anybody waits, in milliseconds: `GENERATION_TIMEOUT`, and what an object is given
/// beyond it that does not answer at all.
const LONGEST_MS: u64 = 60_000 + 15_000 + 1_000;

/// How often the fault happens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    Once,
    Always,
}

/// A call that can fail.
pub(super) struct Call {
    /// Its heading in the table.
    pub(super) name: &'static str,
    /// What a fault is at this call; `None` where it cannot be.
    pub(super) injection: fn(Fault) -> Option<Injection>,
    /// Prepares the world, and says what is asked for.
    prepare: fn() -> (TestApp, String),
    /// Makes it fail.
    inject: fn(&TestApp, &Injection, Times),
    /// How often the call was made.
    count: fn(&TestApp) -> usize,
}

/// The rows of the matrix.
pub(super) const CALLS: &[Call] = &[
    Call {
        name: "chat",
        injection: |fault| Some(Injection::Http(http(Upstream::Chat, fault))),
        prepare: || (TestApp::with_chat(), CHINESE_CAT.to_owned()),
        inject: |world, injection, times| upstream(world, Upstream::Chat, injection, times),
        count: |world| world.http.calls(Upstream::Chat).len(),
    },
    Call {
        name: "image",
        injection: |fault| Some(Injection::Http(http(Upstream::Image, fault))),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |world, injection, times| upstream(world, Upstream::Image, injection, times),
        count: |world| world.http.calls(Upstream::Image).len(),
    },
    Call {
        name: "download",
        injection: |fault| Some(Injection::Http(http(Upstream::Host, fault))),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |world, injection, times| upstream(world, Upstream::Host, injection, times),
        count: |world| world.http.calls(Upstream::Host).len(),
    },
    Call {
        name: "KV read, at a prompt's URL",
        injection: |fault| kv_read(fault).map(Injection::Store),
        prepare: || (only_in_kv().0, CAT.to_owned()),
        inject: |world, injection, times| kv(world, injection, times),
        count: |world| world.store().operations().0,
    },
    Call {
        name: "KV read, at a permalink",
        injection: |fault| kv_read(fault).map(Injection::Store),
        prepare: only_in_kv,
        inject: |world, injection, times| kv(world, injection, times),
        count: |world| world.store().operations().0,
    },
    Call {
        name: "KV write",
        injection: |fault| kv_write(fault).map(Injection::Store),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |world, injection, times| {
            let Injection::Store(fault) = injection else { return };
            let faults = world.store().write_faults();
            if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
        },
        count: |world| world.store().operations().1,
    },
    Call {
        name: "ImageMaker, for a new image",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |world, injection, times| makers(world, injection, times),
        count: |world| world.makers.calls(),
    },
    Call {
        name: "ImageMaker, for an image that it keeps",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || {
            let world = TestApp::working();
            let made = world.get(CAT);
            (world, format!("/i/{}.png", made.id()))
        },
        inject: |world, injection, times| makers(world, injection, times),
        count: |world| world.makers.calls() - 1,
    },
    Call {
        name: "KeyRing, for a key",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |world, injection, times| {
            let Injection::Object(fault) = injection else { return };
            let faults = &world.ring.lease_faults;
            if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
        },
        count: |world| world.ring.calls(),
    },
    Call {
        name: "KeyRing, giving a key back",
        injection: |fault| object(fault).map(Injection::Object),
        prepare: || (TestApp::working(), CAT.to_owned()),
        inject: |world, injection, times| {
            let Injection::Object(fault) = injection else { return };
            let faults = &world.ring.report_faults;
            if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
        },
        count: |world| world.ring.calls(),
    },
];

/// An image that KV has, and its maker no longer; what is asked for is its permalink.
fn only_in_kv() -> (TestApp, String) {
    let world = TestApp::working();
    let id = world.get(CAT).id();
    world.advance(20 * 60_000);
    assert!(world.store().has(&id) && !world.makers.keeps(&id));
    (world, format!("/i/{id}.png"))
}

fn upstream(world: &TestApp, upstream: Upstream, injection: &Injection, times: Times) {
    let Injection::Http(answer) = injection else { return };
    if times == Times::Once {
        world.http.next(upstream, answer.clone());
        world.http.then(upstream, if upstream == Upstream::Chat { Answer::Says("a cat") } else { Answer::Good });
    } else {
        world.http.then(upstream, answer.clone());
    }
}

fn kv(world: &TestApp, injection: &Injection, times: Times) {
    let Injection::Store(fault) = injection else { return };
    let faults = world.store().read_faults();
    if times == Times::Once { faults.once(*fault) } else { faults.always(*fault) }
}

fn makers(world: &TestApp, injection: &Injection, times: Times) {
    let Injection::Object(fault) = injection else { return };
    if times == Times::Once { world.makers.faults.once(*fault) } else { world.makers.faults.always(*fault) }
}

/// Plays a scene, and says how it ended in the words of the table.
pub(super) fn play(call: &Call, injection: &Injection, times: Times) -> String {
    let (world, path) = (call.prepare)();
    let before = (call.count)(&world);
    (call.inject)(&world, injection, times);
    let reply = world.get(&path);
    assert!(reply.took_ms <= LONGEST_MS, "{}: {injection:?} took {} ms", call.name, reply.took_ms);
    world.settle();
    let calls = (call.count)(&world) - before;
    let told = told(&reply);
    let image = remembered_image(&world, &reply);
    let keys = world.keys();
    let mut keys = format!("keys {} {} {}", keys.ready, keys.cooling, keys.disabled);
    if world.image_calls().is_empty() {
        "keys unused".clone_into(&mut keys);
    } else if forgot_the_model(&world, call) {
        keys.push_str(", model gone");
    }
    format!("{told}; calls {calls}; {keys}; {image}")
}

/// What the caller is told. A redirect must lead to the image, unless what fails is the way to it.
fn told(reply: &Reply) -> String {
    let mut told = reply.outcome();
    if let Some(status) = reply.header("X-Prompt-Status") {
        told = format!("{told} {status}");
    }
    if reply.header("X-Model").is_some_and(|model| model.contains("Kolors")) {
        told.push_str(" by the next model");
    }
    if reply.body.is_none() && reply.status == 200 {
        told.push_str(", broken off");
    }
    if let Some(seconds) = reply.header("Retry-After") {
        told = format!("{told} in {seconds} s");
    }
    told
}

/// Where the image is now. With everything well again, all its URLs must lead to it.
fn remembered_image(world: &TestApp, reply: &Reply) -> String {
    world.store().read_faults().never();
    world.makers.faults.never();
    let Some(id) = reply.header("X-Image-Id").map(str::to_owned) else { return "no image".to_owned() };
    let (stored, kept) = (world.store().has(&id), world.makers.keeps(&id));
    if reply.status == 302 {
        assert_eq!(world.get(&reply.target()).status, 200);
    }
    assert_eq!(world.get(&format!("/i/{id}.png")).status, 200);
    match (stored, kept) {
        (true, true) => "in KV, kept",
        (true, false) => "in KV",
        (false, true) => "kept",
        (false, false) => "lost",
    }
    .to_owned()
}

/// Whether the ring knows that an endpoint no longer has the first model: the next image's first call then
/// asks for another, or there is none.
fn forgot_the_model(world: &TestApp, call: &Call) -> bool {
    if call.name != "image" || world.keys().ready == 0 {
        return false;
    }
    world.gives_images();
    let before = world.image_calls().len();
    world.get("/?prompt=dog");
    world.image_calls().get(before).is_none_or(|call| call.body["model"] != "black-forest-labs/FLUX.1-schnell")
}

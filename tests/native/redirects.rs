//! A redirect leads to the image, in one step, and never in a loop.

use proptest::prelude::*;

use crate::support::{Answer, CHAT_KEY, Seeded, StoreFault, TestApp, Upstream, png_of_bytes};

#[test]
fn a_seed_that_was_drawn_is_in_the_redirect_and_the_next_request_draws_another() {
    let app = TestApp::working();
    for path in ["/?prompt=cat&seed=random", "/?seed=-1&prompt=cat", "/?prompt=cat&seed=RANDOM&seed=3"] {
        let (one, two) = (app.get(path), app.get(path));
        let seed = one.header("X-Seed").unwrap_or_default().to_owned();
        let target = one.target();
        assert!(target.contains(&format!("seed={seed}&id={}", one.id())), "{path}: {target}");
        assert_eq!(target.matches("seed=").count(), 1, "{target}");
        assert_ne!(one.id(), two.id(), "{path}");
        let shown = app.get(&target);
        assert_eq!((shown.status, shown.id(), shown.header("X-Seed")), (200, one.id(), Some(&*seed)));
    }
    assert_eq!(app.image_calls().len(), 6);
}

#[test]
fn a_url_that_would_be_too_long_leads_to_the_permalink() {
    let app = TestApp::working();
    let long = "x".repeat(2_000);
    let short = app.get(&format!("/?prompt={long}"));
    assert!(short.target().starts_with("/?prompt="), "2,000 characters are not too long");
    let padded = format!("/?prompt={long}&pad={}", "y".repeat(6_000));
    let made = app.get(&format!("{padded}&seed=1"));
    assert_eq!(made.target(), format!("/i/{}.png", made.id()));
    assert_eq!(app.get(&made.target()).status, 200);
    let drawn = app.get(&format!("{padded}&seed=random"));
    assert_eq!(drawn.target(), format!("/i/{}.png", drawn.id()));
    for length in 7_990..=8_010 {
        let start = "/?prompt=cat&pad=";
        let url = format!("{start}{}", "y".repeat(length - "https://flux.test&id=".len() - start.len() - 43));
        let made = app.get(&url);
        let location = made.header("Location").map(str::to_owned);
        if let Some(location) = location {
            assert!(location.len() <= 8_000, "{}", location.len());
            assert_eq!(location.contains("/i/"), length > 8_000, "{length}");
        }
        app.store().lose(&made.id());
        app.advance(700_000);
    }
}

#[test]
fn an_image_made_at_the_url_that_carries_its_id_is_shown_there() {
    let app = TestApp::working();
    let target = app.get("/?prompt=cat").target();
    app.advance(700_000);
    let id = app.get(&target).id();
    app.store().lose(&id);
    app.advance(700_000);
    let made_again = app.get(&target);
    assert_eq!((made_again.status, made_again.header("X-Cache")), (200, Some("MISS")));
    assert_eq!(app.image_calls().len(), 2);
}

#[test]
fn the_target_answers_at_once_where_kv_still_says_not_found() {
    let app = TestApp::working();
    for (path, size) in [("/?prompt=cat", 300_000), ("/?prompt=dog", 5_000_000), ("/?prompt=cow", 20 * 1024 * 1024)] {
        let picture = png_of_bytes(size);
        app.http.next(Upstream::Host, Answer::Status(200, "image/png", picture.clone()));
        let target = app.get(path).target();
        let shown = app.get(&target);
        assert!(shown.status == 200 && shown.bytes() == picture, "{path}");
        app.settle();
        let shown = app.get(&target);
        assert!(shown.status == 200 && shown.bytes() == picture, "{path}, while KV remembers the miss");
        app.advance(600_000);
        let shown = app.get(&target);
        assert!(shown.status == 200 && shown.bytes() == picture, "{path}, from KV");
    }
    assert_eq!(app.image_calls().len(), 3);
}

/// Parameters as callers write them, with names escaped or not, known or not.
fn pairs() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "seed",
        "s%65ed",
        "seed",
        "size",
        "width",
        "height",
        "optimization",
        "enhance",
        "id",
        "i%64",
        "model",
        "steps",
        "guidance",
        "negative_prompt",
        "x",
        "",
        "%69d",
        "%ff",
    ]);
    let values = prop::sample::select(vec![
        "random",
        "-1",
        "7",
        "512x512",
        "64",
        "1",
        "0",
        "on",
        "",
        "%",
        "%E7%8C%AB",
        "cat",
        "a+b",
        "a%2Bb",
        "ID",
        "OTHER",
        "Kwai-Kolors/Kolors",
        "=",
        "a=b",
        "%26",
    ]);
    (names, values, any::<bool>())
        .prop_map(|(name, value, whole)| if whole { format!("{name}={value}") } else { name.to_owned() })
}

/// Requests for an image, most of them meaningful.
fn paths() -> impl Strategy<Value = String> {
    let prompts = prop::sample::select(vec!["cat", "%E7%8C%AB", "+a+cat+", "caf%C3%A9", "", "%", "a/b", "%2F"]);
    let well_formed = prop::sample::select(vec![
        "seed=random",
        "seed=7",
        "optimization=1",
        "size=64x64",
        "id=OTHER",
        "&",
        "s%65ed=-1",
    ]);
    let pad = prop_oneof![9 => Just(0_usize), 1 => 7_700..8_100_usize];
    let pairs = prop::collection::vec(prop_oneof![3 => well_formed.prop_map(str::to_owned), 1 => pairs()], 0..4);
    (prompts, pairs, any::<bool>(), any::<bool>(), pad).prop_map(|(prompt, pairs, in_path, first, pad)| {
        let mut query = pairs;
        if !in_path {
            query.insert(if first { 0 } else { query.len() }, format!("prompt={prompt}"));
        }
        if pad > 0 {
            query.push(format!("pad={}", "y".repeat(pad)));
        }
        let query = query.join("&").replace("OTHER", &"A".repeat(43));
        if in_path { format!("/prompt/{prompt}?{query}") } else { format!("/?{query}") }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn redirects_end_after_two_hops_whatever_is_asked_and_whatever_fails(
        path in paths(), seed in any::<u64>(), chat_fails in 0..=100_u64, kv_fails in 0..=50_u64, pauses in 0..3_u64,
    ) {
        let app = TestApp::setup().set("PROCESS_API_KEY", CHAT_KEY).seed(seed).build();
        app.gives_images();
        let dice = Seeded::new(seed);
        app.http.by(Upstream::Chat, move |_| if dice.happens(chat_fails) { Answer::Status(500, "text/html", Vec::new()) } else { Answer::Says("a cat") });
        for (faults, other) in [(app.store().read_faults(), 1), (app.store().write_faults(), 2)] {
            let dice = Seeded::new(seed.wrapping_add(other));
            faults.by(move || dice.happens(kv_fails).then_some(StoreFault::Throws));
        }
        for _ in 0..2 {
            let journey = app.follow(&path);
            prop_assert!(journey.hops.len() <= 2, "{path}: {:?}", journey.hops);
            let last = &journey.last;
            prop_assert!(last.status == 200 || (last.status == 400 || last.status == 404) && journey.hops.is_empty(), "{}", last.text());
            if let Some(target) = journey.hops.last().filter(|_| last.status == 200) {
                prop_assert_eq!(app.get(target).id(), last.id(), "{}", target);
            }
            // The store may lose its images, and the makers forget.
            app.advance(pauses * 400_000);
            if pauses == 2 && last.status == 200 {
                app.store().lose(&last.id());
            }
        }
    }
}

//! What the owner is told: `/v1/stats` and `/metrics`, against what the fakes saw.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use free_flux_api::domain::account::Account;
use free_flux_api::error::ErrorKind;
use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{LeaseOutcome, LeaseReply, LeaseRequest, Priority, Report, Slot};
use free_flux_api::ports::tally::{EndResult, Ended, MadeCount, QuotaRequest};
use serde_json::{Value, json};

use crate::support::{Answer, CHAT_KEY, Call, ObjectFault, Reply, StoreFault, TestApp, TestRequest, Upstream};

const KEYS: [&str; 3] = ["sk-key-number-one-aaaa", "sk-key-number-two-bbbb", "sk-key-number-three-cccc"];
const TOKENS: &str = r#"{
    "me": {"token":"token-of-the-owner","owner":true},
    "a \"friend\" \\ of\nmine": {"token":"token-of-a-friend","per_day":1000},
    "bot": {"token":"token-of-a-bot"},
    "guest": {"token":"token-of-a-guest"}
}"#;
const HOLDERS: [(&str, &str); 4] = [
    ("me", "token-of-the-owner"),
    ("a \"friend\" \\ of\nmine", "token-of-a-friend"),
    ("bot", "token-of-a-bot"),
    ("guest", "token-of-a-guest"),
];
const DAY_MS: u64 = 86_400_000;

fn owner(app: &TestApp, path: &str) -> Reply {
    app.send(TestRequest::get(path).with("Authorization", "Bearer token-of-the-owner"))
}

fn stats(app: &TestApp) -> Value {
    let reply = owner(app, "/v1/stats");
    assert_eq!((reply.status, reply.header("Cache-Control")), (200, Some("no-store")), "{}", reply.text());
    reply.json()
}

fn app() -> TestApp {
    let app = TestApp::setup().set("IMAGE_API_KEYS", &KEYS.join(",")).set("ACCESS_TOKENS", TOKENS).build();
    app.gives_images();
    app
}

/// What is counted of a day, as the callers and the upstreams saw it.
#[derive(Default)]
struct Seen {
    made: u64,
    fallbacks: u64,
    failed: BTreeMap<String, u64>,
    models: BTreeMap<String, u64>,
    tokens: BTreeMap<String, u64>,
    took_ms: Vec<u64>,
}

impl Seen {
    /// Notes a reply, and how long the image took to the answer that brought it: its download runs beside the report.
    fn note(&mut self, holder: &str, reply: &Reply, took_ms: u64) {
        let count = |map: &mut BTreeMap<String, u64>, name: &str| *map.entry(name.to_owned()).or_default() += 1;
        if reply.status >= 400 {
            return count(&mut self.failed, reply.header("X-Error-Code").expect("a code"));
        }
        self.made += 1;
        self.fallbacks += u64::from(reply.header("X-Prompt-Status") == Some("fallback"));
        count(&mut self.models, reply.header("X-Model").expect("a model"));
        count(&mut self.tokens, holder);
        self.took_ms.push(took_ms);
    }

    /// Fails where the owner is told anything else.
    fn check(&mut self, day: &Value) {
        let told = json!([day["made"], day["fallbacks"], day["failed"], day["models"], day["tokens"]]);
        assert_eq!(told, json!([self.made, self.fallbacks, self.failed, self.models, self.tokens]), "{day}");
        self.took_ms.sort_unstable();
        for (percent, name) in [(50, "p50_ms"), (95, "p95_ms")] {
            let at = (self.took_ms.len() * percent).div_ceil(100).checked_sub(1);
            let Some(exact) = at.map(|at| self.took_ms[at]) else { continue };
            let told = day[name].as_u64().expect("a time");
            // The request takes a little to reach the maker; a step of the histogram is known to a sixteenth.
            assert!(told.abs_diff(exact) <= exact / 16 + 100, "{name} is {told}, and it was {exact}");
        }
    }
}

/// What the images API answers to a call: mostly an image.
fn whims(call: &Call, broken: &Cell<bool>) -> Answer {
    match call.number % 41 {
        _ if broken.get() => Answer::json(500, "{}"),
        3 => Answer::json(429, r#"{"message":"IPM limit reached","data":null}"#),
        7 | 19 => Answer::json(503, "{}"),
        11 => Answer::json(400, r#"{"code":20015,"message":"no"}"#),
        _ => Answer::Good,
    }
}

#[test]
fn after_a_week_the_figures_are_those_of_the_fakes() {
    let setup = TestApp::setup().set("IMAGE_API_KEYS", &KEYS.join(",")).set("ACCESS_TOKENS", TOKENS);
    let app = setup.set("PROCESS_API_KEY", CHAT_KEY).build();
    let broken = Rc::new(Cell::new(false));
    let is_broken = Rc::clone(&broken);
    app.http.by(Upstream::Image, move |call| whims(call, &is_broken));
    app.http.by(Upstream::Host, |call| if call.number % 13 == 5 { Answer::json(500, "") } else { Answer::Good });
    let first = app.now_ms() / DAY_MS;
    let mut days: BTreeMap<u64, Seen> = BTreeMap::new();
    for number in 0..7 * 24 {
        let (holder, token) = HOLDERS[number % 4];
        let model = if number % 5 == 0 { "&model=Kwai-Kolors/Kolors" } else { "" };
        let prompt = if number % 6 == 1 { "%E7%8C%AB" } else { "cat" };
        broken.set(number % 40 == 39);
        let is_down = number % 12 == 1;
        app.http.then(Upstream::Chat, if is_down { Answer::json(500, "{}") } else { Answer::Good });
        let path = format!("/?prompt={prompt}+{number}{model}");
        let reply = app.send(TestRequest::get(&path).with("x-api-key", token));
        let answered_ms = app.image_calls().last().map_or(0, |call| call.at_ms + 1_000);
        let took_ms = answered_ms.saturating_sub(app.now_ms() - reply.took_ms);
        days.entry(app.now_ms() / DAY_MS).or_default().note(holder, &reply, took_ms);
        // A stored image is no new one.
        assert!(reply.status != 302 || app.get(&reply.target()).status == 200);
        let hour = 3_600_000;
        app.advance(hour - app.now_ms() % hour + 1_000);
    }
    app.advance(DAY_MS - 30 * 60_000 - app.now_ms() % DAY_MS);
    let told = stats(&app);
    let dates: Vec<_> = told["days"].as_array().expect("days").iter().map(|day| day["date"].as_str()).collect();
    assert_eq!(dates.len(), 7);
    for back in 0..7 {
        let day = app.now_ms() / DAY_MS - back;
        days.entry(day).or_default().check(&told["days"][usize::try_from(back).expect("a number")]);
    }
    assert_eq!(
        dates.last().copied().flatten(),
        Some(["2026-06-01", "2026-06-02"][usize::from(app.now_ms() / DAY_MS - first > 6)])
    );
    let seen = |count: fn(&Seen) -> u64| days.values().map(count).sum::<u64>();
    let all = [seen(|day| day.made), seen(|day| day.fallbacks), seen(|day| day.failed.values().sum())];
    assert!(all.iter().zip([100, 3, 3]).all(|(count, least)| *count > least), "enough of each happened: {all:?}");
    assert!(days.values().any(|day| day.models.len() == 2));
    assert!(app.ring.state_bytes() < 32 * 1_024, "{} bytes", app.ring.state_bytes());
}

#[test]
fn the_images_of_each_key_are_those_that_its_upstream_made_and_its_failure_is_remembered() {
    let app = app();
    app.http.by(Upstream::Image, |call| match call.key.as_str() {
        key if key == KEYS[1] => Answer::json(429, r#"{"message":"IPM limit reached","data":null}"#),
        key if key == KEYS[2] => Answer::json(401, "\"Api key is invalid\""),
        _ => Answer::Good,
    });
    let start = app.now_ms() / 1_000;
    for number in 0..5 {
        let request = TestRequest::get(&format!("/?prompt={number}")).with("x-api-key", "token-of-a-bot");
        assert_eq!(app.send(request).status, 302);
    }
    let told = stats(&app);
    let of = |key: usize, field: &str| told["keys"][key][field].clone();
    let names = [0, 1, 2].map(|key| of(key, "name"));
    assert_eq!(names, ["key 1 …aaaa", "key 2 …bbbb", "key 3 …cccc"]);
    assert_eq!([0, 1, 2].map(|key| of(key, "state")), ["ready", "cooling", "refused"]);
    assert_eq!([0, 1, 2].map(|key| of(key, "today")), [5, 0, 0]);
    assert_eq!([0, 1, 2].map(|key| of(key, "minute")), [5, 0, 0]);
    assert_eq!([0, 1, 2].map(|key| of(key, "endpoint")), ["api.siliconflow.cn"; 3]);
    assert_eq!([1, 2].map(|key| of(key, "last_error")["code"].clone()), ["rate_limited", "key_invalid"]);
    assert!(of(0, "last_error").is_null() && of(0, "until").is_null());
    let until = of(1, "until").as_u64().expect("a time") - start;
    assert!((60..65).contains(&until), "{until} s");
    let flux = "black-forest-labs/FLUX.1-schnell";
    assert_eq!([0, 1, 2].map(|key| of(key, "models")[flux]["state"].clone()), ["ready", "cooling", "refused"]);
    assert_eq!(
        [0, 1, 2].map(|key| of(key, "models")["Kwai-Kolors/Kolors"]["state"].clone()),
        ["ready", "ready", "refused"]
    );
    assert_eq!(
        told["warnings"],
        json!(["key 3 …cccc is refused by api.siliconflow.cn: look at its account, or take the key out."])
    );
    app.advance(61_000);
    assert_eq!((&stats(&app)["keys"][0]["minute"], &stats(&app)["keys"][0]["today"]), (&json!(0), &json!(5)));
    app.ring.evict();
    assert_eq!(stats(&app)["keys"][2]["last_error"], told["keys"][2]["last_error"], "after a restart");
    assert_eq!(stats(&app)["days"], told["days"]);
    app.advance(DAY_MS);
    assert_eq!(stats(&app)["keys"][0]["today"], 0);
}

/// What the owner's page has words for in each language (`tests/pages/owner_warnings.test.mjs`).
fn known_warnings() -> Vec<String> {
    let known: Value = serde_json::from_str(include_str!("../warnings.json")).expect("JSON");
    let said = |warning: &Value| warning["said"].as_str().map(str::to_owned);
    known.as_array().expect("a list").iter().filter_map(said).collect()
}

#[test]
fn the_warnings_say_what_to_do() {
    let mut known = known_warnings().into_iter();
    let mut has_the_next = |app: &TestApp| {
        let warning = known.next().expect("a warning that is known");
        let warnings = &stats(app)["warnings"];
        assert!(warnings.as_array().is_some_and(|all| all.iter().any(|one| *one == *warning)), "{warning}: {warnings}");
    };
    let draw = |app: &TestApp, path: &str| app.send(TestRequest::get(path).with("x-api-key", "token-of-a-bot"));
    let app = self::app();
    assert_eq!(stats(&app)["warnings"], json!([]));
    app.http.then(Upstream::Image, Answer::json(401, "\"Api key is invalid\""));
    draw(&app, "/?prompt=cat");
    has_the_next(&app);

    let app = self::app();
    app.http.by(Upstream::Image, |call| {
        if call.key == KEYS[0] { Answer::json(401, "\"Api key is invalid\"") } else { Answer::Good }
    });
    draw(&app, "/?prompt=cat");
    has_the_next(&app);

    let app = self::app();
    let gone = r#"{"code":20012,"message":"Model does not exist. Please check it carefully.","data":null}"#;
    app.http.by(Upstream::Image, move |call| {
        if call.body["model"] == "Kwai-Kolors/Kolors" { Answer::json(400, gone) } else { Answer::Good }
    });
    draw(&app, "/?prompt=cat&model=Kwai-Kolors/Kolors");
    has_the_next(&app);
    assert_eq!(stats(&app)["keys"][0]["models"]["Kwai-Kolors/Kolors"]["state"], "gone");

    let app = self::app();
    app.store().write_faults().always(StoreFault::Throws);
    let calls = app.ring.calls();
    draw(&app, "/?prompt=cat");
    app.settle();
    assert_eq!(app.ring.calls() - calls, 3, "one more where KV refuses a write");
    has_the_next(&app);

    let setup = TestApp::setup().set("ACCESS_TOKENS", TOKENS).set("PROCESS_API_KEY", CHAT_KEY);
    let app = setup.build();
    app.gives_images();
    app.http.then(Upstream::Chat, Answer::json(500, "{}"));
    draw(&app, "/?prompt=%E7%8C%AB");
    has_the_next(&app);
    assert_eq!(known.next(), None, "each was seen");

    let app = TestApp::setup().set("ACCESS_TOKENS", TOKENS).set("CACHE_TTL", "x").build();
    assert!(stats(&app)["warnings"].to_string().contains("CACHE_TTL"));
}

#[test]
fn counting_costs_no_call_and_no_write_beyond_those_of_an_image() {
    let app = app();
    for (token, calls) in [("token-of-a-bot", 2), ("token-of-a-friend", 3)] {
        let before = (app.ring.calls(), app.ring.writes());
        let reply = app.send(TestRequest::get(&format!("/?prompt={calls}")).with("x-api-key", token));
        assert_eq!(reply.status, 302);
        app.settle();
        assert_eq!((app.ring.calls() - before.0, app.ring.writes() - before.1), (calls, calls), "{token}");
    }
    let before = (app.ring.calls(), app.ring.writes());
    let joined =
        [0, 1, 2].map(|_| app.start(TestRequest::get("/?prompt=joined").with("x-api-key", "token-of-a-friend")));
    assert!(joined.iter().all(|task| app.finish(task).status == 302));
    assert_eq!((app.ring.calls() - before.0, app.ring.writes() - before.1), (3, 3), "joined");
    for outcome in ["429 all", "400 all"] {
        let app = self::app();
        let body = if outcome == "429 all" {
            r#"{"message":"IPD limit reached"}"#
        } else {
            r#"{"code":20015,"message":"no"}"#
        };
        app.http.then(Upstream::Image, Answer::json(outcome[..3].parse().expect("a status"), body));
        assert!(app.send(TestRequest::get("/?prompt=x").with("x-api-key", "token-of-a-bot")).status >= 400);
        let tried = app.image_calls().len();
        assert!(app.ring.calls() <= 2 * tried + 2, "{} calls for {tried} tries, {outcome}", app.ring.calls());
        let again = app.ring.calls();
        app.send(TestRequest::get("/?prompt=y").with("x-api-key", "token-of-a-bot"));
        if outcome == "429 all" {
            assert!(app.ring.calls() - again <= 2, "nothing to try: it is asked once for each model");
            assert_eq!(stats(&app)["days"][0]["failed"], json!({ "keys_exhausted": 2 }));
        }
    }
}

#[test]
fn a_count_that_fails_fails_no_image() {
    let app = app();
    app.ring.report_faults.always(ObjectFault::Unreachable);
    for number in 0..3 {
        let request = TestRequest::get(&format!("/?prompt={number}")).with("x-api-key", "token-of-a-bot");
        assert_eq!(app.send(request).status, 302);
    }
    app.ring.report_faults.never();
    assert_eq!(stats(&app)["days"][0]["made"], 0);
    app.ring.stats_faults.always(ObjectFault::Unreachable);
    for path in ["/v1/stats", "/metrics"] {
        let reply = owner(&app, path);
        assert_eq!(
            (reply.outcome().as_str(), reply.header("Retry-After")),
            ("503 store_unavailable", Some("5")),
            "{path}"
        );
    }
}

#[test]
fn hits_are_data_points_and_nothing_else_is() {
    let app = app();
    let made = app.send(TestRequest::get("/?prompt=cat").with("x-api-key", "token-of-a-bot"));
    app.get("/?prompt=dog");
    app.get("/");
    app.get("/i/none");
    assert_eq!(app.hits.take(), [], "neither what is made nor what is not there");
    let id = made.id();
    let before = (app.makers.calls(), app.ring.calls());
    app.advance(700_000);
    app.get(&made.target());
    app.send(TestRequest::head("/?prompt=cat"));
    app.send(TestRequest::get(&format!("/i/{id}.png")).with("If-None-Match", &format!("W/\"{id}\"")));
    let points = [200, 200, 304].map(|status| (id.clone(), "HIT".to_owned(), status));
    assert_eq!(app.hits.take(), points);
    assert_eq!((app.makers.calls(), app.ring.calls()), before);
}

#[test]
fn only_an_owner_is_told() {
    let app = app();
    for path in ["/v1/stats", "/metrics"] {
        for token in ["", "token-of-a-bot", "token-of-the-owne", "wrong"] {
            assert_eq!(app.send(TestRequest::get(path).with("x-api-key", token)).outcome(), "401 unauthorized");
        }
        assert_eq!(TestApp::setup().build().get(path).outcome(), "401 unauthorized", "no tokens at all");
    }
    assert_eq!(app.ring.calls(), 0);
}

#[test]
fn the_metrics_are_the_same_and_names_are_escaped() {
    let app = app();
    for (number, (_, token)) in HOLDERS.iter().enumerate() {
        app.send(TestRequest::get(&format!("/?prompt={number}")).with("x-api-key", token));
    }
    let reply = owner(&app, "/metrics");
    assert_eq!(reply.header("Content-Type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let text = String::from_utf8_lossy(reply.bytes()).into_owned();
    for line in [
        "free_flux_images 4",
        "free_flux_images_by_token{token=\"a \\\"friend\\\" \\\\ of\\nmine\"} 1",
        "free_flux_images_by_model{model=\"black-forest-labs/FLUX.1-schnell\"} 4",
        "free_flux_key_images{key=\"key 1 …aaaa\",endpoint=\"api.siliconflow.cn\"} 2",
        "free_flux_key_state{key=\"key 3 …cccc\",endpoint=\"api.siliconflow.cn\",state=\"ready\"} 1",
        "free_flux_key_state{key=\"key 3 …cccc\",endpoint=\"api.siliconflow.cn\",state=\"refused\"} 0",
        "free_flux_warnings 0",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is not in\n{text}");
    }
    let series: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(series.iter().all(|line| line.rsplit_once(' ').is_some_and(|(_, value)| value.parse::<f64>().is_ok())));
}

/// A busy ring's request, with all of 50 keys and 8 models.
fn request(now: u64, ticket: usize) -> LeaseRequest {
    let slot = |key: usize| Slot {
        id: format!("slot-hash-{key:02}"),
        endpoint: format!("host-hash-{:02}", key % 5),
        names: 0,
        priority: Priority::InTurn,
        per_minute: None,
        per_day: Some(2_000),
    };
    let models: Vec<_> = (0..8).map(|model| format!("some-lab/a-model-of-ours-{}", (model + ticket) % 8)).collect();
    LeaseRequest {
        ticket: format!("{ticket:0>43}"),
        arrived_ms: now,
        deadline_ms: now + 60_000,
        lease_ms: 35_000,
        names: vec![models.iter().map(|model| Some(model.to_uppercase())).collect()],
        models,
        slots: (0..50).map(slot).collect(),
        excluded: Vec::new(),
        may_stand_in: false,
        if_refused: None,
    }
}

#[test]
fn with_fifty_keys_eight_models_and_fifty_tokens_the_state_stays_under_32_kb() {
    let mut ring = KeyRing::new();
    let (mut held, mut now, mut largest) = (VecDeque::new(), 20_605 * DAY_MS, 0);
    for number in 0..7 * 150 {
        // Twenty calls are in flight at a time, and each key fails now and then.
        now += if number % 150 == 0 { DAY_MS } else { 250 };
        let account = format!("the token of a friend {:02}", number % 50);
        let quota = Account { name: account.clone(), per_day: Some(10_000) };
        assert!(ring.acquire(now, &QuotaRequest { grant: u64::MAX - now, account: quota, lasts_ms: 75_000 }));
        let (reply, _) = ring.lease(now, request(now, number));
        let LeaseReply::Granted { lease, model, .. } = reply else { panic!("no key at {number}: {reply:?}") };
        held.push_back((lease, model, account, number));
        largest = largest.max(ring.to_json().len());
        if held.len() < 20 {
            continue;
        }
        let (lease, model, account, number) = held.pop_front().expect("a lease");
        let made = MadeCount { model, fell_back: false, took_ms: 700 * (number as u64 % 67 + 1) };
        let (outcome, failure, result) = if number % 9 == 0 {
            (LeaseOutcome::Refused, Some("key_refused".to_owned()), EndResult::Failed(ErrorKind::Upstream))
        } else {
            (LeaseOutcome::Made, None, EndResult::Made(made))
        };
        let ended = Some(Ended { account, grant: None, result, instead_of: None });
        ring.report(now, Report { lease: Some(lease), outcome, failure, ended, ..Report::default() });
    }
    assert!(largest < 32 * 1_024, "{largest} bytes");
    assert!(largest > 12 * 1_024, "{largest} bytes: that was no busy ring");
    assert_eq!(KeyRing::from_json(&ring.to_json()).to_json(), ring.to_json());
}

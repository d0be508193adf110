//! Tests of the whole ring: the key and the time that each caller gets. Times are seconds.

use super::*;
use crate::error::Cooling;
use crate::key_ring::testing::{request, slots};
use crate::ports::lease::{GoneModel, LeaseId, SlotId};

/// A ring and the leases of its callers.
struct TestRing {
    inner: KeyRing,
    keys: Vec<&'static str>,
    models: Vec<&'static str>,
    per_minute: Option<u32>,
}

/// A reply in brief: `a@5` is key a from second 5 on for the model m, `a:n@5` for the model n, `no@5` is no key before
/// second 5.
fn brief(reply: &LeaseReply) -> String {
    match reply {
        LeaseReply::Granted { slot, model, start_at_ms, .. } => {
            let model = if model == "m" { String::new() } else { format!(":{model}") };
            format!("{slot}{model}@{}", start_at_ms / 1_000)
        }
        LeaseReply::StandIn { model } => format!("stands in: {model}"),
        LeaseReply::Gone => "gone".to_owned(),
        LeaseReply::Queued => "queued".to_owned(),
        LeaseReply::Exhausted { retry_at_ms, all_refused } => {
            let no = if *all_refused { "refused" } else { "no" };
            retry_at_ms.map_or(no.to_owned(), |at| format!("{no}@{}", at / 1_000))
        }
    }
}

fn briefly(woken: Vec<Woken>) -> Vec<String> {
    let line = |(ticket, reply): Woken| format!("{ticket}: {}", brief(&reply));
    woken.into_iter().map(line).collect()
}

impl TestRing {
    fn new(keys: &[&'static str], per_minute: Option<u32>) -> Self {
        Self { inner: KeyRing::new(), keys: keys.to_vec(), models: vec!["m"], per_minute }
    }

    /// A request at `now`, with a deadline a minute later.
    fn wish(&self, now: u64, ticket: &str, excluded: &[&str]) -> LeaseRequest {
        let mut keys = slots(&self.keys);
        for slot in &mut keys {
            slot.per_minute = self.per_minute;
        }
        let pairs = excluded.iter().flat_map(|id| self.models.iter().map(|model| (SlotId::from(*id), (*model).into())));
        let excluded = pairs.collect();
        LeaseRequest { lease_ms: 30_000, excluded, ..request(ticket, now * 1_000, &keys, &self.models) }
    }

    /// Requests a key at `now`.
    fn request(&mut self, now: u64, ticket: &str, excluded: &[&str]) -> String {
        let wish = self.wish(now, ticket, excluded);
        self.send(now, wish)
    }

    fn send(&mut self, now: u64, wish: LeaseRequest) -> String {
        let (reply, woken) = self.inner.lease(now * 1_000, wish);
        assert_eq!(briefly(woken), NO_REPLIES);
        brief(&reply)
    }

    /// Returns the lease of `ticket` at `now`.
    fn end(&mut self, now: u64, ticket: &str, outcome: LeaseOutcome) -> Vec<String> {
        let report = Report { lease: Some(self.lease_of(ticket)), outcome, gone: Vec::new(), ..Report::default() };
        briefly(self.inner.report(now * 1_000, report))
    }

    /// The lease of `ticket`; 0 if it has none.
    fn lease_of(&mut self, ticket: &str) -> LeaseId {
        let mut slots = self.inner.state.slots.iter_mut();
        let lease = slots.find_map(|(_, slot)| Some(slot.lease_of(ticket)?.id));
        lease.unwrap_or(0)
    }
}

/// No waiting caller gets a reply.
const NO_REPLIES: [&str; 0] = [];
const MADE: LeaseOutcome = LeaseOutcome::Made;
const MINUTE: LeaseOutcome = LeaseOutcome::Cooling(Cooling::MinuteLimit);

#[test]
fn keys_are_handed_out_in_turn_and_wait_for_their_call_to_end() {
    let mut ring = TestRing::new(&["a", "b"], None);
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    assert_eq!(ring.request(0, "2", &[]), "b@0");
    assert_eq!(ring.request(0, "3", &[]), "queued");
    assert_eq!(ring.request(0, "4", &["a"]), "queued");
    assert_eq!(ring.inner.next_wake_ms(), Some(30_000));
    assert_eq!(ring.end(3, "2", MADE), ["3: b@3"]);
    assert_eq!(ring.end(4, "1", MADE), NO_REPLIES);
    assert_eq!(ring.request(4, "5", &[]), "a@4");
    assert_eq!(ring.end(5, "3", MADE), ["4: b@5"]);
    assert_eq!(ring.inner.next_wake_ms(), None);
}

#[test]
fn an_expired_lease_goes_to_a_waiting_caller() {
    let mut ring = TestRing::new(&["a"], None);
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    let lost = ring.lease_of("1");
    assert_eq!(ring.request(1, "2", &[]), "queued");
    assert_eq!(ring.inner.next_wake_ms(), Some(30_000));
    assert_eq!(briefly(ring.inner.tick(29_999)), NO_REPLIES);
    assert_eq!(briefly(ring.inner.tick(30_000)), ["2: a@30"]);
    let late = Report { lease: Some(lost), outcome: LeaseOutcome::KeyInvalid, gone: Vec::new(), ..Report::default() };
    assert_eq!(briefly(ring.inner.report(31_000, late)), NO_REPLIES);
    assert_eq!(ring.lease_of("1"), 0);
    assert!(ring.lease_of("2") > lost);
}

#[test]
fn a_known_time_is_reserved_and_a_caller_without_one_is_refused_at_once() {
    let mut ring = TestRing::new(&["a", "b"], Some(2));
    let answers: Vec<_> = (0..8).map(|at| ring.request(at, &at.to_string(), &[])).collect();
    assert_eq!(answers, ["a@0", "b@1", "a@2", "b@3", "a@61", "b@62", "a@63", "b@64"]);
    assert_eq!(ring.request(9, "9", &[]), "no@122");
    assert_eq!(ring.request(62, "10", &[]), "a@122");
}

#[test]
fn a_reservation_that_is_given_back_is_as_if_it_had_never_been_made() {
    let mut ring = TestRing::new(&["a"], Some(1));
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    assert_eq!(ring.request(1, "2", &[]), "a@61");
    assert_eq!(ring.request(2, "3", &[]), "no@122");
    assert_eq!(ring.end(3, "2", LeaseOutcome::Unused), NO_REPLIES);
    assert_eq!(ring.request(3, "4", &[]), "a@61");
    assert_eq!(briefly(ring.inner.cancel(4_000, "4")), NO_REPLIES);
    assert_eq!(ring.request(4, "5", &[]), "a@61");
}

#[test]
fn a_caller_waiting_for_a_key_in_flight_is_not_overtaken_when_another_is_ready_first() {
    let mut ring = TestRing::new(&["a", "b"], None);
    assert_eq!(ring.request(0, "1", &["b"]), "a@0");
    assert_eq!(ring.request(0, "2", &["a"]), "b@0");
    assert_eq!(ring.end(1, "2", LeaseOutcome::Cooling(Cooling::For(20_000))), NO_REPLIES);
    assert_eq!(ring.request(2, "3", &[]), "queued", "a may come back before b has rested");
    assert_eq!(ring.request(3, "4", &["a"]), "queued", "b may be taken by who came before");
    assert_eq!(ring.inner.next_wake_ms(), Some(21_000));
    assert_eq!(briefly(ring.inner.tick(21_000)), ["3: b@21"]);
    assert_eq!(ring.end(25, "3", MADE), ["4: b@25"]);
}

#[test]
fn one_call_is_lost_to_learn_a_limit_and_then_it_is_kept_to() {
    let mut ring = TestRing::new(&["a"], None);
    for (start, outcome) in [(0, MADE), (5, MADE), (10, MINUTE)] {
        assert_eq!(ring.request(start, "1", &[]), format!("a@{start}"));
        assert_eq!(ring.end(start + 4, "1", outcome), NO_REPLIES);
    }
    assert_eq!(ring.request(15, "2", &[]), "a@74");
    assert_eq!(ring.request(16, "3", &[]), "queued");
    let again = ring.end(78, "2", MADE);
    assert_eq!(again, ["3: no@78"], "its minute is over");
    assert_eq!(ring.request(79, "4", &[]), "a@79");
    assert_eq!(ring.end(80, "4", MADE), NO_REPLIES);
    assert_eq!(ring.request(80, "5", &[]), "a@135");
    assert_eq!(ring.request(81, "6", &[]), "queued");
    assert_eq!(ring.request(82, "7", &["a"]), "no");
}

#[test]
fn a_refusal_has_the_soonest_time_and_tells_if_all_keys_were_refused() {
    let mut ring = TestRing::new(&["a", "b"], None);
    ring.request(0, "1", &[]);
    ring.end(1, "1", LeaseOutcome::Refused);
    assert_eq!(ring.request(2, "2", &["b"]), "refused@3601");
    assert_eq!(ring.request(2, "3", &["a", "b"]), "no");
    assert_eq!(ring.request(2, "4", &[]), "b@2");
    assert_eq!(ring.request(2, "5", &[]), "queued");
    let day = LeaseOutcome::Cooling(Cooling::For(7_200_000));
    assert_eq!(ring.end(3, "4", day), ["5: no@7203"]);
    assert_eq!(ring.request(4, "6", &[]), "no@7203");
    let snapshot = ring.inner.snapshot(4_000, &slots(&["a", "b", "c"]));
    assert_eq!((snapshot.ready, snapshot.cooling, snapshot.disabled), (1, 1, 1));
    ring.keys.clear();
    assert_eq!(ring.request(4, "7", &[]), "no");
}

#[test]
fn a_ticket_keeps_its_lease_through_a_restart_but_not_one_that_will_no_longer_do() {
    let mut ring = TestRing::new(&["a"], Some(1));
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    assert_eq!(ring.request(1, "2", &[]), "a@61");
    let second = ring.lease_of("2");
    ring.inner = KeyRing::from_json(&ring.inner.to_json());
    assert_eq!(ring.request(2, "2", &[]), "a@61");
    assert_eq!(ring.request(2, "1", &[]), "a@0");
    assert_eq!(ring.lease_of("2"), second);
    ring.end(3, "1", MINUTE);
    assert_eq!(ring.request(4, "2", &[]), "a@63", "the key rests until then");
    ring.keys = vec!["b"];
    assert_eq!(ring.request(5, "2", &[]), "b@5");
    assert_eq!(ring.inner.state.slots.in_flight(), 1);
}

#[test]
fn with_two_models_a_caller_waits_here_for_its_time_and_the_other_model_is_drawn_meanwhile() {
    let mut ring = TestRing::new(&["a"], None);
    ring.models = vec!["m", "n"];
    for (start, outcome) in [(0, MADE), (5, MINUTE)] {
        assert_eq!(ring.request(start, "1", &[]), format!("a@{start}"));
        assert_eq!(ring.end(start + 4, "1", outcome), NO_REPLIES);
    }
    assert_eq!(ring.request(10, "2", &[]), "queued");
    assert_eq!(ring.inner.next_wake_ms(), Some(69_000));
    ring.models = vec!["n", "m"];
    assert_eq!(ring.request(11, "3", &[]), "a:n@11");
    assert_eq!(ring.end(15, "3", MADE), NO_REPLIES);
    assert_eq!(ring.request(62, "4", &[]), "queued", "it would keep who came before from starting");
    assert_eq!(briefly(ring.inner.tick(69_000)), ["2: a@69"]);
    assert_eq!(ring.end(72, "2", MADE), ["4: a:n@72"]);
}

#[test]
fn what_is_learned_of_models_moves_those_that_wait_to_the_next_model() {
    let mut ring = TestRing::new(&["a"], None);
    ring.models = vec!["m", "n"];
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    assert_eq!(ring.request(0, "2", &[]), "queued");
    let gone = |model: &str, cause| GoneModel { endpoint: "endpoint".to_owned(), model: model.to_owned(), cause };
    let report = |lease, gone| Report { lease, outcome: LeaseOutcome::Failed, gone: vec![gone], ..Report::default() };
    let lease = Some(ring.lease_of("1"));
    let woken = ring.inner.report(1_000, report(lease, gone("m", GoneCause::NoSuchModel)));
    assert_eq!(briefly(woken), ["2: a:n@1"]);
    assert_eq!(ring.end(2, "2", LeaseOutcome::Refused), NO_REPLIES);
    assert_eq!(ring.request(3, "3", &[]), "refused@3602");
    assert_eq!(briefly(ring.inner.report(4_000, report(None, gone("n", GoneCause::NoSuchModel)))), NO_REPLIES);
    assert_eq!(ring.request(5, "4", &[]), "gone");
}

#[test]
fn a_caller_that_named_no_model_is_told_of_another_that_can_be_had() {
    let mut ring = TestRing::new(&["a"], None);
    ring.models = vec!["m", "n"];
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    assert_eq!(ring.end(1, "1", LeaseOutcome::Cooling(Cooling::DayLimit)), NO_REPLIES);
    assert_eq!(ring.request(2, "2", &[]), "no@57600");
    let wish = LeaseRequest { may_stand_in: true, ..ring.wish(2, "3", &[]) };
    assert_eq!(ring.send(2, wish), "stands in: n");
    ring.models = vec!["n"];
    assert_eq!(ring.request(2, "3", &[]), "a:n@2");
}

#[test]
fn after_a_kill_with_every_key_leased_new_images_are_made_within_five_seconds() {
    let mut ring = TestRing::new(&["a", "b"], None);
    assert_eq!(ring.request(0, "1", &[]), "a@0");
    assert_eq!(ring.request(0, "2", &[]), "b@0");
    ring.inner = KeyRing::from_json(&ring.inner.to_json());
    assert_eq!(ring.request(2, "1", &[]), "a@0", "its own again");
    assert_eq!(ring.request(2, "3", &[]), "queued");
    assert_eq!(ring.request(2, "4", &[]), "queued");
    assert_eq!(ring.inner.next_wake_ms(), Some(5_000));
    assert_eq!(briefly(ring.inner.tick(5_000)), ["3: b@5"]);
    assert_eq!(briefly(ring.inner.tick(31_999)), NO_REPLIES, "who asked again holds its key");
    assert_eq!(briefly(ring.inner.tick(32_000)), ["4: a@32"]);
}

#[test]
fn a_refused_caller_is_told_when_it_could_be_served_behind_those_that_wait() {
    let mut ring = TestRing::new(&["a", "b", "c", "d"], None);
    let mut retries = Vec::new();
    for number in 0..500 {
        let reply = ring.request(0, &number.to_string(), &[]);
        retries.extend(reply.strip_prefix("no@").and_then(|seconds| seconds.parse::<u64>().ok()));
    }
    assert_eq!(retries.len(), 500 - 4 - 256);
    assert!(retries.iter().all(|seconds| (60..=66).contains(seconds)), "{retries:?}");
}

#[test]
fn the_pictures_of_a_day_are_counted_for_each_slot() {
    let mut ring = TestRing::new(&["a"], Some(100));
    let day = 86_400;
    let wish = |ring: &TestRing, now: u64, ticket: &str| {
        let mut wish = ring.wish(now, ticket, &[]);
        for slot in &mut wish.slots {
            slot.per_day = Some(2);
        }
        wish
    };
    for (ticket, reply) in [("1", "a@70000"), ("2", "a@70000"), ("3", "no@86400")] {
        let wish = wish(&ring, 70_000, ticket);
        assert_eq!(ring.send(70_000, wish), reply);
    }
    assert_eq!(ring.end(70_001, "1", LeaseOutcome::Failed), NO_REPLIES);
    assert_eq!(ring.end(70_001, "2", MADE), NO_REPLIES);
    let one_more = wish(&ring, 70_002, "4");
    assert_eq!(ring.send(70_002, one_more), "a@70002");
    assert_eq!(ring.end(70_003, "4", MADE), NO_REPLIES);
    ring.inner = KeyRing::from_json(&ring.inner.to_json());
    let late = wish(&ring, day - 30, "5");
    assert_eq!(ring.send(day - 30, late), "a@86400");
}

#[test]
fn a_full_queue_refuses_the_last_caller() {
    let mut ring = TestRing::new(&["a"], None);
    assert_eq!(ring.request(0, "first", &[]), "a@0");
    for number in 0..256 {
        assert_eq!(ring.request(1, &number.to_string(), &[]), "queued");
    }
    assert_eq!(ring.request(1, "last", &[]), "no@65");
    ring.inner.cancel(2_000, "7");
    assert_eq!(ring.request(2, "last", &[]), "queued");
}

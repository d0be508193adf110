//! Tests of the whole ring: the key and the time that each caller gets. Times are seconds.

use super::*;
use crate::error::Cooling;
use crate::ports::lease::LeaseId;

/// A ring and the leases of its callers.
struct TestRing {
    inner: KeyRing,
    keys: Vec<&'static str>,
    per_minute: Option<u32>,
}

/// A reply in brief: `a@5` is key a from second 5 on, `no@5` is no key before second 5.
fn brief(reply: &LeaseReply) -> String {
    match reply {
        LeaseReply::Granted { slot, start_at_ms, .. } => format!("{slot}@{}", start_at_ms / 1_000),
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
        let (inner, keys) = (KeyRing::new(), keys.to_vec());
        Self { inner, keys, per_minute }
    }

    /// Requests a key at `now`, with a deadline a minute later.
    fn request(&mut self, now: u64, ticket: &str, excluded: &[&str]) -> String {
        let slot = |id: &&str| Slot { id: (*id).to_owned(), endpoint: "endpoint".to_owned() };
        let request = LeaseRequest {
            ticket: ticket.to_owned(),
            arrived_ms: now * 1_000,
            deadline_ms: (now + 60) * 1_000,
            lease_ms: 30_000,
            slots: self.keys.iter().map(slot).collect(),
            excluded: excluded.iter().map(|id| (*id).to_owned()).collect(),
            per_minute: self.per_minute,
        };
        let (reply, woken) = self.inner.lease(now * 1_000, request);
        assert_eq!(briefly(woken), NO_REPLIES);
        brief(&reply)
    }

    /// Returns the lease of `ticket` at `now`.
    fn end(&mut self, now: u64, ticket: &str, outcome: LeaseOutcome) -> Vec<String> {
        let report = Report { lease: self.lease_of(ticket), outcome, gone_models: Vec::new() };
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
    let late = Report { lease: lost, outcome: LeaseOutcome::Refused, gone_models: Vec::new() };
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
    let slots = ["a", "b", "c"].map(|id| Slot { id: id.to_owned(), endpoint: String::new() });
    let snapshot = ring.inner.snapshot(4_000, &slots);
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
fn a_grant_names_the_models_that_its_endpoint_no_longer_has() {
    let mut ring = TestRing::new(&["a"], None);
    ring.request(0, "1", &[]);
    ring.request(0, "2", &[]);
    let report =
        Report { lease: ring.lease_of("1"), outcome: LeaseOutcome::Failed, gone_models: vec!["old".to_owned()] };
    let woken = ring.inner.report(1_000, report);
    let gone = woken.into_iter().map(|(_, reply)| match reply {
        LeaseReply::Granted { gone_models, .. } => gone_models,
        _ => Vec::new(),
    });
    assert_eq!(gone.collect::<Vec<_>>(), [["old"]]);
}

#[test]
fn a_full_queue_refuses_the_last_caller() {
    let mut ring = TestRing::new(&["a"], None);
    assert_eq!(ring.request(0, "first", &[]), "a@0");
    for number in 0..256 {
        assert_eq!(ring.request(1, &number.to_string(), &[]), "queued");
    }
    assert_eq!(ring.request(1, "last", &[]), "no@1");
    ring.inner.cancel(2_000, "7");
    assert_eq!(ring.request(2, "last", &[]), "queued");
}

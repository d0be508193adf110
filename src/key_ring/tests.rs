//! Tests of the whole ring: the key and the time that each caller gets. Times are seconds.

use super::*;
use crate::error::Cooling;
use crate::ports::lease::LeaseId;

/// A ring and the leases of its callers.
struct Desk {
    ring: KeyRing,
    keys: Vec<&'static str>,
    per_minute: Option<u32>,
}

/// A reply in brief: `a@5` is key a from second 5 on, `no@5` is no key before second 5.
fn brief(answer: &LeaseReply) -> String {
    match answer {
        LeaseReply::Granted { slot, start_at_ms, .. } => format!("{slot}@{}", start_at_ms / 1_000),
        LeaseReply::Queued => "queued".to_owned(),
        LeaseReply::Exhausted { retry_at_ms, all_refused } => {
            let no = if *all_refused { "refused" } else { "no" };
            retry_at_ms.map_or(no.to_owned(), |at| format!("{no}@{}", at / 1_000))
        }
    }
}

fn briefly(woken: Vec<Woken>) -> Vec<String> {
    let line = |(ticket, answer): Woken| format!("{ticket}: {}", brief(&answer));
    woken.into_iter().map(line).collect()
}

impl Desk {
    fn new(keys: &[&'static str], per_minute: Option<u32>) -> Self {
        let (ring, keys) = (KeyRing::new(), keys.to_vec());
        Self { ring, keys, per_minute }
    }

    /// Requests a key at `now`, with a deadline a minute later.
    fn ask(&mut self, now: u64, ticket: &str, excluded: &[&str]) -> String {
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
        let (answer, woken) = self.ring.lease(now * 1_000, request);
        assert_eq!(briefly(woken), NOBODY);
        brief(&answer)
    }

    /// Returns the lease of `ticket` at `now`.
    fn end(&mut self, now: u64, ticket: &str, outcome: LeaseOutcome) -> Vec<String> {
        let report = Report { lease: self.lease_of(ticket), outcome, gone_models: Vec::new() };
        briefly(self.ring.report(now * 1_000, report))
    }

    /// The lease of `ticket`; 0 if it has none.
    fn lease_of(&mut self, ticket: &str) -> LeaseId {
        let mut slots = self.ring.state.slots.iter_mut();
        let lease = slots.find_map(|(_, slot)| Some(slot.lease_of(ticket)?.id));
        lease.unwrap_or(0)
    }
}

/// No waiting caller gets a reply.
const NOBODY: [&str; 0] = [];
const MADE: LeaseOutcome = LeaseOutcome::Made;
const MINUTE: LeaseOutcome = LeaseOutcome::Cooling(Cooling::MinuteLimit);

#[test]
fn keys_are_handed_out_in_turn_and_wait_for_their_call_to_end() {
    let mut desk = Desk::new(&["a", "b"], None);
    assert_eq!(desk.ask(0, "1", &[]), "a@0");
    assert_eq!(desk.ask(0, "2", &[]), "b@0");
    assert_eq!(desk.ask(0, "3", &[]), "queued");
    assert_eq!(desk.ask(0, "4", &["a"]), "queued");
    assert_eq!(desk.ring.next_wake_ms(), Some(30_000));
    assert_eq!(desk.end(3, "2", MADE), ["3: b@3"]);
    assert_eq!(desk.end(4, "1", MADE), NOBODY);
    assert_eq!(desk.ask(4, "5", &[]), "a@4");
    assert_eq!(desk.end(5, "3", MADE), ["4: b@5"]);
    assert_eq!(desk.ring.next_wake_ms(), None);
}

#[test]
fn a_lease_whose_holder_died_comes_back_and_goes_to_who_waits() {
    let mut desk = Desk::new(&["a"], None);
    assert_eq!(desk.ask(0, "1", &[]), "a@0");
    let lost = desk.lease_of("1");
    assert_eq!(desk.ask(1, "2", &[]), "queued");
    assert_eq!(desk.ring.next_wake_ms(), Some(30_000));
    assert_eq!(briefly(desk.ring.tick(29_999)), NOBODY);
    assert_eq!(briefly(desk.ring.tick(30_000)), ["2: a@30"]);
    let late = Report { lease: lost, outcome: LeaseOutcome::Refused, gone_models: Vec::new() };
    assert_eq!(briefly(desk.ring.report(31_000, late)), NOBODY);
    assert_eq!(desk.lease_of("1"), 0);
    assert!(desk.lease_of("2") > lost);
}

#[test]
fn a_known_time_is_reserved_and_who_comes_too_late_for_one_is_told_so_at_once() {
    let mut desk = Desk::new(&["a", "b"], Some(2));
    let answers: Vec<_> = (0..8).map(|at| desk.ask(at, &at.to_string(), &[])).collect();
    assert_eq!(answers, ["a@0", "b@1", "a@2", "b@3", "a@61", "b@62", "a@63", "b@64"]);
    assert_eq!(desk.ask(9, "9", &[]), "no@122");
    assert_eq!(desk.ask(62, "10", &[]), "a@122");
}

#[test]
fn a_reservation_that_is_given_back_is_as_if_it_had_never_been_made() {
    let mut desk = Desk::new(&["a"], Some(1));
    assert_eq!(desk.ask(0, "1", &[]), "a@0");
    assert_eq!(desk.ask(1, "2", &[]), "a@61");
    assert_eq!(desk.ask(2, "3", &[]), "no@122");
    assert_eq!(desk.end(3, "2", LeaseOutcome::Unused), NOBODY);
    assert_eq!(desk.ask(3, "4", &[]), "a@61");
    assert_eq!(briefly(desk.ring.cancel(4_000, "4")), NOBODY);
    assert_eq!(desk.ask(4, "5", &[]), "a@61");
}

#[test]
fn who_waits_for_a_key_in_flight_is_not_overtaken_where_another_is_ready_first() {
    let mut desk = Desk::new(&["a", "b"], None);
    assert_eq!(desk.ask(0, "1", &["b"]), "a@0");
    assert_eq!(desk.ask(0, "2", &["a"]), "b@0");
    assert_eq!(desk.end(1, "2", LeaseOutcome::Cooling(Cooling::For(20_000))), NOBODY);
    assert_eq!(desk.ask(2, "3", &[]), "queued", "a may come back before b has rested");
    assert_eq!(desk.ask(3, "4", &["a"]), "queued", "b may be taken by who came before");
    assert_eq!(desk.ring.next_wake_ms(), Some(21_000));
    assert_eq!(briefly(desk.ring.tick(21_000)), ["3: b@21"]);
    assert_eq!(desk.end(25, "3", MADE), ["4: b@25"]);
}

#[test]
fn one_call_is_lost_to_learn_a_limit_and_then_it_is_kept_to() {
    let mut desk = Desk::new(&["a"], None);
    for (start, outcome) in [(0, MADE), (5, MADE), (10, MINUTE)] {
        assert_eq!(desk.ask(start, "1", &[]), format!("a@{start}"));
        assert_eq!(desk.end(start + 4, "1", outcome), NOBODY);
    }
    assert_eq!(desk.ask(15, "2", &[]), "a@74");
    assert_eq!(desk.ask(16, "3", &[]), "queued");
    let again = desk.end(78, "2", MADE);
    assert_eq!(again, ["3: no@78"], "its minute is over");
    assert_eq!(desk.ask(79, "4", &[]), "a@79");
    assert_eq!(desk.end(80, "4", MADE), NOBODY);
    assert_eq!(desk.ask(80, "5", &[]), "a@135");
    assert_eq!(desk.ask(81, "6", &[]), "queued");
    assert_eq!(desk.ask(82, "7", &["a"]), "no");
}

#[test]
fn who_cannot_be_served_is_told_the_soonest_time_and_whether_all_were_refused() {
    let mut desk = Desk::new(&["a", "b"], None);
    desk.ask(0, "1", &[]);
    desk.end(1, "1", LeaseOutcome::Refused);
    assert_eq!(desk.ask(2, "2", &["b"]), "refused@3601");
    assert_eq!(desk.ask(2, "3", &["a", "b"]), "no");
    assert_eq!(desk.ask(2, "4", &[]), "b@2");
    assert_eq!(desk.ask(2, "5", &[]), "queued");
    let day = LeaseOutcome::Cooling(Cooling::For(7_200_000));
    assert_eq!(desk.end(3, "4", day), ["5: no@7203"]);
    assert_eq!(desk.ask(4, "6", &[]), "no@7203");
    let slots = ["a", "b", "c"].map(|id| Slot { id: id.to_owned(), endpoint: String::new() });
    let snapshot = desk.ring.snapshot(4_000, &slots);
    assert_eq!((snapshot.ready, snapshot.cooling, snapshot.disabled), (1, 1, 1));
    desk.keys.clear();
    assert_eq!(desk.ask(4, "7", &[]), "no");
}

#[test]
fn a_ticket_keeps_its_lease_through_a_restart_but_not_one_that_will_no_longer_do() {
    let mut desk = Desk::new(&["a"], Some(1));
    assert_eq!(desk.ask(0, "1", &[]), "a@0");
    assert_eq!(desk.ask(1, "2", &[]), "a@61");
    let second = desk.lease_of("2");
    desk.ring = KeyRing::from_json(&desk.ring.to_json());
    assert_eq!(desk.ask(2, "2", &[]), "a@61");
    assert_eq!(desk.ask(2, "1", &[]), "a@0");
    assert_eq!(desk.lease_of("2"), second);
    desk.end(3, "1", MINUTE);
    assert_eq!(desk.ask(4, "2", &[]), "a@63", "the key rests until then");
    desk.keys = vec!["b"];
    assert_eq!(desk.ask(5, "2", &[]), "b@5");
    assert_eq!(desk.ring.state.slots.in_flight(), 1);
}

#[test]
fn a_grant_names_the_models_that_its_endpoint_no_longer_has() {
    let mut desk = Desk::new(&["a"], None);
    desk.ask(0, "1", &[]);
    desk.ask(0, "2", &[]);
    let report =
        Report { lease: desk.lease_of("1"), outcome: LeaseOutcome::Failed, gone_models: vec!["old".to_owned()] };
    let woken = desk.ring.report(1_000, report);
    let gone = woken.into_iter().map(|(_, answer)| match answer {
        LeaseReply::Granted { gone_models, .. } => gone_models,
        _ => Vec::new(),
    });
    assert_eq!(gone.collect::<Vec<_>>(), [["old"]]);
}

#[test]
fn a_full_house_turns_away_who_comes_last() {
    let mut desk = Desk::new(&["a"], None);
    assert_eq!(desk.ask(0, "first", &[]), "a@0");
    for number in 0..256 {
        assert_eq!(desk.ask(1, &number.to_string(), &[]), "queued");
    }
    assert_eq!(desk.ask(1, "last", &[]), "no@1");
    desk.ring.cancel(2_000, "7");
    assert_eq!(desk.ask(2, "last", &[]), "queued");
}

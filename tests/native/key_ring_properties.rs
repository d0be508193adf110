//! The ring under random schedules: requests, reports, crashes, restarts, changes of the key list.

mod checks;
mod harness;
mod model;

use free_flux_api::error::Cooling;
use free_flux_api::key_ring::KeyRing;
use free_flux_api::ports::lease::{
    GoneCause, GoneModel, LeaseOutcome, LeaseReply, LeaseRequest, Priority, Report, Slot,
};
use proptest::prelude::*;
use proptest::sample::Index;

use self::harness::{Harness, START_MS, Setup};

/// One step of a schedule.
#[derive(Debug, Clone)]
enum Step {
    /// A caller requests a key; the bits choose the excluded slots, and the models.
    Request { excluded: u8, models: u8, patience_ms: u64 },
    /// A caller with a granted key, or a waiting one, repeats its request with the same ticket.
    AskAgain(Index),
    /// A caller returns a key.
    Report(Index, LeaseOutcome),
    /// An endpoint does not have a model.
    Gone { endpoint: usize, model: usize, is_lasting: bool },
    /// A caller with a key crashes: it never reports.
    Die(Index),
    /// A caller leaves that waits, or has not received its grant.
    Forget(Index),
    /// The list of keys changes: the bits choose.
    ChangeKeys(u8),
    /// The ring is evicted and restored; waiting callers repeat their requests, in any order.
    Restart { backwards: bool },
    /// Time passes, in milliseconds.
    Pass(u64),
}

fn outcome() -> impl Strategy<Value = LeaseOutcome> {
    prop_oneof![
        6 => Just(LeaseOutcome::Made),
        2 => Just(LeaseOutcome::Failed),
        2 => Just(LeaseOutcome::Unused),
        1 => Just(LeaseOutcome::Refused),
        1 => Just(LeaseOutcome::KeyInvalid),
        3 => Just(LeaseOutcome::Cooling(Cooling::MinuteLimit)),
        1 => Just(LeaseOutcome::Cooling(Cooling::Unspecified)),
        1 => Just(LeaseOutcome::Cooling(Cooling::DayLimit)),
        1 => Just(LeaseOutcome::Cooling(Cooling::UtcDayLimit)),
        1 => (0..2_000_000_u64).prop_map(|ms| LeaseOutcome::Cooling(Cooling::Until(START_MS + ms))),
        2 => (0..90_000_u64).prop_map(|ms| LeaseOutcome::Cooling(Cooling::For(ms))),
    ]
}

fn gone() -> impl Strategy<Value = Step> {
    let step = |(endpoint, model, is_lasting)| Step::Gone { endpoint, model, is_lasting };
    (0..2_usize, 0..2_usize, any::<bool>()).prop_map(step)
}

fn step() -> impl Strategy<Value = Step> {
    let patience = prop_oneof![0..5_000_u64, 20_000..90_000_u64];
    let pass = prop_oneof![
        8 => 0..10_000_u64,
        4 => 10_000..70_000_u64,
        1 => Just(61_000_u64),
        1 => 3_000_000..4_000_000_u64,
    ];
    let few = prop_oneof![3 => Just(0_u8), 1 => any::<u8>()];
    prop_oneof![
        8 => (few, any::<u8>(), patience)
            .prop_map(|(excluded, models, patience_ms)| Step::Request { excluded, models, patience_ms }),
        1 => any::<Index>().prop_map(Step::AskAgain),
        7 => (any::<Index>(), outcome()).prop_map(|(index, outcome)| Step::Report(index, outcome)),
        1 => gone(),
        1 => any::<Index>().prop_map(Step::Die),
        1 => any::<Index>().prop_map(Step::Forget),
        1 => any::<u8>().prop_map(Step::ChangeKeys),
        1 => any::<bool>().prop_map(|backwards| Step::Restart { backwards }),
        6 => pass.prop_map(Step::Pass),
    ]
}

fn run(setup: Setup, steps: Vec<Step>) {
    let mut harness = Harness::new(setup);
    for step in steps {
        match step {
            Step::Request { excluded, models, patience_ms } => harness.ask(excluded, models, patience_ms),
            Step::AskAgain(index) => harness.ask_again(index),
            Step::Report(index, outcome) => harness.report(index, outcome),
            Step::Gone { endpoint, model, is_lasting } => {
                let cause = if is_lasting { GoneCause::NoSuchModel } else { GoneCause::Unfetchable };
                harness.report_gone(endpoint, model, cause);
            }
            Step::Die(index) => harness.die(index),
            Step::Forget(index) => harness.cancel(index),
            Step::ChangeKeys(bits) => harness.change_keys(bits),
            Step::Restart { backwards } => harness.restart(backwards),
            Step::Pass(ms) => harness.pass(ms),
        }
        harness.check();
    }
    harness.check_the_end();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_a_set_rate_every_rule_holds_in_any_schedule(
        keys in 1..6_usize,
        steps in proptest::collection::vec(step(), 1..70),
    ) {
        run(Setup { keys, ..Setup::default() }, steps);
    }

    #[test]
    fn with_a_set_rate_every_rule_holds_in_any_schedule(
        keys in 1..4_usize,
        per_minute in 1..5_u32,
        steps in proptest::collection::vec(step(), 1..70),
    ) {
        run(Setup { keys, per_minute: Some(per_minute), ..Setup::default() }, steps);
    }

    #[test]
    fn with_two_models_and_all_kinds_of_slots_every_rule_holds_in_any_schedule(
        keys in 1..6_usize,
        per_minute in proptest::option::of(1..5_u32),
        is_mixed in any::<bool>(),
        per_day in proptest::option::of(1..6_u32),
        priorities in prop_oneof![Just(0_u16), any::<u16>()],
        steps in proptest::collection::vec(step(), 1..70),
    ) {
        run(Setup { keys, per_minute, is_mixed, per_day, has_two_models: true, priorities }, steps);
    }

    #[test]
    fn no_number_and_no_stored_text_can_break_it(
        calls in proptest::collection::vec((wild(), wild(), wild(), wild(), any::<u32>(), outcome()), 1..30),
        text in ".{0,40}",
        cut in any::<Index>(),
    ) {
        let mut ring = KeyRing::from_json(&text);
        for (number, (now, arrived_ms, deadline_ms, lease_ms, bits, outcome)) in calls.into_iter().enumerate() {
            let request = LeaseRequest { arrived_ms, deadline_ms, lease_ms, ..odd_request(number, bits) };
            ring.lease(now, request.clone());
            let gone = |cause| GoneModel { endpoint: String::new(), model: format!("{bits}"), cause };
            let gone = vec![gone(GoneCause::NoSuchModel), gone(GoneCause::Unfetchable)];
            ring.report(deadline_ms, Report { lease: Some(arrived_ms), outcome, gone, ..Report::default() });
            let last = serde_json::from_str::<serde_json::Value>(&ring.to_json()).unwrap_or_default();
            let lease = last.pointer("/l").and_then(serde_json::Value::as_u64);
            ring.report(arrived_ms, Report { lease, outcome, gone: Vec::new(), ..Report::default() });
            ring.snapshot(lease_ms, &request.slots);
            ring.tick(lease_ms);
            prop_assert!(ring.to_json().len() < 20_000);
            if bits & 64 != 0 {
                ring = KeyRing::from_json(&ring.to_json());
            }
        }
        let json = ring.to_json();
        prop_assert_eq!(KeyRing::from_json(&json).to_json(), json.clone());
        let broken = json.get(..cut.index(json.len())).unwrap_or("");
        prop_assert_eq!(KeyRing::from_json(broken).to_json(), KeyRing::new().to_json());
    }
}

/// Times near the limits of their type, and ordinary ones.
fn wild() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), 0..3_u64, u64::MAX - 70_000..=u64::MAX, 1_763_800_000_000..1_763_800_200_000_u64]
}

/// A request with lists that do not fit each other, and odd limits.
fn odd_request(number: usize, bits: u32) -> LeaseRequest {
    let slot = |id: usize| Slot {
        id: format!("{id}"),
        endpoint: String::new(),
        names: id,
        priority: [Priority::First, Priority::Normal, Priority::Last][id % 3],
        per_minute: Some(bits).filter(|bits| bits & 1 != 0),
        per_day: Some(bits >> 8 & 3).filter(|_| bits & 2 != 0),
    };
    let name = |at: u32| Some(format!("{at}")).filter(|_| bits >> (4 + at) & 1 != 0);
    LeaseRequest {
        ticket: format!("{}", number % 7),
        arrived_ms: 0,
        deadline_ms: 0,
        lease_ms: 0,
        models: (0..bits % 40).map(|model| format!("{model}")).collect(),
        names: vec![(0..3).map(name).collect(), Vec::new(), (0..9).map(name).collect()],
        slots: (0..3).map(slot).collect(),
        excluded: vec![("1".to_owned(), "0".to_owned()), ("2".to_owned(), "39".to_owned())],
        may_stand_in: bits & 4 != 0,
        if_refused: None,
    }
}

#[test]
fn thousands_of_changing_keys_and_callers_leave_a_state_that_can_be_stored() {
    let mut ring = KeyRing::new();
    let mut longest = 0;
    for number in 0..1_500_u64 {
        let now = 1_763_800_000_000 + number * 10;
        let slot = |key| Slot {
            id: format!("{:016x}", 3 * number + key),
            endpoint: format!("{:016x}", number / 9),
            names: 0,
            priority: Priority::Normal,
            per_minute: None,
            per_day: None,
        };
        let request = LeaseRequest {
            ticket: format!("{number:016x}"),
            arrived_ms: now,
            deadline_ms: now + 60_000,
            lease_ms: 60_000,
            models: vec!["m".to_owned()],
            names: vec![vec![Some(format!("{:x}", number / 9))]],
            slots: (0..3).map(slot).collect(),
            excluded: Vec::new(),
            may_stand_in: false,
            if_refused: None,
        };
        let (answer, _) = ring.lease(now, request);
        if let LeaseReply::Granted { lease, .. } = answer
            && number % 3 == 0
        {
            let outcome = LeaseOutcome::Cooling(Cooling::DayLimit);
            let (endpoint, model) = (format!("{:016x}", number / 9), format!("model {number}"));
            let gone = vec![GoneModel { endpoint, model, cause: GoneCause::NoSuchModel }];
            ring.report(now, Report { lease: Some(lease), outcome, gone, ..Report::default() });
        }
        if number % 50 == 0 {
            longest = longest.max(ring.to_json().len());
        }
    }
    assert!((10_000..500_000).contains(&longest), "{longest} bytes");
}

use url::Url;

use super::*;
use crate::config::{Api, EndpointModels, Secret};

fn endpoint(host: &str, key: &str) -> Endpoint {
    Endpoint {
        url: Url::parse(&format!("https://{host}/v1/images/generations")).unwrap_or_else(|_| unreachable!()),
        key: Some(Secret::new(key)),
        api: Api::OpenAi,
        models: EndpointModels::All,
    }
}

fn transient() -> UpstreamError {
    UpstreamError::Transient("it answered 500".into())
}

/// Two keys at one endpoint, and one at another.
fn three() -> [Endpoint; 3] {
    [endpoint("one.test", "k1"), endpoint("one.test", "k2"), endpoint("two.test", "k3")]
}

fn open(attempts: &Attempts<'_>, endpoints: &[Endpoint]) -> Vec<usize> {
    let open = attempts.open();
    (0..endpoints.len()).filter(|at| open.contains(&endpoints[*at].slot_id())).collect()
}

#[test]
fn each_failure_excludes_only_what_it_is_about() {
    let busy = UpstreamError::KeyBusy { cooling: Cooling::MinuteLimit };
    let cases = [
        (UpstreamError::Rejected("bad words".into()), LeaseOutcome::Failed, vec![2]),
        (UpstreamError::ModelGone("no such model".into()), LeaseOutcome::Failed, vec![0, 1, 2]),
        (UpstreamError::Unfetchable("http".into()), LeaseOutcome::Failed, vec![1, 2]),
        (UpstreamError::KeyRefused, LeaseOutcome::KeyInvalid, vec![0, 1, 2]),
        (busy, LeaseOutcome::Cooling(Cooling::MinuteLimit), vec![0, 1, 2]),
        (transient(), LeaseOutcome::Failed, vec![1, 2]),
        (UpstreamError::TimedOut, LeaseOutcome::Failed, vec![1, 2]),
    ];
    for (failure, outcome, left) in cases {
        let endpoints = three();
        let mut attempts = Attempts::new(endpoints.iter().collect(), vec!["flux", "kolors"]);
        let verdict = attempts.failed(&endpoints[0], "flux", failure.clone());
        assert_eq!((verdict.outcome, open(&attempts, &endpoints)), (outcome, left), "{failure:?}");
    }
}

#[test]
fn a_model_that_is_gone_at_an_address_is_stood_in_for_and_an_address_without_models_is_out() {
    let endpoints = three();
    let mut attempts = Attempts::new(endpoints.iter().collect(), vec!["flux", "kolors"]);
    let verdict = attempts.failed(&endpoints[0], "flux", UpstreamError::ModelGone(String::new()));
    assert_eq!(verdict.gone.iter().map(|gone| gone.model.as_str()).collect::<Vec<_>>(), ["flux"]);
    let model = |attempts: &mut Attempts<'_>, at: usize, granted| {
        attempts.begin(&endpoints[at].slot_id(), granted).map(|(_, model)| model.to_owned())
    };
    assert_eq!(model(&mut attempts, 1, None).as_deref(), Some("kolors"));
    assert_eq!(model(&mut attempts, 2, None).as_deref(), Some("flux"));
    assert_eq!(model(&mut attempts, 2, Some("kolors")).as_deref(), Some("kolors"));
    attempts.failed(&endpoints[0], "kolors", UpstreamError::ModelGone(String::new()));
    assert_eq!(model(&mut attempts, 1, None), None);
    assert_eq!(open(&attempts, &endpoints), [2]);
}

#[test]
fn a_key_that_failed_once_gets_a_second_try_and_no_third() {
    let endpoints = three();
    let mut attempts = Attempts::new(endpoints.iter().collect(), vec!["flux"]);
    assert!(!attempts.may_start_second_round());
    for endpoint in &endpoints {
        attempts.failed(endpoint, "flux", transient());
    }
    assert!(open(&attempts, &endpoints).is_empty() && attempts.may_start_second_round());
    attempts.start_second_round();
    assert_eq!(open(&attempts, &endpoints), [0, 1, 2]);
    attempts.failed(&endpoints[0], "flux", transient());
    assert!(!attempts.may_start_second_round());
}

#[test]
fn seven_calls_are_enough() {
    let endpoints = three();
    let mut attempts = Attempts::new(endpoints.iter().collect(), vec!["flux"]);
    for made in 0..MAX_CALLS {
        assert!(!attempts.is_spent() && attempts.has_begun() == (made > 0));
        assert!(attempts.begin(&endpoints[made % 3].slot_id(), None).is_some());
    }
    assert!(attempts.is_spent());
}

#[test]
fn the_last_word_is_the_most_that_is_known() {
    let busy = |cooling| UpstreamError::KeyBusy { cooling };
    let soon = Exhaustion { retry_ms: Some(1_500), ..Exhaustion::default() };
    let refused = Exhaustion { all_refused: true, ..Exhaustion::default() };
    let none = Exhaustion::default();
    let late = Exhaustion { is_late: true, ..none };
    let cases = [
        (UpstreamError::Rejected("bad words".into()), soon, "prompt_rejected", None),
        (UpstreamError::KeyRefused, refused, "upstream_error", None),
        (transient(), Exhaustion { is_impatient: true, ..soon }, "upstream_error", None),
        (transient(), soon, "keys_exhausted", Some(2)),
        (busy(Cooling::For(20_000)), none, "keys_exhausted", Some(20)),
        (busy(Cooling::DayLimit), none, "keys_exhausted", Some(60)),
        (UpstreamError::ModelGone(String::new()), none, "upstream_error", None),
        (UpstreamError::KeyRefused, none, "upstream_error", None),
        (transient(), none, "upstream_error", None),
        (transient(), late, "upstream_timeout", None),
        (UpstreamError::TimedOut, none, "upstream_timeout", None),
    ];
    for (failure, why, code, retry_after) in cases {
        let endpoints = three();
        let mut attempts = Attempts::new(endpoints.iter().collect(), vec!["flux"]);
        attempts.failed(&endpoints[0], "flux", failure.clone());
        let error = attempts.final_error(why);
        assert_eq!((error.code(), error.retry_after), (code, retry_after), "{failure:?} {why:?}");
    }
}

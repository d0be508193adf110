use url::Url;

use super::*;
use crate::config::{Api, EndpointModels, Secret};
use crate::error::Cooling;
use crate::pipeline::final_error::NoKey;

fn endpoint(host: &str, key: &str, models: &[&str]) -> Endpoint {
    let url = Url::parse(&format!("https://{host}/v1/images/generations")).unwrap_or_else(|_| unreachable!());
    let names = models.iter().map(|name| ((*name).to_owned(), format!("{host} {name}"))).collect();
    Endpoint::at(url, Some(Secret::new(key)), Api::OpenAi, EndpointModels::Named(names))
}

fn transient() -> UpstreamError {
    UpstreamError::Transient("it answered 500".into())
}

fn refused() -> UpstreamError {
    UpstreamError::ModelRefused("paid balance".into())
}

/// Four keys at one address that has both models, and one at another that has the first alone.
fn five() -> Vec<Endpoint> {
    let one = |key| endpoint("one.test", key, &["flux", "kolors"]);
    let mut endpoints: Vec<_> = ["k1", "k2", "k3", "k4"].map(one).into();
    endpoints.push(endpoint("two.test", "k5", &["flux"]));
    endpoints
}

fn attempts(endpoints: &[Endpoint]) -> Attempts<'_> {
    Attempts::new(endpoints, vec!["flux", "kolors"], true, None)
}

/// The endpoints that are left, by their numbers, and the model that they are left for.
fn open(attempts: &Attempts<'_>, endpoints: &[Endpoint]) -> (Vec<usize>, String) {
    let open = attempts.open();
    let is_open = |at: &usize| open.iter().any(|(slot, _)| *slot == endpoints[*at].slot_id());
    let model = open.first().map_or("", |(_, model)| model);
    ((0..endpoints.len()).filter(is_open).collect(), model.to_owned())
}

fn flux(left: &[usize]) -> (Vec<usize>, String) {
    (left.to_vec(), "flux".to_owned())
}

#[test]
fn each_failure_leaves_open_what_it_says_nothing_about() {
    let busy = UpstreamError::KeyBusy { cooling: Cooling::MinuteLimit };
    let cases = [
        (UpstreamError::Rejected("bad words".into()), LeaseOutcome::Failed, flux(&[4])),
        (UpstreamError::Misconfigured("no route".into()), LeaseOutcome::Failed, flux(&[4])),
        (UpstreamError::ModelGone("no such model".into()), LeaseOutcome::Failed, flux(&[4])),
        (UpstreamError::Unfetchable("403".into()), LeaseOutcome::Failed, flux(&[1, 2, 3, 4])),
        (UpstreamError::Forbidden("no".into()), LeaseOutcome::Failed, flux(&[1, 2, 3, 4])),
        (UpstreamError::KeyInvalid, LeaseOutcome::KeyInvalid, flux(&[0, 1, 2, 3, 4])),
        (refused(), LeaseOutcome::Refused, flux(&[0, 1, 2, 3, 4])),
        (busy, LeaseOutcome::Cooling(Cooling::MinuteLimit), flux(&[0, 1, 2, 3, 4])),
        (transient(), LeaseOutcome::Failed, flux(&[1, 2, 3, 4])),
        (UpstreamError::UnknownAddress, LeaseOutcome::Failed, flux(&[1, 2, 3, 4])),
        (UpstreamError::TimedOut, LeaseOutcome::Failed, flux(&[1, 2, 3, 4])),
    ];
    for (failure, outcome, left) in cases {
        let endpoints = five();
        let mut attempts = attempts(&endpoints);
        let verdict = attempts.failed(&endpoints[0], "flux", failure.clone());
        assert_eq!((verdict.outcome, open(&attempts, &endpoints)), (outcome, left), "{failure:?}");
    }
}

#[test]
fn a_model_that_is_gone_everywhere_is_followed_by_the_next_under_the_same_id() {
    let endpoints = five();
    let mut attempts = attempts(&endpoints);
    let verdict = attempts.failed(&endpoints[0], "flux", UpstreamError::ModelGone(String::new()));
    let names: Vec<_> = verdict.gone.iter().map(|gone| (gone.model.as_str(), gone.cause)).collect();
    assert_eq!(names, [("one.test flux", GoneCause::NoSuchModel)]);
    attempts.failed(&endpoints[4], "flux", UpstreamError::ModelGone(String::new()));
    assert_eq!(open(&attempts, &endpoints), (vec![0, 1, 2, 3], "kolors".to_owned()));
    assert_eq!((attempts.stand_in(), attempts.models().len()), (None, 2));
}

#[test]
fn three_refusals_of_a_model_at_one_address_give_it_up_there_and_the_next_stands_in() {
    let endpoints = five();
    let mut attempts = attempts(&endpoints);
    for at in [0, 1, 2] {
        assert_eq!(attempts.failed(&endpoints[at], "flux", refused()).outcome, LeaseOutcome::Refused);
    }
    assert_eq!(open(&attempts, &endpoints), flux(&[4]), "the other address is asked first");
    assert_eq!((attempts.stand_in(), attempts.models()), (None, &["flux"][..]));
    attempts.failed(&endpoints[4], "flux", UpstreamError::ModelGone(String::new()));
    assert_eq!(attempts.stand_in(), Some("kolors"));
    attempts.may_stand_in = false;
    assert_eq!(attempts.stand_in(), None, "the caller named the model");
    assert!(attempts.open().is_empty());
}

#[test]
fn two_images_in_a_row_that_cannot_be_fetched_give_the_model_up_there() {
    let endpoints = vec![endpoint("one.test", "k1", &["flux", "kolors"])];
    let mut attempts = attempts(&endpoints);
    let unfetchable = || UpstreamError::Unfetchable("403".into());
    assert!(attempts.failed(&endpoints[0], "flux", unfetchable()).gone.is_empty());
    let verdict = attempts.failed(&endpoints[0], "flux", unfetchable());
    assert_eq!(verdict.gone.first().map(|gone| gone.cause), Some(GoneCause::Unfetchable));
    assert_eq!(attempts.stand_in(), Some("kolors"));
}

#[test]
fn a_403_without_a_reason_is_about_the_request_where_two_keys_or_the_only_one_get_it_alike() {
    let forbidden = |text: &str| UpstreamError::Forbidden(text.to_owned());
    let endpoints = five();
    let mut alike = attempts(&endpoints);
    alike.failed(&endpoints[0], "flux", forbidden("no"));
    assert!(!alike.was_rejected());
    alike.failed(&endpoints[1], "flux", forbidden("no"));
    assert!(alike.was_rejected());
    let mut unlike = attempts(&endpoints);
    unlike.failed(&endpoints[0], "flux", forbidden("no"));
    unlike.failed(&endpoints[1], "flux", forbidden("not now"));
    assert!(!unlike.was_rejected());
    let mut only = attempts(&endpoints);
    only.failed(&endpoints[4], "flux", forbidden("no"));
    assert!(only.was_rejected());
}

#[test]
fn a_rejected_request_is_not_drawn_by_another_model() {
    let endpoints = five();
    let mut attempts = attempts(&endpoints);
    attempts.failed(&endpoints[0], "flux", UpstreamError::Rejected("bad words".into()));
    attempts.failed(&endpoints[4], "flux", UpstreamError::Rejected("bad words".into()));
    assert!(attempts.open().is_empty() && attempts.stand_in().is_none());
    assert_eq!(attempts.final_error(&Exhaustion::default()).code(), "prompt_rejected");
}

#[test]
fn a_key_that_is_to_rest_is_left_out_where_the_ring_could_not_be_told() {
    let endpoints = five();
    let mut attempts = attempts(&endpoints);
    attempts.report_failed(&endpoints[0], "flux", LeaseOutcome::Refused);
    attempts.report_failed(&endpoints[1], "flux", LeaseOutcome::KeyInvalid);
    assert_eq!(open(&attempts, &endpoints), flux(&[2, 3, 4]));
    let (slots, names) = attempts.slots();
    let rows: Vec<Vec<_>> = slots.iter().map(|slot| names[slot.names].iter().map(Option::is_some).collect()).collect();
    assert_eq!(rows, [vec![false, true], vec![true, true], vec![true, true], vec![true, false]]);
}

#[test]
fn what_failed_once_has_a_second_chance_and_no_third() {
    let endpoints = five();
    let mut attempts = attempts(&endpoints);
    assert!(!attempts.may_start_second_round());
    for endpoint in &endpoints {
        attempts.failed(endpoint, "flux", transient());
    }
    assert!(attempts.may_start_second_round());
    attempts.start_second_round();
    assert_eq!(open(&attempts, &endpoints), flux(&[0, 1, 2, 3, 4]));
    attempts.failed(&endpoints[0], "flux", transient());
    assert!(!attempts.may_start_second_round());
}

#[test]
fn seven_calls_are_enough() {
    let endpoints = five();
    let mut attempts = attempts(&endpoints);
    for made in 0..MAX_CALLS {
        assert!(!attempts.is_spent() && attempts.has_begun() == (made > 0));
        assert!(attempts.begin(&endpoints[made % 5].slot_id(), "flux").is_some());
    }
    assert!(attempts.is_spent() && attempts.begin(&"unknown".to_owned(), "flux").is_none());
}

#[test]
fn the_final_error_says_the_most_that_is_known() {
    let busy = |cooling| UpstreamError::KeyBusy { cooling };
    let none = Exhaustion::default();
    let soon = Exhaustion { no_key: NoKey::Busy(1_500), ..none };
    let all_refused = Exhaustion { no_key: NoKey::AllRefused, ..none };
    let late = Exhaustion { is_late: true, ..none };
    let cases = [
        (UpstreamError::Rejected("bad words".into()), soon, "prompt_rejected", None),
        (UpstreamError::KeyInvalid, all_refused, "upstream_error", None),
        (transient(), Exhaustion { is_impatient: true, ..soon }, "upstream_error", None),
        (transient(), soon, "keys_exhausted", Some(2)),
        (transient(), Exhaustion { no_key: NoKey::AllGone, ..none }, "upstream_error", None),
        (busy(Cooling::For(20_000)), none, "keys_exhausted", Some(20)),
        (busy(Cooling::DayLimit), none, "keys_exhausted", Some(60)),
        (UpstreamError::ModelGone(String::new()), none, "upstream_error", None),
        (UpstreamError::KeyInvalid, none, "upstream_error", None),
        (refused(), none, "upstream_error", None),
        (UpstreamError::Misconfigured("no route".into()), none, "upstream_error", None),
        (transient(), none, "upstream_error", None),
        (transient(), late, "upstream_timeout", None),
        (UpstreamError::TimedOut, none, "upstream_timeout", None),
    ];
    for (failure, why, code, retry_after) in cases {
        let endpoints = five();
        let mut attempts = attempts(&endpoints);
        attempts.failed(&endpoints[4], "flux", failure.clone());
        let error = attempts.final_error(&why);
        assert_eq!((error.code(), error.retry_after), (code, retry_after), "{failure:?} {why:?}");
    }
}

use super::*;
use crate::domain::account::Account;
use crate::error::ErrorKind;
use crate::ports::tally::GrantId;

fn made(model: &str, took_ms: u64) -> MadeCount {
    MadeCount { model: model.to_owned(), fell_back: false, took_ms }
}

fn ended(account: &str, grant: Option<GrantId>, result: EndResult) -> Ended {
    Ended { account: account.to_owned(), grant, result, instead_of: None }
}

fn quota(grant: GrantId, per_day: Option<u32>) -> QuotaRequest {
    QuotaRequest { grant, account: Account { name: "friend".to_owned(), per_day }, lasts_ms: 75_000 }
}

fn stored(stats: &Stats, now_ms: u64) -> Option<Stats> {
    let mut names = NameWriter::default();
    let (days, grants) = stats.to_stored(now_ms, &mut names);
    Stats::from_stored(&days, &grants, now_ms, &NameReader::new(names.into_names()))
}

#[test]
fn a_quota_is_held_to_the_picture_by_what_is_made_and_what_is_being_made() {
    let mut stats = Stats::default();
    let grants: Vec<_> = (1..=50).map(|grant| stats.grant(0, &quota(grant, Some(3)))).collect();
    assert_eq!(grants.iter().filter(|granted| **granted).count(), 3);
    assert!(stats.grant(0, &quota(2, Some(3))), "asked again about the same picture");
    stats.count(1_000, &ended("friend", Some(1), EndResult::Made(made("m", 1_000))));
    assert!(!stats.grant(1_000, &quota(60, Some(3))));
    stats.count(1_000, &ended("friend", Some(2), EndResult::Failed(ErrorKind::Upstream)));
    stats.count(1_000, &ended("friend", Some(3), EndResult::Nothing));
    let again: Vec<_> = (70..73).map(|grant| stats.grant(1_000, &quota(grant, Some(3)))).collect();
    assert_eq!(again, [true, true, false], "given back where nothing was made");
    assert!(stats.grant(1_000, &quota(80, None)), "without a quota");
}

#[test]
fn a_grant_whose_holder_died_is_given_back_and_a_new_day_begins_at_midnight_utc() {
    let mut stats = Stats::default();
    assert!(stats.grant(DAY_MS - 100_000, &quota(1, Some(1))));
    stats.advance_to(DAY_MS - 25_001);
    assert!(!stats.grant(DAY_MS - 25_001, &quota(2, Some(1))));
    stats.advance_to(DAY_MS - 25_000);
    assert!(stats.grant(DAY_MS - 25_000, &quota(3, Some(1))));
    stats.count(DAY_MS - 1, &ended("friend", Some(3), EndResult::Made(made("m", 1))));
    assert!(!stats.grant(DAY_MS - 1, &quota(4, Some(1))));
    assert!(stats.grant(DAY_MS, &quota(5, Some(1))));
    let days: Vec<_> = stats.days(DAY_MS).map(|(number, day)| (number, day.made)).collect();
    assert_eq!(days, [(1, 0), (0, 1)]);
}

#[test]
fn a_picture_that_could_not_be_fetched_is_counted_as_what_came_of_it() {
    let first = made("m", 2_000);
    for (result, expected) in [
        (EndResult::Made(made("n", 5_000)), json!([1, { "n": 1 }, {}, { "friend": 1 }])),
        (EndResult::Failed(ErrorKind::Upstream), json!([0, {}, { "upstream_error": 1 }, {}])),
    ] {
        let mut stats = Stats::default();
        stats.count(0, &ended("friend", None, EndResult::Made(first.clone())));
        stats.count(0, &Ended { instead_of: Some(first.clone()), ..ended("friend", None, result) });
        let day = stats.days(0).next().map(|(_, day)| day.to_json("")).unwrap_or_default();
        assert_eq!(json!([day["made"], day["models"], day["failed"], day["tokens"]]), expected);
        assert_eq!(day["p50_ms"].is_null(), day["made"] == 0);
    }
}

#[test]
fn seven_days_are_kept_and_none_of_the_future() {
    let mut stats = Stats::default();
    for day in 0..20 {
        let now_ms = day * DAY_MS + 5;
        stats.advance_to(now_ms);
        stats.count(now_ms, &ended("friend", None, EndResult::Made(made("m", 1))));
        stats.count_unstored(now_ms);
    }
    let days: Vec<_> = stats.days(19 * DAY_MS).map(|(number, day)| (number, day.made, day.unstored)).collect();
    assert_eq!(days, (13..20).rev().map(|day| (day, 1, 1)).collect::<Vec<_>>());
    stats.advance_to(15 * DAY_MS);
    assert_eq!(
        stats.days.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        [13, 14, 15],
        "the clock was set back"
    );
    stats.advance_to(40 * DAY_MS);
    assert_eq!(stats, Stats::default());
}

#[test]
fn it_is_the_same_again_after_it_was_stored() {
    let mut stats = Stats::default();
    let hostile = "a|b:c \" 9\u{1f600}";
    for (now_ms, account) in [(5, "friend"), (DAY_MS, hostile), (2 * DAY_MS, hostile)] {
        stats.count(now_ms, &ended(account, None, EndResult::Made(made("m", 1_234))));
        stats.count(now_ms, &ended(account, None, EndResult::Failed(ErrorKind::KeysExhausted)));
        stats.count_unstored(now_ms);
    }
    assert!(stats.grant(2 * DAY_MS, &quota(u64::MAX, Some(5))));
    for stats in [stats, Stats::default()] {
        assert_eq!(stored(&stats, 2 * DAY_MS + 7), Some(stats));
    }
    let names = NameReader::new(vec!["a".to_owned()]);
    for day in ["", "0", "0   ", "0 1 1 1|||", "0 1 1 1|1:1|||", "0 1 1 é||||", "0 1 1 4294967296000||||"] {
        assert_eq!(Stats::from_stored(&[day.to_owned()], &[], 0, &names), None, "{day}");
    }
    for grant in ["", "1 0", "1 1 5", "x- 0 5"] {
        assert_eq!(Stats::from_stored(&[], &[grant.to_owned()], 0, &names), None, "{grant}");
    }
}

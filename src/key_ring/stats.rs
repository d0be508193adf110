//! What the ring counts: the generations of the last days, and the quotas of accounts.

use serde_json::{Value, json};

use super::counts::NamedCounts;
use super::grants::Grants;
use super::histogram::Histogram;
use super::limits::{DAY_MS, MAX_AHEAD_MS};
use super::names::{NameReader, NameWriter};
use super::number::{read, read_some, write, write_some};
use crate::ports::tally::{EndResult, Ended, MadeCount, QuotaRequest};

/// The number of days that are kept, the present one included.
const DAYS: u64 = 7;

/// The counts of the last days, and the grants of quotas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stats {
    /// The days, each with its number (UTC), counted since 1970. A list: there are seven, and a map is more code.
    days: Vec<(u64, Day)>,
    grants: Grants,
}

/// A day's counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Day {
    made: u32,
    fallbacks: u32,
    unstored: u32,
    failed: NamedCounts,
    models: NamedCounts,
    accounts: NamedCounts,
    times: Histogram,
}

impl Stats {
    /// Grants a picture of an account's quota at `now_ms`. False if the account has had its pictures of the day, those
    /// included that are being made.
    pub(super) fn grant(&mut self, now_ms: u64, request: &QuotaRequest) -> bool {
        let QuotaRequest { grant, account, lasts_ms } = request;
        let made = self.day(now_ms / DAY_MS).map_or(0, |day| day.accounts.of(&account.name));
        let is_over = |per_day| made.saturating_add(self.grants.of(&account.name)) >= per_day;
        if self.grants.has(*grant) {
            return true;
        }
        let until_ms = now_ms.saturating_add((*lasts_ms).min(MAX_AHEAD_MS));
        !account.per_day.is_some_and(is_over) && self.grants.add(*grant, &account.name, until_ms)
    }

    /// Counts a generation that has ended at `now_ms`.
    pub(super) fn count(&mut self, now_ms: u64, ended: &Ended) {
        if let Some(grant) = ended.grant {
            self.grants.remove(grant);
        }
        if ended.result == EndResult::Nothing && ended.instead_of.is_none() {
            return;
        }
        let Some(day) = self.today(now_ms) else { return };
        if let Some(made) = &ended.instead_of {
            day.take_back(&ended.account, made);
        }
        match &ended.result {
            EndResult::Made(made) => day.add(&ended.account, made),
            EndResult::Failed(kind) => day.failed.add(kind.code()),
            EndResult::Nothing => {}
        }
    }

    /// Counts a write that the store refused.
    pub(super) fn count_unstored(&mut self, now_ms: u64) {
        if let Some(day) = self.today(now_ms) {
            day.unstored = day.unstored.saturating_add(1);
        }
    }

    /// The last days at `now_ms` with their numbers, the newest first; also those without any count.
    pub(super) fn days(&self, now_ms: u64) -> impl Iterator<Item = (u64, Day)> {
        let numbers = (0..DAYS).filter_map(move |back| (now_ms / DAY_MS).checked_sub(back));
        numbers.map(|number| (number, self.day(number).cloned().unwrap_or_default()))
    }

    /// The number of writes that the store refused on the day of `now_ms`.
    pub(super) fn unstored(&self, now_ms: u64) -> u32 {
        self.day(now_ms / DAY_MS).map_or(0, |day| day.unstored)
    }

    /// Drops days that are over for long, or in the future, and grants that have expired.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        let today = now_ms / DAY_MS;
        self.days.retain(|(day, _)| *day <= today && today - *day < DAYS);
        self.grants.advance_to(now_ms);
    }

    /// The stored form: the days, and the grants.
    pub(super) fn to_stored(&self, now_ms: u64, names: &mut NameWriter) -> (Vec<String>, Vec<String>) {
        let days = self.days.iter().map(|(day, counts)| counts.to_text(*day, now_ms / DAY_MS, names)).collect();
        (days, self.grants.to_stored(now_ms, names))
    }

    /// Reads the stored form.
    pub(super) fn from_stored(days: &[String], grants: &[String], now_ms: u64, names: &NameReader) -> Option<Self> {
        let days = days.iter().map(|text| Day::from_text(text, now_ms / DAY_MS, names)).collect::<Option<_>>()?;
        Some(Self { days, grants: Grants::from_stored(grants, now_ms, names)? })
    }

    fn day(&self, number: u64) -> Option<&Day> {
        self.days.iter().find(|(known, _)| *known == number).map(|(_, day)| day)
    }

    /// The day of `now_ms`, added if it is new.
    fn today(&mut self, now_ms: u64) -> Option<&mut Day> {
        let number = now_ms / DAY_MS;
        if self.day(number).is_none() {
            self.days.push((number, Day::default()));
        }
        self.days.iter_mut().find(|(known, _)| *known == number).map(|(_, day)| day)
    }
}

impl Day {
    fn add(&mut self, account: &str, made: &MadeCount) {
        self.made = self.made.saturating_add(1);
        self.fallbacks = self.fallbacks.saturating_add(u32::from(made.fell_back));
        self.models.add(&made.model);
        self.accounts.add(account);
        self.times.add(made.took_ms);
    }

    fn take_back(&mut self, account: &str, made: &MadeCount) {
        self.made = self.made.saturating_sub(1);
        self.fallbacks = self.fallbacks.saturating_sub(u32::from(made.fell_back));
        self.models.remove(&made.model);
        self.accounts.remove(account);
        self.times.remove(made.took_ms);
    }

    /// The day as the owner sees it.
    pub(super) fn to_json(&self, date: &str) -> Value {
        json!({
            "date": date,
            "made": self.made,
            "failed": self.failed.to_json(),
            "fallbacks": self.fallbacks,
            "models": self.models.to_json(),
            "tokens": self.accounts.to_json(),
            "p50_ms": self.times.percentile_ms(50),
            "p95_ms": self.times.percentile_ms(95),
        })
    }

    /// The text form of the day `number`, which is written relative to `today`.
    fn to_text(&self, number: u64, today: u64, names: &mut NameWriter) -> String {
        let numbers = [self.made, self.fallbacks, self.unstored].map(|number| write_some(number.into(), 0));
        let counts = [&self.failed, &self.models, &self.accounts].map(|counts| counts.to_text(names));
        let times = self.times.to_text();
        format!("{} {}|{}|{times}", write(number, today), numbers.join(" "), counts.join("|"))
    }

    /// Reads the text form: the day's number, and the day.
    fn from_text(text: &str, today: u64, names: &NameReader) -> Option<(u64, Self)> {
        let mut parts = text.split('|');
        let mut fields = parts.next()?.split(' ');
        let number = read(fields.next()?, today)?;
        let mut field = || u32::try_from(read_some(fields.next()?, 0)?).ok();
        let (made, fallbacks, unstored) = (field()?, field()?, field()?);
        let mut counts = || NamedCounts::from_text(parts.next()?, names);
        let (failed, models, accounts) = (counts()?, counts()?, counts()?);
        let times = Histogram::from_text(parts.next()?)?;
        Some((number, Self { made, fallbacks, unstored, failed, models, accounts, times }))
    }
}

#[cfg(test)]
mod tests;

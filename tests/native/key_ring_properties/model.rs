//! The expected behaviour of one slot, computed the slow way from its grants and reports.

use std::collections::BTreeMap;

use free_flux_api::error::Cooling;
use free_flux_api::ports::lease::LeaseOutcome;

pub(super) const MINUTE_MS: u64 = 60_000;
pub(super) const WINDOW_MS: u64 = 61_000;
pub(super) const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A granted lease. Times are unix milliseconds.
#[derive(Debug, Clone)]
pub(super) struct Out {
    pub(super) lease: u64,
    pub(super) model: String,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// A slot with one model. Times are unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct PairModel {
    cool_until: u64,
    is_long: bool,
    refused_until: u64,
    is_doubtful: bool,
    starts: Vec<u64>,
    made: Vec<u64>,
    learned: Option<(usize, u64)>,
}

/// A slot. Times are unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct SlotModel {
    /// The set rate, in calls a minute for each model.
    pub(super) rate: Option<u32>,
    pub(super) per_day: Option<u32>,
    pub(super) pairs: BTreeMap<String, PairModel>,
    pub(super) out: Vec<Out>,
    /// The number of the last grant.
    pub(super) last: usize,
    pub(super) invalid_until: u64,
    pub(super) is_doubtful: bool,
    /// The starts of the calls that made an image.
    pub(super) made: Vec<u64>,
}

impl PairModel {
    /// The number of images that it may give in a window, if known.
    fn rate(&self, now: u64, set: Option<u32>) -> Option<usize> {
        let learned = self.learned.filter(|(_, until)| now < *until).map(|(rate, _)| rate);
        set.and_then(|rate| usize::try_from(rate).ok()).or(learned)
    }

    /// True if a call at `at` leaves no more than `rate` in any window.
    fn fits(&self, at: u64, rate: usize) -> bool {
        let mut all = self.starts.clone();
        all.push(at);
        all.sort_unstable();
        let count = |first: &u64| all.iter().filter(|start| (*first..first + WINDOW_MS).contains(start)).count();
        all.iter().filter(|first| (**first..**first + WINDOW_MS).contains(&at)).all(|first| count(first) <= rate)
    }

    fn soonest(&self, now: u64, from: u64, set: Option<u32>) -> u64 {
        let from = from.max(self.cool_until).max(self.refused_until);
        let Some(rate) = self.rate(now, set) else {
            return from;
        };
        let mut times: Vec<_> = self.starts.iter().map(|start| start + WINDOW_MS).filter(|at| *at > from).collect();
        times.push(from);
        times.sort_unstable();
        times.into_iter().find(|at| self.fits(*at, rate)).unwrap_or(u64::MAX)
    }

    fn cool(&mut self, now: u64, cooling: Cooling, learns_from: Option<u64>) {
        let midnight_at = |hour: u64| {
            let hours = (1..=24).map(|hours| (now / HOUR_MS + hours) * HOUR_MS);
            hours.into_iter().find(|at| at % DAY_MS == hour * HOUR_MS).unwrap_or(0)
        };
        let until = match cooling {
            Cooling::For(ms) => now + ms.clamp(1_000, 25 * HOUR_MS),
            Cooling::MinuteLimit | Cooling::Unspecified => now + MINUTE_MS,
            Cooling::DayLimit => midnight_at(16),
            Cooling::UtcDayLimit => midnight_at(0),
            Cooling::Until(at) => at.clamp(now + 1_000, now + 25 * HOUR_MS),
        };
        if until > self.cool_until {
            self.cool_until = until;
            self.is_long = until - now > 10 * MINUTE_MS;
        }
        if let Some(start) = learns_from.filter(|_| cooling == Cooling::MinuteLimit) {
            self.learned = Some((self.most_in_a_minute(start), now + HOUR_MS));
        }
    }

    fn most_in_a_minute(&self, end: u64) -> usize {
        let recent: Vec<_> = self.made.iter().filter(|made| **made <= end && *made + WINDOW_MS > end).collect();
        let count = |first: u64| recent.iter().filter(|made| (first..first + MINUTE_MS).contains(**made)).count();
        recent.iter().map(|first| count(**first)).max().unwrap_or(1)
    }
}

impl SlotModel {
    /// True if it was refused and made no image since.
    pub(super) fn is_doubtful(&self, model: &str) -> bool {
        self.is_doubtful || self.pairs.get(model).is_some_and(|pair| pair.is_doubtful)
    }

    /// True if no call in flight or reserved keeps another from being made.
    pub(super) fn is_free(&self, now: u64, model: &str) -> bool {
        let mut out = self.out.iter().filter(|out| now < out.end);
        match self.rate {
            None => out.next().is_none(),
            Some(_) if self.is_doubtful(model) => !out.any(|out| self.is_doubtful || out.model == model),
            Some(_) => true,
        }
    }

    /// True if the slot is refused for the model.
    pub(super) fn is_refused(&self, now: u64, model: &str) -> bool {
        self.invalid_until > now || self.pairs.get(model).is_some_and(|pair| pair.refused_until > now)
    }

    /// True if it was made to rest for the model for more than ten minutes, and more than one is left.
    pub(super) fn rests_long(&self, now: u64, model: &str) -> bool {
        let day_end = if self.day_is_used_up(now, now) { (now / DAY_MS + 1) * DAY_MS } else { 0 };
        let long = |pair: &PairModel| pair.refused_until.max(if pair.is_long { pair.cool_until } else { 0 });
        let pair = self.pairs.get(model).map_or(0, long);
        day_end.max(pair).max(self.invalid_until) > now + MINUTE_MS
    }

    /// The end of its cool-downs for the model.
    pub(super) fn ready_at(&self, model: &str) -> u64 {
        self.pairs.get(model).map_or(0, |pair| pair.cool_until.max(pair.refused_until)).max(self.invalid_until)
    }

    fn day_is_used_up(&self, now: u64, at: u64) -> bool {
        let in_flight = self.out.iter().filter(|out| now < out.end).map(|out| &out.start);
        let all = self.made.iter().chain(in_flight).filter(|start| **start / DAY_MS == at / DAY_MS);
        self.per_day.is_some_and(|per_day| all.count() >= usize::try_from(per_day).unwrap_or(usize::MAX))
    }

    /// The earliest time for one more call, if its leases are returned now.
    pub(super) fn soonest(&self, now: u64, model: &str) -> u64 {
        let mut from = now.max(self.invalid_until);
        if self.rate.is_none() {
            let promised = self.out.iter().filter(|out| now < out.end).map(|out| out.start);
            from = promised.fold(from, u64::max);
        }
        let none = PairModel::default();
        let pair = self.pairs.get(model).unwrap_or(&none);
        let at = pair.soonest(now, from, self.rate);
        if self.day_is_used_up(now, at) { pair.soonest(now, (at / DAY_MS + 1) * DAY_MS, self.rate) } else { at }
    }

    /// True if a caller could get it now.
    pub(super) fn is_ready(&self, now: u64, model: &str) -> bool {
        self.is_free(now, model) && self.soonest(now, model) == now
    }

    /// Grants a lease.
    pub(super) fn grant(&mut self, now: u64, number: usize, out: Out) {
        let id = out.lease;
        assert!(self.out.iter().all(|other| other.lease != id), "lease {id} was given twice");
        assert!(self.is_free(now, &out.model), "a key is in flight already");
        assert!(!self.day_is_used_up(now, out.start), "beyond the day's pictures");
        assert!(out.start >= self.invalid_until);
        let rate = self.rate;
        let pair = self.pairs.entry(out.model.clone()).or_default();
        assert!(out.start >= pair.cool_until.max(pair.refused_until), "it rests");
        assert!(pair.rate(now, rate).is_none_or(|rate| pair.fits(out.start, rate)), "past its rate");
        pair.starts.push(out.start);
        self.last = number;
        self.out.push(out);
    }

    /// Returns a lease.
    pub(super) fn give_back(&mut self, now: u64, lease: u64, outcome: LeaseOutcome) {
        let Some(at) = self.out.iter().position(|out| out.lease == lease && now < out.end) else {
            return;
        };
        let out = self.out.remove(at);
        let learns_from = Some(out.start).filter(|_| self.rate.is_none());
        let pair = self.pairs.entry(out.model).or_default();
        match outcome {
            LeaseOutcome::Made => {
                pair.made.push(out.start);
                pair.is_doubtful = false;
                self.made.push(out.start);
                self.is_doubtful = false;
            }
            LeaseOutcome::Failed => {}
            LeaseOutcome::Unused => {
                if let Some(at) = pair.starts.iter().position(|start| *start == out.start) {
                    pair.starts.remove(at);
                }
            }
            LeaseOutcome::Refused => (pair.refused_until, pair.is_doubtful) = (now + HOUR_MS, true),
            LeaseOutcome::KeyInvalid => (self.invalid_until, self.is_doubtful) = (now + HOUR_MS, true),
            LeaseOutcome::Cooling(cooling) => pair.cool(now, cooling, learns_from),
        }
    }

    /// The ring forgets a slot that nobody named for long.
    pub(super) fn forget(&mut self) {
        self.last = 0;
        self.is_doubtful = false;
        self.pairs.values_mut().for_each(|pair| pair.is_doubtful = false);
    }

    /// After a restart, the leases that keep others from using the key end soon.
    pub(super) fn restart(&mut self, now: u64) {
        if self.rate.is_none() {
            self.out.iter_mut().for_each(|out| out.end = out.end.min(now + 3_000));
        }
    }
}

//! The expected behaviour of one slot, computed the slow way from its grants and reports.

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
    pub(super) start: u64,
    pub(super) end: u64,
}

/// A slot. Times are unix milliseconds.
#[derive(Debug, Default)]
pub(super) struct SlotModel {
    pub(super) cool_until: u64,
    pub(super) refused_until: u64,
    pub(super) starts: Vec<u64>,
    pub(super) out: Vec<Out>,
    /// The number of the last grant.
    pub(super) last: usize,
    made: Vec<u64>,
    learned: Option<(usize, u64)>,
}

impl SlotModel {
    /// True if a call is in flight or reserved.
    pub(super) fn is_out(&self, now: u64) -> bool {
        self.out.iter().any(|out| now < out.end)
    }

    /// The number of images that it may give in a window, if known.
    pub(super) fn rate(&self, now: u64, setting: Option<u32>) -> Option<usize> {
        let learned = self.learned.filter(|(_, until)| now < *until).map(|(rate, _)| rate);
        setting.and_then(|rate| usize::try_from(rate).ok()).or(learned)
    }

    /// True if a call at `at` leaves no more than `rate` in any window.
    pub(super) fn fits(&self, at: u64, rate: usize) -> bool {
        let mut all = self.starts.clone();
        all.push(at);
        all.sort_unstable();
        let count = |first: &u64| all.iter().filter(|start| (*first..first + WINDOW_MS).contains(start)).count();
        all.iter().filter(|first| (**first..**first + WINDOW_MS).contains(&at)).all(|first| count(first) <= rate)
    }

    /// The earliest time for one more call, if its leases are returned now.
    pub(super) fn soonest(&self, now: u64, setting: Option<u32>) -> u64 {
        let mut from = now.max(self.cool_until).max(self.refused_until);
        if setting.is_none() {
            let promised = self.out.iter().filter(|out| now < out.end).map(|out| out.start);
            from = promised.fold(from, u64::max);
        }
        let Some(rate) = self.rate(now, setting) else {
            return from;
        };
        let mut times: Vec<_> = self.starts.iter().map(|start| start + WINDOW_MS).filter(|at| *at > from).collect();
        times.push(from);
        times.sort_unstable();
        times.into_iter().find(|at| self.fits(*at, rate)).unwrap_or(u64::MAX)
    }

    /// True if a caller could get it now.
    pub(super) fn is_ready(&self, now: u64, setting: Option<u32>) -> bool {
        (setting.is_some() || !self.is_out(now)) && self.soonest(now, setting) == now
    }

    /// Returns a lease.
    pub(super) fn give_back(&mut self, now: u64, lease: u64, outcome: LeaseOutcome, setting: Option<u32>) {
        let Some(at) = self.out.iter().position(|out| out.lease == lease && now < out.end) else {
            return;
        };
        let out = self.out.remove(at);
        match outcome {
            LeaseOutcome::Made => self.made.push(out.start),
            LeaseOutcome::Failed => {}
            LeaseOutcome::Unused => {
                if let Some(at) = self.starts.iter().position(|start| *start == out.start) {
                    self.starts.remove(at);
                }
            }
            LeaseOutcome::Refused => self.refused_until = now + HOUR_MS,
            LeaseOutcome::Cooling(cooling) => {
                let until = match cooling {
                    Cooling::For(ms) => now + ms.clamp(1_000, 25 * HOUR_MS),
                    Cooling::MinuteLimit | Cooling::Unspecified => now + MINUTE_MS,
                    Cooling::UtcDayLimit | Cooling::Until(_) => unreachable!("not drawn"),
                    Cooling::DayLimit => (1..=24)
                        .map(|hours| (now / HOUR_MS + hours) * HOUR_MS)
                        .find(|at| at % DAY_MS == 16 * HOUR_MS)
                        .unwrap_or(0),
                };
                self.cool_until = self.cool_until.max(until);
                if cooling == Cooling::MinuteLimit && setting.is_none() {
                    self.learned = Some((self.most_in_a_minute(out.start), now + HOUR_MS));
                }
            }
        }
    }

    fn most_in_a_minute(&self, end: u64) -> usize {
        let recent: Vec<_> = self.made.iter().filter(|made| **made <= end && *made + WINDOW_MS > end).collect();
        let count = |first: u64| recent.iter().filter(|made| (first..first + MINUTE_MS).contains(**made)).count();
        recent.iter().map(|first| count(**first)).max().unwrap_or(1)
    }
}

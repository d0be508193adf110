//! The calls of the last minute and the reservations of the next, by which a rate limit is kept.

use std::fmt::Write as _;

use super::limits::{MAX_LEASES, MINUTE_MS};
use super::number::{read, write};

/// The period of the rate limit, in milliseconds: a minute, plus a second because one call may reach the upstream late
/// and a later one early.
pub(super) const WINDOW_MS: u64 = MINUTE_MS + 1_000;
/// The highest rate limit; the settings accept no higher one.
const MAX_RATE: usize = 1_000;
/// The maximum number of starts: a minute at the highest rate, plus every possible lease.
const MAX_STARTS: usize = MAX_RATE + MAX_LEASES;
/// The mark before a start in the text form, of a call that made an image.
const MADE: char = '+';
/// The mark before any other start.
const NOT_MADE: char = '.';

/// The start of a call, in unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    at_ms: u64,
    /// True if the call made an image.
    made: bool,
}

/// The starts of calls, earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Window(Vec<Start>);

impl Window {
    /// Adds a start.
    pub(super) fn add(&mut self, at_ms: u64) {
        self.insert(Start { at_ms, made: false });
    }

    fn insert(&mut self, start: Start) {
        let at = self.0.partition_point(|known| known.at_ms <= start.at_ms);
        self.0.insert(at, start);
        if self.0.len() > MAX_STARTS {
            self.0.remove(0);
        }
    }

    /// True if it contains no start.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Records that the call of this start made an image.
    pub(super) fn mark_made(&mut self, at_ms: u64) {
        if let Some(start) = self.0.iter_mut().find(|start| start.at_ms == at_ms && !start.made) {
            start.made = true;
        }
    }

    /// Removes a start that made no image, if present.
    pub(super) fn remove(&mut self, at_ms: u64) {
        if let Some(at) = self.0.iter().position(|start| start.at_ms == at_ms && !start.made) {
            self.0.remove(at);
        }
    }

    /// Drops starts that no longer matter to a call at `now_ms` or later, and starts later than `last_ms`.
    pub(super) fn prune(&mut self, now_ms: u64, last_ms: u64) {
        self.0.retain(|start| start.at_ms.saturating_add(WINDOW_MS) > now_ms && start.at_ms <= last_ms);
    }

    /// The earliest time, `from_ms` or later, at which one more call leaves no more than `rate` calls in any
    /// [`WINDOW_MS`].
    pub(super) fn soonest(&self, from_ms: u64, rate: u32) -> u64 {
        let rate = usize::try_from(rate).unwrap_or(MAX_RATE).clamp(1, MAX_RATE);
        let mut at = from_ms;
        while let Some(next) = self.blocked_until(at, rate) {
            if next <= at {
                break;
            }
            at = next;
        }
        at
    }

    /// `None` if a call at `at_ms` keeps to the rate; otherwise the time at which the last of the full windows around
    /// it allows the next call.
    fn blocked_until(&self, at_ms: u64, rate: usize) -> Option<u64> {
        let before = self.0.partition_point(|start| start.at_ms <= at_ms);
        let groups =
            self.0.windows(rate).enumerate().skip(before.saturating_sub(rate)).take_while(|(at, _)| *at <= before);
        groups
            .filter_map(|(_, group)| Some((group.first()?.at_ms, group.last()?.at_ms)))
            .filter(|(first, last)| (*last).max(at_ms) - (*first).min(at_ms) < WINDOW_MS)
            .map(|(first, _)| first.saturating_add(WINDOW_MS))
            .last()
    }

    /// The maximum number of images within one minute, of those in the window before `end_ms`.
    pub(super) fn most_in_a_minute(&self, end_ms: u64) -> u32 {
        let is_recent = |start: &&Start| start.at_ms <= end_ms && start.at_ms.saturating_add(WINDOW_MS) > end_ms;
        let made: Vec<_> = self.0.iter().filter(is_recent).filter(|start| start.made).map(|s| s.at_ms).collect();
        let from = |first: u64| made.iter().filter(|at| (first..first.saturating_add(MINUTE_MS)).contains(at)).count();
        let most = made.iter().map(|first| from(*first)).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// The number of images whose calls started after `since_ms`.
    pub(super) fn made_since(&self, since_ms: u64) -> u32 {
        let made = self.0.iter().filter(|start| start.made && start.at_ms > since_ms).count();
        u32::try_from(made).unwrap_or(u32::MAX)
    }

    /// The text form: each start after a mark, the first relative to `base_ms`, each other to the one before. The ring
    /// is stored at each lease and each report, and its windows are most of the state.
    pub(super) fn to_text(&self, base_ms: u64) -> String {
        let mut text = String::new();
        let mut last = base_ms;
        for start in &self.0 {
            // Writing into a String does not fail.
            let mark = if start.made { MADE } else { NOT_MADE };
            let _ = write!(text, "{mark}{}", write(start.at_ms, last));
            last = start.at_ms;
        }
        text
    }

    /// Reads the text form.
    pub(super) fn from_text(text: &str, base_ms: u64) -> Option<Self> {
        let mut window = Self::default();
        let mut last = base_ms;
        let mut rest = text;
        while let Some(mark) = rest.chars().next() {
            let number = rest.strip_prefix([MADE, NOT_MADE])?;
            let end = number.find([MADE, NOT_MADE]).unwrap_or(number.len());
            last = read(number.get(..end)?, last)?;
            window.insert(Start { at_ms: last, made: mark == MADE });
            rest = number.get(end..)?;
        }
        Some(window)
    }
}

#[cfg(test)]
mod tests;

//! The calls of the last minute and those promised for the next: how a rate is kept.

use serde_json::Value;

use crate::json::{Json, serde_by_json};

/// A minute, in milliseconds: what upstreams count by.
pub(super) const MINUTE_MS: u64 = 60_000;
/// What a rate is kept over, in milliseconds: a minute, and a second because one call may reach
/// the upstream late and a later one early.
pub(super) const WINDOW_MS: u64 = MINUTE_MS + 1_000;
/// The highest rate that is kept; the settings take no higher one.
const MAX_RATE: usize = 1_000;
/// The most starts that are kept: a minute of the highest rate, and every lease that can be out.
const MAX_STARTS: usize = MAX_RATE + super::MAX_LEASES;

/// The starts of calls, in unix milliseconds, the earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Window(Vec<u64>);

impl Window {
    /// Adds a start.
    pub(super) fn add(&mut self, start_ms: u64) {
        let at = self.0.partition_point(|known| *known <= start_ms);
        self.0.insert(at, start_ms);
        if self.0.len() > MAX_STARTS {
            self.0.remove(0);
        }
    }

    /// Removes a start, where it is there.
    pub(super) fn remove(&mut self, start_ms: u64) {
        if let Ok(at) = self.0.binary_search(&start_ms) {
            self.0.remove(at);
        }
    }

    /// Forgets what a call at `now_ms` or later has no need of, and starts later than `last_ms`.
    pub(super) fn prune(&mut self, now_ms: u64, last_ms: u64) {
        self.0.retain(|start| start.saturating_add(WINDOW_MS) > now_ms && *start <= last_ms);
    }

    /// The earliest time, `from_ms` or later, at which one more call leaves no more than `rate` in
    /// any [`WINDOW_MS`].
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

    /// When a call at `at_ms` would be one too many: the time that the last of the groups it would
    /// be too much for allows the next.
    fn blocked_until(&self, at_ms: u64, rate: usize) -> Option<u64> {
        let before = self.0.partition_point(|start| *start <= at_ms);
        let groups =
            self.0.windows(rate).enumerate().skip(before.saturating_sub(rate)).take_while(|(at, _)| *at <= before);
        groups
            .filter_map(|(_, group)| Some((*group.first()?, *group.last()?)))
            .filter(|(first, last)| (*last).max(at_ms) - (*first).min(at_ms) < WINDOW_MS)
            .map(|(first, _)| first.saturating_add(WINDOW_MS))
            .last()
    }

    /// The most starts that fell into one minute, of those in the window before `end_ms`.
    pub(super) fn most_in_a_minute(&self, end_ms: u64) -> u32 {
        let recent = || self.0.iter().filter(|start| **start <= end_ms && start.saturating_add(WINDOW_MS) > end_ms);
        let from =
            |first: u64| recent().filter(|start| (first..first.saturating_add(MINUTE_MS)).contains(start)).count();
        let most = recent().map(|first| from(*first)).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }
}

impl From<Vec<u64>> for Window {
    fn from(starts: Vec<u64>) -> Self {
        let mut window = Self::default();
        for start in starts {
            window.add(start);
        }
        window
    }
}

impl Json for Window {
    fn to_json(&self) -> Value {
        self.0.to_json()
    }

    fn from_json(json: &Value) -> Option<Self> {
        Vec::from_json(json).map(Self::from)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

serde_by_json!(Window);

#[cfg(test)]
mod tests {
    use super::*;

    fn window(seconds: &[u64]) -> Window {
        Window::from(seconds.iter().map(|start| start * 1_000).collect::<Vec<_>>())
    }

    #[test]
    fn a_call_waits_until_it_leaves_no_more_than_the_rate_in_any_window() {
        let cases: [(&[u64], u64, u32, u64); 8] = [
            (&[], 5, 2, 5),
            (&[0], 5, 2, 5),
            (&[0, 3], 5, 2, 61),
            (&[0, 3, 61], 5, 2, 64),
            // A reservation in between was given back: its time is free again.
            (&[0, 3, 64], 5, 2, 61),
            // A call now would be too many for those that are promised.
            (&[40, 50], 0, 2, 101),
            (&[0], 5, 1, 61),
            (&[0], 5, 0, 61),
        ];
        for (starts, from, rate, expected) in cases {
            let soonest = window(starts).soonest(from * 1_000, rate);
            assert_eq!(soonest, expected * 1_000, "{starts:?} from {from} at {rate}");
        }
    }

    #[test]
    fn times_at_the_end_of_what_a_number_can_hold_come_to_an_end() {
        let mut window = window(&[0]);
        window.add(u64::MAX - 1);
        window.add(u64::MAX);
        assert_eq!(window.soonest(u64::MAX, 1), u64::MAX);
        window.prune(u64::MAX, u64::MAX);
        assert!(window.0.is_empty());
    }

    #[test]
    fn a_minutes_most_images_are_counted_within_the_window_before_a_refusal() {
        let cases: [(&[u64], u64, u32); 5] = [
            (&[], 10, 0),
            (&[0, 5], 10, 2),
            // The first may still have counted for the upstream, but not together with the last.
            (&[0, 30, 60], 60, 2),
            (&[0, 30], 75, 1),
            (&[0, 5, 20], 10, 2),
        ];
        for (starts, end, expected) in cases {
            let most = window(starts).most_in_a_minute(end * 1_000);
            assert_eq!(most, expected, "{starts:?} before {end}");
        }
    }

    #[test]
    fn what_was_stored_out_of_order_or_too_long_is_put_right() {
        let starts: Vec<u64> = (0..10_000).rev().collect();
        let window = Window::from(starts);
        assert_eq!(window.0.len(), MAX_STARTS);
        assert_eq!((window.0.first(), window.0.last()), (Some(&7_976), Some(&9_999)));
    }
}

//! The calls of the last minute and the reservations of the next, by which a rate limit is kept.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::limits::{MAX_LEASES, MINUTE_MS};

/// The period of the rate limit, in milliseconds: a minute, plus a second because one call may reach the upstream late
/// and a later one early.
pub(super) const WINDOW_MS: u64 = MINUTE_MS + 1_000;
/// The highest rate limit; the settings accept no higher one.
const MAX_RATE: usize = 1_000;
/// The maximum number of starts: a minute at the highest rate, plus every possible lease.
const MAX_STARTS: usize = MAX_RATE + MAX_LEASES;

/// The starts of calls, in unix milliseconds, earliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
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

    /// True if it contains no start.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Removes a start, if present.
    pub(super) fn remove(&mut self, start_ms: u64) {
        if let Ok(at) = self.0.binary_search(&start_ms) {
            self.0.remove(at);
        }
    }

    /// Drops starts that no longer matter to a call at `now_ms` or later, and starts later than `last_ms`.
    pub(super) fn prune(&mut self, now_ms: u64, last_ms: u64) {
        self.0.retain(|start| start.saturating_add(WINDOW_MS) > now_ms && *start <= last_ms);
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
        let before = self.0.partition_point(|start| *start <= at_ms);
        let groups =
            self.0.windows(rate).enumerate().skip(before.saturating_sub(rate)).take_while(|(at, _)| *at <= before);
        groups
            .filter_map(|(_, group)| Some((*group.first()?, *group.last()?)))
            .filter(|(first, last)| (*last).max(at_ms) - (*first).min(at_ms) < WINDOW_MS)
            .map(|(first, _)| first.saturating_add(WINDOW_MS))
            .last()
    }

    /// The maximum number of starts within one minute, of those in the window before `end_ms`.
    pub(super) fn most_in_a_minute(&self, end_ms: u64) -> u32 {
        let recent = || self.0.iter().filter(|start| **start <= end_ms && start.saturating_add(WINDOW_MS) > end_ms);
        let from =
            |first: u64| recent().filter(|start| (first..first.saturating_add(MINUTE_MS)).contains(start)).count();
        let most = recent().map(|first| from(*first)).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }
}

/// The text form: the first start, then the difference of each start to the one before. The ring is stored at each
/// lease and each report, and its windows are most of the state. A list of absolute times takes three times as much
/// text.
impl From<Window> for String {
    fn from(window: Window) -> Self {
        let mut text = Self::new();
        let mut last = 0;
        for start in &window.0 {
            let separator = if text.is_empty() { "" } else { " " };
            // Writing into a String does not fail.
            let _ = write!(text, "{separator}{}", start - last);
            last = *start;
        }
        text
    }
}

impl TryFrom<String> for Window {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut window = Self::default();
        let mut start: u64 = 0;
        for later in text.split(' ') {
            start = start.saturating_add(later.parse()?);
            window.add(start);
        }
        Ok(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(seconds: &[u64]) -> Window {
        let mut window = Window::default();
        for start in seconds {
            window.add(start * 1_000);
        }
        window
    }

    #[test]
    fn a_call_waits_until_it_leaves_no_more_than_the_rate_in_any_window() {
        let cases: [(&[u64], u64, u32, u64); 8] = [
            (&[], 5, 2, 5),
            (&[0], 5, 2, 5),
            (&[0, 3], 5, 2, 61),
            (&[0, 3, 61], 5, 2, 64),
            // A reservation in between was returned: its time is free again.
            (&[0, 3, 64], 5, 2, 61),
            // A call now would break the rate together with the reservations.
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
            // The upstream may still have counted the first, but not together with the last.
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
    fn it_is_the_same_again_after_it_was_stored_and_its_text_is_short() {
        let end = u64::MAX / 1_000;
        for starts in [vec![7], vec![0, 0, 3], vec![1_780_000_000, 1_780_000_061], vec![0, end]] {
            let text = String::from(window(&starts));
            assert_eq!(Window::try_from(text.clone()), Ok(window(&starts)), "{text}");
        }
        let busy: Vec<_> = (1_780_000_000..1_780_000_060).collect();
        assert_eq!(String::from(window(&busy)), format!("1780000000000{}", " 1000".repeat(59)));
    }

    #[test]
    fn an_invalid_window_is_refused_and_a_too_long_one_is_truncated() {
        for wrong in ["", "1  2", "-1", "1.5", "18446744073709551616"] {
            assert!(Window::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        let read = Window::try_from(format!("0{}", " 1".repeat(9_999))).unwrap_or_default();
        assert_eq!(read.0.len(), MAX_STARTS);
        assert_eq!((read.0.first(), read.0.last()), (Some(&7_976), Some(&9_999)));
        let read = Window::try_from(format!("{} 1", u64::MAX)).unwrap_or_default();
        assert_eq!(read.0, [u64::MAX, u64::MAX]);
    }
}

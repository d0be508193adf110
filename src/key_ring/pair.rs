//! One key with one model: upstreams limit and refuse by both.

use super::cool_down::cool_until_ms;
use super::limits::{HOUR_MS, LONG_REST_MS, MAX_COOL_MS};
use super::number::{read, read_some, write, write_some};
use super::window::Window;
use crate::error::Cooling;

/// The mark of a long cool-down in the text form.
const LONG: char = '!';
/// The mark of a doubtful pair.
const DOUBTFUL: char = '?';

/// A rate that was learned from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Learned {
    per_minute: u32,
    until_ms: u64,
}

/// The state of a key for one model. Times are unix milliseconds; 0 means none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pair {
    cool_until_ms: u64,
    /// True if the cool-down was imposed for a long time.
    is_long: bool,
    refused_until_ms: u64,
    /// True if it was refused, and has made no image since.
    pub(super) is_doubtful: bool,
    learned: Option<Learned>,
    /// The starts of its calls, past and future.
    starts: Window,
}

impl Pair {
    /// The earliest start, `from_ms` or later, that its cool-down and its rate allow.
    pub(super) fn soonest_ms(&self, now_ms: u64, from_ms: u64, per_minute: Option<u32>) -> u64 {
        let from = from_ms.max(self.ready_at_ms());
        let learned = self.learned.filter(|learned| now_ms < learned.until_ms).map(|learned| learned.per_minute);
        per_minute.or(learned).map_or(from, |rate| self.starts.soonest(from, rate))
    }

    /// The end of its cool-down.
    pub(super) fn ready_at_ms(&self) -> u64 {
        self.cool_until_ms.max(self.refused_until_ms)
    }

    /// The end of a rest that was imposed for a long time.
    pub(super) fn long_rest_until_ms(&self) -> u64 {
        if self.is_long { self.ready_at_ms() } else { self.refused_until_ms }
    }

    pub(super) fn is_refused(&self, now_ms: u64) -> bool {
        self.refused_until_ms > now_ms
    }

    /// True if nothing about it needs to be remembered.
    pub(super) fn is_idle(&self, now_ms: u64) -> bool {
        self.starts.is_empty() && self.learned.is_none() && !self.is_doubtful && self.ready_at_ms() <= now_ms
    }

    pub(super) fn add_start(&mut self, start_ms: u64) {
        self.starts.add(start_ms);
    }

    pub(super) fn remove_start(&mut self, start_ms: u64) {
        self.starts.remove(start_ms);
    }

    pub(super) fn mark_made(&mut self, start_ms: u64) {
        self.is_doubtful = false;
        self.starts.mark_made(start_ms);
    }

    /// The images of calls that started after `since_ms`.
    pub(super) fn made_since(&self, since_ms: u64) -> u32 {
        self.starts.made_since(since_ms)
    }

    /// Sets it aside for an hour.
    pub(super) fn refuse(&mut self, now_ms: u64) {
        self.is_doubtful = true;
        self.refused_until_ms = now_ms.saturating_add(HOUR_MS);
    }

    /// Begins a cool-down. If the refused call that started at `learns_from_ms` was over a limit by the minute, the
    /// images of the minute before it are the rate.
    pub(super) fn cool(&mut self, now_ms: u64, cooling: Cooling, learns_from_ms: Option<u64>) {
        let until_ms = cool_until_ms(now_ms, cooling);
        if until_ms > self.cool_until_ms {
            self.cool_until_ms = until_ms;
            self.is_long = until_ms.saturating_sub(now_ms) > LONG_REST_MS;
        }
        if let Some(start_ms) = learns_from_ms.filter(|_| cooling == Cooling::MinuteLimit) {
            let per_minute = self.starts.most_in_a_minute(start_ms).max(1);
            self.learned = Some(Learned { per_minute, until_ms: now_ms.saturating_add(HOUR_MS) });
        }
    }

    /// Drops outdated information and times that are impossible unless the clock went backwards. Starts are kept that
    /// may matter to a call since `oldest_ms`, and none after `last_ms`.
    pub(super) fn advance_to(&mut self, now_ms: u64, oldest_ms: u64, last_ms: u64) {
        let current = |until_ms: u64, longest_ms| {
            if until_ms <= now_ms { 0 } else { until_ms.min(now_ms.saturating_add(longest_ms)) }
        };
        self.cool_until_ms = current(self.cool_until_ms, MAX_COOL_MS);
        self.is_long &= self.cool_until_ms > 0;
        self.refused_until_ms = current(self.refused_until_ms, HOUR_MS);
        self.learned = self.learned.filter(|known| known.until_ms > now_ms && known.until_ms - now_ms <= HOUR_MS);
        self.starts.prune(oldest_ms, last_ms);
    }

    /// The text form, with times relative to `base_ms`.
    pub(super) fn to_text(&self, base_ms: u64) -> String {
        let [cool, refused] = [self.cool_until_ms, self.refused_until_ms].map(|at_ms| write_some(at_ms, base_ms));
        let learned = self.learned.map_or_else(String::new, |learned| {
            format!("{},{}", write(u64::from(learned.per_minute), 0), write(learned.until_ms, base_ms))
        });
        let starts = self.starts.to_text(base_ms);
        let mark = |is_set: bool, mark: char| is_set.then_some(mark).map_or_else(String::new, String::from);
        let (long, doubtful) = (mark(self.is_long, LONG), mark(self.is_doubtful, DOUBTFUL));
        format!("{cool}{long}:{refused}{doubtful}:{learned}:{starts}").trim_end_matches(':').to_owned()
    }

    /// Reads the text form.
    pub(super) fn from_text(text: &str, base_ms: u64) -> Option<Self> {
        let mut fields = text.split(':');
        let mut field = || fields.next().unwrap_or_default();
        let cool = field();
        let is_long = cool.ends_with(LONG);
        let cool_until_ms = read_some(cool.trim_end_matches(LONG), base_ms)?;
        let refused = field();
        let is_doubtful = refused.ends_with(DOUBTFUL);
        let refused_until_ms = read_some(refused.trim_end_matches(DOUBTFUL), base_ms)?;
        let learned = match field() {
            "" => None,
            learned => {
                let (rate, until) = learned.split_once(',')?;
                let per_minute = u32::try_from(read(rate, 0)?).ok()?;
                Some(Learned { per_minute, until_ms: read(until, base_ms)? })
            }
        };
        let starts = Window::from_text(field(), base_ms)?;
        Some(Self { cool_until_ms, is_long, refused_until_ms, is_doubtful, learned, starts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key_ring::limits::MINUTE_MS;

    /// A pair after calls that made an image.
    fn after(made: &[u64]) -> Pair {
        let mut pair = Pair::default();
        for start in made {
            pair.add_start(*start);
            pair.mark_made(*start);
        }
        pair
    }

    #[test]
    fn a_rest_is_never_shortened_by_a_later_smaller_one() {
        let mut pair = after(&[]);
        pair.cool(1_000, Cooling::For(90_000), None);
        pair.cool(3_000, Cooling::For(5_000), None);
        assert_eq!(pair.ready_at_ms(), 91_000);
    }

    #[test]
    fn a_rest_is_long_by_the_time_for_which_it_was_imposed_and_to_its_end() {
        let until = |cooling: &[Cooling]| {
            let mut pair = Pair::default();
            for cooling in cooling {
                pair.cool(0, *cooling, None);
            }
            pair.long_rest_until_ms()
        };
        let (long, short) = (Cooling::For(LONG_REST_MS + 1), Cooling::For(LONG_REST_MS));
        assert_eq!([until(&[short]), until(&[long]), until(&[long, short])], [0, LONG_REST_MS + 1, LONG_REST_MS + 1]);
        let mut refused = Pair::default();
        refused.refuse(0);
        assert_eq!(refused.long_rest_until_ms(), HOUR_MS);
    }

    #[test]
    fn a_minute_limit_teaches_the_rate_and_it_is_kept_to_for_an_hour() {
        let mut pair = after(&[0, 5_000]);
        pair.add_start(10_000);
        pair.cool(11_000, Cooling::MinuteLimit, Some(10_000));
        pair.advance_to(71_000, 71_000, 71_000);
        pair.add_start(71_000);
        pair.add_start(75_000);
        assert_eq!(pair.soonest_ms(79_000, 79_000, None), 71_000 + 61_000);
        assert_eq!(pair.soonest_ms(79_000, 79_000, Some(3)), 79_000, "a set rate comes first");
        let last = 11_000 + HOUR_MS;
        pair.add_start(last - 2);
        pair.add_start(last - 2);
        assert!(pair.soonest_ms(last - 1, last - 1, None) > last);
        pair.advance_to(last, last, last);
        assert_eq!(pair.soonest_ms(last, last, None), last);
    }

    #[test]
    fn the_rate_that_is_taught_is_at_least_one_and_a_set_rate_is_taught_nothing() {
        let rate = |pair: &Pair| pair.learned.map(|learned| learned.per_minute);
        let mut pair = after(&[]);
        pair.cool(0, Cooling::MinuteLimit, Some(0));
        assert_eq!(rate(&pair), Some(1));
        let mut pair = after(&[0]);
        pair.cool(1_000, Cooling::MinuteLimit, None);
        pair.cool(1_000, Cooling::Unspecified, Some(1_000));
        assert_eq!((rate(&pair), pair.ready_at_ms()), (None, 1_000 + MINUTE_MS));
    }

    #[test]
    fn it_is_the_same_again_after_it_was_stored() {
        let mut pair = after(&[0, 5_000, u64::MAX]);
        pair.cool(11_000, Cooling::MinuteLimit, Some(10_000));
        let mut refused = Pair::default();
        refused.refuse(7);
        refused.advance_to(8, 8, 8);
        let mut long = Pair::default();
        long.cool(7, Cooling::DayLimit, None);
        for pair in [Pair::default(), after(&[1]), refused, long, pair] {
            for base in [0, 60_000, u64::MAX] {
                let text = pair.to_text(base);
                assert_eq!(Pair::from_text(&text, base), Some(pair.clone()), "{text}");
            }
        }
        for wrong in [":::x", "x y", "::2", "::-1,5", "::4294967296000,5"] {
            assert_eq!(Pair::from_text(wrong, 0), None, "{wrong}");
        }
    }
}

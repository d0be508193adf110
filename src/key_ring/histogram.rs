//! A small histogram of durations.

use super::number::{read, write};

/// Each power of two is divided into so many steps, and as many bits follow the first one: a step is a ninth of its value
/// at most.
const STEP_BITS: u32 = 3;
/// The longest duration that is told from longer ones, in milliseconds: more than any time limit.
const LONGEST_MS: u64 = 1 << 20;

/// The number of durations of each step, by step; those without any are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Histogram(Vec<(u64, u32)>);

impl Histogram {
    /// Adds a duration.
    pub(super) fn add(&mut self, ms: u64) {
        let step = step_of(ms);
        let at = self.0.partition_point(|(known, _)| *known < step);
        match self.0.get_mut(at) {
            Some((known, count)) if *known == step => *count = count.saturating_add(1),
            _ => self.0.insert(at, (step, 1)),
        }
    }

    /// Takes a duration out that was added.
    pub(super) fn remove(&mut self, ms: u64) {
        let step = step_of(ms);
        for (_, count) in self.0.iter_mut().filter(|(known, _)| *known == step) {
            *count = count.saturating_sub(1);
        }
        self.0.retain(|(_, count)| *count > 0);
    }

    /// The duration that `percent` of 100 do not exceed, in milliseconds, as the middle of its step; `None` without any.
    pub(super) fn percentile_ms(&self, percent: u64) -> Option<u64> {
        let all: u64 = self.0.iter().map(|(_, count)| u64::from(*count)).sum();
        let rank = (all * percent).div_ceil(100);
        let mut seen = 0;
        let reaches = |(_, count): &&(u64, u32)| {
            seen += u64::from(*count);
            seen >= rank
        };
        self.0.iter().find(reaches).map(|(step, _)| middle_ms(*step))
    }

    /// The text form.
    pub(super) fn to_text(&self) -> String {
        let step = |(step, count): &(u64, u32)| format!("{}:{}", write(*step, 0), write(u64::from(*count), 0));
        self.0.iter().map(step).collect::<Vec<_>>().join(" ")
    }

    /// Reads the text form.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let step = |text: &str| {
            let (step, count) = text.split_once(':')?;
            Some((read(step, 0)?, u32::try_from(read(count, 0)?).ok()?))
        };
        text.split(' ').filter(|text| !text.is_empty()).map(step).collect::<Option<_>>().map(Self)
    }
}

/// The step of a duration: the place of its first bit, and the bits after that.
fn step_of(ms: u64) -> u64 {
    let ms = ms.min(LONGEST_MS);
    match ms.checked_ilog2().and_then(|first| first.checked_sub(STEP_BITS)) {
        Some(shift) => (u64::from(shift) << STEP_BITS) + (ms >> shift),
        None => ms,
    }
}

/// The middle of a step, in milliseconds.
fn middle_ms(step: u64) -> u64 {
    let steps = 1 << STEP_BITS;
    let Some(shift) = (step / steps).checked_sub(1) else { return step };
    let start = (step % steps + steps).checked_shl(u32::try_from(shift).unwrap_or(u32::MAX)).unwrap_or(LONGEST_MS);
    start + (1_u64 << shift.min(63)) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_known_to_a_sixteenth_and_longer_ones_come_later() {
        let mut last = 0;
        for ms in (0..2_000).chain((2_000..LONGEST_MS).step_by(97)) {
            let (step, middle) = (step_of(ms), middle_ms(step_of(ms)));
            assert!(step >= last && middle.abs_diff(ms) * 16 <= ms, "{ms}: step {step}, {middle} ms");
            last = step;
        }
        assert_eq!(step_of(u64::MAX), step_of(LONGEST_MS));
    }

    #[test]
    fn a_percentile_is_the_duration_that_so_many_do_not_exceed() {
        let mut times = Histogram::default();
        assert_eq!(times.percentile_ms(50), None);
        (1..=100).for_each(|number| times.add(if number <= 94 { 1_000 } else { 30_000 }));
        assert_eq!(times.percentile_ms(50).map(|ms| ms.abs_diff(1_000) <= 62), Some(true));
        assert_eq!(times.percentile_ms(95).map(|ms| ms.abs_diff(30_000) <= 1_875), Some(true));
        (0..6).for_each(|_| times.remove(30_000));
        assert_eq!(times.percentile_ms(95), times.percentile_ms(50));
        times.remove(5);
        (0..94).for_each(|_| times.remove(1_000));
        assert_eq!(times, Histogram::default());
    }

    #[test]
    fn it_is_the_same_again_after_it_was_stored() {
        let mut times = Histogram::default();
        for ms in [0, 5, 900, 900, 61_000, u64::MAX] {
            times.add(ms);
        }
        for times in [times, Histogram::default()] {
            assert_eq!(Histogram::from_text(&times.to_text()), Some(times));
        }
        for wrong in ["x", "1:", "1:x y", "1:4294967296000"] {
            assert_eq!(Histogram::from_text(wrong), None, "{wrong}");
        }
        assert!(middle_ms(u64::MAX) > 0, "whatever was stored");
    }
}

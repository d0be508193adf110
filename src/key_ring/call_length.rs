//! The mean length of recent calls, for estimates of the time at which a key in flight comes back.

use super::limits::MINUTE_MS;

/// The assumed length before the first call ends, in milliseconds.
const FIRST_MS: u64 = 5_000;
/// The bounds of the mean, in milliseconds.
const BOUNDS_MS: (u64, u64) = (500, MINUTE_MS);

/// A moving average over some eight calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CallLength(u64);

impl Default for CallLength {
    fn default() -> Self {
        Self(FIRST_MS)
    }
}

impl CallLength {
    /// A mean that was stored, brought within bounds.
    pub(super) fn new(ms: u64) -> Self {
        Self(ms.clamp(BOUNDS_MS.0, BOUNDS_MS.1))
    }

    /// The mean, in milliseconds.
    pub(super) fn ms(self) -> u64 {
        self.0
    }

    /// Adds a call that took `ms`.
    pub(super) fn add(&mut self, ms: u64) {
        *self = Self::new((self.0 * 7 + ms.min(BOUNDS_MS.1)).div_ceil(8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_the_calls_within_bounds() {
        let mut length = CallLength::default();
        (0..40).for_each(|_| length.add(12_000));
        assert!((11_900..=12_000).contains(&length.ms()), "{length:?}");
        (0..80).for_each(|_| length.add(0));
        assert_eq!(length.ms(), BOUNDS_MS.0);
        (0..80).for_each(|_| length.add(u64::MAX));
        assert_eq!(length.ms(), BOUNDS_MS.1);
        assert_eq!(CallLength::new(u64::MAX), CallLength::new(MINUTE_MS));
    }
}

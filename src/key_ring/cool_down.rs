//! The duration of a cool-down, from the upstream's response.

use super::limits::{DAY_MS, HOUR_MS, MAX_COOL_MS, MINUTE_MS};
use crate::error::Cooling;

/// The shortest cool-down, in milliseconds: `Retry-After: 0` must not cause a busy loop.
const MIN_COOL_MS: u64 = 1_000;
/// China's offset from UTC, in milliseconds: the upstream's daily quota is reset at midnight there.
const CHINA_MS: u64 = 8 * HOUR_MS;

/// The end of the cool-down of a key that was rate-limited at `now_ms`; both in unix milliseconds.
pub(super) fn cool_until_ms(now_ms: u64, cooling: Cooling) -> u64 {
    match cooling {
        Cooling::For(ms) => now_ms.saturating_add(ms.clamp(MIN_COOL_MS, MAX_COOL_MS)),
        Cooling::MinuteLimit | Cooling::Unspecified => now_ms.saturating_add(MINUTE_MS),
        Cooling::DayLimit => next_midnight_ms(now_ms.saturating_add(CHINA_MS)).saturating_sub(CHINA_MS),
        Cooling::UtcDayLimit => next_midnight_ms(now_ms),
        Cooling::Until(at_ms) => at_ms.clamp(now_ms.saturating_add(MIN_COOL_MS), now_ms.saturating_add(MAX_COOL_MS)),
    }
}

/// The next midnight (UTC) after `now_ms`.
pub(super) fn next_midnight_ms(now_ms: u64) -> u64 {
    (now_ms / DAY_MS + 1).saturating_mul(DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2025-11-22T15:59:59.999Z: one millisecond before midnight in China.
    const EVE: u64 = 1_763_827_199_999;

    #[test]
    fn a_key_cools_down_for_as_long_as_its_upstream_asks() {
        let cases = [
            (Cooling::For(20_000), 20_000),
            (Cooling::For(0), MIN_COOL_MS),
            (Cooling::For(u64::MAX), MAX_COOL_MS),
            (Cooling::MinuteLimit, MINUTE_MS),
            (Cooling::Unspecified, MINUTE_MS),
            (Cooling::DayLimit, 1),
            (Cooling::UtcDayLimit, 8 * HOUR_MS + 1),
            (Cooling::Until(EVE + 5_000), 5_000),
            (Cooling::Until(0), MIN_COOL_MS),
            (Cooling::Until(u64::MAX), MAX_COOL_MS),
        ];
        for (cooling, expected) in cases {
            assert_eq!(cool_until_ms(EVE, cooling) - EVE, expected, "{cooling:?}");
        }
    }

    #[test]
    fn at_12_minutes_past_21_the_utc_day_is_left_for_10_080_seconds() {
        let now = EVE - 16 * HOUR_MS + 1 + 21 * HOUR_MS + 12 * MINUTE_MS;
        assert_eq!(cool_until_ms(now, Cooling::UtcDayLimit) - now, 10_080_000);
        assert_eq!(cool_until_ms(now, Cooling::DayLimit) - now, 67_680_000);
    }

    #[test]
    fn the_day_turns_at_midnight_in_china() {
        assert_eq!(cool_until_ms(EVE + 1, Cooling::DayLimit), EVE + 1 + DAY_MS);
        assert_eq!(cool_until_ms(EVE + DAY_MS / 2, Cooling::DayLimit), EVE + 1 + DAY_MS);
        assert!(cool_until_ms(u64::MAX, Cooling::DayLimit) > u64::MAX - 2 * DAY_MS);
    }
}

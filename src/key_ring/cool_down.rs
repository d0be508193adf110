//! The duration of a key's cool-down, from the upstream's response.

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
        Cooling::DayLimit => {
            let day = now_ms.saturating_add(CHINA_MS) / DAY_MS;
            (day + 1).saturating_mul(DAY_MS).saturating_sub(CHINA_MS)
        }
        Cooling::UtcDayLimit => (now_ms / DAY_MS + 1).saturating_mul(DAY_MS),
        Cooling::Until(at_ms) => at_ms.clamp(now_ms.saturating_add(MIN_COOL_MS), now_ms.saturating_add(MAX_COOL_MS)),
    }
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
        ];
        for (cooling, expected) in cases {
            assert_eq!(cool_until_ms(EVE, cooling) - EVE, expected, "{cooling:?}");
        }
    }

    #[test]
    fn the_day_turns_at_midnight_in_china() {
        assert_eq!(cool_until_ms(EVE + 1, Cooling::DayLimit), EVE + 1 + DAY_MS);
        assert_eq!(cool_until_ms(EVE + DAY_MS / 2, Cooling::DayLimit), EVE + 1 + DAY_MS);
        assert!(cool_until_ms(u64::MAX, Cooling::DayLimit) > u64::MAX - 2 * DAY_MS);
    }
}

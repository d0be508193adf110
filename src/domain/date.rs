//! Dates of the calendar.

/// Days of an era of 400 years, after which the calendar repeats.
const ERA_DAYS: u64 = 146_097;
/// The days from the first of March of the year 0, on which an era begins, to the first of January 1970.
const EPOCH_DAYS: u64 = 719_468;

/// A day (UTC), in days since 1970, as `YYYY-MM-DD`.
pub fn date(day: u64) -> String {
    let days = day.saturating_add(EPOCH_DAYS);
    let (era, day) = (days / ERA_DAYS, days % ERA_DAYS);
    // Leap days come every four years, but for each hundredth, and again for the last.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Five months from March on have 153 days.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", era * 400 + year + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_dates_of_the_calendar() {
        for (day, expected) in [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (789, "1972-02-29"),
            (10_956, "1999-12-31"),
            (11_016, "2000-02-29"),
            (20_605, "2026-06-01"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(date(day), expected);
        }
        let dates: Vec<_> = (0..100_000).map(date).collect();
        assert!(dates.is_sorted(), "each is later than the one before");
    }
}

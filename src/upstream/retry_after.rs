//! The time after which an upstream accepts requests again: `Retry-After`, or a date in its message.

use crate::http::Headers;

/// The shortest accepted wait, in milliseconds: "0" would cause a busy loop with one key.
const MIN_WAIT_MS: u64 = 1_000;
/// The longest accepted wait, in milliseconds: no quota period exceeds a day, and an upstream's mistake must not
/// disable a key for good.
const MAX_WAIT_MS: u64 = 24 * 60 * 60 * 1_000;

/// A day in seconds.
const SECONDS_A_DAY: u64 = 24 * 60 * 60;
/// China's offset from UTC, in seconds.
const CHINA_SECONDS: u64 = 8 * 60 * 60;

/// The wait in milliseconds, given as a number of seconds or as a date. A date is compared with the response's own
/// `Date`, so that neither our clock nor an error of theirs matters.
pub(super) fn retry_after_ms(headers: &Headers) -> Option<u64> {
    let value = headers.get("Retry-After")?.trim();
    let until = || Some(unix_seconds(value)?.saturating_sub(unix_seconds(headers.get("Date")?.trim())?));
    let wait = milliseconds(value).or_else(|| Some(until()?.saturating_mul(1_000)))?;
    Some(wait.clamp(MIN_WAIT_MS, MAX_WAIT_MS))
}

/// Parses seconds, with or without a fraction, as milliseconds. They are not parsed as a float: the tables for that are
/// 5 % of the Worker.
fn milliseconds(seconds: &str) -> Option<u64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let is_number = !whole.is_empty() && [whole, fraction].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    // A number that overflows is longer than the longest wait in any case.
    let digits = format!("{whole}{fraction:0<3.3}");
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// The unix time of a date in HTTP's preferred format, `Sun, 06 Nov 1994 08:49:37 GMT`.
fn unix_seconds(date: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, date) = date.strip_suffix(" GMT")?.split_once(", ")?;
    let mut parts = date.split(' ');
    let day: u64 = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = u64::try_from(MONTHS.iter().position(|month| *month == name)?).ok()? + 1;
    let year: u64 = parts.next()?.parse().ok()?;
    Some(days_since_1970(year, month, day)? * SECONDS_A_DAY + seconds_of_day(parts.next()?)?)
}

/// The time that a message names, in unix milliseconds: `Your limit will reset at 2026-09-13 02:29:27`, which is China's
/// time.
pub(super) fn named_time_ms(message: &str) -> Option<u64> {
    let dates = message.match_indices('-').filter_map(|(at, _)| message.get(at.checked_sub(4)?..));
    dates.map(time_at_start_ms).find(Option::is_some)?
}

/// The time at the start of a text, `2026-09-13 02:29:27` and more.
fn time_at_start_ms(text: &str) -> Option<u64> {
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    if !text.get(10..11)?.starts_with([' ', 'T']) || !date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return None;
    }
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<u64>().ok());
    let days = days_since_1970(parts.next()??, parts.next()??, parts.next()??)?;
    let seconds = (days * SECONDS_A_DAY + seconds_of_day(time)?).checked_sub(CHINA_SECONDS)?;
    Some(seconds * 1_000)
}

/// The seconds since midnight of `08:49:37`.
fn seconds_of_day(time: &str) -> Option<u64> {
    time.splitn(3, ':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok().filter(|part| *part <= 60)?))
}

/// The number of days from 1 January 1970 to a day.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1_970..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years start in March, so that the leap day is the last day of the year.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    // 719,468 days lie between 1 March of the year 0 and 1 January 1970.
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(fields: &[(&'static str, &str)]) -> Option<u64> {
        retry_after_ms(&fields.iter().copied().collect())
    }

    #[test]
    fn seconds_are_read_and_kept_within_reason() {
        for (value, ms) in [
            ("30", Some(30_000)),
            (" 1.5 ", Some(1_500)),
            ("2.0625", Some(2_062)),
            ("1e3", None),
            ("0", Some(MIN_WAIT_MS)),
            ("86400", Some(MAX_WAIT_MS)),
            ("99999999999999999999999999", Some(MAX_WAIT_MS)),
            ("-1", None),
            ("NaN", None),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(wait(&[("Retry-After", value)]), ms, "{value}");
        }
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn a_date_is_held_against_the_answers_own_date() {
        let now = ("Date", "Tue, 29 Feb 2028 23:59:30 GMT");
        assert_eq!(wait(&[now, ("Retry-After", "Wed, 01 Mar 2028 00:00:00 GMT")]), Some(30_000));
        assert_eq!(wait(&[now, ("Retry-After", "Mon, 28 Feb 2028 00:00:00 GMT")]), Some(MIN_WAIT_MS));
        assert_eq!(wait(&[("Retry-After", "Wed, 01 Mar 2028 00:00:00 GMT")]), None);
        assert_eq!(wait(&[now, ("Retry-After", "Wednesday")]), None);
    }

    #[test]
    fn known_dates_have_their_known_unix_times() {
        for (date, seconds) in [
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Tue, 29 Feb 2000 12:00:00 GMT", Some(951_825_600)),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Foo 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 0000 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 99:49:37 GMT", None),
            ("Sun, 06", None),
        ] {
            assert_eq!(unix_seconds(date), seconds, "{date}");
        }
    }

    #[test]
    fn a_time_that_a_message_names_is_chinas() {
        for (message, ms) in [
            ("Usage limit reached for 5 hour. Your limit will reset at 2026-09-13 02:29:27", Some(1_789_237_767_000)),
            ("[1308][… will reset at 2026-09-13 02:29:27][20260913003433-53f6]", Some(1_789_237_767_000)),
            ("glm-4-flash：您的限额将在 2026-09-13 02:29:27 重置。", Some(1_789_237_767_000)),
            ("until 2026-09-13T02:29:27+08:00", Some(1_789_237_767_000)),
            ("1970-01-01 08:00:00", Some(0)),
            ("1970-01-01 07:59:59", None),
            ("resets at 2026-13-13 02:29:27", None),
            ("resets at 2026-09-13 02:99:27", None),
            ("resets at 2026-09-13", None),
            ("resets at 2026-09-1猫 02:29:27", None),
            ("----------------------------", None),
            ("resets soon", None),
            ("", None),
        ] {
            assert_eq!(named_time_ms(message), ms, "{message}");
        }
    }
}

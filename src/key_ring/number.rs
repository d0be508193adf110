//! Numbers in the ring's stored form: short, and the same again for every value.

/// The digits, in the order of their values.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// `value` as its difference to `base`, in base 36: times near each other take a few characters.
pub(super) fn write(value: u64, base: u64) -> String {
    let difference = value.wrapping_sub(base).cast_signed();
    let mut rest = difference.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        digits.extend(
            usize::try_from(rest % 36).ok().and_then(|digit| DIGITS.get(digit)).map(|digit| char::from(*digit)),
        );
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    digits.extend((difference < 0).then_some('-'));
    digits.iter().rev().collect()
}

/// Reads what [`write()`] wrote.
pub(super) fn read(text: &str, base: u64) -> Option<u64> {
    let difference = i64::from_str_radix(text, 36).ok().filter(|_| !text.starts_with('+'))?;
    Some(base.wrapping_add(difference.cast_unsigned()))
}

/// A number that is mostly zero: nothing then. `base` is that of [`write()`].
pub(super) fn write_some(value: u64, base: u64) -> String {
    if value == 0 { String::new() } else { write(value, base) }
}

/// Reads what [`write_some`] wrote.
pub(super) fn read_some(text: &str, base: u64) -> Option<u64> {
    if text.is_empty() { Some(0) } else { read(text, base) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_the_same_again_whatever_the_base() {
        for value in [0, 1, 35, 36, 1_780_000_000_000, u64::MAX - 1, u64::MAX, 1 << 63] {
            for base in [0, 7, 1_780_000_000_000, 1 << 63, u64::MAX] {
                assert_eq!(read(&write(value, base), base), Some(value), "{value} from {base}");
                assert_eq!(read_some(&write_some(value, base), base), Some(value), "{value} from {base}");
            }
        }
    }

    #[test]
    fn near_times_are_short_and_other_texts_are_no_numbers() {
        assert_eq!(write(1_780_000_061_000, 1_780_000_000_000), "1b2g");
        assert_eq!(write(0, 36), "-10");
        for wrong in ["", "-", "+1", " 1", "1 ", "Ä", "zzzzzzzzzzzzzzzz"] {
            assert_eq!(read(wrong, 0), None, "{wrong}");
        }
    }
}

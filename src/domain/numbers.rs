//! Numeric parameters of an image: seed, steps, guidance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, excerpt};

/// The greatest seed: ten digits, which is more than 32 bits (SiliconFlow's range).
pub const MAX_SEED: u64 = 9_999_999_999;

/// The seed of the upstream's random numbers: 0 to [`MAX_SEED`]. The same seed gives the same image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seed(u64);

impl Seed {
    /// A seed with this value; `None` if it is out of range.
    pub fn new(value: u64) -> Option<Self> {
        (value <= MAX_SEED).then_some(Self(value))
    }

    /// A seed derived from 64 random bits.
    pub fn from_random_bits(bits: u64) -> Self {
        Self(bits % (MAX_SEED + 1))
    }

    /// The seed plus `steps`, wrapping around at the end of the range.
    #[must_use]
    pub fn plus(self, steps: u64) -> Self {
        Self((self.0 + steps) % (MAX_SEED + 1))
    }

    /// The value.
    pub fn value(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The maximum number of decimal places: as many as a float prints.
const MAX_DECIMALS: usize = 18;

/// The `seed` parameter of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeedChoice {
    /// A given seed.
    Given(Seed),
    /// A new seed for each request.
    Random,
}

impl SeedChoice {
    /// Parses a number, `-1` or `random`.
    pub fn parse(param: &str, text: &str) -> Result<Self, Error> {
        match text.trim() {
            "-1" => Ok(Self::Random),
            text if text.eq_ignore_ascii_case("random") => Ok(Self::Random),
            digits => whole(digits).and_then(Seed::new).map(Self::Given).ok_or_else(|| {
                Error::invalid(param, format!("`{param}` is “{}”; it takes 0 to {MAX_SEED}, or random.", excerpt(text)))
            }),
        }
    }
}

/// The number of inference steps: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Steps(u32);

impl Steps {
    /// Parses a whole number.
    pub fn parse(param: &str, text: &str) -> Result<Self, Error> {
        whole(text)
            .and_then(|value| u32::try_from(value).ok())
            .filter(|value| (1..=100).contains(value))
            .map(Self)
            .ok_or_else(|| Error::invalid(param, format!("`{param}` is “{}”; it takes 1 to 100.", excerpt(text))))
    }

    /// The value.
    pub fn value(self) -> u32 {
        self.0
    }
}

/// The guidance scale, i.e. how closely the model follows the prompt: 0 to 20, as a decimal number in its shortest
/// form.
///
/// It is stored as digits, not as a float, so that equal numbers have equal texts, also in the canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Guidance(String);

impl Guidance {
    /// Parses a decimal number.
    pub fn parse(param: &str, text: &str) -> Result<Self, Error> {
        let (digits, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
        let is_number = fraction.len() <= MAX_DECIMALS && whole(fraction).is_some();
        let fraction = fraction.trim_end_matches('0');
        match whole(digits) {
            Some(value @ 0..=20) if is_number && fraction.is_empty() => Ok(Self(value.to_string())),
            Some(value @ 0..20) if is_number => Ok(Self(format!("{value}.{fraction}"))),
            _ => Err(Error::invalid(param, format!("`{param}` is “{}”; it takes 0 to 20.", excerpt(text)))),
        }
    }

    /// The digits, which form a JSON number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value.
    pub fn value(&self) -> f64 {
        let number = serde_json::from_str::<serde_json::Value>(&self.0);
        number.ok().and_then(|number| number.as_f64()).unwrap_or_default()
    }
}

/// Parses a number of decimal digits only.
fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_ten_digits_or_is_drawn() {
        assert_eq!(SeedChoice::parse("seed", "9999999999"), Ok(SeedChoice::Given(Seed(MAX_SEED))));
        assert_eq!(SeedChoice::parse("seed", "007"), Ok(SeedChoice::Given(Seed(7))));
        assert_eq!(SeedChoice::parse("seed", "-1"), Ok(SeedChoice::Random));
        assert_eq!(SeedChoice::parse("seed", "Random"), Ok(SeedChoice::Random));
        for wrong in ["", "10000000000", "-2", "+1", "1.0", "abc", "99999999999999999999999"] {
            assert!(SeedChoice::parse("seed", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_seed_after_the_last_is_the_first() {
        assert_eq!(Seed(MAX_SEED).plus(1), Seed(0));
    }

    #[test]
    fn steps_and_guidance_have_ends() {
        assert!(Steps::parse("steps", "1").is_ok() && Steps::parse("steps", "100").is_ok());
        assert!(Steps::parse("steps", "0").is_err() && Steps::parse("steps", "101").is_err());
        for (right, text) in
            [("0", "0"), ("20", "20"), ("3.50", "3.5"), ("007.25", "7.25"), ("20.000", "20"), ("3.14159", "3.14159")]
        {
            let guidance = Guidance::parse("guidance", right);
            assert_eq!(guidance.as_ref().map(Guidance::as_str), Ok(text), "{right}");
        }
        assert!(
            Guidance::parse("guidance", "7.25").is_ok_and(|guidance| (guidance.value() - 7.25).abs() < f64::EPSILON)
        );
        for wrong in ["", ".", "20.1", "-1", "NaN", "inf", "1e1", "3,5", "3.-5", "20.001", "3.5.1", ".5", "99999999999"]
        {
            assert!(Guidance::parse("guidance", wrong).is_err(), "{wrong}");
        }
    }
}

//! An upstream that makes two images a minute for each key and model, and refuses the third.

use std::collections::BTreeMap;

pub(super) const MINUTE_MS: u64 = 60_000;
/// The number of images per key and model in any minute.
pub(super) const RATE: usize = 2;

/// A small random number generator (xorshift): each run can be repeated.
pub(super) struct SeededRng(u64);

impl SeededRng {
    /// A number from 0 to `end`, exclusive.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// The upstream.
pub(super) struct Upstream {
    pub(super) dice: SeededRng,
    /// The times of the image requests by each key for each model, as the upstream saw them.
    images: BTreeMap<String, Vec<u64>>,
    refused: BTreeMap<String, usize>,
}

impl Upstream {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            dice: SeededRng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            images: BTreeMap::new(),
            refused: BTreeMap::new(),
        }
    }

    /// A call by `key`, a key with a model, that was sent at `now`: true if it gives an image, and the duration in milliseconds until the caller
    /// knows. It arrives slightly later than it was sent.
    pub(super) fn answer(&mut self, now: u64, key: &str) -> (bool, u64) {
        let at = now + self.dice.below(800);
        let images = self.images.entry(key.to_owned()).or_default();
        if images.iter().filter(|image| **image + MINUTE_MS > at).count() < RATE {
            images.push(at);
            (true, 2_000 + self.dice.below(6_000))
        } else {
            *self.refused.entry(key.to_owned()).or_default() += 1;
            (false, 800 + self.dice.below(500))
        }
    }

    /// The number of refused calls: of all, and of the key and model with the most.
    pub(super) fn refused(&self) -> (usize, usize) {
        let of_one = self.refused.values().copied().max().unwrap_or(0);
        (self.refused.values().sum(), of_one)
    }
}

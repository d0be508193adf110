//! A deterministic random number generator, seeded by a prompt and a number.

/// Generates the same numbers for the same prompt and seed.
pub(super) struct SeededRng(u64);

impl SeededRng {
    pub(super) fn new(prompt: &str, seed: u64) -> Self {
        // FNV-1a, then SplitMix64: short, and random enough for a landscape.
        let hash = prompt
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self(hash ^ seed.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// The next number from `low` to `high`, both included.
    pub(super) fn roll(&mut self, low: i64, high: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = i64::try_from((bits ^ (bits >> 31)) >> 32).unwrap_or_default();
        low + bits % (high - low + 1).max(1)
    }
}

/// One of a table's entries.
pub(super) fn pick<T: Copy, const N: usize>(table: &[T; N], dice: &mut SeededRng) -> T {
    let last = i64::try_from(N).unwrap_or(1) - 1;
    let at = usize::try_from(dice.roll(0, last)).unwrap_or_default();
    table.get(at).copied().unwrap_or(table[0])
}

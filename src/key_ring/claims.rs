//! The likely calls of waiting callers with one key, one after the other.

/// The claims, by their start: pairs of start and end in unix milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Claims(Vec<(u64, u64)>);

impl Claims {
    /// Adds a call of `call_ms` that starts at `start_ms`.
    pub(super) fn add(&mut self, start_ms: u64, call_ms: u64) {
        let at = self.0.partition_point(|(start, _)| *start <= start_ms);
        self.0.insert(at, (start_ms, start_ms.saturating_add(call_ms)));
    }

    /// True if there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The earliest start, `from_ms` or later, of another call. Before a claim it needs half as much again as
    /// `call_ms`, so that few calls make the one who claimed it wait.
    pub(super) fn gap_ms(&self, from_ms: u64, call_ms: u64) -> u64 {
        let needed = call_ms.saturating_mul(3) / 2;
        let mut start = from_ms;
        for (claimed, end) in &self.0 {
            if start.saturating_add(needed) <= *claimed {
                break;
            }
            start = start.max(*end);
        }
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_takes_the_first_gap_that_is_long_enough() {
        let mut claims = Claims::default();
        assert_eq!(claims.gap_ms(7, 5), 7);
        claims.add(40, 5);
        claims.add(20, 5);
        for (from, expected) in [(0, 0), (13, 13), (14, 25), (22, 25), (33, 33), (34, 45), (44, 45), (50, 50)] {
            assert_eq!(claims.gap_ms(from, 5), expected, "from {from}");
        }
        claims.add(u64::MAX, 5);
        assert_eq!(claims.gap_ms(u64::MAX, u64::MAX), u64::MAX);
    }
}

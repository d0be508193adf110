//! The state of a slot, as the owner sees it.

use super::SlotState;
use crate::key_ring::pair::Pair;
use crate::ports::lease::Snapshot;

impl SlotState {
    /// Counts its state at `now_ms`, by the models that it was used for.
    pub(in crate::key_ring) fn count_in(&self, snapshot: &mut Snapshot, now_ms: u64, per_day: Option<u32>) {
        let all = |test: &dyn Fn(&Pair) -> bool| !self.pairs.is_empty() && self.pairs.values().all(test);
        if self.invalid_until_ms > now_ms || all(&|pair| pair.is_refused(now_ms)) {
            snapshot.disabled += 1;
        } else if self.is_day_used_up(now_ms, per_day) || all(&|pair| pair.ready_at_ms() > now_ms) {
            snapshot.cooling += 1;
        } else {
            snapshot.ready += 1;
        }
    }
}

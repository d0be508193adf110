//! The state of a slot, as the owner sees it.

use std::rc::Rc;

use super::SlotState;
use crate::key_ring::cool_down::next_midnight_ms;
use crate::key_ring::limits::{MAX_NAME, MINUTE_MS};
use crate::key_ring::pair::Pair;
use crate::key_ring::view::KeyState;

impl SlotState {
    /// Its state at `now_ms`, by the models that it was used for.
    pub(in crate::key_ring) fn state(&self, now_ms: u64, per_day: Option<u32>) -> KeyState {
        self.state_of(now_ms, per_day, || self.pairs.values())
    }

    /// Its state at `now_ms` for the model `name`, by the endpoint's own name.
    pub(in crate::key_ring) fn state_for(&self, now_ms: u64, per_day: Option<u32>, name: &str) -> KeyState {
        self.state_of(now_ms, per_day, || self.pair(name).into_iter())
    }

    /// Its state by these pairs: it rests where all of them do, until the first does not.
    fn state_of<'a, I: Iterator<Item = &'a Pair>>(
        &self,
        now_ms: u64,
        per_day: Option<u32>,
        pairs: impl Fn() -> I,
    ) -> KeyState {
        let ready_ms = pairs().map(Pair::ready_at_ms).min().unwrap_or(0);
        if self.invalid_until_ms > now_ms {
            KeyState::Refused(self.invalid_until_ms.max(ready_ms))
        } else if ready_ms > now_ms && pairs().all(|pair| pair.is_refused(now_ms)) {
            KeyState::Refused(ready_ms)
        } else if self.is_day_used_up(now_ms, per_day) {
            KeyState::Cooling(next_midnight_ms(now_ms))
        } else if ready_ms > now_ms {
            KeyState::Cooling(ready_ms)
        } else {
            KeyState::Ready
        }
    }

    /// The images of the day and of the minute at `now_ms`.
    pub(in crate::key_ring) fn made(&self, now_ms: u64) -> (u32, u32) {
        let today = if self.is_of_today(now_ms) { self.made } else { 0 };
        let since_ms = now_ms.saturating_sub(MINUTE_MS);
        (today, self.pairs.values().map(|pair| pair.made_since(since_ms)).sum())
    }

    /// Remembers the code of a failed call.
    pub(in crate::key_ring) fn note_failure(&mut self, now_ms: u64, code: &str) {
        if code.len() <= MAX_NAME {
            self.last_error = Some((Rc::from(code), now_ms));
        }
    }
}

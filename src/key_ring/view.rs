//! The ring as the owner sees it.

use super::KeyRing;
use crate::ports::lease::{GoneCause, Slot, Snapshot, StatsRequest};
use crate::ports::tally::{KeyState, KeyStats, RingStats};

impl KeyRing {
    /// Counts the states of the given slots at `now_ms`; a slot that the ring does not know is ready.
    pub fn snapshot(&self, now_ms: u64, slots: &[Slot]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (at, slot) in slots.iter().enumerate() {
            if slots.iter().take(at).any(|before| before.id == slot.id) {
                continue;
            }
            let known = self.state.slots.get(&slot.id);
            match known.map_or(KeyState::Ready, |known| known.state(now_ms, slot.per_day)) {
                KeyState::Refused(_) => snapshot.disabled += 1,
                KeyState::Cooling(_) => snapshot.cooling += 1,
                KeyState::Ready | KeyState::Gone(_) => snapshot.ready += 1,
            }
        }
        snapshot
    }

    /// The counts of the last days at `now_ms`, and the state of the given slots.
    pub fn stats(&self, now_ms: u64, request: &StatsRequest) -> RingStats {
        let key = |slot: &Slot| self.key_stats(now_ms, slot, request.names.get(slot.names).map_or(&[], Vec::as_slice));
        RingStats { keys: request.slots.iter().map(key).collect(), days: self.state.stats.view(now_ms) }
    }

    /// A slot whose endpoint has these models, by its own names.
    fn key_stats(&self, now_ms: u64, slot: &Slot, names: &[Option<String>]) -> KeyStats {
        let known = self.state.slots.get(&slot.id);
        let model = |name: &Option<String>| {
            let name = name.as_ref()?;
            let gone = self.state.gone.until_ms(now_ms, &slot.endpoint, name, GoneCause::NoSuchModel);
            let state = || known.map_or(KeyState::Ready, |known| known.state_for(now_ms, slot.per_day, name));
            Some(gone.map_or_else(state, KeyState::Gone))
        };
        let (today, minute) = known.map_or((0, 0), |known| known.made(now_ms));
        KeyStats {
            state: known.map_or(KeyState::Ready, |known| known.state(now_ms, slot.per_day)),
            models: names.iter().map(model).collect(),
            today,
            minute,
            last_error: known.and_then(|known| known.last_error.as_ref()).map(|(code, ms)| (code.to_string(), *ms)),
        }
    }
}

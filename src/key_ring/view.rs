//! The ring as the owner sees it.

use serde_json::{Map, Value, json};

use super::KeyRing;
use crate::domain::date::date;
use crate::ports::lease::{Slot, Snapshot};

/// The state of a key. Times are unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyState {
    /// Usable now, or in flight.
    Ready,
    /// Cooling down until then.
    Cooling(u64),
    /// Set aside until then, because its upstream refused it.
    Refused(u64),
    /// The endpoint does not have the model; it is asked again then.
    Gone(u64),
}

impl KeyState {
    /// The state, with the unix second at which it ends.
    fn to_json(self) -> Value {
        let (name, until_ms) = match self {
            Self::Ready => return json!({ "state": "ready" }),
            Self::Cooling(ms) => ("cooling", ms),
            Self::Refused(ms) => ("refused", ms),
            Self::Gone(ms) => ("gone", ms),
        };
        json!({ "state": name, "until": until_ms.div_ceil(1_000) })
    }
}

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

    /// The state of the given slots at `now_ms`, and the counts of the last seven days, the newest first:
    /// `{"keys":[{"state","until"?,"models":{name:{"state","until"?}},"other":{"state","until"?},"today","minute",
    /// "last_error"?}],"days":[…],"unstored"}`. Models have the endpoints' own names; `other` is the state for one that is
    /// not listed. `unstored` is the number of writes that the store refused today.
    pub fn stats(&self, now_ms: u64, slots: &[Slot]) -> Value {
        let keys: Vec<_> = slots.iter().map(|slot| self.key(now_ms, slot)).collect();
        let days: Vec<_> = self.state.stats.days(now_ms).map(|(number, day)| day.to_json(&date(number))).collect();
        json!({ "keys": keys, "days": days, "unstored": self.state.stats.unstored(now_ms) })
    }

    fn key(&self, now_ms: u64, slot: &Slot) -> Value {
        let mut models = Map::new();
        let Some(known) = self.state.slots.get(&slot.id) else {
            self.add_gone(now_ms, slot, &mut models);
            let ready = KeyState::Ready.to_json();
            return json!({ "state": "ready", "models": models, "other": ready, "today": 0, "minute": 0 });
        };
        for name in known.pairs.keys() {
            models.insert(name.as_ref().to_owned(), known.state_for(now_ms, slot.per_day, name).to_json());
        }
        self.add_gone(now_ms, slot, &mut models);
        let mut key = known.state(now_ms, slot.per_day).to_json();
        let (today, minute) = known.made(now_ms);
        if let Value::Object(fields) = &mut key {
            fields.insert("models".to_owned(), Value::Object(models));
            fields.insert("other".to_owned(), known.state_for(now_ms, slot.per_day, "").to_json());
            fields.insert("today".to_owned(), today.into());
            fields.insert("minute".to_owned(), minute.into());
            if let Some((code, ms)) = &known.last_error {
                fields.insert("last_error".to_owned(), json!({ "code": **code, "time": ms / 1_000 }));
            }
        }
        key
    }

    /// Adds the models that the slot's endpoint does not have.
    fn add_gone(&self, now_ms: u64, slot: &Slot, models: &mut Map<String, Value>) {
        for (name, until_ms) in self.state.gone.at(now_ms, &slot.endpoint) {
            models.insert(name.to_owned(), KeyState::Gone(until_ms).to_json());
        }
    }
}

//! The ring as it is stored between two lives of its object.

use serde_json::{Map, Value};

use super::KeyRing;
use super::queue::Queue;
use crate::json::{self, Json as _};

/// The version of the stored form; another one is not read.
const VERSION: u32 = 2;
/// The highest name of a lease: JavaScript keeps whole numbers exactly up to here.
const MAX_NAME: u64 = 1 << 53;
/// The highest that the clock may set: it leaves more names than are ever given out.
pub(super) const MAX_CLOCK_NAME: u64 = 1 << 52;

impl KeyRing {
    /// The ring that [`KeyRing::to_json`] wrote. What cannot be read, or is of another version,
    /// gives a fresh one: the keys are then learned about anew.
    pub fn from_json(json: &str) -> Self {
        read(json).filter(|ring| ring.last_lease <= MAX_NAME).unwrap_or_default()
    }

    /// All that is worth keeping, as JSON. Who waits is not: callers ask again under their ticket.
    pub fn to_json(&self) -> String {
        let mut ring = Map::new();
        json::write(&mut ring, "slots", self.slots.to_json());
        json::write(&mut ring, "gone", self.gone.to_json());
        json::write(&mut ring, "last_lease", self.last_lease.to_json());
        json::write(&mut ring, "turns", self.turns.to_json());
        let mut saved = Map::new();
        json::write(&mut saved, "version", VERSION.to_json());
        json::write(&mut saved, "ring", Value::Object(ring));
        json::text(&Value::Object(saved))
    }
}

/// Reads a ring of this version.
fn read(text: &str) -> Option<KeyRing> {
    let saved: Value = serde_json::from_str(text).ok()?;
    let saved = saved.as_object().filter(|saved| json::read(saved, "version") == Some(VERSION))?;
    let ring = saved.get("ring")?.as_object()?;
    Some(KeyRing {
        slots: json::read(ring, "slots")?,
        gone: json::read(ring, "gone")?,
        last_lease: json::read(ring, "last_lease")?,
        turns: json::read(ring, "turns")?,
        queue: Queue::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_gives_a_fresh_ring() {
        let fresh = KeyRing::new().to_json();
        let other = fresh.replace("\"version\":2", "\"version\":1");
        let worn_out = fresh.replace("\"last_lease\":0", "\"last_lease\":9007199254740993");
        assert!(other != fresh && worn_out != fresh);
        for json in ["", "null", "{}", "{\"version\":2}", &other, &worn_out, &fresh] {
            assert_eq!(KeyRing::from_json(json).to_json(), fresh, "{json}");
        }
    }
}

//! The ring as it is stored between two lives of its object.

use serde::{Deserialize, Serialize};

use super::KeyRing;

/// The version of the stored form; another one is not read.
const VERSION: u32 = 1;
/// The highest name of a lease: JavaScript keeps whole numbers exactly up to here.
const MAX_NAME: u64 = 1 << 53;
/// The highest that the clock may set: it leaves more names than are ever given out.
pub(super) const MAX_CLOCK_NAME: u64 = 1 << 52;

#[derive(Deserialize)]
struct Saved {
    version: u32,
    ring: KeyRing,
}

#[derive(Serialize)]
struct SavedRef<'a> {
    version: u32,
    ring: &'a KeyRing,
}

impl KeyRing {
    /// The ring that [`KeyRing::to_json`] wrote. What cannot be read, or is of another version,
    /// gives a fresh one: the keys are then learned about anew.
    pub fn from_json(json: &str) -> Self {
        serde_json::from_str::<Saved>(json)
            .ok()
            .filter(|saved| saved.version == VERSION && saved.ring.last_lease <= MAX_NAME)
            .map(|saved| saved.ring)
            .unwrap_or_default()
    }

    /// All that is worth keeping, as JSON. Who waits is not: callers ask again under their ticket.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&SavedRef { version: VERSION, ring: self }).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_gives_a_fresh_ring() {
        let fresh = KeyRing::new().to_json();
        let other = fresh.replace("\"version\":1", "\"version\":2");
        let worn_out = fresh.replace("\"last_lease\":0", "\"last_lease\":9007199254740993");
        assert!(other != fresh && worn_out != fresh);
        for json in ["", "null", "{}", "{\"version\":1}", &other, &worn_out, &fresh] {
            assert_eq!(KeyRing::from_json(json).to_json(), fresh, "{json}");
        }
    }
}

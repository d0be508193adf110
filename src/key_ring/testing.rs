//! Requests for the tests of this folder.

use crate::ports::lease::{LeaseRequest, Priority, Slot};

/// Slots of one endpoint each, with no limits.
pub(super) fn slots(ids: &[&str]) -> Vec<Slot> {
    let slot = |id: &&str| Slot {
        id: (*id).to_owned(),
        endpoint: "endpoint".to_owned(),
        names: 0,
        priority: Priority::Normal,
        per_minute: None,
        per_day: None,
    };
    ids.iter().map(slot).collect()
}

/// A request at `now_ms` with a minute to wait, for models that every endpoint has under the same name.
pub(super) fn request(ticket: &str, now_ms: u64, slots: &[Slot], models: &[&str]) -> LeaseRequest {
    LeaseRequest {
        ticket: ticket.to_owned(),
        arrived_ms: now_ms,
        deadline_ms: now_ms + 60_000,
        lease_ms: 60_000,
        models: models.iter().map(|model| (*model).to_owned()).collect(),
        names: vec![models.iter().map(|model| Some((*model).to_owned())).collect()],
        slots: slots.to_vec(),
        excluded: Vec::new(),
        may_stand_in: false,
        if_refused: None,
    }
}

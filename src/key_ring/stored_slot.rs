//! The stored form of a slot.

use std::rc::Rc;

use super::slot::SlotState;
use crate::key_ring::lease::Lease;
use crate::key_ring::limits::DAY_MS;
use crate::key_ring::names::{NameReader, NameWriter};
use crate::key_ring::number::{read, read_some, write, write_some};
use crate::key_ring::pair::Pair;
use crate::key_ring::stored_form::{Base, StoredSlot};

impl SlotState {
    /// The stored form.
    pub(super) fn to_stored(&self, base: Base, names: &mut NameWriter) -> StoredSlot {
        let (error, error_ms) = match &self.last_error {
            Some((code, ms)) => (names.number(code), write(*ms, base.now_ms)),
            None => (String::new(), String::new()),
        };
        let fields = [
            names.number(&self.endpoint),
            write(self.named_ms, base.now_ms),
            write(self.turn, base.turns),
            write_some(self.invalid_until_ms, base.now_ms),
            write_some(self.day, base.now_ms / DAY_MS),
            write_some(u64::from(self.made), 0),
            if self.is_doubtful { "?".to_owned() } else { String::new() },
            error,
            error_ms,
        ];
        let mut text = fields.join(" ").trim_end().to_owned();
        for (name, pair) in &self.pairs {
            text.push('|');
            text.push_str(names.number(name).as_str());
            let pair = pair.to_text(base.now_ms);
            if !pair.is_empty() {
                text.push(':');
                text.push_str(&pair);
            }
        }
        let leases = self.leases.iter().map(|lease| (lease.ticket.clone(), lease_text(lease, base, names)));
        (text, leases.collect())
    }

    /// Reads the stored form.
    pub(super) fn from_stored(stored: StoredSlot, base: Base, names: &NameReader) -> Option<Self> {
        let mut parts = stored.0.split('|');
        let mut fields = parts.next()?.split(' ');
        let mut field = || fields.next().unwrap_or_default();
        let mut slot = Self {
            endpoint: names.name(field())?.as_ref().to_owned(),
            named_ms: read(field(), base.now_ms)?,
            turn: read(field(), base.turns)?,
            invalid_until_ms: read_some(field(), base.now_ms)?,
            day: read_some(field(), base.now_ms / DAY_MS)?,
            made: u32::try_from(read_some(field(), 0)?).ok()?,
            is_doubtful: !field().is_empty(),
            last_error: match field() {
                "" => None,
                code => Some((names.name(code)?, read(field(), base.now_ms)?)),
            },
            ..Self::default()
        };
        for part in parts {
            let (name, pair) = part.split_once(':').unwrap_or((part, ""));
            slot.pairs.insert(names.name(name)?, Pair::from_text(pair, base.now_ms)?);
        }
        for (ticket, text) in stored.1 {
            slot.leases.push(read_lease(ticket, &text, base, names)?);
        }
        Some(slot)
    }
}

fn lease_text(lease: &Lease, base: Base, names: &mut NameWriter) -> String {
    let fields = [
        write(lease.id, base.lease),
        write(lease.start_ms, base.now_ms),
        write(lease.end_ms, lease.start_ms),
        names.number(&lease.model),
        // Mostly the same.
        if lease.name == lease.model { String::new() } else { names.number(&lease.name) },
        if lease.learns { String::new() } else { "r".to_owned() },
    ];
    fields.join(" ").trim_end().to_owned()
}

fn read_lease(ticket: String, text: &str, base: Base, names: &NameReader) -> Option<Lease> {
    let mut fields = text.split(' ');
    let mut field = || fields.next().unwrap_or_default();
    let id = read(field(), base.lease)?;
    let start_ms = read(field(), base.now_ms)?;
    let end_ms = read(field(), start_ms)?;
    let model = names.name(field())?;
    let name = match field() {
        "" => Rc::clone(&model),
        number => names.name(number)?,
    };
    Some(Lease { id, ticket, model, name, start_ms, end_ms, learns: field().is_empty() })
}

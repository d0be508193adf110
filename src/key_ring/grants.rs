//! Pictures of quotas that were granted and are not made yet.

use std::rc::Rc;

use super::limits::{MAX_AHEAD_MS, MAX_NAME};
use super::names::{NameReader, NameWriter};
use super::number::{read, write};
use crate::ports::tally::GrantId;

/// The maximum number of grants at a time; as many images are not made at once.
const MAX_GRANTS: usize = 1_024;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Grant {
    id: GrantId,
    account: Rc<str>,
    /// The time at which it is given back by itself, in unix milliseconds.
    until_ms: u64,
}

/// The grants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Grants(Vec<Grant>);

impl Grants {
    pub(super) fn has(&self, id: GrantId) -> bool {
        self.0.iter().any(|grant| grant.id == id)
    }

    /// The number of grants of an account.
    pub(super) fn of(&self, account: &str) -> u32 {
        let count = self.0.iter().filter(|grant| *grant.account == *account).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Adds a grant that lasts until `until_ms`. False if there are too many.
    pub(super) fn add(&mut self, id: GrantId, account: &str, until_ms: u64) -> bool {
        let fits = self.0.len() < MAX_GRANTS && account.len() <= MAX_NAME;
        if fits {
            self.0.push(Grant { id, account: Rc::from(account), until_ms });
        }
        fits
    }

    /// Ends a grant.
    pub(super) fn remove(&mut self, id: GrantId) {
        self.0.retain(|grant| grant.id != id);
    }

    /// Gives back what has expired, or was granted before the clock was set back.
    pub(super) fn advance_to(&mut self, now_ms: u64) {
        self.0.retain(|grant| grant.until_ms > now_ms && grant.until_ms - now_ms <= MAX_AHEAD_MS);
    }

    /// The stored form, with times relative to `now_ms`.
    pub(super) fn to_stored(&self, now_ms: u64, names: &mut NameWriter) -> Vec<String> {
        let text = |grant: &Grant| {
            format!("{} {} {}", write(grant.id, 0), names.number(&grant.account), write(grant.until_ms, now_ms))
        };
        self.0.iter().map(text).collect()
    }

    /// Reads the stored form.
    pub(super) fn from_stored(stored: &[String], now_ms: u64, names: &NameReader) -> Option<Self> {
        let grant = |text: &String| {
            let mut fields = text.split(' ');
            let (id, account) = (read(fields.next()?, 0)?, names.name(fields.next()?)?);
            Some(Grant { id, account, until_ms: read(fields.next()?, now_ms)? })
        };
        stored.iter().map(grant).collect::<Option<_>>().map(Self)
    }
}

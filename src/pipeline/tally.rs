//! How one generation is counted in the key ring: as what it came to, once.

use std::cell::{Cell, RefCell};

use crate::error::ErrorKind;
use crate::ports::tally::{Admitted, EndResult, Ended, GrantId, MadeCount};

/// The count of one generation.
#[derive(Default)]
pub struct Tally {
    account: String,
    /// Its grant of the account's quota, until the ring has heard what it came to.
    grant: Cell<Option<GrantId>>,
    since_ms: u64,
    /// The picture as which the ring has counted it so far.
    counted: RefCell<Option<MadeCount>>,
    has_failed: Cell<bool>,
}

impl Tally {
    /// A generation for `account`, which was admitted.
    pub fn new(account: &str, admitted: &Admitted) -> Self {
        let Admitted { grant, since_ms, counted } = admitted.clone();
        let (grant, counted) = (Cell::new(grant), RefCell::new(counted));
        Self { account: account.to_owned(), grant, since_ms, counted, has_failed: Cell::new(false) }
    }

    /// A picture, at `now_ms` unix milliseconds.
    pub fn made(&self, model: &str, fell_back: bool, now_ms: u64) -> Ended {
        let took_ms = now_ms.saturating_sub(self.since_ms);
        self.ended(EndResult::Made(MadeCount { model: model.to_owned(), fell_back, took_ms }))
    }

    /// The failure of it all; `None` if the ring has heard of it.
    pub fn failed(&self, kind: ErrorKind) -> Option<Ended> {
        (!self.has_failed.get()).then(|| self.ended(EndResult::Failed(kind)))
    }

    /// The ring has counted this.
    pub fn set_counted(&self, ended: Ended) {
        self.grant.take();
        self.has_failed.set(matches!(ended.result, EndResult::Failed(_)));
        self.counted.replace(if let EndResult::Made(made) = ended.result { Some(made) } else { None });
    }

    /// The admission as it now is, for a generation that takes the place of this one.
    pub fn admitted(&self) -> Admitted {
        Admitted { grant: self.grant.get(), since_ms: self.since_ms, counted: self.counted.borrow().clone() }
    }

    fn ended(&self, result: EndResult) -> Ended {
        let instead_of = self.counted.borrow().clone();
        Ended { account: self.account.clone(), grant: self.grant.get(), result, instead_of }
    }
}
